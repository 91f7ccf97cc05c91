"""Encounters by number: a person's views of the year as Poisson counts, one word a level.

Where no search looks at a view, its hour does not matter to any tally; given the path of power the
views of a person that reach a level and none nearer are a Poisson count, whose mean is a sum over
hours. So the count is drawn at once, by the inverse of its distribution.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Floats, Ints, Thresholds
from sousveil.engine.chance import LANES
from sousveil.engine.kernels.counts import Counts, add_counts
from sousveil.engine.planned import CountedPlan
from sousveil.engine.points import effect_class
from sousveil.engine.scene import Scene
from sousveil.rng import WORD_RANGE, threshold

_WIDTH = 7.0
"""Standard deviations of a count that its table spans: beyond lies less than one word in 2^32."""
_AT_LEAST = 20
_ROWS_AT_ONCE = 256


def count_encounters(scene: Scene, plan: CountedPlan) -> None:
    """Draw and count the views of one process, level by level."""
    view, groups = scene.block.persons, scene.block.groups
    row = view.cell % groups
    if plan.effect is not None:
        row = row * EFFECT_CLASSES + effect_class(scene.chance, plan.effect, scene.block)
    feeders = plan.means.shape[2]
    row = row * feeders + view.feeder % feeders
    nearer, levels = np.zeros(len(row), dtype=np.int64), len(plan.level_names)
    pages = [scene.chance.lanes(plan.stream, view.ids, 0, n) for n in range(-(-levels // LANES))]
    bounds = _bounds(view.area)
    for level in reversed(range(levels)):
        words = pages[level // LANES][level % LANES]
        tally = scene.tally(plan.name, plan.level_names[level])
        for area, here in bounds:
            number, tables = _tables_of(plan, area, level)
            add_counts(words[here], row[here], number, tables, view.cell[here], nearer[here], tally)


def _bounds(area: Ints) -> list[tuple[int, slice]]:
    """Where the persons of each area stand: they come area by area."""
    first = np.flatnonzero(np.diff(area, prepend=-1))
    last = [*first[1:].tolist(), len(area)]
    return [(int(area[a]), slice(a, b)) for a, b in zip(first.tolist(), last, strict=True)]


@lru_cache(maxsize=64)
def _tables(name: str, area: int, level: int, values: bytes) -> tuple[Ints, Counts]:
    """Number of the distribution of every row, and the distributions, of these means."""
    means, number = np.unique(np.frombuffer(values, dtype=np.float64), return_inverse=True)
    return number.astype(np.int64), count_tables(means)


def _tables_of(plan: CountedPlan, area: int, level: int) -> tuple[Ints, Counts]:
    """The same by plan; kept for the blocks that follow in the same area."""
    values = np.ascontiguousarray(plan.means[area, :, :, level]).tobytes()
    return _tables(plan.name, area, level, values)


def count_tables(means: Floats) -> Counts:
    """The distributions of Poisson counts of these means, as cuts of a word."""
    spread = _WIDTH * np.sqrt(means)
    first = np.maximum(np.floor(means - spread) - _AT_LEAST, 0.0).astype(np.int64)
    size = (np.ceil(means + spread) + _AT_LEAST).astype(np.int64) - first
    parts = [
        _cuts(
            means[i : i + _ROWS_AT_ONCE], first[i : i + _ROWS_AT_ONCE], size[i : i + _ROWS_AT_ONCE]
        )
        for i in range(0, len(means), _ROWS_AT_ONCE)
    ]
    cuts = [row[row < WORD_RANGE].astype(np.uint32) for part in parts for row in part]
    offset = np.concatenate([[0], np.cumsum([len(row) for row in cuts])]).astype(np.int64)
    return Counts(first, offset, np.concatenate(cuts) if cuts else np.empty(0, np.uint32))


def _cuts(means: Floats, first: Ints, size: Ints) -> Thresholds:
    """(n, k) thresholds of P(N <= first + j)."""
    from scipy.special import gammaln  # scipy costs a while: only who needs it pays

    count = first[:, None] + np.arange(size.max())[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = count * np.log(means[:, None]) - means[:, None] - gammaln(count + 1.0)
    mass = np.where(means[:, None] > 0.0, np.exp(logs), count == 0)
    return threshold(np.cumsum(mass, axis=1))
