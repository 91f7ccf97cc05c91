"""Daylight: the share of every hour of the year with the sun up, from latitude and date."""

from __future__ import annotations

import datetime

import numpy as np

from sousveil.arrays import DAYS_PER_YEAR, HOURS_PER_DAY, MONTHS, SLOTS, Floats
from sousveil.world.model import Calendar
from sousveil.world.parameters import DaylightParameters

HORIZON_DEGREES = -0.833
"""Height of the sun's centre when its upper edge appears, with refraction."""
_J2000 = datetime.date(2000, 1, 1)


def sun_times(parameters: DaylightParameters, year: int) -> tuple[Floats, Floats]:
    """Clock hour of sunrise and of sunset, each (365,).

    Source: sunrise equation, after Meeus 1991, "Astronomical algorithms", chapters 15, 25 and 28
    (low precision: within about two minutes below 65 degrees).
    """
    days = np.arange(DAYS_PER_YEAR) + (datetime.date(year, 1, 1) - _J2000).days
    anomaly = np.radians(357.5291 + 0.98560028 * days)
    centre = 1.9148 * np.sin(anomaly) + 0.02 * np.sin(2 * anomaly) + 0.0003 * np.sin(3 * anomaly)
    longitude = anomaly + np.radians(centre + 180.0 + 102.9372)
    late = HOURS_PER_DAY * (0.0053 * np.sin(anomaly) - 0.0069 * np.sin(2 * longitude))
    declination = np.arcsin(np.sin(longitude) * np.sin(np.radians(23.4397)))
    latitude = np.radians(parameters.latitude)
    cosine = (np.sin(np.radians(HORIZON_DEGREES)) - np.sin(latitude) * np.sin(declination)) / (
        np.cos(latitude) * np.cos(declination)
    )
    half_day = np.degrees(np.arccos(cosine)) / 15.0
    noon = parameters.solar_noon + late
    return noon - half_day, noon + half_day


def build_daylight(parameters: DaylightParameters, calendar: Calendar) -> Floats:
    """(H,) share of each hour between sunrise and sunset."""
    rise, down = sun_times(parameters, calendar.year)
    hour = np.arange(HOURS_PER_DAY)
    lit = np.zeros((DAYS_PER_YEAR, HOURS_PER_DAY))
    # A clock far from the sun's time puts part of the day beyond midnight: it is wrapped around.
    for shift in (-HOURS_PER_DAY, 0, HOURS_PER_DAY):
        start = np.maximum(hour[None, :], rise[:, None] + shift)
        end = np.minimum(hour[None, :] + 1, down[:, None] + shift)
        lit += np.clip(end - start, 0.0, 1.0)
    return lit.reshape(-1)


def mean_by_slot(daylight: Floats, calendar: Calendar) -> Floats:
    """(M, S) mean of an hourly series (H,) by month and slot.

    A month without rest days takes the mean of its days for their slots.
    """
    cell = calendar.month_of_hour() * SLOTS + calendar.slot_of_hour()
    hours = calendar.hours.reshape(MONTHS, -1, HOURS_PER_DAY)
    total = np.bincount(cell, weights=daylight, minlength=MONTHS * SLOTS).reshape(hours.shape)
    either = total.sum(axis=1, keepdims=True) / hours.sum(axis=1, keepdims=True)
    means = np.where(hours > 0, total / np.maximum(hours, 1), either)
    return means.reshape(MONTHS, SLOTS)
