"""What the engines ask of chance: words, events, and who sees what.

A word is a function of (key, stream, entity, event, lane) and of nothing else, so that neither
order, nor threads, nor blocks can touch a result.

An event's number names it, with its entity, in every later draw. By the hour it is hour + 2^15
layer + 2^29 (place in both), by the year its place among those of its entity. Each event brings a
spare word that nothing has read yet.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from sousveil.arrays import AnyArray, Bits, Halves, Ints, Thresholds, Words
from sousveil.engine.sampled.kernels.acts import Acts, Check, Eye, Match
from sousveil.engine.sampled.kernels.asked import Items, Numbers, Seek, Times
from sousveil.engine.sampled.kernels.calls import Called, Calls
from sousveil.engine.sampled.kernels.hours import Hourly
from sousveil.engine.sampled.kernels.points import Room
from sousveil.engine.sampled.tables import Clock, Points
from sousveil.rng import Key

LANES = 4


class Entities(NamedTuple):
    """The entities of a process in a block: counters, rows of its tables, feeders; (n,) each."""

    ids: Words
    row: Ints
    feeder: Ints


class Chance(Protocol):
    """Everything that an engine asks of chance."""

    @property
    def key(self) -> Key:
        """The key of the member."""
        ...

    def lanes(
        self, stream: AnyArray | int, entity: AnyArray, event: AnyArray | int, page: int = 0
    ) -> Words:
        """(4, n) words of each (entity, event)."""
        ...

    def events(self, points: Points, at: Entities, clock: Clock) -> Room:
        """The events of a process that find power, entity by entity."""
        ...

    def noticed(self, acts: Acts, eye: Eye) -> Ints:
        """Positions of the acts that are noticed as they happen."""
        ...

    def found(self, acts: Acts, check: Check) -> tuple[Ints, Ints]:
        """Positions of the acts that visits find, and the hours of the visits that do."""
        ...

    def alerted(self, views: Acts, match: Match) -> tuple[Ints, Ints]:
        """(P,) probes of every person, and positions of the views that give an alert."""
        ...

    def called(self, calls: Calls) -> Called:
        """What comes of a roll call."""
        ...

    def numbers(self, ask: Numbers) -> Ints:
        """(n,) how many items of the year every entity has."""
        ...

    def items(self, items: Items) -> Words:
        """The words of a page of all items."""
        ...

    def picked(self, items: Items, limit: Thresholds) -> Picked:
        """The items whose word lies below the limit of their entity."""
        ...

    def placed(self, times: Times, starts: Ints) -> Placed:
        """When every item happens, and whether it finds power. starts: (n + 1,)."""
        ...

    def hours(self, times: Times, position: Words, number: Words) -> tuple[Halves, Bits]:
        """The same of some items alone: entity and place of each."""
        ...

    def sought(self, seek: Seek) -> Picked:
        """The acts that visits find, each with the word of the visit that does."""
        ...


class Picked(NamedTuple):
    """Items that were picked: position of the entity, place among its items, word; (n,) each."""

    person: Words
    number: Words
    word: Words


class Placed(NamedTuple):
    """Items with their hours. kept: (n,) 1 where an item finds power. counts: of every entity."""

    hour: Halves
    kept: Bits
    counts: Ints


def key_words(key: Key) -> Words:
    """The key as kernels read it."""
    return np.array(key, dtype=np.uint32)


def hourly_of(points: Points, at: Entities, clock: Clock, key: Key) -> Hourly:
    """A process over the entities of a block, hour by hour."""
    layers = points.layers
    return Hourly(
        key=key_words(key),
        stream=np.uint32(points.stream),
        entity=at.ids,
        row=at.row,
        feeder=at.feeder,
        rate=layers.rate,
        group=points.group,
        shape=points.shape,
        chances=points.gate.chances,
        slot=clock.slot_bits,
        supply=clock.supply_of(points.gate.line),
        offset=layers.offset,
        first=layers.first,
        highest=layers.highest,
    )


def new_room(size: int, entities: int) -> Room:
    """Empty room for so many events of so many entities."""
    return Room(
        np.empty(size, np.uint32),
        np.empty(size, np.uint16),
        np.empty(size, np.uint32),
        np.empty(size, np.uint32),
        np.zeros(entities, np.int64),
    )


def first_of(room: Room, n: int) -> Room:
    """The first n events."""
    return Room(room.position[:n], room.hour[:n], room.number[:n], room.spare[:n], room.counts)


def by_entity(parts: list[Room], entities: int) -> Room:
    """The events of several layers, entity by entity."""
    if len(parts) == 1:
        return parts[0]
    every = [*parts, new_room(0, entities)]
    position = np.concatenate([part.position for part in every])
    order = np.argsort(position, kind="stable")
    return Room(
        position[order],
        np.concatenate([part.hour for part in every])[order],
        np.concatenate([part.number for part in every])[order],
        np.concatenate([part.spare for part in every])[order],
        np.sum([part.counts for part in every], axis=0),
    )
