"""New York keeps its three definitions apart and its densities follow from its tables."""

from __future__ import annotations

import csv

import pytest

from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL
from sousveil.scenario.parameters import resolve
from sousveil.validate.case_files import TABLES

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


def test_the_strata_are_the_people_of_the_tracts() -> None:
    strata = SCENARIO.tables["areas"].rows
    assert len(strata) == 25
    tracts = sum(float(row["people"]) for row in table("nyc_tracts"))
    assert sum(row["people"] for row in strata) == pytest.approx(tracts, rel=1e-4)
    assert all(row["people"] >= 1000 for row in strata)


def test_every_source_is_cited() -> None:
    cited = {s.key for item in SCENARIO.quantities.values() for s in item.sources}
    cited |= {s.key for claim in SCENARIO.claims for s in claim.evidence}
    cited |= {str(row["source"]).partition(" ")[0] for row in SCENARIO.tables["areas"].rows}
    assert cited == set(SCENARIO.sources)
