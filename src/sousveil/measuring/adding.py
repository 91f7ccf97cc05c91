"""The numbers of a table, compiled: a member has some thousand rows in every branch."""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Bools, Floats, Ints

ALONE = -1
"""The divisor of a plain total."""
FLAGGED, AFFECTED = range(2)
"""How a count is made of others."""
VALUE, RATIO, CHANGE, MEAN = range(4)
"""What a result may be that is one number."""
ROUNDING = 1e-12
"""A change below it is the order in which sums were added."""


@njit(cache=True, nogil=True)
def make(
    rule: Ints,
    start: Ints,
    part: Ints,
    residents: Floats,
    peopled: bool,
    row: Ints,
    fresh: Floats,
    old: Floats,
    first: int,
) -> int:
    """Make counts (M) of others; gives the first row that is not written.

    rule: (M,); start: (M,) where the counts of which each is made begin in part: (P,). residents:
    (A * G,); peopled: whether they are the base's. row: (N + M,) where each count stands among
    fresh (.., A * G), or as -1 - its place among those of the base, old; for what is made, too, and
    written here: what the base has of the very same counts is its own.
    """
    size = len(row) - len(rule)
    for number in range(len(rule)):
        begin = start[number]
        end = start[number + 1] if number + 1 < len(start) else len(part)
        stale = row[size + number] >= 0 or (rule[number] == AFFECTED and not peopled)
        for place in range(begin, end):
            stale |= row[part[place]] >= 0
        if not stale:
            continue
        out, done = fresh[first], fresh[first]
        out[:] = 1.0 if rule[number] == FLAGGED else 0.0
        for place in range(begin, end):
            at = row[part[place]]
            count = fresh[at] if at >= 0 else old[-1 - at]
            if rule[number] == AFFECTED:
                out += count
            elif place == begin:
                done = count
            else:
                for cell in range(len(out)):
                    share = count[cell] / done[cell] if done[cell] > 0.0 else 0.0
                    out[cell] *= 1.0 - min(max(share, 0.0), 1.0)
        for cell in range(len(out)):
            if rule[number] == FLAGGED:
                out[cell] = done[cell] * (1.0 - out[cell])
            else:
                some = residents[cell]
                out[cell] = some * -np.expm1(-out[cell] / some) if some > 0.0 else 0.0
        row[size + number] = first
        first += 1
    return first


@njit(cache=True, nogil=True)
def add(
    start: Ints,
    part: Ints,
    weight: Floats,
    factor: Floats,
    row: Ints,
    table: Floats,
    alike: Ints,
    old_table: Floats,
    old_sums: Floats,
    out: Floats,
) -> None:
    """Write sums of weighed rows (S, C), in order; those of the base are taken over.

    start: (S,) first summand of each; part: (P,) what is added; weight: (P,); factor: (S,). row:
    where each thing that is added stands, in a table (N, C), or as -1 - its place in the base's
    table. alike: (S,) place among the base's sums (.., C), -1 for none.
    """
    for number in range(len(start)):
        first = start[number]
        stop = start[number + 1] if number + 1 < len(start) else len(part)
        stale = alike[number] < 0
        for place in range(first, stop):
            stale |= row[part[place]] >= 0
        if not stale:
            out[number] = old_sums[alike[number]]
            continue
        for place in range(first, stop):
            at, share = row[part[place]], weight[place]
            added = table[at] if at >= 0 else old_table[-1 - at]
            for cell in range(len(added)):
                if place == first:
                    out[number, cell] = added[cell] * share
                else:
                    out[number, cell] += added[cell] * share
        for cell in range(out.shape[1]):
            out[number, cell] *= factor[number]


@njit(cache=True, nogil=True)
def spreads(start: Ints, part: Ints, weight: Floats, factor: Floats, variance: Floats) -> Floats:
    """(S,) variances of such sums, from those of what is added: taken as independent."""
    result = np.zeros(len(start))
    for number in range(len(start)):
        stop = start[number + 1] if number + 1 < len(start) else len(part)
        for place in range(start[number], stop):
            result[number] += variance[part[place]] * weight[place] ** 2
        result[number] *= factor[number] ** 2
    return result


@njit(cache=True, nogil=True)
def chances(top: Ints, bottom: Ints, sums: Floats, variance: Floats) -> Floats:
    """(I,) standard deviations of items, the divisor taken as fixed.

    top, bottom: (I,) rows of the sums (.., C), the country first. variance: (I,) of what is
    divided.
    """
    result = np.empty(len(top))
    for item in range(len(top)):
        below = 1.0 if bottom[item] == ALONE else sums[bottom[item], 0]
        deviation = np.sqrt(variance[item]) if not variance[item] < 0.0 else 0.0
        result[item] = deviation / below if below != 0.0 else np.nan
    return result


@njit(cache=True, nogil=True)
def singles(
    kind: Ints, constant: Floats, first: Ints, above: Ints, below: Ints, sums: Floats
) -> Floats:
    """(K,) results that are one number, from ratios of sums (S, C) over the whole country.

    kind: (K,) what each is; constant: (K,) the number of a value; first: (K + 1,) where the ratios
    of each begin; above, below: the sums that these are made of.
    """
    ratio = np.empty(len(above))
    for place in range(len(above)):
        whole = sums[below[place], 0]
        ratio[place] = sums[above[place], 0] / whole if whole > 0.0 else np.nan
    result = np.empty(len(kind))
    for single in range(len(kind)):
        start, stop, found = first[single], first[single + 1], np.nan
        if kind[single] == VALUE:
            found = constant[single]
        elif kind[single] == RATIO:
            found = ratio[start]
        elif kind[single] == CHANGE and ratio[start + 1] > 0.0:
            found = ratio[start] / ratio[start + 1] - 1.0
            found = 0.0 if abs(found) < ROUNDING else found
        elif kind[single] == MEAN and stop > start:
            found = ratio[start:stop].sum() / (stop - start)
        result[single] = found if np.isfinite(found) else np.nan
    return result


@njit(cache=True, nogil=True, error_model="numpy")
def fill(
    item: Ints,
    cell: Ints,
    against: Bools,
    people: Ints,
    top: Ints,
    bottom: Ints,
    sums: Floats,
    chance: Floats,
    single: Floats,
    stands_for: Floats,
) -> Floats:
    """(5, R) columns of numbers: numerator, denominator, value, deviation, people behind a row.

    item: (R,) what each row is of, or -1 - its place among single numbers (2, ..), with their
    deviations; cell: (R,) of sums (.., C), the country first; against: (R,) whether a group is
    held against everybody else; people: (R,) cell behind it, -1 for none. top, bottom: (I,) sums of
    every item; chance: (I,) its deviation in the country; stands_for: people of all cells.
    """
    result = np.full((5, len(item)), np.nan)
    for row in range(len(item)):
        which, at = item[row], cell[row]
        result[4, row] = stands_for[people[row]] if people[row] >= 0 else 0.0
        if which < 0:
            result[2, row] = single[0, -1 - which]
            result[3, row] = single[1, -1 - which]
            continue
        inside = sums[top[which], at]
        if against[row]:
            outside = sums[top[which], 0] - inside
            within, others = result[4, row], stands_for[0] - result[4, row]
            if within > 0.0 and others > 0.0 and outside > 0.0:
                found = (inside / within) / (outside / others)
                result[2, row] = found if np.isfinite(found) else np.nan
            continue
        result[0, row] = inside
        if bottom[which] == ALONE:
            result[2, row] = inside
        else:
            below = sums[bottom[which], at]
            result[1, row] = below
            if below != 0.0:
                result[2, row] = inside / below
        if at == 0:
            result[3, row] = chance[which]
    return result
