"""The command: exit codes, one line an error, quick help, nothing written by questions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import sousveil
from sousveil import cli

LONG = "x" * 100_000


def call(
    *arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["sousveil", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    told = capsys.readouterr()
    return int(end.value.code or 0), told.out, told.err


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def asked(*arguments: str) -> tuple[int, str, str]:
        return call(*arguments, monkeypatch=monkeypatch, capsys=capsys)

    return asked


def test_questions_answer_on_standard_output(ask: Any) -> None:
    for arguments, words in {
        ("check", "example"): "no problem; 19 quantities (4 assumed)",
        ("explain", "example", "world.people.household_size"): "Mean persons in a household.",
        ("explain", "grade"): "A grade is a letter A-F",
        ("cite", "example"): "E1: Statistical Office",
        ("cite", "example", "--format", "bibtex"): "@techreport{E1,",
        ("schema",): "json-schema.org",
    }.items():
        code, out, err = ask(*arguments)
        assert (code, err) == (0, ""), arguments
        assert words in out


def test_what_is_asked_of_a_whole_scenario_is_told_how(ask: Any) -> None:
    code, _, err = ask("explain", "example")
    assert code == 2
    assert "sousveil explain example world" in err


def test_a_share_is_asked_for_as_a_number(ask: Any) -> None:
    code, _, err = ask("run", "example", "--set", "channels.iptv.watch_share=nan")
    assert code == 2
    assert err.endswith("expected a number\n")


def test_machine_formats_are_machine_formats(ask: Any) -> None:
    assert json.loads(ask("schema")[1])["title"]
    assert json.loads(ask("cite", "example", "--format", "csl")[1])[0]["id"] == "E1"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nosuch",),
        ("check",),
        ("check", "nosuch"),
        ("check", "\x00"),
        ("explain", "nosuch"),
        ("explain", "example", "nosuch"),
        ("cite", "example", "--format", "word"),
        ("run", "example", "--engine", "turbo"),
        ("run", "example", "--method", "halton"),
        ("run", "north_korea", "--method", "sobol"),
        ("run", "example", "--device", "tpu"),
        ("run", "example", "--study", "control"),
        ("run", "example", "--seed", "-1"),
        ("run", "example", "--seed", "4294967296"),
        ("run", "example", "--members", "-1"),
        ("run", "example", "--members", "1000000"),
        ("run", "example", "--threads", "0"),
        ("run", "example", "--threads", "100000"),
        ("run", "example", "--scale", "nan"),
        ("run", "example", "--as-of", "1800"),
        ("run", "example", "--cluster", ""),
        ("run", "example", "--set", "=1"),
        ("run", "example", "--set", "world.people.household_size=1e300"),
        ("run", "example", "--set", "world.people.household_size=\u22124"),
        ("run", "line\nbreak"),
        ("run", "\N{FOX FACE}"),
        ("run", LONG),
        ("run", "example", "--out", LONG),
        ("run", "example", "--out", str(Path(sousveil.__file__).parent)),
        ("new", LONG),
        ("compare", LONG, "."),
        ("validate", LONG),
        ("run", "example", "--set", "nosuch=1"),
        ("run", "nosuch"),
        ("run", "example", "--out", os.devnull),
        ("run", "example", "--out", f"{os.devnull}/deeper"),
        ("new", os.devnull),
        ("new", f"{os.devnull}/deeper"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(ask: Any, arguments: tuple[str, ...]) -> None:
    code, out, err = ask(*arguments)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert len(err) < 1500
    assert "Traceback" not in err


def test_a_circle_of_links_is_bad_input(ask: Any, tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for arguments in (
        ("run", "example", "--out", str(loop)),
        ("run", str(loop)),
        ("new", str(loop)),
    ):
        code, _, err = ask(*arguments)
        assert code == 2, arguments
        assert len(err.splitlines()) == 1


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    module = types.ModuleType("sousveil.cli_run")
    monkeypatch.setitem(sys.modules, "sousveil.cli_run", module)
    return module


def test_run_hands_over_what_was_typed(ask: Any, running: types.ModuleType) -> None:
    seen: dict[str, Any] = {}

    def run(scenario: Any, **options: Any) -> int:
        seen.update(options, scenario=scenario)
        return 0

    running.run = run  # pyright: ignore[reportAttributeAccessIssue]
    typed = "run example --out here --seed 0 --members 9 --scale 0.5 --what-if a --what-if b+c"
    more = "--as-of 2018 --set channels.iptv.watch_share=0.5 --study sensitivity --engine expected"
    rest = (
        "--points 256 --method sobol --device cpu --threads 2 --cluster tcp://localhost:1 --resume"
    )
    code, _, err = ask(*f"{typed} {more} {rest}".split())
    assert (code, err) == (0, "")
    scenario = seen.pop("scenario")
    assert scenario.quantities["channels.iptv.watch_share"].by_user
    assert seen == {
        "out": Path("here"),
        "seed": 0,
        "members": 9,
        "scale": 0.5,
        "what_ifs": ("a", "b+c"),
        "as_of": 2018,
        "studies": ("sensitivity",),
        "points": 256,
        "engine": "expected",
        "method": "sobol",
        "device": "cpu",
        "threads": 2,
        "cluster": "tcp://localhost:1",
        "resume": True,
    }


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, ""),
        (ValueError("the world\nis impossible"), 1, "sousveil: the world is impossible"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (ModuleNotFoundError("No module named 'dask'"), 1, "pip install 'sousveil[all]'"),
    ],
)
def test_a_run_that_fails_says_why_in_one_line(
    ask: Any, running: types.ModuleType, error: BaseException, code: int, words: str
) -> None:
    def run(*_: Any, **__: Any) -> int:
        raise error

    running.run = run  # pyright: ignore[reportAttributeAccessIssue]
    found, _, err = ask("run", "example")
    assert found == code
    assert words in err
    assert len(err.splitlines()) == bool(words)


def test_a_run_may_end_with_a_code_of_its_own(ask: Any, running: types.ModuleType) -> None:
    running.run = lambda *_, **__: 1  # pyright: ignore[reportAttributeAccessIssue]
    running.compare = lambda *_: 0  # pyright: ignore[reportAttributeAccessIssue]
    assert ask("run", "example")[0] == 1
    assert ask("compare", "a", "b")[0] == 0


def test_questions_write_nothing(ask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in (("check", "example"), ("explain", "example", "world"), ("schema",)):
        ask(*arguments)
    assert list(tmp_path.iterdir()) == []


def test_new_writes_a_scenario_that_check_accepts(ask: Any, tmp_path: Path) -> None:
    folder = tmp_path / "my_city"
    code, out, _ = ask("new", str(folder))
    assert code == 0
    assert f"next: sousveil check {folder}" in out
    assert ask("check", str(folder))[0] == 0
    code, _, err = ask("new", str(folder))
    assert code == 2
    assert len(err.splitlines()) == 1


def test_problems_name_the_file_as_the_reader_reached_it(ask: Any, tmp_path: Path) -> None:
    ask("new", str(tmp_path / "town"))
    path = tmp_path / "town" / "scenario.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("\nyear: 2024", "\nyear: soon"))
    _, _, err = ask("check", str(tmp_path / "town"))
    assert err.startswith(f"{path}:")


QUICK = """
import sys
sys.argv = ["sousveil"] + {arguments!r}
from sousveil.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sorted({{name.split(".")[0] for name in sys.modules}}))
"""


@pytest.mark.parametrize(
    ("arguments", "banned"),
    [
        (["--help"], "numpy numba scipy polars pydantic altair pint rich ruamel"),
        (["run", "--help"], "numpy numba scipy polars altair pint rich ruamel"),
        (["check", "example"], "numba scipy altair rich jinja2"),
    ],
)
def test_a_question_loads_no_more_than_it_needs(arguments: list[str], banned: str) -> None:
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-c", QUICK.format(arguments=arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    assert not loaded & set(banned.split())
    after = os.times()
    spent = after.children_user + after.children_system
    # Processor time, since a busy machine stretches any other: 0.1 s and 0.5 s where it is idle.
    assert spent - before.children_user - before.children_system < 5
