"""What the sections of a page look at: a result, read once into estimates, drivers and names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sousveil.report.names import Names
from sousveil.report.numbers import phrase, spread
from sousveil.report.rows import DIMENSIONS, Book, Estimate
from sousveil.report.studies import Studies, studies_of

if TYPE_CHECKING:
    from sousveil.ensemble.api import Result
    from sousveil.scenario.model import Scenario

HALF = 0.5
"""More of the variance than this from assumed quantities makes a value assumption-driven."""


@dataclass(frozen=True)
class Driver:
    """A quantity that a value hangs on. rank: rank correlation over the members."""

    path: str
    rank: float
    estimate: tuple[str, ...]


@dataclass(frozen=True)
class Ground:
    """What values rest on, so that each is written with the digits that it deserves.

    drivers: identity of a value -> drivers, strongest first. assumed: identity of a value -> share
    of its variance that comes from assumed quantities.
    """

    drivers: Mapping[tuple[str, ...], tuple[Driver, ...]]
    assumed: Mapping[tuple[str, ...], float]

    def coarse(self, item: Estimate) -> bool:
        """Whether a value is assumption-driven: range first, few digits.

        A part of a total whose own share is not known is judged as the total, a what-if as the
        scenario as declared.
        """
        nowhere = [""] * len(DIMENSIONS)
        own = item.get("ignorance", "share")
        for what_if in (item.what_if, ""):
            for where in ([item.at(name) for name in DIMENSIONS], nowhere):
                own = self.assumed.get((item.measure, what_if, *where)) if own is None else own
        return own is not None and own > HALF

    def driver(self, item: Estimate) -> Driver | None:
        """The quantity with the largest rank correlation to a value, or to its total."""
        whole = (item.measure, item.what_if, *[""] * len(DIMENSIONS))
        found = self.drivers.get(identity(item)) or self.drivers.get(whole)
        return found[0] if found else None

    def range(self, item: Estimate) -> str:
        """The range of a value, short."""
        return spread(item.low, item.high, item.unit, self.coarse(item))

    def phrase(self, item: Estimate) -> str:
        """A value with its range, in the order that its evidence deserves."""
        return phrase(item.low, item.middle, item.high, item.unit, self.coarse(item))


@dataclass(frozen=True)
class View(Ground):
    """A result as the sections read it."""

    scenario: Scenario
    names: Names
    book: Book
    manifest: Mapping[str, Any]
    claims: Sequence[Mapping[str, Any]]
    headlines: Sequence[Mapping[str, Any]]
    studies: Studies = field(default_factory=Studies)


def identity(item: Estimate) -> tuple[str, ...]:
    """What names a value."""
    return (item.measure, item.what_if, *(item.at(name) for name in DIMENSIONS))


def view_of(result: Result) -> View:
    """Read a result once. What a result does not have (an older one, a part of one) is empty."""
    scenario = result.scenario
    ground = ground_of(getattr(result, "drivers", None))
    return View(
        scenario=scenario,
        names=Names(scenario),
        book=Book(_rows(_told(result.measures))),
        manifest=dict(result.manifest),
        claims=[_mapping(item) for item in result.claims],
        headlines=[_mapping(item) for item in result.headlines],
        drivers=ground.drivers,
        assumed=ground.assumed,
        studies=studies_of(result),
    )


def _told(frame: Any) -> Any:
    """The rows that sections read: nothing crossed, places and groups of the base run only."""
    if not hasattr(frame, "filter"):
        return frame
    import polars as pl

    place, group, base = (pl.col(name) == "" for name in ("area", "group", "what_if"))
    return frame.filter((place & group) | (base & (place | group)))


def _rows(frame: Any) -> Iterable[Mapping[str, Any]]:
    """Rows of a polars frame, or of a list that stands for one."""
    if frame is None:
        return ()
    return frame.iter_rows(named=True) if hasattr(frame, "iter_rows") else frame


def _mapping(item: Any) -> Mapping[str, Any]:
    """A mapping of a mapping or of a dataclass."""
    return item if isinstance(item, Mapping) else dict(vars(item))


def ground_of(table: Any) -> Ground:
    """What the values of a table of drivers rest on. table: a frame, rows as mappings, or None."""
    found: dict[tuple[str, ...], list[Driver]] = {}
    assumed: dict[tuple[str, ...], float] = {}
    for row in _rows(table):
        key = tuple(str(row[name] or "") for name in ("measure", "what_if", *DIMENSIONS))
        if row.get("assumed_share") is not None:
            assumed[key] = float(row["assumed_share"])
        if row.get("driver") and row.get("rank_correlation") is not None:
            driver = Driver(str(row["driver"]), float(row["rank_correlation"]), key)
            found.setdefault(key, []).append(driver)
    ordered = {
        key: tuple(sorted(items, key=lambda item: -abs(item.rank))) for key, items in found.items()
    }
    return Ground(ordered, assumed)
