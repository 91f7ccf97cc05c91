"""Kinds of days: those of one type, with the same days ahead of them as far as visits matter.

Visits come by type of day and hour. How many come in the next hours hangs on nothing but the types
of the days ahead, so that a year has some dozens of kinds of days: what visits find is worked out
once for each kind, and hours with supply are summed by kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial

import numpy as np
from numba import njit

from sousveil.arrays import HOURS_PER_DAY, Floats, Ints
from sousveil.engine.expected.alike import merged
from sousveil.remembered import Kept

_MOST_DAYS = 255
"""Days of a kind: paths are summed in bytes."""
_MOST_KEPT = 64
_TYPES, _BEYOND = 2, 2
"""Types of days, and what stands for a day after the end of the year."""


@dataclass(frozen=True, eq=False)
class Kinds:
    """Kinds of days, for visits that find what was done in the last hours.

    types: (D,) type of each day of the year. kind: (D,) of each day: kinds of working days come
    first, and there are `working` of them. first, month: (K,) the first day of each kind, and its
    month. order: (D,) days sorted by kind; ends: (K,) where each kind ends among them. kept: tables
    by kind and hour.
    """

    types: Ints
    kind: Ints
    working: int
    first: Ints
    month: Ints
    order: Ints
    ends: Ints
    kept: Kept[Floats] = field(default_factory=lambda: Kept[Floats](_MOST_KEPT))

    @property
    def shape(self) -> tuple[int, int]:
        """Kinds of days, and hours of a day."""
        return len(self.first), HOURS_PER_DAY

    @cached_property
    def hours(self) -> Floats:
        """(1, K, 24) hours of the days of every kind."""
        days = np.diff(self.ends, prepend=0)
        return np.repeat(days, HOURS_PER_DAY).reshape(1, *self.shape).astype(np.float64)

    def ahead(self, profile: bytes, hours: int) -> Floats:
        """(K, 24) visits at rate 1 in some hours from each hour on; profile: (S,) as bytes."""
        work = partial(_visits_ahead, self.types, self.first, np.frombuffer(profile), hours)
        return self.kept((profile, hours), work)


@lru_cache(maxsize=32)
def kinds_of(types: bytes, months: bytes, whole: tuple[int, ...]) -> Kinds:
    """Tell days (D,) apart by type and month, and by what comes in some whole days or more.

    A window of more hours ends in the next day, or in the one after it.
    """
    kind, month = (np.frombuffer(label, dtype=np.int64) for label in (types, months))
    every = np.arange(len(kind))
    padded = np.append(kind, [_BEYOND] * (max(whole) + 2))
    rest, all_days = np.cumsum(padded == 1), np.cumsum(padded != _BEYOND)
    end = every + np.array(whole)[:, None]
    ahead = [rest[end] - rest[every], all_days[end] - all_days[every]]
    told = [kind, month, every // _MOST_DAYS, *ahead, padded[end], padded[end + 1]]
    one, label = merged(*(np.atleast_2d(row).astype(np.float64) for row in told))
    ranked = np.argsort(kind[one], kind="stable")  # those of working days first
    number = np.empty_like(ranked)
    number[ranked] = np.arange(len(one))
    own = number[label]
    working = len(one) - int(kind[one].sum())
    order = np.argsort(own, kind="stable")
    first, ends = one[ranked], np.cumsum(np.bincount(own))
    return Kinds(kind, own, working, first, month[first], order, ends)


@njit(cache=True, nogil=True)
def _visits_ahead(types: Ints, first: Ints, profile: Floats, hours: int) -> Floats:
    """As `Kinds.ahead`: past the end of the year no visit is seen."""
    kinds, day = len(first), HOURS_PER_DAY
    until = np.zeros((_TYPES, day + 1))  # what comes in a day before an hour, and in all of it
    for slot in range(_TYPES * day):
        until[slot // day, slot % day + 1] = until[slot // day, slot % day] + profile[slot]
    result = np.empty((kinds, day))
    for kind in range(kinds):
        begin = first[kind]
        days, passed = np.zeros(_TYPES), 0
        for hour in range(day):
            later, rest = (hour + hours) // day, (hour + hours) % day
            while passed < later and begin + passed < len(types):
                days[types[begin + passed]] += 1.0
                passed += 1
            visits = days[0] * until[0, day] + days[1] * until[1, day] - until[types[begin], hour]
            if begin + later < len(types):
                visits += until[types[begin + later], rest]
            result[kind, hour] = visits
    return result
