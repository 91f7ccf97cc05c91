"""Kernels that add counts up by cell."""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Bools, Ints, Thresholds, Words


@njit(cache=True, nogil=True)
def add_up(tally: Ints, cell: Ints, counts: Ints) -> None:
    """Add the count of each of n entities to the tally of its cell."""
    for i in range(cell.size):
        tally[cell[i]] += counts[i]


@njit(cache=True, nogil=True)
def mark_patterns(
    pattern: Bits | Ints, starts: Ints, person: Words, number: Words, bit: int
) -> None:
    """Set a bit of some acts: person and place of each. starts: (P + 1,) first of each person."""
    for i in range(person.size):
        pattern[starts[person[i]] + np.int64(number[i])] |= bit


@njit(cache=True, nogil=True)
def look_up(table: Thresholds, cell: Ints, column: Ints, out: Thresholds) -> None:
    """Write the value of every cell and column of a table into out, (n,)."""
    for i in range(cell.size):
        out[i] = table[cell[i], column[i]]


@njit(cache=True, nogil=True)
def take_patterns(
    pattern: Bits | Ints, starts: Ints, person: Words, number: Words, cell: Ints, seen: Ints
) -> None:
    """Add the bits of some acts to a tally, (patterns, cells), and clear them: each counts once."""
    for i in range(person.size):
        act = starts[person[i]] + np.int64(number[i])
        bits = np.int64(pattern[act])
        if bits != 0:
            seen[bits, cell[person[i]]] += 1
            pattern[act] = 0


@njit(cache=True, nogil=True)
def add_hours(supply: Bits, slot: Ints, light: Ints, hours: Ints) -> None:
    """Add the light, and the number, of the hours with supply of every feeder to (F, 2, S)."""
    for feeder in range(supply.shape[0]):
        for hour in range(supply.shape[1]):
            on = np.int64(supply[feeder, hour])
            hours[feeder, 0, slot[hour]] += on * light[hour]
            hours[feeder, 1, slot[hour]] += on


@njit(cache=True, nogil=True)
def fill_below(words: Words, limits: Thresholds, cell: Ints, out: Bools) -> None:
    """Write whether each word lies below the limit of its cell."""
    for i in range(cell.size):
        out[i] = np.uint64(words[i]) < limits[cell[i]]


@njit(cache=True, nogil=True)
def fill_classes(words: Words, of_person: Ints, bits: int, out: Ints) -> None:
    """Write for every person the leading bits of the word of its entity."""
    shift = np.uint32(32 - bits)
    for i in range(of_person.size):
        out[i] = words[of_person[i]] >> shift


@njit(cache=True, nogil=True)
def fill_rows(cell: Ints, column: Ints, feeder: Ints, sizes: tuple[int, int], out: Ints) -> None:
    """Write the row of every cell, column and feeder of an area. sizes: columns, feeders."""
    columns, feeders = sizes
    for i in range(cell.size):
        inside = np.uint32(feeder[i]) % np.uint32(feeders)
        out[i] = (cell[i] * columns + column[i]) * feeders + np.int64(inside)
