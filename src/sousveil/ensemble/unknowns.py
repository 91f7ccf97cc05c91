"""Which unknown to research next: the product of a sensitivity study, in words and numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from sousveil.ensemble.sensitivity import Researched
from sousveil.quantity import Quantity
from sousveil.release import Released
from sousveil.scenario.model import Scenario

EVIDENCE = {
    "nature": "a census, a survey or a measurement with its date, place and denominator",
    "behaviour": "interviews or a survey that state who was asked, what share did it and how often",
    "state_lever": "papers of the authority or of its suppliers: orders, budgets, contracts, "
    "instructions, or counts by observers who say how they counted",
    "safeguard": "the text of the rule, and records of how often it was used",
}
"""What kind of evidence would settle a quantity, by its role."""
HARM = "harm"
FILE = "unknowns.json"


def as_document(scenario: Scenario, found: Researched) -> dict[str, Any]:
    """What unknowns.json holds. notes: what was left out or could not be said, and why."""
    notes = [{"about": item.about, "note": item.note} for item in found.notes]
    return {"unknowns": research_next(scenario, found.table), "notes": notes}


def read(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Unknowns and notes of a finished run; nothing without that study."""
    try:
        found: Any = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return [], []
    # Before there were notes the file was the list.
    return (found, []) if isinstance(found, list) else (found["unknowns"], found["notes"])


def research_next(scenario: Scenario, table: Released) -> list[dict[str, Any]]:
    """Each quantity studied, that which would narrow a harm's range most first.

    narrowing: target -> expected share by which its 95 % range narrows if the quantity were known;
    between: target -> its 95 % interval.
    """
    told = (pl.col("statistic") == "narrowing") & pl.col("value").is_not_null()
    rows = table.frame.filter(told)
    shares: dict[str, dict[str, float]] = {}
    ends: dict[str, dict[str, list[float | None]]] = {}
    for path, target, *numbers in rows.select(
        "quantity", "target", "low", "value", "high"
    ).iter_rows():
        low, value, high = (None if v is None else round(v, 4) for v in numbers)
        shares.setdefault(path, {})[target] = value or 0.0
        ends.setdefault(path, {})[target] = [low, high]
    entries = [
        _entry(scenario.quantities[path], some) | {"between": ends[path]}
        for path, some in shares.items()
    ]
    return sorted(entries, key=_worth, reverse=True)


def _worth(entry: dict[str, Any]) -> tuple[float, float]:
    every: dict[str, float] = entry["narrowing"]
    return every.get(HARM, 0.0), max(every.values())


def _entry(item: Quantity, narrowing: dict[str, float]) -> dict[str, Any]:
    every = [*item.sources, *(source for one in item.readings for source in one.sources)]
    cited = dict.fromkeys(f"{source.key} {source.locator}".strip() for source in every)
    return {
        "quantity": item.path,
        "unit": item.unit,
        "kind": item.kind,
        "role": item.role,
        "grade": item.grade or "; ".join(one.grade for one in item.readings if one.grade),
        "sources": list(cited),
        "because": item.because,
        "note": item.note,
        "narrowing": narrowing,
        "settled_by": settled_by(item),
    }


def settled_by(item: Quantity) -> str:
    """What kind of evidence would settle a quantity, from what the scenario says of it."""
    words = [f"{EVIDENCE.get(item.role, EVIDENCE['nature'])}, in {_unit(item)}"]
    if item.readings:
        labels = " and ".join(f"“{reading.label}”" for reading in item.readings)
        words.append(f"the readings {labels} exclude one another: whatever tells them apart")
    if item.kind == "assumed" and item.because:
        words.append(f"today it is assumed, because: {item.because}")
    elif item.kind in {"inferred", "derived"}:
        words.append(f"today it is {item.kind}: a direct figure would replace the reasoning")
    return "; ".join(words)


def _unit(item: Quantity) -> str:
    return "shares of a stated whole" if item.unit == "1" else item.unit
