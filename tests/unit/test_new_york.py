"""New York keeps its three definitions apart and its densities follow from its tables."""

from __future__ import annotations

import csv

import pytest

from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL
from sousveil.scenario.parameters import resolve
from sousveil.validate.case_files import TABLES
from sousveil.world.build import build

SCENARIO = load("new_york")


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((TABLES / f"{name}.csv").read_text(encoding="utf-8").splitlines()))


def test_three_totals_are_three_readings() -> None:
    stock = SCENARIO.quantities["world.stock.counted.street"]
    assert len(stock.readings) == 3
    lows = [reading.distribution.low for reading in stock.readings]
    assert lows == [10_000, 25_536, 35_000]
    values = {stock.value(0.0, selector, 2021) for selector in (0.1, 0.5, 0.9)}
    assert values == set(lows)


def test_every_definition_has_its_what_if() -> None:
    names = ("seen_in_street_view", "at_intersections", "feeds_of_the_police")
    found = [resolve(SCENARIO, CENTRAL, (name,)).world.stock.counted["street"] for name in names]
    assert found == [10_000, 25_536, 70_882]


def test_densities_follow_from_the_tables() -> None:
    cameras = {row["borough"]: float(row["cameras_all"]) for row in table("nyc_borough_counts")}
    people: dict[str, float] = {}
    for row in table("nyc_tracts"):
        people[row["borough"]] = people.get(row["borough"], 0) + float(row["people"])
    parameters = resolve(SCENARIO, CENTRAL).channels["street_camera"]
    for borough, count in cameras.items():
        key = borough.lower().replace(" ", "_")
        land = people[borough] / parameters.people_per_built_km2[key]
        assert parameters.density_weight[key] == pytest.approx(count / land, rel=0.01)


def test_areas_are_tracts_merged_to_the_floor_of_the_scenario() -> None:
    areas, tracts = SCENARIO.tables["areas"], table("nyc_tracts")
    floor = SCENARIO.settings["world.people.smallest_area"]
    assert floor == 15_000
    assert all(row["people"] >= floor for row in areas.rows)
    assert len(areas.rows) + len(areas.merged) == len(tracts)
    people: dict[str, float] = {}
    for tract in tracts:
        key = tract["borough"].lower().replace(" ", "_")
        people[key] = people.get(key, 0) + float(tract["people"])
    found = {key: sum(r["people"] for r in areas.rows if r["parent"] == key) for key in people}
    assert found == people


def test_groups_live_where_the_tracts_say() -> None:
    world = build(SCENARIO.tables, resolve(SCENARIO, CENTRAL).world, SCENARIO.year, 1, 0)
    people = world.people.by_group()
    black = [("origin", "black") in group.categories for group in world.groups]
    share = {
        borough: people[here][:, black].sum() / people[here].sum()
        for borough in ("bronx", "staten_island")
        for here in [[area.parent == borough for area in world.areas]]
    }
    # 422,657 of 1,428,357 and 45,311 of 472,481 by the survey's own percentages.
    assert share["bronx"] == pytest.approx(0.2959, abs=0.0005)
    assert share["staten_island"] == pytest.approx(0.0959, abs=0.0005)


def test_every_source_is_cited() -> None:
    cited = {s.key for item in SCENARIO.quantities.values() for s in item.sources}
    cited |= {s.key for claim in SCENARIO.claims for s in claim.evidence}
    cited |= {str(row["source"]) for row in SCENARIO.tables["areas"].rows}
    assert cited == set(SCENARIO.sources)
