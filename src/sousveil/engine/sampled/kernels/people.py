"""Kernels of who is who: the members of every holder, the people of a block, categories."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sousveil.arrays import Bools, Ints, Thresholds, Words


class People(NamedTuple):
    """Room for the people of a block, household by household.

    ids: global numbers. household, unit: positions here. area. first: whether it is the first of
    its household.
    """

    ids: Words
    household: Ints
    unit: Ints
    area: Ints
    first: Bools


@njit(cache=True, nogil=True)
def fill_members(first: Ints, last: Ints, holder: Ints, member: Ints) -> None:
    """Write the position of the holder and the number of every member of spans."""
    n = 0
    for i in range(first.size):
        for inside in range(first[i], last[i]):
            holder[n] = i
            member[n] = inside
            n += 1


@njit(cache=True, nogil=True)
def fill_people(
    inside: Ints, unit: Ints, area: Ints, persons: Ints, households: Ints, before: Ints, out: People
) -> None:
    """Write the people of households: those of number `inside` of an area.

    persons, households, before: (A,) of an area, and persons of all areas before it. Household i of
    N holds person floor(i M / N) of M and those that follow, up to that of the next.
    """
    ids, household, unit_of, area_of, first = out.ids, out.household, out.unit, out.area, out.first
    n = 0
    for i in range(inside.size):
        a = area[i]
        begin = inside[i] * persons[a] // households[a]
        for person in range(begin, (inside[i] + 1) * persons[a] // households[a]):
            ids[n] = before[a] + person
            household[n] = i
            unit_of[n] = unit[i]
            area_of[n] = a
            first[n] = person == begin
            n += 1


@njit(cache=True, nogil=True)
def fill_categories(words: Words, cuts: Thresholds, row: Ints, out: Ints) -> None:
    """Add to `out` (n,) how many of the cuts of its row lie at or below each word."""
    for i in range(words.size):
        for cut in range(cuts.shape[1]):
            out[i] += np.int64(cuts[row[i], cut] <= np.uint64(words[i]))


@njit(cache=True, nogil=True)
def fill_counted(of_person: Ints, keep: Bools, counted: Bools) -> None:
    """Mark the entities whose first person is kept; persons stand by entity."""
    for i in range(of_person.size):
        if keep[i] and (i == 0 or of_person[i] != of_person[i - 1]):
            counted[of_person[i]] = True
