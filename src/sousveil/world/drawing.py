"""The hours of a power line drawn, compiled: words of Philox against the chances of the hours.

Rounds are unrolled by inlining, as in `engine.kernels.philox`: else nothing vectorises.

Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Ints, Thresholds
from sousveil.philox import philox_block

_LANES = 4
_BLOCKS_A_DAY = 6
_HOURS = 24
_DAYS = 365
_LAST_WORD = np.uint64(0xFFFFFFFF)
_EIGHT = 8
_EIGHTS_A_DAY = 3


@njit(cache=True, nogil=True)
def draw_hours(
    chance: Thresholds, dark: Bits, kind: Ints, feeders: int, stream: int, seed: int, member: int
) -> Bits:
    """(A, F, H) supply: 1 where the word of an hour is below its threshold.

    chance: (A, 2, K, 24) thresholds of the hours of a day with supply and of an outage day, by kind
    of day. dark: (A, 365) outage days. kind: (365,).
    """
    areas = len(chance)
    result = np.empty((areas, feeders, _DAYS * _HOURS), dtype=np.uint8)
    words = np.empty((_DAYS * _BLOCKS_A_DAY, _LANES), dtype=np.uint32)
    by_day = words.reshape((_DAYS, _HOURS))
    k0, k1 = np.uint32(seed), np.uint32(member)
    for area in range(areas):
        if not dark[area].any() and (chance[area, 0] > _LAST_WORD).all():
            result[area] = 1  # whatever the words are
            continue
        for feeder in range(feeders):
            entity = np.uint32(area * feeders + feeder)
            for number in range(_DAYS * _BLOCKS_A_DAY):
                page, block = np.uint32(0), np.uint32(number)
                w0, w1, w2, w3 = philox_block(entity, block, np.uint32(stream), page, k0, k1)
                words[number, 0] = w0
                words[number, 1] = w1
                words[number, 2] = w2
                words[number, 3] = w3
            for day in range(_DAYS):
                row = chance[area, dark[area, day], kind[day]]
                first = day * _HOURS
                for hour in range(_HOURS):
                    lit = np.uint64(by_day[day, hour]) < row[hour]
                    result[area, feeder, first + hour] = np.uint8(lit)
    return result


@njit(cache=True, nogil=True)
def hours_by_slot(on: Bits, day_type: Ints, month: Ints, months: int, slots: int) -> Ints:
    """(A, M, S) hours with supply by month and slot, summed over feeders.

    Eight hours are added at once: a month has fewer days than a byte can count.
    """
    areas, feeders, _ = on.shape
    eights = on.view(np.uint64)
    result = np.zeros((areas, months, slots), dtype=np.int64)
    for area in range(areas):
        for feeder in range(feeders):
            total = np.zeros((months, slots // _EIGHT), dtype=np.uint64)
            for day in range(len(month)):
                first = day_type[day] * _EIGHTS_A_DAY
                for place in range(_EIGHTS_A_DAY):
                    lit = eights[area, feeder, day * _EIGHTS_A_DAY + place]
                    total[month[day], first + place] += lit
            result[area] += total.view(np.uint8)
    return result
