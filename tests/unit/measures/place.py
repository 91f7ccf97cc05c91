"""A place of three areas of residents and one of guards, with four groups, built by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, HOURS_PER_YEAR, MONTHS, SLOTS, Floats
from sousveil.engine.model import Model
from sousveil.measures import measures
from sousveil.measuring.base import Context, Count
from sousveil.measuring.table import tabulate
from sousveil.processes import (
    Act,
    Detection,
    Effect,
    Encounter,
    Entity,
    Gate,
    Layer,
    Level,
    Mark,
    Process,
    RollCall,
    Search,
    Sensitivity,
    Spell,
    Trait,
    Unprompted,
    Visits,
)
from sousveil.tallies import Key
from sousveil.world.model import Area, Calendar, Group, People, PowerPath, World

AREAS = (
    Area("north_town", "North, town", "north", "town", "r", False, True),
    Area("north_fields", "North, fields", "north", "rural", "r", False, True),
    Area("south_town", "South, town", "south", "town", "r", False, True),
    Area("posts", "Posts", "north", "border_guards", "r", True, False),
)
GROUPS = tuple(
    Group(f"{sex}-{kin}", (("sex", sex), ("class", kin)), True)
    for kin in ("core", "other")
    for sex in ("female", "male")
)
PERSONS = np.array([[1e4, 1e4, 2e4, 2e4], [5e3] * 4, [4e4, 4e4, 1e4, 1e4], [500.0] * 4])
SHAPE = PERSONS.shape
ONES = np.ones(SHAPE)


def world(lit: float = 0.5) -> World:
    """Half the hours have power; winter is lit half as much as the rest of the year."""
    calendar = Calendar(
        year=2024,
        day_type=np.zeros(365, dtype=np.int64),
        month=np.repeat(np.arange(12), 31)[:365],
        season=np.array([0, 0] + [1] * 10),
        seasons=("winter", "summer"),
    )
    days = np.bincount(calendar.month, minlength=MONTHS)
    share = np.array([lit / 2, lit / 2, *[lit] * 10])
    hours = np.zeros((1, len(AREAS), MONTHS, SLOTS))
    hours[..., :HOURS_PER_DAY] = (days * share)[:, None]
    return World(
        areas=AREAS,
        groups=GROUPS,
        people=People(
            persons=PERSONS.sum(axis=1).astype(np.int64),
            households=(PERSONS.sum(axis=1) / 4).astype(np.int64),
            units=np.full(4, 10),
            household_shares=np.array([0.5, 0.5]),
            first_shares=np.array([0.5, 0.5]),
            other_shares=np.array([0.5, 0.5]),
        ),
        presence={
            "home": np.full((4, SLOTS), 0.75),
            "street": np.full((4, SLOTS), 0.25),
        },
        calendar=calendar,
        power=PowerPath(("home",), np.zeros((1, 4, 1, HOURS_PER_YEAR), dtype=np.uint8), hours),
        daylight=np.ones(HOURS_PER_YEAR),
        daylight_slots=np.ones((MONTHS, SLOTS)),
        stock={"street": 300.0, "school": 100.0, "total": 400.0},
    )


def act(name: str, sensitivity: Sensitivity, marks: tuple[Mark, ...] = ()) -> Act:
    return Act(
        name=name,
        rate=ONES,
        profile=np.ones((4, SLOTS)),
        month=np.ones((4, MONTHS)),
        gate=Gate("", 1.0, 1.0),
        spell_hours=1,
        place="home",
        right="UDHR 19",
        legitimate_aim="",
        sensitivity=sensitivity,
        marks=marks,
    )


def detection(channel: str, of: str) -> Detection:
    return Detection(f"{channel}.{of}", channel, of, ONES * 0.5, np.ones(SLOTS), ONES, ONES * 0.0)


def processes() -> tuple[Process, ...]:
    path = Mark("path", ("alone", "helped"), (), np.ones((4, 2)) / 2, np.ones((4, 2)) / 2)
    everybody = Trait("listed", Entity.PERSON, ONES * 0.01)
    return (
        act("listening", Sensitivity.PROTECTED),
        act("theft", Sensitivity.OPEN),
        act("cross_border", Sensitivity.BORDER, (path,)),
        detection("neighbours", "listening"),
        detection("cameras", "listening"),
        detection("phones", "listening"),
        detection("neighbours", "theft"),
        detection("cameras", "cross_border"),
        detection("guards", "cross_border"),
        Unprompted("neighbours.denounced", "neighbours", "listening", ONES, ONES * 0.0),
        Visits("neighbours.visits", Entity.UNIT, ONES, np.ones(SLOTS)),
        Encounter(
            "cameras.street",
            "cameras",
            ONES,
            np.ones((4, SLOTS)),
            (Level("detect", 1.0, 1.0), Level("identify", 0.1, 0.1)),
            seconds_in_view=36.0,
        ),
        Encounter(
            "cameras.school",
            "cameras",
            ONES,
            np.ones((4, SLOTS)),
            (Level("detect", 1.0, 1.0),),
            moving=False,
        ),
        Search("faces.street", "faces", "cameras.street", "identify", 1.0, everybody, 0.9, 1e-4),
        RollCall(
            "boxes.speech",
            "boxes",
            Trait("box", Entity.HOUSEHOLD, ONES * 0.1),
            ((20,), (44,)),
            ((0, 1),),
            1,
            Gate("home", 1.0, 0.0),
            0.9,
            Effect("watch", Entity.HOUSEHOLD, "share", 3.0),
            0.1,
            0.1,
            Spell("fault", Entity.HOUSEHOLD, 0.1, 10.0),
            Spell("link", Entity.AREA, 0.1, 10.0),
        ),
    )


LAYERS = {
    "neighbours": Layer.PEOPLE,
    "guards": Layer.PEOPLE,
    "cameras": Layer.MACHINES,
    "faces": Layer.MACHINES,
    "boxes": Layer.MACHINES,
    "phones": Layer.MIXED,
}


def model(lit: float = 0.5) -> Model:
    return Model(world(lit), processes(), {}, LAYERS)


def context(counts: dict[tuple[str, str], Any], **words: Any) -> Context:
    """Every tally zero but those given: a number per stratum, or an (A, G) array."""
    chosen = words.pop("model", None) or model()
    found = {key: Count(np.zeros(SHAPE)) for key in tuple(chosen.keys())}
    found |= {Key(*key): Count(ONES * value) for key, value in counts.items()}
    return Context(words.pop("what_if", ""), chosen, found, PERSONS, **words)


def only(area: int, group: int, value: float) -> Floats:
    """(A, G) array with one number."""
    result = np.zeros(SHAPE)
    result[area, group] = value
    return result


def rows(measure: str, given: Context) -> dict[tuple[str, ...], float | None]:
    """(channel, act, category, area, group, period) -> value of one measure."""
    columns = tabulate([measures()[measure]], given)
    names = ("channel", "act", "category", "area", "group", "period")
    keys = zip(*(columns[name] for name in names), strict=True)
    return dict(zip(keys, columns["value"], strict=True))


def key(**words: str) -> tuple[str, ...]:
    names = ("channel", "act", "category", "area", "group", "period")
    return tuple(words.get(name, "") for name in names)
