"""Sums over the path of power, compiled: a path is a million hours, of which little is kept.

The hours of a day are the bits of a word, so that the paths of a member stay near the processor.
Floats are added in the order of the days, so that a sum hangs on nothing else. Days come in the
order of `Days` but for words; A areas, F feeders, H hours, D days. `days_with_a_view` carries
single precision, seven digits.

Source of the exponential: Cody and Waite 1980, chapter 6; coefficients of Moshier's Cephes, `expf`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Bools, Floats, Ints, Singles, Words

_HOURS = 24
_EIGHT = 8
_EIGHTS_A_DAY = 3
_BIT, _BYTE, _ONE_BYTE, _TWO_BYTES = np.uint32(1), np.uint32(255), np.uint32(8), np.uint32(16)
_GATHER, _TOP = np.uint64(0x0102040810204080), np.uint64(56)
"""Times this number, eight bytes of 0 or 1 have their bits in the highest byte, in order."""
_SPREAD = np.unpackbits(np.arange(256, dtype=np.uint8), bitorder="little").view(np.uint64)
"""(256,) eight bytes of 0 or 1 with the bits of a number, the lowest first."""
_ZERO, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
_LOWEST = np.float32(-87.0)
_LOG2_E = np.float32(1.44269504)
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_C7, _C6 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3)
_C5, _C4 = np.float32(8.3334519073e-3), np.float32(4.1665795894e-2)
_C3, _C2 = np.float32(1.6666665459e-1), np.float32(5.0000001201e-1)
_BIAS, _MANTISSA = np.int32(127), np.int32(23)
_FUSED = {"contract"}
"""A product and a sum may be one operation, rounded once: views need single precision only."""
_SIDE_BY_SIDE = {"reassoc", "nsz"}
"""Sums side by side, which vectorise."""


@njit(cache=True, nogil=True)
def days_of(on: Bits) -> Words:
    """(A, F, D) the hours with supply of each day as the lowest 24 bits, of hours (A, F, H)."""
    areas, feeders, hours = on.shape
    eights = on.view(np.uint64)
    result = np.empty((areas, feeders, hours // _HOURS), np.uint32)
    for area in range(areas):
        for feeder in range(feeders):
            own, path = eights[area, feeder], result[area, feeder]
            for day in range(len(path)):
                bits = np.uint64(0)
                for eight in range(_EIGHTS_A_DAY):
                    byte = own[_EIGHTS_A_DAY * day + eight] * _GATHER >> _TOP
                    bits |= byte << np.uint64(_EIGHT * eight)
                path[day] = bits
    return result


@njit(cache=True, nogil=True)
def hours_by_label(path: Words, weight: Floats, order: Ints, ends: Ints) -> Floats:
    """(A, N, 24) hours with supply, mean by the (A, F) weights, on the days of every label.

    path: (A, F, D) from `days_of`. order: (D,) days sorted by label; ends: (N,) where each label
    ends among them. Eight hours are added at once: no label has more days than a byte can count.
    """
    areas, feeders, _ = path.shape
    labels = len(ends)
    result = np.zeros((areas, labels * _HOURS))
    total = np.empty(labels * _EIGHTS_A_DAY, np.uint64)
    hours = total.view(np.uint8)
    for area in range(areas):
        for feeder in range(feeders):
            days, place = path[area, feeder], 0
            for label in range(labels):
                early, midday, late = np.uint64(0), np.uint64(0), np.uint64(0)
                while place < ends[label]:
                    bits = days[order[place]]
                    early += _SPREAD[bits & _BYTE]
                    midday += _SPREAD[bits >> _ONE_BYTE & _BYTE]
                    late += _SPREAD[bits >> _TWO_BYTES & _BYTE]
                    place += 1
                total[_EIGHTS_A_DAY * label] = early
                total[_EIGHTS_A_DAY * label + 1] = midday
                total[_EIGHTS_A_DAY * label + 2] = late
            own, share = result[area], weight[area, feeder]
            for slot in range(labels * _HOURS):
                own[slot] += share * hours[slot]
    return result.reshape((areas, labels, _HOURS))


@njit(cache=True, nogil=True)
def within_first_days(
    path: Words, order: Ints, working: int, light: Floats, windows: Ints
) -> tuple[Floats, Floats]:
    """(windows, A, F, S) hours with supply within the first days, and these times the daylight.

    light: (D, 24). windows: days that each of them has.
    """
    areas, feeders, _ = path.shape
    plain = np.zeros((len(windows), areas, feeders, 2 * _HOURS))
    lit = np.zeros_like(plain)
    for window in range(len(windows)):
        inside = np.flatnonzero(order < windows[window])
        for area in range(areas):
            for feeder in range(feeders):
                days = path[area, feeder]
                own, own_lit = plain[window, area, feeder], lit[window, area, feeder]
                for place in inside:
                    bits, shares = days[order[place]], light[place]
                    first = 0 if place < working else _HOURS
                    hours, lights = own[first : first + _HOURS], own_lit[first : first + _HOURS]
                    for hour in range(_HOURS):
                        has = float(bits >> np.uint32(hour) & _BIT)
                        hours[hour] += has
                        lights[hour] += has * shares[hour]
    return plain, lit


@njit(cache=True, nogil=True, fastmath=_SIDE_BY_SIDE)
def _sum_of_products(one: Floats, other: Floats) -> float:
    """Of two rows of slots, as in `subsets`.

    What is kept of a compiled function would not notice that one in another file had changed.
    """
    total = 0.0
    for slot in range(len(one)):
        total += one[slot] * other[slot]
    return total


@njit(cache=True, nogil=True)
def views_by_feeder(
    every: Floats,
    every_lit: Floats,
    supplied: Floats,
    supplied_lit: Floats,
    off: float,
    on: float,
    night: float,
    day: float,
    profile: Floats,
    rate: Floats,
    feeders: int,
) -> Floats:
    """(windows, A, F, G) views of a person within the first days, by feeder.

    every, supplied: (windows, A, F, S) all hours and those with supply, one area and one feeder
    where all are alike; the same times the daylight. off, on: chances of an hour to count without
    and with supply; night, day: in the dark and in the light. profile: (G, S); rate: (A, G).
    """
    areas, groups = rate.shape
    windows, known_areas, known_feeders, slots = supplied.shape
    result = np.zeros((windows, areas, feeders, groups))
    hours = np.empty(slots)
    for window in range(windows):
        dark, bright = every[window, 0, 0], every_lit[window, 0, 0]
        for area in range(areas):
            if not rate[area].any():
                continue
            for feeder in range(feeders):
                where = min(area, known_areas - 1), min(feeder, known_feeders - 1)
                own, lit = supplied[window][where], supplied_lit[window][where]
                for slot in range(slots):
                    plain = off * (dark[slot] - own[slot]) + on * own[slot]
                    light = off * (bright[slot] - lit[slot]) + on * lit[slot]
                    hours[slot] = night * plain + (day - night) * light
                for group in range(groups):
                    seen = _sum_of_products(hours, profile[group])
                    result[window, area, feeder, group] = seen * rate[area, group]
    return result


@njit(inline="always", fastmath=_FUSED)
def _exp(value: np.float32) -> np.float32:
    """The exponential of what is not positive; plain operations, which vectorise."""
    x = max(value, _LOWEST)
    power = np.floor(x * _LOG2_E + _HALF)
    rest = x - power * _LN2_HIGH - power * _LN2_LOW
    series = ((((_C7 * rest + _C6) * rest + _C5) * rest + _C4) * rest + _C3) * rest + _C2
    scale = np.int32((np.int32(power) + _BIAS) << _MANTISSA).view(np.float32)
    return (series * rest * rest + rest + _ONE) * scale


@njit(cache=True, nogil=True, fastmath=_FUSED)
def _open_hours(path: Words, gate: Singles, counted: Singles, result: Singles) -> None:
    """Fill in (24, D) hours that count on a feeder (D,); gate: (2,) chances without and with."""
    for hour in range(_HOURS):
        for place in range(len(path)):
            has = np.float32(path[place] >> np.uint32(hour) & _BIT)
            result[hour, place] = (gate[0] + (gate[1] - gate[0]) * has) * counted[hour, place]


@njit(cache=True, nogil=True, fastmath=_FUSED)
def _add_hours(hours: Singles, share: Singles, begin: int, end: int, into: Singles) -> None:
    """Add to some of (D,) days the sum over hours (24, D) times shares (24,), four at a time."""
    days = into[begin:end]
    for hour in range(0, _HOURS, 4):
        a, b, c, d = share[hour], share[hour + 1], share[hour + 2], share[hour + 3]
        if not (a or b or c or d):
            continue
        one, two = hours[hour][begin:end], hours[hour + 1][begin:end]
        three, four = hours[hour + 2][begin:end], hours[hour + 3][begin:end]
        for place in range(len(days)):
            total = days[place] + a * one[place]
            total += b * two[place]
            total += c * three[place]
            days[place] = total + d * four[place]


@njit(cache=True, nogil=True, fastmath=_FUSED)
def _hazard(hours: Singles, working: int, profile: Singles, rate: float, into: Singles) -> None:
    """Fill in (D,) views expected of a person with a profile (S,)."""
    into[:] = _ZERO
    if rate:
        _add_hours(hours, rate * profile[:_HOURS], 0, working, into)
        _add_hours(hours, rate * profile[_HOURS:], working, len(into), into)


@njit(cache=True, nogil=True, fastmath=_SIDE_BY_SIDE)
def _missing(spared: Singles) -> float:
    """Sum of what chances (D,) want of one."""
    total = 0.0
    for place in range(len(spared)):
        total += float(_ONE - spared[place])
    return total


@njit(cache=True, nogil=True, fastmath=_FUSED)
def _viewed(hazards: Singles, values: Singles, weights: Singles, first: Ints, busy: Bools) -> float:
    """Sum over days of the chance of a view, from (E, D) hazards by families of encounters.

    busy: (E,) whether there is any hazard.
    """
    days = hazards.shape[1]
    spared, missed, exponent = np.ones(days, np.float32), np.empty(days, np.float32), hazards[0] * 0
    for family in range(len(first) - 1):
        if not busy[first[family] : first[family + 1]].any():
            continue  # without a hazard a family spares everybody: its weights sum to 1
        missed[:] = _ZERO
        for number in range(weights.shape[1]):
            if not weights[family, number]:
                continue
            if not values[first[family] : first[family + 1], number].any():
                missed += weights[family, number]  # a class that meets nothing is always spared
                continue
            share, own = weights[family, number], hazards[first[family]]
            value = values[first[family], number]
            if first[family + 1] == first[family] + 1:
                for place in range(days):
                    missed[place] += share * _exp(-value * own[place])
                continue
            for place in range(days):
                exponent[place] = -value * own[place]
            for encounter in range(first[family] + 1, first[family + 1]):
                for place in range(days):
                    exponent[place] -= values[encounter, number] * hazards[encounter, place]
            for place in range(days):
                missed[place] += share * _exp(exponent[place])
        for place in range(days):
            spared[place] *= missed[place]
    return _missing(spared)


@njit(cache=True, nogil=True)
def _as_before(supply: Words, feeder: int) -> bool:
    """Whether a feeder of (L, F, D) has the supply of the one before it, on every line."""
    for line in range(len(supply) if feeder else 0):
        for day in range(supply.shape[2]):
            if supply[line, feeder, day] != supply[line, feeder - 1, day]:
                return False
    return feeder > 0


@njit(cache=True, nogil=True, fastmath=_FUSED)
def days_with_a_view(
    path: Words,
    places: Ints,
    order: Ints,
    working: int,
    share: Floats,
    line: Ints,
    gate: Singles,
    counted: Singles,
    table: Ints,
    profile: Singles,
    rate: Singles,
    values: Singles,
    weights: Singles,
    first: Ints,
) -> Floats:
    """(A, K) days of a year with at least one view of a person, by kind of person.

    path: (L, areas, F, D) from `days_of`. places: (A,) of the areas in it. share: (A, F) of
    persons. Of T tables of hours, line: (T,); gate: (T, 2) chances to be open without and with
    supply; counted: (T, 24, D) what an hour counts. Of E encounters, family by family (first:
    (families + 1,)): table: (E,) of hours; profile: (E, K, S); rate: (E, A, K); values: (E, C) of
    the classes of an effect; weights: (families, C).
    """
    encounters, kinds, _ = profile.shape
    areas, feeders = share.shape
    result = np.zeros((areas, kinds))
    hours = np.empty(counted.shape, np.float32)
    hazards = np.empty((encounters, len(order)), np.float32)
    busy, viewed = np.zeros(encounters, np.bool_), np.zeros(kinds)
    for area in range(areas):
        supply = path[:, places[area]]
        for feeder in range(feeders):
            known = _as_before(supply, feeder)
            for number in range(0 if known else len(line)):
                own = supply[line[number], feeder][order]
                _open_hours(own, gate[number], counted[number], hours[number])
            for kind in range(0 if known else kinds):
                for item in range(encounters):
                    own = rate[item, area, kind]
                    busy[item] = own > 0.0 and profile[item, kind].any()
                    _hazard(hours[table[item]], working, profile[item, kind], own, hazards[item])
                viewed[kind] = _viewed(hazards, values, weights, first, busy)
            for kind in range(kinds):
                result[area, kind] += share[area, feeder] * viewed[kind]
    return result
