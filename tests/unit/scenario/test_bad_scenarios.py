"""A malformed scenario is refused: each problem on its own line, exit code 2, nothing written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sousveil.cli import main
from sousveil.errors import CODES
from sousveil.scenario.load import load
from unit.scenario.bad import BASE, Case, cases

CASES = cases()


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["sousveil", "check", path.name])
    monkeypatch.chdir(path.parent)
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_malformed_scenario_is_refused_with_its_lines(
    case: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = case.write(tmp_path)
    before = snapshot(tmp_path)
    assert check(folder, monkeypatch) == 2
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    heads = [line.split(": ", 1)[0].removeprefix(f"{case.name}/") for line in lines]
    assert heads == list(case.expect)
    for words in case.says:
        assert words in told.err
    assert all(line.split(": ", 1)[1].startswith("found ") for line in lines)
    assert "Traceback" not in told.err
    assert snapshot(tmp_path) == before


def test_the_scenario_without_fault_has_none() -> None:
    assert load(BASE).warnings == ()


def test_every_code_has_a_malformed_scenario() -> None:
    found = {line.split()[1] for case in CASES for line in case.expect}
    assert found == set(CODES)


def test_there_are_many_of_them() -> None:
    assert len(CASES) >= 60
