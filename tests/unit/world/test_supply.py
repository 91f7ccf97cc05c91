"""Supply: the declared hours hold exactly in the mean, whatever says when they come."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sousveil.world.areas import build_areas
from sousveil.world.calendar import build_calendar
from sousveil.world.supply import Supply, supplied_lines, supplies, water_fill
from unit.world.country import CALENDAR, area_rows, people_parameters, power_parameters

AREAS = build_areas(area_rows(), people_parameters())[0]
CALENDAR_2024 = build_calendar(CALENDAR, 2024)


def home(**changes: Any) -> Supply:
    return supplies(AREAS, CALENDAR_2024, power_parameters(**changes))[0]


def test_at_24_hours_nothing_is_ever_off() -> None:
    supply = home(home_hours={"other": 24.0})
    assert supply.lit == pytest.approx(np.ones_like(supply.lit), abs=1e-12)
    assert (supply.outage == 0).all()


def test_outage_days_that_the_hours_leave_room_for_are_kept() -> None:
    supply = home()
    region = np.array([area.power_region for area in AREAS])
    assert supply.outage[region == "east"] == pytest.approx(161 / 365)
    assert home(home_hours={"other": 18.0}, settlement_factor={}).outage == pytest.approx(0.25)


def test_slots_hold_on_days_with_supply_and_a_speech_on_any_day() -> None:
    supply = home(evening_weight=1.0)
    assert (supply.lit[:, :, 20] >= 0.6).all()
    assert (supply.lit[:, 1::2, 9] == 0.8).all()
    assert (supply.dark[:, 1::2, 9] == 0.8).all()
    assert supply.dark[:, 0::2].sum() == 0


def test_slots_shrink_where_they_exceed_the_declared_hours() -> None:
    supply = home(home_hours={"other": 0.05}, outage_days={}, settlement_factor={}, news_slot=0.9)
    assert supply.mean_hours() == pytest.approx(np.full(len(AREAS), 0.05))
    assert supply.lit[:, :, 20].max() < 0.1


def test_evenings_and_seasons_have_their_weight() -> None:
    supply = home(news_slot=0.0, speech_slot=0.0)
    east = next(i for i, area in enumerate(AREAS) if area.power_region == "east")
    west = next(i for i, area in enumerate(AREAS) if area.power_region == "west")
    assert supply.lit[east, 0, 19] == pytest.approx(1.8 * supply.lit[east, 0, 12])
    assert supply.lit[east, 0, 12] == pytest.approx(0.4 * supply.lit[east, 2, 12])
    assert supply.lit[west, 0, 12] == pytest.approx(0.6 * supply.lit[west, 2, 12])


def test_villages_have_the_odds_of_the_town_times_the_factor() -> None:
    hours = home().mean_hours()
    town = next(i for i, area in enumerate(AREAS) if area.id == "p2_city")
    village = next(i for i, area in enumerate(AREAS) if area.id == "p2_rural")
    odds = hours / (24 - hours)
    assert odds[village] / odds[town] == pytest.approx(0.7)


def test_a_line_exists_if_its_hours_are_given() -> None:
    found = supplies(AREAS, CALENDAR_2024, power_parameters(border_hours={}))
    assert [supply.line for supply in found] == ["home", "state"]
    with pytest.raises(ValueError, match=r"power\.state_hours\.(east|west): missing"):
        supplies(AREAS, CALENDAR_2024, power_parameters(state_hours={"north": 3.0}))


def test_names_of_lines_are_those_of_their_supplies() -> None:
    for changes in ({}, {"home_hours": {}}, {"home_hours": {}, "state_hours": {}}):
        given = AREAS, CALENDAR_2024, power_parameters(**changes)
        assert supplied_lines(*given) == tuple(supply.line for supply in supplies(*given))


def test_every_row_is_filled_as_if_it_were_alone() -> None:
    """Held against halving of all rows at once."""
    rng = np.random.default_rng(5)
    weight, size, floor = rng.random((7, 40)), 30 * rng.random((7, 40)), rng.random((7, 40)) / 9
    weight[:, ::5] = 0.0
    target = (floor * size).sum(axis=1) + 90 * rng.random(7)
    low, high = np.zeros(7), 1.0 / np.where(weight > 0.0, weight, np.inf).min(axis=1)
    for _ in range(80):
        middle = 0.5 * (low + high)
        chance = np.maximum(floor, np.minimum(1.0, middle[:, None] * weight))
        short = (chance * size).sum(axis=1) < target
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    found = water_fill(target, weight, size, floor)
    assert found == pytest.approx(np.maximum(floor, np.minimum(1.0, high[:, None] * weight)))
    assert (found * size).sum(axis=1) == pytest.approx(target, rel=1e-12)


def test_water_fills_by_weight_up_to_the_brim() -> None:
    weight, size, floor = np.array([[1.0, 2.0, 0.0]]), np.ones((1, 3)), np.zeros((1, 3))
    assert water_fill(np.array([0.6]), weight, size, floor)[0] == pytest.approx([0.2, 0.4, 0.0])
    assert water_fill(np.array([1.8]), weight, size, floor)[0] == pytest.approx([0.8, 1.0, 0.0])
    held = np.array([[0.0, 0.0, 0.3]])
    assert water_fill(np.array([0.6]), weight, size, held)[0] == pytest.approx([0.1, 0.2, 0.3])
    assert water_fill(np.array([0.2]), weight, size, held)[0] == pytest.approx([0.0, 0.0, 0.2])
