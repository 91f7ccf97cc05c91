"""Burden: what the system runs on: power, cameras, officers; and where people are, hour by hour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, HOURS_PER_YEAR, Floats
from sousveil.measures.base import Context, Count, Item, Measure, Result, Value


def _supply(context: Context, line: int) -> Floats:
    """(A, M, S) hours of the year with supply on a line, by month and slot."""
    joint = context.world.power.joint
    lit = [state for state in range(joint.shape[2]) if state >> line & 1]
    return joint[:, :, lit, :].sum(axis=2)


def _availability(context: Context) -> list[Result]:
    """Share of hours with supply, by line: over the year, by season, and nationally by hour of day.

    Each area weighs by its residents.
    """
    world, people = context.world, context.residents
    results: list[Result] = []
    for number, line in enumerate(world.power.lines):
        hours = _supply(context, number)
        for period, months, slots in _periods(context):
            most = world.power.joint[:, months][:, :, :, slots].sum(axis=(1, 2, 3))
            lit = hours[:, months][:, :, slots].sum(axis=(1, 2))
            share = np.divide(lit, most, out=np.zeros_like(lit), where=most > 0)
            split = "country" if period.startswith("hour:") else "margins"
            number_lit = Count(people * share[:, None])
            results.append(Item(number_lit, people, "", "", line, period, split))
    return results


def _periods(context: Context) -> list[tuple[str, list[int], list[int]]]:
    """(name, months, slots): the year, each season, and in the base run each hour of the day."""
    calendar = context.world.calendar
    slots = list(range(2 * HOURS_PER_DAY))
    found = [("", list(range(12)), slots)]
    for number, season in enumerate(calendar.seasons):
        found.append((season, np.flatnonzero(calendar.season == number).tolist(), slots))
    if context.base is None:
        for hour in range(HOURS_PER_DAY):
            found.append((f"hour:{hour:02d}", list(range(12)), [hour, hour + HOURS_PER_DAY]))
    return found


def _presence(context: Context) -> list[Result]:
    """Share of residents in each setting by hour of the day: a national profile of the base."""
    if context.base is not None:
        return []
    rest = float(context.world.calendar.day_type.mean())
    people = context.residents
    results: list[Result] = []
    for setting, shares in context.world.presence.items():
        for hour in range(HOURS_PER_DAY):
            inside = (1 - rest) * shares[:, hour] + rest * shares[:, hour + HOURS_PER_DAY]
            there = Count(people * inside[None, :])
            results.append(Item(there, people, "", "", setting, f"hour:{hour:02d}", "country"))
    return results


def _stock(context: Context) -> list[Result]:
    """Cameras in working order, by use and in all."""
    return [
        Value(float(count), category="" if use == "total" else use, label="exact")
        for use, count in context.world.stock.items()
    ]


def _workload(field: str) -> Callable[[Context], list[Result]]:
    """Measure function: one number of each channel's reviewers."""

    def compute(context: Context) -> list[Result]:
        return [
            Value(float(getattr(load, field)), channel=channel)
            for channel, load in context.workload.items()
        ]

    return compute


MEASURES = (
    Measure(
        "availability",
        "Share of hours with power",
        "1",
        ("category", "area", "period"),
        _availability,
        category="power line",
        profile=True,
        source=f"hours with supply over {HOURS_PER_YEAR} hours",
    ),
    Measure(
        "presence_share",
        "Share of residents in a setting, by hour of the day",
        "1",
        ("category", "period"),
        _presence,
        category="setting",
        profile=True,
        source="design, section 4",
    ),
    Measure(
        "camera_stock",
        "Cameras in working order",
        "camera",
        ("category",),
        _stock,
        category="use",
        source="design, section 4; modelling choice 2",
    ),
    Measure(
        "cases_per_reviewer_day",
        "Flags sent to review, for each reviewer and day",
        "1/day",
        ("channel",),
        _workload("cases_per_officer_day"),
        source="design, section 5, Procedure",
    ),
    Measure(
        "backlog_days",
        "Days that a flag waits for its reviewer",
        "day",
        ("channel",),
        _workload("delay_days"),
        source="design, section 5, Procedure",
    ),
)
