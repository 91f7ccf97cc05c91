"""A small PRIM: boxes in the space of unknowns inside which a yes or no is mostly yes.

Source: Friedman and Fisher 1999, "Bump hunting in high-dimensional data"; restrictions are kept
by the test of Bryant and Lempert 2010, "Thinking inside the box". Among some hundred columns chance
alone would give such boxes: only those are searched in which yes and no lie differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sousveil.arrays import Bools, Floats, Ints

PEEL = 0.05
LEAST_SHARE = 0.05
LEAST_RUNS = 10
SIGNIFICANT = 0.05
MOST_BOXES = 3


@dataclass(frozen=True)
class Box:
    """limits: column -> (low, high), those that are restricted.

    coverage: share of all the yes that lie inside. density: share of yes inside. share: of all
    runs that lie inside.
    """

    limits: Mapping[int, tuple[float, float]]
    coverage: float
    density: float
    share: float


def boxes(x: Floats, yes: Bools, most: int = MOST_BOXES) -> list[Box]:
    """Boxes of (runs, columns) points, the best first; none where nothing tells yes from no.

    After each box its runs are set aside and the next is sought among the others. A column that by
    itself tells nothing is not searched.
    """
    columns = telling(x, yes)
    found = _boxes(x[:, columns], yes, most)
    names = columns.tolist()
    return [
        replace(box, limits={names[place]: ends for place, ends in box.limits.items()})
        for box in found
    ]


def telling(x: Floats, yes: Bools) -> Ints:
    """Numbers of the columns in which yes and no lie differently, at 5 % over all columns together.

    Two-sample test of Kolmogorov and Smirnov, with Bonferroni's correction; its asymptotic law is
    on the safe side where runs are few.
    """
    from scipy.special import kolmogorov

    ones, zeros = int(yes.sum()), int((~yes).sum())
    if not ones or not zeros or not x.shape[1]:
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(x, axis=0, kind="stable")
    lower, ordered = np.take_along_axis(x, order, axis=0), yes[order]
    gap = np.abs(np.cumsum(ordered / ones - ~ordered / zeros, axis=0))
    gap[:-1][lower[1:] == lower[:-1]] = 0.0  # equal values come in no order
    gap = gap.max(axis=0)
    chance = kolmogorov(gap * np.sqrt(ones * zeros / (ones + zeros)))
    return np.flatnonzero(chance < SIGNIFICANT / x.shape[1])


def _boxes(x: Floats, yes: Bools, most: int) -> list[Box]:
    found: list[Box] = []
    left = np.ones(len(x), dtype=np.bool_)
    while len(found) < most and yes[left].sum() >= LEAST_RUNS:
        limits = _box(x[left], yes[left])
        limits = _needed(x[left], yes[left], limits)
        if not limits:
            break
        inside = _inside(x, limits)
        here = inside & left
        if not _better(int(yes[here].sum()), int(here.sum()), float(yes[left].mean())):
            break
        found.append(
            Box(
                limits,
                float(yes[inside].sum() / yes.sum()),
                float(yes[inside].mean()),
                float(inside.mean()),
            )
        )
        left &= ~inside
    return found


def _inside(x: Floats, limits: Mapping[int, tuple[float, float]]) -> Bools:
    inside = np.ones(len(x), dtype=np.bool_)
    for column, (low, high) in limits.items():
        inside &= (x[:, column] >= low) & (x[:, column] <= high)
    return inside


def _box(x: Floats, yes: Bools) -> dict[int, tuple[float, float]]:
    """Peel away the slice that has least yes for its size; keep the best box on the way.

    Among slices of one size that is the one whose loss raises the density most. Slices of values
    that many runs share are larger, and would be chosen for their size alone (Kwakkel and
    Jaxa-Rozen 2016, "Improving scenario discovery for handling heterogeneous uncertainties"). Best
    is the largest harmonic mean of coverage and density.
    """
    least = max(LEAST_RUNS, int(LEAST_SHARE * len(x)))
    limits: dict[int, tuple[float, float]] = {}
    best, reached = limits, _score(yes, np.ones(len(x), dtype=np.bool_))
    while True:
        inside = _inside(x, limits)
        step = _peeled(x, yes, inside, limits, least)
        if step is None:
            return best
        limits = step
        score = _score(yes, _inside(x, limits))
        if score > reached:
            best, reached = limits, score


def _score(yes: Bools, inside: Bools) -> float:
    hits = float(yes[inside].sum())
    return 2 * hits / (float(yes.sum()) + float(inside.sum()))


def _peeled(
    x: Floats, yes: Bools, inside: Bools, limits: dict[int, tuple[float, float]], least: int
) -> dict[int, tuple[float, float]] | None:
    best: dict[int, tuple[float, float]] | None = None
    # A slice is peeled even where that costs density: between two corners there is no other way.
    reached = (np.inf, 0)
    for column in range(x.shape[1]):
        values = x[inside, column]
        low, high = limits.get(column, (float(values.min()), float(values.max())))
        for new in _cuts(values, low, high):
            kept = (values >= new[0]) & (values <= new[1])
            count = int(kept.sum())
            if count < least or count == len(values):
                continue
            slice_ = float(yes[inside][~kept].mean()), count
            if slice_ < reached:
                best, reached = limits | {column: new}, slice_
    return best


def _cuts(values: Floats, low: float, high: float) -> tuple[tuple[float, float], ...]:
    """The limits without the lowest and without the highest slice of the values inside.

    Where so many runs share the last value that a cut removes nothing, that value is the slice.
    """
    least, most = np.quantile(values, (PEEL, 1 - PEEL))
    above, below = values[values > values.min()], values[values < values.max()]
    if not len(above):
        return ()
    return (max(float(least), float(above.min())), high), (
        low,
        min(float(most), float(below.max())),
    )


def _needed(
    x: Floats, yes: Bools, limits: Mapping[int, tuple[float, float]]
) -> dict[int, tuple[float, float]]:
    """The restrictions that matter: without one, the box would be no denser by mere chance."""
    kept = dict(limits)
    for column in sorted(limits, key=lambda name: _lift(x, yes, limits, name)):
        wider = {name: ends for name, ends in kept.items() if name != column}
        outer, inner = _inside(x, wider), _inside(x, kept)
        hits, count = int(yes[inner].sum()), int(inner.sum())
        if not _better(hits, count, float(yes[outer].mean())):
            kept = wider
    return kept


def _lift(x: Floats, yes: Bools, limits: Mapping[int, tuple[float, float]], column: int) -> float:
    wider = {name: ends for name, ends in limits.items() if name != column}
    return float(yes[_inside(x, limits)].mean() - yes[_inside(x, wider)].mean())


def _better(hits: int, count: int, density: float) -> bool:
    """Whether so many hits are more than a density would give by chance."""
    from scipy.stats import binom

    return count > 0 and float(binom.sf(hits - 1, count, density)) < SIGNIFICANT
