"""Chance by a graphics card, and the events engine on it.

The host keeps what it always did: it asks, and counts what it is told. Answers equal those of
:mod:`sousveil.engine.sampled.compiled` to the bit, in the same order, whatever the batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as column
from functools import partial
from typing import Any

import numpy as np

from sousveil.arrays import AnyArray, Bits, Halves, Ints, Thresholds, Words
from sousveil.engine.model import Model
from sousveil.engine.sampled.blocks import Progress, Sampled
from sousveil.engine.sampled.card import Card, NoCard, batches, bytes_of, open_card
from sousveil.engine.sampled.chance import LANES, Entities, Picked, Placed, key_words
from sousveil.engine.sampled.events import sample_by
from sousveil.engine.sampled.items import able_of, picked_of, placed_of, year_events
from sousveil.engine.sampled.kernels.acts import Acts, Check, Eye, Match
from sousveil.engine.sampled.kernels.asked import Items, Numbers, Seek, Times
from sousveil.engine.sampled.kernels.calls import Called, Calls
from sousveil.engine.sampled.kernels.points import Room
from sousveil.engine.sampled.tables import Clock, Points
from sousveil.rng import Key

BLOCK_PERSONS = 262_144
"""Persons of a block, about: enough threads for a card, little enough for the host's memory."""
PERSON_BYTES = 4_096
"""Bytes that the largest question asks for one person, about: a roll call of a hundred events."""
_ACT = 4 + 2 + 4 + 2
"""Bytes of an act with what becomes of it."""
_SIGHT = 8 + 2 + 4 + 1 + 4
"""Bytes of an act that visits may find, with the visit that does."""
_ENTITY = 4 + 8 + 8 + 8
"""Bytes of an entity with the number of its items."""
_ALERT = 3
_WORDS = 4 * (LANES + 3)
_HOUSEHOLD = 4 + 8 + 8 + 4 + 8 + 6 * 8
_EVENT_OF_CALL = 4 * LANES + 1 + 1 + 1


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

    def events(self, points: Points, at: Entities, clock: Clock) -> Room:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        return year_events(self, points, at, clock)

    def numbers(self, ask: Numbers) -> Ints:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        size, card = len(ask.entity), self.card
        out, tables = np.empty(size, np.int64), bytes_of(ask.counts) + ask.distribution.nbytes
        with card.lock:
            counts, number = card.up(ask.counts), card.up(ask.distribution)
            for part in self._batches(np.full(size, _ENTITY), tables):
                some = ask._replace(entity=ask.entity[part], row=ask.row[part])
                some = some._replace(distribution=number, counts=counts)
                found = card.new((part.stop - part.start,), np.int64)
                card.run(self.kernels.numbers_kernel, part.stop - part.start, card.up(some), found)
                out[part] = card.down(found)
        return out

    def items(self, items: Items) -> Words:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        starts, card = items.starts, self.card
        out = np.empty(starts[-1], np.uint32)
        with card.lock:
            for part in self._batches(_ENTITY + 4 * np.diff(starts), 0):
                own = starts[part.start : part.stop + 1]
                some = items._replace(entity=items.entity[part], starts=own - own[0])
                found = card.new((int(own[-1] - own[0]),), np.uint32)
                card.run(self.kernels.items_kernel, len(some.entity), card.up(some), found)
                out[own[0] : own[-1]] = card.down(found)
        return out

    def picked(self, items: Items, limit: Thresholds) -> Picked:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        return picked_of(self, items, limit)

    def placed(self, times: Times, starts: Ints) -> Placed:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        return placed_of(self, times, starts)

    def hours(self, times: Times, position: Words, number: Words) -> tuple[Halves, Bits]:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        size, card = len(number), self.card
        hour, kept = np.empty(size, np.uint16), np.empty(size, np.uint8)
        tables = bytes_of(times) + bytes_of(times.moments)
        with card.lock:
            up = card.up(times) if size else times
            for part in self._batches(np.full(size, _ACT), tables):
                n = part.stop - part.start
                out = card.new((n,), np.uint16), card.new((n,), np.uint8)
                asked = card.up(position[part]), card.up(number[part])
                card.run(self.kernels.hours_kernel, n, up, *asked, *out)
                hour[part], kept[part] = card.down(out[0]), card.down(out[1])
        return hour, kept

    def sought(self, seek: Seek) -> Picked:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        able, hour = able_of(self, seek)
        size, card, k = len(able.person), self.card, self.kernels
        finds, word = np.empty(size, np.uint8), np.empty(size, np.uint32)
        holder, visits = seek.holder[able.person], (seek.words, seek.starts, seek.cuts, seek.find)
        with card.lock:
            up = [card.up(item) for item in visits]
            for part in self._batches(np.full(size, _SIGHT), bytes_of(visits)):
                n = part.stop - part.start
                own = [card.up(item[part]) for item in (holder, hour, able.word)]
                out = card.new((n,), np.uint8), card.new((n,), np.uint32)
                card.run(k.sought_kernel, n, k.Sight(*own, *up, seek.findable_hours), *out)
                finds[part], word[part] = card.down(out[0]), card.down(out[1])
        found = np.flatnonzero(finds)
        return Picked(able.person[found], able.number[found], word[found])

    def noticed(self, acts: Acts, eye: Eye) -> Ints:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        return np.flatnonzero(self._judged(self.kernels.notice_kernel, acts, eye, np.uint8))

    def found(self, acts: Acts, check: Check) -> tuple[Ints, Ints]:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        hour = self._judged(self.kernels.find_kernel, acts, check, np.uint16)
        at = np.flatnonzero(hour != self.kernels.NOT_FOUND)
        return at, hour[at].astype(np.int64)

    def alerted(self, views: Acts, match: Match) -> tuple[Ints, Ints]:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
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
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        size, events, windows = len(calls.ids), calls.odds.shape[2], len(calls.offset) - 1
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
            card.new((events, size), np.uint8),
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
    from sousveil.engine.sampled.kernels import device

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
