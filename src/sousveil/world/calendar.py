"""The modelled year: days of work and rest, months and seasons, hours of broadcasts."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

import numpy as np

from sousveil.arrays import DAYS_PER_YEAR, HOURS_PER_DAY, MONTHS, Ints
from sousveil.world.model import Calendar
from sousveil.world.parameters import CalendarParameters

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
ONE_SEASON = {"year": tuple(range(1, MONTHS + 1))}


def build_calendar(parameters: CalendarParameters, year: int) -> Calendar:
    """Calendar of `year`: 365 days from 1 January, weekdays as they fell (no leap day)."""
    seasons = parameters.seasons or ONE_SEASON
    speech_hours = _hours(parameters.speech_hours)
    return Calendar(
        year=year,
        day_type=_rest_days(parameters, year),
        month=np.repeat(np.arange(MONTHS), MONTH_DAYS),
        season=_season_of_month(seasons),
        seasons=tuple(seasons),
        news_hours=_hours(parameters.news_hours),
        speech_hours=speech_hours,
        speech_days=tuple(sorted({day_of_year(text) for text in parameters.speech_days})),
    )


def day_of_year(text: str) -> int:
    """Index, 0 to 364, of a "month-day"."""
    try:
        date = datetime.date(2001, *(int(part) for part in text.split("-", 1)))
    except (ValueError, TypeError) as error:
        raise ValueError(
            f'{text!r} is no day of the year: write "month-day", as "12-31"'
        ) from error
    return date.timetuple().tm_yday - 1


def _rest_days(parameters: CalendarParameters, year: int) -> Ints:
    """(365,) 1 on weekdays of rest and holidays, else 0."""
    first = datetime.date(year, 1, 1).weekday()
    weekday = (first + np.arange(DAYS_PER_YEAR)) % len(WEEKDAYS)
    unknown = [name for name in parameters.rest_weekdays if name not in WEEKDAYS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no weekday: write one of {', '.join(WEEKDAYS)}")
    rest = np.isin(weekday, [WEEKDAYS.index(name) for name in parameters.rest_weekdays])
    rest[[day_of_year(text) for text in parameters.holidays]] = True
    return rest.astype(np.int64)


def _season_of_month(seasons: Mapping[str, Iterable[int]]) -> Ints:
    """(12,) index of the season of each month; every month belongs to exactly one."""
    result = np.full(MONTHS, -1, dtype=np.int64)
    for index, (name, months) in enumerate(seasons.items()):
        for month in months:
            if not 1 <= month <= MONTHS or result[month - 1] >= 0:
                raise ValueError(
                    f"season {name!r}: month {month} is unknown or already in a season"
                )
            result[month - 1] = index
    if (result < 0).any():
        missing = [int(month) + 1 for month in np.flatnonzero(result < 0)]
        raise ValueError(f"months {missing} belong to no season: list each month once")
    return result


def _hours(hours: Iterable[int]) -> tuple[int, ...]:
    """Hours of day in order, each 0 to 23."""
    result = tuple(sorted({int(hour) for hour in hours}))
    if any(not 0 <= hour < HOURS_PER_DAY for hour in result):
        raise ValueError(f"hours {result} must lie between 0 and 23")
    return result
