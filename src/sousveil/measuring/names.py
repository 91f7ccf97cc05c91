"""A context without numbers, in which counts are told by their names.

What a measure makes of it holds for every run with processes of the same names: which counts are
added, how they are weighed, by what they are divided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property, lru_cache
from itertools import count
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np

from sousveil.arrays import Floats
from sousveil.measuring.base import Context, Count, Patterns
from sousveil.processes import Process

Name: TypeAlias = tuple[str, str, bool]
"""Process, outcome, and whether it is the base's."""
NOTHING: Floats = np.zeros(0)
_NUMBERS = count(1)
_MOST_OUTLINES = 4096
_WORDS = frozenset({"str", "bool", "Entity", "Sensitivity"})
"""Types of fields that hold words."""


class Made(NamedTuple):
    """What tells a count that is made of others: by a rule, of counts by process and outcome.

    of_base: whether they are the base's.
    """

    rule: str
    of: tuple[tuple[str, str], ...]
    of_base: bool = False


@dataclass(frozen=True, eq=False)
class Named(Count):
    """Counts to be added. weights: of each, None where all are 1; factor: of the sum."""

    values: Floats = field(default_factory=lambda: NOTHING)
    names: tuple[Name | Made, ...] = ()
    weights: tuple[float, ...] | None = None
    factor: float = 1.0

    def __add__(self, other: Count) -> Named:
        """All names of both."""
        if not isinstance(other, Named):
            raise TypeError("a count told by its name is added to another one only")
        if not (self.names and other.names):
            return self if self.names else other
        names = self.names + other.names
        if self.factor == other.factor and self.weights is None and other.weights is None:
            return replace(self, names=names)
        weights = [item.factor * weight for item in (self, other) for weight in item.each()]
        return Named(names=names, weights=tuple(weights))

    def each(self) -> tuple[float, ...]:
        """Weight of every name."""
        return (1.0,) * len(self.names) if self.weights is None else self.weights

    def times(self, factor: float) -> Named:
        """Scaled by a constant."""
        return replace(self, factor=self.factor * factor)


@dataclass(frozen=True)
class NamedPatterns(Patterns):
    """Patterns of an act told by their names."""

    names: tuple[Name, ...] = ()

    def weighed(self, weights: Floats) -> Named:
        """Acts weighed by their pattern: those of weight 0 are left out."""
        chosen = [pair for pair in zip(self.names, weights.tolist(), strict=True) if pair[1] != 0.0]
        names = tuple(name for name, _ in chosen)
        alike = all(weight == 1.0 for _, weight in chosen)
        return Named(names=names, weights=None if alike else tuple(w for _, w in chosen))


@dataclass(frozen=True)
class Names(Context):
    """A context in which every count is a name, and every number of people a word.

    of_base: whether it is the base that another context is held against.
    """

    of_base: bool = False

    @cached_property
    def residents(self) -> Floats:
        """Stands for the residents."""
        return np.zeros(1)

    @cached_property
    def person_days(self) -> Floats:
        """Stands for the days that residents live in a year."""
        return np.zeros(1)

    @cached_property
    def households(self) -> Floats:
        """Stands for the households."""
        return np.zeros(1)

    @cached_property
    def nothing(self) -> Count:
        """No names."""
        return Named()

    def count(self, process: str, outcome: str) -> Count:
        """Name of one count."""
        return Named(names=((process, outcome, self.of_base),))

    def total(self, parts: Iterable[tuple[str, str]]) -> Count:
        """Names of all parts."""
        return Named(names=tuple((*part, self.of_base) for part in parts))

    def patterns_of(self, act: str) -> Patterns:
        """Names of the patterns of an act."""
        watchers = self.watchers(act)
        bits = np.arange(2 ** len(watchers))
        seen = (bits[:, None] >> np.arange(len(watchers)) & 1).astype(np.float64)
        names = tuple((act, f"pattern:{number}", self.of_base) for number in bits.tolist())
        return NamedPatterns(watchers, seen, NOTHING, NOTHING, "exact", names=names)


def names_of(context: Context) -> Names:
    """The same what-if, and its base, without a number."""
    base = None if context.base is None else _plain(context.base, None, of_base=True)
    return _plain(context, base, of_base=False)


def _plain(context: Context, base: Names | None, of_base: bool) -> Names:
    return Names(
        what_if=context.what_if,
        model=context.model,
        counts={},
        persons=NOTHING,
        matrix=context.matrix,
        base=base,
        finest=context.finest,
        of_base=of_base,
    )


def outline(context: Context) -> tuple[object, ...]:
    """All that measures may read of a context without its numbers: equal ones have equal names."""
    rows = context.kept("matrix", [context.matrix], lambda: _rows(context.matrix))
    base = () if context.base is None else _outlines(context.base)
    layers = tuple(context.model.layers.items())
    return _outlines(context), layers, rows, context.finest, context.base is None, base


def _rows(matrix: Mapping[str, Mapping[str, str]]) -> tuple[object, ...]:
    return tuple((act, tuple(row.items())) for act, row in matrix.items())


def _outlines(context: Context) -> tuple[int, ...]:
    """Outline of every process; a what-if has many of the very processes of its base."""
    known: Mapping[int, int] = {} if context.base is None else _by_identity(context.base)
    processes = context.model.processes

    def work() -> tuple[int, ...]:
        return tuple([known.get(id(item)) or _number(_outline(item)) for item in processes])

    return context.kept("outlines", [processes], work)


def _by_identity(context: Context) -> Mapping[int, int]:
    """Outline of each process of a base, by the identity of the process."""
    processes = context.model.processes

    def work() -> dict[int, int]:
        return dict(zip(map(id, processes), _outlines(context), strict=True))

    return context.kept("by identity", [processes], work)


@lru_cache(maxsize=_MOST_OUTLINES)
def _number(_outline: tuple[object, ...]) -> int:
    """A number for all equal outlines, which are long; one that was forgotten gets another."""
    return next(_NUMBERS)


def _outline(process: Process) -> tuple[object, ...]:
    kind = type(process)
    return (kind, *[_word(getattr(process, name)) for name in _worded(kind)])


def _word(value: object) -> object:
    """A word as it is; of several things their names, or how many they are."""
    if not isinstance(value, tuple):
        return value
    items = cast("Sequence[Any]", value)
    return tuple(getattr(item, "name", "") for item in items)


@cache
def _worded(kind: type) -> tuple[str, ...]:
    """Fields that hold words, switches or tuples: no number, no array."""
    return tuple(
        item.name
        for item in fields(kind)
        if item.type in {"str", "bool", "Entity", "Sensitivity"}
        or str(item.type).startswith("tuple")
    )
