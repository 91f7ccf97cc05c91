"""A hamlet of one area and few groups: every expected value can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sousveil import processes as p
from sousveil.arrays import MONTHS, SLOTS, Floats
from sousveil.counts import Count
from sousveil.engine.expected import expect
from sousveil.engine.model import Model
from sousveil.tallies import Key
from sousveil.world.model import Area, Calendar, Group, People, PowerPath, World

DAYS, FEEDERS = 28, 2
HOURS = 24 * DAYS
PERSONS, HOUSEHOLDS, UNITS = 120, 40, 4
LINE = p.Gate("grid", 1.0, 0.0)
WITHOUT = p.Gate("grid", 0.0, 1.0)
FLAT = np.ones(SLOTS)
NEVER_DOWN = p.Spell("sound", p.Entity.HOUSEHOLD, 0.0, 10.0)
ONE_CLASS = p.Effect("watching", p.Entity.HOUSEHOLD, "share", np.inf)


def bits(share: float | np.ndarray) -> np.ndarray:
    """(1, A, F, H) supply: the first `share` of every day's hours, or as given."""
    if isinstance(share, np.ndarray):
        return share.astype(np.uint8)
    hour = np.arange(HOURS) % 24
    return np.broadcast_to(hour < round(24 * share), (1, 1, FEEDERS, HOURS)).astype(np.uint8)


def hamlet(supply: float | np.ndarray = 1.0, groups: int = 1, scale: int = 1) -> World:
    """One area with one line, months of 28 / 12 days, and one group or two of equal shares."""
    on = bits(supply)
    areas = on.shape[1]
    day = np.arange(DAYS)
    calendar = Calendar(
        2024,
        (day % 7 >= 5).astype(np.int64),
        day * MONTHS // DAYS,
        np.zeros(MONTHS, np.int64),
        ("all",),
    )
    share = np.full(groups, 1.0 / groups)
    return World(
        areas=tuple(Area(f"a{i}", "a", "a", "urban", "r", False, True) for i in range(areas)),
        groups=tuple(Group(f"g{i}", (("age", str(i)),), True) for i in range(groups)),
        people=People(
            np.full(areas, PERSONS * scale),
            np.full(areas, HOUSEHOLDS * scale),
            np.full(areas, UNITS * scale),
            np.ones(1),
            share,
            share,
        ),
        presence={},
        calendar=calendar,
        power=PowerPath(("grid",), on, np.zeros((1, areas, MONTHS, SLOTS))),
        daylight=((np.arange(HOURS) % 24 >= 6) & (np.arange(HOURS) % 24 < 18)).astype(np.float64),
        daylight_slots=np.zeros((MONTHS, SLOTS)),
        stock={},
    )


def full(world: World, value: float) -> Floats:
    """(A, G) of one value."""
    return np.full((len(world.areas), len(world.groups)), value)


def act(world: World, name: str = "act", rate: float = 0.01, **changes: Any) -> p.Act:
    """An act at a constant rate, without marks or needs."""
    shape = (len(world.groups), SLOTS)
    months = np.ones((len(world.areas), MONTHS))
    plain = p.Act(
        name,
        full(world, rate),
        np.ones(shape),
        months,
        p.NO_GATE,
        1,
        "home",
        "UDHR 19",
        "",
        p.Sensitivity.PROTECTED,
    )
    return replace(plain, **changes)


def detection(world: World, name: str, channel: str, notice: float, **changes: Any) -> p.Detection:
    """A detection that notices at any hour and always reports."""
    plain = p.Detection(
        name, channel, "act", full(world, notice), FLAT, full(world, 1.0), full(world, 0.0)
    )
    return replace(plain, **changes)


def inspection(
    world: World, name: str, channel: str, hours: int, find: float, **changes: Any
) -> p.Inspection:
    """An inspection of the visits "visits" that always leaves a trace."""
    one, zero = full(world, 1.0), full(world, 0.0)
    plain = p.Inspection(name, channel, "act", "visits", 1.0, hours, find, one, zero)
    return replace(plain, **changes)


def visits(world: World, rate: float, entity: p.Entity = p.Entity.UNIT, **changes: Any) -> p.Visits:
    """Visits at any hour."""
    plain = p.Visits("visits", entity, full(world, rate), FLAT)
    return replace(plain, **changes)


def roll_call(world: World, **changes: Any) -> p.RollCall:
    """Four nightly events in one window, everybody with a box, nothing ever down."""
    events = tuple((24 * night + 20,) for night in range(4))
    plain = p.RollCall(
        "call",
        "television",
        p.Trait("box", p.Entity.HOUSEHOLD, full(world, 1.0)),
        events,
        ((0, 1, 2, 3),),
        2,
        p.NO_GATE,
        0.6,
        ONE_CLASS,
        0.0,
        0.0,
        NEVER_DOWN,
        p.Spell("link", p.Entity.AREA, 0.0, 10.0),
    )
    return replace(plain, **changes)


def handling(world: World, **changes: Any) -> p.Handling:
    """A procedure that lets everything pass and settles nothing."""
    zero = np.zeros(len(world.areas))
    plain = p.Handling(0, 0, zero, zero, 0.0, 0.0, full(world, 0.0))
    return replace(plain, **changes)


def model(world: World, *items: p.Process, rules: dict[str, p.Handling] | None = None) -> Model:
    """A model; channels called "camera..." are machines, all others people."""
    channels = {item.channel for item in items if not isinstance(item, (p.Act, p.Visits))}
    layers = {
        name: p.Layer.MACHINES if name.startswith("camera") else p.Layer.PEOPLE for name in channels
    }
    return Model(world, items, rules or {}, layers)


def totals(item: Model, variances: bool = True) -> dict[str, float]:
    """Expected totals by "process/outcome"."""
    found = expect(item, variances=variances)
    return {str(key): float(value.values.sum()) for key, value in found.items()}


def value(item: Model, process: str, outcome: str) -> Count:
    """One expected value."""
    return expect(item)[Key(process, outcome)]
