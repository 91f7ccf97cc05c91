"""How it was computed: seed, members, engine, versions, hashes, seconds, attributions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sousveil.report.layout import Grid, Section
from sousveil.report.numbers import number, percent, spread
from sousveil.report.view import View

LABELS = {
    "scenario": "Scenario",
    "scenario_hash": "Scenario hash",
    "seed": "Seed",
    "members": "Members",
    "scale": "Scale of the sampled run",
    "engine": "Engine",
    "engines": "Engines",
    "device": "Device",
    "persons": "Synthetic people",
    "drawn": "What is drawn",
    "what_ifs": "What-ifs",
    "as_of": "As of",
    "versions": "Versions",
    "seconds": "Seconds",
    "tallies_sha256": "Hash of the tallies before the gate",
    "results_sha256": "Hash of the results",
    "release": "What the gate did",
}
"""Keys of the manifest in the order in which they are told; others follow, quantities do not."""
_LEFT_OUT = frozenset(
    "quantities correlations attributions sources headlines never what_if_texts kinds warnings "
    "checks title year scene settings what_if_changes content".split()
)
_ATTRIBUTION = re.compile(r"(made with [^.;]+|contains [^.;]*data[^.;]*)", re.IGNORECASE)


def computed(view: View) -> Section:
    """The manifest as a list, and what must be said of shipped data."""
    manifest = {key: value for key, value in view.manifest.items() if key not in _LEFT_OUT}
    ordered = [key for key in LABELS if key in manifest]
    ordered += [key for key in manifest if key not in LABELS]
    rows = [
        (LABELS.get(key, key.replace("_", " ").capitalize()), _told(manifest[key]))
        for key in ordered
    ]
    grid = _checks(view)
    return Section(
        "computed",
        "How it was computed",
        (
            "The same scenario, seed and version give the same numbers, on any machine. The files "
            "beside this page hold every number: measures.csv and measures.parquet, claims.json, "
            "manifest.json.",
        ),
        template="computed.html",
        blocks=(grid,) if grid else (),
        context={
            "rows": [(label, text) for label, text in rows if text],
            "attributions": attributions(view),
        },
    )


def _checks(view: View) -> Grid | None:
    """Published figures that are no input: the share of members inside their range."""
    rows = list[tuple[str, ...]]()
    for item in view.manifest.get("checks") or ():
        unit = str(item.get("unit") or "")
        ends = spread(item.get("low"), item.get("high"), unit)
        inside = percent(item.get("share_inside"))
        rows.append((str(item.get("id")).replace("_", " "), ends, inside))
    if not rows:
        return None
    columns = ("Published figure, not an input", "Its range", "Members inside")
    return Grid(columns, tuple(rows), (1, 2), caption="Checks against published figures")


def _told(value: Any) -> str:
    """A value of the manifest as text."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value, 3)
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{str(k).replace('_', ' ')} {_told(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_told(item) or "as declared" for item in value)
    return str(value)


def attributions(view: View) -> tuple[str, ...]:
    """What licences of shipped data ask to be said, from the manifest and the notes of sources."""
    found = [str(item) for item in view.manifest.get("attributions") or ()]
    for record in view.scenario.sources.values():
        found += [match.group(1).strip() for match in _ATTRIBUTION.finditer(record.note)]
    sentences = [f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in found]
    return tuple(dict.fromkeys(sentences))
