"""What a study of sensitivity aims at: harms, and the margins of tests of claims; nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import Floats
from sousveil.ensemble.study import BASE, Study
from sousveil.ensemble.verdicts import FACT, identity_of, judge
from sousveil.measures import measures
from sousveil.scenario.model import Claim, Scenario, Term, Test
from sousveil.scenario.parameters import ordered

DEAR = "world.power."
"""A what-if that patches this has a path of power of its own, and costs as much as a base."""


@dataclass(frozen=True)
class Note:
    """What a reader of a study has to know. about: a target, a quantity or a statistic."""

    about: str
    note: str


@dataclass(frozen=True)
class Target:
    """A harm, or the margin of one test of a claim. test: None for a harm."""

    name: str
    term: Term
    test: Test | None = None

    @property
    def terms(self) -> tuple[Term, ...]:
        """The rows that it is made of."""
        right = self.test.right if self.test is not None else None
        return (self.term,) if right is None else (self.term, right)


def bearable(study: Study) -> frozenset[str]:
    """The branches of a run that share the base's path of power, the base among them."""
    scenario = study.scenario

    def cheap(names: tuple[str, ...]) -> bool:
        return all(
            item.year is None
            and not any(path.startswith(DEAR) for path in (*item.set, *item.scale))
            for item in ordered(scenario, names)
        )

    return frozenset(branch.name for branch in study.branches if cheap(branch.what_ifs))


def targets_of(study: Study) -> tuple[Target, ...]:
    """Harms of the whole country under the base, and tests of claims that members decide."""
    found = [
        Target(name, Term(name, BASE, {}))
        for name, measure in measures().items()
        if measure.harm and not measure.contrast
    ]
    known = bearable(study)
    for claim, margin in _margins(study.scenario):
        if not _why_not(study, claim, margin, known):
            found.append(margin)
    return tuple(found)


def left_out(study: Study) -> tuple[Note, ...]:
    """Tests of claims that are no targets, each with the reason."""
    known = bearable(study)
    margins = _margins(study.scenario)
    every = [(margin.name, _why_not(study, claim, margin, known)) for claim, margin in margins]
    return tuple(Note(name, reason) for name, reason in every if reason)


def _margins(scenario: Scenario) -> list[tuple[Claim, Target]]:
    """Every test of every claim."""
    return [
        (claim, Target(f"margin of {claim.id}, test {number}", test.left, test))
        for claim in scenario.claims
        for number, test in enumerate(claim.tests, 1)
    ]


def _why_not(study: Study, claim: Claim, margin: Target, known: frozenset[str]) -> str:
    """Why a test is no target; nothing where it is one."""
    if claim.verdict == FACT:
        return "a matter of record, which no member decides"
    names = {term.what_if for term in margin.terms}
    if names - {branch.name for branch in study.branches}:
        return "it needs a what-if that was not run"
    if names - known:
        return "its what-if has a year or a power supply of its own, and costs as much as a base"
    return ""


def terms_of(targets: Sequence[Target]) -> tuple[Term, ...]:
    """Every row that the targets are made of, once."""
    found = {tuple(sorted(identity_of(t).items())): t for item in targets for t in item.terms}
    return tuple(found.values())


def outputs(targets: Sequence[Target], terms: Sequence[Term], values: Floats) -> Floats:
    """(..., targets) harms and margins from (..., terms) values."""
    places = {repr(identity_of(term)): place for place, term in enumerate(terms)}
    found = np.full((*values.shape[:-1], len(targets)), np.nan)
    for number, target in enumerate(targets):
        columns = {repr(identity_of(t)): values[..., places[repr(identity_of(t))]] for t in terms}
        if target.test is None:
            found[..., number] = columns[repr(identity_of(target.term))]
            continue
        judged = judge(target.test, lambda term, c=columns: c[repr(identity_of(term))].ravel())
        if judged is not None:
            found[..., number] = judged.margin.reshape(values.shape[:-1])
    return found
