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

from sousveil.arrays import Floats
from sousveil.ensemble.design import value_matrix
from sousveil.ensemble.matrix import Matrix
from sousveil.ensemble.prim import LEAST_RUNS, Box, boxes
from sousveil.ensemble.verdicts import FACT, Judged, from_matrix, identity_of, judge, together
from sousveil.release import IDENTITY, Released, Rules, release
from sousveil.scenario.model import Claim, Draw, Scenario

SEARCHED = ("nature", "behaviour")
"""Roles that a box may restrict."""


@dataclass(frozen=True)
class Discovered:
    """boxes: where verdicts flip. outcomes: each member's margins. paths, values: what was drawn.

    values: (members, paths), quantities of nature and behaviour alone. notes: of each claim without
    a box why, and how many members were left out.
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
    """Boxes for every claim that holds in some members and fails in others."""
    every, all_values = value_matrix(scenario, drawn)
    paths = searched(scenario)
    values = all_values[:, [every.index(path) for path in paths]]
    found: list[dict[str, Any]] = []
    margins: list[pl.DataFrame] = []
    notes: list[str] = []
    for claim in scenario.claims:
        judged = [judge(test, from_matrix(members)) for test in claim.tests]
        known = [item for item in judged if item is not None]
        why = _unsearched(claim, len(known), paths)
        if why:
            notes.append(why)
            continue
        margins += [_margins(claim, n, item, people) for n, item in enumerate(known)]
        rows, said = _flips(claim, paths, values, known)
        found += [row | {"stands_for": people} for row in rows]
        notes += said
    outcomes = pl.concat(margins) if margins else _runs([])
    return Discovered(
        release(_frame(found), rules), release(outcomes, rules), paths, values, tuple(notes)
    )


def _unsearched(claim: Claim, known: int, paths: tuple[str, ...]) -> str:
    """Why a claim is not searched at all; "" where it is. known: tests that the run can judge."""
    if claim.verdict == FACT:
        return f"{claim.id} is a matter of record: no range decides it"
    if not claim.tests:
        return f"{claim.id} has no test"
    if known < len(claim.tests):
        return f"{claim.id} needs what-ifs or measures that this run does not have"
    return "" if paths else f"{claim.id}: no range of nature or behaviour is there to search"


def _flips(
    claim: Claim, paths: tuple[str, ...], values: Floats, judged: Sequence[Judged]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of the boxes in which the rarer outcome lies; what was left out, or why there is none.

    Members in which nobody knows whether the claim holds are none in which it fails.
    """
    holds, fails = together(judged)
    known = holds | fails
    out = int((~known).sum())
    notes = (
        [f"{claim.id}: {out} of {len(known)} members left out, which do not know"] if out else []
    )
    if not known.any():
        return [], notes
    holds = holds[known]
    rare = bool(holds.mean() <= 0.5)
    yes = holds if rare else ~holds
    word = "holds" if rare else "fails"
    if yes.sum() < LEAST_RUNS:
        few = f"{claim.id} {word} in {int(yes.sum())} of {len(yes)} members: too few to search"
        return [], [*notes, few]
    found = boxes(values[known], yes)
    if not found:
        none = f"{claim.id}: no box of nature and behaviour tells where it {word}"
        return [], [*notes, none]
    head = dict.fromkeys(IDENTITY, "") | identity_of(claim.tests[0].left)
    rows: list[dict[str, Any]] = []
    for number, box in enumerate(found, 1):
        rows += _rows(box, number, paths, head | {"target": f"{claim.id} {word}"}, len(yes))
    return rows, notes


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
    """One row a member: effect less what is needed, null unknown; below 0 the test fails."""
    head = dict.fromkeys(IDENTITY, "") | identity_of(claim.tests[number].left)
    about = {"label": f"{claim.id}, test {number + 1}", "unit": "", "stands_for": people}
    margin = judged.margin
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
