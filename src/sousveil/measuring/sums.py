"""The numbers of a plan in one run: counts projected onto cells, added, divided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from sousveil.arrays import Floats
from sousveil.measuring.base import Context
from sousveil.measuring.cells import Cells
from sousveil.measuring.chance import Weights, change_of, ratio_of
from sousveil.measuring.form import NUMBERS, Form
from sousveil.measuring.names import Named
from sousveil.measuring.plan import ALONE, PEOPLE, Plan, ratios_of, sums_of
from sousveil.measuring.results import (
    LABELS,
    Change,
    Count,
    Item,
    Mean,
    Ratio,
    Result,
    Value,
)

_RANK = {label: rank for rank, label in enumerate(LABELS)}
_EXACT, _MEAN_FIELD = _RANK["exact"], _RANK["mean_field"]
ROUNDING = 1e-12
"""A change below it is the order in which sums were added."""


@dataclass(frozen=True, eq=False)
class Projected:
    """Counts of a run by cell. rows: row of the table (rows, cells) of a count, by its identity."""

    splits: Cells
    cells: tuple[int, ...]
    rows: Mapping[int, int]
    table: Floats
    _some: dict[tuple[int, ...], Floats] = field(default_factory=dict[tuple[int, ...], Floats])

    def has(self, splits: Cells, cells: tuple[int, ...]) -> bool:
        """Whether these cells are among those of its table."""
        return self.splits is splits and (cells in self._some or set(cells) <= set(self.cells))

    def columns(self, cells: tuple[int, ...]) -> Floats:
        """(rows, some cells) of the table."""
        if cells not in self._some:
            self._some[cells] = self.table[:, [self.cells.index(cell) for cell in cells]]
        return self._some[cells]


def counts_of(plan: Plan, context: Context) -> list[Count]:
    """The counts of a plan in one run."""
    # A key is a tuple, and any pair of words finds what it names.
    own, missing = cast("Mapping[tuple[str, str], Count]", context.counts), context.unavailable
    found = [own.get(name, missing) for name in plan.names]
    if context.base is not None:
        base = cast("Mapping[tuple[str, str], Count]", context.base.counts)
        for place in plan.of_base:
            found[place] = base.get(plan.names[place], missing)
    for place in plan.empty:
        found[place] = context.nothing
    return found


def labels_of(plan: Plan, counts: Sequence[Count]) -> list[str]:
    """Labels of the items of a plan: a ratio of two counts is never exact."""
    if not len(plan.top):
        return []
    rank = np.array([_RANK[count.label] for count in counts])
    ranks = np.maximum.reduceat(rank[plan.part], plan.start)
    found = ranks[plan.top]
    counted = (plan.bottom != ALONE) & (plan.bottom < len(plan.start))
    both = np.maximum(found[counted], ranks[plan.bottom[counted]])
    found[counted] = np.where(both == _EXACT, _MEAN_FIELD, both)
    return [LABELS[rank] for rank in found.tolist()]


def numbers_of(plan: Plan, context: Context, counts: Sequence[Count], form: Form) -> Floats:
    """(4, rows + singles) numbers of a plan: of the rows of its items, then of its singles."""
    by_cell = _projected(context, counts, form.cells)
    variance = np.array([count.variance for count in counts])
    sums, spread = _added(plan, by_cell, variance)
    both = np.concatenate([sums, _people(context, form.cells)])
    divided = plan.bottom != ALONE
    deviation = np.sqrt(np.maximum(spread[plan.top], 0.0))
    chance = _divided(deviation, np.where(divided, both[plan.bottom, 0], 1.0))
    if context.joints is not None:
        _of_random_bottoms(plan, context, chance)
    # Of an item's cells only some are rows, and only the country's has a chance.
    item, cell = form.item, form.cell
    size = len(item)
    top, below = both[plan.top[item], cell], both[plan.bottom[item], cell]
    result = np.full((len(NUMBERS), size + len(plan.singles)), np.nan)
    result[0, :size] = top
    result[1, :size] = np.where(divided[item], below, np.nan)
    result[2, :size] = _divided(top, np.where(divided[item], below, 1.0))
    result[3, :size] = np.where(cell == 0, chance[item], np.nan)
    result[2, size:] = _singles(plan, sums[:, 0])
    result[3, size:] = [_deviation(context, single) for single in plan.singles]
    return result


def _added(plan: Plan, by_cell: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """(S, C) sums and (S,) their variances."""
    if not len(plan.start):
        return np.empty((0, by_cell.shape[1])), np.empty(0)
    summands, spread = by_cell[plan.part], variance[plan.part]
    if plan.weight is not None:
        summands, spread = summands * plan.weight, spread * plan.weight[:, 0] ** 2
    sums = np.add.reduceat(summands, plan.start, axis=0) * plan.factor
    return sums, np.add.reduceat(spread, plan.start) * plan.factor[:, 0] ** 2


def _singles(plan: Plan, country: Floats) -> Floats:
    """Results that are one number, from (S,) sums over the whole country."""
    whole = country[plan.below]
    ratios = np.full(len(whole), np.nan)
    np.divide(country[plan.above], whole, out=ratios, where=whole > 0.0)
    each = ratios.tolist()
    found = [
        _single(single, each[first:last])
        for single, first, last in zip(plan.singles, plan.first, plan.first[1:], strict=False)
    ]
    values = np.array(found, dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _single(result: Result, ratios: list[float]) -> float | None:
    """A number that is no row of an item, from the ratios that it is made of."""
    if isinstance(result, Value):
        return result.value
    if isinstance(result, Mean):
        return float(np.mean(ratios)) if ratios else None
    if isinstance(result, Change):
        now, then = ratios
        value = now / then - 1.0 if then > 0.0 else np.nan
        return 0.0 if abs(value) < ROUNDING else value
    return ratios[0]


def _deviation(context: Context, result: Result) -> float | None:
    """Standard deviation of a number that is no row of an item; None where it is not known."""
    if isinstance(result, Value):
        return result.chance_sd
    ratios = ratios_of(result)
    if ratios and context.joints is None:
        return None
    pairs = [_both(ratio) for ratio in ratios]
    if isinstance(result, Change):
        base = context.base
        spread = np.nan if base is None else change_of((context, *pairs[0]), (base, *pairs[1]))
    else:
        # Acts are taken as independent.
        spread = sum(ratio_of(context, *pair) for pair in pairs) / max(len(pairs), 1) ** 2
    return float(np.sqrt(max(spread, 0.0))) if np.isfinite(spread) else None


def _divided(top: Floats, bottom: Floats) -> Floats:
    """Ratios, nan where the lower number is zero."""
    return np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom != 0.0)


def _both(ratio: Item | Ratio) -> tuple[Weights, Weights]:
    """The sums of a ratio of counts."""
    top, bottom = (_weights(count) for count in sums_of(ratio))
    return top, bottom


def _weights(count: object) -> Weights:
    """A sum by the names of its counts."""
    if not isinstance(count, Named):
        raise TypeError("a measure of names alone looked at a number")
    found: dict[tuple[str, str], float] = {}
    for (process, outcome, _), weight in zip(count.names, count.each(), strict=True):
        name = process, outcome
        found[name] = found.get(name, 0.0) + weight * count.factor
    return found


def _of_random_bottoms(plan: Plan, context: Context, chance: Floats) -> None:
    """Write the chance of the items (I,) of a plan that are ratios of two counts."""
    known: dict[tuple[int, int], float] = {}
    labels = list(plan.sums)
    for item, (top, bottom) in enumerate(zip(plan.top.tolist(), plan.bottom.tolist(), strict=True)):
        if bottom == ALONE or bottom >= len(labels) or not np.isfinite(chance[item]):
            continue
        if (top, bottom) not in known:
            sums = [_weights(_named(labels[place])) for place in (top, bottom)]
            known[top, bottom] = float(np.sqrt(max(ratio_of(context, *sums), 0.0)))
        chance[item] = known[top, bottom]


def _named(label: object) -> Named:
    """The sum that a label tells."""
    names, weights, factor = cast("tuple[Any, Any, float]", label)
    return Named(names=names, weights=weights, factor=factor)


def _people(context: Context, cells: tuple[int, ...]) -> Floats:
    """(people, C) numbers of people that a measure may divide by."""
    rows = np.stack([getattr(context, name).reshape(-1) for name in PEOPLE])
    return np.asarray(rows @ context.splits.cells.columns(cells))


def _projected(context: Context, counts: Sequence[Count], cells: tuple[int, ...]) -> Floats:
    """(counts, C) sums of counts over cells; what the base has too is taken from it."""
    every = context.splits.cells
    before = context.base.projected if context.base is not None else []
    known = before[-1] if before and before[-1].has(every, cells) else None
    rows = dict[int, int]() if known is None else known.rows
    found = np.array([rows.get(id(count), -1) for count in counts])
    mine = found < 0
    new = [counts[place].values for place in np.flatnonzero(mine).tolist()]
    result = np.empty((len(counts), len(cells)))
    if new:
        result[mine] = np.concatenate(new).reshape(len(new), -1) @ every.columns(cells)
    if known is not None:
        result[~mine] = known.columns(cells)[found[~mine]]
    if context.base is None:
        places = {id(count): place for place, count in enumerate(counts)}
        context.projected.append(Projected(every, cells, places, result))
    return result
