"""What stands in unknowns.json: the quantities, and what the study leaves out."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import sousveil
from sousveil.ensemble.api import study_of
from sousveil.ensemble.rules import scenario_rules
from sousveil.ensemble.sensitivity import FEWEST_POINTS, Researched
from sousveil.ensemble.study import Refused
from sousveil.ensemble.targets import Note
from sousveil.ensemble.unknowns import FILE, as_document, read
from sousveil.release import IDENTITY, release
from sousveil.scenario.load import load

REPORT = "channels.neighbourhood_unit.report_probability"


def researched() -> Researched:
    words = {name: [""] for name in IDENTITY} | {"measure": ["harm"], "target": ["harm"]}
    about = {"quantity": [REPORT], "statistic": ["narrowing"], "label": ["quantity"]}
    numbers = {"low": [0.1], "value": [0.4], "high": [0.5], "members": [512]}
    frame = pl.DataFrame(words | about | numbers | {"stands_for": [1e6]})
    rules = scenario_rules(study_of(load("example"), members=0, what_ifs=["none"]))
    return Researched(release(frame, rules), (Note("margin of C7, test 1", "not run"),))


def test_notes_are_written_beside_the_unknowns_and_read_back(tmp_path: Path) -> None:
    document = as_document(load("example"), researched())
    (tmp_path / FILE).write_text(json.dumps(document), encoding="utf-8")
    unknowns, notes = read(tmp_path)
    assert [item["quantity"] for item in unknowns] == [REPORT]
    assert unknowns[0]["between"] == {"harm": [0.1, 0.5]}
    assert notes == [{"about": "margin of C7, test 1", "note": "not run"}]


def test_a_file_from_before_there_were_notes_is_read(tmp_path: Path) -> None:
    assert read(tmp_path) == ([], [])
    (tmp_path / FILE).write_text(json.dumps([{"quantity": REPORT}]), encoding="utf-8")
    assert read(tmp_path) == ([{"quantity": REPORT}], [])


@pytest.mark.parametrize("points", [-1, 0, 2, FEWEST_POINTS - 1])
def test_too_few_base_points_are_refused_before_anything_runs(points: int, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=f"--points {points}: expected {FEWEST_POINTS} or more"):
        sousveil.run("example", members=0, points=points, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
