"""A small dense world of three areas and four groups, and a model with every kind of process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sousveil import processes as p
from sousveil.arrays import MONTHS, SLOTS, Floats
from sousveil.engine.model import Model
from sousveil.world.model import Area, Calendar, Group, People, PowerPath, World
from sousveil.world.power import supplied_hours

AREAS, GROUPS, FEEDERS = 3, 4, 4
LINES = ("home", "state")


def make_world(days: int = 30, scale: int = 1, seed: int = 7, power: float | None = None) -> World:
    """A world; power: share of hours with supply, or a drawn path with long spells."""
    units = np.array([5, 3, 2]) * scale
    calendar = Calendar(
        year=2024,
        day_type=(np.arange(days) % 7 >= 5).astype(np.int64),
        month=np.arange(days) * MONTHS // days,
        season=np.zeros(MONTHS, np.int64),
        seasons=("all",),
    )
    # Half of each hour of dusk and dawn is lit.
    day = np.array([0.0] * 6 + [0.5] + [1.0] * 10 + [0.5] + [0.0] * 6)
    hour_of_slot = np.arange(SLOTS) % 24
    groups = tuple(
        Group(f"{sex}_{age}", (("sex", sex), ("age", age)), age == "adult")
        for sex in ("female", "male")
        for age in ("young", "adult")
    )
    names = ("city", "town", "post")
    return World(
        areas=tuple(
            Area(name, name, name, "urban", "north", False, name != "post") for name in names
        ),
        groups=groups,
        people=People(
            persons=np.array([300, 130, 70]) * scale,
            households=np.array([80, 40, 20]) * scale,
            units=units,
            household_shares=np.array([0.45, 0.55]),
            first_shares=np.array([0.2, 0.8]),
            other_shares=np.array([0.6, 0.4]),
        ),
        presence={"street": np.full((GROUPS, SLOTS), 1.0)},
        calendar=calendar,
        power=make_path(calendar, seed, power),
        daylight=np.tile(day, days),
        daylight_slots=np.tile(day[hour_of_slot], (MONTHS, 1)),
        stock={"total": 0.0},
    )


def make_path(calendar: Calendar, seed: int, power: float | None) -> PowerPath:
    """Supply of two lines with spells of several hours; `state` is the better one."""
    chance = np.random.Generator(np.random.PCG64(seed))
    hours = len(calendar.month) * 24
    shape = len(LINES), AREAS, FEEDERS, hours // 3
    share = np.array([0.5, 0.8])[:, None, None, None] if power is None else power
    on = np.repeat(chance.random(shape) < share, 3, axis=3).astype(np.uint8)
    return PowerPath(LINES, on, supplied_hours(on, calendar))


def flat(value: float) -> Floats:
    """(A, G) of one value."""
    return np.full((AREAS, GROUPS), value)


def sloped(value: float) -> Floats:
    """(A, G) with another value in each cell, up to `value`."""
    return value * np.linspace(0.4, 1.0, AREAS * GROUPS).reshape(AREAS, GROUPS)


def waves() -> Floats:
    """(G, S) profile that varies over the day, with an empty night for the first group."""
    hour = np.arange(SLOTS) % 24
    day = 1.0 + 0.8 * np.sin(2 * np.pi * (hour - 6) / 24)
    profile = np.tile(day, (GROUPS, 1))
    profile[0, hour < 6] = 0.0
    return profile / profile.mean(axis=1, keepdims=True)


HOME = p.Gate("home", 1.0, 0.25)
STATE = p.Gate("state", 0.95, 0.0)
ZEAL = p.Effect("zeal", p.Entity.UNIT, "share", 3.0)
HABIT = p.Effect("habit", p.Entity.PERSON, "rate", 0.7)


def make_act(name: str = "media", rate: float = 0.01, **changes: Any) -> p.Act:
    """An act with two marks, the second depending on the first."""
    place = p.Mark(
        "place",
        ("indoors", "outdoors"),
        (),
        np.tile([0.7, 0.3], (AREAS, 1)),
        np.tile([0.4, 0.6], (AREAS, 1)),
        "home",
    )
    table = np.tile([[[0.1, 0.6, 0.3], [0.5, 0.25, 0.25]]], (AREAS, 1, 1))
    company = p.Mark("company", ("alone", "family", "others"), ("place",), table, table)
    act = p.Act(
        name=name,
        rate=sloped(rate),
        profile=waves(),
        month=np.ones((AREAS, MONTHS)),
        gate=HOME,
        spell_hours=2,
        place="home",
        right="UDHR 19",
        legitimate_aim="",
        sensitivity=p.Sensitivity.PROTECTED,
        effect=HABIT,
        marks=(place, company),
        completes={"company": ("alone", "family")},
    )
    return replace(act, **changes)


def make_detection(name: str, channel: str, act: str = "media", **changes: Any) -> p.Detection:
    """A detection by neighbours, with zeal by unit."""
    by_slot = np.where(np.arange(SLOTS) % 24 < 8, 0.3, 1.0)
    detection = p.Detection(
        name, channel, act, sloped(0.4), by_slot, sloped(0.5), flat(0.2), effect=ZEAL
    )
    return replace(detection, **changes)


def make_inspections() -> tuple[p.Visits, p.Visits, p.Inspection, p.Inspection]:
    """Visits of units and of persons, and what they find."""
    rate = np.zeros((AREAS, GROUPS))
    rate[:, 0] = (0.05, 0.02, 0.03)
    profile = np.where(np.arange(SLOTS) % 24 >= 20, 2.0, 0.5)
    carrier = p.Trait("phone", p.Entity.HOUSEHOLD, flat(0.6))
    return (
        p.Visits("checks", p.Entity.UNIT, rate, profile),
        p.Visits("stops", p.Entity.PERSON, sloped(0.01), np.ones(SLOTS)),
        p.Inspection("night", "unit", "media", "checks", 0.9, 6, 0.4, flat(0.7), flat(0.1)),
        p.Inspection(
            "trace", "handset", "media", "stops", 0.5, 200, 0.3, flat(0.8), flat(0.05), carrier
        ),
    )


def make_encounters() -> tuple[p.Encounter, p.Encounter, p.Search, p.Search]:
    """A street process with a search, and a fixed setting with sites."""
    levels = (
        p.Level("detect", 1.0, 0.8),
        p.Level("recognise", 0.5, 0.2),
        p.Level("identify", 0.2, 0.05),
    )
    routes = p.Effect("routes", p.Entity.HOUSEHOLD, "rate", 0.5)
    sites = p.Effect("sites", p.Entity.SITE, "share", 0.0)
    listed = p.Trait("listed", p.Entity.PERSON, flat(0.2))
    prone = p.Effect("prone", p.Entity.PERSON, "share", 2.0)
    return (
        p.Encounter("street", "camera", sloped(0.1), waves(), levels, STATE, routes, moving=True),
        p.Encounter("school", "camera", flat(0.3), waves(), levels, HOME, sites, 0.3),
        p.Search(
            "match",
            "face",
            "street",
            "identify",
            0.5,
            listed,
            0.7,
            0.05,
            proneness=prone,
            factor=np.linspace(0.5, 3.0, GROUPS),
        ),
        p.Search("match2", "face", "school", "recognise", 0.2, listed, 0.6, 0.1, flags=False),
    )


def make_roll_call(days: int = 30, **changes: Any) -> p.RollCall:
    """Three airings every second day, windows of four events."""
    events = tuple((24 * d + 12, 24 * d + 18, 24 * d + 19) for d in range(0, days, 2))
    windows = tuple(tuple(range(i, i + 4)) for i in range(0, len(events) - 3, 4))
    call = p.RollCall(
        "broadcast",
        "iptv",
        p.Trait("box", p.Entity.HOUSEHOLD, flat(0.5)),
        events,
        windows,
        3,
        HOME,
        0.6,
        p.Effect("watching", p.Entity.HOUSEHOLD, "share", 2.0),
        0.15,
        0.1,
        p.Spell("fault", p.Entity.HOUSEHOLD, 0.2, 60.0),
        p.Spell("link", p.Entity.AREA, 0.3, 30.0),
    )
    return replace(call, **changes)


def make_handling(**changes: Any) -> p.Handling:
    """Flags partly reviewed, partly expired, partly settled."""
    handling = p.Handling(
        partners_needed=0,
        rule_hours=0,
        reviewed=np.array([0.5, 0.3, 0.2]),
        expired=np.array([0.2, 0.0, 0.4]),
        reject_founded=0.1,
        reject_unfounded=0.4,
        bribe_exit=sloped(0.5),
    )
    return replace(handling, **changes)


def make_unprompted(rate: float = 0.002) -> p.Unprompted:
    """Denunciations for the act."""
    return p.Unprompted("spite", "unit", "media", sloped(rate), flat(0.3), 48)


def everything(world: World) -> tuple[p.Process, ...]:
    """Processes of every kind."""
    chilled = np.tile(np.linspace(1.0, 0.5, MONTHS), (AREAS, 1))
    days = len(world.calendar.month)
    return (
        make_act(month=chilled),
        make_act("travel", 0.005, marks=(), completes={}, gate=p.NO_GATE, effect=None),
        make_detection("informant", "unit"),
        make_detection("informant2", "unit", "travel", effect=None),
        make_detection("eye", "camera", gate=STATE, effect=None, when={"place": ("outdoors",)}),
        *make_inspections(),
        *make_encounters(),
        make_roll_call(days),
        make_unprompted(),
    )


def make_model(
    world: World,
    items: tuple[p.Process, ...] | None = None,
    handling: Mapping[str, p.Handling] | None = None,
) -> Model:
    """A model of these processes, by default of every kind, with one handling for all channels."""
    items = everything(world) if items is None else items
    channels = sorted({item.channel for item in items if not isinstance(item, (p.Act, p.Visits))})
    same = {channel: make_handling() for channel in channels}
    layers = dict.fromkeys(channels, p.Layer.PEOPLE)
    return Model(world, items, same if handling is None else handling, layers)
