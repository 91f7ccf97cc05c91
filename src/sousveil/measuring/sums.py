"""The numbers of a plan in one run: counts projected onto cells, added, divided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress, repeat
from operator import attrgetter, is_not
from typing import Any, cast

import numpy as np

from sousveil.arrays import Floats, Ints
from sousveil.counts import LABELS, Count
from sousveil.measuring.adding import ALONE, FLAGGED, add, chances, fill, make, singles, spreads
from sousveil.measuring.base import Context, of_country
from sousveil.measuring.cells import Cells
from sousveil.measuring.chance import Weights, change_of, ratio_of
from sousveil.measuring.form import Form
from sousveil.measuring.made import variance_of
from sousveil.measuring.names import Made, Named
from sousveil.measuring.others import deviations, rates
from sousveil.measuring.plan import PEOPLE, Plan, numbers_of_values, ratios_of, sums_of, twins
from sousveil.measuring.results import Change, Item, Ratio, Result, Value

_RANK = {label: rank for rank, label in enumerate(LABELS)}
_VALUES, _VARIANCE, _LABEL = map(attrgetter, ("values", "variance", "label"))
_EXACT, _MEAN_FIELD = _RANK["exact"], _RANK["mean_field"]


@dataclass(frozen=True, eq=False)
class Projected:
    """The sums of a run by cell, for what-ifs beside it.

    rows: (N + M, A * G) every count and, behind them, what is made of these; table: (N + M, cells)
    the same by cell; sums: (S, cells) of every sum of its plan.
    """

    plan: Plan
    counts: Sequence[Count]
    splits: Cells
    cells: tuple[int, ...]
    rows: Floats
    table: Floats
    sums: Floats
    _some: dict[tuple[int, ...], tuple[Floats, Floats]] = field(default_factory=dict[Any, Any])

    def has(self, splits: Cells, cells: tuple[int, ...]) -> bool:
        """Whether these cells are among those of its table."""
        return self.splits is splits and (cells in self._some or set(cells) <= set(self.cells))

    def columns(self, cells: tuple[int, ...]) -> tuple[Floats, Floats]:
        """(N + M, some cells) of the table, and (S, some cells) of the sums."""
        if cells not in self._some:
            places = [self.cells.index(cell) for cell in cells]
            both = self.table, self.sums
            table, sums = (np.ascontiguousarray(rows[:, places]) for rows in both)
            self._some[cells] = table, sums
        return self._some[cells]


def counts_of(plan: Plan, context: Context) -> list[Count]:
    """The counts of a plan in one run."""
    # A key is a tuple, and any pair of words finds what it names.
    own, missing = cast("Mapping[tuple[str, str], Count]", context.counts), context.unavailable
    found = list(map(own.get, plan.names, repeat(missing)))
    if context.base is not None:
        base = cast("Mapping[tuple[str, str], Count]", context.base.counts)
        for place in plan.of_base:
            found[place] = base.get(plan.names[place], missing)
    for place in plan.empty:
        found[place] = context.nothing
    return found


def labels_of(plan: Plan, counts: Sequence[Count]) -> tuple[str, ...]:
    """Labels of the items of a plan: a ratio of two counts is never exact."""
    return _labels(plan, tuple(map(_LABEL, counts)))


@lru_cache(maxsize=128)
def _labels(plan: Plan, labels: tuple[str, ...]) -> tuple[str, ...]:
    """The same from the labels of the counts, which are those of other members."""
    if not len(plan.top):
        return ()
    rank = [_RANK[label] for label in labels]
    for rule, first in zip(plan.rule.tolist(), plan.made_start.tolist(), strict=True):
        sampled = rule == FLAGGED and labels[plan.made_of[first]] == "sampled"
        rank.append(_RANK["sampled"] if sampled else _MEAN_FIELD)
    rank = np.array(rank)
    ranks = np.maximum.reduceat(rank[plan.part], plan.start)
    found = ranks[plan.top]
    counted = (plan.bottom != ALONE) & (plan.bottom < len(plan.start))
    both = np.maximum(found[counted], ranks[plan.bottom[counted]])
    found[counted] = np.where(both == _EXACT, _MEAN_FIELD, both)
    return tuple(LABELS[rank] for rank in found.tolist())


def numbers_of(
    plan: Plan, context: Context, counts: Sequence[Count], told: Sequence[Result], form: Form
) -> Floats:
    """(5, rows) numbers of a form: `NUMBERS`, and the people behind each row.

    told: items and values that are told with their numbers.
    """
    items = [result for result in told if isinstance(result, Item)]
    values = numbers_of_values([result for result in told if isinstance(result, Value)])
    own, above, under = _operands(plan, context, items)
    sums = _summed(plan, context, counts, own, form.cells)
    top, bottom = np.concatenate([plan.top, above]), np.concatenate([plan.bottom, under])
    made = [variance_of(context, each) for each in plan.made]
    variance = np.array([*map(_VARIANCE, counts), *made])
    spread = spreads(plan.start, plan.part, plan.weight, plan.factor, variance)
    variances = np.append(spread[plan.top], [item.numerator.variance for item in items])
    chance, alone = chances(top, bottom, sums, variances), plan.constant.copy()
    alone[0] = singles(plan.kind, plan.constant[0], plan.first, plan.above, plan.below, sums)
    if context.joints is not None:
        _of_random_bottoms(plan, context, chance)
        alone[1] = [_deviation(context, single) for single in plan.singles]
    single, people = np.concatenate([alone, values], axis=1), context.splits.stands_for
    kinds = form.item, form.cell, form.against, form.people
    result = fill(*kinds, top, bottom, sums, chance, single, people)
    if context.joints is not None and len(plan.others):
        result[3, form.against] = _against_others(plan, context, sums, form).reshape(-1)
    return result


def _operands(
    plan: Plan, context: Context, told: Sequence[Item]
) -> tuple[list[Floats], Ints, Ints]:
    """(A, G) numbers of items told, each once, and where those above and below each will stand.

    They come behind the sums of the plan and the numbers of people.
    """
    size = len(plan.start)
    places = {id(numbers): size + place for place, numbers in enumerate(_peopled(context))}
    values: list[Floats] = []

    def place(numbers: Floats) -> int:
        found = places.get(id(numbers))
        if found is None:
            found = places[id(numbers)] = size + len(PEOPLE) + len(values)
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


def _against_others(plan: Plan, context: Context, sums: Floats, form: Form) -> Floats:
    """(N, K) deviations of the rates of groups, each held against everybody else."""
    groups = context.splits.cells.groups
    cells = [0, *map(form.cells.index, groups)]
    totals = sums[plan.top[plan.others]][:, cells]
    found = rates(totals, context.splits.stands_for[[0, *groups]])
    labels = list(plan.sums)
    parts = [list(_weights(_named(labels[top]))) for top in plan.top[plan.others].tolist()]
    return deviations(context, parts, totals, found)


def _summed(
    plan: Plan,
    context: Context,
    counts: Sequence[Count],
    told: Sequence[Floats],
    cells: tuple[int, ...],
) -> Floats:
    """(S + people + T, C) sums of the plan, numbers of people, and other numbers (A, G).

    What the base has too is taken from it.
    """
    every, size, first = context.splits.cells, len(plan.start), len(told)
    before = context.base.projected if context.base is not None else []
    known = before[-1] if before and before[-1].has(every, cells) else None
    # What is made has a row of its own, where the base has none of the very same counts.
    row, fresh = np.arange(len(counts) + len(plan.made)), counts
    alike = np.full(size, -1)
    old_rows, old_table = np.empty((0, len(every.member))), np.empty((0, len(cells)))
    old_sums = old_table
    if known is not None:
        names, alike = twins(plan, known.plan)
        theirs = map([*known.counts, None].__getitem__, names[: len(counts)].tolist())
        new = np.fromiter(map(is_not, counts, theirs), np.bool_, len(counts))
        row = -1 - names
        row[: len(new)][new] = np.arange(np.count_nonzero(new))
        old_rows, (old_table, old_sums) = known.rows, known.columns(cells)
        fresh = list(compress(counts, new))
    values = [*told, *map(_VALUES, fresh)]
    rows = np.empty((len(values) + len(plan.made), len(every.member)))
    if values:
        np.concatenate(values, out=rows[: len(values)].reshape(-1, values[0].shape[1]))
    how, people = (plan.rule, plan.made_start, plan.made_of), context.residents.reshape(-1)
    peopled = context.peopled is not context
    last = make(*how, people, peopled, row, rows[first:], old_rows, len(fresh))
    table = rows[: first + last] @ every.columns(cells)
    sums = np.empty((size + len(PEOPLE) + first, len(cells)))
    add(
        *(plan.start, plan.part, plan.weight, plan.factor),
        *(row, table[first:], alike, old_table, old_sums, sums),
    )
    sums[size : size + len(PEOPLE)] = _people(context, cells)
    sums[size + len(PEOPLE) :] = table[:first]
    if context.base is None:
        kept = Projected(plan, counts, every, cells, rows[first:], table[first:], sums)
        context.projected.append(kept)
    return sums


def _deviation(context: Context, result: Result) -> float | None:
    """Standard deviation of a number that is no row of an item; None where it is not known."""
    if isinstance(result, Value):
        return result.chance_sd
    ratios = ratios_of(result)
    if isinstance(result, Change):
        now, then = (_both(ratio) for ratio in ratios)
        base = context.base
        spread = np.nan if base is None else change_of((context, *now), (base, *then))
    else:
        # Acts are taken as independent.
        spread = sum(_spread_of(context, ratio) for ratio in ratios) / max(len(ratios), 1) ** 2
    return float(np.sqrt(max(spread, 0.0))) if np.isfinite(spread) else None


def _spread_of(context: Context, ratio: Item | Ratio) -> float:
    """Variance of a ratio of counts; that of what is made says how it varies with the acts done."""
    top, bottom = sums_of(ratio)
    made = made_in(top)
    if made is None:
        return ratio_of(context, *_both(ratio))
    whole = sum(of_country(context, context.count(*name)) for name in _weights(bottom))
    return variance_of(context, made) / whole**2 if whole > 0.0 else np.nan


def _both(ratio: Item | Ratio) -> tuple[Weights, Weights]:
    """The sums of a ratio of counts."""
    top, bottom = (_weights(count) for count in sums_of(ratio))
    return top, bottom


def _weights(count: object) -> Weights:
    """A sum by the names of its counts."""
    if not isinstance(count, Named):
        raise TypeError("a measure of names alone looked at a number")
    found: dict[tuple[str, str], float] = {}
    for each, weight in zip(count.names, count.each(), strict=True):
        if isinstance(each, Made):
            raise TypeError(f"what is made ({each.rule}) varies by a law of its own")
        name = each[:2]
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
        if made_in(_named(labels[top])) is not None:
            continue
        if (top, bottom) not in known:
            sums = [_weights(_named(labels[place])) for place in (top, bottom)]
            known[top, bottom] = float(np.sqrt(max(ratio_of(context, *sums), 0.0)))
        chance[item] = known[top, bottom]


def made_in(count: object) -> Made | None:
    """What a sum of one count is made of, None where that is no made one."""
    names = count.names if isinstance(count, Named) else ()
    return names[0] if len(names) == 1 and isinstance(names[0], Made) else None


def _named(label: object) -> Named:
    """The sum that a label tells."""
    names, weights, factor = cast("tuple[Any, Any, float]", label)
    return Named(names=names, weights=weights, factor=factor)


def _people(context: Context, cells: tuple[int, ...]) -> Floats:
    """(people, C) numbers of people that a measure may divide by."""
    source, people = context.peopled, _peopled(context)

    def work() -> Floats:
        rows = np.stack([numbers.reshape(-1) for numbers in people])
        return np.asarray(rows @ source.splits.cells.columns(cells))

    return source.kept(("people", cells), people, work)


def _peopled(context: Context) -> list[Floats]:
    """(A, G) each of these numbers of people."""
    source = context.peopled
    return [getattr(source, name) for name in PEOPLE]
