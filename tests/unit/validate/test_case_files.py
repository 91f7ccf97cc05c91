"""A reader's own case: what it may say, and one clear line for each thing that it may not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sousveil import cli
from sousveil.errors import Problems
from sousveil.validate.case_files import read_case
from sousveil.validate.find import find_cases
from sousveil.validate.model import Apart, Number, Refused
from sousveil.validate.runner import outputs, run_case

GOOD = """
format: 1
id: mine
title: Alerts of a town
asks: how many alerts were right
sources: [town2024]
grade: C3
references:
  - {id: town2024, type: report, title: Answer to a request}
runs:
  year:
    procedure: tiny_share
    inputs:
      part: {fixed: 3, unit: "1", kind: documented, sources: [town2024], grade: C3}
      whole: {table: alerts, where: {year: 2024}, column: alerts}
    expect:
      share: {published: 0.25, absolute: 0.01}
"""
TABLE = "year,alerts,source,grade\n2023,9,town2024,C3\n2024,12,town2024,C3\n"


def write(folder: Path, text: str = GOOD, table: str | bytes = TABLE) -> Path:
    (folder / "alerts.csv").write_bytes(table.encode() if isinstance(table, str) else table)
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(Problems) as found:
        run_case(read_case(path))
    return [str(problem) for problem in found.value.problems]


def test_a_case_is_one_file_with_its_own_source_and_table(tmp_path: Path) -> None:
    judged = run_case(read_case(write(tmp_path)))
    assert judged.good
    assert judged.lines[0].model.startswith("3 of 12")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("procedure: tiny_share", "procedure: tiny_shar", "did you mean tiny_share"),
        ("fixed: 3", "fixed: -3", "part"),
        ("fixed: 3", "uniform: [5, 3]", "ascending"),
        ("      part:", "      parts:", "parts"),
        ('unit: "1", kind', "unit: hour, kind", "dimension"),
        (
            "sources: [town2024], grade: C3}\n      whole",
            "grade: C3}\n      whole",
            "without source",
        ),
        (
            "sources: [town2024], grade: C3}\n      whole",
            "sources: [town], grade: C3}\n      whole",
            "town2024",
        ),
        ("absolute: 0.01", "", "no tolerance"),
        ("absolute: 0.01", "absolute: 0.01, relative: 1 %", "exactly one of"),
        ("absolute: 0.01", "absolute: -1", "0 or more"),
        ("published: 0.25", "published: a quarter", "a number, a fraction"),
        ("published: 0.25, absolute: 0.01", "note: nothing", "nothing expected"),
        ("share: {p", "shares: {p", "did you mean share"),
        ("where: {year: 2024}", "where: {year: 2022}", "no row"),
        ("where: {year: 2024}", "where: {yeer: 2024}", "did you mean year"),
        ("where: {year: 2024}, ", "", "2 rows of alerts.csv"),
        ("column: alerts", "column: alertz", "did you mean alerts"),
        ("column: alerts", "column: source", "a number"),
        ("table: alerts", "table: alert", "did you mean alerts"),
        ("id: mine", "id: 3 mine", "a letter first"),
        ("format: 1", "format: 2", "format"),
        ("grade: C3\nref", "grade: G9\nref", "a letter A-F"),
        ("title: Alerts of a town\n", "", "no title"),
        ("type: report", "type: rumour", "CSL type"),
        ("runs:", "walks:", "runs"),
        ("share: {published: 0.25, absolute: 0.01}", "{}", "at least one output"),
        ("published: 0.25, absolute: 0.01", "interval: [2, 1]", "[low, high]"),
        ("format: 1", "format: 1\nformat: 1", "again"),
        ("format: 1", "format: [1", "syntax"),
    ],
)
def test_what_is_wrong_has_one_clear_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    lines = problems(write(tmp_path, GOOD.replace(old, new, 1)))
    assert any(words in line for line in lines), lines
    assert all("\n" not in line and line.startswith("mine.yaml:") for line in lines)
    assert len(lines) <= 2, lines


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "without source, grade"),
        ("year,alerts\n2024,12\n", "without source, grade"),
        ("year,alerts,source,grade\n2024,12,town2024\n", "as many cells as columns"),
        ("year,alerts,source,grade\n2024,12,town2024,C3,5\n", "as many cells as columns"),
        ("year,alerts,source,grade\n2024,twelve,town2024,C3\n", "found twelve"),
        ('year,alerts,source,grade\n2024,"12,5",town2024,C3\n', "found 12,5"),
        ("year,alerts,source,grade\n2024,12,town2024,Z\n", "grade"),
        ("year,alerts,lat,source,grade\n2024,12,51,town2024,C3\n", "lat"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_a_bad_table_has_one_clear_line(tmp_path: Path, table: str | bytes, words: str) -> None:
    (line,) = problems(write(tmp_path, GOOD, table))
    assert words in line


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"- a list\n", b"just words\n", b"x" * 1_100_000]
)
def test_what_is_no_case_has_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    (line,) = problems(path)
    assert line.startswith("mine.yaml:1:1")


def test_a_case_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="did you mean A1"):
        find_cases(["A11"])
    with pytest.raises(Problems) as found:
        find_cases(["nothing", "Q7"])
    assert len(found.value.problems) == 2
    assert len(find_cases([str(write(tmp_path)), "B1", "b1"])) == 2


def test_all_bad_cases_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("tiny_share", "nothing_like_it"))
    (tmp_path / "other.yaml").write_text("format: 9\n", encoding="utf-8")
    with pytest.raises(Problems) as found:
        find_cases([str(tmp_path)])
    # Files are named as a reader reaches them, so that an editor can jump there.
    assert {problem.location.file for problem in found.value.problems} == {
        str(tmp_path.resolve() / "mine.yaml"),
        str(tmp_path.resolve() / "other.yaml"),
    }


def test_a_case_is_named_by_its_path_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cases").mkdir()
    text = GOOD.replace("tiny_share", "tiny_shar").replace("absolute", "absolutely")
    write(tmp_path / "cases", text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["sousveil", "validate", "cases/mine.yaml"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    lines = capsys.readouterr().err.splitlines()
    assert end.value.code == 2
    assert len(lines) == 3  # the procedure, the tolerance that is none, and that there is none
    assert all(line.startswith("cases/mine.yaml:") for line in lines)
    write(tmp_path / "cases")
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0


def test_an_uncertain_input_gives_a_range(tmp_path: Path) -> None:
    text = GOOD.replace("procedure: tiny_share", "procedure: published").replace(
        "part: {fixed: 3", "figure: {uniform: [2, 4]"
    )
    text = text.replace("      whole: {table: alerts, where: {year: 2024}, column: alerts}\n", "")
    text = text.replace(
        "share: {published: 0.25, absolute: 0.01}", "figure: {published: 3, exact: true}"
    )
    case = read_case(write(tmp_path, text))
    found = outputs(case.runs[0], case.place)["figure"]
    assert isinstance(found, Number)
    assert found.values == (3,)
    assert (found.low, found.high) == (pytest.approx(2.05, abs=0.02), pytest.approx(3.95, abs=0.02))


def test_readings_stay_apart_and_a_published_mean_fails(tmp_path: Path) -> None:
    text = GOOD.replace("procedure: tiny_share", "procedure: published")
    text = text.replace(
        'part: {fixed: 3, unit: "1", kind: documented, sources: [town2024], grade: C3}',
        'figure: {unit: "1", kind: documented, readings: '
        "[{label: a, weight: 0.5, fixed: 2, sources: [town2024], grade: C3}, "
        "{label: b, weight: 0.5, fixed: 4, sources: [town2024], grade: C3}]}",
    )
    text = text.replace("      whole: {table: alerts, where: {year: 2024}, column: alerts}\n", "")
    text = text.replace(
        "share: {published: 0.25, absolute: 0.01}", "figure: {published: 3, exact: true}"
    )
    case = read_case(write(tmp_path, text))
    assert outputs(case.runs[0], case.place)["figure"] == Apart((("a", 2.0), ("b", 4.0)))
    (line,) = run_case(case).lines
    assert line.verdict == "fails"
    text = text.replace("published: 3, exact: true", "apart: 3")
    assert not run_case(read_case(write(tmp_path, text))).good


def test_impossible_counts_are_refused(tmp_path: Path) -> None:
    text = GOOD.replace("fixed: 3", "fixed: 30")
    case = read_case(write(tmp_path, text))
    found = outputs(case.runs[0], case.place)[""]
    assert isinstance(found, Refused)
    (line,) = run_case(case).lines
    assert line.verdict == "fails"
    assert "30 of 12 is no share" in line.why
    expected = text.replace("{published: 0.25, absolute: 0.01}", "{refused: no share}")
    assert run_case(read_case(write(tmp_path, expected))).good
    wanted = GOOD.replace("{published: 0.25, absolute: 0.01}", "{refused: no share}")
    assert not run_case(read_case(write(tmp_path, wanted))).good
