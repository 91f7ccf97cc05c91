"""The world is built in one place, quickly, and only power is drawn."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sousveil.world.build import build, shares_power
from sousveil.world.parameters import (
    CalendarParameters,
    DaylightParameters,
    PeopleParameters,
    WorldParameters,
)
from unit.world.country import (
    Rows,
    area_rows,
    people_parameters,
    power_parameters,
    presence_rows,
    tables,
    world_parameters,
)


def test_all_parts_fit_together() -> None:
    world = build(tables(), world_parameters(), 2024, 1, 0)
    areas, groups = len(world.areas), len(world.groups)
    assert (areas, groups) == (11, 18)
    assert world.people.by_group().shape == (areas, groups)
    assert world.presence["home"].shape == (groups, 48)
    assert world.power.on.shape == (3, areas, 4, 8760)
    assert world.daylight.shape == (8760,)
    assert world.daylight_slots.shape == (12, 48)
    assert world.civil.tolist() == [True] * 10 + [False]
    assert world.adults.sum() == 12


def test_a_path_can_be_handed_on_to_a_what_if() -> None:
    base = build(tables(), world_parameters(), 2024, 1, 0)
    again = build(tables(), world_parameters(), 2024, 1, 0, power=base.power)
    assert again.power is base.power
    with pytest.raises(ValueError, match="covers 11 areas, the world has 13"):
        build(tables(4), world_parameters(), 2024, 1, 0, power=base.power)


@pytest.mark.parametrize(
    ("changes", "shared"),
    [
        ({"people": people_parameters(household_size=3.0, strip_share={"p0": 0, "p1": 1})}, True),
        ({"people": people_parameters(strip_share={"p0": 0.2})}, False),
        ({"people": people_parameters(guards=0.0)}, False),
        ({"power": power_parameters(news_slot=0.0)}, False),
        ({"calendar": CalendarParameters()}, False),
    ],
)
def test_a_path_is_shared_unless_supply_calendar_or_areas_change(
    changes: dict[str, Any], shared: bool
) -> None:
    assert shares_power(world_parameters(), world_parameters(**changes)) is shared


def test_only_power_depends_on_seed_and_member() -> None:
    one, two = (build(tables(), world_parameters(), 2024, seed, seed) for seed in (1, 2))
    assert (one.people.persons == two.people.persons).all()
    assert (one.daylight == two.daylight).all()
    assert (one.power.on != two.power.on).any()


def test_a_small_town_needs_only_people_and_a_latitude() -> None:
    parameters = WorldParameters(
        people=PeopleParameters(
            population_total=10_000,
            household_size=2.5,
            unit_households={"other": 20},
            margins={"age.adult": 0.8, "age.child": 0.2},
            adult_categories=["age.adult"],
        ),
        daylight=DaylightParameters(latitude=40.0),
    )
    rows = [row for row in presence_rows() if row["category"] != "age.old"]
    town = {"areas": Rows(area_rows(1)), "presence": Rows(tuple(rows))}
    world = build(town, parameters, 2024, 0, 0)
    assert world.power.lines == ()
    assert world.people.persons.sum() == 10_000
    assert world.stock["total"] == 0


def test_a_world_travels_between_processes() -> None:
    world = build(tables(), world_parameters(), 2024, 1, 0)
    copy = pickle.loads(pickle.dumps(world))
    assert (copy.power.hours == world.power.hours).all()


def test_building_is_quick() -> None:
    # Ten times the time it takes: a machine may be busy, an accident in the design is larger.
    world = build(tables(11), world_parameters(), 2024, 1, 0)
    assert fastest(lambda: build(tables(11), world_parameters(), 2024, 1, 0, world.power)) < 0.05
    assert fastest(lambda: build(tables(11), world_parameters(), 2024, 1, 0)) < 1.0
    assert np.dtype(world.power.on.dtype).itemsize == 1


def fastest(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
