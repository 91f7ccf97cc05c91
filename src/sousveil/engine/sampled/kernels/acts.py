"""Kernels of what notices acts: at the moment itself, or in what they left behind."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Halves, Ints, Thresholds, Words
from sousveil.engine.sampled.kernels.lanes import rank
from sousveil.philox import Whole, philox_block

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


@njit(cache=True, nogil=True)
def _fill_words(
    person: Words, number: Words, ids: Words, key: Words, stream: np.uint32, first: Whole,
    size: Whole, who: Words, words: Words,
) -> None:  # fmt: skip
    """Three words of each of some acts, (3, size)."""
    k0, k1, begin = key[0], key[1], np.uintp(first)
    for c in range(np.uintp(size)):  # apart from the words, because those vectorise
        who[c] = ids[np.uintp(person[begin + c])]
    for c in range(np.uintp(size)):
        w0, w1, w2, _ = philox_block(who[c], number[begin + c], stream, np.uint32(0), k0, k1)
        words[0, c] = w0
        words[1, c] = w1
        words[2, c] = w2


@njit(inline="always")
def catches(eye: Eye, person: Whole, word: np.uint32) -> Whole:
    """1 where an eye may notice an act of a person, else 0; without a branch, as all below."""
    return np.int64(np.uint64(word) < eye.notice[person])


@njit(inline="always")
def sees(eye: Eye, hour: Whole, supplied: Whole, moment: np.uint32, power: np.uint32) -> Whole:
    """1 where hour and power let the eye see, else 0."""
    seen = np.int64(np.uint64(moment) < eye.by_slot[eye.slot[hour]])
    return seen & np.int64(np.uint64(power) < eye.chances[supplied])


@njit(inline="always")
def supply_of(eye: Eye, person: Whole, hour: Whole) -> Whole:
    """Whether the eye of a person has power."""
    return np.int64(eye.supply[eye.feeder[person], hour])


@njit(cache=True, nogil=True)
def fill_noticed(acts: Acts, eye: Eye, out: Ints) -> Whole:
    """Write the positions of the acts that are noticed as they happen; returns how many."""
    who, words = np.empty(_AT_ONCE, np.uint32), np.empty((3, _AT_ONCE), np.uint32)
    able = np.empty(_AT_ONCE, np.int64)
    free, n = eye.supply.shape[0] == 0, 0
    for first in range(0, acts.person.size, _AT_ONCE):
        size, m = min(_AT_ONCE, acts.person.size - first), 0
        _fill_words(
            acts.person, acts.number, acts.ids, eye.key, eye.stream, first, size, who, words
        )
        for c in range(size):  # a sum instead of a branch, which no processor could guess
            able[m] = c
            m += catches(eye, acts.person[first + c], words[0, c])
        for place in range(m):
            c = able[place]
            hour = acts.hour[first + c]
            supplied = 1
            if not free:
                supplied = supply_of(eye, acts.person[first + c], hour)
            out[n] = first + c
            n += sees(eye, hour, supplied, words[1, c], words[2, c])
    return n


@njit(inline="always")
def probes_of(probe: np.uint64, word: np.uint32) -> Whole:
    """1 where a view becomes a probe, else 0."""
    return np.int64(np.uint64(word) < probe)


@njit(inline="always")
def alerts(limits: Thresholds, person: Whole, word: np.uint32) -> Whole:
    """1 where a probe gives an alert, else 0."""
    return np.int64(np.uint64(word) < limits[person])


@njit(cache=True, nogil=True)
def fill_alerts(views: Acts, match: Match, probes: Ints, out: Ints) -> Whole:
    """Write the positions of the views that give an alert; returns how many. probes: (P,)."""
    who, words = np.empty(_AT_ONCE, np.uint32), np.empty((3, _AT_ONCE), np.uint32)
    n, persons, numbers, ids, limits = 0, views.person, views.number, views.ids, match.alert
    key, stream, probe = match.key, match.stream, match.probe
    for first in range(0, persons.size, _AT_ONCE):
        size = min(_AT_ONCE, persons.size - first)
        _fill_words(persons, numbers, ids, key, stream, first, size, who, words)
        for c in range(size):
            person = np.uintp(persons[first + c])
            probed = probes_of(probe, words[0, c])
            probes[person] += probed
            out[np.uintp(n)] = first + c
            n += probed & alerts(limits, person, words[1, c])
    return n


@njit(inline="always")
def meet(check: Check, first: Whole, last: Whole, begin: Whole, end: Whole) -> Whole:
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
        needed -= meet(check, first, last, following, following + 1)
        if needed <= 0:
            return following
        begin = following + 1


@njit(inline="always")
def findable(check: Check, person: Whole, trace: np.uint32, word: np.uint32) -> Whole:
    """1 where an act of a person left something that any number of visits could find, else 0."""
    able = np.int64(np.uint64(word) < check.limit[person])
    return able & np.int64(np.uint64(trace) < check.trace)


@njit(inline="always")
def span_of(check: Check, person: Whole, hour: Whole) -> tuple[Whole, Whole, Whole, Whole]:
    """Visits to the holder of a person: first and last, and the hours in which they can find."""
    holder, begin = check.holder[person], np.int64(hour)
    end = min(begin + check.findable_hours, check.hours)
    return check.starts[holder], check.starts[holder + 1], begin, end


@njit(inline="always")
def suffice(check: Check, met: Whole, word: np.uint32) -> Whole:
    """Whether so many visits find; one word decides, below 1 - (1 - find)^n for n of them."""
    return np.uint64(word) < check.find[min(met, check.find.size - 1)]


@njit(inline="always")
def find_moment(
    check: Check, first: Whole, last: Whole, begin: Whole, end: Whole, word: np.uint32
) -> Whole:
    """Hour of the visit that finds what these visits suffice for."""
    needed = rank(check.find, 0, check.find.size, word)
    return _moment(check, first, last, begin, end, needed)


@njit(cache=True, nogil=True)
def fill_found(acts: Acts, check: Check, out: Ints, moments: Ints) -> Whole:
    """Write the positions of the acts that visits find, with the hour of the visit that does."""
    who, words = np.empty(_AT_ONCE, np.uint32), np.empty((3, _AT_ONCE), np.uint32)
    able = np.empty(_AT_ONCE, np.int64)
    n = 0
    for first in range(0, acts.person.size, _AT_ONCE):
        size = min(_AT_ONCE, acts.person.size - first)
        _fill_words(
            acts.person, acts.number, acts.ids, check.key, check.stream, first, size, who, words
        )
        m = 0
        for c in range(size):  # a sum instead of a branch, which no processor could guess
            able[m] = c
            m += findable(check, acts.person[first + c], words[0, c], words[1, c])
        for place in range(m):
            c = able[place]
            low, high, begin, end = span_of(check, acts.person[first + c], acts.hour[first + c])
            met = meet(check, low, high, begin, end)
            if met > 0 and suffice(check, met, words[1, c]):
                out[n] = first + c
                moments[n] = find_moment(check, low, high, begin, end, words[1, c])
                n += 1
    return n
