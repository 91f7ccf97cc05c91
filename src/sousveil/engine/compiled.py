"""Chance by the compiled kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from sousveil.arrays import AnyArray, Ints, Words
from sousveil.engine.chance import (
    LANES,
    Entities,
    field_of,
    first_of,
    hourly_of,
    key_words,
    new_room,
    year_of,
)
from sousveil.engine.kernels.acts import (
    Acts,
    Check,
    Eye,
    Match,
    fill_alerts,
    fill_found,
    fill_noticed,
)
from sousveil.engine.kernels.calls import Called, Calls, fill_called
from sousveil.engine.kernels.hours import RATE_BITS, fill_hourly
from sousveil.engine.kernels.philox import fill_lanes, fill_lanes_by_stream
from sousveil.engine.kernels.points import Room, fill_yearly
from sousveil.engine.tables import Clock, Points
from sousveil.rng import Key

_SPARE_ROOM = 64


@dataclass(frozen=True)
class Compiled:
    """The kernels. yearly: how many events in the year, and where; else hour by hour."""

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

    def events(self, points: Points, at: Entities, clock: Clock, named: bool = True) -> Room:
        """See :class:`sousveil.engine.chance.Chance`."""
        size = len(at.ids)
        if not points.bands:
            return new_room(0, size)
        if self.yearly:
            field, year = field_of(points, at, clock, self.key), year_of(points)
            likely = float(points.a_year[points.reach[at.row]].sum())
            return _filled(likely, size, named, partial(fill_yearly, field, year))
        layers = points.layers
        likely = float((layers.rate * layers.full[points.group])[at.row].sum()) / 2.0**RATE_BITS
        return _filled(
            likely, size, named, partial(fill_hourly, hourly_of(points, at, clock, self.key))
        )

    def noticed(self, acts: Acts, eye: Eye) -> Ints:
        """See :class:`sousveil.engine.chance.Chance`."""
        out = np.empty(len(acts.person), dtype=np.int64)
        return out[: fill_noticed(acts, eye, out)]

    def found(self, acts: Acts, check: Check) -> tuple[Ints, Ints]:
        """See :class:`sousveil.engine.chance.Chance`."""
        out, moments = np.empty((2, len(acts.person)), dtype=np.int64)
        n = fill_found(acts, check, out, moments)
        return out[:n], moments[:n]

    def alerted(self, views: Acts, match: Match) -> tuple[Ints, Ints]:
        """See :class:`sousveil.engine.chance.Chance`."""
        probes = np.zeros(len(views.ids), dtype=np.int64)
        out = np.empty(len(views.person), dtype=np.int64)
        return probes, out[: fill_alerts(views, match, probes, out)]

    def called(self, calls: Calls) -> Called:
        """See :class:`sousveil.engine.chance.Chance`."""
        most = len(calls.ids) * (len(calls.offset) - 1)
        out = Called(
            np.zeros((len(calls.ids), 6), dtype=np.int64),
            np.empty(most, dtype=np.int64),
            np.empty(most, dtype=np.int64),
            np.empty(most, dtype=np.uint8),
        )
        n = fill_called(calls, out)
        return Called(out.counts, out.row[:n], out.window[:n], out.founded[:n])


def _flat(values: AnyArray) -> Words:
    return np.ascontiguousarray(values, dtype=np.uint32).reshape(-1)


def _filled(likely: float, entities: int, named: bool, fill: Callable[[Room], int]) -> Room:
    """What a kernel finds, in room for the likely number of points and ten deviations more."""
    size = int(likely + 10.0 * np.sqrt(likely)) + _SPARE_ROOM
    while (n := fill(room := new_room(size, entities, named))) < 0:
        size *= 2
    return first_of(room, n)
