"""Chance by the compiled kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from sousveil.arrays import AnyArray, Bits, Halves, Ints, Thresholds, Words
from sousveil.engine.sampled.chance import (
    LANES,
    Entities,
    Picked,
    Placed,
    first_of,
    hourly_of,
    key_words,
    new_room,
)
from sousveil.engine.sampled.items import year_events
from sousveil.engine.sampled.kernels.acts import (
    Acts,
    Check,
    Eye,
    Match,
    fill_alerts,
    fill_found,
    fill_noticed,
)
from sousveil.engine.sampled.kernels.asked import Items, Numbers, Seek, Times
from sousveil.engine.sampled.kernels.calls import Called, Calls, fill_called
from sousveil.engine.sampled.kernels.hours import RATE_BITS, fill_hourly
from sousveil.engine.sampled.kernels.lanes import fill_lanes, fill_lanes_by_stream
from sousveil.engine.sampled.kernels.points import Room
from sousveil.engine.sampled.kernels.sought import fill_sought
from sousveil.engine.sampled.kernels.yearly import (
    fill_hours,
    fill_items,
    fill_numbers,
    fill_picked,
    fill_placed,
)
from sousveil.engine.sampled.tables import Clock, Points
from sousveil.rng import Key

_SPARE_ROOM = 64


@dataclass(frozen=True)
class Compiled:
    """The kernels. yearly: how many events in the year, and when; else hour by hour."""

    key: Key
    yearly: bool = False

    def lanes(
        self, stream: AnyArray | int, entity: AnyArray, event: AnyArray | int, page: int = 0
    ) -> Words:
        """(4, n) words of each (entity, event)."""
        entities, events = np.broadcast_arrays(entity, event)
        out, key, at = (
            np.empty((LANES, entities.size), np.uint32),
            key_words(self.key),
            np.uint32(page),
        )
        who, what = _flat(entities), _flat(events)
        if isinstance(stream, int):
            fill_lanes(key, np.uint32(stream), at, who, what, out)
        else:
            fill_lanes_by_stream(key, _flat(stream), at, who, what, out)
        return out.reshape(LANES, *entities.shape)

    def events(self, points: Points, at: Entities, clock: Clock) -> Room:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        size = len(at.ids)
        if self.yearly:
            return year_events(self, points, at, clock)
        layers = points.layers
        likely = float((layers.rate * layers.full[points.group])[at.row].sum()) / 2.0**RATE_BITS
        return _filled(likely, size, partial(fill_hourly, hourly_of(points, at, clock, self.key)))

    def noticed(self, acts: Acts, eye: Eye) -> Ints:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        out = np.empty(len(acts.person), dtype=np.int64)
        return out[: fill_noticed(acts, eye, out)]

    def found(self, acts: Acts, check: Check) -> tuple[Ints, Ints]:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        out, moments = np.empty((2, len(acts.person)), dtype=np.int64)
        n = fill_found(acts, check, out, moments)
        return out[:n], moments[:n]

    def alerted(self, views: Acts, match: Match) -> tuple[Ints, Ints]:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        probes = np.zeros(len(views.ids), dtype=np.int64)
        out = np.empty(len(views.person), dtype=np.int64)
        return probes, out[: fill_alerts(views, match, probes, out)]

    def called(self, calls: Calls) -> Called:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        most = len(calls.ids) * (len(calls.offset) - 1)
        out = Called(
            np.zeros((len(calls.ids), 6), dtype=np.int64),
            np.empty(most, dtype=np.int64),
            np.empty(most, dtype=np.int64),
            np.empty(most, dtype=np.uint8),
        )
        n = fill_called(calls, out)
        return Called(out.counts, out.row[:n], out.window[:n], out.founded[:n])

    def numbers(self, ask: Numbers) -> Ints:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        out = np.empty(len(ask.entity), dtype=np.int64)
        fill_numbers(ask, out)
        return out

    def items(self, items: Items) -> Words:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        size = items.starts[-1]
        out = np.empty(size + LANES, dtype=np.uint32)
        fill_items(items, out)
        return out[:size]

    def picked(self, items: Items, limit: Thresholds) -> Picked:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        out = np.empty((3, items.starts[-1] + 1), np.uint32)
        n = fill_picked(items, limit, *out)
        return Picked(*out[:, :n])

    def placed(self, times: Times, starts: Ints) -> Placed:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        size, entities = starts[-1], len(starts) - 1
        hour, kept = np.empty(size + LANES, np.uint16), np.empty(size + LANES, np.uint8)
        counts = np.zeros(entities, np.int64)
        fill_placed(times, starts, hour, kept, counts)
        return Placed(hour[:size], kept[:size], counts)

    def hours(self, times: Times, position: Words, number: Words) -> tuple[Halves, Bits]:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        hour, kept = np.empty(len(number), np.uint16), np.empty(len(number), np.uint8)
        fill_hours(times, position, number, hour, kept)
        return hour, kept

    def sought(self, seek: Seek) -> Picked:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        out = np.empty((3, seek.items.starts[-1] + 1), np.uint32)
        n = fill_sought(seek, *out)
        return Picked(*out[:, :n])


def _flat(values: AnyArray) -> Words:
    return np.ascontiguousarray(values, dtype=np.uint32).reshape(-1)


def _filled(likely: float, entities: int, fill: Callable[[Room], int]) -> Room:
    """What a kernel finds, in room for the likely number of points and ten deviations more."""
    size = int(likely + 10.0 * np.sqrt(likely)) + _SPARE_ROOM
    while (n := fill(room := new_room(size, entities))) < 0:
        size *= 2
    return first_of(room, n)
