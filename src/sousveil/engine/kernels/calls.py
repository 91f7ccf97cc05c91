"""Kernel of roll calls: who is recorded, whose absences flag, and what each cause has done."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Ints, Thresholds, Words
from sousveil.engine.kernels.philox import Whole, philox_block

MOST_IN_A_WINDOW = 1023
"""Events of a window: six sums of ten bits stand in one word."""
_BITS = 10
_MASK = np.uint64(1023)
_ONE = np.uint64(1)


class Calls(NamedTuple):
    """A roll call over n households with E events.

    key: (2,). streams: (3,) of the events, of airings after the first, of faults. ids, kind,
    feeder, faults, exchange: (n,), kind the class of the watch effect, faults counters, exchange
    the row of `linked`. watch: (16,). elsewhere, left_on: thresholds. odds: (feeders, E, most) of
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
def _fill_words(calls: Calls, i: int, words: Words) -> None:
    """The words of one household at all events, (4, E); it vectorises."""
    k0, k1, entity, stream = calls.key[0], calls.key[1], calls.ids[i], calls.streams[0]
    for event in range(words.shape[1]):
        w0, w1, w2, w3 = philox_block(entity, np.uint32(event), stream, np.uint32(0), k0, k1)
        words[0, event] = w0
        words[1, event] = w1
        words[2, event] = w2
        words[3, event] = w3


@njit(inline="always")
def _fill_powered(calls: Calls, i: int, words: Words, powered: Bits) -> None:
    """Whether any airing of an event finds power: the first by the spare word, others by theirs."""
    odds, entity = calls.odds[calls.feeder[i]], calls.ids[i]
    for event in range(powered.size):  # it vectorises
        powered[event] = np.uint8(np.uint64(words[3, event]) < odds[event, 0])
    for airing in range(1, odds.shape[1]):
        page, lane = np.uint32((airing - 1) // 4), (airing - 1) % 4
        for event in range(powered.size):
            if powered[event] == 0 and odds[event, airing] > 0:
                four = philox_block(
                    entity, np.uint32(event), calls.streams[1], page, calls.key[0], calls.key[1]
                )
                low = four[0] if lane == 0 else four[1]
                high = four[2] if lane == 2 else four[3]
                word = low if lane < 2 else high
                powered[event] = np.uint8(np.uint64(word) < odds[event, airing])


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
def _fill_marks(
    calls: Calls, i: int, words: Words, powered: Bits, sound: Bits, marks: Thresholds
) -> tuple[Whole, Whole]:
    """Six bits of absence at every event, ten binary places apart; returns recordable, recorded.

    Absent, absent on purpose, and absent still without each cause: power, link, fault, elsewhere.
    """
    watch, exchange = calls.watch[calls.kind[i]], calls.exchange[i]
    blames = np.uint64(0) if calls.excuses else _ONE
    ups, seen = np.uint64(0), np.uint64(0)
    for event in range(marks.size):
        watched = np.uint64(np.uint64(words[0, event]) < watch)
        away = np.uint64(np.uint64(words[1, event]) < calls.elsewhere)
        left = np.uint64(np.uint64(words[2, event]) < calls.left_on)
        power, link = np.uint64(powered[event]), np.uint64(calls.linked[exchange, event])
        fine, idle = np.uint64(sound[event]), np.uint64(_ONE ^ watched)
        tuned = np.uint64((watched & (_ONE ^ away)) | (idle & left))
        wanted = np.uint64(watched | (idle & left))
        counted = np.uint64(power | blames)
        up = np.uint64(power & link & fine)
        absent = np.uint64((_ONE ^ (up & tuned)) & counted)
        ups = np.uint64(ups + up)
        seen = np.uint64(seen + (up & tuned))
        marks[event] = (
            absent
            | np.uint64(np.uint64(absent & idle & (_ONE ^ left)) << np.uint64(_BITS))
            | np.uint64(np.uint64(_ONE ^ (link & fine & tuned)) << np.uint64(2 * _BITS))
            | np.uint64(
                np.uint64((_ONE ^ (power & fine & tuned)) & counted) << np.uint64(3 * _BITS)
            )
            | np.uint64(
                np.uint64((_ONE ^ (power & link & tuned)) & counted) << np.uint64(4 * _BITS)
            )
            | np.uint64(np.uint64((_ONE ^ (up & wanted)) & counted) << np.uint64(5 * _BITS))
        )
    return np.int64(ups), np.int64(seen)


@njit(inline="always")
def follow(
    calls: Calls, i: int, words: Words, powered: Bits, sound: Bits, marks: Thresholds
) -> tuple[Whole, Whole]:
    """Draw one household at all events into `marks` (E,); returns recordable, recorded.

    words (4, E), powered (E,), sound (E,), of ones: room to work in.
    """
    _fill_words(calls, i, words)
    _fill_powered(calls, i, words, powered)
    _fill_sound(calls, i, sound)
    return _fill_marks(calls, i, words, powered, sound, marks)


@njit(inline="always")
def sum_window(calls: Calls, window: Whole, marks: Thresholds) -> np.uint64:
    """The six sums of a window, ten binary places apart."""
    total = np.uint64(0)
    for member in range(calls.offset[window], calls.offset[window + 1]):
        total = np.uint64(total + marks[calls.members[member]])
    return total


@njit(inline="always")
def reaches(calls: Calls, total: np.uint64, place: int) -> Whole:
    """Whether one of the six sums of a window is enough for a flag."""
    return np.uint64((total >> np.uint64(place * _BITS)) & _MASK) >= calls.threshold


@njit(cache=True, nogil=True)
def fill_called(calls: Calls, out: Called) -> int:
    """Draw a roll call for every household; returns how many flags it raises."""
    events, n = calls.odds.shape[1], 0
    words, marks = np.empty((4, events), np.uint32), np.empty(events, np.uint64)
    powered, sound = np.empty(events, np.uint8), np.ones(events, np.uint8)
    for i in range(calls.ids.size):
        ups, seen = follow(calls, i, words, powered, sound, marks)
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
