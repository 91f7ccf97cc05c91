"""A study and member tables made by hand, for what needs no model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sousveil.ensemble.matrix import Matrix
from sousveil.ensemble.study import Branch, Study
from sousveil.processes import Sensitivity
from sousveil.release import IDENTITY, KINDS, Released, Rule, Rules, release
from sousveil.scenario.model import Scenario

DIMENSIONS = frozenset({"channel", "act", "category", "area", "group", "period"})
RULES = Rules(
    measures={
        "harm": Rule(DIMENSIONS),
        "camera_stock": Rule(DIMENSIONS),
        "disparity_ratio": Rule(DIMENSIONS),
        "crossings_change_share": Rule(frozenset(), Sensitivity.BORDER, contrast=True),
    },
    acts={},
    parents={"north": "north"},
)


def scenario(**words: Any) -> Scenario:
    empty: dict[str, Any] = dict.fromkeys(
        ("quantities", "settings", "tables", "sources", "what_ifs", "matrix"), {}
    )
    empty |= dict.fromkeys(("acts", "channels", "claims", "checks", "headlines", "warnings"), ())
    given = {"name": "fake", "title": "Fake", "country": "XXX", "place": "Nowhere", "format": 1}
    given |= {"year": 2024, "folder": Path(), "hash": "0123456789abcdef"}
    return Scenario(**(empty | given | words))


def study(**words: Any) -> Study:
    given: dict[str, Any] = {"scenario": scenario(), "seed": 1, "members": 4}
    given |= {"branches": (Branch("", ()), Branch("safe", ("safe",)))}
    return Study(**(given | words))


def row(measure: str, value: float | None, what_if: str = "", **words: str) -> dict[str, Any]:
    named: dict[str, Any] = dict.fromkeys(IDENTITY, "")
    named |= {"measure": measure, "what_if": what_if} | words
    numbers = {"numerator": value, "denominator": None, "value": value, "chance_sd": 0.1}
    return named | numbers | {"label": "exact", "unit": "1", "stands_for": 1e6}


def cells(*rows: dict[str, Any]) -> pl.DataFrame:
    schema: dict[str, Any] = dict.fromkeys(IDENTITY, pl.String)
    schema |= dict.fromkeys(KINDS["cells"], pl.Float64)
    schema |= {"label": pl.String, "unit": pl.String, "stands_for": pl.Float64}
    return pl.DataFrame(list(rows), schema=schema)


def released(*rows: dict[str, Any]) -> Released:
    return release(cells(*rows), RULES)


def matrix(columns: dict[tuple[str, str], list[float]]) -> Matrix:
    """(measure, what-if) -> values of the members."""
    members = len(next(iter(columns.values())))
    tables = [
        released(*(row(m, values[n], w) for (m, w), values in columns.items())).frame
        for n in range(members)
    ]
    return Matrix.of(tables)


def uniform(members: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random(members)
