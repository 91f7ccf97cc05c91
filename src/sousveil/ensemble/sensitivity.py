"""Which unknown to research next: Sobol indices of harms and of the margins of verdicts.

First about a dozen groups of quantities, then at most sixteen quantities with all others as one
more input, by expectation, forcings held; the what-ifs that a verdict compares are run beside the
base of each draw. State levers are drawn as what they are here, ignorance about the present;
nothing is searched or ranked but what harms and verdicts hang on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from sousveil.arrays import Bools, Floats
from sousveil.ensemble.copula import tied
from sousveil.ensemble.design import SECOND, dimensions, draws, redrawn, value_matrix
from sousveil.ensemble.evaluations import Bank
from sousveil.ensemble.groups import Group, entering, sections, singles
from sousveil.ensemble.matrix import ranks
from sousveil.ensemble.sobol import Estimate, Indices, indices, narrowing, ranked
from sousveil.ensemble.study import BASE, Study
from sousveil.ensemble.verdicts import identity_of, judge
from sousveil.measures import measures
from sousveil.release import IDENTITY, Released, Rules, release
from sousveil.scenario.model import Draw, Scenario, Term, Test
from sousveil.scenario.parameters import ordered

BASE_POINTS = 1024
SCREEN_POINTS = 256
MOST_QUANTITIES = 16
MOST_SOBOL_DIMENSIONS = 32
"""With more, Sobol points take one quantity for another; the design of the members serves then."""
SCREENED, STUDIED = "group", "quantity"
HARM = "harm"
DEAR = "world.power."
"""A what-if that patches this has a path of power of its own, and costs as much as a base."""
REFUSED = "refused: it moves with other inputs, and no share of the variance is its own"


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
    """Harms of the whole country under the base, and tests of claims with bearable what-ifs."""
    scenario, known = study.scenario, bearable(study)
    found = [
        Target(name, Term(name, BASE, {}))
        for name, measure in measures().items()
        if measure.harm and not measure.contrast
    ]
    for claim in scenario.claims:
        for number, test in enumerate(claim.tests, 1):
            target = Target(f"margin of {claim.id}, test {number}", test.left, test)
            if all(term.what_if in known for term in target.terms):
                found.append(target)
    return tuple(found)


def left_out(study: Study) -> tuple[str, ...]:
    """Tests of claims that are no targets, because a what-if is dear or was not run."""
    found = {target.name for target in targets_of(study)}
    names = [
        f"margin of {claim.id}, test {number}"
        for claim in study.scenario.claims
        for number, _ in enumerate(claim.tests, 1)
    ]
    return tuple(name for name in names if name not in found)


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
            found[..., number] = (judged.effect - judged.needed).reshape(values.shape[:-1])
    return found


@dataclass(frozen=True)
class Frozen:
    """A pick-freeze study that was run. at: the first, the second points; mixed: by input."""

    groups: tuple[Group, ...]
    drawn: tuple[Draw, ...]
    first: Floats
    second: Floats
    mixed: Floats

    @property
    def every(self) -> Floats:
        """(runs, targets) all runs: each of them is a draw like any other."""
        return np.concatenate([self.first, self.second, *self.mixed])


def pick_freeze(
    bank: Bank, targets: Sequence[Target], groups: tuple[Group, ...], points: int, stage: str
) -> Frozen:
    """Run a study: points x (inputs + 2) runs."""
    study = bank.study
    few = len(dimensions(study.scenario)) <= MOST_SOBOL_DIMENSIONS
    method = "sobol" if few else study.method
    one = draws(study.scenario, points, study.seed, method)
    two = draws(study.scenario, points, study.seed, method, SECOND)
    every = [*one, *two]
    for group in groups:
        every += [redrawn(a, b, group.paths) for a, b in zip(one, two, strict=True)]
    values = outputs(targets, bank.terms, bank.values(stage, every))
    blocks = values.reshape(len(groups) + 2, points, len(targets))
    return Frozen(groups, tuple(every), blocks[0], blocks[1], blocks[2:])


def chosen(
    scenario: Scenario,
    screened: Frozen,
    most: int = MOST_QUANTITIES,
    targets: Sequence[Target] = (),
) -> tuple[str, ...]:
    """The quantities to look at one by one: those that targets move with, in groups that matter.

    A quantity counts by its squared rank correlation with a target over all runs of the screening,
    times its group's total index there: what only acts together with others counts in "all
    others". Every second place goes to what harm itself moves with, the others to what any target
    does.
    """
    paths, values = value_matrix(scenario, screened.drawn)
    good = _known(screened)
    squared = (ranks(values).T @ ranks(screened.every[:, good])) ** 2
    first, second, mixed = ranked(*_columns(screened, good))
    total = indices(first, second, mixed, resamples=0).total.value
    weight = {path: total[n] for n, g in enumerate(screened.groups) for path in g.paths}
    score = np.array(
        [squared[n] * np.clip(weight.get(path, 0.0), 0, 1) for n, path in enumerate(paths)]
    )
    picked: dict[str, None] = {}
    for number in in_turn(np.nan_to_num(score), [t.name for t in targets], good):
        some = next((s.paths for s in tied(scenario) if paths[number] in s.paths), None)
        new = dict.fromkeys(some or (paths[number],))
        if len(singles(scenario, [*picked, *new])) > most + 1:
            break
        picked |= new
    return tuple(path for path in scenario.uncertain if path in picked)


def in_turn(score: Floats, names: Sequence[str], good: Bools) -> list[int]:
    """Numbers of the quantities (paths, targets), by harm and by the largest score in turn."""
    every = np.argsort(-score.max(axis=1), kind="stable").tolist()
    known = [name for name, fine in zip(names, good.tolist(), strict=False) if fine]
    if HARM not in known:
        return every
    own = np.argsort(-score[:, known.index(HARM)], kind="stable").tolist()
    return list(dict.fromkeys(number for pair in zip(own, every, strict=True) for number in pair))


def _known(frozen: Frozen) -> Bools:
    """(targets,) whether every run has a value."""
    return np.asarray(np.isfinite(frozen.every).all(axis=0), dtype=np.bool_)


def _columns(frozen: Frozen, good: Bools) -> tuple[Floats, Floats, Floats]:
    return frozen.first[:, good], frozen.second[:, good], frozen.mixed[..., good]


def sensitivity(bank: Bank, targets: Sequence[Target], points: int = BASE_POINTS) -> Released:
    """Both stages, released. Raises ValueError for a scenario in which nothing is uncertain."""
    scenario = bank.study.scenario
    parts: list[pl.DataFrame] = []
    if dear := left_out(bank.study):
        words = "their what-ifs have a power supply of their own, or were not run"
        bank.progress.say(f"sensitivity leaves out {', '.join(dear)}: {words}")
    if len(entering(scenario)) > MOST_QUANTITIES:
        few = min(points, SCREEN_POINTS)
        screened = pick_freeze(bank, targets, sections(scenario), few, "sensitivity, in groups")
        parts.append(_table(bank.study, targets, screened, SCREENED))
        picked = chosen(scenario, screened, targets=targets)
    else:
        picked = entering(scenario)
    groups = singles(scenario, picked)
    if not groups:
        raise ValueError("no quantity is uncertain: there is nothing to research")
    frozen = pick_freeze(bank, targets, groups, points, "sensitivity, one by one")
    parts.append(_table(bank.study, targets, frozen, STUDIED))
    return release(pl.concat(parts), bank.rules)


def _table(study: Study, targets: Sequence[Target], frozen: Frozen, label: str) -> pl.DataFrame:
    """Indices of every target and input; of single quantities the expected narrowing too."""
    rows: list[dict[str, Any]] = []
    good = _known(frozen)
    if not good.any():
        return _frame(rows)
    parts = _columns(frozen, good)
    plain = indices(*parts, seed=study.seed)
    first, second, mixed = ranked(*parts)
    of_ranks = indices(first, second, mixed, seed=study.seed)
    paths, values = value_matrix(study.scenario, frozen.drawn)
    known = [target for target, fine in zip(targets, good.tolist(), strict=True) if fine]
    every = frozen.every[:, good]
    # Only the two sets of points are independent of one another; their mixtures are not.
    alone = slice(len(frozen.first) + len(frozen.second))
    people = people_of(study)
    for place, target in enumerate(known):
        head = dict.fromkeys(IDENTITY, "") | identity_of(target.term)
        head |= {"target": target.name, "stands_for": people, "members": len(every)}
        for number, group in enumerate(frozen.groups):
            about = head | {"quantity": group.name, "label": label}
            rows += [about | row for row in _index_rows(plain, of_ranks, number, place)]
            if label != STUDIED:
                continue
            for path in group.paths if group.name != "all others" else ():
                found = narrowing(values[alone, paths.index(path)], every[alone, place])
                row = {"quantity": path, "statistic": "narrowing"}
                ends = {w: _finite(getattr(found, w)) for w in ("low", "value", "high")}
                rows.append(about | row | ends)
                if group.several:
                    refused = {"quantity": path, "statistic": "first", "label": REFUSED}
                    rows.append(about | refused | dict.fromkeys(("low", "value", "high")))
    return _frame(rows)


def _index_rows(plain: Indices, of_ranks: Indices, number: int, place: int) -> list[dict[str, Any]]:
    several: Mapping[str, Estimate] = {
        "first": plain.first,
        "total": plain.total,
        "first_of_ranks": of_ranks.first,
        "total_of_ranks": of_ranks.total,
    }
    return [
        {"statistic": name}
        | {word: _finite(getattr(item, word)[number, place]) for word in ("low", "value", "high")}
        for name, item in several.items()
    ]


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def people_of(study: Study) -> float:
    """How many people a row of the whole country stands for."""
    item = study.scenario.quantities.get("world.people.population_total")
    return float("inf") if item is None else item.value(0.5, float("nan"), study.scenario.year)


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    text = (*IDENTITY, "target", "quantity", "statistic", "label")
    schema: dict[str, Any] = dict.fromkeys(text, pl.String)
    schema |= dict.fromkeys(("low", "value", "high"), pl.Float64)
    return pl.DataFrame(rows, schema=schema | {"members": pl.Int64, "stands_for": pl.Float64})


def bank_of(study: Study, rules: Rules, **words: Any) -> tuple[Bank, tuple[Target, ...]]:
    """The targets of a study, and the bank that reads them."""
    targets = targets_of(study)
    return Bank(study=study, rules=rules, terms=terms_of(targets), **words), targets
