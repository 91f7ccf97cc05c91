"""Headlines: ranges in words. A range that hangs on an assumption says so, and names it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from sousveil.ensemble.drivers import Mark
from sousveil.measures import measures
from sousveil.release import IDENTITY
from sousveil.scenario.model import Scenario

WIDE = 3.0
"""A range wider than this factor is given with one significant digit."""
FEW = 16
"""Of fewer members the ends of a range are those of the members, and too narrow."""
USUAL = ("harm", "persons_wronged", "false_flags", "camera_stock")
"""What is told of a scenario that declares no headlines."""


def headlines(
    scenario: Scenario, table: pl.DataFrame, marks: Mapping[tuple[str, ...], Mark]
) -> list[dict[str, Any]]:
    """The scenario's headlines with low, median, high, mark and driver.

    Table: a released summary.
    """
    found: list[dict[str, Any]] = []
    for item in _declared(scenario):
        words = {"measure": item["measure"], "what_if": item.get("what_if", "")}
        key = tuple(({**words, **item.get("where", {})}).get(name, "") for name in IDENTITY)
        numbers = _numbers(table, key)
        if numbers is None:
            continue
        mark = marks.get(key)
        driven = mark is not None and mark.driven
        entry: dict[str, Any] = {
            "id": item["id"],
            "measure": item["measure"],
            "what_if": item.get("what_if", ""),
            "where": dict(item.get("where", {})),
            "sentence": item["sentence"],
            **numbers,
            "assumption_driven": driven,
            "assumed_share": None if mark is None else mark.share,
            "driver": mark.driver if mark is not None and driven else "",
        }
        entry["text"] = item["sentence"].replace("{range}", in_words(entry))
        found.append(entry)
    return found


def few_members(members: int) -> str:
    """What to say beside ranges of so few members; "" of enough."""
    if not members:
        return "No members were drawn: these are central values, without ranges."
    if members >= FEW:
        return ""
    count = "1 member" if members == 1 else f"{members} members"
    return f"Ranges of {count} are too narrow to be quoted: draw {FEW} at least, better 128."


def _declared(scenario: Scenario) -> list[dict[str, Any]]:
    if scenario.headlines:
        return [dict(item) for item in scenario.headlines]
    return [
        {"id": name, "measure": name, "sentence": f"{measures()[name].title}: {{range}}."}
        for name in USUAL
    ]


def _numbers(table: pl.DataFrame, key: tuple[str, ...]) -> dict[str, Any] | None:
    """Low, median, high over members; without members the central value alone."""
    where = pl.all_horizontal(
        pl.col(name) == word for name, word in zip(IDENTITY, key, strict=True)
    )
    rows = table.filter(where)
    values = {(row["part"], row["statistic"]): row for row in rows.iter_rows(named=True)}
    middle = values.get(("ignorance", "median")) or values.get(("central", "value"))
    if middle is None or middle["value"] is None:
        return None
    low = values.get(("ignorance", "low"), middle)
    high = values.get(("ignorance", "high"), middle)
    return {
        "low": low["value"],
        "median": middle["value"],
        "high": high["value"],
        "unit": middle["unit"],
        "members": middle["members"],
    }


def in_words(entry: Mapping[str, Any]) -> str:
    """A range as a reader sees it: `3 to 20 %`, `1,000 to 40,000`, `12 (10 to 15)`."""
    low, middle, high = entry["low"], entry["median"], entry["high"]
    percent = entry["unit"] == "1"
    factor = 100.0 if percent else 1.0
    wide = low * high > 0 and max(abs(low), abs(high)) > WIDE * min(abs(low), abs(high))
    digits = 1 if entry["assumption_driven"] and wide else 2
    texts = [
        nearly_all(value * factor)
        if percent and 0.99 < value < 1.0
        else number(value * factor, digits)
        for value in (low, middle, high)
    ]
    unit = " %" if percent else ""
    if texts[0] == texts[2]:
        return f"{texts[1]}{unit}"
    span = f"{texts[0]} to {texts[2]}{unit}"
    return span if entry["assumption_driven"] else f"{texts[1]}{unit} ({span})"


def nearly_all(percent: float) -> str:
    """A percentage between 99 and 100 to a tenth, never rounded up: 99.96 is not everybody."""
    return f"{math.floor(percent * 10.0) / 10.0:g}"


def number(value: float, digits: int) -> str:
    """A number with so many significant digits, thousands apart."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "unknown"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return f"{rounded:,.{max(0, places)}f}"
