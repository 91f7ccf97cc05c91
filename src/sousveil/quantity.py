"""A quantity: a value or distribution with unit, kind, role, resolution, sources, grade.

Two things live here: the frozen value that the loader makes (`Quantity`), and the declaration of
the fields that may hold one (`quantity`, `quantities`, `setting`), used by the parameter classes of
world, acts, channels, procedure. What distributions mean is said in
docs/explanation/how_it_counts.md; they are evaluated in `Distribution.quantile` and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = ("documented", "derived", "inferred", "assumed")
ROLES = ("nature", "behaviour", "state_lever", "safeguard")
FORMS = ("fixed", "uniform", "triangular", "beta", "lognormal", "truncated_normal")
FIELD = "sousveil"
"""Metadata key under which a dataclass field carries its `FieldSpec`."""


@dataclass(frozen=True)
class Source:
    """One citation of a quantity: the key in sources.json and, where known, the place in it."""

    key: str
    locator: str = ""


@dataclass(frozen=True)
class Distribution:
    """A distribution in the canonical unit of its field.

    values: (value), (low, high) or (low, central, high).

    truncated_normal: (low, mean, high) with low and high the 2.5 and 97.5 % quantiles before
    truncation there.
    """

    form: str
    values: tuple[float, ...]

    @property
    def certain(self) -> bool:
        """True when it has no range."""
        return self.form == "fixed" or self.values[0] == self.values[-1]

    @property
    def low(self) -> float:
        """Lower end as declared (5 % quantile of a lognormal)."""
        return self.values[0]

    @property
    def high(self) -> float:
        """Upper end as declared (95 % quantile of a lognormal)."""
        return self.values[-1]

    def quantile(self, level: float) -> float:
        """Value at `level` in [0, 1]."""
        from sousveil.distributions import quantile

        return quantile(self.form, self.values, level)


@dataclass(frozen=True)
class Reading:
    """One of several conflicting readings, with its weight in the mixture and its own sources."""

    label: str
    weight: float
    distribution: Distribution
    sources: tuple[Source, ...]
    grade: str
    note: str = ""


@dataclass(frozen=True)
class SeriesPoint:
    """The distribution of a series at one year."""

    year: int
    distribution: Distribution
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Location:
    """Where something stands in a file of the scenario."""

    file: str
    line: int
    column: int


@dataclass(frozen=True)
class Quantity:
    """A number of the scenario, never bare.

    Exactly one of distribution, readings, series is given. low, high: bounds of any possible value,
    from the field that holds it; a share is cut at 1 by them.
    """

    path: str
    unit: str
    kind: str
    role: str
    resolution: str
    sources: tuple[Source, ...]
    grade: str
    because: str
    note: str
    location: Location
    distribution: Distribution | None = None
    readings: tuple[Reading, ...] = ()
    series: tuple[SeriesPoint, ...] = ()
    interpolation: str = "step"
    by_user: bool = False
    low: float = -math.inf
    high: float = math.inf

    @property
    def certain(self) -> bool:
        """True when nothing about it is drawn."""
        if self.readings:
            return False
        if self.series:
            return all(point.distribution.certain for point in self.series)
        return self.distribution is not None and self.distribution.certain

    def value(self, level: float, selector: float, year: int) -> float:
        """Value in the canonical unit at quantile `level`, of the series at `year`.

        `selector` in [0, 1) picks a reading.

        Outside the years of a series its nearest end is used, its range widened by 25 % of its
        width per 5 years (at most doubled); the loader warns about it.
        """
        from sousveil.distributions import evaluate

        return evaluate(self, level, selector, year)


@dataclass(frozen=True)
class FieldSpec:
    """Declaration of a field: what may stand there.

    unit: canonical unit, "1" for shares. low, high: bounds of any possible value. by: "" for one
    quantity, else what the keys of a mapping name ("settlement", "region", "act", "province",
    "use", "category", "line", "season", "setting", "free"). absent: value when the key is left out
    (None: it is required). choices: allowed words of a setting, or keys of a mapping. role: default
    role. doc: one sentence, shown by `explain` and in the schema.
    """

    form: str
    unit: str
    doc: str
    low: float = -math.inf
    high: float = math.inf
    by: str = ""
    absent: float | None = None
    role: str = ""
    choices: tuple[str, ...] = ()


def quantity(
    unit: str,
    doc: str,
    *,
    low: float = 0.0,
    high: float = math.inf,
    absent: float | None = None,
    role: str = "",
) -> Any:
    """Declare a dataclass field that holds one quantity (a float once drawn)."""
    spec = FieldSpec("quantity", unit, doc, low, high, "", absent, role)
    if absent is None:
        return field(metadata={FIELD: spec})
    return field(default=absent, metadata={FIELD: spec})


def share(doc: str, *, absent: float | None = None, role: str = "") -> Any:
    """Declare a field that holds a share or probability in [0, 1]."""
    return quantity("1", doc, low=0.0, high=1.0, absent=absent, role=role)


def quantities(
    unit: str,
    doc: str,
    *,
    by: str,
    low: float = 0.0,
    high: float = math.inf,
    absent: float | None = None,
    role: str = "",
    keys: tuple[str, ...] = (),
) -> Any:
    """Declare a field that maps keys to quantities.

    With `absent`, the mapping or any key of it may be left out. keys: the only ones there are,
    where `by` does not say so.
    """
    spec = FieldSpec("quantities", unit, doc, low, high, by, absent, role, keys)
    if absent is None:
        return field(metadata={FIELD: spec})
    return field(default_factory=dict, metadata={FIELD: spec})


def setting(doc: str, *, default: Any = ..., choices: tuple[str, ...] = ()) -> Any:
    """Declare a field that is structure, not a number: a word, a list of names, a rule."""
    spec = FieldSpec("setting", "", doc, choices=choices)
    if default is ...:
        return field(metadata={FIELD: spec})
    if isinstance(default, (list, dict)):
        raise TypeError("use a tuple or None as the default of a setting")
    return field(default=default, metadata={FIELD: spec})


def keyed(values: Mapping[str, float], key: str, otherwise: float) -> float:
    """Value of a mapping of quantities at `key`, else at "other", else `otherwise`."""
    if key in values:
        return values[key]
    return values.get("other", otherwise)
