"""Kernels of what visits find of the acts of a year: which acts, and by which visit.

As in :mod:`sousveil.engine.sampled.kernels.yearly`, functions within loops are given arrays alone.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Halves, Ints, Thresholds, Words
from sousveil.engine.sampled.kernels.asked import Seek, Times
from sousveil.engine.sampled.kernels.lanes import rank
from sousveil.engine.sampled.kernels.yearly import BLOCKS, ITEMS, draw, hour_of, lane_of, queue
from sousveil.philox import Whole, philox_block

_CERTAIN = np.uint64(1 << 32)
_PICK, _TRACE = np.uint32(0), np.uint32(1)
_ONE, _WORD = np.uintp(1), np.uint64(1)


@njit(cache=True)
def count_between(
    words: Words, first: Whole, last: Whole, low: np.uint32, most: np.uint32
) -> Whole:
    """How many of the words from `first` to before `last` lie up to `most` above `low`."""
    met = np.uint32(0)
    for visit in range(np.uint64(first), np.uint64(last)):  # unsigned, so that it vectorises
        met = np.uint32(met + np.uint32(np.uint32(words[visit] - low) <= most))
    return np.int64(met)


@njit(cache=True)
def moment(
    words: Words, first: Whole, last: Whole, low: np.uint32, most: np.uint32, needed: Whole
) -> np.uint32:
    """Of these words the needed-th; equal ones count together."""
    begin, one, last_of = np.uint32(0), np.uint64(first), np.uint64(last)
    while True:
        following, equal = most, np.uint32(0)
        for visit in range(one, last_of):
            word = np.uint32(words[visit] - low)
            word = word if word >= begin else most
            following = word if word < following else following
        if needed <= 1:  # there is one, so that nobody need count
            return np.uint32(low + following)
        for visit in range(one, last_of):
            equal = np.uint32(equal + np.uint32(np.uint32(words[visit] - low) == following))
        needed -= np.int64(equal)
        if needed <= 0 or following == most:
            return np.uint32(low + following)
        begin = np.uint32(following + np.uint32(1))


@njit(inline="always")
def finds(met: Whole, width: np.uint64, find: Thresholds, word: Whole) -> Whole:
    """1 where so many visits within so many words find an act by its word, else 0."""
    enough = np.int64(np.uint64(word) < find[min(met, find.size - 1)])
    return enough & np.int64(width != np.uint64(0))


@njit(cache=True, nogil=True)
def _able(
    starts: Ints, limits: Thresholds, m: Whole, who: Words, where: Ints, words: Words, able: Words
) -> Whole:
    """Acts of m blocks whose word is low enough: (4, acts) entity, place, word, its counter."""
    n = 0
    for c in range(m):
        own = np.uintp(where[0, c])
        limit, left, first = limits[own], starts[own + _ONE] - where[1, c], 4 * who[1, c]
        for lane in range(ITEMS):  # a sum instead of a branch, which no processor could guess
            at = np.uintp(n)
            able[0, at] = own
            able[1, at] = np.uint32(first + lane)
            able[2, at] = words[lane, c]
            able[3, at] = who[0, c]
            n += np.int64(np.uint64(words[lane, c]) < limit) & np.int64(lane < left)
    return n


@njit(cache=True, nogil=True)
def _traced(
    key: Words, stream: np.uint32, trace: np.uint64, n: Whole, able: Words, drawn: Words
) -> Whole:
    """Those of n acts that left something; returns how many."""
    left = 0
    for c in range(n):
        w0, _, _, _ = philox_block(able[3, c], able[1, c], stream, _TRACE, key[0], key[1])
        drawn[c] = w0
    for c in range(n):
        for row in range(4):
            able[row, np.uintp(left)] = able[row, c]
        left += np.int64(np.uint64(drawn[c]) < trace)
    return left


@njit(cache=True, nogil=True)
def _known(starts: Ints, hour: Halves, kept: Bits, n: Whole, able: Words, hours: Ints) -> Whole:
    """Those of n acts that were done, with their hours; returns how many."""
    left = 0
    for c in range(n):
        act = np.uintp(starts[np.uintp(able[0, c])] + np.int64(able[1, c]))
        for row in range(4):
            able[row, np.uintp(left)] = able[row, c]
        hours[np.uintp(left)] = hour[act]
        left += np.int64(kept[act])
    return left


@njit(cache=True, nogil=True)
def _place(times: Times, n: Whole, able: Words, drawn: Words, hours: Ints) -> None:
    """The hours of n acts."""
    row, shapes = times.row, times.moments.shape
    cuts, guide = times.moments.cuts, times.moments.guide
    k0, k1, stream, page = times.key[0], times.key[1], times.stream, times.pages[0]
    for c in range(n):
        four = philox_block(able[3, c], able[1, c] >> np.uint32(2), stream, page, k0, k1)
        drawn[c] = lane_of(four, able[1, c] & np.uint32(3))
    for c in range(n):
        shape = shapes[np.uintp(row[np.uintp(able[0, c])])]
        hours[c] = hour_of(guide, cuts, shape, drawn[c])


@njit(cache=True, nogil=True)
def _mark(
    words: Words, first: Whole, last: Whole, cuts: Thresholds, span: Whole, near: Bits, mark: Whole
) -> None:
    """Mark the hours from which on a visit is less than `span` hours away."""
    for visit in range(first, last):
        then = rank(cuts, 0, cuts.size, words[visit]) - 1
        for hour in range(max(then - span + 1, 0), then + 1):
            near[hour] = mark


@njit(cache=True, nogil=True)
def _worded(
    key: Words, stream: np.uint32, limits: Thresholds, n: Whole, able: Words, drawn: Words
) -> Whole:
    """Those of n acts whose word is low enough; returns how many."""
    left = 0
    for c in range(n):
        four = philox_block(able[3, c], able[1, c] >> np.uint32(2), stream, _PICK, key[0], key[1])
        drawn[c] = lane_of(four, able[1, c] & np.uint32(3))
    for c in range(n):
        able[2, c] = drawn[c]
        for row in range(4):
            able[row, np.uintp(left)] = able[row, c]
        left += np.int64(np.uint64(drawn[c]) < limits[np.uintp(able[0, c])])
    return left


@njit(cache=True, nogil=True)
def _near(seek: Seek, at: Ints, near: Bits, able: Words) -> Whole:
    """Note the next acts that were done with a visit in their findable time; returns how many.

    at: (3,) entity and place of the act to begin with, and the holder whose visits are marked in
    near, (H + 1,); moved on.
    """
    entity, starts, limits, hour, kept = (
        seek.items.entity, seek.items.starts, seek.limit, seek.hour, seek.kept,
    )  # fmt: skip
    holder, visits, firsts, cuts, span = (
        seek.holder, seek.words, seek.starts, seek.cuts, seek.findable_hours,
    )  # fmt: skip
    i, number, marked, n = at[0], at[1], at[2], 0
    while i < entity.size and n < 4 * BLOCKS:
        begin, end = starts[i], starts[i + 1]
        if limits[i] > 0:
            own = holder[i]
            if own != marked:
                if marked >= 0:
                    _mark(visits, firsts[marked], firsts[marked + 1], cuts, span, near, 0)
                _mark(visits, firsts[own], firsts[own + 1], cuts, span, near, 1)
                marked = own
            stop = min(end, begin + number + 4 * BLOCKS - n)
            for act in range(np.uintp(begin + number), np.uintp(stop)):
                able[0, np.uintp(n)] = i
                able[1, np.uintp(n)] = act - np.uintp(begin)
                n += np.int64(near[np.uintp(hour[act])] & kept[act])
            number = stop - begin
            if stop < end:
                break
        i, number = i + 1, 0
    for c in range(n):
        able[3, c] = entity[np.uintp(able[0, c])]
    at[0] = i
    at[1] = number
    at[2] = marked
    return n


@njit(inline="always")
def _span(
    holder: Ints, person: Whole, cuts: Thresholds, hour: Whole, span: Whole
) -> tuple[Whole, np.uint64, np.uint64]:
    """To whom the visits to a person go, and the words that visits within the hours have."""
    last = np.uintp(min(hour + span, cuts.size - 1))
    return np.uintp(holder[np.uintp(person)]), cuts[np.uintp(hour)], cuts[last]


@njit(cache=True, nogil=True)
def fill_sought(seek: Seek, person: Words, number: Words, word: Words) -> Whole:
    """Write the acts that visits find: entity, place, word of the visit; returns how many.

    Whether an act was done near a visit is asked first where hours are known and few are near one;
    else its word is. Both must hold, so that the order changes nothing.
    """
    who, where = np.empty((2, BLOCKS), np.uint32), np.empty((2, BLOCKS), np.int64)
    words, able = np.empty((4, BLOCKS), np.uint32), np.empty((4, 4 * BLOCKS + 1), np.uint32)
    hours, drawn = np.empty(4 * BLOCKS + 1, np.int64), np.empty(4 * BLOCKS, np.uint32)
    n, at, items, limit = 0, np.array([0, 0, -1]), seek.items, seek.limit
    entity, starts, hour, kept, find = items.entity, items.starts, seek.hour, seek.kept, seek.find
    visits, firsts, holder, cuts = seek.words, seek.starts, seek.holder, seek.cuts
    rarely, span = visits.size * seek.findable_hours < hour.size, seek.findable_hours
    which, meets = np.empty((2, 4 * BLOCKS + 1), np.int64)
    near = np.zeros(cuts.size, np.uint8)
    while at[0] < entity.size:
        if rarely:
            left = _near(seek, at, near, able)
            left = _worded(items.key, items.stream, limit, left, able, drawn)
        else:
            m = queue(entity, starts, limit, at, who, where)
            draw(items.key, items.stream, items.page, m, who, words)
            left = _able(starts, limit, m, who, where, words, able)
        if seek.trace < _CERTAIN:
            left = _traced(items.key, items.stream, seek.trace, left, able, drawn)
        if hour.size > 0:
            left = _known(starts, hour, kept, left, able, hours)
        else:
            _place(seek.times, left, able, drawn, hours)
        found = 0
        for c in range(left):
            own, low, high = _span(holder, able[0, c], cuts, hours[c], span)
            first, last, most = firsts[own], firsts[own + _ONE], np.uint32(high - low - _WORD)
            met = count_between(visits, first, last, np.uint32(low), most)
            which[np.uintp(found)] = c
            meets[np.uintp(found)] = met
            found += finds(met, np.uint64(high - low), find, able[2, c])
        for k in range(found):
            c = np.uintp(which[k])
            own, low, high = _span(holder, able[0, c], cuts, hours[c], span)
            first, last, most = firsts[own], firsts[own + _ONE], np.uint32(high - low - _WORD)
            needed = rank(find, 0, min(meets[k], find.size - 1), able[2, c])
            person[n] = able[0, c]
            number[n] = able[1, c]
            word[n] = moment(visits, first, last, np.uint32(low), most, needed)
            n += 1
    return n
