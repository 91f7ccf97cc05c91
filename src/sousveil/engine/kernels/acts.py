"""Kernels of what notices acts: at the moment itself, or in what they left behind."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Halves, Ints, Thresholds, Words
from sousveil.engine.kernels.philox import Whole, philox_block, rank

_AT_ONCE = 512
"""Acts whose words are drawn in one go, so that they stay in cache."""


class Acts(NamedTuple):
    """n acts of P persons. person, hour, number: (n,). ids: (P,) counters of the persons."""

    person: Words
    hour: Halves
    number: Words
    ids: Words


class Eye(NamedTuple):
    """What looks at acts as they happen.

    key: (2,). notice: (P,) threshold for each person. feeder: (P,). by_slot: (S,). slot: (H,).
    chances: (2,) without and with supply. supply: (feeders, H), without rows for an eye that needs
    no power.
    """

    key: Words
    stream: np.uint32
    notice: Thresholds
    feeder: Ints
    by_slot: Thresholds
    slot: Bits
    chances: Thresholds
    supply: Bits


class Check(NamedTuple):
    """Visits that look for what acts left.

    find: (k,) threshold to be found by so many visits. limit: (P,) the same for all visits of the
    year to a person's holder; 0 where nothing can be found. holder: (P,) position of whom the
    visits go to. starts: (holders + 1,) first visit of each. visits: hours. hours: of the run.
    """

    key: Words
    stream: np.uint32
    trace: np.uint64
    findable_hours: int
    find: Thresholds
    limit: Thresholds
    holder: Ints
    starts: Ints
    visits: Halves
    hours: int


class Match(NamedTuple):
    """A search of the views of passers-by. alert: (P,) threshold of each, given a probe."""

    key: Words
    stream: np.uint32
    probe: np.uint64
    alert: Thresholds


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
    able = np.empty(_AT_ONCE, np.int64)
    free, n = eye.supply.shape[0] == 0, 0
    for first in range(0, acts.person.size, _AT_ONCE):
        size, m = min(_AT_ONCE, acts.person.size - first), 0
        _fill_words(acts, eye.key, eye.stream, first, size, who, words)
        for c in range(size):  # a sum instead of a branch, which no processor could guess
            able[m] = c
            m += np.int64(np.uint64(words[0, c]) < eye.notice[acts.person[first + c]])
        for place in range(m):
            c = able[place]
            hour = acts.hour[first + c]
            supplied = 1
            if not free:
                supplied = np.int64(eye.supply[eye.feeder[acts.person[first + c]], hour])
            seen = np.int64(np.uint64(words[1, c]) < eye.by_slot[eye.slot[hour]])
            seen &= np.int64(np.uint64(words[2, c]) < eye.chances[supplied])
            out[n] = first + c
            n += seen
    return n


@njit(cache=True, nogil=True)
def fill_alerts(views: Acts, match: Match, probes: Ints, out: Ints) -> Whole:
    """Write the positions of the views that give an alert; returns how many. probes: (P,)."""
    who, words = np.empty(_AT_ONCE, np.uint32), np.empty((3, _AT_ONCE), np.uint32)
    n = 0
    for first in range(0, views.person.size, _AT_ONCE):
        size = min(_AT_ONCE, views.person.size - first)
        _fill_words(views, match.key, match.stream, first, size, who, words)
        for c in range(size):
            person = views.person[first + c]
            probed = np.int64(np.uint64(words[0, c]) < match.probe)
            probes[person] += probed
            out[n] = first + c
            n += probed & np.int64(np.uint64(words[1, c]) < match.alert[person])
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
    able = np.empty(_AT_ONCE, np.int64)
    n, most = 0, check.find.size - 1
    for first in range(0, acts.person.size, _AT_ONCE):
        size = min(_AT_ONCE, acts.person.size - first)
        _fill_words(acts, check.key, check.stream, first, size, who, words)
        m = 0
        for c in range(size):  # a sum instead of a branch, which no processor could guess
            findable = np.int64(np.uint64(words[1, c]) < check.limit[acts.person[first + c]])
            able[m] = c
            m += findable & np.int64(np.uint64(words[0, c]) < check.trace)
        for place in range(m):
            c = able[place]
            holder = check.holder[acts.person[first + c]]
            begin = np.int64(acts.hour[first + c])
            low, high = check.starts[holder], check.starts[holder + 1]
            end = min(begin + check.findable_hours, check.hours)
            met = _met(check, low, high, begin, end)
            # One word decides which visit would find it: the n-th with 1 - (1 - find)^n by then.
            if met > 0 and np.uint64(words[1, c]) < check.find[min(met, most)]:
                needed = rank(check.find, 0, check.find.size, words[1, c])
                out[n] = first + c
                moments[n] = _moment(check, low, high, begin, end, needed)
                n += 1
    return n
