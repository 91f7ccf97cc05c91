"""Kernels of the year: how many items an entity has, their words, and their hours when asked.

Kernels take their arrays out of the records at once, and functions within loops are given arrays
alone: of a record that enters a branch the compiler counts every array, each time. Places that a
loop reads at random are unsigned: of others the compiler asks whether they count from the end.
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
from sousveil.philox import Four, Whole, philox_block

_GUIDE_SHIFT = np.uint32(32 - GUIDE_BITS)
_CELL_SHIFT = np.uint32(32 - CELL_BITS)
BLOCKS = 512
"""Entities or blocks whose words are drawn in one go, so that they stay in cache."""
ITEMS = 4
_NEVER = np.uint32((1 << 32) - 1)
"""The lowest cut of a distribution of a single count."""
_ALL = np.empty(0, np.uint64)
_ONE = np.uintp(1)


@njit(cache=True)
def number_of(
    first: Ints, offset: Ints, cuts: Words, guide: Halves, place: Whole, word: Whole
) -> Whole:
    """A count by its word: one distribution of many."""
    own, cell = np.uintp(place), np.uintp(word >> _CELL_SHIFT)
    low, high = offset[own], offset[own + _ONE]
    at = low + np.int64(guide[own, cell])
    at += np.int64(word >= cuts[np.uintp(at)]) & np.int64(at < high)  # no branch: it is a guess
    at += np.int64(word >= cuts[np.uintp(at)]) & np.int64(at < high)
    while at < high and word >= cuts[np.uintp(at)]:
        at += 1
    return first[own] + at - low


@njit(inline="always")
def lane_of(four: Four, lane: Whole) -> np.uint32:
    """One word of a block."""
    low = four[0] if lane == 0 else four[1]
    high = four[2] if lane == 2 else four[3]
    return low if lane < 2 else high


@njit(cache=True)
def hour_of(guide: Halves, cuts: Thresholds, shape: Whole, word: Whole) -> Whole:
    """The hour in which a word falls."""
    own, high = np.uintp(shape), np.uint64(word)
    hour = np.uintp(guide[own, np.uintp(word >> _GUIDE_SHIFT)])
    hour = np.uintp(hour + np.uintp(cuts[own, hour + _ONE] <= high))  # no branch: it is a guess
    while cuts[own, hour + _ONE] <= high:
        hour = np.uintp(hour + _ONE)
    return np.int64(hour)


@njit(cache=True, nogil=True)
def fill_numbers(ask: Numbers, out: Ints) -> None:
    """Write how many items every entity has."""
    k0, k1, stream, page = ask.key[0], ask.key[1], ask.stream, ask.page
    entity, row, distribution = ask.entity, ask.row, ask.distribution
    first, offset, cuts = ask.counts.first, ask.counts.offset, ask.counts.cuts
    lowest, guide = ask.counts.lowest, ask.counts.guide
    words, places = np.empty((4, BLOCKS), np.uint32), np.empty(BLOCKS, np.uintp)
    more, mine = np.empty(BLOCKS, np.uintp), np.uintp(ask.lane)
    for start in range(0, entity.size, BLOCKS):
        size, least = min(BLOCKS, entity.size - start), _NEVER
        for c in range(size):
            place = np.uintp(distribution[np.uintp(row[start + c])])
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
            m += np.int64(words[mine, c] >= lowest[places[c]])
        for k in range(m):
            one = more[k]
            many = number_of(first, offset, cuts, guide, places[one], words[mine, one])
            out[np.uintp(start) + one] = many


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
    """Write the words of all items of a page. out: room for three more, as whole blocks go in."""
    who, where = np.empty((2, BLOCKS), np.uint32), np.empty((2, BLOCKS), np.int64)
    words, at = np.empty((4, BLOCKS), np.uint32), np.zeros(2, np.int64)
    entity, starts = items.entity, items.starts
    while at[0] < entity.size:
        m = queue(entity, starts, _ALL, at, who, where)
        draw(items.key, items.stream, items.page, m, who, words)
        for c in range(m):
            first = np.uintp(where[1, c])  # what is written beyond an entity, the next one mends
            for lane in range(ITEMS):
                out[first + np.uintp(lane)] = words[lane, c]


@njit(cache=True, nogil=True)
def fill_picked(
    items: Items, limit: Thresholds, person: Words, number: Words, word: Words
) -> Whole:
    """Write the items whose word lies below the limit of their entity; returns how many.

    person, number, word: room for all items and one more.
    """
    who, where = np.empty((2, BLOCKS), np.uint32), np.empty((2, BLOCKS), np.int64)
    words, at, n = np.empty((4, BLOCKS), np.uint32), np.zeros(2, np.int64), 0
    live, entity, starts = np.empty(BLOCKS, np.int64), items.entity, items.starts
    while at[0] < entity.size:
        m, k = queue(entity, starts, limit, at, who, where), 0
        draw(items.key, items.stream, items.page, m, who, words)
        for c in range(m):  # a sum instead of a branch, here and below: nobody could guess it
            least = min(min(words[0, c], words[1, c]), min(words[2, c], words[3, c]))
            live[k] = c
            k += np.int64(np.uint64(least) < limit[np.uintp(where[0, c])])
        for j in range(k):
            c = np.uintp(live[j])
            own = np.uintp(where[0, c])
            left, below, first = starts[own + _ONE] - where[1, c], limit[own], 4 * who[1, c]
            for lane in range(ITEMS):
                at_n = np.uintp(n)
                person[at_n] = own
                number[at_n] = np.uint32(first + lane)
                word[at_n] = words[lane, c]
                n += np.int64(np.uint64(words[lane, c]) < below) & np.int64(lane < left)
    return n


@njit(cache=True, nogil=True)
def fill_placed(times: Times, starts: Ints, hour: Halves, kept: Bits, counts: Ints) -> None:
    """Write the hour of every item, and 1 where it finds power; counts: (n,) that do.

    hour, kept: room for all items and three more, because whole blocks are written.
    """
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
            own, stay = np.uintp(where[0, c]), np.int64(0)
            left, line = starts[own + _ONE] - where[1, c], np.uintp(feeder[own])
            shape, first = shapes[np.uintp(row[own])], np.uintp(where[1, c])
            for lane in range(ITEMS):
                then, stays = hour_of(guide, cuts, shape, words[lane, c]), np.int64(1)
                if not free:
                    supplied = np.uintp(supply[line, np.uintp(then)])
                    stays = np.int64(np.uint64(power[lane, c]) < chances[supplied])
                hour[first + np.uintp(lane)] = then
                kept[first + np.uintp(lane)] = stays
                stay += stays & np.int64(lane < left)
            counts[own] += stay


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
            who[0, c] = entity[np.uintp(position[first + c])]
            who[1, c] = number[first + c] >> np.uint32(2)
        draw(times.key, times.stream, times.pages[0], size, who, words)
        if not free:
            draw(times.key, times.stream, times.pages[1], size, who, power)
        for c in range(size):
            own, lane = np.uintp(position[first + c]), np.uintp(number[first + c] & np.uint32(3))
            then = hour_of(guide, cuts, shapes[np.uintp(row[own])], words[lane, c])
            stays = True
            if not free:
                supplied = np.uintp(supply[np.uintp(feeder[own]), np.uintp(then)])
                stays = np.uint64(power[lane, c]) < chances[supplied]
            hour[first + c] = then
            kept[first + c] = stays
