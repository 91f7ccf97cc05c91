"""What measures give: items, values and ratios that are made of them.

`Item`s are a numerator and a denominator by area and group, which the table splits into the
country, its areas and each category of a margin. The others are single numbers. A zero denominator
gives null.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sousveil.arrays import Floats
from sousveil.counts import Count

SPLITS = ("country", "margins", "crossed", "others")
"""How an item is split: not at all; by area and by margin, one at a time; by both at once; or each
group of the country against everybody else, where numerator and denominator are one sum."""


@dataclass(frozen=True)
class Item:
    """A ratio of totals for one channel, act, category and period, to be split by area and group.

    denominator: (A, G) fixed numbers, or a Count when it is random too (the ratio is then
    mean_field at best).
    """

    numerator: Count
    denominator: Floats | Count | None
    channel: str = ""
    act: str = ""
    category: str = ""
    period: str = ""
    split: str = "margins"


@dataclass(frozen=True)
class Value:
    """A number that is no ratio of totals.

    value None: undefined or unknown. chance_sd: None where it has no chance or none is known.
    """

    value: float | None
    channel: str = ""
    act: str = ""
    category: str = ""
    area: str = ""
    group: str = ""
    period: str = ""
    label: str = "mean_field"
    unit: str = ""
    chance_sd: float | None = None


@dataclass(frozen=True)
class Ratio:
    """A ratio of two of the country's totals, told without them."""

    top: Count
    bottom: Count
    channel: str = ""
    act: str = ""
    category: str = ""


@dataclass(frozen=True)
class Change:
    """By what share a ratio is above the same one in the base."""

    now: Ratio
    then: Ratio


@dataclass(frozen=True)
class Mean:
    """Mean of some of the country's ratios, each weighing alike; null where one of them is."""

    of: tuple[Item | Ratio, ...]
    channel: str = ""
    category: str = ""


Result: TypeAlias = Item | Value | Ratio | Change | Mean


class Words(NamedTuple):
    """What tells a result from others of its measure.

    split: how far an item is split in a run, "" of a single number. label, unit: of a single
    number; those of an item are its counts' and its measure's.
    """

    channel: str
    act: str
    category: str
    area: str = ""
    group: str = ""
    period: str = ""
    split: str = ""
    label: str = ""
    unit: str = ""


def words_of(result: Result, contrast: bool) -> Words:
    """The words of a result. contrast: whether the run is held against a base."""
    if isinstance(result, Item):
        split = split_of(result, contrast)
        return Words(result.channel, result.act, result.category, period=result.period, split=split)
    if isinstance(result, Value):
        place = result.area, result.group, result.period
        return Words(
            result.channel, result.act, result.category, *place, "", result.label, result.unit
        )
    about = result.now if isinstance(result, Change) else result
    act = "" if isinstance(about, Mean) else about.act
    return Words(about.channel, act, about.category, label="mean_field")


def split_of(item: Item, contrast: bool) -> str:
    """How far an item is split: under a what-if only totals are, and by one margin at a time.

    The base shows who and where in full; for a what-if that would be a million rows.
    """
    if not contrast or item.split in ("country", "others"):
        return item.split
    return "country" if item.channel or item.act else "margins"


def in_order(results: Iterable[Result], contrast: bool) -> list[tuple[Words, Result]]:
    """Results with their words, as they stand in a table: the least split first, singles last."""
    pairs = [(words_of(result, contrast), result) for result in results]
    return sorted(pairs, key=_place)


def _place(pair: tuple[Words, Result]) -> int:
    split = pair[0].split
    return SPLITS.index(split) if split else len(SPLITS)
