"""An invented country: 3 provinces, towns and villages, 2 borders, 2 power regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sousveil.world.parameters import (
    CalendarParameters,
    DaylightParameters,
    PeopleParameters,
    PowerParameters,
    WorldParameters,
)
from sousveil.world.presence import SETTINGS


@dataclass(frozen=True)
class Rows:
    rows: tuple[Mapping[str, Any], ...]


def area_rows(provinces: int = 3) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "area": f"p{number}_{settlement}",
            "name": f"Province {number}, {settlement}",
            "parent": f"p{number}",
            "settlement": settlement,
            "power_region": "east" if number % 2 else "west",
            "people": people + 13_577 * number,
            "touches_border": number < 2,
            "source": "invented",
        }
        for number in range(provinces)
        for settlement, people in (("city", 811_003), ("rural", 400_019))
    )


def presence_rows() -> tuple[dict[str, Any], ...]:
    rows: list[dict[str, Any]] = []
    for category in ("age.child", "age.adult", "age.old"):
        for day_type in ("working_day", "rest_day"):
            for hour in range(24):
                shares = dict.fromkeys(SETTINGS, 0.0)
                away = 0.6 if 8 <= hour < 18 and category != "age.old" else 0.1
                shares["work" if category == "age.adult" else "school"] = away - 0.05
                shares["street"] = 0.05
                shares["home"] = 1.0 - away
                rows.append({"category": category, "day_type": day_type, "hour": hour, **shares})
    return tuple(rows)


def people_parameters(**changes: Any) -> PeopleParameters:
    values: dict[str, Any] = {
        "population_total": 26_500_000.0,
        "household_size": 3.9,
        "unit_households": {"city": 30.0, "rural": 15.0, "border_guards": 10.0},
        "margins": {
            "class.core": 0.28,
            "class.wavering": 0.45,
            "class.hostile": 0.27,
            "sex.female": 0.512,
            "sex.male": 0.488,
            "age.child": 0.19,
            "age.adult": 0.70,
            "age.old": 0.11,
        },
        "strip_share": {"p0": 0.2, "p1": 0.1},
        "guards": 40_000.0,
        "guards_region": "east",
        "household_margins": ["class"],
        "adult_categories": ["age.adult", "age.old"],
    }
    return PeopleParameters(**{**values, **changes})


CALENDAR = CalendarParameters(
    holidays=["01-01", "10-10"],
    seasons={"winter": [11, 12, 1, 2, 3], "farming": [4, 5, 6], "good": [7, 8, 9, 10]},
    news_hours=[20],
    speech_days=["01-01", "04-15"],
    speech_hours=[9],
)


def power_parameters(**changes: Any) -> PowerParameters:
    values: dict[str, Any] = {
        "home_hours": {"east": 3.7, "west": 6.9},
        "state_hours": {"other": 18.0},
        "border_hours": {"other": 10.0},
        "settlement_factor": {"rural": 0.7},
        "season_factor": {"home.winter": 0.6, "home.winter.east": 0.4, "state.good": 1.1},
        "outage_days": {"east": 161.0, "west": 119.0},
        "outage_spell_days": 3.0,
        "evening_weight": 1.8,
        "news_slot": 0.6,
        "speech_slot": 0.8,
    }
    return PowerParameters(**{**values, **changes})


def tables(provinces: int = 3) -> dict[str, Rows]:
    return {"areas": Rows(area_rows(provinces)), "presence": Rows(presence_rows())}


def world_parameters(**changes: Any) -> WorldParameters:
    values: dict[str, Any] = {
        "people": people_parameters(),
        "daylight": DaylightParameters(latitude=40.0),
        "calendar": CALENDAR,
        "power": power_parameters(),
    }
    return WorldParameters(**{**values, **changes})
