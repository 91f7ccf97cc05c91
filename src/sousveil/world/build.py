"""Build the world of one member under one what-if: the one place where its parts meet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from sousveil.arrays import Floats
from sousveil.remembered import remembered
from sousveil.world.areas import build_areas
from sousveil.world.calendar import build_calendar
from sousveil.world.daylight import build_daylight, mean_by_slot
from sousveil.world.groups import build_margins
from sousveil.world.mixes import shares_by_area, shares_of_place
from sousveil.world.model import Area, Calendar, Group, People, PowerPath, World
from sousveil.world.parameters import (
    CalendarParameters,
    DaylightParameters,
    PeopleParameters,
    WorldParameters,
)
from sousveil.world.people import build_people
from sousveil.world.power import draw_path
from sousveil.world.presence import build_presence
from sousveil.world.stock import build_stock

Item = TypeVar("Item")
_KEPT = 4
"""Parts of worlds that are kept for other what-ifs and members."""


class Rows(Protocol):
    """A table of the scenario, as far as the world reads it: its rows."""

    @property
    def rows(self) -> tuple[Mapping[str, Any], ...]:
        """Rows as mappings from column to value."""
        ...


def build(
    tables: Mapping[str, Rows],
    parameters: WorldParameters,
    year: int,
    seed: int,
    member: int,
    power: PowerPath | None = None,
) -> World:
    """Build the world of `year` from the tables `areas` and `presence` and drawn parameters.

    power: a path drawn before, for a what-if that changes nothing about power; None draws it.
    Nothing but the path is drawn: the same parameters, seed and member give the same world.
    """
    areas, groups, people = _peopled(tables["areas"].rows, parameters.people)
    calendar, daylight, daylight_slots = _lit(parameters.calendar, parameters.daylight, year)
    if power is None:
        power = draw_path(areas, calendar, parameters.power, seed, member)
    elif power.hours.shape[1] != len(areas):
        raise ValueError(
            f"the path of power covers {power.hours.shape[1]} areas, the world has {len(areas)}"
        )
    return World(
        areas=areas,
        groups=groups,
        people=people,
        presence=build_presence(tables["presence"].rows, groups, parameters.presence),
        calendar=calendar,
        power=power,
        daylight=daylight,
        daylight_slots=daylight_slots,
        stock=build_stock(parameters.stock, year),
    )


@remembered(_KEPT)
def _peopled(
    rows: tuple[Mapping[str, Any], ...], parameters: PeopleParameters
) -> tuple[tuple[Area, ...], tuple[Group, ...], People]:
    """Areas, groups, and who lives where: the same for all that have these parameters."""
    areas, weights = build_areas(rows, parameters)
    margins = build_margins(parameters, shares_of_place(rows))
    mixes = shares_by_area(rows, areas, margins.household)
    people = build_people(areas, weights, margins, parameters, mixes)
    return _one(areas), _one(margins.groups()), people


@lru_cache(maxsize=_KEPT)
def _one(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """The first of all equal tuples: areas and groups hardly ever change."""
    return items


@remembered(_KEPT)
def _lit(
    calendar: CalendarParameters, daylight: DaylightParameters, year: int
) -> tuple[Calendar, Floats, Floats]:
    """The calendar, and the daylight by hour and by month and slot."""
    built = build_calendar(calendar, year)
    light = build_daylight(daylight, built)
    return built, light, mean_by_slot(light, built)


def shares_power(base: WorldParameters, other: WorldParameters) -> bool:
    """Whether two what-ifs of one year have the same areas, calendar and supply, hence one path."""
    return (
        base.power == other.power
        and base.calendar == other.calendar
        and base.people.strip_share.keys() == other.people.strip_share.keys()
        and (base.people.guards > 0) == (other.people.guards > 0)
        and base.people.guards_region == other.people.guards_region
    )
