"""What a built world is: people, presence, forcings, stock, frozen for one member and what-if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sousveil.arrays import HOURS_PER_YEAR, MONTHS, SLOTS, Bits, Bools, Floats, Ints


@dataclass(frozen=True)
class Area:
    """One area of the model. `civil` is False for strata that are not residents (border guards).

    row: the area of areas.csv that it is, or is a part of; "" for a stratum without one.
    """

    id: str
    name: str
    parent: str
    settlement: str
    power_region: str
    strip: bool
    civil: bool
    row: str = ""


@dataclass(frozen=True)
class Group:
    """One group: a category of each margin, e.g.

    ("sex", "female"), ("age", "adult"), ("class", "core").
    """

    id: str
    categories: tuple[tuple[str, str], ...]
    adult: bool

    @cached_property
    def carried(self) -> tuple[str, ...]:
        """Its categories as "margin.category"."""
        return tuple(f"{margin}.{category}" for margin, category in self.categories)


@dataclass(frozen=True)
class People:
    """Who lives where, in whole units, households and persons.

    Attributes are drawn by counter and never stored.

    persons, households, units: (A,) counts. Household j of an area with P persons in H households
    holds the persons floor(j P / H) to floor((j + 1) P / H) - 1; its first person is its registered
    adult. Unit i of U holds the households floor(i H / U) to floor((i + 1) H / U) - 1. Unit i sits
    on feeder i mod F. Global index = index in the area + the sum over the areas before it.
    household_shares: shares of the household-level categories (class), drawn once a household: (C,)
    where all areas are alike, else (A, C).
    first_shares, other_shares: (R,) shares of the person-level categories for the registered adult
    and for everybody else. Group index = c * R + r, in the order of `World.groups`.
    """

    persons: Ints
    households: Ints
    units: Ints
    household_shares: Floats
    first_shares: Floats
    other_shares: Floats

    def by_group(self) -> Floats:
        """Expected persons, (A, G): the mean over the draws of group."""
        return self._by_group

    @cached_property
    def _by_group(self) -> Floats:
        first = self.households[:, None] * self.first_shares[None, :]
        other = (self.persons - self.households)[:, None] * self.other_shares[None, :]
        person_level = first + other
        household_level = np.atleast_2d(self.household_shares)[:, :, None]
        return (person_level[:, None, :] * household_level).reshape(len(self.persons), -1)

    def registered_by_group(self) -> Floats:
        """Expected registered adults, (A, G)."""
        household_level = np.atleast_2d(self.household_shares)[:, :, None]
        shares = household_level * self.first_shares[None, None, :]
        return self.households[:, None] * shares.reshape(len(shares), -1)


@dataclass(frozen=True)
class Calendar:
    """The modelled year: 365 days.

    day_type (365,) 0 working, 1 rest; month (365,) 0-11; season (12,) index by month.
    news_hours, speech_hours: hours of day (0-23) of broadcasts; speech_days: days (0-364).
    """

    year: int
    day_type: Ints
    month: Ints
    season: Ints
    seasons: tuple[str, ...]
    news_hours: tuple[int, ...] = ()
    speech_hours: tuple[int, ...] = ()
    speech_days: tuple[int, ...] = ()

    def slot_of_hour(self) -> Ints:
        """(H,) slot of the week of every hour of the year: day type * 24 + hour of day."""
        return (self.day_type[:, None] * 24 + np.arange(24)[None, :]).reshape(-1)

    def month_of_hour(self) -> Ints:
        """(H,) month of every hour of the year."""
        return np.repeat(self.month, 24)

    @cached_property
    def hours(self) -> Ints:
        """(M, S) hours of the year by month and slot."""
        cell = self.month_of_hour() * SLOTS + self.slot_of_hour()
        return np.bincount(cell, minlength=MONTHS * SLOTS).reshape(MONTHS, SLOTS)

    @cached_property
    def kind_of_day(self) -> Ints:
        """(365,) season * 2 + whether a speech is aired."""
        kind = self.season[self.month] * 2
        kind[list(self.speech_days)] += 1
        return kind

    @cached_property
    def days_of_kind(self) -> Ints:
        """(K,) days of the year of each kind."""
        return np.bincount(self.kind_of_day, minlength=2 * len(self.seasons))

    @cached_property
    def slot_weights(self) -> Floats:
        """(S,) share of the hours of the year that fall in each slot."""
        return np.bincount(self.slot_of_hour(), minlength=SLOTS) / HOURS_PER_YEAR


@dataclass(frozen=True)
class PowerPath:
    """The drawn supply of every line: a frozen forcing.

    lines: names. by_line: (A, F, H) uint8 of each line, 1 with supply: paths that have a line in
    common share it.
    hours: (L, A, M, S) hours of the year with supply by month and slot, mean over feeders.
    """

    lines: tuple[str, ...]
    by_line: Sequence[Bits] | Bits
    hours: Floats

    @cached_property
    def on(self) -> Bits:
        """(L, A, F, H) supply of all lines."""
        return np.asarray(self.by_line)

    @property
    def feeders(self) -> int:
        """Feeders of an area."""
        return self.by_line[0].shape[1] if len(self.by_line) else self.on.shape[2]


@dataclass(frozen=True)
class World:
    """One member's world under one what-if.

    presence: settings -> (G, S) share of the hour spent there; shares of a group and slot sum to 1.
    daylight: (H,) share of the hour in daylight; daylight_slots: (M, S) its mean by month and slot.
    stock: cameras in working order by use, and "total". Capacity and other numbers, and which line
    feeds a sensor, stay with the parameters of their sections.
    """

    areas: tuple[Area, ...]
    groups: tuple[Group, ...]
    people: People
    presence: Mapping[str, Floats]
    calendar: Calendar
    power: PowerPath
    daylight: Floats
    daylight_slots: Floats
    stock: Mapping[str, float]

    def with_stock(self, stock: Mapping[str, float]) -> World:
        """The same world with another stock; what is kept of it below follows from the rest."""
        result = copy(self)
        object.__setattr__(result, "stock", stock)
        return result

    @cached_property
    def civil(self) -> Bools:
        """(A,) True for areas of residents."""
        return np.array([area.civil for area in self.areas])

    @cached_property
    def adults(self) -> Bools:
        """(G,) True for groups of adults."""
        return np.array([group.adult for group in self.groups])

    @cached_property
    def strip(self) -> Bools:
        """(A,) True for areas inside the border strip."""
        return np.array([area.strip for area in self.areas])

    @cached_property
    def light(self) -> Floats:
        """(S,) mean daylight of a slot over the year."""
        months = np.bincount(self.calendar.month, minlength=len(self.daylight_slots))
        return months @ self.daylight_slots / months.sum()

    @cached_property
    def settlements(self) -> tuple[tuple[str, ...], Ints]:
        """Types of settlement, and the index (A,) of the type of each area."""
        kinds = tuple(dict.fromkeys(area.settlement for area in self.areas))
        return kinds, np.array([kinds.index(area.settlement) for area in self.areas])
