"""Sums over the path of power, compiled: a path is a million hours, of which little is kept.

Floats are added in the order of the days, so that a sum hangs on nothing else. Days come in the
order of `Days`, A areas, F feeders, H hours, D days. `days_with_a_view` carries single precision,
seven digits.

Source of the exponential: Cody and Waite 1980, chapter 6; coefficients of Moshier's Cephes, `expf`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Bools, Floats, Ints, Singles

_HOURS = 24
_EIGHT = 8
_EIGHTS_A_DAY = 3
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


@njit(cache=True, nogil=True)
def hours_by_label(
    on: Bits, weight: Floats, order: Ints, label: Ints, working: int, labels: int
) -> Floats:
    """(A, N, S) hours with supply, mean by the (A, F) weights, on the days of every label.

    label: (D,) of the sorted days, the first of which are the working ones. Eight hours are added
    at once: no label has more days of a type than a byte can count.
    """
    areas, feeders, _ = on.shape
    eights = on.view(np.uint64)
    result = np.zeros((areas, labels, 2 * _HOURS))
    days = np.empty((labels, 2 * _HOURS), np.uint8)
    total = days.view(np.uint64)
    for area in range(areas):
        for feeder in range(feeders):
            total[:] = 0
            for place in range(len(order)):
                slot = 0 if place < working else _EIGHTS_A_DAY
                begins = order[place] * _EIGHTS_A_DAY
                for eight in range(_EIGHTS_A_DAY):
                    total[label[place], slot + eight] += eights[area, feeder, begins + eight]
            own = weight[area, feeder]
            for number in range(labels):
                for slot in range(2 * _HOURS):
                    result[area, number, slot] += own * days[number, slot]
    return result


@njit(cache=True, nogil=True)
def lit_hours(on: Bits, weight: Floats, order: Ints, light: Floats, working: int) -> Floats:
    """(A, S) hours with supply, mean by the (A, F) weights, times the daylight (D, 24)."""
    areas, feeders, _ = on.shape
    result, own = np.zeros((areas, 2 * _HOURS)), np.empty(2 * _HOURS)
    for area in range(areas):
        for feeder in range(feeders):
            own[:] = 0.0
            for place in range(len(order)):
                first, begins = 0 if place < working else _HOURS, order[place] * _HOURS
                for hour in range(_HOURS):
                    own[first + hour] += on[area, feeder, begins + hour] * light[place, hour]
            result[area] += weight[area, feeder] * own
    return result


@njit(cache=True, nogil=True)
def within_first_days(
    on: Bits, order: Ints, working: int, light: Floats, windows: Ints
) -> tuple[Floats, Floats]:
    """(windows, A, F, S) hours with supply within the first days, and these times the daylight.

    light: (D, 24). windows: days that each of them has.
    """
    areas, feeders, _ = on.shape
    plain = np.zeros((len(windows), areas, feeders, 2 * _HOURS))
    lit = np.zeros_like(plain)
    for area in range(areas):
        for feeder in range(feeders):
            for place in range(len(order)):
                first = 0 if place < working else _HOURS
                for window in range(len(windows)):
                    if order[place] >= windows[window]:
                        continue
                    begins = order[place] * _HOURS
                    for hour in range(_HOURS):
                        has = float(on[area, feeder, begins + hour])
                        plain[window, area, feeder, first + hour] += has
                        lit[window, area, feeder, first + hour] += has * light[place, hour]
    return plain, lit


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
def _open_hours(on: Bits, order: Ints, gate: Singles, counted: Singles, result: Singles) -> None:
    """Fill in (24, D) hours that count on one feeder (H,); gate: (2,) chances without and with."""
    for place in range(len(order)):
        first = order[place] * _HOURS
        for hour in range(_HOURS):
            result[hour, place] = on[first + hour]
    for hour in range(_HOURS):
        for place in range(len(order)):
            chance = gate[0] + (gate[1] - gate[0]) * result[hour, place]
            result[hour, place] = chance * counted[hour, place]


@njit(cache=True, nogil=True, fastmath=_FUSED)
def _hazard(hours: Singles, working: int, profile: Singles, rate: float, into: Singles) -> None:
    """Fill in (D,) views expected of a person with a profile (S,)."""
    into[:] = _ZERO
    for hour in range(_HOURS if rate else 0):
        at_work, at_rest = rate * profile[hour], rate * profile[_HOURS + hour]
        if at_work:
            for place in range(working):
                into[place] += at_work * hours[hour, place]
        if at_rest:
            for place in range(working, into.shape[0]):
                into[place] += at_rest * hours[hour, place]


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
            exponent[:] = _ZERO
            for encounter in range(first[family], first[family + 1]):
                for place in range(days):
                    exponent[place] -= values[encounter, number] * hazards[encounter, place]
            for place in range(days):
                missed[place] += weights[family, number] * _exp(exponent[place])
        for place in range(days):
            spared[place] *= missed[place]
    total = 0.0
    for place in range(days):
        total += float(_ONE - spared[place])
    return total


@njit(cache=True, nogil=True)
def _as_before(supply: Bits, feeder: int) -> bool:
    """Whether a feeder of (L, F, H) has the supply of the one before it, on every line."""
    for line in range(len(supply) if feeder else 0):
        for hour in range(supply.shape[2]):
            if supply[line, feeder, hour] != supply[line, feeder - 1, hour]:
                return False
    return feeder > 0


@njit(cache=True, nogil=True, fastmath=_FUSED)
def days_with_a_view(
    on: Bits,
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

    places: (A,) of the areas in the supply `on`. share: (A, F) of persons. Of T tables of hours,
    line: (T,); gate: (T, 2) chances to be open without and with supply; counted: (T, 24, D) what an
    hour counts. Of E encounters, family by family (first: (families + 1,)): table: (E,) of hours;
    profile: (E, K, S); rate: (E, A, K); values: (E, C) of the classes of an effect; weights:
    (families, C).
    """
    encounters, kinds, _ = profile.shape
    areas, feeders = share.shape
    result = np.zeros((areas, kinds))
    hours = np.empty(counted.shape, np.float32)
    hazards = np.empty((encounters, len(order)), np.float32)
    busy, viewed = np.zeros(encounters, np.bool_), np.zeros(kinds)
    for area in range(areas):
        supply = on[:, places[area]]
        for feeder in range(feeders):
            known = _as_before(supply, feeder)
            for number in range(0 if known else len(line)):
                chances, own_hours = gate[number], hours[number]
                _open_hours(
                    supply[line[number], feeder], order, chances, counted[number], own_hours
                )
            for kind in range(0 if known else kinds):
                for item in range(encounters):
                    own = rate[item, area, kind]
                    busy[item] = own > 0.0 and profile[item, kind].any()
                    _hazard(hours[table[item]], working, profile[item, kind], own, hazards[item])
                viewed[kind] = _viewed(hazards, values, weights, first, busy)
            for kind in range(kinds):
                result[area, kind] += share[area, feeder] * viewed[kind]
    return result
