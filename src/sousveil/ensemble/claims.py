"""The claims of a run: tests at the ends of assumptions, and what claims.json says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from sousveil.arrays import Floats
from sousveil.ensemble.matrix import Matrix, quantiles
from sousveil.ensemble.shares import Count
from sousveil.ensemble.stages import end_tasks
from sousveil.ensemble.study import Study, Task
from sousveil.ensemble.verdicts import (
    FACT,
    Ends,
    Judged,
    Part,
    Verdict,
    decide,
    from_matrix,
    identity_of,
    judge,
    likely,
    terms_of_tests,
    what_ifs_of,
)
from sousveil.scenario.model import Test

Stage: TypeAlias = Callable[[str, Sequence[Task]], Mapping[int, pl.DataFrame]]
"""Does the tasks of a stage: number -> released rows."""
Places: TypeAlias = tuple[str, int]
"""A claim, and the place of one of its tests."""


def judged_claims(
    study: Study,
    members: Matrix,
    quantities: tuple[tuple[str, ...], Floats],
    index: pl.DataFrame,
    stage: Stage,
) -> list[dict[str, Any]]:
    """Entries of claims.json. index: rows of a run.

    The ends of assumed quantities are run for the tests that members support, and for no other.
    """
    values, claims = from_matrix(members), study.scenario.claims
    tests = {
        (claim.id, place): claim.tests[place] for claim in claims for place in likely(claim, values)
    }
    found = at_ends(study, tests, index, stage) if tests else {}
    ends = {
        claim.id: {place: tried for (name, place), tried in found.items() if name == claim.id}
        for claim in claims
    }
    return [
        as_document(decide(claim, values, study.scenario, quantities, ends[claim.id]))
        for claim in claims
    ]


def at_ends(
    study: Study, tests: Mapping[Places, Test], index: pl.DataFrame, stage: Stage
) -> dict[Places, Ends]:
    """How tests fare with each assumed quantity at its low and at its high end, others central."""
    names = list(dict.fromkeys(term.measure for term in terms_of_tests(tests.values())))
    branches = what_ifs_of(tests.values())
    tasks = end_tasks(study, branches, names)
    frames = stage("ends of assumptions", [task for _, _, task in tasks])
    rows = index.filter(pl.col("what_if").is_in(branches) & pl.col("measure").is_in(names))
    every = [(path, end) for path, end, _ in tasks]
    values = from_matrix(Matrix.of((frames[task.number] for _, _, task in tasks), rows))
    return {place: _ends(every, judge(test, values)) for place, test in tests.items()}


def _ends(every: Sequence[tuple[str, str]], judged: Judged | None) -> Ends:
    """How a test fares at every end, from its values there; where it fails most comes first."""
    if judged is None:
        return Ends(len(every), unknown=tuple(every))
    failing = np.flatnonzero(judged.fails)
    worst = failing[np.argsort(judged.margin[failing], kind="stable")]
    return Ends(
        len(every),
        tuple(every[place] for place in worst.tolist()),
        tuple(every[place] for place in np.flatnonzero(~judged.known).tolist()),
    )


def as_document(verdict: Verdict) -> dict[str, Any]:
    """One entry of claims.json."""
    claim, parts = verdict.claim, verdict.parts
    is_fact = verdict.verdict == FACT
    return {
        "claim_id": claim.id,
        "claim": claim.claim,
        "test": claim.test_words,
        "numbers": [_numbers(part, is_fact) for part in parts],
        "verdict": verdict.verdict,
        **_share(verdict.count),
        "more_members_may_change_it": verdict.near,
        "decides": verdict.decides,
        "would_decide": verdict.would_decide,
        "because": claim.because,
        "on_evidence": claim.on_evidence,
        "contrary": claim.contrary,
        "evidence": [source.key for source in claim.evidence],
        "share_is": "a share of the stated ranges, never a probability",
    }


def _share(count: Count | None) -> dict[str, Any]:
    """The share of the members that know, what chance leaves of it, the share that does not."""
    low, high = (count.interval if count is not None else None) or (None, None)
    return {
        "share": None if count is None else count.share,
        "share_low": low,
        "share_high": high,
        "unknown": None if count is None else count.unknown,
    }


def _numbers(part: Part, is_fact: bool) -> dict[str, Any]:
    """The numbers of a test; beside a matter of record they judge nothing."""
    test, judged = part.test, part.judged
    right = None if test.right is None else identity_of(test.right)
    result: dict[str, Any] = {
        "left": identity_of(test.left),
        "right": right,
        "threshold": test.threshold,
        "direction": test.direction,
        "material": test.material,
        "absolute": test.absolute,
        **_share(part.count),
        "verdict": None if is_fact else part.word,
        "more_members_may_change_it": not is_fact and part.near,
        "members": part.count.known,
        "ends_tried": 0 if part.ends is None else part.ends.tried,
        "ends_failing": _named(() if part.ends is None else part.ends.failing),
        "ends_unknown": _named(() if part.ends is None else part.ends.unknown),
    }
    for name, values in (("left", judged.left), ("right", judged.right), ("effect", judged.effect)):
        found, _ = quantiles(values[:, None], (0.025, 0.5, 0.975))
        for word, number in zip(("low", "median", "high"), found[:, 0].tolist(), strict=True):
            result[f"{name}_{word}"] = number if np.isfinite(number) else None
    return result


def _named(ends: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"quantity": path, "end": end} for path, end in ends]
