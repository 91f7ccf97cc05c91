"""Which measures have a chance part, and that those without one say why."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sousveil import load
from sousveil.ensemble.stages import central_task
from sousveil.ensemble.study import Study, branches_of
from sousveil.ensemble.work import do
from sousveil.measures import measures
from sousveil.processes import Sensitivity

WITHOUT = {
    "availability",
    "backlog_days",
    "bribed_crossings_change_share",
    "camera_stock",
    "crossings_change_share",
    "presence_share",
}
WHAT_IFS = {
    "north_korea": ["reliable_power", "no_cameras", "human_review"],
    "london": [],
    "example": None,
}


def test_a_measure_without_chance_says_why() -> None:
    assert {name for name, item in measures().items() if item.no_chance} == WITHOUT


def test_no_border_measure_states_its_chance() -> None:
    # Of a share of a change the width is the square root of a number of crossings: a level.
    border = [m for m in measures().values() if m.sensitivity is Sensitivity.BORDER]
    assert border
    assert all(measure.no_chance.startswith("withheld") for measure in border)


@pytest.mark.parametrize("name", WHAT_IFS)
def test_every_number_of_the_whole_place_has_its_chance(name: str, tmp_path: Path) -> None:
    scenario = load(name)
    study = Study(scenario, 1, 0, branches_of(scenario, WHAT_IFS[name]))
    frame = do(study, tmp_path, central_task(study, "expected")).frame
    assert frame is not None
    whole = (pl.col("area") == "") & (pl.col("group") == "") & pl.col("value").is_not_null()
    found = frame.filter(whole & ~pl.col("measure").is_in(sorted(WITHOUT)))
    assert found.height > 50
    lacking = found.filter(pl.col("chance_sd").is_null())
    assert not lacking.height, lacking.select("measure", "what_if", "channel", "act", "category")
    border = frame.filter(pl.col("measure").is_in(sorted(WITHOUT)))
    assert border["chance_sd"].is_null().all()


def test_a_share_of_flags_by_cause_is_a_share_whatever_reviewers_do(tmp_path: Path) -> None:
    # Reviewers drop wrong flags: causes are counted before, and so is what they are divided by.
    scenario = load("north_korea")
    study = Study(scenario, 1, 0, branches_of(scenario, ["human_review"]))
    frame = do(study, tmp_path, central_task(study, "expected")).frame
    assert frame is not None
    rows = frame.filter((pl.col("measure") == "false_flags_cause_share") & (pl.col("area") == ""))
    found = {
        name: rows.filter(what_if=name).sort("channel", "category")["value"].to_list()
        for name in ("", "human_review")
    }
    assert found["human_review"] == pytest.approx(found[""], rel=1e-9)
