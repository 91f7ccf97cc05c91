"""Quantities that move together: a Gaussian copula over the levels of a design.

Every level stays uniform on (0, 1), whatever the correlations: points of a design (Sobol, Latin
hypercube) are turned in the space of normal scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import Floats
from sousveil.scenario.correlations import score_correlation
from sousveil.scenario.model import Draw, Scenario

EDGE = 2.0**-33
"""Levels stay this far from 0 and 1, where a normal score has no value."""


@dataclass(frozen=True)
class Tied:
    """Quantities that hang together, however indirectly.

    scores: (paths, paths) correlation of their normal scores; a pair that nobody declared is
    independent.
    """

    paths: tuple[str, ...]
    scores: Floats


def tied(scenario: Scenario) -> tuple[Tied, ...]:
    """The sets of quantities that hang together, in file order; fixed ones are left out."""
    uncertain = scenario.uncertain
    pairs = [item for item in scenario.correlations if set(item.between) <= set(uncertain)]
    sets: dict[str, set[str]] = {path: {path} for path in uncertain}
    for item in pairs:
        first, second = item.between
        joint = sets[first] | sets[second]
        for path in joint:
            sets[path] = joint
    found: list[Tied] = []
    seen: set[str] = set()
    for path in uncertain:
        if len(sets[path]) == 1 or path in seen:
            continue
        seen |= sets[path]
        names = tuple(name for name in uncertain if name in sets[path])
        scores = np.eye(len(names))
        for item in pairs:
            if item.between[0] in names:
                i, j = (names.index(name) for name in item.between)
                scores[i, j] = scores[j, i] = score_correlation(item.rank)
        found.append(Tied(names, scores))
    return tuple(found)


def correlate(levels: Floats, scores: Floats) -> Floats:
    """(members, paths) independent levels turned into levels with these score correlations."""
    root = np.linalg.cholesky(scores)
    return _levels(_scores(levels) @ root.T)


def tie(scenario: Scenario, names: tuple[tuple[str, str], ...], independent: Floats) -> Floats:
    """(members, dimensions) points of a design with the declared correlations."""
    sets = tied(scenario)
    if not sets or not len(independent):
        return independent
    result = independent.copy()
    for some in sets:
        columns = [names.index(("level", path)) for path in some.paths]
        result[:, columns] = correlate(independent[:, columns], some.scores)
    return result


def redrawn(draw: Draw, other: Draw, paths: Iterable[str], sets: Iterable[Tied] = ()) -> Draw:
    """`draw` with these quantities drawn anew, given the others; `other` is the second draw.

    Of quantities that hang together, what is redrawn keeps its dependence on what is held: the
    held part gives the mean of the normal scores, `other` what is left over.
    """
    chosen = set(paths)
    levels = {p: other.levels[p] if p in chosen else v for p, v in draw.levels.items()}
    selectors = {p: other.selectors[p] if p in chosen else v for p, v in draw.selectors.items()}
    for some in sets:
        levels |= _given(some, draw.levels, other.levels, chosen)
    return Draw(levels, selectors)


def _given(
    some: Tied, levels: Mapping[str, float], others: Mapping[str, float], chosen: set[str]
) -> dict[str, float]:
    new = [place for place, path in enumerate(some.paths) if path in chosen]
    held = [place for place, path in enumerate(some.paths) if path not in chosen]
    if not new or not held:
        return {}
    before, after = (
        _scores(np.array([each[path] for path in some.paths])) for each in (levels, others)
    )
    slope = np.linalg.solve(
        some.scores[np.ix_(held, held)], some.scores[np.ix_(held, new)]
    ).T  # (new, held): regression of what is redrawn on what is held
    found = after[new] + slope @ (before[held] - after[held])
    return dict(zip((some.paths[place] for place in new), _levels(found).tolist(), strict=True))


def _scores(levels: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(levels, EDGE, 1.0 - EDGE)), dtype=np.float64)


def _levels(scores: Floats) -> Floats:
    from scipy.special import ndtr

    return np.clip(np.asarray(ndtr(scores), dtype=np.float64), EDGE, 1.0 - EDGE)
