"""Sums over the path of power, compiled: a path is a million hours, of which little is kept.

Floats are added in the order of the days, so that a sum hangs on nothing else. Days come in the
order of `Days`, A areas, F feeders, H hours, D days.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Bits, Floats, Ints

_HOURS = 24


@njit(cache=True, nogil=True)
def share_with_power(on: Bits, weight: Floats, order: Ints) -> Floats:
    """(24, A, D) share of persons with supply, from (A, F, H) and the (A, F) weights of feeders."""
    areas, feeders, _ = on.shape
    result = np.empty((_HOURS, areas, len(order)))
    share = np.empty((len(order), _HOURS))
    for area in range(areas):
        share[:] = 0.0
        for feeder in range(feeders):
            own = weight[area, feeder]
            for place in range(len(order)):
                first = order[place] * _HOURS
                for hour in range(_HOURS):  # no branch: hours of power come as chance has it
                    share[place, hour] += own * on[area, feeder, first + hour]
        for hour in range(_HOURS):
            for place in range(len(order)):
                result[hour, area, place] = share[place, hour]
    return result


@njit(cache=True, nogil=True)
def hours_by_month(share: Floats, month: Ints, working: int, months: int) -> Floats:
    """(A, M, S) hours of (24, A, D) shares; month: (D,); the first days are the working ones."""
    _, areas, days = share.shape
    result = np.zeros((areas, months, 2 * _HOURS))
    for hour in range(_HOURS):
        for area in range(areas):
            for place in range(days):
                slot = hour if place < working else _HOURS + hour
                result[area, month[place], slot] += share[hour, area, place]
    return result


@njit(cache=True, nogil=True)
def within_first_days(
    on: Bits, order: Ints, working: int, light: Floats, windows: Ints
) -> tuple[Floats, Floats]:
    """(windows, A, F, S) hours with supply within the first days, and these times the daylight.

    light: (D, 24). windows: days that each of them has.
    """
    areas, feeders, _ = on.shape
    plain = np.zeros((len(windows), areas, feeders, 2 * _HOURS))
    lit = np.zeros_like(plain)
    for area in range(areas):
        for feeder in range(feeders):
            for place in range(len(order)):
                first = 0 if place < working else _HOURS
                for window in range(len(windows)):
                    if order[place] >= windows[window]:
                        continue
                    begins = order[place] * _HOURS
                    for hour in range(_HOURS):
                        has = float(on[area, feeder, begins + hour])
                        plain[window, area, feeder, first + hour] += has
                        lit[window, area, feeder, first + hour] += has * light[place, hour]
    return plain, lit
