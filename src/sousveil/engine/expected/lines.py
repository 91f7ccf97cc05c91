"""Sums over the drawn path of one power line, each worked out when it is first asked for.

Most models look at few of them, and a what-if that changes one line leaves the others as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, MONTHS, SLOTS, Bits, Floats, Ints
from sousveil.engine.expected.kinds import Kinds, kinds_of
from sousveil.engine.expected.paths import hours_by_label, lit_hours, within_first_days
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
        """(1, K, S) hours of the days of every kind."""
        return np.repeat(kinds.days, HOURS_PER_DAY, axis=1).astype(np.float64)[None]

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
        every = np.ones((1, 1, len(self.order) * HOURS_PER_DAY), dtype=np.uint8)
        weight = np.ones((1, 1))
        return hours_by_label(every, weight, self.order, self.month, self.working, MONTHS)

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

    on: (A, F, H) supply of all of them. weight: (A, F) shares of persons on each feeder. found:
    hours with supply that visits find.
    """

    on: Bits
    weight: Floats
    days: Days
    found: Kept[Floats] = field(default_factory=lambda: Kept[Floats](_MOST_TABLES))
    _by_kind: Kept[Floats] = field(default_factory=lambda: Kept[Floats](_MOST_BY_KIND))

    @cached_property
    def hours(self) -> Floats:
        """(A, M, S) hours with supply."""
        return self._by_label(self.days.month, MONTHS)

    def hours_of(self, kinds: Kinds) -> Floats:
        """(A, K, S) hours with supply on the days of every kind."""
        label = kinds.kind[self.days.order]
        return self._by_kind(kinds, partial(self._by_label, label, len(kinds.first)))

    def _by_label(self, label: Ints, labels: int) -> Floats:
        """(A, N, S) hours with supply on the sorted days of every label."""
        days, on = self.days, np.ascontiguousarray(self.on)
        return hours_by_label(on, self.weight, days.order, label, days.working, labels)

    @cached_property
    def open_slots(self) -> Floats:
        """(A, S) hours of the year with supply, by slot."""
        return self.hours.sum(axis=1)

    @cached_property
    def lit_slots(self) -> Floats:
        """(A, S) the same times the share of daylight."""
        days = self.days
        return lit_hours(self.on, self.weight, days.order, days.light, days.working)
