"""The numbers of a plan in one run: counts projected onto cells, added, divided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import Floats, Ints
from sousveil.measures.base import Context, Projected
from sousveil.measures.names import Named
from sousveil.measures.plan import ALONE, NO_NAME, PEOPLE, Plan, sum_label
from sousveil.measures.results import LABELS, Change, Count, Item, Mean, Ratio, Result, Value
from sousveil.tallies import Key

_RANK = {label: rank for rank, label in enumerate(LABELS)}
_EXACT, _MEAN_FIELD = _RANK["exact"], _RANK["mean_field"]
NUMBERS = ("numerator", "denominator", "value", "chance_sd")


@dataclass(frozen=True, eq=False)
class Sums:
    """What a plan gives in one run.

    country: (S,) every sum over the whole country. numbers: (I, C) by column, for every item.
    label: (I,) of every item.
    """

    plan: Plan
    country: Floats
    numbers: Mapping[str, Floats]
    label: tuple[str, ...]

    @classmethod
    def of(cls, plan: Plan, context: Context) -> Sums:
        """Add the counts of a run up, and divide."""
        counts = _counts(plan, context)
        by_cell = _projected(context, counts, plan.cells)
        variance = np.array([count.variance for count in counts])
        rank = np.array([_RANK[count.label] for count in counts])
        summands, spread = by_cell[plan.part], variance[plan.part]
        if plan.weight is not None:
            summands, spread = summands * plan.weight, spread * plan.weight[:, 0] ** 2
        sums = np.add.reduceat(summands, plan.start, axis=0) * plan.factor
        spread = np.add.reduceat(spread, plan.start) * plan.factor[:, 0] ** 2
        worst = np.maximum.reduceat(rank[plan.part], plan.start)
        people = _people(context, plan.cells)
        divided = plan.bottom != ALONE
        below = np.concatenate([sums, people])[plan.bottom]
        divisor = np.where(divided[:, None], below, 1.0)
        known = divisor != 0.0
        top = sums[plan.top]
        value = np.divide(top, divisor, out=np.full(top.shape, np.nan), where=known)
        chance = np.full(top.shape, np.nan)
        deviation = np.sqrt(np.maximum(spread[plan.top], 0.0))
        np.divide(deviation, divisor[:, 0], out=chance[:, 0], where=known[:, 0])
        found = np.where(divided[:, None], below, np.nan)
        return cls(
            plan=plan,
            country=sums[:, 0],
            numbers=dict(zip(NUMBERS, (top, found, value, chance), strict=True)),
            label=_labels(plan, worst, divided, len(sums)),
        )

    def single(self, result: Result) -> Value:
        """A number that is no row of an item."""
        if isinstance(result, Value):
            return result
        if isinstance(result, Mean):
            values = np.array([self._ratio(item) for item in result.of])
            mean = float(np.mean(values)) if len(values) else np.nan
            return Value(_null(mean), result.channel, "", result.category)
        about = result.now if isinstance(result, Change) else result
        if isinstance(result, Change):
            now, then = self._ratio(result.now), self._ratio(result.then)
            value = now / then - 1.0 if then > 0.0 else np.nan
        else:
            value = self._ratio(result)
        category = about.category
        return Value(_null(value), about.channel, about.act, category)

    def _ratio(self, item: Item | Ratio) -> float:
        """A ratio in the whole country."""
        plain = isinstance(item, Ratio)
        top, bottom = (item.top, item.bottom) if plain else (item.numerator, item.denominator)
        whole = self._total(bottom)
        return self._total(top) / whole if whole > 0.0 else np.nan

    def _total(self, count: object) -> float:
        if not isinstance(count, Named):
            raise TypeError("a measure of names alone looked at a number")
        return float(self.country[self.plan.sums[sum_label(count)]])


def _null(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _counts(plan: Plan, context: Context) -> list[Count]:
    """The counts of a plan in one run."""
    own = context.counts
    base = own if context.base is None else context.base.counts
    missing, nothing = context.unavailable, context.nothing
    return [
        nothing if name == NO_NAME else (base if name[2] else own).get(Key(*name[:2]), missing)
        for name in plan.names
    ]


def _people(context: Context, cells: tuple[int, ...]) -> Floats:
    """(people, C) numbers of people that a measure may divide by."""
    rows = np.stack([getattr(context, name).reshape(-1) for name in PEOPLE])
    return np.asarray(rows @ context.splits.cells.columns(cells))


def _projected(context: Context, counts: Sequence[Count], cells: tuple[int, ...]) -> Floats:
    """(counts, C) sums of counts over cells; what the base has too is taken from it."""
    every = context.splits.cells
    before = context.base.projected if context.base is not None else []
    known = before[-1] if before else None
    if known is None or known.splits is not every or not set(cells) <= set(known.cells):
        known = Projected(every, cells, {}, np.zeros((0, len(cells))))
    labels = list(map(id, counts))
    new = {
        label: count for label, count in zip(labels, counts, strict=True) if label not in known.rows
    }
    table = known.table[:, [known.cells.index(cell) for cell in cells]]
    if new:
        added = np.stack([count.values for count in new.values()]).reshape(
            len(new), -1
        ) @ every.columns(cells)
        table = np.concatenate([table, added])
    first = len(known.rows)
    rows = {**known.rows, **{label: first + row for row, label in enumerate(new)}}
    if context.base is None:
        context.projected.append(Projected(every, cells, rows, table))
    return table[[rows[label] for label in labels]]


def _labels(plan: Plan, worst: Ints, divided: Floats, sums: int) -> tuple[str, ...]:
    """Labels of the items: a ratio of two counts is never exact."""
    counted = (plan.bottom != ALONE) & (plan.bottom < sums)
    below = worst[np.where(counted, plan.bottom, 0)]
    both = np.maximum(worst[plan.top], below)
    both = np.where(both == _EXACT, _MEAN_FIELD, both)
    return tuple(LABELS[rank] for rank in np.where(counted, both, worst[plan.top]).tolist())
