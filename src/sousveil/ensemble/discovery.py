"""Scenario discovery: where in the range of unknowns a claim's verdict flips.

Boxes restrict nature and behaviour alone. What a state or a safeguard could set is never searched
over: that would be advice on control. Members, margins and drawn values leave as plain tables, so
that users of the EMA Workbench can go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from sousveil.arrays import Bools, Floats
from sousveil.ensemble.design import value_matrix
from sousveil.ensemble.matrix import Matrix
from sousveil.ensemble.prim import LEAST_RUNS, Box, boxes
from sousveil.ensemble.verdicts import FACT, Judged, from_matrix, identity_of, judge
from sousveil.release import IDENTITY, Released, Rules, release
from sousveil.scenario.model import Claim, Draw, Scenario

SEARCHED = ("nature", "behaviour")
"""Roles that a box may restrict."""


@dataclass(frozen=True)
class Discovered:
    """boxes: where verdicts flip. outcomes: each member's margins. paths, values: what was drawn.

    values: (members, paths), quantities of nature and behaviour alone. notes: what could not be
    searched, and why.
    """

    boxes: Released
    outcomes: Released
    paths: tuple[str, ...]
    values: Floats
    notes: tuple[str, ...]


def searched(scenario: Scenario) -> tuple[str, ...]:
    """The uncertain quantities that a box may restrict."""
    quantities = scenario.quantities
    return tuple(path for path in scenario.uncertain if quantities[path].role in SEARCHED)


def discover(
    scenario: Scenario, drawn: Sequence[Draw], members: Matrix, rules: Rules, people: float
) -> Discovered:
    """Boxes for every claim that some members support and others do not."""
    every, all_values = value_matrix(scenario, drawn)
    paths = searched(scenario)
    values = all_values[:, [every.index(path) for path in paths]]
    found: list[dict[str, Any]] = []
    margins: list[pl.DataFrame] = []
    notes: list[str] = []
    for claim in scenario.claims:
        judged = [judge(test, from_matrix(members)) for test in claim.tests]
        known = [item for item in judged if item is not None]
        if claim.verdict == FACT or not known or len(known) < len(judged):
            continue
        margins += [_margins(claim, n, item, people) for n, item in enumerate(known)]
        holds = np.logical_and.reduce([item.material for item in known])
        rows, note = _flips(claim, paths, values, holds)
        found += [row | {"stands_for": people} for row in rows]
        notes += [note] if note else []
    outcomes = pl.concat(margins) if margins else _runs([])
    return Discovered(
        release(_frame(found), rules), release(outcomes, rules), paths, values, tuple(notes)
    )


def _flips(
    claim: Claim, paths: tuple[str, ...], values: Floats, holds: Bools
) -> tuple[list[dict[str, Any]], str]:
    """Rows of the boxes in which the rarer outcome lies, or why there is none."""
    rare = bool(holds.mean() <= 0.5)
    yes = holds if rare else ~holds
    word = "holds" if rare else "fails"
    if yes.sum() < LEAST_RUNS:
        return [], f"{claim.id} {word} in {int(yes.sum())} of {len(yes)} members: too few to search"
    found = boxes(values, yes) if paths else []
    if not found:
        return [], f"{claim.id}: no box of nature and behaviour tells where it {word}"
    head = dict.fromkeys(IDENTITY, "") | identity_of(claim.tests[0].left)
    rows: list[dict[str, Any]] = []
    for number, box in enumerate(found, 1):
        rows += _rows(box, number, paths, head | {"target": f"{claim.id} {word}"}, len(yes))
    return rows, ""


def _rows(
    box: Box, number: int, paths: tuple[str, ...], head: dict[str, Any], members: int
) -> list[dict[str, Any]]:
    about = {"coverage": box.coverage, "density": box.density, "share": box.share}
    return [
        head
        | about
        | {"box": number, "quantity": paths[column], "low": low, "high": high, "members": members}
        for column, (low, high) in sorted(box.limits.items())
    ]


def _margins(claim: Claim, number: int, judged: Judged, people: float) -> pl.DataFrame:
    """One row a member: effect less what is needed; a claim holds where no margin is below 0."""
    head = dict.fromkeys(IDENTITY, "") | identity_of(claim.tests[number].left)
    about = {"label": f"{claim.id}, test {number + 1}", "unit": "", "stands_for": people}
    margin = judged.effect - judged.needed
    return _runs(
        [
            head | about | {"number": member, "value": value if np.isfinite(value) else None}
            for member, value in enumerate(margin.tolist(), 1)
        ]
    )


def _runs(rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema: dict[str, Any] = dict.fromkeys(IDENTITY, pl.String)
    schema |= {"number": pl.Int64, "value": pl.Float64, "label": pl.String, "unit": pl.String}
    return pl.DataFrame(rows, schema=schema | {"stands_for": pl.Float64})


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema: dict[str, Any] = dict.fromkeys((*IDENTITY, "target"), pl.String)
    schema |= {"box": pl.Int64, "quantity": pl.String}
    schema |= dict.fromkeys(("low", "high", "coverage", "density", "share"), pl.Float64)
    return pl.DataFrame(rows, schema=schema | {"members": pl.Int64, "stands_for": pl.Float64})
