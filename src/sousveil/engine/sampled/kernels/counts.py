"""Kernels of a block's bookkeeping: what is added up by cell, looked up, and picked out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sousveil.arrays import AnyArray, Bits, Bools, Ints, Thresholds, Words
from sousveil.philox import Whole


class Busy(NamedTuple):
    """Entities with an item: position, counter, row, feeder; (n + 1,) first item of each."""

    who: Ints
    ids: Words
    row: Ints
    feeder: Ints
    starts: Ints


@njit(cache=True, nogil=True)
def add_up(tally: Ints, cell: Ints, counts: Ints) -> None:
    """Add the count of each of n entities to the tally of its cell."""
    for i in range(cell.size):
        tally[np.uintp(cell[i])] += counts[i]


@njit(cache=True, nogil=True)
def fill_taken(values: AnyArray, places: AnyArray, out: AnyArray) -> None:
    """Write the values at some places, (n,): several times as fast as an index that is checked."""
    for i in range(places.size):
        out[i] = values[np.uintp(places[i])]


@njit(cache=True, nogil=True)
def fill_busy(counts: Ints, ids: Words, row: Ints, feeder: Ints, out: Busy) -> Whole:
    """Write the entities that have an item; returns how many. out: room for all."""
    n, total = 0, 0
    for i in range(counts.size):  # a sum instead of a branch, which no processor could guess
        at = np.uintp(n)
        out.who[at] = i
        out.ids[at] = ids[i]
        out.row[at] = row[i]
        out.feeder[at] = feeder[i]
        out.starts[at] = total
        total += counts[i]
        n += np.int64(counts[i] > 0)
    out.starts[n] = total
    return n


@njit(cache=True, nogil=True)
def fill_limits(starts: Ints, find: Thresholds, holder: Ints, out: Thresholds) -> None:
    """Write the threshold to be found by all visits to the holder of each of n persons."""
    for i in range(holder.size):
        own = np.uintp(holder[i])
        visits = starts[own + np.uintp(1)] - starts[own]
        out[i] = find[np.uintp(min(visits, find.size - 1))]


@njit(cache=True, nogil=True)
def fill_speaking(
    words: Words, limits: Thresholds, cell: Ints, person: AnyArray, tally: Ints, out: Ints
) -> Whole:
    """Write the places of the words below the limit of the cell of their person; returns how many.

    All are added to the tally of their cell.
    """
    n = 0
    for i in range(words.size):  # a sum instead of a branch, which no processor could guess
        own = np.uintp(cell[np.uintp(person[i])])
        tally[own] += 1
        out[np.uintp(n)] = i
        n += np.int64(np.uint64(words[i]) < limits[own])
    return n


@njit(cache=True, nogil=True)
def mark_patterns(
    pattern: Bits | Ints, starts: Ints, person: Words, number: Words, bit: int
) -> None:
    """Set a bit of some acts: person and place of each. starts: (P + 1,) first of each person."""
    for i in range(person.size):
        pattern[np.uintp(starts[np.uintp(person[i])] + np.int64(number[i]))] |= bit


@njit(cache=True, nogil=True)
def look_up(table: Thresholds, cell: Ints, column: Ints, out: Thresholds) -> None:
    """Write the value of every cell and column of a table into out, (n,)."""
    for i in range(cell.size):
        out[i] = table[np.uintp(cell[i]), np.uintp(column[i])]


@njit(cache=True, nogil=True)
def take_patterns(
    pattern: Bits | Ints, starts: Ints, person: Words, number: Words, cell: Ints, seen: Ints
) -> None:
    """Add the bits of some acts to a tally, (patterns, cells), and clear them: each counts once."""
    for i in range(person.size):
        own = np.uintp(person[i])
        act = np.uintp(starts[own] + np.int64(number[i]))
        bits = np.uintp(pattern[act])
        if bits != np.uintp(0):
            seen[bits, np.uintp(cell[own])] += 1
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
        out[i] = np.uint64(words[i]) < limits[np.uintp(cell[i])]


@njit(cache=True, nogil=True)
def fill_classes(words: Words, of_person: Ints, bits: int, out: Ints) -> None:
    """Write for every person the leading bits of the word of its entity."""
    shift = np.uint32(32 - bits)
    for i in range(of_person.size):
        out[i] = words[np.uintp(of_person[i])] >> shift


@njit(cache=True, nogil=True)
def fill_rows(cell: Ints, column: Ints, feeder: Ints, sizes: tuple[int, int], out: Ints) -> None:
    """Write the row of every cell, column and feeder of an area. sizes: columns, feeders."""
    columns, feeders = sizes
    for i in range(cell.size):
        inside = np.uint32(feeder[i]) % np.uint32(feeders)
        out[i] = (cell[i] * columns + column[i]) * feeders + np.int64(inside)
