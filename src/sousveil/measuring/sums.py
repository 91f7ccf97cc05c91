"""The numbers of a plan in one run: counts projected onto cells, added, divided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from sousveil.arrays import Floats, Ints
from sousveil.measuring.base import Context, Projected
from sousveil.measuring.chance import Weights, change_of, ratio_of
from sousveil.measuring.names import Named
from sousveil.measuring.plan import ALONE, PEOPLE, Plan, sum_label
from sousveil.measuring.results import LABELS, Change, Count, Item, Mean, Ratio, Result, Value

_RANK = {label: rank for rank, label in enumerate(LABELS)}
_EXACT, _MEAN_FIELD = _RANK["exact"], _RANK["mean_field"]
ROUNDING = 1e-12
"""A change below it is the order in which sums were added."""
NUMBERS = ("numerator", "denominator", "value", "chance_sd")


@dataclass(frozen=True, eq=False)
class Sums:
    """What a plan gives in one run.

    country: (S,) every sum over the whole country. columns: by name, a value for every row.
    context: the run, where its variances are known.
    """

    plan: Plan
    country: Floats
    columns: Mapping[str, list[Any]]
    context: Context | None

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
        both = np.concatenate([sums, _people(context, plan.cells)])
        divided = plan.bottom != ALONE
        chance = _divided(
            np.sqrt(np.maximum(spread[plan.top], 0.0)), np.where(divided, both[plan.bottom, 0], 1.0)
        )
        if context.joints is not None:
            _of_random_bottoms(plan, context, chance)
        # Of an item's cells only some are rows, and only the country's has a chance.
        item, cell = plan.item, plan.cell
        top, below = sums[plan.top[item], cell], both[plan.bottom[item], cell]
        value = _divided(top, np.where(divided[item], below, 1.0))
        found = np.where(divided[item], below, np.nan)
        drawn = np.where(cell == 0, chance[item], np.nan)
        numbers = zip(NUMBERS, (top, found, value, drawn), strict=True)
        columns: dict[str, list[Any]] = {name: array.tolist() for name, array in numbers}
        label = _labels(plan, worst, divided, len(sums))
        people_of = context.splits.stands_for[np.array(plan.cells)]
        columns["label"] = [label[item] for item in plan.item.tolist()]
        columns["stands_for"] = people_of[plan.cell].tolist()
        columns["what_if"] = [context.what_if] * len(plan.item)
        return cls(plan, sums[:, 0], columns, None if context.joints is None else context)

    def single(self, result: Result) -> Value:
        """A number that is no row of an item."""
        if isinstance(result, Value):
            return result
        if isinstance(result, Mean):
            values = np.array([self._ratio(item) for item in result.of])
            mean = float(np.mean(values)) if len(values) else np.nan
            # Acts are taken as independent.
            spread = sum(self._variance(item) for item in result.of) / max(len(values), 1) ** 2
            return Value(
                _null(mean), result.channel, "", result.category, chance_sd=_deviation(spread)
            )
        about = result.now if isinstance(result, Change) else result
        if isinstance(result, Change):
            now, then = self._ratio(result.now), self._ratio(result.then)
            value = now / then - 1.0 if then > 0.0 else np.nan
            value = 0.0 if abs(value) < ROUNDING else value
            spread = self._variance_of_change(result)
        else:
            value = self._ratio(result)
            spread = self._variance(result)
        category = about.category
        chance = _deviation(spread)
        return Value(_null(value), about.channel, about.act, category, chance_sd=chance)

    def _variance(self, item: Item | Ratio) -> float:
        """Of a ratio in the whole country; nan where it is not known."""
        if self.context is None:
            return np.nan
        return ratio_of(self.context, *_both(item))

    def _variance_of_change(self, change: Change) -> float:
        """Of a change against the base; nan where it is not known."""
        if self.context is None or self.context.base is None:
            return np.nan
        now, then = (self.context, *_both(change.now)), (self.context.base, *_both(change.then))
        return change_of(now, then)

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


def _divided(top: Floats, bottom: Floats) -> Floats:
    """Ratios, nan where the lower number is zero."""
    return np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom != 0.0)


def _null(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _deviation(variance: float) -> float | None:
    return _null(float(np.sqrt(max(variance, 0.0))))


def _both(item: Item | Ratio) -> tuple[Weights, Weights]:
    """The sums of a ratio of counts."""
    plain = isinstance(item, Ratio)
    pair = (item.top, item.bottom) if plain else (item.numerator, item.denominator)
    top, bottom = (_weights(count) for count in pair)
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
    """Write the chance of the items (I,) that are ratios of two counts."""
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


def _counts(plan: Plan, context: Context) -> list[Count]:
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


def _people(context: Context, cells: tuple[int, ...]) -> Floats:
    """(people, C) numbers of people that a measure may divide by."""
    rows = np.stack([getattr(context, name).reshape(-1) for name in PEOPLE])
    return np.asarray(rows @ context.splits.cells.columns(cells))


def _projected(context: Context, counts: Sequence[Count], cells: tuple[int, ...]) -> Floats:
    """(counts, C) sums of counts over cells; what the base has too is taken from it."""
    every = context.splits.cells
    before = context.base.projected if context.base is not None else []
    known = before[-1] if before else None
    usable = known is not None and known.splits is every and set(cells) <= set(known.cells)
    rows = known.rows if known is not None and usable else dict[int, int]()
    found = [rows.get(id(count), -1) for count in counts]
    new = [count.values for count, row in zip(counts, found, strict=True) if row < 0]
    result = np.empty((len(counts), len(cells)))
    mine = np.array(found) < 0
    if new:
        result[mine] = np.stack(new).reshape(len(new), -1) @ every.columns(cells)
    if known is not None and usable:
        result[~mine] = known.of(cells)[[row for row in found if row >= 0]]
    if context.base is None:
        places = {id(count): row for row, count in enumerate(counts)}
        context.projected.append(Projected(every, cells, places, result))
    return result


def _labels(plan: Plan, worst: Ints, divided: Floats, sums: int) -> tuple[str, ...]:
    """Labels of the items: a ratio of two counts is never exact."""
    counted = (plan.bottom != ALONE) & (plan.bottom < sums)
    below = worst[np.where(counted, plan.bottom, 0)]
    both = np.maximum(worst[plan.top], below)
    both = np.where(both == _EXACT, _MEAN_FIELD, both)
    return tuple(LABELS[rank] for rank in np.where(counted, both, worst[plan.top]).tolist())
