"""Measures that hang on names alone, worked out together: their sums in one pass over the counts.

A plan says which counts are added and divided, and where each row of the table comes from. It is
made once for all runs whose processes have the same names; a run then projects its counts onto the
cells of the table, those that the base has too but once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sousveil.arrays import Floats, Ints
from sousveil.measuring.base import (
    SPLITS,
    Change,
    Context,
    Count,
    Item,
    Mean,
    Measure,
    Ratio,
    Result,
)
from sousveil.measuring.names import Name, Named, Names, names_of, outline

PEOPLE = ("residents", "person_days", "households")
"""Numbers of people that a measure may divide by."""
NO_NAME: Name = ("", "", False)
"""The one summand of a sum of nothing."""
ALONE = -1
_MOST_PLANS = 64


@dataclass(frozen=True, eq=False)
class Layout:
    """The rows of one measure.

    text: columns that are the same in every run. rows: its rows of items among those of the plan.
    singles: results that are one number, which come last.
    """

    text: Mapping[str, list[str]]
    rows: slice
    singles: tuple[Result, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """What to add and to divide.

    names: every count, once: process and outcome; of_base: the places of those of the base, empty:
    of the one summand of a sum of nothing. part: (P,) place among the names of every summand;
    weight: (P,) its weight; start: (S,) first summand of every sum; factor: (S,). top, bottom: (I,)
    sums of every item; a bottom is `ALONE` for a plain total, and beyond the sums for a number of
    people. item, cell: (R,) of every row of an item, its place among the items and its place among
    the cells. cells: (C,) cells that any row needs.
    """

    names: tuple[tuple[str, str], ...]
    of_base: tuple[int, ...]
    empty: tuple[int, ...]
    part: Ints
    weight: Floats | None
    start: Ints
    factor: Floats
    sums: Mapping[object, int]
    top: Ints
    bottom: Ints
    item: Ints
    cell: Ints
    layouts: Mapping[str, Layout]
    cells: tuple[int, ...]


def plan_of(measures: Sequence[Measure], context: Context) -> Plan:
    """The plan of some measures for a run."""
    kept = _plans()
    label = (tuple(m.identifier for m in measures), outline(context), context.splits.labels)
    found = kept.get(label)
    if found is None:
        if len(kept) >= _MOST_PLANS:
            kept.clear()
        found = kept[label] = _Maker(context).made(measures)
    return found


@lru_cache(maxsize=1)
def _plans() -> dict[object, Plan]:
    """The plans of this process."""
    return {}


class _Maker:
    """Makes one plan."""

    def __init__(self, context: Context) -> None:
        """Start without a sum; the sum of nothing comes first."""
        self._splits = context.splits
        self._names: Names = names_of(context)
        self._people = {id(getattr(self._names, name)): i for i, name in enumerate(PEOPLE)}
        self._place: dict[Name, int] = {}
        self._sums: dict[object, int] = {}
        self._parts: list[int] = []
        self._weights: list[float] = []
        self._starts: list[int] = []
        self._factors: list[float] = []
        self._tops: list[int] = []
        self._bottoms: list[int] = []
        self._rows: list[tuple[int, int]] = []

    def made(self, measures: Sequence[Measure]) -> Plan:
        """The plan."""
        layouts = {measure.identifier: self._layout(measure) for measure in measures}
        sums = len(self._sums)
        bottoms = [sums - 2 - item if item < ALONE else item for item in self._bottoms]
        weight = np.array(self._weights)
        item, cell = np.array(self._rows, dtype=np.int64).reshape(-1, 2).T
        cells = sorted({*cell.tolist(), 0})
        place = np.zeros(len(self._splits.labels), dtype=np.int64)
        place[cells] = np.arange(len(cells))
        return Plan(
            names=tuple(name[:2] for name in self._place),
            of_base=tuple(i for i, name in enumerate(self._place) if name[2]),
            empty=tuple(i for i, name in enumerate(self._place) if name == NO_NAME),
            part=np.array(self._parts, dtype=np.int64),
            weight=None if bool((weight == 1.0).all()) else weight[:, None],
            start=np.array(self._starts, dtype=np.int64),
            factor=np.array(self._factors)[:, None],
            sums=self._sums,
            top=np.array(self._tops, dtype=np.int64),
            bottom=np.array(bottoms, dtype=np.int64),
            item=item,
            cell=place[cell],
            layouts=layouts,
            cells=tuple(cells),
        )

    def _layout(self, measure: Measure) -> Layout:
        by_split: dict[str, list[Item]] = {split: [] for split in SPLITS}
        singles: list[Result] = []
        for result in measure.compute(self._names):
            if isinstance(result, Item):
                by_split[split_of(result, self._names.base is not None)].append(result)
            else:
                singles.append(result)
                self._note(result)
        text: dict[str, list[str]] = {
            name: [] for name in ("channel", "act", "category", "area", "group", "period")
        }
        first = len(self._rows)
        for split, items in by_split.items():
            cells = self._splits.chosen(measure, split)
            for item in items:
                self._rows += [(len(self._tops), cell) for cell in cells]
                self._tops.append(self._sum(item.numerator))
                self._bottoms.append(self._divisor(item.denominator))
                for name in ("channel", "act", "category", "period"):
                    text[name] += [getattr(item, name)] * len(cells)
                for name, labels in zip(("area", "group"), self._pairs(cells), strict=True):
                    text[name] += labels
        rows = slice(first, len(self._rows))
        text["measure"] = [measure.identifier] * (rows.stop - first)
        text["unit"] = [measure.unit] * (rows.stop - first)
        return Layout(text, rows, tuple(singles))

    def _pairs(self, cells: Iterable[int]) -> tuple[list[str], list[str]]:
        """Words of some cells: areas, groups."""
        pairs = [self._splits.labels[cell] for cell in cells]
        return [area for area, _ in pairs], [group for _, group in pairs]

    def _note(self, result: Result) -> None:
        """Add the sums that a single number needs."""
        if isinstance(result, (Item, Ratio)):
            below = result.denominator if isinstance(result, Item) else result.bottom
            if not isinstance(below, Count):
                raise TypeError("a mean is one of ratios of counts")
            self._sum(result.numerator if isinstance(result, Item) else result.top)
            self._sum(below)
        elif isinstance(result, Change):
            self._note(result.now)
            self._note(result.then)
        elif isinstance(result, Mean):
            for item in result.of:
                self._note(item)

    def _divisor(self, denominator: Floats | Count | None) -> int:
        """Number of a sum, `ALONE`, or less for a number of people."""
        if denominator is None:
            return ALONE
        if isinstance(denominator, Count):
            return self._sum(denominator)
        return -2 - self._people[id(denominator)]

    def _sum(self, count: Count) -> int:
        """Number of a sum."""
        if not isinstance(count, Named):
            raise TypeError("a measure of names alone looked at a number")
        label = sum_label(count)
        if label not in self._sums:
            self._sums[label] = len(self._sums)
            self._starts.append(len(self._parts))
            self._factors.append(count.factor)
            # The sum of nothing has one summand, which is told by no name.
            for name in count.names or (NO_NAME,):
                self._parts.append(self._place.setdefault(name, len(self._place)))
            self._weights += count.each() or (1.0,)
        return self._sums[label]


def sum_label(count: Named) -> object:
    """What tells a sum from others."""
    return count.names, count.weights, count.factor


def split_of(item: Item, contrast: bool) -> str:
    """How far an item is split: under a what-if only totals are, and by one margin at a time.

    The base shows who and where in full; for a what-if that would be a million rows.
    """
    if not contrast or item.split == "country":
        return item.split
    return "country" if item.channel or item.act else "margins"
