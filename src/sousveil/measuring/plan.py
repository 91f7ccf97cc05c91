"""Measures that hang on names alone, worked out together: their sums in one pass over the counts.

A plan says which counts are added and divided. It is made once for all runs whose processes have
the same names; a run then projects its counts onto the cells of the table, those that the base has
too but once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain
from typing import TypeAlias

import numpy as np

from sousveil.arrays import Floats, Ints
from sousveil.measuring.adding import AFFECTED, ALONE, CHANGE, FLAGGED, MEAN, RATIO, VALUE
from sousveil.measuring.base import (
    Change,
    Context,
    Count,
    Item,
    Mean,
    Measure,
    Ratio,
    Result,
    Value,
)
from sousveil.measuring.names import Made, Name, Named, Names, names_of, outline
from sousveil.measuring.results import Words, in_order

SumLabel: TypeAlias = tuple[tuple[Name | Made, ...], tuple[float, ...] | None, float]
"""What tells a sum from others: what is added, how it is weighed, and the factor of the sum."""
PEOPLE = ("residents", "person_days", "households")
"""Numbers of people that a measure may divide by."""
NO_NAME: Name = ("", "", False)
"""The one summand of a sum of nothing."""
_RULES = {"flagged": FLAGGED, "affected": AFFECTED}
_KINDS: Mapping[type, int] = {Value: VALUE, Ratio: RATIO, Change: CHANGE, Mean: MEAN}
_MOST_PLANS = 64


@dataclass(frozen=True, eq=False)
class Plan:
    """What to add and to divide.

    measures: all that are wanted, in order; words: by measure of names alone, those of its results.
    contrast: whether the run is held against a base. names: every count, once: process and
    outcome; of_base: the places of those of the base, empty: of the one summand of a sum of
    nothing. made: counts that are made of those; rule: (M,) how; made_of: places of the names of
    which, one after the other; made_start: (M,) where those of each begin. part: (P,) place of
    every summand among the names and, behind them, what is made; weight: (P,) its weight; start:
    (S,) first summand of every sum; factor: (S,). top, bottom: (I,) sums of every item; a bottom is
    `ALONE` for a plain total, and beyond the sums for a number of people. others: items of which
    each group is held against everybody else. singles: results that are
    one number; kind: what each is; constant: (2, singles) the numbers of values, and their
    deviations. above, below: (K,) sums of the ratios that they are made of; first: (singles + 1,)
    where the ratios of each begin.
    """

    measures: tuple[Measure, ...]
    words: Mapping[str, tuple[Words, ...]]
    contrast: bool
    names: tuple[tuple[str, str], ...]
    of_base: tuple[int, ...]
    empty: tuple[int, ...]
    made: tuple[Made, ...]
    rule: Ints
    made_of: Ints
    made_start: Ints
    part: Ints
    weight: Floats
    start: Ints
    factor: Floats
    sums: Mapping[SumLabel, int]
    top: Ints
    bottom: Ints
    others: Ints
    singles: tuple[Result, ...]
    kind: Ints
    constant: Floats
    above: Ints
    below: Ints
    first: Ints


def plan_of(measures: Sequence[Measure], context: Context) -> Plan:
    """The plan of some measures for a run."""
    kept = _plans()
    label = (tuple(m.identifier for m in measures), outline(context))
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
        """Start without a sum."""
        self._names: Names = names_of(context)
        self._people = {id(getattr(self._names, name)): i for i, name in enumerate(PEOPLE)}
        self._place: dict[Name, int] = {}
        self._made: dict[Made, int] = {}
        self._sums: dict[SumLabel, int] = {}
        self._parts: list[int] = []
        self._weights: list[float] = []
        self._starts: list[int] = []
        self._factors: list[float] = []
        self._tops: list[int] = []
        self._bottoms: list[int] = []
        self._others: list[int] = []
        self._singles: list[Result] = []
        self._ratios: list[tuple[int, int]] = []
        self._firsts: list[int] = [0]

    def made(self, measures: Sequence[Measure]) -> Plan:
        """The plan."""
        words = {m.identifier: self._words(m) for m in measures if m.names_alone}
        sums = len(self._sums)
        bottoms = [sums - 2 - item if item < ALONE else item for item in self._bottoms]
        above, below = np.array(self._ratios, dtype=np.int64).reshape(-1, 2).T
        parts = [[self._place_of((*part, made.of_base)) for part in made.of] for made in self._made]
        size = len(self._place)
        return Plan(
            measures=tuple(measures),
            words=words,
            contrast=self._names.base is not None,
            names=tuple(name[:2] for name in self._place),
            of_base=tuple(i for i, name in enumerate(self._place) if name[2]),
            empty=tuple(i for i, name in enumerate(self._place) if name == NO_NAME),
            made=tuple(self._made),
            rule=np.array([_RULES[made.rule] for made in self._made], dtype=np.int64),
            made_of=np.array([*chain(*parts)], dtype=np.int64),
            made_start=np.array([0, *accumulate(map(len, parts))][:-1], dtype=np.int64),
            part=np.array([p if p >= 0 else size - 1 - p for p in self._parts], dtype=np.int64),
            weight=np.array(self._weights),
            start=np.array(self._starts, dtype=np.int64),
            factor=np.array(self._factors),
            sums=self._sums,
            top=np.array(self._tops, dtype=np.int64),
            bottom=np.array(bottoms, dtype=np.int64),
            others=np.array(self._others, dtype=np.int64),
            singles=tuple(self._singles),
            kind=np.array([_KINDS[type(item)] for item in self._singles], dtype=np.int64),
            constant=numbers_of_values(self._singles),
            above=np.ascontiguousarray(above),
            below=np.ascontiguousarray(below),
            first=np.array(self._firsts, dtype=np.int64),
        )

    def _words(self, measure: Measure) -> tuple[Words, ...]:
        """Add the results of a measure, and tell their words."""
        pairs = in_order(measure.compute(self._names), self._names.base is not None)
        for _, result in pairs:
            if not isinstance(result, Item):
                self._singles.append(result)
                self._ratios += [self._ratio(ratio) for ratio in ratios_of(result)]
                self._firsts.append(len(self._ratios))
        for words, result in pairs:
            if isinstance(result, Item):
                self._others += [len(self._tops)] if words.split == "others" else []
                self._tops.append(self._sum(result.numerator))
                self._bottoms.append(self._divisor(result.denominator))
        return tuple(words for words, _ in pairs)

    def _ratio(self, ratio: Item | Ratio) -> tuple[int, int]:
        """Numbers of the sums of a ratio of counts."""
        top, bottom = sums_of(ratio)
        if not isinstance(bottom, Count):
            raise TypeError("a mean is one of ratios of counts")
        return self._sum(top), self._sum(bottom)

    def _divisor(self, denominator: Floats | Count | None) -> int:
        """Number of a sum, `ALONE`, or less for a number of people."""
        if denominator is None:
            return ALONE
        if isinstance(denominator, Count):
            return self._sum(denominator)
        return -2 - self._people[id(denominator)]

    def _place_of(self, name: Name | Made) -> int:
        """Place of a count among the names; -1 - its place among what is made, for such a one."""
        if isinstance(name, Made):
            return -1 - self._made.setdefault(name, len(self._made))
        return self._place.setdefault(name, len(self._place))

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
                self._parts.append(self._place_of(name))
            self._weights += count.each() or (1.0,)
        return self._sums[label]


def numbers_of_values(every: Sequence[Result]) -> Floats:
    """(2, K) values that are no ratio of totals, and their deviations; nan for none."""
    found = [(r.value, r.chance_sd) if isinstance(r, Value) else (None, None) for r in every]
    result = np.array([*zip(*found, strict=True)], dtype=np.float64)
    return result if found else np.empty((2, 0))


@lru_cache(maxsize=_MOST_PLANS)
def twins(plan: Plan, base: Plan) -> tuple[Ints, Ints]:
    """Places in a plan of the base of every count and of every sum of another, -1 for none.

    Counts are those of names and, behind them, those that are made of these.
    """
    names = {name: place for place, name in enumerate(base.names) if place not in base.empty}
    mine = [-1 if p in plan.empty else names.get(name, -1) for p, name in enumerate(plan.names)]
    made = {item: len(base.names) + place for place, item in enumerate(base.made)}
    mine += [made.get(item._replace(of_base=False), -1) for item in plan.made]
    sums = [base.sums.get(_of_base(label), -1) for label in plan.sums]
    return np.array(mine, dtype=np.int64), np.array(sums, dtype=np.int64)


def _of_base(label: SumLabel) -> SumLabel:
    """What the base calls a sum of counts of these names."""
    names, weights, factor = label
    own = [
        name._replace(of_base=False) if isinstance(name, Made) else (*name[:2], False)
        for name in names
    ]
    return tuple(own), weights, factor


def sum_label(count: Named) -> SumLabel:
    """What tells a sum from others."""
    return count.names, count.weights, count.factor


def ratios_of(result: Result) -> tuple[Item | Ratio, ...]:
    """The ratios that a single number is made of."""
    if isinstance(result, Change):
        return result.now, result.then
    if isinstance(result, Mean):
        return result.of
    return (result,) if isinstance(result, Ratio) else ()


def sums_of(ratio: Item | Ratio) -> tuple[Count, Floats | Count | None]:
    """What is divided, and by what."""
    if isinstance(ratio, Ratio):
        return ratio.top, ratio.bottom
    return ratio.numerator, ratio.denominator
