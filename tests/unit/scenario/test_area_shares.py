"""Shares by area: columns of areas.csv for a margin that a household shares, and a floor."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sousveil.errors import Problems
from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL, Table
from sousveil.scenario.parameters import resolve
from sousveil.world.build import build
from unit.scenario.bad import BASE

HEAD = "area,name,parent,settlement,power_region,people,touches_border,source"
MARGIN = "    household_margins: [language]\n"
PLACE = "  power:\n    home_hours:"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "town")
    return tmp_path / "town"


def written(folder: Path, shares: list[str], people: str = MARGIN, head: str = "") -> Path:
    """The base with shares of two languages in each of its three areas."""
    declaration = folder / "scenario.yaml"
    text = declaration.read_text(encoding="utf-8")
    assert PLACE in text
    declaration.write_text(text.replace(PLACE, people + PLACE), encoding="utf-8")
    areas = folder / "areas.csv"
    _, *rows = areas.read_text(encoding="utf-8").splitlines()
    columns = head or "language.low,language.high"
    lines = [f"{HEAD},{columns}", *map(",".join, zip(rows, shares, strict=True))]
    areas.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def areas_of(folder: Path) -> Table:
    return load(folder).tables["areas"]


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(Problems) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def test_people_of_an_area_have_its_shares(folder: Path) -> None:
    scenario = load(written(folder, ["0.9,0.1", "0.25,0.75", "0.5,0.5"]))
    world = build(scenario.tables, resolve(scenario, CENTRAL).world, scenario.year, 1, 0)
    low = [("language", "low") in group.categories for group in world.groups]
    found = world.people.by_group()
    shares = found[:, low].sum(axis=1) / found.sum(axis=1)
    assert shares == pytest.approx([0.9, 0.25, 0.5])
    assert found.sum(axis=1) == pytest.approx(world.people.persons)


def test_the_floor_of_a_scenario_merges_what_lies_below(folder: Path) -> None:
    text = (folder / "areas.csv").read_text(encoding="utf-8")
    row = "bog,The Bog,fenland,village,hills,9000,0,E1\n"
    (folder / "areas.csv").write_text(text + row, encoding="utf-8")
    people = MARGIN + "    smallest_area: 10000\n"
    areas = areas_of(written(folder, ["1,0", "0,1", "0.5,0.5", "0.25,0.75"], people))
    assert areas.merged == (
        "uplands (8000 people) into riverside",
        "marsh (1500 people) into bog",
    )
    mixes = {row["area"]: row["mix"]["language.low"] for row in areas.rows}
    assert mixes["riverside"] == pytest.approx(14_500 / 22_500)
    assert mixes["bog"] == pytest.approx((1500 * 0.5 + 9000 * 0.25) / 10_500)


def test_a_floor_below_a_thousand_is_refused(folder: Path) -> None:
    people = MARGIN + "    smallest_area: 50\n"
    (problem,) = problems_of(written(folder, ["1,0", "0,1", "0.5,0.5"], people))
    assert "world.people.smallest_area" in problem
    assert "at least 1,000" in problem


def test_shares_that_are_no_whole_are_refused(folder: Path) -> None:
    (problem,) = problems_of(written(folder, ["1,0", "0.4,0.4", "0.5,0.5"]))
    assert problem.startswith("areas.csv:3:")
    assert "the shares of language to sum to 1" in problem


def test_percentages_are_refused(folder: Path) -> None:
    found = problems_of(written(folder, ["90,10", "25,75", "50,50"]))
    assert len(found) == 6
    assert all("a number from 0 to 1" in problem for problem in found)


@pytest.mark.parametrize("column", ["person.name", "language", "sex.female"])
def test_a_column_of_anything_else_stays_unknown(folder: Path, column: str) -> None:
    found = problems_of(written(folder, ["1,0", "0,1", "1,0"], head=f"language.low,{column}"))
    assert any(f"column {column}" in problem for problem in found)


def test_a_margin_is_given_once(folder: Path) -> None:
    again = '      language.low: {fixed: 0.5, unit: "1"}\n'
    path = written(folder, ["1,0", "0,1", "0.5,0.5"]) / "scenario.yaml"
    text = path.read_text(encoding="utf-8")
    child = "      age.child:"
    path.write_text(text.replace(child, again + child), encoding="utf-8")
    scenario = load(folder)
    with pytest.raises(ValueError, match="areas.csv gives it by area"):
        build(scenario.tables, resolve(scenario, CENTRAL).world, scenario.year, 1, 0)
