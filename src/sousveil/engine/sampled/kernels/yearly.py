"""Kernels of the year: how many items an entity has, their words, and their hours when asked.

Kernels take their arrays out of the records at once, and functions within loops are given arrays
alone: of a record that enters a branch the compiler counts every array, each time.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Halves, Ints, Thresholds, Words
from sousveil.engine.sampled.kernels.asked import (
    CELL_BITS,
    GUIDE_BITS,
    Items,
    Numbers,
    Times,
)
from sousveil.engine.sampled.kernels.philox import Four, Whole, philox_block

_GUIDE_SHIFT = np.uint32(32 - GUIDE_BITS)
_CELL_SHIFT = np.uint32(32 - CELL_BITS)
BLOCKS = 512
"""Entities or blocks whose words are drawn in one go, so that they stay in cache."""
ITEMS = 4
_NEVER = np.uint32((1 << 32) - 1)
"""The lowest cut of a distribution of a single count."""
_ALL = np.empty(0, np.uint64)


@njit(cache=True)
def number_of(
    first: Ints, offset: Ints, cuts: Words, guide: Halves, place: Whole, word: Whole
) -> Whole:
    """A count by its word: one distribution of many."""
    low, high = offset[place], offset[place + 1]
    at = low + np.int64(guide[place, word >> _CELL_SHIFT])
    at += np.int64(word >= cuts[at]) & np.int64(at < high)  # no branch: that would be guessed
    at += np.int64(word >= cuts[at]) & np.int64(at < high)
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


@njit(cache=True, nogil=True)
def fill_numbers(ask: Numbers, out: Ints) -> None:
    """Write how many items every entity has."""
    k0, k1, stream, page = ask.key[0], ask.key[1], ask.stream, ask.page
    entity, row, distribution = ask.entity, ask.row, ask.distribution
    first, offset, cuts = ask.counts.first, ask.counts.offset, ask.counts.cuts
    lowest, guide, lane = ask.counts.lowest, ask.counts.guide, ask.lane
    words, places = np.empty((4, BLOCKS), np.uint32), np.empty(BLOCKS, np.int64)
    more = np.empty(BLOCKS, np.int64)
    for start in range(0, entity.size, BLOCKS):
        size, least = min(BLOCKS, entity.size - start), _NEVER
        for c in range(size):
            place = distribution[row[start + c]]
            places[c] = place
            out[start + c] = first[place]
            least = min(least, lowest[place])
        if least == _NEVER:
            continue  # nobody here can have more than the first count
        for c in range(size):  # a loop of its own, because it vectorises
            w0, w1, w2, w3 = philox_block(entity[start + c], np.uint32(0), stream, page, k0, k1)
            words[0, c] = w0
            words[1, c] = w1
            words[2, c] = w2
            words[3, c] = w3
        m = 0
        for c in range(size):  # a sum instead of a branch, which no processor could guess
            more[m] = c
            m += np.int64(words[lane, c] >= lowest[places[c]])
        for k in range(m):
            c = more[k]
            out[start + c] = number_of(first, offset, cuts, guide, places[c], words[lane, c])


@njit(cache=True, nogil=True)
def queue(
    entity: Words, starts: Ints, limits: Thresholds, at: Ints, who: Words, where: Ints
) -> Whole:
    """Note the next blocks that are to be drawn; returns how many.

    limits: (n,) of the words of each entity, 0 where nobody asks for them; empty where all do. at:
    (2,) entity and block to begin with, moved on. who: (2, blocks) entity and event. where: (2,
    blocks) position of the entity, first item.
    """
    m, i, quad, size, choosy = 0, at[0], at[1], entity.size, limits.size > 0
    while i < size and m < BLOCKS:
        begin = starts[i]
        blocks = (starts[i + 1] - begin + 3) >> 2
        if choosy and limits[i] == 0:
            blocks = 0
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
def draw(
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
        m = queue(entity, starts, _ALL, at, who, where)
        draw(items.key, items.stream, items.page, m, who, words)
        for c in range(m):
            first, left = where[1, c], starts[where[0, c] + 1] - where[1, c]
            if left >= ITEMS:
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
        m = queue(entity, starts, limit, at, who, where)
        draw(items.key, items.stream, items.page, m, who, words)
        for c in range(m):
            own = limit[where[0, c]]
            least = min(min(words[0, c], words[1, c]), min(words[2, c], words[3, c]))
            if np.uint64(least) < own:
                for lane in range(min(ITEMS, starts[where[0, c] + 1] - where[1, c])):
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
        m = queue(entity, starts, _ALL, at, who, where)
        draw(times.key, times.stream, times.pages[0], m, who, words)
        if not free:
            draw(times.key, times.stream, times.pages[1], m, who, power)
        for c in range(m):
            own, first = where[0, c], where[1, c]
            shape = shapes[row[own]]
            for lane in range(min(ITEMS, starts[own + 1] - first)):
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
        draw(times.key, times.stream, times.pages[0], size, who, words)
        if not free:
            draw(times.key, times.stream, times.pages[1], size, who, power)
        for c in range(size):
            own, lane = position[first + c], number[first + c] & np.uint32(3)
            then = hour_of(guide, cuts, shapes[row[own]], words[lane, c])
            stays = True
            if not free:
                stays = np.uint64(power[lane, c]) < chances[supply[feeder[own], then]]
            hour[first + c] = then
            kept[first + c] = stays
