"""Did results move? A file for each shipped scenario; a move is news (make golden REASON=...)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sousveil
from sousveil.channels import channels
from sousveil.measures import measures
from sousveil.scenario.load import load

SHIPPED = Path(sousveil.__file__).parent / "scenarios"
NAMES = sorted(path.parent.name for path in SHIPPED.glob("*/scenario.yaml"))
UNDIVIDED = ("area", "group", "period")
DIVIDED_ONLY = {"disparity_ratio", "presence_share"}
"""Measures that say nothing about the whole place and year."""


def central(name: str) -> dict[str, float | None]:
    """Values of the whole place by closed form, every quantity at its median.

    Those of the base; of what-ifs only what no base has, because it leaves as a contrast alone.
    """
    frame = sousveil.expected(name)
    whole = frame.filter(pl.all_horizontal(pl.col(column) == "" for column in UNDIVIDED))
    base = pl.col("what_if") == ""
    whole = whole.filter(base | ~pl.col("measure").is_in(whole.filter(base)["measure"].implode()))
    identity = ("measure", "channel", "act", "category", "what_if")
    return {
        " ".join(f"{row[key]}" for key in identity if row[key]): row["value"]
        for row in whole.sort(identity).iter_rows(named=True)
    }


@pytest.mark.parametrize("name", NAMES)
def test_central_values_stay(name: str, golden: Callable[[str, Mapping[str, Any]], None]) -> None:
    found = central(name)
    assert len(found) > 20
    golden(name, found)


def test_no_channel_and_no_measure_lacks_a_golden() -> None:
    used = {channel for name in NAMES for channel in load(name).channels}
    assert used == set(channels())
    words = {key.split()[0] for name in NAMES for key in central(name)}
    assert set(measures()) - words == DIVIDED_ONLY
