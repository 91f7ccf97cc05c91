"""Burden: what the system runs on: power, cameras, officers; and where people are, hour by hour."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, HOURS_PER_YEAR, MONTHS, SLOTS, AnyArray, Floats
from sousveil.engine.model import makes_flags
from sousveil.measures.base import Context, Count, Item, Measure, Result, Value


def _availability(context: Context) -> list[Result]:
    """Share of hours with supply, by line: over the year, by season, and nationally by hour of day.

    Each area weighs by its residents.
    """
    world, people = context.world, context.residents
    cell = world.calendar.month_of_hour() * SLOTS + world.calendar.slot_of_hour()
    hours = np.bincount(cell, minlength=MONTHS * SLOTS).reshape(1, MONTHS, SLOTS)
    results: list[Result] = []
    for line, lit in zip(world.power.lines, world.power.hours, strict=True):
        for period, part in _periods(context):
            share = part(lit) / part(hours)
            split = "country" if period.startswith("hour:") else "margins"
            count = Count(people * share[:, None])
            results.append(Item(count, people, "", "", line, period, split))
    return results


def _periods(context: Context) -> list[tuple[str, Callable[[AnyArray], Floats]]]:
    """Name of each period, and the sum of hours (A, M, S) in it.

    The year, each season, and in the base run each hour of the day.
    """
    calendar = context.world.calendar
    found: list[tuple[str, Callable[[AnyArray], Floats]]] = [("", partial(_in_months, slice(None)))]
    for number, season in enumerate(calendar.seasons):
        found.append((season, partial(_in_months, calendar.season == number)))
    if context.base is None:
        found += [(f"hour:{hour:02d}", partial(_in_hour, hour)) for hour in range(HOURS_PER_DAY)]
    return found


def _in_months(months: Any, hours: AnyArray) -> Floats:
    """(A,) hours of some months."""
    return hours.sum(axis=2)[:, months].sum(axis=1)


def _in_hour(hour: int, hours: AnyArray) -> Floats:
    """(A,) hours at one hour of the day."""
    return hours[:, :, hour::HOURS_PER_DAY].sum(axis=(1, 2))


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


def _backlog(context: Context) -> list[Result]:
    """Mean wait of a flag for its reviewer, by channel; channels at the border alone left out."""
    channels = {getattr(process, "channel", "") for process in context.flaggers}
    return [
        Value(float(load.delay_days), channel=name)
        for name, load in context.workload.items()
        if name in channels
    ]


def _cases(context: Context) -> list[Result]:
    """Flags sent to review for each officer and day, those about border acts left out."""
    if not context.workload:
        return []
    shown = {process.name for process in context.flaggers}
    every = kept = 0.0
    for channel, load in context.workload.items():
        flags = {
            process.name: float(context.count(process.name, "reported").values.sum())
            for process in context.model.processes
            if getattr(process, "channel", "") == channel and makes_flags(process)
        }
        told = sum(count for name, count in flags.items() if name in shown)
        every += load.sent
        kept += load.sent * told / sum(flags.values()) if sum(flags.values()) > 0 else 0.0
    each = max(load.cases_per_officer_day for load in context.workload.values())
    return [Value(each * kept / every if every > 0 else 0.0)]


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
        source="docs/explanation/how_it_counts.md, Power, presence, stock",
    ),
    Measure(
        "camera_stock",
        "Cameras in working order",
        "camera",
        ("category",),
        _stock,
        category="use",
        source="docs/explanation/how_it_counts.md, Power, presence, stock",
    ),
    Measure(
        "cases_per_reviewer_day",
        "Flags sent to review, for each reviewer and day",
        "1/day",
        (),
        _cases,
        source="docs/explanation/how_it_counts.md, Procedure",
    ),
    Measure(
        "backlog_days",
        "Days that a flag waits for its reviewer",
        "day",
        ("channel",),
        _backlog,
        source="docs/explanation/how_it_counts.md, Procedure",
    ),
)
