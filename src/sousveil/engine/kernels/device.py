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
from sousveil.engine.kernels.acts import (
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
from sousveil.engine.kernels.calls import Calls, follow, reaches, sum_window
from sousveil.engine.kernels.philox import Whole, philox_block, rank
from sousveil.engine.kernels.points import (
    EVENT_BITS,
    Field,
    Room,
    Year,
    fall,
    passes,
    powered,
)

NOT_FOUND = np.uint16(0xFFFF)
"""In the place of the hour of an act that no visit finds."""
_LAST = np.uint32(0xFFFFFFFF)
_PAGE = np.uint32(0)

_cuda: Any = cuda


class Asked(NamedTuple):
    """Words that are asked for. stream: (1,) of all or (n,). entity, event: (n,)."""

    key: Words
    stream: Words
    page: np.uint32
    entity: Words
    event: Words


class Desk(NamedTuple):
    """Room to follow n households through E events and W windows.

    words (4, E, n), sound, powered, marks (E, n): to work in. counts (n, 6). flags (n, W): 1 where
    a window flags, 3 where it is founded as well.
    """

    words: Words
    powered: Bits
    sound: Bits
    marks: Thresholds
    counts: Ints
    flags: Bits


@njit(cache=True)
def walk(field: Field, year: Year, room: Room, i: Whole, first: Whole) -> Whole:
    """Write the events of entity i from `first` on, or count them where there is no room."""
    k0, k1, stream, entity = field.key[0], field.key[1], field.stream, field.entity[i]
    free, writes, named = field.supply.shape[0] == 0, room.hour.size > 0, room.number.size > 0
    n = np.int64(0)
    w0 = w1 = w2 = w3 = np.uint32(0)
    for band in range(field.reach[field.row[i]]):
        if band % 4 == 0:
            event = np.uint32(_LAST - np.uint32(band // 4))
            w0, w1, w2, w3 = philox_block(entity, event, stream, _PAGE, k0, k1)
        word, w0, w1, w2 = w0, w1, w2, w3
        base = np.uint32(band << EVENT_BITS)
        for point in range(rank(year.cuts, year.offset[band], year.offset[band + 1], word)):
            number = np.uint32(base + np.uint32(point))
            place, height, power, spare = philox_block(entity, number, stream, _PAGE, k0, k1)
            hour, stays = fall(field, year, i, number, place, height)
            stays &= passes(field, power) if free else powered(field, i, hour, power)
            if writes and stays != 0:
                room.hour[first + n] = hour
                if named:
                    room.position[first + n] = i
                    room.number[first + n] = number
                    room.spare[first + n] = spare
            n += stays
    return n


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
    probed = probes_of(match, w0)
    return probed * (np.int64(1) + np.int64(2) * alerts(match, person, w1))


@njit(cache=True)
def call(calls: Calls, desk: Desk, i: Whole) -> None:
    """Follow household i through a roll call."""
    for event in range(desk.sound.shape[0]):
        desk.sound[event, i] = 1
    marks = desk.marks[:, i]
    ups, seen = follow(calls, i, desk.words[:, :, i], desk.powered[:, i], desk.sound[:, i], marks)
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
def count_kernel(field: Field, year: Year, room: Room, counts: Ints) -> None:
    """Count the events of every entity; the room is empty."""
    for i in range(_cuda.grid(1), field.entity.size, _cuda.gridsize(1)):
        counts[i] = walk(field, year, room, i, 0)


@_cuda.jit
def events_kernel(field: Field, year: Year, room: Room, first: Ints) -> None:
    """Write the events of every entity, from its first place on."""
    for i in range(_cuda.grid(1), field.entity.size, _cuda.gridsize(1)):
        walk(field, year, room, i, first[i])


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
