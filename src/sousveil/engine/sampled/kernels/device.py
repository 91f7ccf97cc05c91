"""Kernels for a graphics card: a thread for each entity, act or household.

What is decided, and on which words, the functions of the processor's kernels say: both devices run
the same lines on the same integers, so their bits are equal. Every thread strides over its share,
so that the shape of a launch changes nothing; nothing is added up by several threads.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import cuda, njit

from sousveil.arrays import Bits, Halves, Ints, Thresholds, Words
from sousveil.engine.sampled.kernels.acts import (
    Acts,
    Check,
    Eye,
    Match,
    alerts,
    catches,
    find_moment,
    findable,
    meet,
    probes_of,
    sees,
    span_of,
    suffice,
    supply_of,
)
from sousveil.engine.sampled.kernels.asked import Items, Numbers, Times
from sousveil.engine.sampled.kernels.calls import Calls, follow, reaches, sum_window
from sousveil.engine.sampled.kernels.lanes import rank
from sousveil.engine.sampled.kernels.sought import count_between, finds, moment
from sousveil.engine.sampled.kernels.yearly import hour_of, lane_of, number_of
from sousveil.philox import Whole, philox_block

NOT_FOUND = np.uint16(0xFFFF)
"""In the place of the hour of an act that no visit finds."""
_PAGE = np.uint32(0)

_cuda: Any = cuda


class Asked(NamedTuple):
    """Words that are asked for. stream: (1,) of all or (n,). entity, event: (n,)."""

    key: Words
    stream: Words
    page: np.uint32
    entity: Words
    event: Words


class Sight(NamedTuple):
    """Acts that visits may find, (n,), and the visits: see `Seek`. holder: of each act."""

    holder: Ints
    hour: Halves
    word: Words
    words: Words
    starts: Ints
    cuts: Thresholds
    find: Thresholds
    findable_hours: int


class Desk(NamedTuple):
    """Room to follow n households through E events and W windows.

    words (4, E, n), drawn, sound, marks (E, n): to work in. counts (n, 6). flags (n, W): 1 where a
    window flags, 3 where it is founded as well.
    """

    words: Words
    drawn: Bits
    sound: Bits
    marks: Bits
    counts: Ints
    flags: Bits


@njit(inline="always")
def item_word(
    key: Words, stream: np.uint32, page: np.uint32, entity: Whole, number: Whole
) -> np.uint32:
    """The word of one item on a page."""
    block, lane = np.uint32(number >> 2), number & 3
    return lane_of(philox_block(entity, block, stream, page, key[0], key[1]), lane)


@njit(cache=True)
def count_items(ask: Numbers, i: Whole) -> Whole:
    """How many items entity i has."""
    four = philox_block(ask.entity[i], np.uint32(0), ask.stream, ask.page, ask.key[0], ask.key[1])
    counts, place = ask.counts, ask.distribution[ask.row[i]]
    word = lane_of(four, ask.lane)
    if word < counts.lowest[place]:
        return counts.first[place]
    return number_of(counts.first, counts.offset, counts.cuts, counts.guide, place, word)


@njit(cache=True)
def word_of(items: Items, i: Whole, number: Whole) -> np.uint32:
    """The word of one item of entity i."""
    return item_word(items.key, items.stream, items.page, items.entity[i], number)


@njit(cache=True)
def date(times: Times, i: Whole, number: Whole) -> tuple[Whole, Whole]:
    """Hour of an item of entity i, and 1 where it finds power."""
    key, stream, moments, entity = times.key, times.stream, times.moments, times.entity[i]
    word = item_word(key, stream, times.pages[0], entity, number)
    hour = hour_of(moments.guide, moments.cuts, moments.shape[times.row[i]], word)
    if times.supply.shape[0] == 0:
        return hour, np.int64(1)
    word = item_word(key, stream, times.pages[1], entity, number)
    supplied = np.int64(times.supply[times.feeder[i], hour])
    return hour, np.int64(np.uint64(word) < times.chances[supplied])


@njit(cache=True)
def visit(sight: Sight, c: Whole) -> tuple[Whole, np.uint32]:
    """1 where visits find act c, and the word of the visit that does."""
    own, begin, cuts, word = sight.holder[c], np.int64(sight.hour[c]), sight.cuts, sight.word[c]
    low, high = cuts[begin], cuts[min(begin + sight.findable_hours, cuts.size - 1)]
    first, last = sight.starts[own], sight.starts[own + 1]
    most = np.uint32(high - low - np.uint64(1))
    met = count_between(sight.words, first, last, np.uint32(low), most)
    if finds(met, np.uint64(high - low), sight.find, word) == 0:
        return np.int64(0), np.uint32(0)
    needed = rank(sight.find, 0, min(met, sight.find.size - 1), np.uint32(word))
    return np.int64(1), moment(sight.words, first, last, np.uint32(low), most, needed)


@njit(cache=True)
def notice(acts: Acts, eye: Eye, c: Whole) -> Whole:
    """1 where an act is noticed as it happens, else 0."""
    person, hour = acts.person[c], acts.hour[c]
    w0, w1, w2, _ = philox_block(
        acts.ids[person], acts.number[c], eye.stream, _PAGE, eye.key[0], eye.key[1]
    )
    if catches(eye, person, w0) == 0:
        return np.int64(0)
    supplied = np.int64(1)
    if eye.supply.shape[0] > 0:
        supplied = supply_of(eye, person, hour)
    return sees(eye, hour, supplied, w1, w2)


@njit(cache=True)
def find(acts: Acts, check: Check, c: Whole) -> Whole:
    """Hour of the visit that finds an act, or NOT_FOUND."""
    person = acts.person[c]
    w0, w1, _, _ = philox_block(
        acts.ids[person], acts.number[c], check.stream, _PAGE, check.key[0], check.key[1]
    )
    if findable(check, person, w0, w1) == 0:
        return np.int64(NOT_FOUND)
    low, high, begin, end = span_of(check, person, acts.hour[c])
    met = meet(check, low, high, begin, end)
    if met > 0 and suffice(check, met, w1):
        return np.int64(find_moment(check, low, high, begin, end, w1))
    return np.int64(NOT_FOUND)


@njit(cache=True)
def match_view(views: Acts, match: Match, c: Whole) -> Whole:
    """1 where a view becomes a probe, 3 where the probe gives an alert, else 0."""
    person = views.person[c]
    w0, w1, _, _ = philox_block(
        views.ids[person], views.number[c], match.stream, _PAGE, match.key[0], match.key[1]
    )
    probed = probes_of(match.probe, w0)
    return probed * (np.int64(1) + np.int64(2) * alerts(match.alert, person, w1))


@njit(cache=True)
def call(calls: Calls, desk: Desk, i: Whole) -> None:
    """Follow household i through a roll call."""
    for event in range(desk.sound.shape[0]):
        desk.sound[event, i] = 1
    marks = desk.marks[:, i]
    ups, seen = follow(calls, i, desk.words[:, :, i], desk.drawn[:, i], desk.sound[:, i], marks)
    desk.counts[i, 0] = ups
    desk.counts[i, 1] = seen
    for cause in range(4):
        desk.counts[i, 2 + cause] = 0
    for window in range(calls.offset.size - 1):
        total = sum_window(calls, window, marks)
        founded = reaches(calls, total, 1)
        flagged = reaches(calls, total, 0)
        desk.flags[i, window] = (1 if flagged else 0) + (2 if flagged and founded else 0)
        for cause in range(4):
            if flagged and not founded and not reaches(calls, total, 2 + cause):
                desk.counts[i, 2 + cause] += 1


@_cuda.jit
def lanes_kernel(asked: Asked, out: Words) -> None:
    """Write the four words of every (entity, event) into out, (4, n)."""
    for i in range(_cuda.grid(1), asked.entity.size, _cuda.gridsize(1)):
        stream = asked.stream[min(i, asked.stream.size - 1)]
        w0, w1, w2, w3 = philox_block(
            asked.entity[i], asked.event[i], stream, asked.page, asked.key[0], asked.key[1]
        )
        out[0, i] = w0
        out[1, i] = w1
        out[2, i] = w2
        out[3, i] = w3


@_cuda.jit
def numbers_kernel(ask: Numbers, out: Ints) -> None:
    """Write how many items every entity has."""
    for i in range(_cuda.grid(1), ask.entity.size, _cuda.gridsize(1)):
        out[i] = count_items(ask, i)


@_cuda.jit
def items_kernel(items: Items, out: Words) -> None:
    """Write the words of all items."""
    for i in range(_cuda.grid(1), items.entity.size, _cuda.gridsize(1)):
        first = items.starts[i]
        for number in range(items.starts[i + 1] - first):
            out[first + number] = word_of(items, i, number)


@_cuda.jit
def hours_kernel(times: Times, position: Words, number: Words, hour: Halves, kept: Bits) -> None:
    """Write the hours of items, and 1 where one finds power."""
    for c in range(_cuda.grid(1), number.size, _cuda.gridsize(1)):
        hour[c], kept[c] = date(times, position[c], number[c])


@_cuda.jit
def sought_kernel(sight: Sight, found: Bits, word: Words) -> None:
    """Write 1 for every act that visits find, else 0, and the word of the visit that does."""
    for c in range(_cuda.grid(1), sight.holder.size, _cuda.gridsize(1)):
        found[c], word[c] = visit(sight, c)


@_cuda.jit
def notice_kernel(acts: Acts, eye: Eye, out: Bits) -> None:
    """Write 1 for every act that is noticed as it happens, else 0."""
    for c in range(_cuda.grid(1), acts.person.size, _cuda.gridsize(1)):
        out[c] = notice(acts, eye, c)


@_cuda.jit
def find_kernel(acts: Acts, check: Check, out: Halves) -> None:
    """Write the hour of the visit that finds every act, or NOT_FOUND."""
    for c in range(_cuda.grid(1), acts.person.size, _cuda.gridsize(1)):
        out[c] = find(acts, check, c)


@_cuda.jit
def match_kernel(views: Acts, match: Match, out: Bits) -> None:
    """Write what becomes of every view: see :func:`match_view`."""
    for c in range(_cuda.grid(1), views.person.size, _cuda.gridsize(1)):
        out[c] = match_view(views, match, c)


@_cuda.jit
def call_kernel(calls: Calls, desk: Desk) -> None:
    """Follow every household through a roll call."""
    for i in range(_cuda.grid(1), calls.ids.size, _cuda.gridsize(1)):
        call(calls, desk, i)
