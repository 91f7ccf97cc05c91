"""Kernel of counts: how many views a person has in a year, by the inverse of a distribution."""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from sousveil.arrays import Bits, Ints, Words
from sousveil.engine.kernels.philox import rank


class Counts(NamedTuple):
    """Cut-off distributions of counts, one a row.

    Row r has the cuts offset[r] to offset[r + 1] - 1: a word at or above j of them counts
    first[r] + j.
    """

    first: Ints
    offset: Ints
    cuts: Words


@njit(cache=True, nogil=True)
def add_patterns(pattern: Bits | Ints, person: Words, cell: Ints, tally: Ints, seen: Ints) -> None:
    """Add the acts that anybody noticed to the tally of their pattern, (patterns, cells).

    pattern, person: (n,). cell: (P,). seen: (P,) such acts of each person.
    """
    for act in range(pattern.size):
        if pattern[act] != 0:
            who = person[act]
            tally[pattern[act], cell[who]] += 1
            seen[who] += 1


@njit(cache=True, nogil=True)
def add_counts(
    word: Words,
    row: Ints,
    number: Ints,
    tables: Counts,
    cell: Ints,
    nearer: Ints,
    tally: Ints,
) -> None:
    """Add a count for every word to `nearer` (n,), and what stands there then to its tally.

    number: of the distribution of each row.
    """
    for i in range(word.size):
        place = number[row[i]]
        low, high = tables.offset[place], tables.offset[place + 1]
        nearer[i] += tables.first[place] + rank(tables.cuts, low, high, word[i])
        tally[cell[i]] += nearer[i]
