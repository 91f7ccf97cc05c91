"""Kernel of brute force: a byte for every hour of every entity, and a word where it is low.

The words of the 128 bits of a block are cut into sixteen bytes, one for the same hour of each of
sixteen days. Byte and word together are the height of the lowest point of their hour, in 2^-40 an
hour. Only one hour in 256, and those of busy processes, asks for its word.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Ints, Thresholds, Words
from sousveil.engine.sampled.kernels.lanes import COUNTERS, words_of
from sousveil.engine.sampled.kernels.low import (
    BLOCKS_AT_ONCE,
    MOST_BLOCKS,
    ROWS_OF_A_WORD,
    Low,
    Marks,
    collect_low,
    draw_low,
    fill_hours,
)
from sousveil.engine.sampled.kernels.points import Room
from sousveil.philox import Whole

DAYS_OF_A_BLOCK = 16
RATE_BITS = 40
"""Binary places of a rate an hour, and of the height of a point above the floor of its layer."""
LAYER_BITS = 36
"""A layer is 2^36 x 2^-40 high: a sixteenth of a point an hour."""
HOUR_BITS = 15
PLACE_BITS = 29
"""An event's number is its hour, its layer from bit 15 on, its place in both from bit 29 on."""
MOST_PLACES = 8
"""Points of an hour and layer: ninth ones are rarer than 2^-56."""
_BATCH = 2048
"""Hours with a low byte that are looked at in one go."""
WORD_BITS = 32
WORDS = 2
"""Page of the words of hours; their bytes have page 1, events page 0."""
_first_word, _middle_words = words_of(0), words_of(1, 2)
_WORDS, _NAMES = np.uint32(WORDS), np.uint32(0)
_HOUR_MASK = np.uint32((1 << HOUR_BITS) - 1)
_LAYER_AT, _PLACE_AT = np.uint32(HOUR_BITS), np.uint32(PLACE_BITS)
_ONE = np.uint64(1 << RATE_BITS)
_LAYER, _FLOOR_AT = np.uint64(1 << LAYER_BITS), np.uint64(LAYER_BITS)
_HALF, _HALF_MASK = np.uint64(20), np.uint64((1 << 20) - 1)
_SHAPE = np.uint64(28)
_SLACK, _TWICE = np.uint64(64), np.uint64(128)
"""Units of 2^-40 by which the quick answer keeps away from the edges of the exact one."""
_BIT, _NEXT = np.uint64(1), np.uint64(6)
"""A 64th of the square of a rate is more than the term of its cube: a rate is at most a 16th."""
_B1, _COUNT = np.uint8(1), np.uint8(2)
_ROUND_UP, _EIGHT_TIMES = np.uint64(2**WORD_BITS - 1), np.uint64(0x0101010101010101)


class Hourly(NamedTuple):
    """A point process over n entities hour by hour.

    key: (2,). stream: of the process. entity, row, feeder: (n,). rate, group: (rows,) rate of the
    highest slot in 2^-40 an hour. shape: (G, S) of slots in 2^-28 of it. chances: (2,) without and
    with supply. slot: (H,). supply: (feeders, H), without rows for a process that needs no power.
    offset: (L + 1,) of the blocks of each layer in `first`, the first hours of blocks. highest:
    (G, blocks) shape of the highest hour of each block.
    """

    key: Words
    stream: np.uint32
    entity: Words
    row: Ints
    feeder: Ints
    rate: Thresholds
    group: Ints
    shape: Thresholds
    chances: Thresholds
    slot: Bits
    supply: Bits
    offset: Ints
    first: Words
    highest: Thresholds


class Rows(NamedTuple):
    """What the entities of a block read, worked out once for all that share a row.

    which: (n,) row of each entity here. limits: (rows + 1) x blocks, what a byte of each block must
    lie below in the lowest layer, eight times; the last row is for the layers above. curve:
    rows x (S + 1), rate of each slot, the last for hours beyond the run; begin: (n,) where that of
    each entity begins. slot: of every hour of a block.
    """

    which: Ints
    limits: Thresholds
    begin: Ints
    curve: Thresholds
    slot: Bits


class Drawn(NamedTuple):
    """Points below a curve: position and counter of the entity, number; (2,) words of each."""

    position: Words
    entity: Words
    number: Words
    words: Words


@njit(inline="always")
def _times(one: np.uint64, other: np.uint64) -> np.uint64:
    """Product of two numbers up to one, in 2^-40; in two, because one would overflow."""
    high = np.uint64(np.uint64(one >> _HALF) * other)
    low = np.uint64(np.uint64(one & _HALF_MASK) * other)
    return np.uint64(np.uint64(high >> _HALF) + np.uint64(low >> np.uint64(RATE_BITS)))


@njit(inline="always")
def _above(top: Whole, floor: Whole) -> np.uint64:
    """How far a height reaches into the layer above a floor."""
    inside = np.uint64(top - floor) if top > floor else np.uint64(0)
    return inside if inside < _LAYER else _LAYER


@njit(inline="always")
def edges_of(rate: np.uint64) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Heights of the lowest point that tell how many an hour has, at a rate there.

    From the first to the second it has one, from the third on none. They keep away from the steps
    that `count_exactly` counts, 1 - exp(-r)(1 + r) and 1 - exp(-r), by more than the next terms of
    their series: a rate is never above a layer, a sixteenth.
    """
    root = np.uint64(rate >> _HALF)
    square = np.uint64(np.uint64(root * root) + np.uint64(np.uint64(root << _BIT) + _BIT))
    half = np.uint64(np.uint64(square >> _BIT) + _SLACK)
    one = np.uint64(rate - half) if rate > half else np.uint64(0)
    none = np.uint64(np.uint64(one + np.uint64(square >> _NEXT)) + np.uint64(root + _TWICE))
    return half, one, none


@njit(cache=True, nogil=True)
def count_exactly(rate: np.uint64, height: np.uint64) -> Whole:
    """How many points an hour has in a layer, by the height of its lowest, at a rate there.

    The inverse of the Poisson law: so many as the height lies below 1 - exp(-r), 1 - exp(-r)
    (1 + r)... A higher rate keeps them all. Each remainder is rounded down, so that it comes to
    nothing.
    """
    term, none, number = rate, np.uint64(0), np.uint64(1)
    while term > np.uint64(0):  # 1 - exp(-r), by its series
        none = np.uint64(none + term) if number & np.uint64(1) else np.uint64(none - term)
        number = np.uint64(number + np.uint64(1))
        term = np.uint64(_times(term, rate) // number)
    tail, count = none, 0
    exactly = np.uint64(_times(rate, np.uint64(_ONE - none)) + np.uint64(1))
    while count < MOST_PLACES and height < tail:
        count += 1
        tail = np.uint64(tail - exactly) if tail > exactly else np.uint64(0)
        exactly = np.uint64(_times(exactly, rate) // np.uint64(count + 1) + np.uint64(1))
    return count


@njit(inline="always")
def _curve(rate: Whole, shape: Whole) -> np.uint64:
    """Rate of a row in a slot; two products, because one would overflow."""
    high = np.uint64(np.uint64(rate >> np.uint64(16)) * shape)
    low = np.uint64(np.uint64(rate & np.uint64(0xFFFF)) * shape)
    return np.uint64(np.uint64(high >> np.uint64(12)) + np.uint64(low >> _SHAPE))


@njit(cache=True, nogil=True)
def _fill_limits(top: Whole, floor: np.uint64, highest: Thresholds, limits: Thresholds) -> None:
    """What a byte of each block must lie below, eight times, at a rate in the layer of a floor."""
    for q in range(highest.size):
        inside = _above(_curve(top, highest[q]), floor)
        limit = np.uint64(np.uint64(inside + _ROUND_UP) >> np.uint64(WORD_BITS))
        limits[q] = np.uint64(limit * _EIGHT_TIMES)


@njit(inline="always")
def _inside(low: Low, c: Whole) -> tuple[np.uint64, np.uint64]:
    """Rate of an hour with a low byte in its layer, and the height of its lowest point there."""
    floor = np.uint64(np.uint64(low.hour[c] >> _LAYER_AT) << _FLOOR_AT)
    height = np.uint64(np.uint64(np.uint64(low.byte[c]) << np.uint64(32)) | low.word[0, c])
    return _above(low.top[c], floor), height


@njit(cache=True, nogil=True)
def _tell(field: Hourly, rows: Rows, low: Low, m: Whole) -> None:
    """Tell of m hours with a low byte whether they have a point, or whether it must be counted.

    Loops of their own, without a branch, so that many are looked at at once where that can be.
    """
    k0, k1, stream = field.key[0], field.key[1], field.stream
    positions, hours, tops, told = low.position, low.hour, low.top, low.told
    begin, curve, slot = rows.begin, rows.curve, rows.slot
    for c in range(0, m, COUNTERS):
        _first_word(k0, k1, stream, _WORDS, low.entity, hours, c, low.word)
    for c in range(m):
        place = np.uintp(begin[np.uintp(positions[c])])
        tops[c] = curve[place + np.uintp(slot[np.uintp(hours[c] & _HOUR_MASK)])]
    for c in range(m):
        rate, height = _inside(low, c)
        half, one, none = edges_of(rate)
        between = np.uint64(height - one) < np.uint64(none - one)
        counted = np.uint8(np.uint8(height < half) | np.uint8(between))
        told[c] = np.uint8(np.uint8(height < one) | np.uint8(counted << _B1))


@njit(cache=True, nogil=True)
def _find(field: Hourly, rows: Rows, low: Low, m: Whole, drawn: Drawn) -> Whole:
    """Find the points below their curves in m hours with a low byte; returns how many."""
    _tell(field, rows, low, m)
    positions, entities, hours, told = low.position, low.entity, low.hour, low.told
    position_of, entity_of, number_of = drawn.position, drawn.entity, drawn.number
    n = np.uintp(0)
    for c in range(m):
        position_of[n] = positions[c]
        entity_of[n] = entities[c]
        number_of[n] = hours[c]
        if told[c] < _COUNT:  # nearly always
            n += np.uintp(told[c])
        else:
            rate, height = _inside(low, c)
            for place in range(count_exactly(rate, height)):
                position_of[n] = positions[c]
                entity_of[n] = entities[c]
                number_of[n] = np.uint32(hours[c] + np.uint32(np.uint32(place) << _PLACE_AT))
                n += np.uintp(1)
    return n


@njit(cache=True, nogil=True)
def _keep(field: Hourly, drawn: Drawn, m: Whole, room: Room, n: Whole) -> Whole:
    """Write those of m points that find power at n; returns the next n, or -1 without room."""
    if n + m > room.hour.size:
        return -1
    k0, k1, stream = field.key[0], field.key[1], field.stream
    positions, entities, numbers = drawn.position, drawn.entity, drawn.number
    first, second, chances = drawn.words[0], drawn.words[1], field.chances
    hours, counts, of_feeder, supply = room.hour, room.counts, field.feeder, field.supply
    for c in range(0, m, COUNTERS):
        _middle_words(k0, k1, stream, _NAMES, entities, numbers, c, drawn.words)
    free, named, at = supply.shape[0] == 0, room.number.size > 0, np.uintp(n)
    for c in range(m):
        position = np.uintp(positions[c])
        hour = np.uintp(numbers[c] & _HOUR_MASK)
        supplied = np.uintp(1) if free else np.uintp(supply[np.uintp(of_feeder[position]), hour])
        stays = np.uint64(first[c]) < chances[supplied]
        hours[at] = hour
        counts[position] += np.int64(stays)
        if named:
            room.position[at] = position
            room.number[at] = numbers[c]
            room.spare[at] = second[c]
        at += np.uintp(stays)
    return np.int64(at)


@njit(inline="always")
def _aligned(size: Whole) -> Thresholds:
    """Room for so many pairs of words, from where memory is read in one go."""
    room = np.empty(size + BLOCKS_AT_ONCE, np.uint64)
    past = np.int64(np.uintp(room.ctypes.data) >> np.uintp(3)) % BLOCKS_AT_ONCE
    begin = (BLOCKS_AT_ONCE - past) % BLOCKS_AT_ONCE
    return room[begin : begin + size]


@njit(cache=True, nogil=True)
def _rows_of(field: Hourly, widest: Whole) -> Rows:
    """What the entities read. widest: blocks of a layer."""
    known, which = np.full(field.rate.size, -1, np.int64), np.empty(field.row.size, np.int64)
    count = 0
    for i in range(field.row.size):
        row = field.row[i]
        if known[row] < 0:
            known[row] = count
            count += 1
        which[i] = known[row]
    limits = _aligned((count + 1) * widest)
    slots, end = field.shape.shape[1], field.offset[1]
    curve = np.zeros(count * (slots + 1), np.uint64)
    for row in range(known.size):
        if known[row] >= 0:
            own, group, top = known[row], field.group[row], field.rate[row]
            _fill_limits(top, np.uint64(0), field.highest[group, :end], limits[own * widest :])
            for slot in range(slots):
                curve[own * (slots + 1) + slot] = _curve(top, field.shape[group, slot])
    slot_of = np.full(np.int64(field.first.max()) + 24 * DAYS_OF_A_BLOCK, slots, np.uint8)
    for hour in range(field.slot.size):
        slot_of[hour] = field.slot[hour]
    begin = np.empty(which.size, np.int64)
    for i in range(which.size):
        begin[i] = which[i] * (slots + 1)
    return Rows(which, limits, begin, curve, slot_of)


@njit(inline="always")
def _low_of(most: Whole) -> Low:
    """Room for so many hours with a low byte."""
    return Low(
        np.empty(most, np.uint32), np.empty(most, np.uint32), np.empty(most, np.uint32),
        np.empty(most, np.uint8), np.empty((1, most), np.uint32), np.empty(most, np.uint64),
        np.empty(most, np.uint8),
    )  # fmt: skip


@njit(inline="always")
def _drawn_of(most: Whole) -> Drawn:
    """Room for so many points."""
    return Drawn(
        np.empty(most, np.uint32), np.empty(most, np.uint32), np.empty(most, np.uint32),
        np.empty((2, most), np.uint32),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def fill_hourly(field: Hourly, room: Room) -> Whole:
    """Find the events of all entities hour by hour; returns how many, or -1 without room."""
    widest = 0
    if field.offset.size == 1:
        return 0  # rates that no integer tells from none
    for layer in range(field.offset.size - 1):
        widest = max(widest, field.offset[layer + 1] - field.offset[layer])
    rows, most = _rows_of(field, widest), _BATCH + 16 * widest + COUNTERS
    low, drawn = _low_of(most), _drawn_of(MOST_PLACES * most)
    words, bits = _aligned(2 * MOST_BLOCKS), _aligned(widest + ROWS_OF_A_WORD)
    marks, first = Marks(words, words.view(np.uint8), bits), _aligned(field.first.size)
    for at in range(first.size):
        first[at] = field.first[at]
    hours = np.empty(DAYS_OF_A_BLOCK * first.size, np.uint16)
    fill_hours(first, hours)
    limits, upper = rows.limits, rows.limits.size // widest - 1
    k0, k1, stream = field.key[0], field.key[1], field.stream
    n, m = 0, np.uintp(0)
    for i in range(field.entity.size):
        entity, top = field.entity[i], field.rate[field.row[i]]
        layer, floor = np.uint32(0), np.uint64(0)
        while floor < top:
            begin, end = field.offset[layer], field.offset[layer + 1]
            own, name = rows.which[i], np.uint32(layer << _LAYER_AT)
            if layer > 0:
                own, group = upper, field.group[field.row[i]]
                _fill_limits(top, floor, field.highest[group, begin:end], limits[upper * widest :])
            of, at = own * widest, DAYS_OF_A_BLOCK * begin
            count = draw_low(k0, k1, stream, entity, name, first, begin, end, limits, of, marks)
            m = collect_low(marks, count, hours, at, i, entity, name, low, m)
            if m >= _BATCH:
                n, m = _keep(field, drawn, _find(field, rows, low, m, drawn), room, n), np.uintp(0)
                if n < 0:
                    return -1
            layer = np.uint32(layer + np.uint32(1))
            floor = np.uint64(floor + _LAYER)
    return _keep(field, drawn, _find(field, rows, low, m, drawn), room, n)
