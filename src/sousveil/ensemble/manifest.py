"""The manifest: everything that a result rests on, so that it can be judged and made again."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from sousveil.engine.run import DRAWN
from sousveil.ensemble.study import Study
from sousveil.ensemble.versions import versions
from sousveil.quantity import Quantity
from sousveil.scenario.model import Check, Scenario

NEVER = "Never evidence about one person, place or event."
DIGITS = 9
"""Significant digits of a value in the hash of the results: the rest belongs to the machine."""


def machine() -> dict[str, Any]:
    """The class of machine, as far as results may hang on it."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count() or 1,
    }


def quantities(scenario: Scenario) -> list[dict[str, Any]]:
    """Every quantity with value or range, unit, kind, role, grade and sources."""
    return [_quantity(item) for item in scenario.quantities.values()]


def _quantity(item: Quantity) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "path": item.path,
        "unit": item.unit,
        "kind": item.kind,
        "role": item.role,
        "resolution": item.resolution,
        "grade": item.grade,
        "sources": [_cited(source.key, source.locator) for source in item.sources],
        "because": item.because,
        "note": item.note,
        "by_user": item.by_user,
    }
    if item.distribution is not None:
        entry |= {"form": item.distribution.form, "values": list(item.distribution.values)}
    if item.readings:
        entry["readings"] = [
            {
                "label": reading.label,
                "weight": reading.weight,
                "form": reading.distribution.form,
                "values": list(reading.distribution.values),
                "grade": reading.grade,
                "sources": [_cited(source.key, source.locator) for source in reading.sources],
            }
            for reading in item.readings
        ]
    if item.series:
        entry["interpolation"] = item.interpolation
        entry["series"] = [
            {"year": p.year, "form": p.distribution.form, "values": list(p.distribution.values)}
            for p in item.series
        ]
    return entry


def correlations(scenario: Scenario) -> list[dict[str, Any]]:
    """Every pair of quantities that is drawn together, with its rank and where that is from."""
    return [
        {
            "between": list(item.between),
            "rank": item.rank,
            "grade": item.grade,
            "sources": [_cited(source.key, source.locator) for source in item.sources],
            "because": item.because,
        }
        for item in scenario.correlations
    ]


def plain(value: Any) -> Any:
    """A setting as JSON has it: mappings, lists, words and numbers."""
    if isinstance(value, Mapping):
        items: Mapping[Any, Any] = value
        return {str(name): plain(item) for name, item in items.items()}
    if isinstance(value, list | tuple):
        some: Sequence[Any] = value
        return [plain(item) for item in some]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def what_if_changes(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """What each what-if changes, so that a difference between two runs can be named."""
    return {
        name: {
            "year": item.year,
            "inherit": list(item.inherit),
            "remove": list(item.remove),
            "set": plain({**item.set, **item.set_settings}),
            "scale": dict(item.scale),
        }
        for name, item in scenario.what_ifs.items()
    }


def content(scenario: Scenario) -> dict[str, str]:
    """Digests of what is too long to be listed: the rows of each table, what is not modelled."""
    found: dict[str, Any] = {
        name: [plain(row) for row in table.rows] for name, table in scenario.tables.items()
    }
    found["matrix"] = {
        act: {channel: state for channel, (state, _) in row.items()}
        for act, row in scenario.matrix.items()
    }
    return {name: _digest(value) for name, value in found.items()}


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _cited(key: str, locator: str) -> str:
    return f"{key} {locator}".strip()


def results_digest(table: pl.DataFrame) -> str:
    """Hash of a released summary: every row in order, values to nine significant digits."""
    columns = [
        pl.Series(
            [str(item) if item is None else f"{item:.{DIGITS}g}" for item in column.to_list()]
            if column.dtype.is_float()
            else column.cast(pl.String).fill_null(str(None)),
            dtype=pl.String,
        ).alias(column.name)
        for column in table.iter_columns()
    ]
    lines = pl.DataFrame(columns).select(pl.concat_str(pl.all(), separator="\t")).to_series()
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def count_kinds(scenario: Scenario) -> dict[str, int]:
    """How many quantities are documented, derived, inferred, assumed, set by the user."""
    found: dict[str, int] = {}
    for item in scenario.quantities.values():
        word = "by_user" if item.by_user else item.kind
        found[word] = found.get(word, 0) + 1
    return found


def manifest(study: Study, told: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest of a run. told: what only the run knows (times, hashes, persons, notes)."""
    scenario = study.scenario
    return {
        "never": NEVER,
        **study.identity,
        "title": scenario.title,
        "year": scenario.year,
        "members": study.members,
        "digest": study.digest,
        "versions": versions(),
        "machine": machine(),
        **told,
        "drawn": DRAWN[study.central_engine],
        "kinds": count_kinds(scenario),
        "warnings": list(scenario.warnings),
        "what_if_texts": {
            name: {
                "title": item.title,
                "reason": item.reason,
                "safeguard": item.safeguard,
                "sharpens_only": item.sharpens_only,
            }
            for name, item in scenario.what_ifs.items()
        },
        "country": scenario.country,
        "settings": {path: plain(value) for path, value in scenario.settings.items()},
        "what_if_changes": what_if_changes(scenario),
        "content": content(scenario),
        "quantities": quantities(scenario),
        "correlations": correlations(scenario),
    }


def check_result(check: Check, values: list[float]) -> dict[str, Any]:
    """Share of members whose output falls inside a published range."""
    item = check.quantity
    distribution = item.distribution
    low, high = (distribution.low, distribution.high) if distribution else (None, None)
    inside = [v for v in values if low is not None and high is not None and low <= v <= high]
    return {
        "id": check.id,
        "output": check.output,
        "low": low,
        "high": high,
        "unit": item.unit,
        "share_inside": len(inside) / len(values) if values else None,
        "members": len(values),
    }
