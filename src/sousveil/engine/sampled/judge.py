"""Chance in plain NumPy: slow, with nothing to distrust; the kernels equal it to the bit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sousveil.arrays import AnyArray, Bits, Bools, Halves, Ints, Thresholds, Words
from sousveil.engine.sampled.chance import (
    LANES,
    Entities,
    Picked,
    Placed,
    by_entity,
    hourly_of,
)
from sousveil.engine.sampled.items import able_of, named, picked_of, placed_of, year_events
from sousveil.engine.sampled.kernels.acts import Acts, Check, Eye, Match
from sousveil.engine.sampled.kernels.asked import Items, Numbers, Seek, Times
from sousveil.engine.sampled.kernels.calls import Called, Calls
from sousveil.engine.sampled.kernels.hours import (
    DAYS_OF_A_BLOCK,
    HOUR_BITS,
    LAYER_BITS,
    MOST_PLACES,
    PLACE_BITS,
    RATE_BITS,
    WORD_BITS,
    WORDS,
    Hourly,
)
from sousveil.engine.sampled.kernels.low import BLOCKS_AT_ONCE, BYTES
from sousveil.engine.sampled.kernels.points import Room
from sousveil.engine.sampled.tables import MOST_HOURS, Clock, Points, curve_of
from sousveil.rng import Key, philox

_ROWS_AT_ONCE = 512
_WORD = np.uint64(32)


@dataclass(frozen=True)
class Plain:
    """The judge. yearly: how many events in the year, and when; else hour by hour."""

    key: Key
    yearly: bool = False

    def lanes(
        self, stream: AnyArray | int, entity: AnyArray, event: AnyArray | int, page: int = 0
    ) -> Words:
        """(4, n) words of each (entity, event)."""
        counter = np.asarray(entity), np.asarray(event), np.asarray(stream), np.asarray(page)
        return np.stack(philox(counter, self.key))

    def events(self, points: Points, at: Entities, clock: Clock) -> Room:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        if self.yearly:
            return year_events(self, points, at, clock)
        hourly = hourly_of(points, at, clock, self.key)
        rooms = [self._by_hour(hourly, layer) for layer in range(len(hourly.offset) - 1)]
        return by_entity(rooms, len(at.ids))

    def _by_hour(self, field: Hourly, layer: int) -> Room:
        """The events of one layer: a byte an hour, with a word where it is low, counts them."""
        first = field.first[field.offset[layer] : field.offset[layer + 1]].astype(np.int64)
        order = _as_kernels_look(len(first))
        hours = (first[:, None] + 24 * np.arange(DAYS_OF_A_BLOCK)).reshape(-1)[order]
        floor, name = np.uint64(layer << LAYER_BITS), layer << HOUR_BITS
        own, stream = np.flatnonzero(field.rate[field.row] > floor), int(field.stream)
        parts: list[Room] = []
        for start in range(0, len(own), _ROWS_AT_ONCE):
            some = own[start : start + _ROWS_AT_ONCE]
            words = self.lanes(stream, field.entity[some][:, None], first + name, BYTES)
            cut = np.stack([words >> np.uint32(8 * byte) & np.uint32(255) for byte in range(4)])
            cut = np.moveaxis(cut, (0, 1), (2, 3)).reshape(len(some), -1)[:, order]
            low = (cut < 1 << (LAYER_BITS - WORD_BITS)) & (hours < len(field.slot))
            who, column = np.nonzero(low)
            position, hour = some[who], hours[column]
            word = self.lanes(stream, field.entity[position], hour + name, WORDS)[0]
            height = (cut[who, column].astype(np.uint64) << np.uint64(WORD_BITS)) | word
            count = (height < tails_of(_inside(field, position, hour, floor))).sum(axis=0)
            place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            position, hour = np.repeat(position, count), np.repeat(hour, count)
            number = (hour + name + (place << PLACE_BITS)).astype(np.uint32)
            drawn = self.lanes(stream, field.entity[position], number)
            stays = drawn[1] < _chances(field, position, hour)
            parts.append(_room(field, stays, position, hour, number, drawn[2]))
        return by_entity(parts, len(field.entity))

    def noticed(self, acts: Acts, eye: Eye) -> Ints:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        person, hour = acts.person, acts.hour.astype(np.int64)
        words = self.lanes(int(eye.stream), acts.ids[person], acts.number)
        seen = words[0] < eye.notice[person]
        seen &= words[1] < eye.by_slot[eye.slot[hour]]
        supplied = eye.supply[eye.feeder[person], hour] if len(eye.supply) else np.ones_like(hour)
        return np.flatnonzero(seen & (words[2] < eye.chances[supplied]))

    def found(self, acts: Acts, check: Check) -> tuple[Ints, Ints]:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
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
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        words = self.lanes(int(match.stream), views.ids[views.person], views.number)
        probed = words[0] < match.probe
        probes = np.bincount(views.person[probed], minlength=len(views.ids))
        return probes, np.flatnonzero(probed & (words[1] < match.alert[views.person]))

    def called(self, calls: Calls) -> Called:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        events = np.arange(calls.odds.shape[2])
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

    def numbers(self, ask: Numbers) -> Ints:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        words = self.lanes(int(ask.stream), ask.entity, 0, int(ask.page))[ask.lane]
        found, place = np.zeros(len(words), dtype=np.int64), ask.distribution[ask.row]
        for number in np.unique(place):
            cuts = ask.counts.cuts[ask.counts.offset[number] : ask.counts.offset[number + 1]]
            own = place == number
            count = np.searchsorted(cuts, words[own], side="right")
            found[own] = ask.counts.first[number] + count
        return found

    def items(self, items: Items) -> Words:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        position, number = named(items.starts)
        return self._item_words(items.stream, items.page, items.entity[position], number)

    def _item_words(
        self, stream: np.uint32, page: np.uint32, entity: Words, number: Words
    ) -> Words:
        """A word of each item."""
        words = self.lanes(int(stream), entity, number // LANES, int(page))
        return words[number % LANES, np.arange(len(number))]

    def picked(self, items: Items, limit: Thresholds) -> Picked:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        return picked_of(self, items, limit)

    def placed(self, times: Times, starts: Ints) -> Placed:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        return placed_of(self, times, starts)

    def hours(self, times: Times, position: Words, number: Words) -> tuple[Halves, Bits]:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        entity, shape = times.entity[position], times.moments.shape[times.row[position]]
        words = self._item_words(times.stream, times.pages[0], entity, number)
        hour = np.zeros(len(words), dtype=np.int64)
        for row, cuts in enumerate(times.moments.cuts):
            own = shape == row
            hour[own] = np.searchsorted(cuts, words[own], side="right") - 1
        if not len(times.supply):
            return hour.astype(np.uint16), np.ones(len(words), dtype=np.uint8)
        words = self._item_words(times.stream, times.pages[1], entity, number)
        kept = words < times.chances[times.supply[times.feeder[position], hour]]
        return hour.astype(np.uint16), kept.astype(np.uint8)

    def sought(self, seek: Seek) -> Picked:
        """See :class:`sousveil.engine.sampled.chance.Chance`."""
        (person, number, word), hour = able_of(self, seek)
        begin = hour.astype(np.int64)
        end = np.minimum(begin + seek.findable_hours, len(seek.cuts) - 1)
        which = np.repeat(np.arange(len(seek.starts) - 1, dtype=np.uint64), np.diff(seek.starts))
        moments = np.sort((which << _WORD) + seek.words)
        holder = seek.holder[person].astype(np.uint64) << _WORD
        first = np.searchsorted(moments, holder + seek.cuts[begin])
        count = np.searchsorted(moments, holder + seek.cuts[end]) - first
        needed = np.searchsorted(seek.find, word, side="right")
        found = np.flatnonzero((count > 0) & (needed <= count))
        at = moments[(first + needed - 1)[found]].astype(np.uint32)
        return Picked(person[found], number[found], at)

    def _powered(self, calls: Calls, first: Words) -> Bools:
        """(households, events) whether any airing found power."""
        odds = calls.odds[calls.feeder]
        found, numbers = first < odds[:, 0], np.arange(odds.shape[2])[None, :]
        for airing in range(1, odds.shape[1]):
            page, lane = divmod(airing - 1, LANES)
            words = self.lanes(int(calls.streams[1]), calls.ids[:, None], numbers, page)
            found |= words[lane] < odds[:, airing]
        return found

    def _sound(self, calls: Calls) -> Bools:
        """(households, events) whether the box is without fault."""
        events = calls.odds.shape[2]
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


def _as_kernels_look(blocks: int) -> Ints:
    """Order of the hours of some blocks: of eight of them the first two words, then the others."""
    block, day = np.divmod(np.arange(blocks * DAYS_OF_A_BLOCK), DAYS_OF_A_BLOCK)
    word, byte = day % 4, day // 4
    return np.lexsort((byte, word % 2, block % BLOCKS_AT_ONCE, word // 2, block // BLOCKS_AT_ONCE))


def _room(field: Hourly, stays: Bools, *columns: AnyArray) -> Room:
    """The events that stay: position, hour, number, spare word."""
    position, hour, number, spare = (column[stays] for column in columns)
    counts = np.bincount(position, minlength=len(field.entity))
    return Room(position.astype(np.uint32), hour.astype(np.uint16), number, spare, counts)


def _inside(field: Hourly, position: Ints, hour: Ints, floor: np.uint64) -> Thresholds:
    """How far the curves of some entities reach into a layer."""
    row = field.row[position]
    curve = curve_of(field.rate[row], field.shape[field.group[row], field.slot[hour]])
    return np.minimum(np.maximum(curve, floor) - floor, np.uint64(1 << LAYER_BITS))


def tails_of(rate: Thresholds) -> Thresholds:
    """(8, n) chances in 2^-40 of so many points or more in an hour and layer, from one on.

    rate: (n,) in the layer. Each step is rounded down, so that tails come to nothing.
    """
    one = np.uint64(1)
    none, term, number = np.zeros_like(rate), rate, 1
    while term.any():  # 1 - exp(-rate), by its series
        none = none + term if number % 2 else none - term
        number += 1
        term = _times(term, rate) // np.uint64(number)
    tails, exactly = [none], _times(rate, np.uint64(1 << RATE_BITS) - none) + one
    for count in range(2, MOST_PLACES + 1):
        tails.append(np.maximum(tails[-1], exactly) - exactly)
        exactly = _times(exactly, rate) // np.uint64(count) + one
    return np.stack(tails)


def _times(one: Thresholds, other: Thresholds) -> Thresholds:
    """Product of numbers up to one in 2^-40."""
    half = np.uint64(RATE_BITS // 2)
    high, low = one >> half, one & np.uint64((1 << RATE_BITS // 2) - 1)
    return (high * other >> half) + (low * other >> np.uint64(RATE_BITS))


def _chances(field: Hourly, position: Ints, hour: Ints) -> Thresholds:
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
