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
from sousveil.engine.sampled.kernels.points import Room
from sousveil.philox import Whole, philox_block

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
BLOCKS_AT_ONCE = 8
"""Layers have multiples of so many blocks, so that no loop has a rest."""
_BATCH = 2048
"""Hours with a low byte that are looked at in one go."""
WORD_BITS = 32
BYTES, WORDS = 1, 2
"""Pages of the bytes and of the words of hours; events have page 0."""
_BYTES, _WORDS, _NAMES = np.uint32(BYTES), np.uint32(WORDS), np.uint32(0)
_HOUR_MASK = np.uint32((1 << HOUR_BITS) - 1)
_LAYER_AT, _PLACE_AT = np.uint32(HOUR_BITS), np.uint32(PLACE_BITS)
_ONE = np.uint64(1 << RATE_BITS)
_LAYER, _FLOOR_AT = np.uint64(1 << LAYER_BITS), np.uint64(LAYER_BITS)
_HALF, _HALF_MASK = np.uint64(20), np.uint64((1 << 20) - 1)
_SHAPE = np.uint64(28)
_SLACK = np.uint64(64)
"""Units of 2^-40 by which the quick answer keeps away from the edges of the exact one."""
_SPIN = 0x022FDD63CC95386D
_SPINNER = np.uint64(_SPIN)
_PLACE_OF = np.argsort([(_SPIN << place) % 2**64 >> 58 for place in range(64)]).astype(np.uint8)
"""Place of the one bit of a number by the six high bits of its product with the spinner."""


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


class Low(NamedTuple):
    """Hours with a low byte: position and counter of the entity, hour with its layer, byte, word.

    kept: which of them may have points.
    """

    position: Words
    entity: Words
    hour: Words
    byte: Bits
    word: Words
    kept: Ints


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
def _above(top: np.uint64, floor: np.uint64) -> np.uint64:
    """How far a height reaches into the layer above a floor."""
    inside = np.uint64(top - floor) if top > floor else np.uint64(0)
    return inside if inside < _LAYER else _LAYER


@njit(inline="always")
def is_plain(rate: np.uint64, height: np.uint64) -> Whole:
    """Whether an hour has one point where its lowest lies below the rate, and else none.

    It is so but near the ends of the first of the steps that `count_exactly` counts.
    """
    square = np.uint64(_times(rate, rate) + _SLACK)
    return (height >= rate) | ((height >= square) & (rate >= np.uint64(height + square)))


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
def _curve(rate: np.uint64, shape: np.uint64) -> np.uint64:
    """Rate of a row in a slot; two products, because one would overflow."""
    high = np.uint64(np.uint64(rate >> np.uint64(16)) * shape)
    low = np.uint64(np.uint64(rate & np.uint64(0xFFFF)) * shape)
    return np.uint64(np.uint64(high >> np.uint64(12)) + np.uint64(low >> _SHAPE))


@njit(cache=True, nogil=True)
def _fill_words(
    k0: np.uint32,
    k1: np.uint32,
    stream: np.uint32,
    entity: np.uint32,
    name: np.uint32,
    first: Words,
    words: Words,
) -> None:
    """The words of one entity at the blocks of a layer, (4, blocks); it vectorises."""
    for q in range(first.size):
        event = np.uint32(first[q] + name)
        w0, w1, w2, w3 = philox_block(entity, event, stream, _BYTES, k0, k1)
        words[0, q] = w0
        words[1, q] = w1
        words[2, q] = w2
        words[3, q] = w3


@njit(cache=True, nogil=True)
def _fill_limits(top: np.uint64, floor: np.uint64, highest: Thresholds, limits: Words) -> None:
    """What a byte of each block must lie below, four times, at a rate in the layer of a floor."""
    for q in range(highest.size):
        inside = _above(_curve(top, highest[q]), floor)
        limit = np.uint32(np.uint64(inside + np.uint64(0xFFFFFFFF)) >> np.uint64(32))
        limits[q] = np.uint32(limit * np.uint32(0x01010101))


@njit(inline="always")
def _mark(bytes_of: Bits, size: Whole, limits: Bits, row: np.uintp, marks: Bits) -> None:
    """Four bits for each byte of a block: which of its four words have it below its limit."""
    for b in range(4 * size):  # it vectorises, 64 at a time
        limit = limits[row, b]
        m0 = np.uint8(1) if bytes_of[0, b] < limit else np.uint8(0)
        m1 = np.uint8(2) if bytes_of[1, b] < limit else np.uint8(0)
        m2 = np.uint8(4) if bytes_of[2, b] < limit else np.uint8(0)
        m3 = np.uint8(8) if bytes_of[3, b] < limit else np.uint8(0)
        marks[b] = np.uint8(np.uint8(m0 | m1) | np.uint8(m2 | m3))


@njit(inline="always")
def _live(marks: Thresholds, size: Whole, live: Ints) -> Whole:
    """Which pairs of blocks have a mark; no branch, because no processor can guess it."""
    m = 0
    for pair in range(size >> 1):
        live[m] = pair
        m += np.int64(marks[pair] != np.uint64(0))
    return m


@njit(inline="always")
def _collect(
    marks: Thresholds, live: Ints, alive: Whole, bytes_of: Bits, first: Words, position: Whole,
    entity: np.uint32, layer: np.uint32, low: Low, m: Whole,
) -> Whole:  # fmt: skip
    """Write the hours with a low byte at m; returns the next m."""
    for k in range(alive):
        pair = live[k]
        left = marks[pair]
        while left != np.uint64(0):
            rest = np.uint64(left & np.uint64(left - np.uint64(1)))
            spun = np.uint64(np.uint64(left ^ rest) * _SPINNER)
            place = np.uint32(_PLACE_OF[np.uintp(spun >> np.uint64(58))])
            byte, word = np.uint32(8 * pair + (place >> 3)), np.uint32(place & 7)
            day = np.uint32(4 * (byte & 3) + word)
            hour = np.uint32(first[byte >> 2] + np.uint32(np.uint32(24) * day))
            low.position[m] = position
            low.entity[m] = entity
            low.hour[m] = np.uint32(hour + np.uint32(layer << _LAYER_AT))
            low.byte[m] = bytes_of[word, byte]
            m += 1
            left = rest
    return m


@njit(inline="always")
def _height(byte: Whole, word: Whole) -> np.uint64:
    """Height of the lowest point of an hour above the floor of its layer."""
    return np.uint64(np.uint64(np.uint64(byte) << np.uint64(32)) | np.uint64(word))


@njit(cache=True, nogil=True)
def _find(field: Hourly, tops: Thresholds, low: Low, m: Whole, drawn: Drawn) -> Whole:
    """Find the points below their curves in m hours with a low byte; returns how many."""
    k0, k1, stream = field.key[0], field.key[1], field.stream
    positions, entities, hours, bytes_of = low.position, low.entity, low.hour, low.byte
    words, kept, row, group = low.word, low.kept, field.row, field.group
    shape, slot, last = field.shape, field.slot, np.uintp(field.slot.size - 1)
    position_of, entity_of, number_of = drawn.position, drawn.entity, drawn.number
    for c in range(m):  # a loop of its own, because it vectorises
        w0, _, _, _ = philox_block(entities[c], hours[c], stream, _WORDS, k0, k1)
        words[c] = w0
    many = 0
    for c in range(m):  # most lie above the highest hour of their curve; here, too, is no branch
        floor = np.uint64(np.uint64(hours[c] >> _LAYER_AT) << _FLOOR_AT)
        kept[many] = c
        height = np.uint64(_height(bytes_of[c], words[c]) + floor)
        many += np.int64(height < tops[np.uintp(positions[c])])
    n = 0
    for k in range(many):  # nor here, but for the rare hours that need an exact answer
        c = np.uintp(kept[k])
        position, name = np.uintp(positions[c]), hours[c]
        hour = np.uintp(name & _HOUR_MASK)
        floor = np.uint64(np.uint64(name >> _LAYER_AT) << _FLOOR_AT)
        own = np.uintp(group[np.uintp(row[position])])
        top = _curve(tops[position], shape[own, np.uintp(slot[min(hour, last)])])
        # A block may hold days after the last.
        rate = _above(top, floor) if hour <= last else np.uint64(0)
        position_of[n] = positions[c]
        entity_of[n] = entities[c]
        number_of[n] = name
        height = _height(bytes_of[c], words[c])
        if is_plain(rate, height):
            n += np.int64(height < rate)
        else:
            for place in range(count_exactly(rate, height)):
                position_of[n] = positions[c]
                entity_of[n] = entities[c]
                number_of[n] = np.uint32(name + np.uint32(np.uint32(place) << _PLACE_AT))
                n += 1
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
    for c in range(m):  # a loop of its own, because it vectorises
        _, w1, w2, _ = philox_block(entities[c], numbers[c], stream, _NAMES, k0, k1)
        first[c] = w1
        second[c] = w2
    free, named = supply.shape[0] == 0, room.number.size > 0
    for c in range(m):
        position = np.uintp(positions[c])
        hour = np.uintp(numbers[c] & _HOUR_MASK)
        supplied = 1 if free else np.int64(supply[np.uintp(of_feeder[position]), hour])
        stays = np.int64(np.uint64(first[c]) < chances[supplied])
        hours[n] = hour
        counts[position] += stays
        if named:
            room.position[n] = position
            room.number[n] = numbers[c]
            room.spare[n] = second[c]
        n += stays
    return n


@njit(cache=True, nogil=True)
def _limits_of(field: Hourly, widest: Whole) -> tuple[Ints, Words]:
    """(n,) which limits are those of each entity in the lowest layer, and the limits by row.

    The last row is for those of the layers above, which are worked out one by one.
    """
    known, which = np.full(field.rate.size, -1, np.int64), np.empty(field.row.size, np.int64)
    count = 0
    for i in range(field.row.size):
        row = field.row[i]
        if known[row] < 0:
            known[row] = count
            count += 1
        which[i] = known[row]
    limits, end = np.empty((count + 1, widest), np.uint32), field.offset[1]
    for row in range(known.size):
        if known[row] >= 0:
            highest = field.highest[field.group[row], :end]
            _fill_limits(field.rate[row], np.uint64(0), highest, limits[known[row]])
    return which, limits


@njit(cache=True, nogil=True)
def fill_hourly(field: Hourly, room: Room) -> Whole:
    """Find the events of all entities hour by hour; returns how many, or -1 without room."""
    widest = 0
    if field.offset.size == 1:
        return 0  # rates that no integer tells from none
    for layer in range(field.offset.size - 1):
        widest = max(widest, field.offset[layer + 1] - field.offset[layer])
    words, marks = np.empty((4, widest), np.uint32), np.empty(4 * widest, np.uint8)
    bytes_of, pairs = words.view(np.uint8), marks.view(np.uint64)
    live, most = np.empty(widest, np.int64), _BATCH + 16 * widest
    low = Low(
        np.empty(most, np.uint32), np.empty(most, np.uint32), np.empty(most, np.uint32),
        np.empty(most, np.uint8), np.empty(most, np.uint32), np.empty(most, np.int64),
    )  # fmt: skip
    many = MOST_PLACES * most
    drawn = Drawn(
        np.empty(many, np.uint32), np.empty(many, np.uint32), np.empty(many, np.uint32),
        np.empty((2, many), np.uint32),
    )  # fmt: skip
    tops, (which, limits) = field.rate[field.row], _limits_of(field, widest)
    of_limits, upper = limits.view(np.uint8), limits.shape[0] - 1
    k0, k1, stream = field.key[0], field.key[1], field.stream
    n, m = 0, 0
    for i in range(field.entity.size):
        entity, top = field.entity[i], tops[i]
        layer, floor = np.uint32(0), np.uint64(0)
        while floor < top:
            begin, end = field.offset[layer], field.offset[layer + 1]
            first, row = field.first[begin:end], which[i]
            if layer > 0:
                row, group = upper, field.group[field.row[i]]
                _fill_limits(top, floor, field.highest[group, begin:end], limits[upper])
            _fill_words(k0, k1, stream, entity, np.uint32(layer << _LAYER_AT), first, words)
            _mark(bytes_of, first.size, of_limits, np.uintp(row), marks)
            alive = _live(pairs, first.size, live)
            m = _collect(pairs, live, alive, bytes_of, first, i, entity, layer, low, m)
            if m >= _BATCH:
                n, m = _keep(field, drawn, _find(field, tops, low, m, drawn), room, n), 0
                if n < 0:
                    return -1
            layer = np.uint32(layer + np.uint32(1))
            floor = np.uint64(floor + _LAYER)
    return _keep(field, drawn, _find(field, tops, low, m, drawn), room, n)
