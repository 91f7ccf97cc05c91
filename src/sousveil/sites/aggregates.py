"""What may be said of published sites: counts, shares and coarse cells that pass the gate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from sousveil.release import IDENTITY, KINDS, MINIMUM_PERSONS, Released, Rule, Rules, release
from sousveil.sites.cover import COARSEST_M, coarse_counts, covered
from sousveil.sites.model import Sites
from sousveil.statistics import for_thousand

FEWEST = 5
"""Sites of a coarse cell or of a kind that is named; fewer are pooled, as with any small count."""
MOST_KINDS = 12
"""More kinds than this are no kinds but words about single sites."""
ELSEWHERE, OTHER = "elsewhere", "other"
RULES = {
    "sites": Rule(frozenset({"area", "category"})),
    "sites_share": Rule(frozenset({"category"})),
    "sites_per_thousand": Rule(frozenset({"area"})),
    "sites_per_km2": Rule(frozenset()),
    "sites_in_cell": Rule(frozenset({"area"})),
    "covered_share": Rule(frozenset({"category"})),
}


@dataclass(frozen=True)
class Ask:
    """What is asked of a data set, and the place that it is asked for.

    people, area_km2: of the whole place. radius_m: reach of a site, for the share of the ground
    within it (None: not asked). cell_m: width of a coarse cell; it is widened until a cell stands
    for 1,000 people at the place's density. people_by_area: people of published areas, by name.
    """

    people: float
    area_km2: float
    radius_m: float | None = None
    cell_m: float = COARSEST_M
    people_by_area: Mapping[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        """Refuse a place that is none."""
        if not (math.isfinite(self.people) and self.people >= MINIMUM_PERSONS):
            raise ValueError(f"people: {self.people:g}, expected at least {MINIMUM_PERSONS:,}")
        if not 0.0 < self.area_km2 < 2e7:
            raise ValueError(f"area: {self.area_km2:g} km2, expected the land of a place")
        if not math.isfinite(self.cell_m):
            raise ValueError(f"cells of {self.cell_m} m, expected a width")

    @property
    def width_m(self) -> float:
        """Width of the cells that leave, in whole hundreds of metres."""
        least = 1000.0 * math.sqrt(MINIMUM_PERSONS * self.area_km2 / self.people)
        return 100.0 * math.ceil(max(COARSEST_M, self.cell_m, least) / 100.0 - 1e-9)


Row = dict[str, Any]


def aggregates(sites: Sites, ask: Ask) -> Released:
    """Every aggregate of the sites, through the gate.

    Areas whose people are not stated are pooled as `elsewhere`, so that no word of the file leaves
    for a place that may be one person's.
    """
    rows = [*_whole(sites, ask), *_areas(sites, ask), *_kinds(sites, ask), *_cells(sites, ask)]
    if ask.radius_m is not None:
        rows += _ground(sites, ask, ask.radius_m)
    columns = (*IDENTITY, *KINDS["cells"], "stands_for")
    table = pl.DataFrame(
        {name: [row.get(name, _blank(name)) for row in rows] for name in columns},
        schema_overrides={name: pl.Float64 for name in columns if _blank(name) is None},
    )
    places = {str(row["area"]): str(row["area"]) for row in rows if row.get("area")}
    return release(table, Rules(measures=RULES, acts={}, parents=places, closed=False))


def _blank(column: str) -> str | None:
    """What a row without a word for a column holds."""
    return "" if column in (*IDENTITY, "label", "unit") else None


def _row(measure: str, value: float, unit: str, people: float, **words: str) -> Row:
    numbers = {"numerator": value, "denominator": 1.0, "value": value, "stands_for": people}
    return {"measure": measure, "unit": unit, **numbers, **words}


def _whole(sites: Sites, ask: Ask) -> Iterable[Row]:
    count, people = float(sites.count), ask.people
    yield _row("sites", count, "site", people)
    yield _row("sites_per_thousand", for_thousand(count, people), "site/1000 person", people)
    yield _row("sites_per_km2", count / ask.area_km2, "site/km2", people)


def _areas(sites: Sites, ask: Ask) -> Iterable[Row]:
    """Published areas with stated people, in the order in which they are stated."""
    left, beyond = sites.count, ask.people
    if not sites.by_area:
        return
    for name, people in ask.people_by_area.items():
        count = float(sites.by_area.get(name, 0))
        left -= int(count)
        beyond -= people
        yield _row("sites", count, "site", people, area=name)
        rate = for_thousand(count, people)
        yield _row("sites_per_thousand", rate, "site/1000 person", people, area=name)
    if left:
        # What is left over stands for nobody if all areas were stated: then it does not leave.
        people = max(beyond, 0.0) if ask.people_by_area else ask.people
        yield _row("sites", float(left), "site", people, area=ELSEWHERE)


def _kinds(sites: Sites, ask: Ask) -> Iterable[Row]:
    if not sites.by_kind:
        return
    named = {kind: n for kind, n in sorted(sites.by_kind.items()) if n >= FEWEST and kind != OTHER}
    if len(sites.by_kind) > MOST_KINDS:
        named = {}
    rest = sites.count - sum(named.values())
    for kind, count in {**named, **({OTHER: rest} if rest else {})}.items():
        yield _row("sites", float(count), "site", ask.people, category=kind)
        yield _row("sites_share", count / sites.count, "1", ask.people, category=kind)


def _cells(sites: Sites, ask: Ask) -> Iterable[Row]:
    """Coarse cells with enough sites, numbered from the north west; the others pooled.

    A cell that is not here holds few sites or none: which, nobody is told.
    """
    counts = coarse_counts(sites, ask.width_m)
    _refuse_small_ground(int((counts > 0).sum()), ask)
    people = ask.people / ask.area_km2 * (ask.width_m / 1000.0) ** 2
    rows, columns = (counts >= FEWEST).nonzero()
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        label = f"cell {row + 1}/{column + 1}"
        yield _row("sites_in_cell", float(counts[row, column]), "site", people, area=label)
    rest = float(counts[counts < FEWEST].sum())
    if rest:
        yield _row("sites_in_cell", rest, "site", ask.people, area=ELSEWHERE)


def _refuse_small_ground(cells: int, ask: Ask) -> None:
    """Refuse a stated area that cannot hold the cells in which sites stand, its rim included."""
    stand_in = cells * (ask.width_m / 1000.0) ** 2
    if cells > 20 and stand_in > 3.0 * ask.area_km2:
        raise ValueError(
            f"the sites stand in {stand_in:,.0f} km2 of coarse cells, and the place is said to "
            f"have {ask.area_km2:g} km2: state the people and the land of the whole place"
        )


def _ground(sites: Sites, ask: Ask, radius_m: float) -> Iterable[Row]:
    found = covered(sites, radius_m, ask.area_km2)
    values = {"added": found.added, "together": found.together, "random": found.random}
    for word, value in values.items():
        yield _row("covered_share", value, "1", ask.people, category=word)
