"""Each study ends in what it found and in the files that hold it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sousveil
from sousveil.ensemble.study_lines import study_lines

ASKED = ("sensitivity", "attribution", "discovery")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Any:
    words: dict[str, Any] = {"what_ifs": ["none"], "engine": "expected", "threads": 1}
    out = tmp_path_factory.mktemp("studies")
    return sousveil.run("example", 24, studies=ASKED, points=256, out=out, **words)


def test_every_study_says_what_it_found_and_where_it_is(result: Any) -> None:
    lines = study_lines(result, ASKED)
    found, files = lines[::2], lines[1::2]
    assert all(line.startswith("study   ") for line in found)
    assert found[0].startswith("study   unknown to research next (narrowing of the range of harm)")
    first = result.unknowns[0]
    low, high = (f"{end:.0%}" for end in first["between"]["harm"])
    assert f"{first['quantity']} ({first['narrowing']['harm']:.0%}, {low} to {high})" in found[0]
    most = result.attribution.sort("value", descending=True).row(0, named=True)
    assert f"{most['channel']} {most['value']:,.0f}"[:8] in found[1]
    assert most["unit"] in found[1]
    assert "central quantities, chilling off, no range" in found[1]
    assert "where a verdict flips" in found[2]
    for line in files:
        for path in line.strip().split(", "):
            assert Path(path).is_file()
    assert [name in " ".join(files) for name in ("unknowns.json", "attribution.csv")] == [True] * 2


def test_a_study_that_was_not_asked_for_says_nothing(result: Any) -> None:
    assert study_lines(result, ()) == []
    assert len(study_lines(result, ("attribution",))) == 2


def test_boxes_are_counted_by_claim(tmp_path: Path) -> None:
    class Found:
        folder = tmp_path
        sensitivity = attribution = None
        # Two quantities restrict the one box, one the other.
        discovery = pl.DataFrame({"target": ["C1 fails", "C1 fails", "C8 holds"], "box": [1, 1, 1]})

    said: Any = Found()
    line, files = study_lines(said, ASKED)
    assert "2 boxes" in line
    assert line.endswith("(C1 fails, C8 holds)")
    assert "discovery.csv" in files
