"""Kernels of the year: how many items an entity has, their words, and their hours when asked.

Kernels take their arrays out of the records at once, and functions within loops are given arrays
alone: of a record that enters a branch the compiler counts every array, each time.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Halves, Ints, Thresholds, Words
from sousveil.engine.kernels.asked import (
    CELL_BITS,
    GUIDE_BITS,
    Items,
    Numbers,
    Seek,
    Times,
)
from sousveil.engine.kernels.philox import Four, Whole, philox_block, rank

_GUIDE_SHIFT = np.uint32(32 - GUIDE_BITS)
_CELL_SHIFT = np.uint32(32 - CELL_BITS)
BLOCKS = 512
"""Entities or blocks whose words are drawn in one go, so that they stay in cache."""
_ITEMS = 4
_CERTAIN = np.uint64(1 << 32)


@njit(cache=True)
def number_of(
    first: Ints, offset: Ints, cuts: Words, guide: Halves, place: Whole, word: Whole
) -> Whole:
    """A count by its word: one distribution of many."""
    low, high = offset[place], offset[place + 1]
    at = low + np.int64(guide[place, word >> _CELL_SHIFT])
    while at < high and word >= cuts[at]:
        at += 1
    return first[place] + at - low


@njit(inline="always")
def lane_of(four: Four, lane: Whole) -> np.uint32:
    """One word of a block."""
    low = four[0] if lane == 0 else four[1]
    high = four[2] if lane == 2 else four[3]
    return low if lane < 2 else high


@njit(cache=True)
def hour_of(guide: Halves, cuts: Thresholds, shape: Whole, word: Whole) -> Whole:
    """The hour in which a word falls."""
    hour = np.int64(guide[shape, word >> _GUIDE_SHIFT])
    hour += np.int64(cuts[shape, hour + 1] <= np.uint64(word))  # no branch: that would be guessed
    hour += np.int64(cuts[shape, hour + 1] <= np.uint64(word))
    while cuts[shape, hour + 1] <= np.uint64(word):
        hour += 1
    return hour


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
def fill_numbers(ask: Numbers, out: Ints) -> None:
    """Write how many items every entity has."""
    k0, k1, stream, page = ask.key[0], ask.key[1], ask.stream, ask.page
    entity, row, distribution = ask.entity, ask.row, ask.distribution
    first, offset, cuts = ask.counts.first, ask.counts.offset, ask.counts.cuts
    lowest, guide, lane = ask.counts.lowest, ask.counts.guide, ask.lane
    words = np.empty((4, BLOCKS), np.uint32)
    for start in range(0, entity.size, BLOCKS):
        size = min(BLOCKS, entity.size - start)
        for c in range(size):  # a loop of its own, because it vectorises
            w0, w1, w2, w3 = philox_block(entity[start + c], np.uint32(0), stream, page, k0, k1)
            words[0, c] = w0
            words[1, c] = w1
            words[2, c] = w2
            words[3, c] = w3
        for c in range(size):
            place, word = distribution[row[start + c]], words[lane, c]
            if word < lowest[place]:
                out[start + c] = first[place]
            else:
                out[start + c] = number_of(first, offset, cuts, guide, place, word)


@njit(cache=True, nogil=True)
def _queue(entity: Words, starts: Ints, at: Ints, who: Words, where: Ints) -> Whole:
    """Note the next blocks that are to be drawn; returns how many.

    at: (2,) entity and block to begin with, moved on. who: (2, blocks) entity and event. where: (2,
    blocks) position of the entity, first item.
    """
    m, i, quad, size = 0, at[0], at[1], entity.size
    while i < size and m < BLOCKS:
        begin = starts[i]
        blocks = (starts[i + 1] - begin + 3) >> 2
        while quad < blocks and m < BLOCKS:
            who[0, m] = entity[i]
            who[1, m] = quad
            where[0, m] = i
            where[1, m] = begin + 4 * quad
            m += 1
            quad += 1
        if quad >= blocks:
            i += 1
            quad = 0
    at[0] = i
    at[1] = quad
    return m


@njit(cache=True, nogil=True)
def _draw(
    key: Words, stream: np.uint32, page: np.uint32, m: Whole, who: Words, words: Words
) -> None:
    """The words of some blocks, (4, m); it vectorises."""
    k0, k1 = key[0], key[1]
    for c in range(m):
        w0, w1, w2, w3 = philox_block(who[0, c], who[1, c], stream, page, k0, k1)
        words[0, c] = w0
        words[1, c] = w1
        words[2, c] = w2
        words[3, c] = w3


@njit(cache=True, nogil=True)
def fill_items(items: Items, out: Words) -> None:
    """Write the words of all items of a page."""
    who, where = np.empty((2, BLOCKS), np.uint32), np.empty((2, BLOCKS), np.int64)
    words, at = np.empty((4, BLOCKS), np.uint32), np.zeros(2, np.int64)
    entity, starts = items.entity, items.starts
    while at[0] < entity.size:
        m = _queue(entity, starts, at, who, where)
        _draw(items.key, items.stream, items.page, m, who, words)
        for c in range(m):
            first, left = where[1, c], starts[where[0, c] + 1] - where[1, c]
            if left >= _ITEMS:
                out[first] = words[0, c]
                out[first + 1] = words[1, c]
                out[first + 2] = words[2, c]
                out[first + 3] = words[3, c]
            else:
                for lane in range(left):
                    out[first + lane] = words[lane, c]


@njit(cache=True, nogil=True)
def fill_picked(
    items: Items, limit: Thresholds, person: Words, number: Words, word: Words
) -> Whole:
    """Write the items whose word lies below the limit of their entity; returns how many.

    person, number, word: room for all items and one more.
    """
    who, where = np.empty((2, BLOCKS), np.uint32), np.empty((2, BLOCKS), np.int64)
    words, at, n = np.empty((4, BLOCKS), np.uint32), np.zeros(2, np.int64), 0
    entity, starts = items.entity, items.starts
    while at[0] < entity.size:
        m = _queue(entity, starts, at, who, where)
        _draw(items.key, items.stream, items.page, m, who, words)
        for c in range(m):
            own = limit[where[0, c]]
            least = min(min(words[0, c], words[1, c]), min(words[2, c], words[3, c]))
            if np.uint64(least) < own:
                for lane in range(min(_ITEMS, starts[where[0, c] + 1] - where[1, c])):
                    person[n] = where[0, c]
                    number[n] = np.uint32(4 * who[1, c] + lane)
                    word[n] = words[lane, c]
                    n += np.int64(np.uint64(words[lane, c]) < own)
    return n


@njit(cache=True, nogil=True)
def fill_placed(times: Times, starts: Ints, hour: Halves, kept: Bits, counts: Ints) -> None:
    """Write the hour of every item, and 1 where it finds power; counts: (n,) that do."""
    who, where = np.empty((2, BLOCKS), np.uint32), np.empty((2, BLOCKS), np.int64)
    words, power = np.empty((4, BLOCKS), np.uint32), np.zeros((4, BLOCKS), np.uint32)
    entity, row, feeder, at = times.entity, times.row, times.feeder, np.zeros(2, np.int64)
    shapes, cuts, guide = times.moments.shape, times.moments.cuts, times.moments.guide
    chances, supply = times.chances, times.supply
    free = supply.shape[0] == 0
    while at[0] < entity.size:
        m = _queue(entity, starts, at, who, where)
        _draw(times.key, times.stream, times.pages[0], m, who, words)
        if not free:
            _draw(times.key, times.stream, times.pages[1], m, who, power)
        for c in range(m):
            own, first = where[0, c], where[1, c]
            shape = shapes[row[own]]
            for lane in range(min(_ITEMS, starts[own + 1] - first)):
                then, stays = hour_of(guide, cuts, shape, words[lane, c]), np.int64(1)
                if not free:
                    supplied = supply[feeder[own], then]
                    stays = np.int64(np.uint64(power[lane, c]) < chances[supplied])
                hour[first + lane] = then
                kept[first + lane] = stays
                counts[own] += stays


@njit(cache=True, nogil=True)
def fill_hours(times: Times, position: Words, number: Words, hour: Halves, kept: Bits) -> None:
    """The same of some items alone: entity and place of each."""
    who, words = np.empty((2, BLOCKS), np.uint32), np.empty((4, BLOCKS), np.uint32)
    power = np.zeros((4, BLOCKS), np.uint32)
    entity, row, feeder = times.entity, times.row, times.feeder
    shapes, cuts, guide = times.moments.shape, times.moments.cuts, times.moments.guide
    chances, supply = times.chances, times.supply
    free = supply.shape[0] == 0
    for first in range(0, number.size, BLOCKS):
        size = min(BLOCKS, number.size - first)
        for c in range(size):  # apart from the words, because those vectorise
            who[0, c] = entity[position[first + c]]
            who[1, c] = number[first + c] >> np.uint32(2)
        _draw(times.key, times.stream, times.pages[0], size, who, words)
        if not free:
            _draw(times.key, times.stream, times.pages[1], size, who, power)
        for c in range(size):
            own, lane = position[first + c], number[first + c] & np.uint32(3)
            then = hour_of(guide, cuts, shapes[row[own]], words[lane, c])
            stays = True
            if not free:
                stays = np.uint64(power[lane, c]) < chances[supply[feeder[own], then]]
            hour[first + c] = then
            kept[first + c] = stays


@njit(cache=True, nogil=True)
def _able(
    starts: Ints, limits: Thresholds, m: Whole, who: Words, where: Ints, words: Words, able: Words
) -> Whole:
    """Acts of m blocks whose word is low enough: (4, acts) entity, place, word, its counter."""
    n = 0
    for c in range(m):
        own = where[0, c]
        limit = limits[own]
        for lane in range(min(_ITEMS, starts[own + 1] - where[1, c])):
            able[0, n] = own
            able[1, n] = np.uint32(4 * who[1, c] + lane)
            able[2, n] = words[lane, c]
            able[3, n] = who[0, c]
            n += np.int64(np.uint64(words[lane, c]) < limit)
    return n


@njit(cache=True, nogil=True)
def _traced(
    key: Words, stream: np.uint32, trace: np.uint64, n: Whole, able: Words, drawn: Words
) -> Whole:
    """Those of n acts that left something; returns how many."""
    left = 0
    for c in range(n):
        w0, _, _, _ = philox_block(able[3, c], able[1, c], stream, np.uint32(1), key[0], key[1])
        drawn[c] = w0
    for c in range(n):
        for row in range(4):
            able[row, left] = able[row, c]
        left += np.int64(np.uint64(drawn[c]) < trace)
    return left


@njit(cache=True, nogil=True)
def _known(starts: Ints, hour: Halves, kept: Bits, n: Whole, able: Words, hours: Ints) -> Whole:
    """Those of n acts that were done, with their hours; returns how many."""
    left = 0
    for c in range(n):
        act = starts[able[0, c]] + np.int64(able[1, c])
        for row in range(4):
            able[row, left] = able[row, c]
        hours[left] = hour[act]
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
        hours[c] = hour_of(guide, cuts, shapes[row[able[0, c]]], drawn[c])


@njit(cache=True, nogil=True)
def fill_sought(seek: Seek, person: Words, number: Words, word: Words) -> Whole:
    """Write the acts that visits find: entity, place, word of the visit; returns how many."""
    who, where = np.empty((2, BLOCKS), np.uint32), np.empty((2, BLOCKS), np.int64)
    words, able = np.empty((4, BLOCKS), np.uint32), np.empty((4, 4 * BLOCKS + 1), np.uint32)
    hours, drawn = np.empty(4 * BLOCKS + 1, np.int64), np.empty(4 * BLOCKS, np.uint32)
    n, at, items, limit = 0, np.zeros(2, np.int64), seek.items, seek.limit
    entity, starts, hour, kept, find = items.entity, items.starts, seek.hour, seek.kept, seek.find
    visits, firsts, holder, cuts = seek.words, seek.starts, seek.holder, seek.cuts
    while at[0] < entity.size:
        m = _queue(entity, starts, at, who, where)
        _draw(items.key, items.stream, items.page, m, who, words)
        left = _able(starts, limit, m, who, where, words, able)
        if seek.trace < _CERTAIN:
            left = _traced(items.key, items.stream, seek.trace, left, able, drawn)
        if hour.size > 0:
            left = _known(starts, hour, kept, left, able, hours)
        else:
            _place(seek.times, left, able, drawn, hours)
        for c in range(left):
            own, begin = holder[able[0, c]], hours[c]
            low, high = cuts[begin], cuts[min(begin + seek.findable_hours, cuts.size - 1)]
            first, last, most = firsts[own], firsts[own + 1], np.uint32(high - low - np.uint64(1))
            met = count_between(visits, first, last, np.uint32(low), most)
            if finds(met, np.uint64(high - low), find, able[2, c]):
                needed = rank(find, 0, min(met, find.size - 1), able[2, c])
                person[n] = able[0, c]
                number[n] = able[1, c]
                word[n] = moment(visits, first, last, np.uint32(low), most, needed)
                n += 1
    return n
