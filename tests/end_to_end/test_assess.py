"""From a run to an assessment whose open fields are answered, by the commands that a user types."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import docx
import polars as pl
import pytest

from sousveil.report.numbers import spread


def command(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sousveil", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.slow
def test_from_a_run_to_an_assessment_without_a_mark(tmp_path: Path) -> None:
    run, to = tmp_path / "run", tmp_path / "assessment"
    value = "acts.private_talk.rate_per_year=9"
    short = ("--members", 4, "--scale", 0.01, "--threads", 1)
    done = command("run", "example", "--out", run, "--set", value, *short)
    assert done.returncode == 0, done.stderr
    done = command("assess", run, "--for", "fria", "--to", to)
    assert (done.returncode, done.stderr) == (0, "")
    assert "never evidence" in done.stdout.lower()
    page = (to / "assessment.html").read_text(encoding="utf-8")
    assert "DRAFT: " in page
    assert "9 a year" in page
    table = pl.read_parquet(run / "measures.parquet")
    where = {name: "" for name in table.columns[1:8]} | {"measure": "harm", "part": "ignorance"}
    rows = table.filter(pl.all_horizontal(pl.col(k) == v for k, v in where.items()))
    ends = {row["statistic"]: row["value"] for row in rows.iter_rows(named=True)}
    assert spread(ends["low"], ends["high"], "") in page

    answers = to / "assessment.answers.yaml"
    names = done.stdout.partition("fields: ")[2].splitlines()[0].split(", ")
    answers.write_text("".join(f"{name}: |\n  Said of {name}.\n" for name in names))
    done = command("assess", run, "--for", "fria", "--to", to)
    assert (done.returncode, done.stderr) == (0, "")
    assert "open " not in done.stdout
    page = (to / "assessment.html").read_text(encoding="utf-8")
    assert "DRAFT" not in page
    assert all(f"Said of {name}." in page for name in names)
    words = "\n".join(item.text for item in docx.Document(str(to / "assessment.docx")).paragraphs)
    assert "Said of necessity." in words
    document = json.loads((to / "assessment.pia.json").read_text(encoding="utf-8"))
    assert document["pia"]["name"] == "Hollowmere, an invented town"


@pytest.mark.slow
def test_a_run_that_stopped_is_not_assessed(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    done = command("assess", tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--resume" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]
