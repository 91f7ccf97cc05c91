"""Which unknown to research next: Sobol indices of harms and of the margins of verdicts.

First about a dozen groups of quantities, then at most sixteen quantities with all others as one
more input, by expectation, forcings held; the what-ifs that a verdict compares are run beside the
base of each draw. State levers are drawn as what they are here, ignorance about the present;
nothing is searched or ranked but what harms and verdicts hang on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from sousveil.ensemble.narrowing import FEWEST_RUNS, Narrowing, narrowing
from sousveil.ensemble.sobol import Estimate, Indices, indices, ranked
from sousveil.ensemble.study import Study
from sousveil.ensemble.targets import Note, Target, left_out, outputs, targets_of, terms_of
from sousveil.ensemble.verdicts import identity_of
from sousveil.release import IDENTITY, Released, Rules, release
from sousveil.scenario.model import Draw, Scenario

BASE_POINTS = 1024
FEWEST_POINTS = 64
"""Base points below which a study says nothing: its intervals are wider than what they are of."""
SCREEN_POINTS = 256
MOST_QUANTITIES = 16
MOST_SOBOL_DIMENSIONS = 32
"""With more, Sobol points take one quantity for another; the design of the members serves then."""
MOST_LOST = 0.1
"""Share of the base points with an unknown run, beyond which the rest stands for something else."""
SCREENED, STUDIED = "group", "quantity"
HARM = "harm"
OTHERS = "all others"
REFUSED = "refused: it moves with other inputs, and no share of the variance is its own"


@dataclass(frozen=True)
class Researched:
    """What a study of sensitivity found, and what it leaves out or could not say."""

    table: Released
    notes: tuple[Note, ...] = ()


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

    @property
    def known(self) -> Bools:
        """(points, targets) whether both runs of a base point and all their mixtures are known."""
        points, targets = self.first.shape
        runs = np.isfinite(self.every).reshape(-1, points, targets)
        return np.asarray(runs.all(axis=0), dtype=np.bool_)

    @property
    def lost(self) -> Floats:
        """(targets,) share of the base points that are not known."""
        return np.asarray(1.0 - self.known.mean(axis=0), dtype=np.float64)

    def alike(self) -> Iterator[tuple[Bools, list[int]]]:
        """Targets that may be looked at, by the base points (points,) that all of them know."""
        known = self.known
        found: dict[bytes, list[int]] = {}
        for number in np.nonzero(self.lost <= MOST_LOST)[0].tolist():
            found.setdefault(known[:, number].tobytes(), []).append(number)
        for numbers in found.values():
            yield known[:, numbers[0]], numbers

    def parts(self, rows: Bools, numbers: list[int]) -> tuple[Floats, Floats, Floats]:
        """First, second and mixed runs of some base points and targets."""
        mixed = self.mixed[:, rows][..., numbers]
        return self.first[rows][:, numbers], self.second[rows][:, numbers], mixed


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
    score = np.zeros((len(paths), len(screened.lost)))
    for rows, numbers in screened.alike():
        parts = screened.parts(rows, numbers)
        every = np.concatenate([parts[0], parts[1], *parts[2]])
        drawn = np.tile(rows, len(values) // len(rows))
        squared = (ranks(values[drawn]).T @ ranks(every)) ** 2
        first, second, mixed = ranked(*parts)
        total = indices(first, second, mixed, resamples=0).total.value
        weight = {path: total[n] for n, g in enumerate(screened.groups) for path in g.paths}
        for n, path in enumerate(paths):
            score[n, numbers] = squared[n] * np.clip(weight.get(path, 0.0), 0, 1)
    good = screened.lost <= MOST_LOST
    if not good.any():
        return ()
    picked: dict[str, None] = {}
    for number in in_turn(np.nan_to_num(score[:, good]), [t.name for t in targets], good):
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


def sensitivity(bank: Bank, targets: Sequence[Target], points: int = BASE_POINTS) -> Researched:
    """Both stages, released. Raises ValueError for a scenario in which nothing is uncertain."""
    scenario, study = bank.study.scenario, bank.study
    parts: list[pl.DataFrame] = []
    notes = list(left_out(study))
    picked = entering(scenario)
    if not picked:
        raise ValueError("no quantity is uncertain: there is nothing to research")
    if len(picked) > MOST_QUANTITIES:
        few = min(points, SCREEN_POINTS)
        screened = pick_freeze(bank, targets, sections(scenario), few, "sensitivity, in groups")
        parts.append(_table(study, targets, screened, SCREENED))
        notes += _of_targets(targets, screened, " (in groups)")
        picked = chosen(scenario, screened, targets=targets)
    if picked:
        groups = singles(scenario, picked)
        frozen = pick_freeze(bank, targets, groups, points, "sensitivity, one by one")
        parts.append(_table(study, targets, frozen, STUDIED))
        said = _of_targets(targets, frozen)
        again = {item.about for item in said}
        notes = [item for item in notes if item.about not in again]
        notes += [*said, *_of_groups(groups), *_of_runs(targets, frozen)]
    told = tuple(dict.fromkeys(notes))
    for note in {item.note: None for item in told}:
        about = ", ".join(item.about for item in told if item.note == note)
        bank.progress.say(f"sensitivity, {about}: {note}")
    return Researched(release(pl.concat(parts), bank.rules), told)


def _of_targets(targets: Sequence[Target], frozen: Frozen, where: str = "") -> list[Note]:
    """Targets that are refused, that lost some base points, or that do not vary."""
    found: list[Note] = []
    points = len(frozen.first)
    for target, lost in zip(targets, frozen.lost.tolist(), strict=True):
        if lost > MOST_LOST:
            found.append(Note(target.name, _refused(lost) + where))
        elif lost > 0:
            words = f"{round(lost * points):,} of {points:,} base points left out{where}"
            found.append(Note(target.name, f"{words}: a run of each has no value"))
    for rows, numbers in frozen.alike():
        first, second, mixed = frozen.parts(rows, numbers)
        whole = np.isnan(indices(first, second, mixed, resamples=0).total.value).all(axis=0)
        same = "the same in every run: there is no range to narrow"
        found += [Note(targets[numbers[n]].name, same) for n in np.nonzero(whole)[0]]
    return found


def _refused(lost: float) -> str:
    some = f"unknown at {lost:.0%} of the base points"
    return f"refused: {'no run has a value of the whole country' if lost == 1 else some}"


def _of_groups(groups: Sequence[Group]) -> list[Note]:
    """Quantities that have no index of their own."""
    return [
        Note(path, f"no share of the variance is its own: the set {group.name} has one")
        for group in groups
        if group.several and group.name != OTHERS
        for path in group.paths
    ]


def _of_runs(targets: Sequence[Target], frozen: Frozen) -> list[Note]:
    """Targets of which there are too few base points for a narrowing."""
    few: list[str] = []
    for rows, numbers in frozen.alike():
        if 2 * np.count_nonzero(rows) < FEWEST_RUNS:
            few += [targets[number].name for number in numbers]
    words = f"none is given: {len(frozen.first)} base points are too few, take 256 or more"
    if len(few) == np.count_nonzero(frozen.lost <= MOST_LOST):
        return [Note("narrowing", words)] if few else []
    return [Note(f"narrowing of {name}", words) for name in few]


def _table(study: Study, targets: Sequence[Target], frozen: Frozen, label: str) -> pl.DataFrame:
    """Indices of every target and input; of single quantities the expected narrowing too."""
    rows: list[dict[str, Any]] = []
    order: list[int] = []
    people = people_of(study)
    for some in _found(study, frozen, label):
        for place, number in enumerate(some.targets):
            head = _head(targets[number], people) | {"label": label}
            found = some.rows(frozen.groups, place)
            rows += [head | row for row in found]
            order += [number] * len(found)
    for number, lost in enumerate(frozen.lost.tolist()):
        if lost > MOST_LOST:
            rows.append(_head(targets[number], people) | {"label": _refused(lost)} | _NOTHING)
            order.append(number)
    # In the order of the targets, whichever base points each of them has.
    return _frame([rows[place] for place in np.argsort(order, kind="stable").tolist()])


@dataclass(frozen=True)
class _Found:
    """What was found of targets that know the same base points. narrowings: by path."""

    targets: list[int]
    plain: Indices
    of_ranks: Indices
    narrowings: Mapping[str, Narrowing]
    points: int

    def rows(self, groups: Sequence[Group], place: int) -> list[dict[str, Any]]:
        """The rows of one target."""
        found: list[dict[str, Any]] = []
        runs = {"members": self.points * (len(groups) + 2)}
        for number, group in enumerate(groups):
            about = {"quantity": group.name} | runs
            found += [about | row for row in _index_rows(self.plain, self.of_ranks, number, place)]
            for path in group.paths:
                if (item := self.narrowings.get(path)) is None:
                    continue
                row = {"quantity": path, "statistic": "narrowing", "members": 2 * self.points}
                found.append(row | _ends(item, place))
                if group.several:
                    refused = {"quantity": path, "statistic": "first", "label": REFUSED}
                    found.append(runs | refused | _NUMBERS)
        return found


def _found(study: Study, frozen: Frozen, label: str) -> Iterator[_Found]:
    """What is found of the targets that may be looked at."""
    # Only the two sets of points are independent of one another; their mixtures are not.
    alone = frozen.drawn[: 2 * len(frozen.first)] if label == STUDIED else ()
    paths, values = value_matrix(study.scenario, alone)
    single = [path for g in frozen.groups if g.name != OTHERS for path in g.paths]
    for rows, numbers in frozen.alike():
        first, second, mixed = frozen.parts(rows, numbers)
        both = np.concatenate([first, second])
        a, b, ab = ranked(first, second, mixed)
        some = values[np.tile(rows, 2)] if label == STUDIED else values
        yield _Found(
            numbers,
            indices(first, second, mixed, seed=study.seed),
            indices(a, b, ab, seed=study.seed),
            {
                path: narrowing(some[:, paths.index(path)], both)
                for path in (single if label == STUDIED else ())
            },
            len(first),
        )


_NUMBERS: dict[str, Any] = dict.fromkeys(("low", "value", "high"))
_NOTHING: dict[str, Any] = {"quantity": "", "statistic": "", "members": 0, **_NUMBERS}


def _head(target: Target, people: float) -> dict[str, Any]:
    words = dict.fromkeys(IDENTITY, "") | identity_of(target.term)
    return words | {"target": target.name, "stands_for": people}


def _index_rows(plain: Indices, of_ranks: Indices, number: int, place: int) -> list[dict[str, Any]]:
    several: Mapping[str, Estimate] = {
        "first": plain.first,
        "total": plain.total,
        "first_of_ranks": of_ranks.first,
        "total_of_ranks": of_ranks.total,
    }
    return [{"statistic": name} | _ends(item, (number, place)) for name, item in several.items()]


def _ends(item: Estimate | Narrowing, place: int | tuple[int, int]) -> dict[str, float | None]:
    """Both ends and the value, of one input and output."""
    return {word: _finite(getattr(item, word)[place]) for word in ("low", "value", "high")}


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
