"""What a back-test is, and what comes out of one: frozen values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from sousveil.quantity import Location, Quantity, Source

EXACT = "exact interval"
RANGES = "ranges of the inputs"


@dataclass(frozen=True)
class Number:
    """A number that the model gives; several when it gives a row of them.

    low, high: ends of its interval; basis: what they are, EXACT or RANGES ("": none). words: how it
    is to be printed, where a bare number would say too much.
    """

    values: tuple[float, ...]
    low: float = math.nan
    high: float = math.nan
    basis: str = ""
    words: str = ""


@dataclass(frozen=True)
class Apart:
    """Published readings that contradict one another: held apart, never averaged."""

    readings: tuple[tuple[str, float], ...]

    @property
    def factor(self) -> float:
        """Largest reading over the smallest."""
        values = [value for _, value in self.readings]
        return max(values) / min(values) if min(values) > 0.0 else math.inf


@dataclass(frozen=True)
class Refused:
    """What the model refuses to compute, and why."""

    words: str


Output: TypeAlias = Number | Apart | Refused


def number(value: float) -> Number:
    """One number without an interval of its own."""
    return Number((value,))


@dataclass(frozen=True)
class Place:
    """Where a case looks for its files: beside itself, then among the shipped tables."""

    folder: Path
    shipped: Path

    def find(self, name: str) -> Path:
        """Path of a file by its plain name; the shipped one where there is none beside the case."""
        beside = self.folder / name
        return beside if beside.is_file() else self.shipped / Path(name).name

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that it has."""
        found = {path.stem for place in (self.folder, self.shipped) for path in place.glob("*.csv")}
        return tuple(sorted(found))


@dataclass(frozen=True)
class Procedure:
    """A way through the public code of the model that a case may name.

    parameters: frozen dataclass declared with the helpers of `quantity`, as those of channels are.
    run: pure function (drawn parameters, place of the files) -> outputs by name. outputs: what each
    means; a name ending in `.*` stands for one output a key.
    """

    name: str
    title: str
    parameters: type[Any]
    run: Callable[[Any, Place], Mapping[str, Output]]
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class Expectation:
    """What was published for one output, and how near the model must come.

    published: numbers. slack: largest distance, in the unit of the output or, if `relative`, as a
    share of the published number. interval: published ends, with their own slack. least, most: a
    bound instead of a number. apart: smallest factor between readings that must be held apart.
    refused: words that a refusal must hold.
    """

    output: str
    location: Location
    published: tuple[float, ...] = ()
    slack: float = 0.0
    relative: bool = False
    interval: tuple[float, float] | None = None
    interval_slack: float = 0.0
    least: float = -math.inf
    most: float = math.inf
    apart: float = 0.0
    refused: str = ""
    note: str = ""


@dataclass(frozen=True)
class Run:
    """One procedure, its inputs, what must come out. refused: why an input is no evidence."""

    name: str
    procedure: Procedure
    quantities: Mapping[str, Quantity]
    settings: Mapping[str, Any]
    expectations: tuple[Expectation, ...]
    location: Location
    refused: str = ""


@dataclass(frozen=True)
class Case:
    """One back-test, out of one file."""

    id: str
    title: str
    part: str
    asks: str
    note: str
    sources: tuple[Source, ...]
    grade: str
    runs: tuple[Run, ...]
    place: Place


@dataclass(frozen=True)
class Line:
    """One comparison. verdict: agrees | fails | conflict | refused (the last two as they must)."""

    case: str
    run: str
    output: str
    published: str
    model: str
    tolerance: str
    verdict: str
    why: str
    found: Output
    expected: Expectation

    @property
    def good(self) -> bool:
        """Whether it is as it should be."""
        return self.verdict != "fails"


@dataclass(frozen=True)
class Judged:
    """A case with all its comparisons."""

    case: Case
    lines: tuple[Line, ...]

    @property
    def good(self) -> bool:
        """Whether every comparison is as it should be."""
        return all(line.good for line in self.lines)
