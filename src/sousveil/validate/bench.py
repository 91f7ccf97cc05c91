"""The smallest world that the engine runs on: one place, one kind of people, power without a gap.

A back-test of one channel needs people and a year, and nothing that would hide what the channel
does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sousveil.channels.base import Site
from sousveil.world.model import World


@dataclass(frozen=True)
class _Rows:
    rows: tuple[Mapping[str, Any], ...]


@lru_cache(maxsize=8)
def plain_world(persons: int) -> World:
    """Build a world of single adults who spend every hour in the street."""
    from sousveil.world.build import build
    from sousveil.world.parameters import DaylightParameters, PeopleParameters, WorldParameters

    area = {"area": "here", "name": "Here", "parent": "here", "settlement": "urban"}
    area |= {"power_region": "all", "people": persons, "touches_border": False, "source": ()}
    presence = tuple(
        {"category": "all", "day_type": day, "hour": hour, "source": (), "because": "a bench"}
        | dict.fromkeys(("home", "work", "school", "market", "station"), 0.0)
        | {"street": 1.0}
        for day in ("working_day", "rest_day")
        for hour in range(24)
    )
    people = PeopleParameters(
        population_total=float(persons),
        household_size=1.0,
        unit_households={"urban": 30.0},
        margins={"all.everybody": 1.0},
    )
    parameters = WorldParameters(people=people, daylight=DaylightParameters(latitude=0.0))
    tables = {"areas": _Rows((area,)), "presence": _Rows(presence)}
    return build(tables, parameters, 2001, 0, 0)


def plain_site(persons: int) -> Site:
    """Return what a channel sees of that world; no act exists in it."""
    return Site(world=plain_world(persons), acts={}, year=2001)
