"""Chance by a graphics card, and the events engine on it.

The host keeps what it always did: it asks, and counts what it is told. Answers equal those of
:mod:`sousveil.engine.compiled` to the bit, in the same order, whatever the batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as column
from functools import partial
from typing import Any

import numpy as np

from sousveil.arrays import AnyArray, Ints, Words
from sousveil.engine.blocks import Progress, Sampled
from sousveil.engine.card import Card, NoCard, batches, bytes_of, open_card
from sousveil.engine.chance import (
    LANES,
    Entities,
    field_of,
    key_words,
    new_room,
    year_of,
)
from sousveil.engine.events import sample_by
from sousveil.engine.kernels.acts import Acts, Check, Eye, Match
from sousveil.engine.kernels.calls import Called, Calls
from sousveil.engine.kernels.points import Field, Room
from sousveil.engine.model import Model
from sousveil.engine.tables import Clock, Points
from sousveil.rng import Key

BLOCK_PERSONS = 262_144
"""Persons of a block, about: enough threads for a card, little enough for the host's memory."""
PERSON_BYTES = 4_096
"""Bytes that the largest question asks for one person, about: a roll call of a hundred events."""
_EVENT = 14
"""Bytes of an event."""
_ACT = 4 + 2 + 4 + 2
"""Bytes of an act with what becomes of it."""
_ENTITY = 4 + 8 + 8 + 8
"""Bytes of an entity with the place of its first event."""
_ALERT = 3
_WORDS = 4 * (LANES + 3)
_HOUSEHOLD = 4 + 8 + 8 + 4 + 8 + 6 * 8
_EVENT_OF_CALL = 4 * LANES + 1 + 1 + 8


@dataclass(frozen=True)
class OnCard:
    """Chance on a card: how many events in the year, and where."""

    key: Key
    card: Card
    kernels: Any = column(repr=False)

    def lanes(
        self, stream: AnyArray | int, entity: AnyArray, event: AnyArray | int, page: int = 0
    ) -> Words:
        """(4, n) words of each (entity, event)."""
        entities, events = np.broadcast_arrays(entity, event)
        who, what = _flat(entities), _flat(events)
        streams = _flat(np.atleast_1d(np.asarray(stream)))
        out = np.empty((LANES, who.size), np.uint32)
        for some in self._batches(np.full(who.size, _WORDS), 0):
            stream_of = streams if streams.size == 1 else streams[some]
            asked = (key_words(self.key), stream_of, np.uint32(page), who[some], what[some])
            out[:, some] = self._words(self.kernels.Asked(*asked))
        return out.reshape(LANES, *entities.shape)

    def _words(self, asked: Any) -> AnyArray:
        size, card = asked.entity.size, self.card
        with card.lock:
            words = card.new((LANES, size), np.uint32)
            card.run(self.kernels.lanes_kernel, size, card.up(asked), words)
            return card.down(words)

    def events(self, points: Points, at: Entities, clock: Clock, named: bool = True) -> Room:
        """See :class:`sousveil.engine.chance.Chance`."""
        size = len(at.ids)
        if not points.bands:
            return new_room(0, size)
        field, year = field_of(points, at, clock, self.key), year_of(points)
        tables = bytes_of(field) + bytes_of(year)
        with self.card.lock:
            up = self.card.up(year)
            count = np.zeros(size, np.int64)
            for part in self._batches(np.full(size, _ENTITY), tables):
                count[part] = self._counted(_entities(field, part), up)
            room, first = new_room(int(count.sum()), size, named), np.cumsum(count) - count
            room.counts[:] = count
            for part in self._batches(_ENTITY + _EVENT * count, tables):
                self._place(_entities(field, part), up, count[part], (room, first, part.start))
        return room

    def _counted(self, field: Field, year: Any) -> Ints:
        """How many events each entity has."""
        size, card = field.entity.size, self.card
        counts, nowhere = card.new((size,), np.int64), card.up(new_room(0, 0))
        card.run(self.kernels.count_kernel, size, card.up(field), year, nowhere, counts)
        return card.down(counts)

    def _place(self, field: Field, year: Any, count: Ints, where: tuple[Room, Ints, int]) -> None:
        """Write the events of some entities; where: room, first place of each, first entity."""
        (room, places, entity), card, events = where, self.card, int(count.sum())
        if not events:
            return
        sizes = [events if len(item) else 0 for item in room[:4]]
        columns = [card.new((n,), item.dtype) for n, item in zip(sizes, room[:4], strict=True)]
        out = Room(columns[0], columns[1], columns[2], columns[3], card.new((0,), np.int64))
        first = card.up(np.cumsum(count) - count)
        card.run(self.kernels.events_kernel, len(count), card.up(field), year, out, first)
        begin = int(places[entity])
        for target, found in zip(room[:4], out[:4], strict=True):
            if len(target):
                target[begin : begin + events] = card.down(found)
        room.position[begin : begin + events] += np.uint32(entity)

    def noticed(self, acts: Acts, eye: Eye) -> Ints:
        """See :class:`sousveil.engine.chance.Chance`."""
        return np.flatnonzero(self._judged(self.kernels.notice_kernel, acts, eye, np.uint8))

    def found(self, acts: Acts, check: Check) -> tuple[Ints, Ints]:
        """See :class:`sousveil.engine.chance.Chance`."""
        hour = self._judged(self.kernels.find_kernel, acts, check, np.uint16)
        at = np.flatnonzero(hour != self.kernels.NOT_FOUND)
        return at, hour[at].astype(np.int64)

    def alerted(self, views: Acts, match: Match) -> tuple[Ints, Ints]:
        """See :class:`sousveil.engine.chance.Chance`."""
        found = self._judged(self.kernels.match_kernel, views, match, np.uint8)
        probes = np.bincount(views.person[found > 0], minlength=len(views.ids))
        return probes, np.flatnonzero(found == _ALERT)

    def _judged(self, kernel: Any, acts: Acts, judge: Eye | Check | Match, kind: Any) -> AnyArray:
        """What a kernel says of every act."""
        size, card = acts.person.size, self.card
        said = np.empty(size, kind)
        with card.lock:
            ids, tables = card.up(acts.ids), card.up(judge)
            for part in self._batches(np.full(size, _ACT), bytes_of(judge) + acts.ids.nbytes):
                person, hour, number = (card.up(item[part]) for item in acts[:3])
                out = card.new((part.stop - part.start,), kind)
                card.run(
                    kernel, part.stop - part.start, Acts(person, hour, number, ids), tables, out
                )
                said[part] = card.down(out)
        return said

    def called(self, calls: Calls) -> Called:
        """See :class:`sousveil.engine.chance.Chance`."""
        size, events, windows = len(calls.ids), calls.odds.shape[1], len(calls.offset) - 1
        counts, flags = np.zeros((size, 6), np.int64), np.zeros((size, windows), np.uint8)
        each = np.full(size, _HOUSEHOLD + _EVENT_OF_CALL * events + windows)
        with self.card.lock:
            for part in self._batches(each, bytes_of(calls)):
                counts[part], flags[part] = self._call(_households(calls, part), events, windows)
        row, window = np.nonzero(flags)
        return Called(counts, row, window, flags[row, window] >> np.uint8(1))

    def _call(self, calls: Calls, events: int, windows: int) -> tuple[AnyArray, AnyArray]:
        """Counts and flags of some households."""
        card, size = self.card, len(calls.ids)
        desk = self.kernels.Desk(
            card.new((LANES, events, size), np.uint32),
            card.new((events, size), np.uint8),
            card.new((events, size), np.uint8),
            card.new((events, size), np.uint64),
            card.new((size, 6), np.int64),
            card.new((size, windows), np.uint8),
        )
        card.run(self.kernels.call_kernel, size, card.up(calls), desk)
        return card.down(desk.counts), card.down(desk.flags)

    def _batches(self, sizes: Ints, tables: int) -> Iterator[slice]:
        """Slices of items of these bytes that fit beside the tables."""
        return batches(sizes, self.card.free - tables)


def chance_on(card: Card, key: Key) -> OnCard:
    """Chance on a card; its kernels are compiled when they are first asked."""
    from sousveil.engine.kernels import device

    return OnCard(key, card, device)


def units_a_block(persons: int, units: int, free: int) -> int:
    """Units of a block: what the memory of a card holds, at least one, not more than is of use."""
    wanted = min(BLOCK_PERSONS, free // PERSON_BYTES)
    return max(1, wanted * units // max(persons, 1))


def sample(
    model: Model,
    seed: int,
    member: int,
    scale: float = 1.0,
    threads: int = 1,
    progress: Progress | None = None,
) -> Sampled:
    """Sample a model event by event on a card; arguments and result as in :func:`events.sample`.

    Raises NoCard, in one line.
    """
    people, card = model.world.people, open_card()
    units = units_a_block(int(people.persons.sum()), int(people.units.sum()), card.free)
    chance = partial(chance_on, card)
    try:
        return sample_by(chance, model, Key(seed, member), scale, threads, progress, units)
    except card.failures as problem:
        raise NoCard(f"the card gave up: {' '.join(str(problem).split())[:200]}") from problem


def _entities(field: Field, part: slice) -> Field:
    """Some entities of a process."""
    return field._replace(entity=field.entity[part], row=field.row[part], feeder=field.feeder[part])


def _households(calls: Calls, part: slice) -> Calls:
    """Some households of a roll call."""
    return calls._replace(
        ids=calls.ids[part],
        kind=calls.kind[part],
        feeder=calls.feeder[part],
        faults=calls.faults[part],
        exchange=calls.exchange[part],
    )


def _flat(values: AnyArray) -> Words:
    return np.ascontiguousarray(values, dtype=np.uint32).reshape(-1)
