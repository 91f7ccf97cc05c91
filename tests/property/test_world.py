"""Relations that hold in every world: parts partition the whole, means are kept, more is more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sousveil.world.areas import build_areas
from sousveil.world.calendar import build_calendar
from sousveil.world.groups import build_margins
from sousveil.world.people import apportion, build_people
from sousveil.world.power import draw_path
from sousveil.world.supply import Supply, supplies
from unit.world.country import CALENDAR, area_rows, people_parameters, power_parameters

AREAS = build_areas(area_rows(), people_parameters())[0]
CALENDAR_2024 = build_calendar(CALENDAR, 2024)
HOURS = st.floats(0.0, 24.0)


def home(**changes: Any) -> Supply:
    return supplies(AREAS, CALENDAR_2024, power_parameters(**changes))[0]


@given(st.integers(1, 400), st.floats(1.0, 12.0), st.floats(1.0, 60.0))
def test_households_and_units_partition_everybody(
    persons: int, household_size: float, crew: float
) -> None:
    parameters = replace(
        people_parameters(),
        guards=0.0,
        population_total=float(persons),
        household_size=household_size,
        adult_categories=(),
        unit_households={"other": crew},
    )
    areas, weights = build_areas(area_rows(), parameters)
    people = build_people(areas, weights, build_margins(parameters), parameters)
    assert people.persons.sum() == persons
    for whole, parts in (
        (people.persons, people.households),
        (people.households, people.units),
    ):
        for size, number in zip(whole.tolist(), parts.tolist(), strict=True):
            starts = [size * part // number for part in range(number + 1)] if number else [0]
            assert starts[0] == 0
            assert starts[-1] == size
            assert all(after > before for before, after in zip(starts, starts[1:], strict=False))


@given(st.integers(0, 10**8), st.lists(st.floats(0.01, 1e7), min_size=1, max_size=40))
def test_apportionment_gives_whole_numbers_within_one_of_the_quota(
    total: int, weights: list[float]
) -> None:
    result = apportion(total, np.array(weights))
    exact = total * np.array(weights) / sum(weights)
    assert result.sum() == total
    assert (np.abs(result - exact) < 1 + 1e-6).all()


@given(
    HOURS, st.floats(0, 365), st.floats(1, 30), st.floats(0, 4), st.floats(0, 1), st.floats(0, 1)
)
def test_the_declared_mean_holds(
    hours: float, outage: float, spell: float, evening: float, news: float, speech: float
) -> None:
    supply = home(
        home_hours={"other": hours},
        settlement_factor={},
        outage_days={"other": outage},
        outage_spell_days=spell,
        evening_weight=evening,
        news_slot=news,
        speech_slot=speech,
    )
    assert supply.mean_hours() == pytest.approx(np.full(len(AREAS), hours), rel=1e-9, abs=1e-9)


@given(HOURS, HOURS)
def test_more_hours_lower_no_chance(one: float, two: float) -> None:
    low, high = (home(home_hours={"other": hours}) for hours in sorted((one, two)))
    assert (low.lit <= high.lit + 1e-12).all()
    assert (low.outage >= high.outage).all()
    assert (low.spell >= high.spell).all()


@settings(max_examples=15)
@given(HOURS, HOURS, st.sampled_from(["home", "state", "border"]), st.integers(0, 2**32 - 1))
def test_more_hours_light_a_superset(one: float, two: float, line: str, seed: int) -> None:
    base = power_parameters()
    fewer, more = (
        draw_path(
            AREAS, CALENDAR_2024, replace(base, **{f"{line}_hours": {"other": hours}}), seed, 0
        ).on
        for hours in sorted((one, two))
    )
    assert (fewer <= more).all()
