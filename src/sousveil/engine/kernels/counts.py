"""Kernels that add counts up by cell."""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Ints, Thresholds, Words


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
def add_patterns(pattern: Bits | Ints, starts: Ints, cell: Ints, tally: Ints, unseen: Ints) -> None:
    """Add the acts that anybody noticed to the tally of their pattern, (patterns, cells).

    pattern: of all acts; starts: (P + 1,) first of each person. cell: (P,). unseen: (P,) acts of
    each person, from which these are taken.
    """
    for person in range(cell.size):
        for act in range(starts[person], starts[person + 1]):
            bits = np.int64(pattern[act])
            if bits != 0:
                tally[bits, cell[person]] += 1
                unseen[person] -= 1
