"""The numbers of a plan in one run: counts projected onto cells, added, divided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

import numpy as np

from sousveil.arrays import Floats, Ints
from sousveil.counts import LABELS, Count
from sousveil.measuring.adding import add
from sousveil.measuring.base import Context
from sousveil.measuring.cells import Cells
from sousveil.measuring.chance import Weights, change_of, ratio_of
from sousveil.measuring.form import NUMBERS, Form
from sousveil.measuring.names import Named
from sousveil.measuring.others import deviations, rates
from sousveil.measuring.plan import ALONE, PEOPLE, Plan, ratios_of, sums_of, twins
from sousveil.measuring.results import Change, Item, Mean, Ratio, Result, Value

_RANK = {label: rank for rank, label in enumerate(LABELS)}
_EXACT, _MEAN_FIELD = _RANK["exact"], _RANK["mean_field"]
ROUNDING = 1e-12
"""A change below it is the order in which sums were added."""


@dataclass(frozen=True, eq=False)
class Projected:
    """The sums of a run by cell, for what-ifs beside it.

    table: (counts, cells) of every count; sums: (S, cells) of every sum of its plan.
    """

    plan: Plan
    counts: Sequence[Count]
    splits: Cells
    cells: tuple[int, ...]
    table: Floats
    sums: Floats
    _some: dict[tuple[int, ...], tuple[Floats, Floats]] = field(default_factory=dict[Any, Any])

    def has(self, splits: Cells, cells: tuple[int, ...]) -> bool:
        """Whether these cells are among those of its table."""
        return self.splits is splits and (cells in self._some or set(cells) <= set(self.cells))

    def columns(self, cells: tuple[int, ...]) -> tuple[Floats, Floats]:
        """(counts, some cells) of the table, and (S, some cells) of the sums."""
        if cells not in self._some:
            places = [self.cells.index(cell) for cell in cells]
            self._some[cells] = self.table[:, places], self.sums[:, places]
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


def labels_of(plan: Plan, counts: Sequence[Count]) -> tuple[str, ...]:
    """Labels of the items of a plan: a ratio of two counts is never exact."""
    return _labels(plan, tuple([count.label for count in counts]))


@lru_cache(maxsize=128)
def _labels(plan: Plan, labels: tuple[str, ...]) -> tuple[str, ...]:
    """The same from the labels of the counts, which are those of other members."""
    if not len(plan.top):
        return ()
    rank = np.array([_RANK[label] for label in labels])
    ranks = np.maximum.reduceat(rank[plan.part], plan.start)
    found = ranks[plan.top]
    counted = (plan.bottom != ALONE) & (plan.bottom < len(plan.start))
    both = np.maximum(found[counted], ranks[plan.bottom[counted]])
    found[counted] = np.where(both == _EXACT, _MEAN_FIELD, both)
    return tuple(LABELS[rank] for rank in found.tolist())


def numbers_of(
    plan: Plan, context: Context, counts: Sequence[Count], told: Sequence[Item], form: Form
) -> Floats:
    """(4, rows + singles) numbers: of the rows of items, those of the plan first, then its singles.

    told: items that are told with their numbers.
    """
    values, above, under = _operands(plan, told)
    sums, spread, own = _summed(plan, context, counts, values, form.cells)
    both = np.concatenate([sums, _people(context, form.cells), own])
    tops, bottoms = np.concatenate([plan.top, above]), np.concatenate([plan.bottom, under])
    divided = bottoms != ALONE
    variances = np.append(spread[plan.top], [item.numerator.variance for item in told])
    deviation = np.sqrt(np.maximum(variances, 0.0))
    chance = _divided(deviation, np.where(divided, both[bottoms, 0], 1.0))
    if context.joints is not None:
        _of_random_bottoms(plan, context, chance)
    # Of an item's cells only some are rows, and only the country's has a chance.
    item, cell = form.item, form.cell
    size = len(item)
    top, below = both[tops[item], cell], both[bottoms[item], cell]
    result = np.full((len(NUMBERS), size + len(plan.singles)), np.nan)
    result[0, :size] = top
    result[1, :size] = np.where(divided[item], below, np.nan)
    result[2, :size] = _divided(top, np.where(divided[item], below, 1.0))
    result[3, :size] = np.where(cell == 0, chance[item], np.nan)
    if len(plan.others):
        _against_others(plan, context, sums, form, result[:, :size])
    result[2, size:] = _singles(plan, sums[:, 0])
    result[3, size:] = _deviations(plan, context)
    return result


def _operands(plan: Plan, told: Sequence[Item]) -> tuple[list[Floats], Ints, Ints]:
    """(A, G) numbers of items told, each once, and where those above and below each will stand.

    They come behind the sums of the plan and the numbers of people.
    """
    places: dict[int, int] = {}
    values: list[Floats] = []

    def place(numbers: Floats) -> int:
        found = places.get(id(numbers))
        if found is None:
            found = places[id(numbers)] = len(plan.start) + len(PEOPLE) + len(values)
            values.append(numbers)
        return found

    tops, bottoms = list[int](), list[int]()
    for item in told:
        below = item.denominator
        tops.append(place(item.numerator.values))
        if below is None:
            bottoms.append(ALONE)
        else:
            bottoms.append(place(below.values if isinstance(below, Count) else below))
    return values, np.array(tops, dtype=np.int64), np.array(bottoms, dtype=np.int64)


def _against_others(plan: Plan, context: Context, sums: Floats, form: Form, result: Floats) -> None:
    """Write the rows (4, R) of items of which each group is held against everybody else."""
    groups = context.splits.cells.groups
    cells = [0, *map(form.cells.index, groups)]
    totals = sums[plan.top[plan.others]][:, cells]
    found = rates(totals, context.splits.stands_for[[0, *groups]])
    result[:, form.others] = np.nan
    result[2, form.others] = found.reshape(-1)
    if context.joints is not None:
        labels = list(plan.sums)
        parts = [list(_weights(_named(labels[top]))) for top in plan.top[plan.others].tolist()]
        result[3, form.others] = deviations(context, parts, totals, found).reshape(-1)


def _summed(
    plan: Plan,
    context: Context,
    counts: Sequence[Count],
    told: Sequence[Floats],
    cells: tuple[int, ...],
) -> tuple[Floats, Floats, Floats]:
    """(S, C) sums, (S,) their variances, and (T, C) other numbers (A, G).

    What the base has too is taken from it.
    """
    every = context.splits.cells
    before = context.base.projected if context.base is not None else []
    known = before[-1] if before and before[-1].has(every, cells) else None
    new, stale = np.ones(len(counts), dtype=bool), np.ones(len(plan.start), dtype=bool)
    table, sums = np.empty((len(counts), len(cells))), np.empty((len(stale), len(cells)))
    if known is not None:
        names, alike = twins(plan, known.plan)
        theirs = [*known.counts, None]
        new = np.array([mine is not theirs[i] for mine, i in zip(counts, names, strict=True)])
        stale = (alike < 0) | np.logical_or.reduceat(new[plan.part], plan.start)
        old_table, old_sums = known.columns(cells)
        table[~new] = old_table[names[~new]]
        sums[~stale] = old_sums[alike[~stale]]
    values = [*(counts[place].values for place in np.flatnonzero(new).tolist()), *told]
    member = every.columns(cells)
    flat = np.concatenate(values) if values else np.empty(0)
    by_cell = flat.reshape(len(values), len(member)) @ member
    table[new] = by_cell[: len(values) - len(told)]
    add(plan.start, plan.part, plan.weight, plan.factor, table, stale, sums)
    variance = np.array([count.variance for count in counts])[plan.part] * plan.weight**2
    spread = np.add.reduceat(variance, plan.start) * plan.factor**2
    if context.base is None:
        context.projected.append(Projected(plan, counts, every, cells, table, sums))
    return sums, spread, by_cell[len(values) - len(told) :]


def _singles(plan: Plan, country: Floats) -> Floats:
    """(singles,) results that are one number, from (S,) sums over the whole country."""
    ratios, first = np.full(len(plan.below), np.nan), plan.first
    whole = country[plan.below]
    np.divide(country[plan.above], whole, out=ratios, where=whole > 0.0)
    found = np.full(len(plan.singles), np.nan)
    found[plan.kinds[Ratio]] = ratios[first[plan.kinds[Ratio]]]
    found[plan.kinds[Change]] = _changes(*ratios[first[plan.kinds[Change]] + [[0], [1]]])
    for place in plan.kinds[Mean].tolist():
        some = ratios[first[place] : first[place + 1]]
        found[place] = some.mean() if len(some) else np.nan
    for place in plan.kinds[Value].tolist():
        found[place] = _number(plan.singles[place], "value")
    return np.where(np.isfinite(found), found, np.nan)


def _changes(now: Floats, then: Floats) -> Floats:
    """By what shares ratios are above those of the base."""
    found = np.divide(now, then, out=np.full(len(now), np.nan), where=then > 0.0) - 1.0
    return np.where(np.abs(found) < ROUNDING, 0.0, found)


def _number(value: Result, name: str) -> float:
    """A number of a value, nan where it is None."""
    return np.nan if (found := getattr(value, name)) is None else found


def _deviations(plan: Plan, context: Context) -> Floats:
    """(singles,) standard deviations; nan where they are not known."""
    if context.joints is None:
        found = np.full(len(plan.singles), np.nan)
        for place in plan.kinds[Value].tolist():
            found[place] = _number(plan.singles[place], "chance_sd")
        return found
    return np.array([_deviation(context, single) for single in plan.singles], dtype=np.float64)


def _deviation(context: Context, result: Result) -> float | None:
    """Standard deviation of a number that is no row of an item; None where it is not known."""
    if isinstance(result, Value):
        return result.chance_sd
    pairs = [_both(ratio) for ratio in ratios_of(result)]
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
    # Nor is a rate against that of everybody else a ratio of the two.
    chance[plan.others] = np.nan
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
    source = context.peopled
    people = [getattr(source, name) for name in PEOPLE]

    def work() -> Floats:
        rows = np.stack([numbers.reshape(-1) for numbers in people])
        return np.asarray(rows @ source.splits.cells.columns(cells))

    return source.kept(("people", cells), people, work)
