"""Sums over the drawn path of one power line, each worked out when it is first asked for.

Most models look at few of them, and a what-if that changes one line leaves the others as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, MONTHS, SLOTS, Bits, Floats, Ints, Words
from sousveil.engine.expected.kinds import Kinds, kinds_of
from sousveil.engine.expected.paths import days_of, hours_by_label, within_first_days
from sousveil.engine.model import NAMED_WITHIN_DAYS
from sousveil.remembered import Kept
from sousveil.sameness import same
from sousveil.world.model import Calendar

_MOST_DAYS = 255
_MOST_TABLES = 64
_MOST_BY_KIND = 16
"""Tables that are kept, and those by kind of day: some 10 MB of either."""


@dataclass(frozen=True, eq=False)
class Days:
    """The days of the modelled year sorted by day type and month: the working ones first.

    order: (D,) days. month: (D,) month of each in that order. working: number of working days.
    light: (D, 24) share of daylight, days in that order. found: hours that visits find, kept: other
    tables that follow from the days.
    """

    order: Ints
    month: Ints
    working: int
    light: Floats
    found: Kept[Floats] = field(default_factory=lambda: Kept[Floats](_MOST_TABLES))
    kept: Kept[Floats] = field(default_factory=lambda: Kept[Floats](_MOST_TABLES))

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

    def kinds(self, whole: tuple[int, ...], by_month: bool) -> Kinds:
        """Kinds of days, for windows of some whole days and more hours."""
        types, month, alike = self._labels
        return kinds_of(types, month if by_month else alike, whole)

    @cached_property
    def _labels(self) -> tuple[bytes, bytes, bytes]:
        """Type and month of each day of the year, and one label for all of them, as bytes."""
        types, alike = np.zeros_like(self.order), np.zeros_like(self.order)
        types[self.order[self.working :]] = 1
        return types.tobytes(), self.month_of_day.tobytes(), alike.tobytes()

    def hours_of(self, kinds: Kinds) -> Floats:
        """(1, K, 24) hours of the days of every kind."""
        return kinds.hours

    @cached_property
    def month_of_day(self) -> Ints:
        """(D,) month of each day of the year."""
        month = np.empty_like(self.month)
        month[self.order] = self.month
        return month

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
        every = np.full((1, 1, len(self.order)), 2**HOURS_PER_DAY - 1, dtype=np.uint32)
        return self.by_month(every, np.ones((1, 1)))

    @cached_property
    def open_slots(self) -> Floats:
        """(1, S) hours of the year, by slot."""
        return self.hours.sum(axis=1)

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

    def by_month(self, path: Words, weight: Floats) -> Floats:
        """(A, M, S) hours of a path (A, F, D), mean by the (A, F) weights."""
        by_type = hours_by_label(path, weight, self.order, self._ends)
        by_type = by_type.reshape(len(path), -1, MONTHS, HOURS_PER_DAY)
        return by_type.transpose(0, 2, 1, 3).reshape(len(path), MONTHS, SLOTS)

    @cached_property
    def _ends(self) -> Ints:
        """(2 M,) where each month of each type ends among the sorted days."""
        rest = np.arange(len(self.order)) >= self.working
        days = np.bincount(rest * MONTHS + self.month, minlength=len(self.by_type) * MONTHS)
        return np.cumsum(days)

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
    def path(self) -> Words:
        """(A, F, D) the hours with supply of each day, as bits."""
        return days_of(np.ascontiguousarray(self.on))

    @cached_property
    def first_days(self) -> tuple[Floats, Floats]:
        """(windows, A, F, S) hours with supply within the first days, and times the daylight.

        The last window is the whole year.
        """
        days = self.days
        year = [] if NAMED_WITHIN_DAYS[-1] >= len(days.order) else [len(days.order)]
        windows = np.array([*NAMED_WITHIN_DAYS, *year])
        return within_first_days(self.path, days.order, days.working, days.light, windows)

    def same_as(self, other: Line) -> bool:
        """Whether another line has the same supply on the same days."""
        return self.days is other.days and same(self.on, other.on)


@dataclass(frozen=True, eq=False)
class Shared:
    """The supply of one line, or of several at once, as a share of an area's persons.

    path: (A, F, D) supply of all of them, hours as bits. weight: (A, F) shares of persons on each
    feeder. found: hours with supply that visits find.
    """

    path: Words
    weight: Floats
    days: Days
    found: Kept[Floats] = field(default_factory=lambda: Kept[Floats](_MOST_TABLES))
    _by_kind: Kept[Floats] = field(default_factory=lambda: Kept[Floats](_MOST_BY_KIND))

    @cached_property
    def hours(self) -> Floats:
        """(A, M, S) hours with supply."""
        return self.days.by_month(self.path, self.weight)

    def hours_of(self, kinds: Kinds) -> Floats:
        """(A, K, 24) hours with supply on the days of every kind."""
        work = partial(hours_by_label, self.path, self.weight, kinds.order, kinds.ends)
        return self._by_kind(kinds, work)

    @cached_property
    def open_slots(self) -> Floats:
        """(A, S) hours of the year with supply, by slot."""
        return self.hours.sum(axis=1)
