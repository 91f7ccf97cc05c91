"""The shipped back-tests: all agree, each is cited, and a broken input makes the right one fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sousveil.cli_validate import validate
from sousveil.validate.case_files import CASES, SOURCES, TABLES, read_case, shipped_sources
from sousveil.validate.find import find_cases, shipped_cases
from sousveil.validate.model import Judged
from sousveil.validate.procedures import procedures
from sousveil.validate.report import as_json, as_text, summary
from sousveil.validate.runner import run_case

IDS = "A1 A2 A3 A4 A5 A6 A7 A8 B1 B2 B3 B4 B5 B6 B7 C1 C2 C3".split()


@pytest.fixture(scope="module")
def judged() -> dict[str, Judged]:
    return {case.id: run_case(case) for case in find_cases([])}


def test_all_eighteen_agree(judged: dict[str, Judged]) -> None:
    assert list(judged) == IDS
    assert summary(list(judged.values())).startswith("18 of 18 cases agree")


def test_a_file_is_named_after_its_case() -> None:
    assert list(shipped_cases()) == IDS
    for name, path in shipped_cases().items():
        assert read_case(path).id == name


def test_a_share_of_ten_is_no_bare_percentage(judged: dict[str, Judged]) -> None:
    (line,) = judged["A4"].lines
    assert line.model == "2 of 10 (95 % interval 2.5 to 56 %)"
    assert "20 %" not in as_text([judged["A4"]]).replace(judged["A4"].case.note, "")


def test_contradictions_are_reported_and_never_averaged(judged: dict[str, Judged]) -> None:
    lines = {line.run: line for line in judged["C2"].lines}
    assert lines["both"].verdict == "conflict"
    assert "1,848,433" in lines["both"].why
    assert "4,285,000" in lines["both"].why
    average = (1_848_433 + 4_285_000) / 2
    assert f"{average:,.0f}" not in as_text([judged["C2"]])
    assert str(average) not in as_json([judged["C2"]])


def test_the_fiction_is_refused(judged: dict[str, Judged]) -> None:
    line = next(line for line in judged["C2"].lines if line.run == "seen_300_times_a_day")
    assert line.verdict == "refused"
    assert "fictional day" in line.why


def test_the_wide_prior_gives_a_wide_range(judged: dict[str, Judged]) -> None:
    line = next(line for line in judged["C3"].lines if line.run == "wide_prior")
    assert "to" in line.model
    assert "No source" in judged["C3"].case.note


def test_every_source_is_used_and_every_row_is_graded_and_cited(
    judged: dict[str, Judged],
) -> None:
    import csv

    used = {source.key for item in judged.values() for source in item.case.sources}
    for item in judged.values():
        for run in item.case.runs:
            used |= {s.key for quantity in run.quantities.values() for s in quantity.sources}
    for path in TABLES.glob("*.csv"):
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
            cited = row["source"].split("; ")
            assert set(cited) <= set(shipped_sources()), (path.name, row)
            used |= set(cited)
    assert used == set(shipped_sources())


def test_every_procedure_is_used_by_a_case(judged: dict[str, Judged]) -> None:
    used = {run.procedure.name for item in judged.values() for run in item.case.runs}
    assert used == set(procedures())


def test_every_output_that_a_case_expects_is_described(judged: dict[str, Judged]) -> None:
    for item in judged.values():
        for run in item.case.runs:
            for expected in run.expectations:
                family = f"{expected.output.partition('.')[0]}.*"
                known = run.procedure.outputs
                assert expected.output in known or family in known, expected.output


def copy(name: str, folder: Path, old: str, new: str) -> Path:
    text = shipped_cases()[name].read_text(encoding="utf-8")
    assert old in text
    path = folder / f"{name}.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def broken_table(folder: Path, name: str, old: str, new: str) -> None:
    text = (TABLES / f"{name}.csv").read_text(encoding="utf-8")
    assert old in text
    (folder / f"{name}.csv").write_text(text.replace(old, new), encoding="utf-8")


def test_a_broken_operating_point_makes_the_right_case_fail(tmp_path: Path) -> None:
    # The table beside the cases is a copy of the shipped one, but for the laboratory's FPIR.
    broken_table(tmp_path, "face_recognition_in_use", "0.89,1/6000,", "0.89,1/600,")
    for path in CASES.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    judged = {case.id: run_case(case) for case in find_cases([str(tmp_path)])}
    assert [name for name, item in judged.items() if not item.good] == ["A2"]
    failed = [line.output for line in judged["A2"].lines if not line.good]
    assert failed == ["false_alert_rate", "false_match_rate"]


def test_a_broken_rule_of_the_model_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from sousveil import recognition

    monkeypatch.setattr(recognition, "independent_rule", lambda rate, names: rate * names)
    judged = {case.id: run_case(case) for case in find_cases(["A1", "A2", "A3"])}
    assert [name for name, item in judged.items() if not item.good] == ["A1"]


def test_cameras_a_head_are_counted_by_the_rule_of_published_sites(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sousveil.validate.procedures import counts

    monkeypatch.setattr(counts, "for_thousand", lambda count, people: 500.0 * count / people)
    (found,) = (run_case(case) for case in find_cases(["B6"]))
    assert [line.output.partition(".")[0] for line in found.lines if not line.good] == [
        "per_head"
    ] * 5


def test_the_command_ends_as_it_should(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(["a4", "B1"], False) == 0
    printed = capsys.readouterr().out
    assert "2 of 2 cases agree" in printed
    broken = copy("A4", tmp_path, "published: 0.20", "published: 0.10")
    assert validate([str(broken)], False) == 1
    printed = capsys.readouterr().out
    assert "FAILS" in printed
    assert "failed: A4" in printed


def test_json_holds_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(["A3", "C2", "C3"], True) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["agree"], document["of"]) == (3, 3)
    lines = {line["output"]: line for line in document["cases"][0]["lines"]}
    assert lines["right_of_checked"]["model"] == pytest.approx(8 / 22)
    assert lines["right_of_checked"]["low"] == pytest.approx(0.172, abs=1e-3)
    assert lines["right_of_checked"]["published_interval"] == [0.17, 0.59]
    assert {case["grade"] for case in document["cases"]} == {"A2", "E4", "B2"}


def test_sources_are_csl() -> None:
    records = json.loads(SOURCES.read_text(encoding="utf-8"))
    assert len({record["id"] for record in records}) == len(records)
