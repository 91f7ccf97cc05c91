"""Sums over hours for every subset of what may notice an act, compiled.

Some hundred subsets of a few numbers each: one loop, where arrays would be made and thrown away a
dozen times over. A areas, K kinds of people, S slots, J joint states of the power, n children of
which d are detections and i are inspections.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Bools, Floats, Ints


@njit(cache=True, nogil=True)
def _gates(
    area: int, gate: Floats, passes: Floats, by_slot: Floats, into: Floats, slots: Floats
) -> None:
    """Fill in what opens in an area (2^d, J), and factors of the hours (2^d, S), by detections."""
    states = gate.shape[1]
    into[0], slots[0] = gate[0], 1.0
    for child in range(len(by_slot)):
        half = 1 << child
        for subset in range(half):
            for state in range(states):
                into[half + subset, state] = into[subset, state] * gate[1 + child, state]
            for slot in range(slots.shape[1]):
                slots[half + subset, slot] = slots[subset, slot] * by_slot[child, slot]
    for subset in range(len(into)):
        for state in range(states):
            into[subset, state] *= passes[state if len(passes) > 1 else 0, area, subset]


@njit(cache=True, nogil=True, fastmath={"reassoc", "nsz"})
def _sum_of_products(one: Floats, other: Floats) -> float:
    """Of two rows of slots: sums side by side, which vectorise, as in a product of matrices."""
    total = 0.0
    for slot in range(len(one)):
        total += one[slot] * other[slot]
    return total


@njit(cache=True, nogil=True)
def acts_by_month(
    by_state: Floats, gate: Floats, month: Floats, rate: Floats, profile: Floats
) -> Floats:
    """(M + 1, A K) acts of a person before each month of the year and after it, by area and kind.

    by_state: (J, A, M, S) hours; gate: (J,) chance to pass. month: (A, M), rate: (A, K), profile:
    (K, S) of the act.
    """
    states, areas, months, slots = by_state.shape
    kinds = len(profile)
    result = np.zeros((months + 1, areas * kinds))
    hours = np.empty(slots)
    for area in range(areas):
        for number in range(months):
            hours[:] = 0.0
            for state in range(states):
                own, chance = by_state[state, area, number], gate[state]
                for slot in range(slots):
                    hours[slot] += chance * own[slot]
            for kind in range(kinds):
                often = month[area, number] * rate[area, kind]
                done = often * _sum_of_products(hours, profile[kind])
                place = area * kinds + kind
                result[number + 1, place] = result[number, place] + done
    return result


@njit(cache=True, nogil=True)
def _level(rate: Floats, notice: Floats, share: Floats, asked: Ints) -> Floats:
    """(2^n, A, K) acts per hour at profile 1 times the chance that all of a subset notice."""
    areas, kinds = rate.shape
    result = np.empty((1 << len(notice), areas, kinds))
    result[0] = rate
    for child in range(len(notice)):
        half = 1 << child
        for subset in range(half):
            again = subset & asked[child] != 0
            for area in range(areas):
                for kind in range(kinds):
                    factor = notice[child, area, kind]
                    if not again:
                        factor *= share[child, area, kind]
                    result[half + subset, area, kind] = result[subset, area, kind] * factor
    return result


@njit(cache=True, nogil=True)
def _bits(children: Ints) -> Ints:
    """(2^c,) bits of the children in every subset of some of them."""
    result = np.zeros(1 << len(children), np.int64)
    for place in range(len(children)):
        half = 1 << place
        for subset in range(half):
            result[half + subset] = result[subset] | 1 << children[place]
    return result


@njit(cache=True, nogil=True)
def counts_of_subsets(
    weights: Floats,
    place: Ints,
    gate: Floats,
    passes: Floats,
    by_slot: Floats,
    profile: Floats,
    rate: Floats,
    notice: Floats,
    share: Floats,
    asked: Ints,
    inspections: Ints,
    detections: Ints,
) -> Floats:
    """(2^n, A, K) acts that all children of the bits of the index notice.

    weights: (N, A, J, S) hours that count for sets of inspections; place: (2^i, K) which of them
    holds, -1 for none. gate: (1 + d, J) of the act and of the detections; by_slot: (d, S) of the
    detections. passes: (J or 1, A, 2^d) chance of the marks. profile: (K, S). rate: (A, K) acts per
    hour at profile 1. notice: (n, A, K). share: (n, A, K) of persons who carry what a child looks
    for. asked: (n,) bits of earlier children that look for the same: it is asked for once.
    inspections, detections: (i,) and (d,) places of the children.
    """
    level = _level(rate, notice, share, asked)
    visited, watched = _bits(inspections), _bits(detections)
    areas, kinds = rate.shape
    sets, states, hours = len(weights), gate.shape[1], weights.shape[3]
    result = np.zeros_like(level)
    opened, slots = np.empty((len(watched), states)), np.empty((len(watched), hours))
    row, counts = np.empty(hours), np.empty((sets, kinds))
    for area in range(areas):
        _gates(area, gate, passes, by_slot, opened, slots)
        for some in range(len(watched)):
            for number in range(sets):
                for slot in range(hours):
                    row[slot] = opened[some, 0] * weights[number, area, 0, slot]
                for state in range(1, states):
                    for slot in range(hours):
                        row[slot] += opened[some, state] * weights[number, area, state, slot]
                for slot in range(hours):
                    row[slot] *= slots[some, slot]
                for kind in range(kinds):
                    counts[number, kind] = _sum_of_products(row, profile[kind])
            for chosen in range(len(visited)):
                bits = visited[chosen] + watched[some]
                for kind in range(kinds):
                    number = place[chosen, kind]
                    if number >= 0:
                        result[bits, area, kind] = counts[number, kind] * level[bits, area, kind]
    return result


@njit(cache=True, nogil=True)
def _add_products(one: Floats, other: Floats, into: Floats) -> None:
    """Add to (24,) the products of two tables (days, 24), summed in the order of the days."""
    days, hours = one.shape
    fours = days - days % 4  # four days for each time that a sum is fetched and put back
    for day in range(0, fours, 4):
        a, b, c, d = one[day], one[day + 1], one[day + 2], one[day + 3]
        p, q, r, s = other[day], other[day + 1], other[day + 2], other[day + 3]
        for hour in range(hours):
            total = into[hour] + a[hour] * p[hour]
            total += b[hour] * q[hour]
            total += c[hour] * r[hour]
            into[hour] = total + d[hour] * s[hour]
    for day in range(fours, days):
        a, p = one[day], other[day]
        for hour in range(hours):
            into[hour] += a[hour] * p[hour]


@njit(cache=True, nogil=True)
def _found(chance: Floats, which: Ints) -> Floats:
    """(R, K, 24) products of chances (P, K, 24); which: (R, n) of them, -1 for no more."""
    result = np.empty((len(which), *chance.shape[1:]))
    for row in range(len(which)):
        result[row] = chance[which[row, 0]]
        for other in which[row, 1:]:
            if other >= 0:
                result[row] *= chance[other]
    return result


@njit(cache=True, nogil=True)
def hours_of_sets(
    hours: Floats,
    factor: Floats,
    month: Ints,
    working: int,
    chance: Floats,
    which: Ints,
    number: Ints,
    inside: Bools,
) -> Floats:
    """(N, A, S) hours that count for sets of finders, each with the chance that all of them find.

    hours: (A, K, 24) by kind of day, of which the first `working` are working days; month: (K,) of
    each, and factor: (A, M); areas may have one row in common of either. chance: (P, K,
    24) that the finders of some visits find. Of R products, which: (R, n) chances, -1 for no more;
    number: (R,) of the set; inside: (R, A) areas where it is that one.
    """
    areas, (rows, kinds, day) = inside.shape[1], hours.shape
    found = _found(chance, which)
    result = np.zeros((number[-1] + 1, areas, 2 * day))
    if rows == 1:
        _common(hours[0], factor, month, working, found, number, inside, result)
        return result
    supply = np.empty((kinds, day))
    for area in range(areas):
        share = factor[min(area, len(factor) - 1)]
        for kind in range(kinds):
            own, scaled = hours[area, kind], supply[kind]
            for hour in range(day):
                scaled[hour] = own[hour] * share[month[kind]]
        for row in range(len(which)):
            if inside[row, area]:
                total = result[number[row], area]
                _add_products(supply[:working], found[row, :working], total[:day])
                _add_products(supply[working:], found[row, working:], total[day:])
    return result


@njit(cache=True, nogil=True)
def _common(
    hours: Floats,
    factor: Floats,
    month: Ints,
    working: int,
    found: Floats,
    number: Ints,
    inside: Bools,
    into: Floats,
) -> None:
    """As `hours_of_sets`, where all areas have the hours (K, 24): summed by month first."""
    kinds, day = hours.shape
    total = np.empty((factor.shape[1], 2 * day))
    for row in range(len(found)):
        total[:] = 0.0
        for kind in range(kinds):
            slot = 0 if kind < working else day
            own, one, other = total[month[kind], slot : slot + day], hours[kind], found[row, kind]
            for hour in range(day):
                own[hour] += one[hour] * other[hour]
        for area in range(inside.shape[1]):
            if inside[row, area]:
                own, share = into[number[row], area], factor[min(area, len(factor) - 1)]
                for some in range(len(total)):
                    for hour in range(2 * day):
                        own[hour] += share[some] * total[some, hour]


@njit(cache=True, nogil=True)
def of_groups(values: Floats, kind: Ints, persons: Floats) -> Floats:
    """(N, A, G) counts of all persons (A, G), from those of one of each kind (N, A, K)."""
    number, areas, _ = values.shape
    result = np.empty((number, areas, len(kind)))
    for some in range(number):
        for area in range(areas):
            for group in range(len(kind)):
                result[some, area, group] = values[some, area, kind[group]] * persons[area, group]
    return result


@njit(cache=True, nogil=True)
def exactly(noticed: Floats) -> Floats:
    """Acts noticed by exactly a subset, from those noticed by all of it: Moebius inversion."""
    result = noticed.copy()
    subsets, areas, kinds = noticed.shape
    bit = 1
    while bit < subsets:
        for subset in range(subsets):
            if subset & bit == 0:
                for area in range(areas):
                    for kind in range(kinds):
                        result[subset, area, kind] -= result[subset + bit, area, kind]
        bit *= 2
    for subset in range(subsets):
        for area in range(areas):
            for kind in range(kinds):
                if result[subset, area, kind] < 0.0:
                    result[subset, area, kind] = 0.0
    return result
