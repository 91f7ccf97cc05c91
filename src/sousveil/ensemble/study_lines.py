"""What the studies of a run found, in a line each for a terminal, and the files that hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from sousveil.ensemble.headlines import number
from sousveil.ensemble.unknowns import HARM

if TYPE_CHECKING:
    from sousveil.ensemble.api import Result

NAMED = 3
"""Quantities that a line names."""
DIGITS = 3


def study_lines(result: Result, studies: Sequence[str]) -> list[str]:
    """What was found by the studies that were asked for; why a study is left out stands above."""
    lines: list[str] = []
    if "sensitivity" in studies and result.sensitivity is not None:
        lines += _sensitivity(result)
    if "attribution" in studies and result.attribution is not None:
        lines += _attribution(result, result.attribution)
    if "discovery" in studies and result.discovery is not None:
        lines += _discovery(result, result.discovery)
    return lines


def _sensitivity(result: Result) -> list[str]:
    entries = [entry for entry in result.unknowns if HARM in entry["narrowing"]]
    words = "unknown to research next (narrowing of the range of harm): "
    named = [_narrowed(entry) for entry in entries[:NAMED]]
    words += ", ".join(named) if named else "none that this many runs can tell"
    return _line(words, result, "unknowns.json", "sensitivity.csv")


def _narrowed(entry: Mapping[str, Any]) -> str:
    """A quantity, by how much the range of harm would narrow, and the interval of that."""
    low, high = (entry.get("between") or {}).get(HARM) or (None, None)
    ends = "" if low is None or high is None else f", {low:.0%} to {high:.0%}"
    return f"{entry['quantity']} ({entry['narrowing'][HARM]:.0%}{ends})"


def _attribution(result: Result, table: pl.DataFrame) -> list[str]:
    rows = table.filter(pl.col("value") > 0.0).sort("value", descending=True).to_dicts()
    named = [f"{row['channel']} {number(row['value'], DIGITS)}" for row in rows]
    unit = f", {rows[0]['unit']}" if rows else ""
    words = f"harm by channel{unit} (central quantities, chilling off, no range): "
    return _line(words + (", ".join(named) or "none does any"), result, "attribution.csv")


def _discovery(result: Result, table: pl.DataFrame) -> list[str]:
    boxes = table.select("target", "box").unique(maintain_order=True)["target"].to_list()
    count = "1 box" if len(boxes) == 1 else f"{len(boxes) or 'no'} boxes"
    names = f" ({', '.join(dict.fromkeys(boxes))})" if boxes else ""
    words = f"{count} in the ranges of unknowns where a verdict flips{names}"
    return _line(words, result, "discovery.csv", "discovery_notes.json")


def _line(words: str, result: Result, *files: str) -> list[str]:
    """What was found, then where it is."""
    return [f"study   {words}", f"        {', '.join(str(result.folder / name) for name in files)}"]
