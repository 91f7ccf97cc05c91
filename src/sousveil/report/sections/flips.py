"""Where a verdict flips: ranges of the unknowns inside which a claim holds, or fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sousveil.report.layout import Grid, Note, Section
from sousveil.report.numbers import amount, number, percent
from sousveil.report.view import View

LEAD = (
    "A study of discovery was run: it looks for boxes in the space of unknowns inside which a "
    "claim that mostly fails holds far more often than elsewhere, or one that mostly holds fails "
    "far more often. Only nature and conduct are searched, never what a state or a safeguard "
    "could set."
)
NOTHING = "No box was found."


def flips(view: View) -> Section | None:
    """One table a verdict; nothing where the study was not run."""
    studies = view.studies
    if not studies.searched:
        return None
    title = "Where a verdict flips"
    left: tuple[Note, ...] = ()
    if studies.unsearched:
        left = (Note(f"Claims without a box, and what was left out. {_sentences(view)}"),)
    if not studies.boxes:
        return Section("flips", title, (LEAD,), (Note(NOTHING), *left))
    targets = dict.fromkeys(str(row["target"]) for row in studies.boxes)
    grids = tuple(_grid(view, target) for target in targets)
    return Section("flips", title, (LEAD,), (*grids, *left))


def _grid(view: View, target: str) -> Grid:
    rows = [row for row in view.studies.boxes if row["target"] == target]
    lines: list[tuple[str, ...]] = []
    told = 0
    for row in rows:
        first = int(row["box"]) != told
        told = int(row["box"])
        about = [percent(float(row[name])) if first else "" for name in ("share", "density")]
        about.append(percent(float(row["coverage"])) if first else "")
        path = str(row["quantity"])
        head = str(told) if first else ""
        lines.append((head, path, view.names.quantity(path), _limits(view, row), *about))
    claim, _, word = target.rpartition(" ")
    columns = ("Box", "Unknown", "What it is", "Between", "Members inside")
    columns += (f"Of these, {word}", f"Of all that {_plural(word)}, inside")
    share, density, coverage = (float(rows[0][n]) for n in ("share", "density", "coverage"))
    every = percent(share * density / coverage)
    caption = f"Where {claim} {word}: of {rows[0]['members']} members it {word} in {every}"
    return Grid(columns, tuple(lines), (4, 5, 6), caption)


def _sentences(view: View) -> str:
    return " ".join(f"{note}." for note in view.studies.unsearched)


def _plural(word: str) -> str:
    return {"holds": "hold", "fails": "fail"}.get(word, word)


def _limits(view: View, row: Mapping[str, Any]) -> str:
    item = view.scenario.quantities.get(str(row["quantity"]))
    unit = item.unit if item is not None and item.unit != "1" else ""
    low, high = (float(row[name]) for name in ("low", "high"))
    if low == high:
        return amount(high, unit) if unit else number(high)
    return f"{number(low)} to {amount(high, unit) if unit else number(high)}"
