"""An invented result of an invented scenario, with rows for every measure; it means nothing."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl

from sousveil.quantity import Distribution, Location, Quantity, Reading, SeriesPoint, Source
from sousveil.scenario.model import Claim, Scenario, SourceRecord, Table, WhatIf

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "src" / "sousveil" / "scenarios" / "north_korea"
HERE = Location("scenario.yaml", 1, 1)
IDENTITY = ("measure", "what_if", "channel", "act", "category", "area", "group", "period")
PROVINCES = (
    "ryanggang north_hamgyong south_hamgyong kangwon chagang north_pyongan south_pyongan "
    "north_hwanghae south_hwanghae pyongyang"
).split()
ACTS = ("foreign_media", "overnight_guest", "private_talk", "illegal_call", "trade")
CHANNELS = (
    "street_camera",
    "face_recognition",
    "iptv",
    "neighbourhood_unit",
    "organisation",
    "phone",
)
GROUPS = ("sex.female", "sex.male", "age.child", "age.adult", "age.old", "class.core", "class.low")
RATE = "1/100,000 person-years"


def quantity(path: str, form: str, values: tuple[float, ...], **about: Any) -> Quantity:
    """A quantity with what a test does not care about filled in."""
    known: dict[str, Any] = {
        "unit": "1",
        "kind": "documented",
        "role": "nature",
        "resolution": "country",
        "sources": (Source("S001", "p. 2"),),
        "grade": "B2",
        "because": "",
        "note": "",
        "location": HERE,
        "distribution": Distribution(form, values) if form else None,
        "high": 1.0 if path.endswith("share") else math.inf,
    }
    return Quantity(path=path, **(known | about))


def quantities() -> dict[str, Quantity]:
    """A handful, of every kind and form."""
    assumed: dict[str, Any] = {
        "kind": "assumed",
        "sources": (),
        "grade": "",
        "because": "no study of neighbours' reports has a denominator",
        "role": "behaviour",
    }
    reading = Distribution("uniform", (3.0, 5.0))
    found = [
        quantity("world.people.population_total", "uniform", (25.4e6, 26.2e6), unit="person"),
        quantity(
            "world.power.home_hours.pyongyang",
            "",
            (),
            unit="h/day",
            readings=(
                Reading("survey", 0.5, reading, (Source("S001"),), "C3"),
                Reading("visitors", 0.5, Distribution("fixed", (24.0,)), (Source("S002"),), "D4"),
            ),
        ),
        quantity("world.stock.imports.2012", "fixed", (40465.0,), unit="camera/year"),
        quantity("acts.foreign_media.rate_per_year", "lognormal", (1.0, 6.0, 40.0), **assumed),
        quantity("channels.iptv.watch_share", "beta", (0.5, 0.7, 0.9), **assumed),
        quantity(
            "channels.iptv.link_up_share",
            "",
            (),
            kind="inferred",
            series=(
                SeriesPoint(2012, Distribution("fixed", (0.5,))),
                SeriesPoint(2024, Distribution("uniform", (0.6, 0.9))),
            ),
        ),
        quantity("channels.iptv.fault_share", "fixed", (0.2,), **assumed | {"by_user": True}),
    ]
    return {item.path: item for item in found}


def what_if(name: str, title: str, **about: Any) -> WhatIf:
    """A what-if with the rest empty."""
    known: dict[str, Any] = {
        "reason": f"why {title.lower()} is asked",
        "sources": (),
        "safeguard": False,
        "sharpens_only": False,
        "inherit": (),
        "set": {},
        "set_settings": {},
        "scale": {},
        "remove": (),
        "year": None,
    }
    return WhatIf(name=name, title=title, **(known | about))


WHAT_IFS = (
    what_if("reliable_power", "Reliable power", set={"world.power.home_hours.*": 24.0}),
    what_if("no_speech_slot", "No power kept for speeches", set={"world.power.speech_slot": 0.0}),
    what_if("no_report_anchor", "Without the anchor of reports"),
    what_if("chilling", "With chilling"),
    what_if("ignore_absence_without_power", "Absence without power is no absence", safeguard=True),
    what_if("human_review", "A person reviews every flag", safeguard=True),
    what_if("stricter_threshold", "A stricter threshold", safeguard=True, sharpens_only=True),
    what_if("as_of_2012", "As of 2012", year=2012),
    what_if("as_of_2019", "As of 2019", year=2019),
    what_if("working_border_cameras", "Border cameras that always work"),
)


def scenario(folder: Path = FOLDER) -> Scenario:
    """An invented scenario that borrows the shapes of a shipped one."""
    rows = tuple({"area": f"{p}_rural", "name": p, "parent": p} for p in PROVINCES)
    matrix = {
        act: {
            "street_camera": ("cannot_see", ""),
            "phone": ("modelled", ""),
            "iptv": ("not_modelled", "one report of it, abroad") if act == "trade" else ("", ""),
        }
        for act in ACTS
    }
    records = {
        key: SourceRecord(
            key, f"Title of {key}", "An Author", "A Publisher", "2024", f"https://example.org/{key}",
            "report", "Public domain; made with Natural Earth." if key == "S002" else "", {},
        )
        for key in ("S001", "S002", "S003")
    }  # fmt: skip
    claim = Claim(
        "C1",
        "Control gets deeper because technology is added to it.",
        "total with and without the imported layer",
        (),
        "model",
        "",
        (Source("S001"), Source("S003", "p. 4")),
        "the human layer grew at the same time",
        "supported in direction, size unknown",
    )
    return Scenario(
        name="invented", title="An invented system", country="PRK", place="Inventia", format=1,
        year=2024, folder=folder, hash="0" * 64, quantities=quantities(), settings={}, acts=ACTS,
        channels=CHANNELS, tables={"areas": Table("areas", "margins", ("area",), rows)},
        sources=records, what_ifs={item.name: item for item in WHAT_IFS}, claims=(claim,),
        checks=(), matrix=matrix, headlines=(), warnings=("a warning",),
    )  # fmt: skip


class Rows:
    """Collects tidy rows of plausible size, the same for the same seed."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.rows: list[dict[str, Any]] = []
        self.chance = random.Random(7)

    def add(self, measure: str, middle: float, unit: str = "1", **where: str) -> None:
        """All statistics of one value, about `middle`."""
        about = dict.fromkeys(IDENTITY, "") | where | {"measure": measure, "unit": unit}
        factor = math.exp(self.chance.uniform(0.3, 1.6))
        shaken = middle * math.exp(self.chance.uniform(-0.4, 0.4))
        ends = (shaken / factor, shaken * factor)
        if unit == "1" and measure != "disparity_ratio" and middle > 0:
            ends = (ends[0], min(1.0, ends[1]))
            shaken = min(shaken, ends[1])
        if middle < 0:
            ends = (ends[1], ends[0])
        known = {
            ("ignorance", "median"): shaken,
            ("ignorance", "low"): ends[0],
            ("ignorance", "high"): ends[1],
            ("environment", "low"): shaken * 0.9,
            ("environment", "high"): shaken * 1.1,
            ("chance", "low"): shaken * 0.98,
            ("chance", "high"): shaken * 1.02,
            ("monte_carlo", "low"): shaken * 0.995,
            ("monte_carlo", "high"): shaken * 1.005,
            ("central", "value"): shaken * 1.03,
        }
        if where.get("what_if"):
            known[("paired", "median")] = -shaken * 0.3
            known[("paired", "low")] = -shaken * 0.8
            known[("paired", "high")] = shaken * 0.05
        for (part, statistic), value in known.items():
            self.rows.append(
                about
                | {"statistic": statistic, "part": part, "label": "exact", "value": value}
                | {"members": 128}
            )


def fill(rows: Rows) -> None:
    """Rows of every measure, split as the real ones are."""
    runs = ["", *(item.name for item in WHAT_IFS)]
    for run in runs:
        for measure, size in (("false_flags", 900), ("true_flags", 300), ("harm", 1500)):
            rows.add(measure, size, RATE, what_if=run)
        rows.add("persons_wronged", 210_000, "person", what_if=run)
        rows.add("acts_forgone_share", 0.1, what_if=run)
        rows.add("noticed_per_person_day", 0.002, "1/day", what_if=run)
        rows.add("camera_stock", 180_000, "camera", what_if=run)
        for cause, share in (("power", 0.8), ("link", 0.1), ("fault", 0.2), ("elsewhere", 0.05)):
            rows.add("false_flags_cause_share", share, what_if=run, channel="iptv", category=cause)
        if run:
            # Neither in the order of the scenario nor against it.
            size = 0.2 + 0.1 * (len(run) % 5)
            rows.add("crossings_change_share", -size, what_if=run)
            for channel in CHANNELS:
                rows.add("noticed_change_share", 0.4, what_if=run, channel=channel)
    fill_splits(rows)
    fill_power(rows)


def fill_splits(rows: Rows) -> None:
    """Splits by place, channel, act, group of the base run."""
    rows.add("identifiable_views_per_person_day", 1.4, "1/day")
    rows.add("named_per_person_day", 0.00003, "1/day")
    rows.add("observable_household_share", 0.004, channel="iptv")
    for part, size in (("founded", 300), ("unfounded", 900), ("extortions", 200)):
        rows.add("harm", size, RATE, category=part)
    for rank, area in enumerate(PROVINCES):
        rows.add("false_flags", 300 * (rank + 1), RATE, area=area)
        rows.add("harm", 500 * (rank + 2), RATE, area=area)
        rows.add("observable_household_share", 0.001 * (rank + 1), channel="iptv", area=area)
    for rank, channel in enumerate(CHANNELS):
        rows.add("persons_wronged", 10 ** (rank + 1), "person", channel=channel)
        rows.add("false_flags", 10**rank, RATE, channel=channel)
        rows.add("noticed_per_person_day", 10.0 ** (rank - 8), "1/day", channel=channel)
    for rank, act in enumerate(ACTS):
        rows.add("unobserved_acts_share", 0.9 - 0.1 * rank, act=act)
        rows.add("act_detection_probability", 0.01 * (rank + 1), act=act)
        for layer, share in (("people", 0.7), ("machines", 0.1), ("mixed", 0.2)):
            rows.add("shapley_share", share, act=act, category=layer)
    for rank, group in enumerate(GROUPS):
        rows.add("false_flags", 500 + 200 * rank, RATE, group=group)
        rows.add("disparity_ratio", 0.5 + 0.3 * rank, category="false_flags", group=group)


def fill_power(rows: Rows) -> None:
    """Hours and seasons."""
    for line, level in (("home", 0.2), ("state", 0.7)):
        for hour in range(24):
            wave = level * (1 + 0.4 * math.sin(hour / 4))
            rows.add("availability", wave, category=line, period=f"hour:{hour:02d}")
        for area in PROVINCES:
            for season in ("winter", "farming", "good"):
                rows.add("availability", level, category=line, area=area, period=season)
    for setting in ("home", "work", "street"):
        for hour in range(24):
            rows.add("presence_share", 0.3, category=setting, period=f"hour:{hour:02d}")


def drivers() -> Iterator[dict[str, Any]]:
    """Rank correlations of the harms, marked as assumption-driven."""
    for measure in ("harm", "persons_wronged", "false_flags"):
        for rank, path in enumerate(quantities()):
            yield dict.fromkeys(IDENTITY, "") | {
                "measure": measure,
                "driver": path,
                "rank_correlation": (0.9 - 0.2 * rank) * (-1) ** rank,
                "assumed_share": 0.8,
                "members": 128,
            }


def fake_result(folder: Path = FOLDER) -> Any:
    """A result as the report reads it."""
    rows = Rows()
    fill(rows)
    return SimpleNamespace(
        scenario=scenario(folder),
        measures=pl.DataFrame(rows.rows),
        drivers=pl.DataFrame(list(drivers())),
        attribution=pl.DataFrame(
            [
                {"channel": name, "value": 100.0 * rank, "unit": RATE}
                for rank, name in enumerate(CHANNELS)
            ]
        ),
        claims=[
            {
                "claim_id": "C1",
                "claim": "Control gets deeper because technology is added to it.",
                "test": "total with and without the imported layer",
                "numbers": [
                    {
                        "left": {"measure": "unobserved_acts_share", "act": "private_talk"},
                        "right": {
                            "measure": "unobserved_acts_share",
                            "what_if": "reliable_power",
                        },
                        "left_median": 0.4,
                        "left_low": 0.2,
                        "left_high": 0.5,
                        "right_median": 0.1,
                        "right_low": 0.05,
                        "right_high": 0.2,
                        "share": 0.72,
                    }
                ],
                "verdict": "not decided by this evidence",
                "decides": "channels.iptv.watch_share",
                "would_decide": "a better figure for channels.iptv.watch_share (assumed)",
                "share": 0.72,
            }
        ],
        headlines=[
            {
                "id": "wronged",
                "measure": "persons_wronged",
                "what_if": "",
                "where": {},
                "sentence": "{range} people are wrongly flagged in a year.",
                "low": 18_300.0,
                "median": 210_000.0,
                "high": 2_450_000.0,
                "unit": "person",
                "assumption_driven": True,
                "driver": "acts.foreign_media.rate_per_year",
            },
            {
                "id": "power",
                "measure": "noticed_change_share",
                "what_if": "reliable_power",
                "where": {},
                "sentence": "With reliable power machines would notice {range} more.",
                "low": 0.31,
                "median": 0.4,
                "high": 0.55,
                "unit": "1",
                "assumption_driven": False,
                "driver": "",
            },
        ],
        manifest={
            "scenario": "invented",
            "scenario_hash": "0" * 64,
            "seed": 1,
            "members": 128,
            "engine": "hourly and expected",
            "versions": {"sousveil": "0.1.0", "numpy": "2.4.6"},
            "seconds": {"world": 1.234, "ensemble": 60.5},
            "persons": 26_000_000,
            "tallies_sha256": None,
            "checks": [
                {
                    "id": "camera_stock_2024",
                    "low": 30_000.0,
                    "high": 500_000.0,
                    "unit": "camera",
                    "share_inside": 0.6,
                }
            ],
        },
    )
