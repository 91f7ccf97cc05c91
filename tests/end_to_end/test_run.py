"""The whole walk of a run on the example scenario: files, seeds, threads, interruption, refusal."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sousveil
from sousveil.ensemble.api import Result, study_of
from sousveil.ensemble.design import assumed
from sousveil.ensemble.study import Refused

COLUMNS = (
    "measure what_if channel act category area group period statistic part label value unit members"
).split()
SMALL: dict[str, Any] = {"members": 8, "scale": 0.01}


def command(*words: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sousveil", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def run(folder: Path, **words: Any) -> Result:
    return sousveil.run("example", out=folder, **(SMALL | words))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run of the command, looked at by several tests."""
    folder = tmp_path_factory.mktemp("runs") / "one"
    words = ("--members", 8, "--scale", 0.01, "--threads", 1, "--out", folder)
    done = command("run", "example", *words)
    assert done.returncode == 0, done.stderr
    assert "never evidence" in done.stdout.lower()
    assert "next    sousveil explain example" in done.stdout
    (folder / "said").write_text(done.stdout)
    return folder


def test_every_file_of_the_contract_is_there(finished: Path) -> None:
    names = {path.name for path in finished.iterdir()}
    assert names >= {"report.html", "measures.parquet", "measures.csv", "manifest.json"}
    assert len(list((finished / "members").glob("*.parquet"))) == 8
    claims = json.loads((finished / "claims.json").read_text(encoding="utf-8"))
    assert {"claim_id", "claim", "test", "numbers", "verdict", "would_decide"} <= set(claims[0])


def test_what_members_support_is_tried_at_the_ends_and_a_fact_is_not(
    finished: Path, tmp_path: Path
) -> None:
    claims = json.loads((finished / "claims.json").read_text(encoding="utf-8"))
    assert [item["verdict"] for item in claims] == ["not decided: too few members", "fact"]
    assert claims[0]["numbers"][0]["ends_tried"] == 0
    enough = run(tmp_path / "enough", members=16, engine="expected", threads=1)
    assert [item["verdict"] for item in enough.claims] == ["supported", "fact"]
    (test,) = enough.claims[0]["numbers"]
    assert test["ends_tried"] == 2 * len(assumed(sousveil.load("example")))
    assert not test["ends_failing"]
    assert enough.claims[0]["more_members_may_change_it"]


def test_the_tables_are_tidy_and_the_same(finished: Path) -> None:
    table = pl.read_parquet(finished / "measures.parquet")
    people = pl.read_csv(finished / "measures.csv", infer_schema_length=None)
    assert table.columns == COLUMNS == people.columns
    assert table.height == people.height
    assert set(table["part"]) == {
        "ignorance",
        "environment",
        "chance",
        "monte_carlo",
        "central",
        "paired",
    }
    assert table.select(pl.struct(*COLUMNS[:10]).is_unique().all()).item()


def test_the_manifest_says_what_a_result_rests_on(finished: Path) -> None:
    document = manifest(finished)
    scenario = sousveil.load("example")
    assert document["scenario_hash"] == scenario.hash
    assert {item["path"] for item in document["quantities"]} == set(scenario.quantities)
    assert all(item["unit"] and item["kind"] for item in document["quantities"])
    assert document["persons"] == 24_000
    assert len(document["tallies_sha256"]) == len(document["results_sha256"]) == 64
    assert set(document["seconds"]) >= {"members", "report", "summary"}
    assert {"sousveil", "numpy", "python"} <= set(document["versions"])
    assert "never evidence" in document["never"].lower()


def test_no_person_and_no_total_is_in_a_member(finished: Path) -> None:
    member = pl.read_parquet(next((finished / "members").glob("*.parquet")))
    assert not {"person", "numerator", "denominator"} & set(member.columns)
    small = member.filter(pl.col("stands_for") < 1000)
    assert small["value"].is_null().all()


def test_a_finished_folder_of_another_seed_is_refused_in_one_line(finished: Path) -> None:
    done = command("run", "example", "--seed", 3, "--out", finished)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "another seed" in done.stderr
    assert manifest(finished)["seed"] == 1


def test_comparing_a_run_with_itself_finds_nothing(finished: Path) -> None:
    done = command("compare", finished, finished)
    assert done.returncode == 0, done.stderr
    assert "no measure differs" in done.stdout
    assert command("compare", finished, finished.parent / "none").returncode == 2


def test_a_damaged_run_is_not_compared_and_named(finished: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(finished, damaged)
    path = next((damaged / "members").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-900])
    done = command("compare", finished, damaged)
    assert done.returncode == 2
    assert f"{path} is cut short" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


# --- Chance: seeds, threads, what-ifs


def test_the_same_seed_gives_the_same_hashes_and_another_seed_others(tmp_path: Path) -> None:
    hashes = [
        run(tmp_path / str(number), seed=seed, members=2).manifest
        for number, seed in enumerate((0, 0, 2))
    ]
    tallies = [item["tallies_sha256"] for item in hashes]
    results = [item["results_sha256"] for item in hashes]
    assert tallies[0] == tallies[1] != tallies[2]
    assert results[0] == results[1] != results[2]


@pytest.mark.slow
def test_processes_change_nothing(tmp_path: Path, finished: Path) -> None:
    words = ("--members", 8, "--scale", 0.01, "--threads", 2, "--out", tmp_path / "two")
    done = command("run", "example", *words)
    assert done.returncode == 0, done.stderr
    for name in ("tallies_sha256", "results_sha256"):
        assert manifest(tmp_path / "two")[name] == manifest(finished)[name]


def test_expected_members_have_no_tallies_to_hash(tmp_path: Path) -> None:
    result = run(tmp_path, engine="expected", what_ifs=["none"], members=2)
    assert result.manifest["tallies_sha256"] is None
    assert set(result.measures["what_if"]) == {""}
    assert "sampled" not in set(result.measures["label"])


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["hourly", "events"])
def test_everything_may_be_sampled(tmp_path: Path, engine: str) -> None:
    result = run(tmp_path, engine=engine, what_ifs=["none"], members=2)
    members = result.measures.filter(part="ignorance", statistic="median")
    assert "sampled" in set(members["label"])
    assert result.manifest["engine"] == engine


def test_chilling_that_is_off_equals_an_elasticity_of_zero(tmp_path: Path) -> None:
    words = {"engine": "expected", "members": 2, "what_ifs": ["none"]}
    off = run(tmp_path / "off", **words)
    on = run(
        tmp_path / "on", set_values=["chilling.enabled=true", "chilling.elasticity=0"], **words
    )
    numbers = [r.measures.filter(part="ignorance")["value"].to_list() for r in (off, on)]
    assert numbers[0] == numbers[1]


def test_more_elastic_people_forgo_more(tmp_path: Path) -> None:
    words = {"engine": "expected", "members": 2, "what_ifs": ["none"]}
    on = run(
        tmp_path, set_values=["chilling.enabled=true", "chilling.elasticity=3"], **words
    ).measures
    forgone = on.filter(measure="acts_forgone_share", part="ignorance", statistic="median")
    assert all(value >= 0 for value in forgone["value"])
    assert on.filter(measure="harm", category="forgone").height


def test_two_what_ifs_at_once_are_one_branch(tmp_path: Path) -> None:
    scenario = sousveil.load("example")
    first, second = list(scenario.what_ifs)[:2]
    joint = f"{first}+{second}"
    result = run(tmp_path, engine="expected", members=2, what_ifs=[joint])
    assert set(result.measures["what_if"]) == {"", joint}


def test_a_users_own_number_stands_in_the_manifest(tmp_path: Path) -> None:
    path = next(iter(sousveil.load("example").quantities))
    value = sousveil.load("example").quantities[path].value(0.5, float("nan"), 2024)
    result = run(tmp_path, engine="expected", members=2, set_values=[f"{path}={value}"])
    mine = [item for item in result.manifest["quantities"] if item["by_user"]]
    assert [item["path"] for item in mine] == [path]
    assert result.manifest["scenario_hash"] != sousveil.load("example").hash


# --- Interruption


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    words = ["run", "example", "--members", "60", "--engine", "expected", "--threads", "1"]
    return subprocess.Popen(
        [sys.executable, "-m", "sousveil", *words, "--out", str(folder), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_members(folder: Path, count: int) -> list[Path]:
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        found = sorted((folder / "members").glob("[0-9]*.parquet"))
        if len(found) >= count:
            return found
        time.sleep(0.01)
    raise AssertionError("no member was written")


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_bits(tmp_path: Path) -> None:
    whole = sousveil.run("example", members=60, engine="expected", out=tmp_path / "whole")
    running = start(tmp_path / "cut")
    before = wait_for_members(tmp_path / "cut", 5)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert len(list((tmp_path / "cut" / "members").glob("*.parquet"))) < 60
    times = {path: path.stat().st_mtime_ns for path in before}
    unasked = command("run", "example", "--members", 60, "--out", tmp_path / "cut")
    assert unasked.returncode == 2, "an unfinished run is not thrown away unasked"
    resumed = start(tmp_path / "cut", "--resume")
    _, said = resumed.communicate(timeout=300)
    assert resumed.returncode == 0, said
    assert {path: path.stat().st_mtime_ns for path in before} == times
    assert manifest(tmp_path / "cut")["results_sha256"] == whole.manifest["results_sha256"]


@pytest.mark.slow
def test_an_interrupted_run_says_how_to_go_on(tmp_path: Path) -> None:
    running = start(tmp_path / "cut")
    wait_for_members(tmp_path / "cut", 2)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 130
    assert "--resume" in said
    assert "Traceback" not in said


# --- Refusals


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--device", "gpu"], "--device cpu"),
        (["--engine", "guesswork"], "one of events"),
        (["--what-if", "no_such_thing"], "no what-if of that name"),
        (["--as-of", "1950"], "no what-if for that year"),
        (["--scale", "0"], "--scale"),
    ],
)
def test_bad_input_is_told_in_one_line(tmp_path: Path, words: Sequence[str], told: str) -> None:
    done = command("run", "example", *words, "--out", tmp_path / "x")
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "x" / "manifest.json").exists()


@pytest.mark.parametrize(
    "words", [{"seed": -1}, {"members": -1}, {"scale": 2.0}, {"method": "halton"}]
)
def test_python_refuses_as_the_command_does(words: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        study_of(sousveil.load("example"), **words)


def test_members_are_drawn_by_sobol_points_where_they_are_asked_for(tmp_path: Path) -> None:
    words: dict[str, Any] = {"what_ifs": ["none"], "engine": "expected", "method": "sobol"}
    result = run(tmp_path / "sobol", **words)
    assert manifest(result.folder)["method"] == "sobol"
    other = run(tmp_path / "other", what_ifs=["none"], engine="expected")
    found = sousveil.compare(result, other)
    assert found.why_not == "the designs differ"
    assert found.differing == {"design of the members": ("sobol", "latin_hypercube")}
    harm = (found.table["measure"] == "harm").to_numpy()
    assert (found.table["difference"].to_numpy()[harm] != 0.0).any(), "other draws, other values"


def test_sobol_points_of_many_quantities_are_refused_in_one_line() -> None:
    with pytest.raises(Refused, match="--method sobol: north_korea draws .* use latin_hypercube"):
        study_of(sousveil.load("north_korea"), method="sobol")


def test_expected_is_one_call() -> None:
    table = sousveil.expected("example", what_ifs=["none"])
    assert table.filter(measure="false_flags", channel="", act="", area="", group="").height == 1
    assert "numerator" not in table.columns


def test_a_result_shows_itself_in_a_notebook(finished: Path, tmp_path: Path) -> None:
    result = run(tmp_path, engine="expected", members=2)
    shown = result._repr_html_()  # pyright: ignore[reportPrivateUsage]
    assert "Never evidence" in shown
    assert result.report(tmp_path / "again.html").exists()
    assert finished.exists()
