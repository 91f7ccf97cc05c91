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

    @property
    def values(self) -> Floats:
        """(rows,) the values alone."""
        return self.numbers[NUMBERS.index("value")]


def tabulate(measures: Iterable[Measure], context: Context) -> pl.DataFrame:
    """Every row of every measure for one what-if, before the gate; no number is null."""
    return table_of([rows_of(measures, context)])


def table_of(every: Sequence[Rows]) -> pl.DataFrame:
    """The table of several runs, one below the other; no number is null."""
    words, numbers = halves_of(every)
    return words.hstack(numbers)


def halves_of(every: Sequence[Rows]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The two halves of such a table: its words, the very same frame for equal forms; numbers."""
    words = words_of(tuple(rows.form for rows in every))
    numbers = np.concatenate([rows.numbers for rows in every], axis=1)
    columns = zip((*NUMBERS, "stands_for"), numbers, strict=True)
    return words, pl.DataFrame([pl.Series(*column, nan_to_null=True) for column in columns])


def rows_of(measures: Iterable[Measure], context: Context) -> Rows:
    """The rows of every measure for one what-if."""
    plan, splits = plan_of(tuple(measures), context), context.splits
    counts = counts_of(plan, context)
    told = [_told(measure, context) for measure in plan.measures if not measure.names_alone]
    results = [result for some in told for _, result in some]
    items = [result for result in results if isinstance(result, Item)]
    labels = (*labels_of(plan, counts), *map(_label, items))
    words = tuple(tuple(words for words, _ in some) for some in told)
    form = form_of(plan, splits.cells, context.what_if, labels, words)
    return Rows(form, numbers_of(plan, context, counts, results, form))


def _told(measure: Measure, context: Context) -> list[tuple[Words, Result]]:
    """The results of a measure that looks at numbers."""
    results = measure.compute(context)
    if not all(
        isinstance(r, Value) or (isinstance(r, Item) and r.split != "others") for r in results
    ):
        raise TypeError(f"{measure.identifier} gives what only names alone may give")
    return in_order(results, context.base is not None)


def _label(item: Item) -> str:
    if not isinstance(item.denominator, Count):
        return item.numerator.label
    label = worst((item.numerator.label, item.denominator.label))
    return "mean_field" if label == "exact" else label
