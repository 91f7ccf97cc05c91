"""Where the engines get their words: the plain NumPy judge and the compiled kernels, equal bits.

A word is a function of (key, stream, entity, event, lane) and of nothing else, so that neither
order, nor threads, nor blocks can touch a result.

An event's number is hour + 2^14 (place in its hour + 2^10 band): with its entity it names the event
in every later draw. Of the words of the process's own stream the first thins, the second asks the
power, the third is spare: it is left to the process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sousveil.arrays import AnyArray, Words
from sousveil.engine import kernels
from sousveil.engine.kernels import Job, Room
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
        entity = job.entity[positions.start : positions.stop]
        words = self.lanes(int(job.streams[0]), entity[:, None], job.quads[None, :])
        words = np.moveaxis(words, 0, 2).reshape(len(entity), -1)
        row, column = np.nonzero(words < job.thresholds[0])
        count = (words[row, column][:, None] < job.thresholds[None, :]).sum(axis=1)
        place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        position = np.repeat(row, count) + positions.start
        hour = np.repeat(
            LANES * job.quads.astype(np.int64)[column // LANES] + column % LANES, count
        )
        number = (job.numbers[0] + hour + job.numbers[1] * place).astype(np.uint32)

        words = self.lanes(int(job.streams[1]), job.entity[position], number)
        stays = words[0] < job.thin[job.row[position], job.slot[hour]]
        supplied = np.ones_like(hour)
        if len(job.supply):
            supplied = job.supply[job.feeder[position], hour]
        stays &= words[1] < job.chances[supplied]
        return Room(position[stays], hour[stays], number[stays], words[2, stays])


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
        size, start, parts = _ROOM_AT_LEAST + int(1.05 * likely), 0, list[Room]()
        while start < len(job.entity):
            room = new_room(size)
            n, start = kernels.fill_hourly(job, start, room)
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
