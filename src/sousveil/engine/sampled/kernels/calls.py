"""Kernel of roll calls: who is recorded, whose absences flag, and what each cause has done."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Ints, Thresholds, Words
from sousveil.philox import Whole, philox_block

MOST_IN_A_WINDOW = 1023
"""Events of a window: six sums of ten bits stand in one word."""
_BITS = 10
_MASK, _LAST = np.uint64(1023), np.uint64(2**32 - 1)
_B1, _B2, _B3 = np.uint8(1), np.uint8(2), np.uint8(3)
_POWERED = np.uint8(8)
_SPREAD = np.uint64(sum(1 << (_BITS - 1) * place for place in range(6)))
_ONES = np.uint64(sum(1 << _BITS * place for place in range(6)))
"""The product of six bits with the first has each of them at its place in the second."""


class Calls(NamedTuple):
    """A roll call over n households with E events.

    key: (2,). streams: (3,) of the events, of airings after the first, of faults. ids, kind,
    feeder, faults, exchange: (n,), kind the class of the watch effect, faults counters, exchange
    the row of `linked`. watch: (16,). elsewhere, left_on: thresholds. odds: (feeders, most, E) of
    an airing to find power, 0 where there is none. linked: (exchanges, E). down: (E, 2) chance of a
    fault after none, after one; without rows where there is never any. offset, members: windows, as
    events by number.
    """

    key: Words
    streams: Words
    ids: Words
    kind: Ints
    feeder: Ints
    faults: Words
    exchange: Ints
    watch: Thresholds
    elsewhere: np.uint64
    left_on: np.uint64
    odds: Thresholds
    linked: Bits
    down: Thresholds
    offset: Ints
    members: Ints
    threshold: np.uint64
    excuses: bool


class Called(NamedTuple):
    """What comes of it. counts: (n, 6) recordable, recorded, flags owed to the four causes.

    row, window, founded: of every flag.
    """

    counts: Ints
    row: Ints
    window: Ints
    founded: Bits


@njit(inline="always")
def _below(word: Whole, threshold: Whole) -> np.uint8:
    """A bit: whether a word lies below a threshold."""
    return np.uint8(np.uint64(word) < threshold)


@njit(inline="always")
def _cut(threshold: Whole) -> tuple[np.uint32, np.uint8]:
    """A threshold as a word, and whether all words lie below: words are compared faster."""
    every = threshold > _LAST
    return np.uint32(_LAST if every else threshold), np.uint8(every)


@njit(inline="always")
def _fill_drawn(calls: Calls, i: int, words: Words, drawn: Bits) -> None:
    """Four bits of one household at every event: watched, elsewhere, left on, powered at first."""
    k0, k1, entity, stream = calls.key[0], calls.key[1], calls.ids[i], calls.streams[0]
    watch, watches = _cut(calls.watch[calls.kind[i]])
    (away, roams), (left, leaves) = _cut(calls.elsewhere), _cut(calls.left_on)
    odds = calls.odds[calls.feeder[i], 0]
    for event in range(drawn.size):  # it vectorises
        w0, w1, w2, w3 = philox_block(entity, np.uint32(event), stream, np.uint32(0), k0, k1)
        words[0, event] = w0
        words[1, event] = w1
        words[2, event] = w2
        words[3, event] = w3
    for event in range(drawn.size):  # so do these; all at once do not
        one = np.uint8(np.uint8(words[0, event] < watch) | watches)
        two = np.uint8(np.uint8(words[1, event] < away) | roams)
        three = np.uint8(np.uint8(words[2, event] < left) | leaves)
        drawn[event] = np.uint8(np.uint8(one | np.uint8(two << _B1)) | np.uint8(three << _B2))
    for event in range(drawn.size):
        four = _below(words[3, event], odds[event])
        drawn[event] = np.uint8(drawn[event] | np.uint8(four << _B3))


@njit(inline="always")
def _fill_powered(calls: Calls, i: int, drawn: Bits) -> None:
    """Mark as powered the events of which a later airing finds power, each by its own word."""
    odds, entity = calls.odds[calls.feeder[i]], calls.ids[i]
    for airing in range(1, odds.shape[0]):
        page, lane = np.uint32((airing - 1) // 4), (airing - 1) % 4
        for event in range(drawn.size):
            if drawn[event] < _POWERED and odds[airing, event] > 0:
                four = philox_block(
                    entity, np.uint32(event), calls.streams[1], page, calls.key[0], calls.key[1]
                )
                low = four[0] if lane == 0 else four[1]
                high = four[2] if lane == 2 else four[3]
                word = low if lane < 2 else high
                found = np.uint8(np.uint64(word) < odds[airing, event])
                drawn[event] = np.uint8(drawn[event] | np.uint8(found << _B3))


@njit(inline="always")
def _fill_sound(calls: Calls, i: int, sound: Bits) -> None:
    """Whether the box of one household is without fault at every event."""
    state = 0
    for event in range(calls.down.shape[0]):
        word, _, _, _ = philox_block(
            calls.faults[i], np.uint32(event), calls.streams[2], np.uint32(0),
            calls.key[0], calls.key[1],
        )  # fmt: skip
        state = 1 if np.uint64(word) < calls.down[event, state] else 0
        sound[event] = 1 - state


@njit(inline="always")
def _both(one: np.uint8, other: np.uint8) -> np.uint8:
    """Whether both bits are set."""
    return np.uint8(one & other)


@njit(inline="always")
def _not(one: np.uint8) -> np.uint8:
    """Whether a bit is not set."""
    return np.uint8(one ^ np.uint8(1))


@njit(inline="always")
def _fill_marks(calls: Calls, i: int, drawn: Bits, sound: Bits, marks: Bits) -> tuple[Whole, Whole]:
    """Six bits of absence at every event; returns recordable, recorded.

    Absent, absent on purpose, and absent still without each cause: power, link, fault, elsewhere.
    """
    linked = calls.linked[calls.exchange[i]]
    blames = np.uint8(0) if calls.excuses else np.uint8(1)
    for event in range(marks.size):  # in bytes alone, so that many are done at once
        bits, link, fine = drawn[event], linked[event], sound[event]
        watched = np.uint8(bits & np.uint8(1))
        away = np.uint8(np.uint8(bits >> _B1) & np.uint8(1))
        left = _both(np.uint8(bits >> _B2), _not(watched))  # left on with nobody watching
        power = np.uint8(bits >> _B3)
        tuned = np.uint8(_both(watched, _not(away)) | left)
        wanted = np.uint8(watched | left)
        counted, working = np.uint8(power | blames), _both(link, fine)
        up = _both(power, working)
        absent = _both(_not(_both(up, tuned)), counted)
        low = np.uint8(absent | np.uint8(_both(absent, _not(wanted)) << _B1))
        low = np.uint8(low | np.uint8(_not(_both(working, tuned)) << _B2))
        high = _both(_not(_both(_both(power, fine), tuned)), counted)
        faulty = _both(_not(_both(_both(power, link), tuned)), counted)
        high = np.uint8(high | np.uint8(faulty << _B1))
        high = np.uint8(high | np.uint8(_both(_not(_both(up, wanted)), counted) << _B2))
        marks[event] = np.uint8(low | np.uint8(high << _B3))
        drawn[event] = np.uint8(up | np.uint8(_both(up, tuned) << _B1))  # which is done with
    ups, seen = np.uint32(0), np.uint32(0)
    for event in range(marks.size):
        ups = np.uint32(ups + np.uint32(drawn[event] & np.uint8(1)))
        seen = np.uint32(seen + np.uint32(drawn[event] >> _B1))
    return np.int64(ups), np.int64(seen)


@njit(inline="always")
def follow(
    calls: Calls, i: int, words: Words, drawn: Bits, sound: Bits, marks: Bits
) -> tuple[Whole, Whole]:
    """Draw one household at all events into `marks` (E,); returns recordable, recorded.

    words (4, E), drawn (E,), sound (E,), of ones: room to work in.
    """
    _fill_drawn(calls, i, words, drawn)
    _fill_powered(calls, i, drawn)
    _fill_sound(calls, i, sound)
    return _fill_marks(calls, i, drawn, sound, marks)


@njit(inline="always")
def sum_window(calls: Calls, window: Whole, marks: Bits) -> np.uint64:
    """The six sums of a window, ten binary places apart."""
    total = np.uint64(0)
    for member in range(calls.offset[window], calls.offset[window + 1]):
        apart = np.uint64(np.uint64(marks[calls.members[member]]) * _SPREAD)
        total = np.uint64(total + np.uint64(apart & _ONES))
    return total


@njit(inline="always")
def reaches(calls: Calls, total: np.uint64, place: int) -> Whole:
    """Whether one of the six sums of a window is enough for a flag."""
    return np.uint64((total >> np.uint64(place * _BITS)) & _MASK) >= calls.threshold


@njit(cache=True, nogil=True)
def fill_called(calls: Calls, out: Called) -> int:
    """Draw a roll call for every household; returns how many flags it raises."""
    events, n = calls.odds.shape[2], 0
    words, drawn = np.empty((4, events), np.uint32), np.empty(events, np.uint8)
    sound, marks = np.ones(events, np.uint8), np.empty(events, np.uint8)
    for i in range(calls.ids.size):
        ups, seen = follow(calls, i, words, drawn, sound, marks)
        out.counts[i, 0] = ups
        out.counts[i, 1] = seen
        for window in range(calls.offset.size - 1):
            total = sum_window(calls, window, marks)
            if not reaches(calls, total, 0):
                continue
            founded = reaches(calls, total, 1)
            out.row[n] = i
            out.window[n] = window
            out.founded[n] = founded
            n += 1
            for cause in range(4):
                if not founded and not reaches(calls, total, 2 + cause):
                    out.counts[i, 2 + cause] += 1
    return n
