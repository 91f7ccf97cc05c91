"""The calendar: rest days, months, seasons."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

from sousveil.world.calendar import build_calendar, day_of_year
from sousveil.world.parameters import CalendarParameters
from unit.world.country import CALENDAR


@pytest.mark.parametrize("year", [2012, 2019, 2024])
def test_sundays_and_holidays_are_rest_days(year: int) -> None:
    calendar = build_calendar(CALENDAR, year)
    first = datetime.date(year, 1, 1)
    sundays = {day for day in range(365) if (first + datetime.timedelta(days=day)).weekday() == 6}
    expected = sundays | {day_of_year("01-01"), day_of_year("10-10")}
    assert set(np.flatnonzero(calendar.day_type).tolist()) == expected


def test_months_and_seasons_cover_the_year() -> None:
    calendar = build_calendar(CALENDAR, 2024)
    assert np.bincount(calendar.month).tolist() == [
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
    ]  # fmt: skip
    assert calendar.seasons == ("winter", "farming", "good")
    assert calendar.season.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 0, 0]


def test_without_declaration_there_is_one_season_and_sundays_rest() -> None:
    calendar = build_calendar(CalendarParameters(), 2024)
    assert calendar.seasons == ("year",)
    assert calendar.day_type.sum() in (52, 53)


def test_broadcasts_stand_in_the_calendar() -> None:
    calendar = build_calendar(CALENDAR, 2024)
    assert calendar.news_hours == (20,)
    assert calendar.speech_days == (0, 31 + 28 + 31 + 14)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rest_weekdays": ["sonntag"]}, "no weekday"),
        ({"holidays": ["02-29"]}, "no day of the year"),
        ({"holidays": ["tomorrow"]}, "no day of the year"),
        ({"seasons": {"winter": [1, 2, 13]}}, "month 13 is unknown"),
        ({"seasons": {"winter": [1, 1]}}, "already in a season"),
        ({"seasons": {"winter": [1, 2, 3]}}, r"months \[4, 5, .* belong to no season"),
        ({"news_hours": [24]}, "between 0 and 23"),
    ],
)
def test_impossible_calendars_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build_calendar(CalendarParameters(**changes), 2024)
