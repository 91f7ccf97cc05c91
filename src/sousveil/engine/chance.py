"""Where the engines get their words: the plain NumPy judge and the compiled kernels, equal bits.

A word is a function of (key, stream, entity, event, lane) and of nothing else, so that neither
order, nor threads, nor blocks can touch a result.

An event's number is hour + 2^14 (place in its hour + 2^10 band): with its entity it names the event
in every later draw. Of the words of the process's own stream the first thins, the second asks the
power, the third is spare: it is left to the process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from sousveil.arrays import AnyArray, Ints, Words
from sousveil.engine import kernels
from sousveil.engine.kernels import Job, Jumps, Room
from sousveil.engine.tables import LOG_BITS, MOST_HOURS, log_table, minus_log
from sousveil.rng import WORD_RANGE, Key, philox

LANES = 4
_ROWS_AT_ONCE = 512
_ROOM_AT_LEAST = 1 << 14


class Chance(Protocol):
    """The two questions that an engine asks of chance."""

    @property
    def key(self) -> Key:
        """The key of the member."""
        ...

    def lanes(self, stream: int, entity: AnyArray, event: AnyArray | int, page: int = 0) -> Words:
        """(4, n) words of each (entity, event)."""
        ...

    def events(self, job: Job) -> Room:
        """The events of one rate band: candidates, thinned to their rate, with power."""
        ...


@dataclass(frozen=True)
class Plain:
    """The judge: NumPy only, slow, nothing to distrust."""

    key: Key

    def lanes(self, stream: int, entity: AnyArray, event: AnyArray | int, page: int = 0) -> Words:
        """(4, n) words of each (entity, event)."""
        counter = np.asarray(entity), np.asarray(event), np.asarray(stream), np.asarray(page)
        return np.stack(philox(counter, self.key))

    def events(self, job: Job) -> Room:
        """See :class:`Chance`: one word an hour says how many candidates fall into it."""
        parts = [
            self._some(job, range(start, min(start + _ROWS_AT_ONCE, len(job.entity))))
            for start in range(0, len(job.entity), _ROWS_AT_ONCE)
        ]
        return joined(parts)

    def _some(self, job: Job, positions: range) -> Room:
        """The events of some of the entities."""
        position, hour, place = self._candidates(job, positions)
        number = (job.numbers[0] + hour + job.numbers[1] * place).astype(np.uint32)
        words = self.lanes(int(job.streams[1]), job.entity[position], number)
        stays = words[0] < job.thin[job.row[position], job.slot[hour]]
        supplied = np.ones_like(hour)
        if len(job.supply):
            supplied = job.supply[job.feeder[position], hour]
        stays &= words[1] < job.chances[supplied]
        return Room(position[stays], hour[stays], number[stays], words[2, stays])

    def _candidates(self, job: Job, positions: range) -> tuple[Ints, Ints, Ints]:
        """Position, hour and place in the hour of every candidate: one word an hour counts them."""
        entity = job.entity[positions.start : positions.stop]
        words = self.lanes(int(job.streams[0]), entity[:, None], job.quads[None, :])
        words = np.moveaxis(words, 0, 2).reshape(len(entity), -1)
        row, column = np.nonzero(words < job.thresholds[0])
        count = (words[row, column][:, None] < job.thresholds[None, :]).sum(axis=1)
        place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        hour = LANES * job.quads.astype(np.int64)[column // LANES] + column % LANES
        return np.repeat(row, count) + positions.start, np.repeat(hour, count), place


@dataclass(frozen=True)
class PlainJumps(Plain):
    """The judge of the jumps: every entity goes from candidate to candidate, all at once."""

    def _candidates(self, job: Job, positions: range) -> tuple[Ints, Ints, Ints]:
        """Position, hour and place in the hour of every candidate: exponential gaps of hazard."""
        jumps, parts = jumps_of(job), list[tuple[Ints, Ints]]()
        hourly, shift = jumps.hazard
        alive = np.arange(positions.start, positions.stop)
        at, draw = np.zeros(len(alive), dtype=np.uint64), 0
        while len(alive):
            lanes = self.lanes(int(job.streams[0]), job.entity[alive], draw // LANES)
            at = at + (minus_log(lanes[draw % LANES]) >> shift)
            inside = at < hourly * np.uint64(len(jumps.active))
            alive, at, draw = alive[inside], at[inside], draw + 1
            parts.append((alive, (at // hourly).astype(np.int64)))
        position, hour = (np.concatenate(column) for column in zip(*parts, strict=True))
        looked_at = jumps.active[hour]
        order = np.argsort(position[looked_at], kind="stable")
        position, hour = position[looked_at][order], hour[looked_at][order]
        moment = position * MOST_HOURS + hour
        place = np.arange(len(moment)) - np.searchsorted(moment, moment)
        return position, hour, place


@dataclass(frozen=True)
class Compiled:
    """The kernels."""

    key: Key

    def lanes(self, stream: int, entity: AnyArray, event: AnyArray | int, page: int = 0) -> Words:
        """(4, n) words of each (entity, event)."""
        entities, events = np.broadcast_arrays(entity, event)
        out = np.empty((LANES, entities.size), dtype=np.uint32)
        kernels.fill_lanes(
            np.array(self.key, dtype=np.uint32),
            np.uint32(stream),
            np.uint32(page),
            np.ascontiguousarray(entities, dtype=np.uint32).reshape(-1),
            np.ascontiguousarray(events, dtype=np.uint32).reshape(-1),
            out,
        )
        return out.reshape(LANES, *entities.shape)

    def events(self, job: Job) -> Room:
        """See :class:`Chance`: one word an hour says how many candidates fall into it."""
        hours = LANES * len(job.quads)
        likely = len(job.entity) * hours * int(job.thresholds.sum(dtype=np.int64)) / WORD_RANGE
        return _filled(job, likely, lambda start, room: kernels.fill_hourly(job, start, room))


@dataclass(frozen=True)
class CompiledJumps(Compiled):
    """The kernels, jumping from candidate to candidate."""

    def events(self, job: Job) -> Room:
        """See :class:`Chance`: the gap to the next candidate is exponential."""
        jumps = jumps_of(job)
        hazard = len(jumps.active) * int(job.thresholds.sum(dtype=np.int64)) / WORD_RANGE
        likely = len(job.entity) * hazard
        return _filled(job, likely, lambda start, room: kernels.fill_jumps(job, jumps, start, room))


def jumps_of(job: Job) -> Jumps:
    """How a band is jumped through: at the hazard an hour of its Poisson thresholds."""
    hourly, hours = int(job.thresholds.sum(dtype=np.int64)), len(job.slot)
    shift = 0
    while (hourly * hours << (LOG_BITS - 32)) >> shift >= 1 << 62:
        shift += 1
    exact = (hourly << (LOG_BITS - 32)) >> shift
    active = np.zeros(hours, dtype=np.bool_)
    active.reshape(-1, LANES)[job.quads] = True
    hazard = np.array([exact, shift], dtype=np.uint64)
    return Jumps(hazard, np.uint64(_first_word(exact * hours, shift)), active, log_table())


@lru_cache(maxsize=4096)
def _first_word(hazard: int, shift: int) -> int:
    """The least word whose gap is shorter than a hazard: -ln falls with the word."""
    low, high = 0, WORD_RANGE
    while low < high:
        middle = (low + high) // 2
        gap = int(minus_log(np.array([middle], dtype=np.uint32))[0]) >> shift
        low, high = (low, middle) if gap < hazard else (middle + 1, high)
    return low


def _filled(job: Job, likely: float, fill: Callable[[int, Room], tuple[int, int]]) -> Room:
    """What a kernel finds, call by call while it asks for room."""
    size, start, parts = _ROOM_AT_LEAST + int(1.05 * likely), 0, list[Room]()
    while start < len(job.entity):
        room = new_room(size)
        n, start = fill(start, room)
        parts.append(first_of(room, n))
        size *= 2
    return joined(parts)


def new_room(size: int) -> Room:
    """Empty room for so many events."""
    return Room(
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.uint32),
        np.empty(size, np.uint32),
    )


def first_of(room: Room, n: int) -> Room:
    """The first n events."""
    return Room(room.position[:n], room.hour[:n], room.number[:n], room.spare[:n])


def joined(parts: list[Room]) -> Room:
    """The events of successive entities or bands as one."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return new_room(0)
    return Room(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
