"""A folder that holds no finished run, or one that was changed, is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sousveil.assessment import run_folder
from sousveil.assessment.run_folder import FinishedRun, open_run
from sousveil.ensemble.study import Refused
from unit.assessment.conftest import Edit


def refusal(folder: Path) -> str:
    with pytest.raises(Refused) as problem:
        open_run(folder)
    words = str(problem.value)
    assert "\n" not in words
    assert "Traceback" not in words
    return words


def test_a_finished_run_is_read_as_it_was_written(finished: Path) -> None:
    run = open_run(finished)
    assert run.about.scenario == "example"
    assert run.measures.kind == "summary"
    written = pl.read_parquet(finished / "measures.parquet")
    assert run.measures.frame.equals(written.filter(pl.col("area") == ""))


def test_what_is_no_run_is_refused_with_the_mend(tmp_path: Path) -> None:
    assert "is not there" in refusal(tmp_path / "nosuch")
    assert "holds no run" in refusal(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    assert "--resume" in refusal(tmp_path)
    (tmp_path / "file").touch()
    assert "is a file" in refusal(tmp_path / "file")


@pytest.mark.parametrize(
    "words",
    [
        {"members": "many"},
        {"members": -1},
        {"title": ["a", "list"]},
        {"quantities": {}},
        {"quantities": [{"path": "x"}]},
        {"results_sha256": "0" * 63},
        {"scene": {"place": "x"}},
        {"what_if_texts": {"x": {"title": "x"}}},
        {"persons": None},
    ],
)
def test_a_manifest_that_was_edited_is_refused_by_place(edited: Edit, words: Any) -> None:
    told = refusal(edited(**words))
    assert "run the scenario again" in told
    assert next(iter(words)) in told


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"a": ' * 100_000, "\x00"])
def test_a_manifest_that_is_no_manifest_is_refused(copy: Path, text: str) -> None:
    (copy / "manifest.json").write_text(text, encoding="utf-8")
    assert "run the scenario again" in refusal(copy)


def test_a_run_of_before_the_scene_was_told_asks_for_another(copy: Path) -> None:
    path = copy / "manifest.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["scene"]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert "older version" in refusal(copy)


def test_a_number_that_was_changed_is_found(copy: Path) -> None:
    path = copy / "measures.parquet"
    table = pl.read_parquet(path)
    table.with_columns(pl.col("value") * 2).write_parquet(path)
    assert "was changed since the run" in refusal(copy)


@pytest.mark.parametrize("name", ["measures.parquet", "drivers.csv"])
def test_a_table_that_cannot_be_read_is_named(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"\x00\x01 no table")
    assert name in refusal(copy)
    (copy / name).unlink()
    assert name in refusal(copy)


def test_a_measure_that_nobody_declares_is_refused(edited: Edit) -> None:
    assert "another version" in refusal(edited([{"measure": "height"}]))


def test_a_table_behind_a_link_is_the_table(copy: Path, finished: Path) -> None:
    path = copy / "measures.parquet"
    path.unlink()
    path.symlink_to(finished / "measures.parquet")
    assert open_run(copy).about.members == 4


def test_only_what_reads_the_folder_reads_tables() -> None:
    """Every number of an assessment comes out of a FinishedRun, which holds what the gate made."""
    room = Path(run_folder.__file__).parent
    readers = [p.name for p in room.glob("*.py") if "polars" in p.read_text(encoding="utf-8")]
    assert readers == ["run_folder.py"]
    assert {"measures", "drivers"} <= FinishedRun.__annotations__.keys()
    kinds = [FinishedRun.__annotations__[name] for name in ("measures", "drivers")]
    assert kinds == ["Released", "Released"]
