"""What leaves of published sites: sums that pass the gate, no word and no place of one site."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sousveil import cli
from sousveil.release import Released
from sousveil.sites.aggregates import ELSEWHERE, Ask, aggregates
from sousveil.sites.model import Operator, Sites
from sousveil.sites.people import read_people

COUNCIL = Operator("GBR", "https://council.example/cctv", "2024-03")
PLACE = ("--people", "235052", "--area-km2", "106")
SAID = ("--country", "GBR", "--operator-url", "https://council.example/a", "--published", "2024")


def town(count: int = 400, **more: Any) -> Sites:
    """Sites of one town of 10 by 10 km, a third of them in its middle."""
    rng = np.random.default_rng(5)
    places = rng.uniform(-5000, 5000, size=(2, count))
    places[:, : count // 3] /= 20
    plain: dict[str, Any] = {"by_area": {"West": count - 60, "East": 60}, "by_kind": {"fixed": 1}}
    return Sites(COUNCIL, places[0], places[1], **{**plain, **more})


def values(table: Released, measure: str, column: str = "area") -> dict[str, float | None]:
    rows = table.frame.filter(pl.col("measure") == measure)
    return dict(zip(rows[column].to_list(), rows["value"].to_list(), strict=True))


def test_counts_and_rates_are_of_the_whole_place() -> None:
    table = aggregates(town(), Ask(100_000, 100))
    assert values(table, "sites_per_thousand") == {"": 4.0}
    assert values(table, "sites_per_km2") == {"": 4.0}


def test_an_area_leaves_by_name_only_where_its_people_are_stated() -> None:
    table = aggregates(town(), Ask(100_000, 100))
    assert set(values(table, "sites")) == {"", ELSEWHERE}
    stated = aggregates(town(), Ask(100_000, 100, people_by_area={"West": 60_000.0}))
    assert values(stated, "sites")["West"] == 340
    assert values(stated, "sites")[ELSEWHERE] == 60
    assert values(stated, "sites_per_thousand")["West"] == pytest.approx(340 / 60)
    assert "East" not in values(stated, "sites")


def test_an_area_below_a_thousand_people_is_suppressed_with_another() -> None:
    people = {"West": 60_000.0, "East": 900.0}
    found = values(aggregates(town(), Ask(60_900, 100, people_by_area=people)), "sites")
    assert found["East"] is None
    assert found["West"] is None  # or East could be had by subtraction


def test_words_about_single_sites_are_no_kinds() -> None:
    kinds = {f"plate {number}": 1 for number in range(30)} | {"fixed": 370}
    found = values(aggregates(town(by_kind=kinds), Ask(100_000, 100)), "sites_share", "category")
    assert found == {"other": 1.0}
    few = {"fixed": 300, "turning": 97, "on a van": 3}
    found = values(aggregates(town(by_kind=few), Ask(100_000, 100)), "sites_share", "category")
    assert found == {"fixed": 0.75, "turning": 0.2425, "other": 0.0075}


def test_cells_are_coarse_hold_five_sites_and_tell_no_gap() -> None:
    table = aggregates(town(), Ask(100_000, 100))
    cells = values(table, "sites_in_cell")
    assert sum(value or 0.0 for value in cells.values()) == 400
    assert all((value or 0.0) >= 5 for name, value in cells.items() if name != ELSEWHERE)
    assert 0.0 not in cells.values()


@pytest.mark.parametrize(
    ("people", "width"), [(100_000, 1000.0), (9_000, 3400.0), (1_000, 10_000.0)]
)
def test_a_cell_is_wide_enough_for_a_thousand_people(people: float, width: float) -> None:
    ask = Ask(people, 100)
    assert ask.width_m == width
    assert people / 100 * (width / 1000) ** 2 >= 1000


def test_covered_ground_is_a_union_beside_the_sum() -> None:
    table = aggregates(town(), Ask(100_000, 100, radius_m=100.0))
    found = values(table, "covered_share", "category")
    assert (found["together"] or 0) < (found["random"] or 0) < (found["added"] or 0)


def test_a_place_too_small_for_its_sites_is_refused() -> None:
    with pytest.raises(ValueError, match="state the people and the land of the whole place"):
        aggregates(town(), Ask(100_000, 5))


def test_people_of_areas_are_read_with_their_source(tmp_path: Path) -> None:
    path = tmp_path / "wards.csv"
    path.write_text("area,people,source\nWest,60000,census\nEast,41000,census\n", encoding="utf-8")
    assert dict(read_people(path)) == {"West": 60_000.0, "East": 41_000.0}


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def asked(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["sousveil", "sites", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return asked


def written(folder: Path, rows: int = 12, head: str = "camera_id,location,type,lon,lat") -> str:
    path = folder / "cctv.csv"
    lines = [f"{n},Quay {n},fixed,{-2.2846 + n / 1e5},{53.4645 + n / 1e5}" for n in range(rows)]
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return str(path)


def test_the_command_tells_and_writes_aggregates_only(tmp_path: Path, ask: Any) -> None:
    out = tmp_path / "out"
    code, told, err = ask(written(tmp_path), *SAID, *PLACE, "--radius-m", "50", "--out", str(out))
    assert (code, err) == (0, "")
    assert "12 sites in GBR, published by its operator" in told
    assert "kind fixed: 12, 100 %" in told
    files = {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()}
    assert set(files) == {"sites.csv", "about.json"}
    assert json.loads(files["about.json"])["published_by"]["url"] == "https://council.example/a"
    for text in (told, *files.values()):
        assert "Quay" not in text
        assert "53.46" not in text
        assert "-2.28" not in text


def test_the_command_speaks_to_machines(tmp_path: Path, ask: Any) -> None:
    code, told, _ = ask(written(tmp_path), *SAID, *PLACE, "--json")
    assert code == 0
    assert {row["measure"] for row in json.loads(told)["rows"]} >= {"sites", "sites_in_cell"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*SAID[:2], *PLACE), "no address"),
        (("--country", "PRK", *SAID[2:], *PLACE), "the country PRK"),
        ((*SAID[2:], *PLACE), "not stated"),
        ((*SAID[:3], "https://localhost/a", *SAID[4:], *PLACE), "https://localhost/a"),
        ((*SAID, "--people", "12", "--area-km2", "106"), "--people:1:1 bounds"),
        ((*SAID, *PLACE, "--cell-m", "100"), "--cell-m:1:1 bounds"),
        ((*SAID, *PLACE, "--radius-m", "nan"), "--radius-m:1:1 bounds"),
        ((*SAID, *PLACE, "--people-by-area", "nosuch.csv"), "nosuch.csv:1:1 absent-file"),
        ((*SAID, "--people", "235052"), "--area-km2"),
    ],
)
def test_bad_input_ends_with_two_and_a_line(
    tmp_path: Path, ask: Any, arguments: tuple[str, ...], words: str
) -> None:
    code, told, err = ask(written(tmp_path), *arguments)
    assert (code, told) == (2, "")
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", '{"type": "FeatureCollection", "features": [1]}'),
        ("b.geojson", '{"type": "FeatureCollection", "features": {"a": 1}}'),
        ("c.geojson", '{"type": "FeatureCollection", "features": [{"geometry": 5}]}'),
        ("d.geojson", "[" * 100_000),
        ("e.geojson", '{"type": "FeatureCollection", "features":'),
        ("f.parquet", "PAR1PAR1"),
        ("g.csv", "id,lon,lat\n1,-2.2,53.4,9\n"),
        ("h.csv", "id,lon,lat\n1,-2.2,\0\n"),
    ],
)
def test_a_broken_file_is_one_line(tmp_path: Path, ask: Any, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    code, told, err = ask(str(tmp_path / name), *SAID, *PLACE)
    assert (code, told) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith(name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("area,people\nWest,60000\n", "no column source"),
        ("area,people,source,name\nWest,1,a,b\n", "column name"),
        ("area,people,source\nWest,60 000,census\n", "a whole number"),
        ("area,people,source\nWest,60000,census\nWest,60000,census\n", "area West again"),
        ("area,people,source\nWest,60000,\n", "where the number is from"),
        ("", "no column"),
    ],
)
def test_people_of_areas_are_refused_in_a_line(
    tmp_path: Path, ask: Any, text: str, words: str
) -> None:
    (tmp_path / "wards.csv").write_text(text, encoding="utf-8")
    wards = ("--people-by-area", str(tmp_path / "wards.csv"))
    code, _, err = ask(written(tmp_path), *SAID, *PLACE, *wards)
    assert code == 2
    assert words in err
