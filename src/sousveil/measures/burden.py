"""Burden: what the system runs on: power, cameras, officers; and where people are, hour by hour."""

from __future__ import annotations

from functools import partial

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, HOURS_PER_YEAR, MONTHS, SLOTS, AnyArray, Floats
from sousveil.measuring.base import Context, Count, Item, Measure, Result, Value
from sousveil.world.model import World


def _availability(context: Context) -> list[Result]:
    """Share of hours with supply, by line: over the year, by season, and nationally by hour of day.

    Each area weighs by its residents.
    """
    world, people = context.world, context.residents
    inputs = [people, world.calendar, world.power]
    seasons = context.kept("availability", inputs, partial(_of_seasons, world, people))
    return [*seasons, *([] if context.base else _of_hours(world, people))]


def _of_seasons(world: World, people: Floats) -> list[Item]:
    """Share of the hours of the year and of each season that have supply, line by line."""
    calendar, lit = world.calendar, world.power.hours.sum(axis=-1)
    every, inside = calendar.hours.sum(axis=-1), np.ones((len(calendar.seasons) + 1, MONTHS))
    inside[1:] = calendar.season == np.arange(len(calendar.seasons))[:, None]
    shares = (lit @ inside.T / (inside @ every)).transpose(0, 2, 1)
    with_power = people * shares[..., None]
    return [
        Item(Count(found, np.nan), people, "", "", line, season)
        for line, by_season in zip(world.power.lines, with_power, strict=True)
        for season, found in zip(("", *calendar.seasons), by_season, strict=True)
    ]


def _of_hours(world: World, people: Floats) -> list[Value]:
    """The same of each hour of the day, of the whole country."""
    by_area = people.sum(axis=1)
    every = _by_hour(world.calendar.hours.sum(axis=0)) * by_area.sum()
    lit = _by_hour(world.power.hours.sum(axis=-2))
    return [
        value
        for line, hours in zip(world.power.lines, lit, strict=True)
        for value in _profile(line, by_area @ hours, every)
    ]


def _by_hour(by_slot: AnyArray) -> Floats:
    """(..., 24) sums over the slots (..., S) of each hour of the day."""
    return by_slot.reshape(*by_slot.shape[:-1], SLOTS // HOURS_PER_DAY, HOURS_PER_DAY).sum(axis=-2)


def _profile(category: str, top: Floats, bottom: Floats) -> list[Value]:
    """(24,) ratios, hour by hour; null where nobody is."""
    shares = np.divide(top, bottom, out=np.full(HOURS_PER_DAY, np.nan), where=bottom > 0.0)
    return [
        Value(share, category=category, period=f"hour:{hour:02d}", label="exact")
        for hour, share in enumerate(shares.tolist())
    ]


def _presence(context: Context) -> list[Result]:
    """Share of residents in each setting by hour of the day: a national profile of the base."""
    if context.base is not None:
        return []
    calendar, by_group = context.world.calendar, context.residents.sum(axis=0)
    days = calendar.hours.sum(axis=0) / len(calendar.month)
    everybody = np.full(HOURS_PER_DAY, by_group.sum())
    return [
        value
        for setting, shares in context.world.presence.items()
        for value in _profile(setting, _by_hour(by_group @ shares * days), everybody)
    ]


def _stock(context: Context) -> list[Result]:
    """Cameras in working order, by use and in all."""
    return [
        Value(float(count), category="" if use == "total" else use, label="exact")
        for use, count in context.world.stock.items()
    ]


def _backlog(context: Context) -> list[Result]:
    """Mean wait of a flag for its reviewer, by channel; channels at the border alone left out."""
    flagging = context.model.flagging
    return [
        Value(float(load.delay_days), channel=name)
        for name, load in context.workload.items()
        if any(map(context.shows, flagging.get(name, ())))
    ]


def _cases(context: Context) -> list[Result]:
    """Flags sent to review for each officer and day, those about border acts left out."""
    if not context.workload:
        return []
    # Where nobody reviews, only how far chance moves the load asks for its flags.
    sent = {name: load.sent for name, load in context.workload.items()}
    asked = [name for name, some in sent.items() if some > 0.0 or context.joints is not None]
    every = told = spread = kept = 0.0
    for channel in asked:
        flags = mine = 0.0
        for process in context.model.flagging.get(channel, ()):
            count = context.count(process.name, "reported")
            flags += float(count.values.sum())
            if context.shows(process):
                mine += float(count.values.sum())
                spread += count.variance
        every += sent[channel]
        kept += sent[channel] * mine / flags if flags > 0.0 else 0.0
        told += mine
    most = max(load.cases_per_officer_day for load in context.workload.values())
    value = most * kept / every if every > 0.0 else 0.0
    # Expected flags decide how many are sent: the load moves with the flags of a year.
    chance = value * float(np.sqrt(spread)) / told if told > 0.0 else np.nan
    return [Value(value, chance_sd=chance if np.isfinite(chance) else None)]


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
