"""Kernels of what notices acts: at the moment itself, or in what they left behind."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Bools, Halves, Ints, Thresholds, Words
from sousveil.engine.kernels.philox import Whole, philox_block, rank

_AT_ONCE = 512
"""Acts whose words are drawn in one go, so that they stay in cache."""


class Acts(NamedTuple):
    """n acts of P persons. person, hour, number: (n,). ids: (P,) counters of the persons."""

    person: Ints
    hour: Ints
    number: Words
    ids: Words


class Eye(NamedTuple):
    """What looks at acts as they happen.

    key: (2,). cell, feeder, column: (P,), the last of `notice`, (cells, C). by_slot: (S,). slot:
    (H,). chances: (2,) without and with supply. supply: (feeders, H), without rows for an eye that
    needs no power.
    """

    key: Words
    stream: np.uint32
    cell: Ints
    feeder: Ints
    column: Ints
    notice: Thresholds
    by_slot: Thresholds
    slot: Ints
    chances: Thresholds
    supply: Bits


class Check(NamedTuple):
    """Visits that look for what acts left.

    carrier: (P,) who can be found. holder: (P,) position of whom the visits go to. starts: (holders
    + 1,) first visit of each. visits: hours. find: (k,) threshold to be found by so many visits.
    """

    key: Words
    stream: np.uint32
    carrier: Bools
    holder: Ints
    trace: np.uint64
    findable_hours: int
    hours: int
    find: Thresholds
    starts: Ints
    visits: Halves


@njit(inline="always")
def _fill_words(
    acts: Acts, key: Words, stream: np.uint32, first: int, size: int, who: Words, words: Words
) -> None:
    """Three words of each of some acts, (3, size)."""
    for c in range(size):  # apart from the words, because those vectorise
        who[c] = acts.ids[acts.person[first + c]]
    for c in range(size):
        w0, w1, w2, _ = philox_block(
            who[c], acts.number[first + c], stream, np.uint32(0), key[0], key[1]
        )
        words[0, c] = w0
        words[1, c] = w1
        words[2, c] = w2


@njit(cache=True, nogil=True)
def fill_noticed(acts: Acts, eye: Eye, out: Ints) -> Whole:
    """Write the positions of the acts that are noticed as they happen; returns how many."""
    who, words = np.empty(_AT_ONCE, np.uint32), np.empty((3, _AT_ONCE), np.uint32)
    free, n = eye.supply.shape[0] == 0, 0
    for first in range(0, acts.person.size, _AT_ONCE):
        size = min(_AT_ONCE, acts.person.size - first)
        _fill_words(acts, eye.key, eye.stream, first, size, who, words)
        for c in range(size):
            person = acts.person[first + c]
            if np.uint64(words[0, c]) < eye.notice[eye.cell[person], eye.column[person]]:
                hour = acts.hour[first + c]
                supplied = 1 if free else np.int64(eye.supply[eye.feeder[person], hour])
                watching = np.uint64(words[1, c]) < eye.by_slot[eye.slot[hour]]
                if watching and np.uint64(words[2, c]) < eye.chances[supplied]:
                    out[n] = first + c
                    n += 1
    return n


@njit(inline="always")
def _met(check: Check, first: Whole, last: Whole, begin: Whole, end: Whole) -> Whole:
    """How many of the visits from `first` to before `last` fall into some hours; it vectorises."""
    met, low, high = np.int64(0), np.uint16(begin), np.uint16(end)
    for visit in range(first, last):
        met += np.int64((low <= check.visits[visit]) & (check.visits[visit] < high))
    return met


@njit(inline="always")
def _moment(
    check: Check, first: Whole, last: Whole, begin: Whole, end: Whole, needed: Whole
) -> Whole:
    """Hour of the needed-th of these visits, which stand in no order."""
    while True:
        following = end
        for visit in range(first, last):
            if begin <= check.visits[visit] < following:
                following = check.visits[visit]
        needed -= _met(check, first, last, following, following + 1)
        if needed <= 0:
            return following
        begin = following + 1


@njit(cache=True, nogil=True)
def fill_found(acts: Acts, check: Check, out: Ints, moments: Ints) -> Whole:
    """Write the positions of the acts that visits find, with the hour of the visit that does."""
    who, words = np.empty(_AT_ONCE, np.uint32), np.empty((3, _AT_ONCE), np.uint32)
    n, most = 0, check.find.size - 1
    for first in range(0, acts.person.size, _AT_ONCE):
        size = min(_AT_ONCE, acts.person.size - first)
        _fill_words(acts, check.key, check.stream, first, size, who, words)
        for c in range(size):
            person = acts.person[first + c]
            if not (np.uint64(words[0, c]) < check.trace and check.carrier[person]):
                continue
            holder, word = check.holder[person], words[1, c]
            first_visit, last_visit = check.starts[holder], check.starts[holder + 1]
            # One word decides which visit would find it: the n-th with 1 - (1 - find)^n by then.
            if np.uint64(word) >= check.find[min(last_visit - first_visit, most)]:
                continue
            begin = acts.hour[first + c]
            end = min(begin + check.findable_hours, check.hours)
            met = _met(check, first_visit, last_visit, begin, end)
            if met == 0 or np.uint64(word) >= check.find[min(met, most)]:
                continue
            needed = rank(check.find, 0, check.find.size, word)
            out[n] = first + c
            moments[n] = _moment(check, first_visit, last_visit, begin, end, needed)
            n += 1
    return n
