"""What the engines ask of chance: words, events, and who sees what.

A word is a function of (key, stream, entity, event, lane) and of nothing else, so that neither
order, nor threads, nor blocks can touch a result.

An event's number names it, with its entity, in every later draw. By the hour it is hour + 2^15
layer + 2^29 (place in both), by the year place + 2^24 band. Each event brings a spare word that
nothing has read yet.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from sousveil.arrays import AnyArray, Ints, Thresholds, Words
from sousveil.engine.kernels.acts import Acts, Check, Eye, Match
from sousveil.engine.kernels.calls import Called, Calls
from sousveil.engine.kernels.hours import Hourly
from sousveil.engine.kernels.points import Field, Room, Year
from sousveil.engine.tables import HEIGHT_BITS, Clock, Points
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

    def events(self, points: Points, at: Entities, clock: Clock, named: bool = True) -> Room:
        """The events of a process: points below its curve that find power, entity by entity.

        named: with position, number and spare word of each, or hours alone.
        """
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


def key_words(key: Key) -> Words:
    """The key as kernels read it."""
    return np.array(key, dtype=np.uint32)


def field_of(points: Points, at: Entities, clock: Clock, key: Key) -> Field:
    """A process over the entities of a block and the year."""
    bands = points.bands
    full = [band.upper - band.lower for band in bands]
    return Field(
        key=key_words(key),
        stream=np.uint32(points.stream),
        lower=_heights([band.lower for band in bands]),
        upper=_heights([band.upper for band in bands]),
        shift=_heights([width.bit_length() - 1 - HEIGHT_BITS for width in full]),
        spread=_heights([band.year_spread for band in bands]),
        entity=at.ids,
        row=at.row,
        feeder=at.feeder,
        reach=points.reach,
        peak=points.peak,
        group=points.group,
        shape=points.spread_shape,
        chances=points.gate.chances,
        slot=clock.slot_bits,
        supply=clock.supply_of(points.gate.line),
    )


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
    )


def year_of(points: Points) -> Year:
    """All bands of a process by the year."""
    cuts = [band.a_year for band in points.bands]
    return Year(
        np.concatenate([[0], np.cumsum([len(row) for row in cuts])]).astype(np.int64),
        np.concatenate(cuts) if cuts else np.empty(0, dtype=np.uint32),
        points.places.hour,
    )


def new_room(size: int, entities: int, named: bool = True) -> Room:
    """Empty room for so many events of so many entities, named or hours alone."""
    names = size if named else 0
    return Room(
        np.empty(names, np.uint32),
        np.empty(size, np.uint16),
        np.empty(names, np.uint32),
        np.empty(names, np.uint32),
        np.zeros(entities, np.int64),
    )


def first_of(room: Room, n: int) -> Room:
    """The first n events."""
    return Room(room.position[:n], room.hour[:n], room.number[:n], room.spare[:n], room.counts)


def by_entity(parts: list[Room], entities: int) -> Room:
    """The events of several bands, entity by entity."""
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


def _heights(values: list[int]) -> Thresholds:
    return np.array(values, dtype=np.uint64)
