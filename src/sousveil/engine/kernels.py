"""The compiled kernels: Philox 4x32-10 and the dense loops of the engines, on integers only.

Every kernel has a plain NumPy judge in :mod:`sousveil.engine.chance`, which it equals to the bit.
All stand in this one file, because the compiler's cache watches only the file of the kernel that is
called. Sums of uint32 widen to 64 bits in the compiler, so every result is cast back; rounds are
unrolled by hand and inlined at the source: else nothing vectorises (0.4 against 2.7 billion words a
second).

Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Bools, Ints, Thresholds, Words

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_SHIFT = np.uint64(32)
HOUR_MASK = np.uint32(0x3FFF)
"""The bits of an event's number that hold its hour."""
# Weyl steps of the key, one for each round after the first.
_W0_1 = np.uint32(0x9E3779B9)
_W0_2 = np.uint32(0x3C6EF372)
_W0_3 = np.uint32(0xDAA66D2B)
_W0_4 = np.uint32(0x78DDE6E4)
_W0_5 = np.uint32(0x1715609D)
_W0_6 = np.uint32(0xB54CDA56)
_W0_7 = np.uint32(0x5384540F)
_W0_8 = np.uint32(0xF1BBCDC8)
_W0_9 = np.uint32(0x8FF34781)
_W1_1 = np.uint32(0xBB67AE85)
_W1_2 = np.uint32(0x76CF5D0A)
_W1_3 = np.uint32(0x32370B8F)
_W1_4 = np.uint32(0xED9EBA14)
_W1_5 = np.uint32(0xA9066899)
_W1_6 = np.uint32(0x646E171E)
_W1_7 = np.uint32(0x1FD5C5A3)
_W1_8 = np.uint32(0xDB3D7428)
_W1_9 = np.uint32(0x96A522AD)

_LOW = np.uint64(0xFFFFFFFF)
_LN2 = np.uint64(49946518145322874)
"""ln 2 in units of 2^-56."""
_AT_ONCE = 1024

Four: TypeAlias = tuple[np.uint32, np.uint32, np.uint32, np.uint32]


@njit(inline="always")
def _round(
    c0: np.uint32, c1: np.uint32, c2: np.uint32, c3: np.uint32, k0: np.uint32, k1: np.uint32
) -> Four:
    """One round of Philox."""
    p0 = np.uint64(_M0 * np.uint64(c0))
    p1 = np.uint64(_M1 * np.uint64(c2))
    return (
        np.uint32(np.uint32(np.uint32(p1 >> _SHIFT) ^ c1) ^ k0),
        np.uint32(p1),
        np.uint32(np.uint32(np.uint32(p0 >> _SHIFT) ^ c3) ^ k1),
        np.uint32(p0),
    )


@njit(inline="always")
def philox_block(
    c0: np.uint32, c1: np.uint32, c2: np.uint32, c3: np.uint32, k0: np.uint32, k1: np.uint32
) -> Four:
    """Four words of one counter under one key."""
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_1), np.uint32(k1 + _W1_1))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_2), np.uint32(k1 + _W1_2))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_3), np.uint32(k1 + _W1_3))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_4), np.uint32(k1 + _W1_4))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_5), np.uint32(k1 + _W1_5))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_6), np.uint32(k1 + _W1_6))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_7), np.uint32(k1 + _W1_7))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_8), np.uint32(k1 + _W1_8))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_9), np.uint32(k1 + _W1_9))
    return c0, c1, c2, c3


@njit(cache=True, nogil=True)
def fill_lanes(
    key: Words, stream: np.uint32, page: np.uint32, entity: Words, event: Words, out: Words
) -> None:
    """Write the four words of every (entity, event) of a stream into out, (4, n)."""
    k0, k1 = key[0], key[1]
    for i in range(entity.size):
        w0, w1, w2, w3 = philox_block(entity[i], event[i], stream, page, k0, k1)
        out[0, i] = w0
        out[1, i] = w1
        out[2, i] = w2
        out[3, i] = w3


class Job(NamedTuple):
    """One rate band of a process over n entities: all that a kernel reads.

    key: (2,). streams: (2,), of the band and of the process. numbers: (2,), first number of the
    band's events and step between events of one hour. thresholds: (j,) falling; a word below the
    first c of them means c candidates in its hour. quads: blocks of four hours to look at. entity,
    row, feeder: (n,). thin: (rows, S). chances: (2,) without and with supply. slot: (H,). supply:
    (feeders, H), without rows for a process that needs no power.
    """

    key: Words
    streams: Words
    numbers: Words
    thresholds: Words
    quads: Words
    entity: Words
    row: Ints
    feeder: Ints
    thin: Thresholds
    chances: Thresholds
    slot: Ints
    supply: Bits


class Room(NamedTuple):
    """Room for the events that a kernel finds: position of the entity, hour, number, spare word."""

    position: Ints
    hour: Ints
    number: Words
    spare: Words


class Jumps(NamedTuple):
    """How a band is jumped through.

    hazard: (2,) of an hour in units of 2^-(56 - shift), and the shift. first: least first word that
    falls within the year. active: (H,) hours to look at. logs: see :func:`tables.log_table`.
    """

    hazard: Thresholds
    first: np.uint64
    active: Bools
    logs: Thresholds


class Counts(NamedTuple):
    """Cut-off distributions of counts, one a row.

    Row r has the cuts offset[r] to offset[r + 1] - 1: a word at or above j of them counts
    first[r] + j.
    """

    first: Ints
    offset: Ints
    cuts: Words


class Desk(NamedTuple):
    """Working space of a kernel: candidates of one entity, and the words that judge them.

    number: (m,). words: (3, m), thinning, power and spare of each.
    """

    number: Words
    words: Words


@njit(cache=True, nogil=True)
def _keep(job: Job, i: int, desk: Desk, m: int, room: Room, n: int) -> int:
    """Thin the m candidates of entity i, ask for their power, write what stays at n.

    Returns the next n, or -1 where the room runs out.
    """
    number, words, thin = desk.number, desk.words, job.thin[job.row[i]]
    entity, stream, k0, k1 = job.entity[i], job.streams[1], job.key[0], job.key[1]
    for c in range(m):  # a loop of its own, because it vectorises
        w0, w1, w2, _ = philox_block(entity, number[c], stream, np.uint32(0), k0, k1)
        words[0, c] = w0
        words[1, c] = w1
        words[2, c] = w2
    slot, chances, supply, feeder = job.slot, job.chances, job.supply, job.feeder[i]
    free = supply.shape[0] == 0
    position, hours, numbers, spare = room.position, room.hour, room.number, room.spare
    for c in range(m):
        hour = np.int64(number[c] & HOUR_MASK)
        if np.uint64(words[0, c]) < thin[slot[hour]]:
            supplied = 1 if free else np.int64(supply[feeder, hour])
            if np.uint64(words[1, c]) < chances[supplied]:
                if n == hours.size:
                    return -1
                position[n] = i
                hours[n] = hour
                numbers[n] = number[c]
                spare[n] = words[2, c]
                n += 1
    return n


@njit(inline="always")
def _fill_row(job: Job, entity: np.uint32, words: Words, least: Words) -> None:
    """Words of one entity at all quads, (4, q), and the least of each four; it vectorises."""
    k0, k1, stream, quads = job.key[0], job.key[1], job.streams[0], job.quads
    for q in range(quads.size):
        w0, w1, w2, w3 = philox_block(entity, quads[q], stream, np.uint32(0), k0, k1)
        words[0, q] = w0
        words[1, q] = w1
        words[2, q] = w2
        words[3, q] = w3
        low = w0 if w0 < w1 else w1
        high = w2 if w2 < w3 else w3
        least[q] = low if low < high else high


@njit(cache=True, nogil=True)
def fill_hourly(job: Job, start: int, room: Room) -> tuple[int, int]:
    """Find the events of the entities from `start` on, hour by hour, while there is room.

    Returns how many were found and the next entity: below n, it asks for another call.
    """
    words = np.empty((4, job.quads.size), np.uint32)
    least = np.empty(job.quads.size, np.uint32)
    most = 4 * job.quads.size * job.thresholds.size
    desk = Desk(np.empty(most, np.uint32), np.empty((3, most), np.uint32))
    thresholds, quads, number = job.thresholds, job.quads, desk.number
    base, step = job.numbers[0], job.numbers[1]
    n = 0
    for i in range(start, job.entity.size):
        _fill_row(job, job.entity[i], words, least)
        m = 0
        for q in range(least.size):
            if least[q] < thresholds[0]:
                for lane in range(4):
                    word, place = words[lane, q], 0
                    while place < thresholds.size and word < thresholds[place]:
                        hour = np.uint32(4 * quads[q] + lane)
                        number[m] = np.uint32(base + hour + np.uint32(step * place))
                        m += 1
                        place += 1
        after = _keep(job, i, desk, m, room, n)
        if after < 0:
            return n, i
        n = after
    return n, job.entity.size


@njit(inline="always")
def _minus_log(word: np.uint32, logs: Thresholds) -> np.uint64:
    """-ln((word + 1/2) / 2^32) in units of 2^-56, by table; see :func:`tables.log_table`."""
    value = np.uint64(np.uint64(2) * np.uint64(word) + np.uint64(1))
    exponent, rest = np.uint64(0), value
    for step in (32, 16, 8, 4, 2, 1):
        if rest >> np.uint64(step):
            exponent = np.uint64(exponent + np.uint64(step))
            rest = np.uint64(rest >> np.uint64(step))
    fraction = np.uint64(np.uint64(value << np.uint64(np.uint64(32) - exponent)) & _LOW)
    index, part = np.uint64(fraction >> np.uint64(20)), np.uint64(fraction & np.uint64(0xFFFFF))
    below = logs[index]
    slope = np.uint64(logs[index + np.uint64(1)] - below)
    above = np.uint64(below + np.uint64(np.uint64(slope * part) >> np.uint64(20)))
    return np.uint64(np.uint64(_LN2 * np.uint64(np.uint64(33) - exponent)) - above)


@njit(cache=True, nogil=True)
def minus_logs(word: Words, logs: Thresholds, out: Thresholds) -> None:
    """Write -ln of every word, for the judge and the tests."""
    for i in range(word.size):
        out[i] = _minus_log(word[i], logs)


@njit(cache=True, nogil=True)
def fill_jumps(job: Job, jumps: Jumps, start: int, room: Room) -> tuple[int, int]:
    """Find the events of the entities from `start` on, jumping from candidate to candidate.

    The gap to the next candidate is exponential; it is measured in hazard, at a constant hazard an
    hour. Returns as :func:`fill_hourly`.
    """
    first = np.empty((4, _AT_ONCE), np.uint32)
    desk = Desk(np.empty(_AT_ONCE, np.uint32), np.empty((3, _AT_ONCE), np.uint32))
    entity, stream, k0, k1 = job.entity, job.streams[0], job.key[0], job.key[1]
    number, base, step = desk.number, job.numbers[0], job.numbers[1]
    hourly, shift, logs, active = jumps.hazard[0], jumps.hazard[1], jumps.logs, jumps.active
    total = np.uint64(hourly * np.uint64(active.size))
    n = 0
    for i in range(start, entity.size):
        local = (i - start) % _AT_ONCE
        if local == 0:  # the first words of many entities at once, because that vectorises
            for c in range(min(_AT_ONCE, entity.size - i)):
                w = philox_block(entity[i + c], np.uint32(0), stream, np.uint32(0), k0, k1)
                first[0, c], first[1, c], first[2, c], first[3, c] = w
        if np.uint64(first[0, local]) < jumps.first:
            continue
        before, m, draw, last, place = n, 0, 0, np.uint64(active.size), 0
        w0, w1, w2, w3 = first[0, local], first[1, local], first[2, local], first[3, local]
        at = np.uint64(_minus_log(w0, logs) >> shift)
        while at < total:
            hour = np.uint64(at // hourly)
            if active[hour]:
                place = place + 1 if hour == last else 0
                last = hour
                if m == _AT_ONCE:
                    n, m = _keep(job, i, desk, m, room, n), 0
                    if n < 0:
                        return before, i
                number[m] = np.uint32(base + np.uint32(hour) + np.uint32(step * place))
                m += 1
            draw += 1
            if draw % 4 == 0:
                block = np.uint32(draw // 4)
                w0, w1, w2, w3 = philox_block(entity[i], block, stream, np.uint32(0), k0, k1)
            lane = draw % 4
            word = w0 if lane == 0 else w1 if lane == 1 else w2 if lane == 2 else w3
            at = np.uint64(at + np.uint64(_minus_log(word, logs) >> shift))
        n = _keep(job, i, desk, m, room, n)
        if n < 0:
            return before, i
    return n, entity.size


@njit(cache=True, nogil=True)
def fill_counts(word: Words, row: Ints, tables: Counts, out: Ints) -> None:
    """Write a count for every word: the inverse of the distribution of its row."""
    for i in range(word.size):
        low, high = tables.offset[row[i]], tables.offset[row[i] + 1]
        begin = low
        while low < high:
            middle = (low + high) // 2
            if word[i] < tables.cuts[middle]:
                high = middle
            else:
                low = middle + 1
        out[i] = tables.first[row[i]] + low - begin
