"""Kernel of the point processes: so many events in the year, each at its place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Halves, Ints, Thresholds, Words
from sousveil.engine.kernels.philox import Whole, philox_block, rank

_AT_ONCE = 256
"""Entities or events whose words are drawn in one go, so that they stay in cache."""
_POINTS = 2048
"""Points that are placed in one go."""
_PLACE_SHIFT = np.uint32(16)
_FINE = np.uint64(28)
"""Binary places of spreads and shapes."""
_NO_HOUR = np.uintp(0xFFFF)
_CERTAIN = np.uint64(1 << 32)
_LAST = np.uint32(0xFFFFFFFF)
EVENT_BITS = 24
"""Points that one entity can have in a year and band: their numbers have as many bits."""


class Field(NamedTuple):
    """A point process over n entities: all that a kernel reads of it.

    key: (2,). stream: of the process. lower, upper, shift, spread: (B,) heights of a band, its
    width as a power of 2^-32, how far points spread in 2^-28 of it. entity, row, feeder: (n,).
    reach, peak, group: (rows,). shape: (G, S) heights of slots in 2^-28 of the peak. chances: (2,)
    without and with supply. slot: (H,). supply: (feeders, H), without rows for a process that needs
    no power.
    """

    key: Words
    stream: np.uint32
    lower: Thresholds
    upper: Thresholds
    shift: Thresholds
    spread: Thresholds
    entity: Words
    row: Ints
    feeder: Ints
    reach: Ints
    peak: Thresholds
    group: Ints
    shape: Thresholds
    chances: Thresholds
    slot: Bits
    supply: Bits


class Year(NamedTuple):
    """All bands by the year.

    offset: (B + 1,) of the thresholds of each band in `cuts`. hour: (65536,) of a place.
    """

    offset: Ints
    cuts: Words
    hour: Halves


class Room(NamedTuple):
    """Room for the events that a kernel finds.

    position of the entity, hour, number, spare word: one of each, or hours alone. counts: (n,) of
    every entity.
    """

    position: Words
    hour: Halves
    number: Words
    spare: Words
    counts: Ints


@njit(inline="always")
def _height(field: Field, band: Whole, word: np.uint32) -> np.uint64:
    """Height of a point of a band."""
    spread = np.uint64(np.uint64(np.uint64(word) * field.spread[band]) >> _FINE)
    return np.uint64(field.lower[band] + np.uint64(spread << field.shift[band]))


@njit(inline="always")
def _curve(field: Field, row: Whole, slot: Whole) -> np.uint64:
    """Height of the curve of a row in a slot; two products, because one would overflow."""
    peak, shape = field.peak[row], field.shape[np.uintp(field.group[row]), slot]
    high = np.uint64(np.uint64(peak >> np.uint64(16)) * shape)
    low = np.uint64(np.uint64(peak & np.uint64(0xFFFF)) * shape)
    return np.uint64(np.uint64(high >> np.uint64(12)) + np.uint64(low >> _FINE))


@njit(inline="always")
def _fill_drawn(field: Field, first: Whole, size: Whole, drawn: Words) -> None:
    """The words that count the points of some entities, (4 pages, size) by band; it vectorises."""
    k0, k1, stream = field.key[0], field.key[1], field.stream
    for page in range(drawn.shape[0] // 4):
        event = np.uint32(_LAST - np.uint32(page))
        for c in range(size):
            w0, w1, w2, w3 = philox_block(
                field.entity[first + c], event, stream, np.uint32(0), k0, k1
            )
            drawn[4 * page, c] = w0
            drawn[4 * page + 1, c] = w1
            drawn[4 * page + 2, c] = w2
            drawn[4 * page + 3, c] = w3


@njit(inline="always")
def fall(
    field: Field, year: Year, i: Whole, number: np.uint32, place: np.uint32, height: np.uint32
) -> tuple[Whole, Whole]:
    """Hour of a point of entity i by two words, and 1 where it lies below the curve, else 0.

    Inlined functions that take a field have no branch: with one, its arrays are counted each time.
    """
    hour = np.uintp(year.hour[place >> _PLACE_SHIFT])
    stays = np.int64(hour != _NO_HOUR)
    hour = np.uintp(hour * np.uintp(stays))
    band = np.uintp(number >> np.uint32(EVENT_BITS))
    high = _height(field, band, height)
    stays &= np.int64(high < _curve(field, np.uintp(field.row[i]), field.slot[hour]))
    stays &= np.int64(high < field.upper[band])
    return hour, stays


@njit(inline="always")
def powered(field: Field, i: Whole, hour: Whole, word: np.uint32) -> Whole:
    """1 where a point passes the gate by the supply of its entity, else 0."""
    supplied = field.supply[np.uintp(field.feeder[i]), hour]
    return np.int64(np.uint64(word) < field.chances[supplied])


@njit(inline="always")
def passes(field: Field, word: np.uint32) -> Whole:
    """1 where a point passes the gate of a process that needs no power, else 0."""
    return np.int64(np.uint64(word) < field.chances[1])


@njit(cache=True, nogil=True)
def _place(
    field: Field, year: Year, who: Words, m: Whole, words: Words, room: Room, n: Whole
) -> Whole:
    """Write those of m points that are events at n; returns the next n.

    who: (3, points) position, number, counter. words: (4, points) room for their words. Whether a
    point stays is no branch but a sum, because no processor can guess it.
    """
    k0, k1, stream = field.key[0], field.key[1], field.stream
    for c in range(m):  # a loop of its own, because it vectorises
        w0, w1, w2, w3 = philox_block(who[2, c], who[1, c], stream, np.uint32(0), k0, k1)
        words[0, c] = w0
        words[1, c] = w1
        words[2, c] = w2
        words[3, c] = w3
    free, named = field.supply.shape[0] == 0, room.number.size > 0
    for c in range(m):
        i, number = np.uintp(who[0, c]), who[1, c]
        hour, stays = fall(field, year, i, number, words[0, c], words[1, c])
        if not free:
            stays &= powered(field, i, hour, words[2, c])
        elif field.chances[1] < _CERTAIN:
            stays &= passes(field, words[2, c])
        room.hour[n] = hour
        room.counts[i] += stays
        if named:
            room.position[n] = i
            room.number[n] = number
            room.spare[n] = words[3, c]
        n += stays
    return n


@njit(cache=True, nogil=True)
def fill_yearly(field: Field, year: Year, room: Room) -> Whole:
    """Find the events of all entities: so many in the year, each at its place.

    Given their number, the points of a Poisson process lie anywhere, each on its own. Returns how
    many events there are, or -1 where the room is too small.
    """
    bands, size = field.lower.size, field.entity.size
    drawn = np.empty((4 * ((bands + 3) // 4), _AT_ONCE), np.uint32)
    who, words = np.empty((3, _POINTS), np.uint32), np.empty((4, _POINTS), np.uint32)
    n, m = 0, 0
    for i in range(size):
        c = i % _AT_ONCE
        if c == 0:
            _fill_drawn(field, i, min(_AT_ONCE, size - i), drawn)
        entity = field.entity[i]
        for band in range(field.reach[field.row[i]]):
            low, word = year.offset[band], drawn[band, c]
            if word < year.cuts[low]:
                continue
            base = np.uint32(band << EVENT_BITS)
            for point in range(rank(year.cuts, low, year.offset[band + 1], word)):
                if m == _POINTS:
                    if n + m > room.hour.size:
                        return -1
                    n = _place(field, year, who, m, words, room, n)
                    m = 0
                who[0, m] = i
                who[1, m] = np.uint32(base + np.uint32(point))
                who[2, m] = entity
                m += 1
    if n + m > room.hour.size:
        return -1
    return _place(field, year, who, m, words, room, n)
