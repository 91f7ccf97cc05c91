"""Burden: what the system runs on: power, cameras, officers; and where people are, hour by hour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, HOURS_PER_YEAR, MONTHS, SLOTS, AnyArray, Floats
from sousveil.engine.model import makes_flags
from sousveil.measuring.base import Context, Count, Item, Measure, Result, Value
from sousveil.world.model import Calendar, World


def _availability(context: Context) -> list[Result]:
    """Share of hours with supply, by line: over the year, by season, and nationally by hour of day.

    Each area weighs by its residents.
    """
    world, people = context.world, context.residents
    inputs = [world.people, world.areas, world.calendar, world.power]
    results = context.kept("availability", inputs, partial(_of_lines, world, people, _by_season))
    hourly = [] if context.base else _of_lines(world, people, _by_hour)
    return [*results, *hourly]


def _of_lines(
    world: World, people: Floats, sums: Callable[[Calendar, AnyArray], dict[str, Floats]]
) -> list[Item]:
    """Share of the hours of some periods that have supply, line by line."""
    cell = world.calendar.month_of_hour() * SLOTS + world.calendar.slot_of_hour()
    hours = np.bincount(cell, minlength=MONTHS * SLOTS).reshape(1, MONTHS, SLOTS)
    every, lit = sums(world.calendar, hours), sums(world.calendar, world.power.hours)
    shares = {name: part / every[name] for name, part in lit.items()}
    split = "country" if sums is _by_hour else "margins"
    return [
        Item(Count(people * share[place][:, None], np.nan), people, "", "", line, name, split)
        for place, line in enumerate(world.power.lines)
        for name, share in shares.items()
    ]


def _by_season(calendar: Calendar, hours: AnyArray) -> dict[str, Floats]:
    """(..., A) sums of hours (..., A, M, S): over the year and each season."""
    by_month = hours.sum(axis=-1)
    found = {"": by_month.sum(axis=-1)}
    for number, season in enumerate(calendar.seasons):
        found[season] = by_month[..., calendar.season == number].sum(axis=-1)
    return found


def _by_hour(_calendar: Calendar, hours: AnyArray) -> dict[str, Floats]:
    """(..., A) sums of hours (..., A, M, S) at each hour of the day."""
    by_slot = hours.sum(axis=-2)
    by_day = by_slot.reshape(*by_slot.shape[:-1], SLOTS // HOURS_PER_DAY, HOURS_PER_DAY)
    by_hour = by_day.sum(axis=-2)
    return {f"hour:{hour:02d}": by_hour[..., hour] for hour in range(HOURS_PER_DAY)}


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
            there = Count(people * inside[None, :], np.nan)
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
    flags = dict.fromkeys(context.workload, 0.0)
    told, spread = dict(flags), 0.0
    flaggers = [p for p in context.model.processes if makes_flags(p) and p.channel in flags]
    reported = [context.count(process.name, "reported") for process in flaggers]
    counts = context.kept("reported", reported, partial(_totals, reported))
    for process, each, count in zip(flaggers, reported, counts, strict=True):
        flags[process.channel] += count
        if process.name in shown:
            told[process.channel] += count
            spread += each.variance
    every = kept = 0.0
    for channel, load in context.workload.items():
        every += load.sent
        kept += load.sent * told[channel] / flags[channel] if flags[channel] > 0 else 0.0
    most = max(load.cases_per_officer_day for load in context.workload.values())
    value, mean = most * kept / every if every > 0 else 0.0, sum(told.values())
    # Expected flags decide how many are sent: the load moves with the flags of a year.
    chance = value * float(np.sqrt(spread)) / mean if mean > 0.0 else np.nan
    return [Value(value, chance_sd=chance if np.isfinite(chance) else None)]


def _totals(counts: Sequence[Count]) -> list[float]:
    """Total of each count, border areas with the others."""
    if not counts:
        return []
    flat = np.concatenate([count.values for count in counts]).reshape(len(counts), -1)
    return flat.sum(axis=1).tolist()


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
        no_chance="hours of power are the environment: once drawn, nothing is left to chance",
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
        no_chance="a profile that the scenario states: nobody's day is drawn",
    ),
    Measure(
        "camera_stock",
        "Cameras in working order",
        "camera",
        ("category",),
        _stock,
        category="use",
        source="docs/explanation/how_it_counts.md, Power, presence, stock",
        no_chance="it follows from quantities alone: no camera's breakdown is drawn",
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
        no_chance="the chance of a queue is not modelled: mean waits follow from expected flags",
    ),
)
