"""What a loaded scenario is: quantities by path and the declarations around them, all frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sousveil.quantity import Location, Quantity, Source


@dataclass(frozen=True)
class SourceRecord:
    """One record of sources.json (CSL-JSON)."""

    key: str
    title: str
    author: str
    publisher: str
    date: str
    url: str
    kind: str
    note: str
    csl: Mapping[str, Any]


@dataclass(frozen=True)
class WhatIf:
    """A named change: patches over quantity paths, patches inherited, channels removed, a year.

    set: path -> value in the canonical unit (a choice, not evidence); set_settings: path -> word or
    list;
    scale: path -> factor; paths may end in ".*" for every key of a mapping.
    """

    name: str
    title: str
    reason: str
    sources: tuple[Source, ...]
    safeguard: bool
    sharpens_only: bool
    inherit: tuple[str, ...]
    set: Mapping[str, float]
    set_settings: Mapping[str, Any]
    scale: Mapping[str, float]
    remove: tuple[str, ...]
    year: int | None


@dataclass(frozen=True)
class Term:
    """One measure read under one what-if ("" is the base), selected by dimension values."""

    measure: str
    what_if: str
    where: Mapping[str, str]


@dataclass(frozen=True)
class Test:
    """A comparison of two terms: `left` minus `right` against `material` times the base.

    direction: "higher" (left exceeds right materially) or "lower". threshold: instead of `right`, a
    fixed value.
    absolute: material difference stands in the unit of the measure instead of as a share of the
    right value.
    """

    left: Term
    right: Term | None
    threshold: float | None
    direction: str
    material: float
    absolute: bool


@dataclass(frozen=True)
class Claim:
    """A sentence of a text, tied to a test; a claim of verdict "fact" rests on a series alone."""

    id: str
    claim: str
    test_words: str
    tests: tuple[Test, ...]
    verdict: str
    because: str
    evidence: tuple[Source, ...]
    contrary: str
    on_evidence: str


@dataclass(frozen=True)
class Check:
    """A published figure that follows from other quantities: share of members inside its range."""

    id: str
    quantity: Quantity
    output: str


@dataclass(frozen=True)
class Correlation:
    """Two quantities that move together: rank correlation of their values, and where it is from."""

    between: tuple[str, str]
    rank: float
    sources: tuple[Source, ...] = ()
    grade: str = ""
    because: str = ""


@dataclass(frozen=True)
class Table:
    """A table of the scenario (areas, presence, series): rows as mappings, with their sources."""

    name: str
    kind: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A declared surveillance system.

    quantities: path -> Quantity, in file order; settings: path -> plain value. acts, channels:
    names in file order.
    tables: "areas", "presence", "series". matrix: act -> channel -> (state, note), state one of
    "modelled", "cannot_see", "not_modelled". places: where each section and setting
    stands in scenario.yaml.
    """

    name: str
    title: str
    country: str
    place: str
    format: int
    year: int
    folder: Path
    hash: str
    quantities: Mapping[str, Quantity]
    settings: Mapping[str, Any]
    acts: tuple[str, ...]
    channels: tuple[str, ...]
    tables: Mapping[str, Table]
    sources: Mapping[str, SourceRecord]
    what_ifs: Mapping[str, WhatIf]
    claims: tuple[Claim, ...]
    checks: tuple[Check, ...]
    matrix: Mapping[str, Mapping[str, tuple[str, str]]]
    headlines: tuple[Mapping[str, Any], ...]
    warnings: tuple[str, ...]
    places: Mapping[str, Location] = field(default_factory=dict[str, Location])
    correlations: tuple[Correlation, ...] = ()

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Paths of the quantities that are drawn, in file order: the dimensions of a design."""
        return tuple(path for path, item in self.quantities.items() if not item.certain)


@dataclass(frozen=True)
class Draw:
    """One member's draw: a quantile level and a reading selector for every uncertain path.

    Paths that are left out sit at level 0.5.
    """

    levels: Mapping[str, float]
    selectors: Mapping[str, float]


CENTRAL = Draw(levels={}, selectors={})
"""Every quantity at its median, every mixture at its heaviest reading (selector NaN)."""
