"""Loading: what a good scenario becomes, what moves its hash, what is merged, what warns."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sousveil.errors import Problems
from sousveil.quantity import Source
from sousveil.scenario.files import shipped
from sousveil.scenario.findings import Findings
from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL, Scenario
from sousveil.scenario.parameters import resolve
from sousveil.scenario.tree import read_yaml
from unit.scenario.bad import BASE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "town")
    return tmp_path / "town"


def change(folder: Path, file: str, find: str, put: str) -> Scenario:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert find in text
    path.write_text(text.replace(find, put), encoding="utf-8")
    return load(folder)


def test_every_shipped_scenario_loads() -> None:
    assert "example" in shipped()
    for name in shipped():
        assert load(name).name == name


def test_a_folder_its_declaration_and_its_name_are_the_same_scenario() -> None:
    scenario = load("example")
    assert load(scenario.folder).hash == scenario.hash
    assert load(scenario.folder / "scenario.yaml").hash == scenario.hash


def test_quantities_carry_all_that_was_written(folder: Path) -> None:
    scenario = load(folder)
    total = scenario.quantities["world.people.population_total"]
    assert total.sources == (Source("E1", "p. 3"),)
    assert (total.kind, total.role, total.grade, total.resolution) == (
        "documented",
        "nature",
        "B2",
        "country",
    )
    assert (total.location.file, total.location.line, total.location.column) == (
        "scenario.yaml",
        9,
        5,
    )
    assert (total.low, total.high) == (1000, float("inf"))
    child = scenario.quantities["world.people.margins.age.child"]
    assert child.distribution is not None
    assert child.distribution.values == (0.25,)  # percent at the door, a share inside
    assert child.because == "a round number"  # from `_defaults`
    home = scenario.quantities["world.power.home_hours.valley"]
    assert [reading.label for reading in home.readings] == ["survey", "utility"]
    assert home.role == "state_lever"  # from the field
    boxes = scenario.quantities["channels.iptv.share_of_households.village"]
    assert [point.year for point in boxes.series] == [2018, 2024]
    assert list(scenario.quantities)[0] == "world.people.population_total"  # file order


def test_what_ifs_are_in_the_units_of_their_fields(folder: Path) -> None:
    scenario = load(folder)
    assert scenario.what_ifs["reliable_power"].set == {"world.power.home_hours.*": 24.0}
    hours = resolve(scenario, CENTRAL, ("reliable_power",)).world.power.home_hours
    assert dict(hours) == {"valley": 24, "hills": 24}


def test_a_claim_says_what_is_material(folder: Path) -> None:
    (claim,) = load(folder).claims
    assert claim.verdict == "model"
    assert claim.tests[0].material == 0.1
    assert claim.tests[0].left.what_if == "reliable_power"
    assert dict(claim.tests[0].left.where) == {"channel": "iptv"}


def test_the_hash_follows_the_content_and_not_the_form(folder: Path) -> None:
    before = load(folder).hash
    assert change(folder, "scenario.yaml", "year: 2024", "year: 2024   # a comment").hash == before
    assert change(folder, "areas.csv", ",The Marsh,", ',"The Marsh",').hash == before
    (folder / "README.md").write_text("# words\n", encoding="utf-8")
    assert load(folder).hash == before


@pytest.mark.parametrize(
    ("file", "find", "put"),
    [
        ("scenario.yaml", "[4, 6, 10]", "[4, 6, 11]"),
        ("scenario.yaml", "thin walls", "thick walls"),
        ("areas.csv", "8000", "8001"),
        ("presence.csv", "all,rest_day,23,1,0,", "all,rest_day,23,0.5,0.5,"),
        ("series.csv", "160", "161"),
        ("sources.json", "Census", "Count"),
        ("areas.geojson", "[2, 1]", "[2, 2]"),
    ],
)
def test_any_number_or_word_moves_the_hash(folder: Path, file: str, find: str, put: str) -> None:
    before = load(folder).hash
    assert change(folder, file, find, put).hash != before


def test_a_small_area_is_merged_and_said_so(folder: Path) -> None:
    scenario = change(
        folder, "areas.csv", "hollowmere,village,hills,8000", "hollowmere,village,hills,800"
    )
    areas = scenario.tables["areas"]
    assert [row["area"] for row in areas.rows] == ["riverside", "marsh"]
    assert areas.rows[0]["people"] == 15300
    assert areas.merged == ("uplands (800 people) into riverside",)


def test_small_areas_are_merged_with_the_next_of_their_parent(folder: Path) -> None:
    text = (folder / "areas.csv").read_text(encoding="utf-8")
    rows = "a,A,fenland,village,hills,300,0,E1\nb,B,fenland,village,hills,400,0,E2\n"
    (folder / "areas.csv").write_text(text + rows, encoding="utf-8")
    areas = load(folder).tables["areas"]
    assert areas.merged == ("a (300 people) into b", "b (700 people) into marsh")
    assert areas.rows[-1]["people"] == 2200
    assert areas.rows[-1]["source"] == "E1; E2"


def test_a_year_outside_a_series_warns(folder: Path) -> None:
    scenario = change(folder, "scenario.yaml", "\nyear: 2024", "\nyear: 2031")
    assert len(scenario.warnings) == 1
    assert "the series runs from 2018 to 2024, the scenario stands in 2031" in scenario.warnings[0]


def test_a_gap_in_the_matrix_warns(folder: Path) -> None:
    scenario = change(folder, "scenario.yaml", "    iptv: cannot_see\n", "")
    assert "matrix.private_talk: nothing is said about iptv" in scenario.warnings[0]


def test_yaml_is_read_as_1_2() -> None:
    text = "a: NO\nb: 22:30\nc: 0o17\nd: 1_000\ne: yes\nf: 1e-3\ng: ~\nh: true\ni: '5'\nNO: 1\n"
    findings = Findings()
    root = read_yaml(text, "x.yaml", findings)
    assert root is not None
    assert findings.problems == []
    assert dict(root.plain()) == {
        "a": "NO",
        "b": "22:30",
        "c": "0o17",
        "d": "1_000",
        "e": "yes",
        "f": 0.001,
        "g": None,
        "h": True,
        "i": "5",
        "NO": 1,
    }


def test_windows_line_ends_and_byte_order_marks_are_read(folder: Path) -> None:
    before = load(folder).hash
    for name in ("scenario.yaml", "areas.csv", "presence.csv", "sources.json"):
        path = folder / name
        raw = path.read_bytes().replace(b"\n", b"\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + raw)
    assert load(folder).hash == before


def test_nothing_in_a_loaded_scenario_can_be_changed(folder: Path) -> None:
    scenario = load(folder)
    with pytest.raises(TypeError):
        scenario.quantities["x"] = None  # pyright: ignore[reportIndexIssue]
    with pytest.raises(AttributeError):
        scenario.year = 2000  # pyright: ignore[reportAttributeAccessIssue]


def test_a_name_that_is_nothing_is_one_line() -> None:
    with pytest.raises(Problems, match=r"absent-file .*did you mean example\?") as told:
        load("exxample")
    assert len(told.value.problems) == 1


def test_a_setting_may_be_written_as_a_number_where_text_stands(folder: Path) -> None:
    scenario = change(folder, "scenario.yaml", "place: Hollowmere", "place: 1984")
    assert scenario.place == "1984"


def test_a_documented_channel_that_is_not_modelled_is_noted(folder: Path) -> None:
    cell = "iptv: cannot_see\n    rumour: {state: not_modelled, note: reported (E1)}"
    scenario = change(folder, "scenario.yaml", "iptv: cannot_see", cell)
    assert scenario.matrix["private_talk"]["rumour"] == ("not_modelled", "reported (E1)")
