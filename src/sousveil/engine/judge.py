"""Chance in plain NumPy: slow, with nothing to distrust; the kernels equal it to the bit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sousveil.arrays import AnyArray, Bits, Bools, Ints, Thresholds, Words
from sousveil.engine.chance import (
    LANES,
    Entities,
    by_entity,
    field_of,
    hours_of,
    year_of,
)
from sousveil.engine.kernels.acts import Acts, Check, Eye, Match
from sousveil.engine.kernels.calls import Called, Calls
from sousveil.engine.kernels.points import EVENT_BITS, Field, Room
from sousveil.engine.tables import MOST_HOURS, NO_HOUR, Clock, Points
from sousveil.rng import Key, philox

_ROWS_AT_ONCE = 512
_FINE = np.uint64(28)


@dataclass(frozen=True)
class Plain:
    """The judge. yearly: how many events in the year, and where; else hour by hour."""

    key: Key
    yearly: bool = False

    def lanes(
        self, stream: AnyArray | int, entity: AnyArray, event: AnyArray | int, page: int = 0
    ) -> Words:
        """(4, n) words of each (entity, event)."""
        counter = np.asarray(entity), np.asarray(event), np.asarray(stream), np.asarray(page)
        return np.stack(philox(counter, self.key))

    def events(self, points: Points, at: Entities, clock: Clock, named: bool = True) -> Room:
        """See :class:`sousveil.engine.chance.Chance`."""
        field = field_of(points, at, clock, self.key, self.yearly)
        rooms = [
            self._in_year(field, points, band)
            if self.yearly
            else self._by_hour(field, points, clock, band)
            for band in range(len(points.bands))
        ]
        return by_entity(rooms, len(at.ids))

    def _by_hour(self, field: Field, points: Points, clock: Clock, band: int) -> Room:
        """The events of one band: one word an hour says how many points fall into it."""
        hours, own = hours_of(points, band, clock), np.flatnonzero(field.reach[field.row] > band)
        base, step = int(hours.numbers[1]), int(hours.numbers[2])
        parts: list[Room] = []
        for start in range(0, len(own), _ROWS_AT_ONCE):
            some = own[start : start + _ROWS_AT_ONCE]
            words = self.lanes(
                int(field.stream), field.entity[some][:, None], hours.quads[None, :], band + 1
            )
            words = np.moveaxis(words, 0, 2).reshape(len(some), -1)
            row, column = np.nonzero(words < hours.thresholds[0])
            count = (words[row, column][:, None] < hours.thresholds[None, :]).sum(axis=1)
            place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            hour = LANES * hours.quads.astype(np.int64)[column // LANES] + column % LANES
            position, hour = np.repeat(some[row], count), np.repeat(hour, count)
            number = (base + hour + step * place).astype(np.uint32)
            drawn = self.lanes(int(field.stream), field.entity[position], number)
            slot = field.slot[hour]
            height = _height(field, band, drawn[0])
            stays = height < np.minimum(_curve(field, position, slot), field.upper[band])
            stays &= drawn[1] < _chances(field, position, hour)
            parts.append(_room(field, stays, position, hour, number, drawn[2]))
        return by_entity(parts, len(field.entity))

    def _in_year(self, field: Field, points: Points, band: int) -> Room:
        """The events of one band: so many in the year, each at its place."""
        year, own = year_of(points), np.flatnonzero(field.reach[field.row] > band)
        page, lane = divmod(band, LANES)
        words = self.lanes(int(field.stream), field.entity[own], 2**32 - 1 - page)[lane]
        cuts = year.cuts[year.offset[band] : year.offset[band + 1]]
        count = np.searchsorted(cuts, words, side="right")
        position = np.repeat(own, count)
        point = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        number = (point + (band << EVENT_BITS)).astype(np.uint32)
        drawn = self.lanes(int(field.stream), field.entity[position], number)
        hour = year.hour[drawn[0] >> np.uint32(16)].astype(np.int64)
        real = np.flatnonzero(hour != NO_HOUR)
        position, hour, number, drawn = position[real], hour[real], number[real], drawn[:, real]
        slot, height = field.slot[hour], _height(field, band, drawn[1])
        stays = height < _curve(field, position, slot)
        stays &= height < field.upper[band]
        stays &= drawn[2] < _chances(field, position, hour)
        return _room(field, stays, position, hour, number, drawn[3])

    def noticed(self, acts: Acts, eye: Eye) -> Ints:
        """See :class:`sousveil.engine.chance.Chance`."""
        person, hour = acts.person, acts.hour.astype(np.int64)
        words = self.lanes(int(eye.stream), acts.ids[person], acts.number)
        seen = words[0] < eye.notice[person]
        seen &= words[1] < eye.by_slot[eye.slot[hour]]
        supplied = eye.supply[eye.feeder[person], hour] if len(eye.supply) else np.ones_like(hour)
        return np.flatnonzero(seen & (words[2] < eye.chances[supplied]))

    def found(self, acts: Acts, check: Check) -> tuple[Ints, Ints]:
        """See :class:`sousveil.engine.chance.Chance`."""
        words = self.lanes(int(check.stream), acts.ids[acts.person], acts.number)
        able = np.flatnonzero((words[0] < check.trace) & (words[1] < check.limit[acts.person]))
        hour, start = acts.hour[able].astype(np.int64), check.holder[acts.person[able]] * MOST_HOURS
        end = np.minimum(hour + check.findable_hours, check.hours)
        holder = np.repeat(np.arange(len(check.starts) - 1), np.diff(check.starts))
        moments = np.sort(holder * MOST_HOURS + check.visits)
        first = np.searchsorted(moments, start + hour)
        count = np.searchsorted(moments, start + end) - first
        needed = np.searchsorted(check.find, words[1, able], side="right")
        found = (count > 0) & (needed <= count)
        return able[found], moments[(first + needed - 1)[found]] % MOST_HOURS

    def alerted(self, views: Acts, match: Match) -> tuple[Ints, Ints]:
        """See :class:`sousveil.engine.chance.Chance`."""
        words = self.lanes(int(match.stream), views.ids[views.person], views.number)
        probed = words[0] < match.probe
        probes = np.bincount(views.person[probed], minlength=len(views.ids))
        return probes, np.flatnonzero(probed & (words[1] < match.alert[views.person]))

    def called(self, calls: Calls) -> Called:
        """See :class:`sousveil.engine.chance.Chance`."""
        events = np.arange(calls.odds.shape[1])
        words = self.lanes(int(calls.streams[0]), calls.ids[:, None], events[None, :])
        watched = words[0] < calls.watch[calls.kind][:, None]
        away, left = words[1] < calls.elsewhere, words[2] < calls.left_on
        power, sound = self._powered(calls, words[3]), self._sound(calls)
        link = calls.linked[calls.exchange].astype(np.bool_)
        tuned = (watched & ~away) | (~watched & left)
        wanted = watched | left
        counted = power if calls.excuses else np.ones_like(power)
        everything = power & link & sound
        absent = counted & ~(everything & tuned)
        without = [
            ~(link & sound & tuned),
            counted & ~(power & sound & tuned),
            counted & ~(power & link & tuned),
            counted & ~(everything & wanted),
        ]
        flagged, founded = _reach(calls, absent), _reach(calls, absent & ~watched & ~left)
        owed = [flagged & ~founded & ~_reach(calls, other) for other in without]
        counts = [everything, everything & tuned, *owed]
        row, window = np.nonzero(flagged)
        return Called(
            np.stack([item.sum(axis=1) for item in counts], axis=1).astype(np.int64),
            row,
            window,
            founded[row, window].astype(np.uint8),
        )

    def _powered(self, calls: Calls, first: Words) -> Bools:
        """(households, events) whether any airing found power."""
        odds = calls.odds[calls.feeder]
        found, numbers = first < odds[..., 0], np.arange(odds.shape[1])[None, :]
        for airing in range(1, odds.shape[2]):
            page, lane = divmod(airing - 1, LANES)
            words = self.lanes(int(calls.streams[1]), calls.ids[:, None], numbers, page)
            found |= words[lane] < odds[..., airing]
        return found

    def _sound(self, calls: Calls) -> Bools:
        """(households, events) whether the box is without fault."""
        events = calls.odds.shape[1]
        sound = np.ones((len(calls.ids), events), dtype=np.bool_)
        if not len(calls.down):
            return sound
        numbers = np.arange(events)[None, :]
        words = self.lanes(int(calls.streams[2]), calls.faults[:, None], numbers)[0]
        state = np.zeros(len(words), dtype=np.int64)
        for event in range(events):
            state = (words[:, event] < calls.down[event, state]).astype(np.int64)
            sound[:, event] = state == 0
        return sound


def _room(field: Field, stays: Bools, *columns: AnyArray) -> Room:
    """The events that stay: position, hour, number, spare word."""
    position, hour, number, spare = (column[stays] for column in columns)
    counts = np.bincount(position, minlength=len(field.entity))
    return Room(position.astype(np.uint32), hour.astype(np.uint16), number, spare, counts)


def _height(field: Field, band: int, words: Words) -> Thresholds:
    """Heights of points of a band."""
    above = (words.astype(np.uint64) * field.spread[band]) >> _FINE
    return field.lower[band] + (above << field.shift[band])


def _curve(field: Field, position: Ints, slot: Bits) -> Thresholds:
    """Heights of the curves of some entities in their slots."""
    row = field.row[position]
    peak, shape = field.peak[row], field.shape[field.group[row], slot]
    high, low = peak >> np.uint64(16), peak & np.uint64(0xFFFF)
    return (high * shape >> np.uint64(12)) + (low * shape >> _FINE)


def _chances(field: Field, position: Ints, hour: Ints) -> Thresholds:
    """Chances of events to pass the gate."""
    if not len(field.supply):
        return np.full(len(hour), field.chances[1])
    return field.chances[field.supply[field.feeder[position], hour]]


def _reach(calls: Calls, absent: Bools) -> Bools:
    """(households, windows) whether the absences of a window reach the threshold."""
    bounds = list(zip(calls.offset[:-1].tolist(), calls.offset[1:].tolist(), strict=True))
    sums = [absent[:, calls.members[first:last]].sum(axis=1) for first, last in bounds]
    if not sums:
        return np.zeros((len(absent), 0), dtype=np.bool_)
    return np.stack(sums, axis=1) >= int(calls.threshold)
