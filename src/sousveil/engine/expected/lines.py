"""Sums over the drawn path of one power line, each worked out when it is first asked for.

Most models look at few of them, and a what-if that changes one line leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, MONTHS, SLOTS, Bits, Floats, Ints
from sousveil.engine.expected.paths import (
    hours_by_month,
    lit_hours,
    share_with_power,
    within_first_days,
)
from sousveil.engine.model import NAMED_WITHIN_DAYS
from sousveil.sameness import same
from sousveil.world.model import Calendar

_MOST_DAYS = 255
_MOST_KEPT = 256
"""Tables of hours that the days keep: some 20 MB of them."""


@dataclass(frozen=True, eq=False)
class Days:
    """The days of the modelled year sorted by day type and month: the working ones first.

    order: (D,) days. month: (D,) month of each in that order. working: number of working days.
    light: (D, 24) share of daylight, days in that order.
    """

    order: Ints
    month: Ints
    working: int
    light: Floats
    _kept: dict[object, Floats] = field(default_factory=dict[object, Floats])

    @classmethod
    def of(cls, calendar: Calendar, daylight: Floats) -> Days:
        """Sort the days of a calendar.

        Raises ValueError for a month with more days of a type than a byte can count: paths are
        summed in bytes.
        """
        labels = calendar.day_type * MONTHS + calendar.month
        if (most := int(np.bincount(labels).max(initial=0))) > _MOST_DAYS:
            raise ValueError(
                f"calendar: a month has {most} days of one type, expected {_MOST_DAYS} at most"
            )
        order = np.argsort(labels, kind="stable")
        working = int(np.sum(calendar.day_type == 0))
        light = np.asarray(daylight, dtype=np.float64).reshape(-1, HOURS_PER_DAY)[order]
        return cls(order, calendar.month[order], working, light)

    def kept(self, label: object, work: Callable[[], Floats]) -> Floats:
        """What follows from the days and from what the label tells alone, made once."""
        found = self._kept.get(label)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[label] = work()
        return found

    @cached_property
    def by_type(self) -> tuple[slice, slice]:
        """Places of the working days and of the rest days."""
        return slice(0, self.working), slice(self.working, None)

    @cached_property
    def windows(self) -> Floats:
        """(windows * 2, D) one on the days of a type within the first days of a window."""
        first = self.order[None, :] < np.array(NAMED_WITHIN_DAYS)[:, None]
        kind = np.arange(len(self.order)) >= self.working
        types = np.stack([~kind, kind])
        return (first[:, None, :] & types[None]).astype(np.float64).reshape(-1, len(self.order))

    @cached_property
    def hours(self) -> Floats:
        """(1, M, S) all hours."""
        every = np.ones((1, 1, len(self.order) * HOURS_PER_DAY), dtype=np.uint8)
        weight = np.ones((1, 1))
        return hours_by_month(every, weight, self.order, self.month, self.working, MONTHS)

    @cached_property
    def lit_slots(self) -> Floats:
        """(1, S) hours of daylight."""
        return self.by_slot(self.light.T[:, None, :])

    @cached_property
    def first_days(self) -> tuple[Floats, Floats]:
        """(windows, 1, 1, S) hours within the first days, and these times the daylight."""
        shares = np.ones_like(self.light), self.light
        plain, lit = ((self.windows @ share).reshape(-1, 1, 1, SLOTS) for share in shares)
        return plain, lit

    def by_slot(self, by_day: Floats) -> Floats:
        """(..., S) sums of (24, ..., D), days in `order`."""
        kinds = [by_day[..., days].sum(axis=-1) for days in self.by_type]
        return np.concatenate([np.moveaxis(kind, 0, -1) for kind in kinds], axis=-1)


@dataclass(frozen=True, eq=False)
class Line:
    """The supply of one line, (A, F, H) uint8, on the days of a calendar."""

    on: Bits
    days: Days

    @cached_property
    def first_days(self) -> tuple[Floats, Floats]:
        """(windows, A, F, S) hours with supply within the first days, and times the daylight."""
        days = self.days
        windows = np.array(NAMED_WITHIN_DAYS)
        return within_first_days(self.on, days.order, days.working, days.light, windows)

    def same_as(self, other: Line) -> bool:
        """Whether another line has the same supply on the same days."""
        return self.days is other.days and same(self.on, other.on)


@dataclass(frozen=True, eq=False)
class Shared:
    """The supply of one line, or of several at once, as a share of an area's persons.

    on: (A, F, H) supply of all of them. weight: (A, F) shares of persons on each feeder.
    """

    on: Bits
    weight: Floats
    days: Days

    @cached_property
    def up(self) -> Floats:
        """(24, A, D) share of persons with supply, the hour of the day first."""
        return share_with_power(self.on, self.weight, self.days.order)

    @cached_property
    def hours(self) -> Floats:
        """(A, M, S) hours with supply."""
        days, on = self.days, np.ascontiguousarray(self.on)
        return hours_by_month(on, self.weight, days.order, days.month, days.working, MONTHS)

    @cached_property
    def open_slots(self) -> Floats:
        """(A, S) hours of the year with supply, by slot."""
        return self.hours.sum(axis=1)

    @cached_property
    def lit_slots(self) -> Floats:
        """(A, S) the same times the share of daylight."""
        days = self.days
        return lit_hours(self.up, days.light, days.working)
