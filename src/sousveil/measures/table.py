"""From the results of measures to the rows of one table, before the gate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np

from sousveil.arrays import Floats
from sousveil.measures.base import SPLITS, Context, Count, Item, Measure, Value, worst

COLUMNS = (
    "measure",
    "what_if",
    "channel",
    "act",
    "category",
    "area",
    "group",
    "period",
    "numerator",
    "denominator",
    "value",
    "chance_sd",
    "label",
    "unit",
    "stands_for",
)
"""The columns of the table that `tabulate` fills: what the gate takes as cells."""
Columns: TypeAlias = dict[str, list[Any]]


def tabulate(measures: Iterable[Measure], context: Context) -> Columns:
    """Every row of every measure for one what-if, by column, before the gate."""
    columns: Columns = {name: [] for name in COLUMNS}
    for measure in measures:
        results = measure.compute(context)
        for split in SPLITS:
            items = [item for item in results if isinstance(item, Item)]
            items = [item for item in items if _split(item, context) == split]
            if items:
                _add_items(columns, measure, context, items, split)
        for value in results:
            if isinstance(value, Value):
                _add_value(columns, measure, context, value)
    return columns


def _split(item: Item, context: Context) -> str:
    """How far an item is split: under a what-if only totals are, and by one margin at a time.

    The base shows who and where in full; for a what-if that would be a million rows.
    """
    if context.base is None or item.split == "country":
        return item.split
    return "country" if item.channel or item.act else "margins"


def _add_items(
    columns: Columns, measure: Measure, context: Context, items: list[Item], split: str
) -> None:
    splits = context.splits
    cells = splits.chosen(measure, split)
    size, count = len(cells), len(items)
    numbers = _ratios(items, splits.member[:, cells])
    for name in ("channel", "act", "category", "period"):
        columns[name] += [getattr(item, name) for item in items for _ in range(size)]
    columns["measure"] += [measure.identifier] * (size * count)
    columns["what_if"] += [context.what_if] * (size * count)
    columns["area"] += [splits.labels[cell][0] for cell in cells] * count
    columns["group"] += [splits.labels[cell][1] for cell in cells] * count
    columns["stands_for"] += splits.stands_for[cells].tolist() * count
    columns["unit"] += [measure.unit] * (size * count)
    columns["label"] += [label for label in map(_label, items) for _ in range(size)]
    for name, values in numbers.items():
        columns[name] += values.reshape(-1).tolist()


def _ratios(items: list[Item], member: Floats) -> dict[str, Floats]:
    """Numerators, denominators, values and the chance of the country's value, by item and cell."""
    tops = _sums([item.numerator.values for item in items], member)
    bottoms = np.full(tops.shape, np.nan)
    ratios = [number for number, item in enumerate(items) if item.denominator is not None]
    if ratios:
        bottoms[ratios] = _sums([_bottom(items[number]) for number in ratios], member)
    plain = np.array([item.denominator is None for item in items])
    divisors = np.where(plain[:, None], 1.0, bottoms)
    known = divisors != 0
    values = np.divide(tops, divisors, out=np.full(tops.shape, np.nan), where=known)
    spread = np.sqrt(np.maximum([item.numerator.variance for item in items], 0.0))
    chance = np.full(tops.shape, np.nan)
    np.divide(spread, divisors[:, 0], out=chance[:, 0], where=known[:, 0])
    return {"numerator": tops, "denominator": bottoms, "value": values, "chance_sd": chance}


def _bottom(item: Item) -> Floats:
    """(A, G) numbers of a denominator."""
    if item.denominator is None:
        raise TypeError("a plain total has no denominator")
    return item.denominator.values if isinstance(item.denominator, Count) else item.denominator


def _sums(values: list[Floats], member: Floats) -> Floats:
    """(A, G) arrays summed into cells, (items, cells)."""
    return np.stack(values).reshape(len(values), -1) @ member


def _label(item: Item) -> str:
    if not isinstance(item.denominator, Count):
        return item.numerator.label
    label = worst((item.numerator.label, item.denominator.label))
    return "mean_field" if label == "exact" else label


def _add_value(columns: Columns, measure: Measure, context: Context, value: Value) -> None:
    splits = context.splits
    place = (value.area, value.group)
    people = splits.stands_for[splits.labels.index(place)] if place in splits.labels else 0.0
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    for name in ("channel", "act", "category", "area", "group", "period", "value", "label"):
        row[name] = getattr(value, name)
    row |= {"measure": measure.identifier, "what_if": context.what_if}
    row |= {"unit": value.unit or measure.unit, "stands_for": float(people)}
    for name in COLUMNS:
        columns[name].append(row[name])
