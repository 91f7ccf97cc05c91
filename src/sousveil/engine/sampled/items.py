"""Items of the year, asked for: numbers, words, hours, and events where all of these are wanted.

Page 0 of a process's stream counts the items of an entity. The other pages hold words of items: one
for the hour, one for power, and a spare one that nothing has read yet.
"""

from __future__ import annotations

import numpy as np

from sousveil.arrays import AnyArray, Halves, Ints, Thresholds, Words
from sousveil.engine.sampled.chance import Chance, Entities, Picked, Placed, key_words
from sousveil.engine.sampled.kernels.asked import Items, Numbers, Seek, Times
from sousveil.engine.sampled.kernels.counts import Busy, fill_busy, fill_taken
from sousveil.engine.sampled.kernels.points import Room
from sousveil.engine.sampled.tables import Clock, Points
from sousveil.rng import WORD_RANGE, Key

_HOUR, _POWER, _SPARE = 1, 2, 3
_TRACE = 1
"""Page of an inspection's further words; page 0 picks."""


def starts_of(counts: Ints) -> Ints:
    """(n + 1,) first item of every entity, of items that stand in their order."""
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def numbers_of(points: Points, at: Entities, key: Key) -> Numbers:
    """How many items of a process some entities have, as kernels read it."""
    distribution, counts = points.year.tables
    stream = np.uint32(points.stream)
    return Numbers(key_words(key), stream, np.uint32(0), 0, at.ids, at.row, distribution, counts)


def items_of(stream: int, page: int, ids: Words, starts: Ints, key: Key) -> Items:
    """The words of a page of all items, as kernels read them."""
    return Items(key_words(key), np.uint32(stream), np.uint32(page), ids, starts)


def times_of(points: Points, at: Entities, clock: Clock, key: Key, page: int = _HOUR) -> Times:
    """When items of a process happen, as kernels read it. page: of the hour; power has the next."""
    line = -1 if points.gate.is_open else points.gate.line
    return Times(
        key_words(key),
        np.uint32(points.stream),
        np.array([page, page + _POWER - _HOUR], dtype=np.uint32),
        at.ids,
        at.row,
        points.year.moments,
        at.feeder,
        points.gate.chances,
        clock.supply_of(line),
    )


def hour_words(chance: Chance, points: Points, ids: Words, starts: Ints) -> Words:
    """The word of every item that says when it happens."""
    return chance.items(items_of(points.stream, _HOUR, ids, starts, chance.key))


def spare_words(chance: Chance, points: Points, ids: Words, starts: Ints) -> Words:
    """A word of every item that nothing has read yet."""
    return chance.items(items_of(points.stream, _SPARE, ids, starts, chance.key))


def busy(at: Entities, counts: Ints) -> tuple[Ints, Entities, Ints]:
    """Entities with an item: their positions, themselves, and (n + 1,) first item of each."""
    size = len(counts)
    who, row, feeder = np.empty((3, size), np.int64)
    room = Busy(who, np.empty(size, np.uint32), row, feeder, np.empty(size + 1, np.int64))
    n = fill_busy(counts, at.ids, at.row, at.feeder, room)
    return who[:n], Entities(room.ids[:n], row[:n], feeder[:n]), room.starts[: n + 1]


def taken(values: AnyArray, places: AnyArray) -> AnyArray:
    """The values at some places."""
    out = np.empty(len(places), values.dtype)
    fill_taken(values, places, out)
    return out


def year_events(chance: Chance, points: Points, everybody: Entities, clock: Clock) -> Room:
    """The events of a process, entity by entity: all its items that find power, with hours."""
    counts = chance.numbers(numbers_of(points, everybody, chance.key))
    who, at, starts = busy(everybody, counts)
    placed = chance.placed(times_of(points, at, clock, chance.key), starts)
    position, number = named(starts)
    spare = spare_words(chance, points, at.ids, starts)
    left = np.flatnonzero(placed.kept)
    counts[who] = placed.counts
    return Room(
        who[position[left]].astype(np.uint32),
        placed.hour[left],
        number[left],
        spare[left],
        counts,
    )


def picked_of(chance: Chance, items: Items, limit: Thresholds) -> Picked:
    """The items whose word lies below the limit of their entity, where all words are at hand."""
    words, (position, number) = chance.items(items), named(items.starts)
    low = words < limit[position]
    return Picked(position[low], number[low], words[low])


def placed_of(chance: Chance, times: Times, starts: Ints) -> Placed:
    """When all items happened, and how many of each entity did, by asking for every hour."""
    position, number = named(starts)
    hour, kept = chance.hours(times, position, number)
    return Placed(hour, kept, np.bincount(position[kept > 0], minlength=len(starts) - 1))


def able_of(chance: Chance, seek: Seek) -> tuple[Picked, Halves]:
    """The acts that all visits of the year could find, with their hours."""
    able = chance.picked(seek.items, seek.limit)
    if seek.trace < WORD_RANGE:
        entity, number = seek.items.entity[able.person], able.number
        words = chance.lanes(int(seek.items.stream), entity, number, _TRACE)[0]
        able = keep(able, np.flatnonzero(words < seek.trace))
    if not len(seek.hour):
        return able, chance.hours(seek.times, able.person, able.number)[0]
    act = seek.items.starts[able.person] + able.number
    done = np.flatnonzero(seek.kept[act])
    return keep(able, done), seek.hour[act[done]]


def keep(picked: Picked, which: AnyArray) -> Picked:
    """Some of the picked items."""
    return Picked(picked.person[which], picked.number[which], picked.word[which])


def named(starts: Ints) -> tuple[Words, Words]:
    """Position of the entity of every item, and its place among those of its entity."""
    counts = np.diff(starts)
    position = np.repeat(np.arange(len(counts), dtype=np.uint32), counts)
    number = np.arange(starts[-1], dtype=np.int64) - np.repeat(starts[:-1], counts)
    return position, number.astype(np.uint32)


def some_named(starts: Ints, person: AnyArray) -> tuple[Ints, Words]:
    """The same of the items of some entities: which of these, and place among its items."""
    counts = starts[person + 1] - starts[person]
    which = np.repeat(np.arange(len(person)), counts)
    inside = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    return which, inside.astype(np.uint32)
