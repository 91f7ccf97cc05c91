"""From the results of measures to the rows of one table, before the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from sousveil.arrays import Floats
from sousveil.measuring.base import SPLITS, Context, Count, Item, Measure, Value, worst
from sousveil.measuring.plan import plan_of, split_of
from sousveil.measuring.sums import Sums

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


@dataclass(frozen=True)
class _Block:
    """What a measure gave that is split alike: items into the same cells, or plain values."""

    measure: Measure
    items: list[Item]
    values: list[Value]
    cells: tuple[int, ...] = ()


def tabulate(measures: Iterable[Measure], context: Context) -> Columns:
    """Every row of every measure for one what-if, by column, before the gate."""
    wanted = list(measures)
    plain = [measure for measure in wanted if measure.names_alone]
    planned = Sums.of(plan_of(plain, context), context) if plain else None
    blocks = [[] if item.names_alone else _blocks(item, context) for item in wanted]
    numbers = iter(_numbers([block for some in blocks for block in some], context))
    columns: Columns = {name: [] for name in COLUMNS}
    for measure, some in zip(wanted, blocks, strict=True):
        if measure.names_alone and planned is not None:
            _add_planned(columns, measure, context, planned)
        for block in some:
            found = next(numbers)
            if block.values:
                _add_values(columns, block, context)
            else:
                _add_items(columns, block, context, found)
    return columns


def _add_planned(columns: Columns, measure: Measure, context: Context, sums: Sums) -> None:
    """Add the rows of a measure that hangs on names alone."""
    layout = sums.plan.layouts[measure.identifier]
    for name, words in layout.text.items():
        columns[name] += words
    for name, values in sums.columns.items():
        columns[name] += values[layout.rows]
    if layout.singles:
        values = [sums.single(result) for result in layout.singles]
        _add_values(columns, _Block(measure, [], values), context)


def _blocks(measure: Measure, context: Context) -> list[_Block]:
    """The results of a measure, sorted by how far they are split; plain values come last."""
    by_split: dict[str, list[Item]] = {split: [] for split in SPLITS}
    values: list[Value] = []
    for result in measure.compute(context):
        if isinstance(result, Value):
            values.append(result)
        elif isinstance(result, Item):
            by_split[split_of(result, context.base is not None)].append(result)
        else:
            raise TypeError(f"{measure.identifier} gives what only names alone may give")
    blocks = [
        _Block(measure, items, [], context.splits.chosen(measure, split))
        for split, items in by_split.items()
        if items
    ]
    return [*blocks, _Block(measure, [], values)] if values else blocks


def _add_items(
    columns: Columns, block: _Block, context: Context, numbers: Mapping[str, Floats]
) -> None:
    """Add the rows of items, one for each of their cells."""
    splits, cells, items = context.splits, block.cells, block.items
    size, count = len(cells), len(items)
    for name in ("channel", "act", "category", "period"):
        words = [getattr(item, name) for item in items]
        columns[name] += words if size == 1 else [word for word in words for _ in range(size)]
    columns["measure"] += [block.measure.identifier] * (size * count)
    columns["what_if"] += [context.what_if] * (size * count)
    columns["area"] += [splits.labels[cell][0] for cell in cells] * count
    columns["group"] += [splits.labels[cell][1] for cell in cells] * count
    columns["stands_for"] += splits.stands_for[list(cells)].tolist() * count
    columns["unit"] += [block.measure.unit] * (size * count)
    columns["label"] += [label for label in map(_label, items) for _ in range(size)]
    for name, values in numbers.items():
        columns[name] += values.reshape(-1).tolist()


def _numbers(blocks: Sequence[_Block], context: Context) -> list[Mapping[str, Floats]]:
    """The numbers of every block, those of the same cells worked out together."""
    by_cells: dict[tuple[int, ...], list[int]] = {}
    for place, block in enumerate(blocks):
        if block.items:
            by_cells.setdefault(block.cells, []).append(place)
    result: list[Mapping[str, Floats]] = [{} for _ in blocks]
    for cells, places in by_cells.items():
        items = [item for place in places for item in blocks[place].items]
        numbers = _ratios(items, context.splits.cells.columns(cells))
        first = 0
        for place in places:
            last = first + len(blocks[place].items)
            result[place] = {name: values[first:last] for name, values in numbers.items()}
            first = last
    return result


def _ratios(items: list[Item], member: Floats) -> dict[str, Floats]:
    """Numerators, denominators, values and the chance of the country's value, by item and cell."""
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
    return {"numerator": tops, "denominator": bottoms, "value": values, "chance_sd": chance}


def _bottom(item: Item) -> Floats:
    """(A, G) numbers of a denominator."""
    if item.denominator is None:
        raise TypeError("a plain total has no denominator")
    return item.denominator.values if isinstance(item.denominator, Count) else item.denominator


def _sums(values: list[Floats], member: Floats) -> Floats:
    """(A, G) arrays summed into cells, (items, cells); most items share a few denominators."""
    distinct = {id(item): item for item in values}
    place = {label: row for row, label in enumerate(distinct)}
    summed = np.stack(list(distinct.values())).reshape(len(distinct), -1) @ member
    return summed[[place[id(item)] for item in values]]


def _label(item: Item) -> str:
    if not isinstance(item.denominator, Count):
        return item.numerator.label
    label = worst((item.numerator.label, item.denominator.label))
    return "mean_field" if label == "exact" else label


def _add_values(columns: Columns, block: _Block, context: Context) -> None:
    """Add the rows of numbers that are no ratio of totals."""
    values, unit = block.values, block.measure.unit
    words = ("channel", "act", "category", "area", "group", "period", "label")
    for name in (*words, "value", "chance_sd"):
        columns[name] += [getattr(value, name) for value in values]
    columns["measure"] += [block.measure.identifier] * len(values)
    columns["what_if"] += [context.what_if] * len(values)
    columns["unit"] += [value.unit or unit for value in values]
    columns["stands_for"] += [context.splits.people(value.area, value.group) for value in values]
    for name in ("numerator", "denominator"):
        columns[name] += [None] * len(values)
