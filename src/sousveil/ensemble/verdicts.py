"""Claims: what the ensemble says of a sentence, and which unknown would decide it.

A claim is material in a member when every one of its tests is. Supported: material in at least 90 %
of members and at both ends of every assumed quantity, one at a time; contradicted: in at most 10 %;
else not decided by this evidence. A sentence that says two things may hold in one of them alone:
where a claim is not supported as a whole, and one of its tests but not every one is material in 90
% of members, it is supported in part. The share of members is a share of the stated ranges, never a
probability.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from sousveil.arrays import Bools, Floats
from sousveil.ensemble.drivers import NOISE
from sousveil.ensemble.matrix import Matrix, quantiles, ranks
from sousveil.ensemble.study import BASE
from sousveil.scenario.model import Claim, Scenario, Term, Test

SUPPORTED_FROM, CONTRADICTED_TO = 0.9, 0.1
FACT, SUPPORTED, CONTRADICTED = "fact", "supported", "contradicted"
UNDECIDED = "not decided by this evidence"
IN_PART = "supported in part"
UNTESTED = "not tested in this run"
Values: TypeAlias = Callable[[Term], Floats | None]
"""(members,) values of a term, or None where the run does not have it."""


@dataclass(frozen=True)
class Judged:
    """One test over members. effect: left minus right, in the direction of the test; NaN unknown.

    needed: the effect that counts as material. material: whether it does; unknown counts as no.
    """

    left: Floats
    right: Floats
    effect: Floats
    needed: Floats

    @property
    def material(self) -> Bools:
        """(members,) whether the effect is material: at least what is needed, and not nothing."""
        tiny = 1e-12 * np.maximum(np.abs(self.left), np.abs(self.right))
        with np.errstate(invalid="ignore"):
            return (self.effect >= self.needed - tiny) & (self.effect > tiny)

    @property
    def known(self) -> Bools:
        """(members,) whether the effect is known."""
        return np.isfinite(self.effect)


@dataclass(frozen=True)
class Ends:
    """How a claim fares at the ends of assumed quantities. failing: (path, "low" | "high")."""

    tried: int = 0
    failing: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What the run says of one claim."""

    claim: Claim
    verdict: str
    share: float | None
    decides: str
    would_decide: str
    numbers: tuple[Mapping[str, Any], ...] = ()
    ends: Ends = field(default_factory=Ends)


def identity_of(term: Term) -> dict[str, str]:
    """The words that name a term's row."""
    return {"measure": term.measure, "what_if": term.what_if} | dict(term.where)


def terms_of(claim: Claim) -> tuple[Term, ...]:
    """Every term of a claim's tests."""
    found: list[Term] = []
    for test in claim.tests:
        found.append(test.left)
        if test.right is not None:
            found.append(test.right)
    return tuple(found)


def what_ifs_of(claims: Iterable[Claim]) -> tuple[str, ...]:
    """The branches that claims name, the base first."""
    found = {BASE: None} | {t.what_if: None for claim in claims for t in terms_of(claim)}
    return tuple(found)


def judge(test: Test, values: Values) -> Judged | None:
    """One test over members; None where the run lacks one of its terms."""
    left = values(test.left)
    if left is None:
        return None
    if test.right is not None:
        right = values(test.right)
        if right is None:
            return None
    else:
        right = np.full(len(left), np.nan if test.threshold is None else test.threshold)
    sign = -1.0 if test.direction == "lower" else 1.0
    needed = np.full(len(left), test.material)
    if not test.absolute:
        needed = test.material * np.abs(right)
    return Judged(left, right, sign * (left - right), needed)


def from_matrix(matrix: Matrix) -> Values:
    """Terms read from members side by side."""
    return lambda term: matrix.column(**identity_of(term))


def passes(claim: Claim, values: Values) -> bool:
    """Whether a claim is material in a single run (values of length 1)."""
    judged = [judge(test, values) for test in claim.tests]
    return all(item is not None and bool(item.material.all()) for item in judged)


def share_material(claim: Claim, values: Values) -> float | None:
    """Share of members in which every test is material; None where the run cannot say."""
    judged = [judge(test, values) for test in claim.tests]
    known = [item for item in judged if item is not None]
    if not judged or len(known) < len(judged) or not all(item.known.any() for item in known):
        return None
    every = np.logical_and.reduce([item.material for item in known])
    return float(every.mean())


def decide(
    claim: Claim,
    values: Values,
    scenario: Scenario,
    quantities: tuple[tuple[str, ...], Floats],
    ends: Ends | None = None,
) -> Verdict:
    """The verdict on one claim. quantities: paths and their values (members, paths)."""
    if claim.verdict == FACT:
        return Verdict(claim, FACT, None, "", claim.because, _all_numbers(claim, values))
    share = share_material(claim, values)
    if share is None:
        missing = sorted({term.what_if or "the base" for term in _absent(claim, values)})
        words = f"a run with {', '.join(missing)}" if missing else "a run with members"
        return Verdict(claim, UNTESTED, None, "", words)
    judged = [item for test in claim.tests if (item := judge(test, values)) is not None]
    numbers = _all_numbers(claim, values)
    decides = deciding(judged, *quantities)
    ends = ends or Ends()
    parts = [item["verdict"] == SUPPORTED for item in numbers]
    in_part = any(parts) and not all(parts)
    if share >= SUPPORTED_FROM and not ends.failing:
        return Verdict(claim, SUPPORTED, share, "", "", numbers, ends)
    if share <= CONTRADICTED_TO:
        return Verdict(claim, IN_PART if in_part else CONTRADICTED, share, "", "", numbers, ends)
    words = _better(scenario, decides)
    if share >= SUPPORTED_FROM:
        decides, end = ends.failing[0]
        words = f"{_better(scenario, decides)}; at its {end} end the claim does not hold"
    found = IN_PART if in_part else UNDECIDED
    return Verdict(claim, found, share, decides, words, numbers, ends)


def _all_numbers(claim: Claim, values: Values) -> tuple[dict[str, Any], ...]:
    """The numbers of every test of which the run has both terms."""
    judged = ((test, judge(test, values)) for test in claim.tests)
    return tuple(_numbers(test, item) for test, item in judged if item is not None)


def _absent(claim: Claim, values: Values) -> list[Term]:
    return [term for term in terms_of(claim) if values(term) is None]


def deciding(judged: Sequence[Judged], paths: tuple[str, ...], quantities: Floats) -> str:
    """The quantity with the largest rank correlation with the least certain test's margin."""
    if not paths or len(quantities) < 3 or not judged:
        return ""
    open_ones = [item for item in judged if not item.material.all()] or list(judged)
    # The test that fails most often is the one to decide.
    test = min(open_ones, key=lambda item: float(item.material.mean()))
    margin = np.where(test.known, test.effect - test.needed, np.nan)
    good = np.isfinite(margin)
    if good.sum() < 3 or np.ptp(margin[good]) == 0:
        return ""
    found = np.abs(ranks(quantities[good]).T @ ranks(margin[good][:, None]))[:, 0]
    # What chance alone would give the largest of some hundred correlations names nothing.
    return paths[int(np.argmax(found))] if found.max() > NOISE / np.sqrt(good.sum()) else ""


def _better(scenario: Scenario, path: str) -> str:
    if not path:
        return "no single quantity: several together"
    item = scenario.quantities.get(path)
    kind = f" ({item.kind})" if item is not None else ""
    return f"a better figure for {path}{kind}"


def verdict_of_part(share: float) -> str:
    """What members alone say of one test; the ends of assumptions judge the claim as a whole."""
    if share >= SUPPORTED_FROM:
        return SUPPORTED
    return CONTRADICTED if share <= CONTRADICTED_TO else UNDECIDED


def _numbers(test: Test, judged: Judged) -> dict[str, Any]:
    """The numbers of a test, as they stand in claims.json."""
    share = float(judged.material.mean())
    right = None if test.right is None else identity_of(test.right)
    result: dict[str, Any] = {
        "left": identity_of(test.left),
        "right": right,
        "threshold": test.threshold,
        "direction": test.direction,
        "material": test.material,
        "absolute": test.absolute,
        "share": share,
        "verdict": verdict_of_part(share),
        "members": int(judged.known.sum()),
    }
    for name, values in (("left", judged.left), ("right", judged.right), ("effect", judged.effect)):
        found, _ = quantiles(values[:, None], (0.025, 0.5, 0.975))
        for word, number in zip(("low", "median", "high"), found[:, 0].tolist(), strict=True):
            result[f"{name}_{word}"] = number if np.isfinite(number) else None
    return result


def as_document(verdict: Verdict) -> dict[str, Any]:
    """One entry of claims.json."""
    claim = verdict.claim
    return {
        "claim_id": claim.id,
        "claim": claim.claim,
        "test": claim.test_words,
        "numbers": [dict(item) for item in verdict.numbers],
        "verdict": verdict.verdict,
        "share": verdict.share,
        "decides": verdict.decides,
        "would_decide": verdict.would_decide,
        "ends_tried": verdict.ends.tried,
        "ends_failing": [{"quantity": path, "end": end} for path, end in verdict.ends.failing],
        "because": claim.because,
        "on_evidence": claim.on_evidence,
        "contrary": claim.contrary,
        "evidence": [source.key for source in claim.evidence],
        "share_is": "a share of the stated ranges, never a probability",
    }
