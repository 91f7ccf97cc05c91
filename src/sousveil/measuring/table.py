"""From the results of measures to the rows of one table, before the gate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sousveil.arrays import Floats
from sousveil.measuring.base import Context, Count, Item, Measure, Value, worst
from sousveil.measuring.form import NUMBERS, Form, form_of, words_of
from sousveil.measuring.plan import plan_of
from sousveil.measuring.results import Result, Words, in_order
from sousveil.measuring.sums import counts_of, labels_of, numbers_of


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of one run. numbers: (5, rows), NaN where there is none."""

    form: Form
    numbers: Floats


def tabulate(measures: Iterable[Measure], context: Context) -> pl.DataFrame:
    """Every row of every measure for one what-if, before the gate; no number is null."""
    return table_of([rows_of(measures, context)])


def table_of(every: Sequence[Rows]) -> pl.DataFrame:
    """The table of several runs, one below the other; no number is null."""
    words = words_of(tuple(rows.form for rows in every))
    numbers = np.concatenate([rows.numbers for rows in every], axis=1)
    columns = zip((*NUMBERS, "stands_for"), numbers, strict=True)
    return words.hstack([pl.Series(*column, nan_to_null=True) for column in columns])


def rows_of(measures: Iterable[Measure], context: Context) -> Rows:
    """The rows of every measure for one what-if."""
    plan, splits = plan_of(tuple(measures), context), context.splits
    counts = counts_of(plan, context)
    told = [_told(measure, context) for measure in plan.measures if not measure.names_alone]
    results = [result for some in told for _, result in some]
    items = [result for result in results if isinstance(result, Item)]
    values = [result for result in results if isinstance(result, Value)]
    labels = (*labels_of(plan, counts), *map(_label, items))
    words = tuple(tuple(words for words, _ in some) for some in told)
    form = form_of(plan, splits.cells, context.what_if, labels, words)
    blocks = [numbers_of(plan, context, counts, form)]
    for cells, places in form.told.items():
        blocks.append(_ratios([items[place] for place in places], splits.cells.columns(cells)))
    blocks.append(_values(values))
    return Rows(form, form.numbers(np.concatenate(blocks, axis=1), splits.stands_for))


def _told(measure: Measure, context: Context) -> list[tuple[Words, Result]]:
    """The results of a measure that looks at numbers."""
    results = measure.compute(context)
    if not all(
        isinstance(r, Value) or (isinstance(r, Item) and r.split != "others") for r in results
    ):
        raise TypeError(f"{measure.identifier} gives what only names alone may give")
    return in_order(results, context.base is not None)


def _values(values: Sequence[Value]) -> Floats:
    """(4, values) numbers that are no ratio of totals."""
    numbers = np.full((len(NUMBERS), len(values)), np.nan)
    numbers[2] = [value.value for value in values]
    numbers[3] = [value.chance_sd for value in values]
    return numbers


def _ratios(items: Sequence[Item], member: Floats) -> Floats:
    """(4, items * cells) numbers of items: sums, their ratio, the chance of the country's."""
    tops = _sums([item.numerator.values for item in items], member)
    bottoms, divisors = np.full(tops.shape, np.nan), np.ones(tops.shape)
    ratios = [number for number, item in enumerate(items) if item.denominator is not None]
    if ratios:
        bottoms[ratios] = _sums([_bottom(items[number]) for number in ratios], member)
        divisors[ratios] = bottoms[ratios]
    known = divisors != 0
    values = np.divide(tops, divisors, out=np.full(tops.shape, np.nan), where=known)
    spread = np.sqrt(np.maximum([item.numerator.variance for item in items], 0.0))
    chance = np.full(tops.shape, np.nan)
    np.divide(spread, divisors[:, 0], out=chance[:, 0], where=known[:, 0])
    return np.stack([tops, bottoms, values, chance]).reshape(len(NUMBERS), -1)


def _bottom(item: Item) -> Floats:
    """(A, G) numbers of a denominator."""
    if item.denominator is None:
        raise TypeError("a plain total has no denominator")
    return item.denominator.values if isinstance(item.denominator, Count) else item.denominator


def _sums(values: Sequence[Floats], member: Floats) -> Floats:
    """(A, G) arrays summed into cells, (items, cells); most items share a few denominators."""
    distinct = {id(item): item for item in values}
    place = {label: row for row, label in enumerate(distinct)}
    summed = np.concatenate(list(distinct.values())).reshape(len(distinct), -1) @ member
    return summed[[place[id(item)] for item in values]]


def _label(item: Item) -> str:
    if not isinstance(item.denominator, Count):
        return item.numerator.label
    label = worst((item.numerator.label, item.denominator.label))
    return "mean_field" if label == "exact" else label
