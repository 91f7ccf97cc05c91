"""Daylight against published times of sunrise and sunset."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.world.calendar import build_calendar, day_of_year
from sousveil.world.daylight import build_daylight, mean_by_slot, sun_times
from sousveil.world.parameters import CalendarParameters, DaylightParameters

LONDON = DaylightParameters(latitude=51.51, solar_noon=12.0 + 0.13 / 15)
PUBLISHED = [
    ("01-01", "08:07", "16:01"),
    ("02-01", "07:42", "16:48"),
    ("03-01", "06:49", "17:39"),
    ("04-01", "05:39", "18:31"),
    ("05-01", "04:35", "19:22"),
    ("06-01", "03:51", "20:07"),
    ("06-21", "03:43", "20:21"),
    ("07-01", "03:47", "20:22"),
    ("08-01", "04:23", "19:52"),
    ("09-01", "05:12", "18:52"),
    ("10-01", "06:00", "17:43"),
    ("11-01", "06:52", "16:37"),
    ("12-01", "07:43", "15:57"),
]
"""Greenwich times of London's sun from a public almanac page, good to a few minutes."""
SOLSTICE_2025 = (3 + 42 / 60 + 38 / 3600, 20 + 22 / 60 + 6 / 3600)
"""Greenwich times of sunrise and sunset at 51.5 N, 0.125 W on 21 June 2025, as published."""


def hours(text: str) -> float:
    hour, minute = text.split(":")
    return int(hour) + int(minute) / 60


@pytest.mark.parametrize(("day", "rise", "down"), PUBLISHED)
def test_sun_times_agree_with_published_ones(day: str, rise: str, down: str) -> None:
    found_rise, found_down = sun_times(LONDON, 2026)
    index, minutes = day_of_year(day), 5 / 60
    assert found_rise[index] == pytest.approx(hours(rise), abs=minutes)
    assert found_down[index] == pytest.approx(hours(down), abs=minutes)


def test_the_solstice_agrees_with_the_published_one_within_a_minute() -> None:
    rise, down = sun_times(LONDON, 2025)
    index = day_of_year("06-21")
    assert (rise[index], down[index]) == pytest.approx(SOLSTICE_2025, abs=1 / 60)


def test_the_equator_has_half_a_day_of_light_all_year() -> None:
    rise, down = sun_times(DaylightParameters(latitude=0.0), 2024)
    assert down - rise == pytest.approx(np.full(365, 12.11), abs=0.03)


def test_the_south_has_winter_in_june() -> None:
    rise, down = sun_times(DaylightParameters(latitude=-40.0), 2024)
    length = down - rise
    assert length[day_of_year("06-21")] < 9.5 < 14.9 < length[day_of_year("12-21")]


@pytest.mark.parametrize("noon", [9.0, 12.5, 15.0])
@pytest.mark.parametrize("latitude", [-65.0, 40.0, 65.0])
def test_hourly_shares_add_up_to_the_length_of_the_day(latitude: float, noon: float) -> None:
    parameters = DaylightParameters(latitude=latitude, solar_noon=noon)
    lit = build_daylight(parameters, build_calendar(CalendarParameters(), 2024))
    rise, down = sun_times(parameters, 2024)
    assert lit.reshape(365, 24).sum(axis=1) == pytest.approx(down - rise)
    assert ((lit >= 0) & (lit <= 1)).all()


def test_means_by_slot_keep_the_year() -> None:
    calendar = build_calendar(CalendarParameters(), 2024)
    lit = build_daylight(DaylightParameters(latitude=40.0), calendar)
    means = mean_by_slot(lit, calendar)
    cells = means[calendar.month_of_hour(), calendar.slot_of_hour()]
    assert cells.sum() == pytest.approx(lit.sum())


def test_a_month_without_rest_days_takes_the_mean_of_its_days() -> None:
    calendar = build_calendar(CalendarParameters(rest_weekdays=()), 2024)
    means = mean_by_slot(build_daylight(DaylightParameters(latitude=40.0), calendar), calendar)
    assert means[:, 24:] == pytest.approx(means[:, :24])
