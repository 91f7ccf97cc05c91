"""`sousveil assess`: files all together or not at all, one line an error, and what is next."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sousveil import cli
from sousveil.assessment import write
from sousveil.assessment.api import ANSWERS, FORMATS
from sousveil.assessment.write import write_all
from sousveil.ensemble.study import Refused, RunFailure

FILES = {"assessment.html", "assessment.docx", "assessment.pia.json", ANSWERS}
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["sousveil", "assess", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return asked


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_three_files_and_a_place_for_answers(ask: Ask, finished: Path, tmp_path: Path) -> None:
    code, out, err = ask(finished, "--to", tmp_path / "new" / "folder")
    assert (code, err) == (0, "")
    folder = tmp_path / "new" / "folder"
    assert names(folder) == FILES
    assert "never evidence" in out.lower()
    assert "rests on 4 assumed numbers of 19" in out
    assert "necessity" in out
    json.loads((folder / "assessment.pia.json").read_text(encoding="utf-8"))
    (folder / ANSWERS).write_text("necessity: Less does not do.\n")
    open_before = int(out.partition("open    ")[2].split()[0])
    code, out, err = ask(finished, "--to", folder, "--for", "fria")
    assert (code, err) == (0, "")
    assert "Fundamental rights impact assessment" in out
    assert "Less does not do." in (folder / "assessment.html").read_text(encoding="utf-8")
    assert (folder / ANSWERS).read_text() == "necessity: Less does not do.\n"
    code, out, _ = ask(finished, "--to", folder)
    assert int(out.partition("open    ")[2].split()[0]) == open_before - 1


def test_the_folder_of_the_run_is_where_it_goes(ask: Ask, copy: Path) -> None:
    before = names(copy)
    assert ask(copy)[0] == 0
    assert names(copy) - before == FILES


@pytest.mark.parametrize("form", FORMATS)
def test_one_format_alone(ask: Ask, finished: Path, tmp_path: Path, form: str) -> None:
    assert ask(finished, "--to", tmp_path, "--format", form)[0] == 0
    assert len(names(tmp_path)) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("{run}", "--for", "pia"), 2, "expected one of dpia, fria"),
        (("{run}", "--format", "pdf"), 2, "expected one of html, docx, pia"),
        (("{tmp}/nosuch",), 2, "is not there"),
        (("{tmp}",), 2, "holds no run"),
        (("{run}", "--to", os.devnull), 2, "another --to"),
        (("{run}", "--to", f"{os.devnull}/deeper"), 2, "another --to"),
        (("\x00",), 2, "null byte"),
        ((), 2, "OUT_DIR"),
    ],
)
def test_an_error_is_one_line_and_writes_nothing(
    ask: Ask, finished: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    filled = [word.format(run=finished, tmp=there) for word in arguments]
    found, out, err = ask(*filled)
    assert (found, out) == (code, "")
    assert len(err.strip().splitlines()) == 1
    assert words in err
    assert not names(there)


def test_a_word_file_that_was_worked_on_stops_all(ask: Ask, finished: Path, tmp_path: Path) -> None:
    assert ask(finished, "--to", tmp_path)[0] == 0
    (tmp_path / "assessment.docx").write_bytes(b"edited")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    code, _, err = ask(finished, "--to", tmp_path)
    assert code == 2
    assert "was changed since it was written" in err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert ask(finished, "--to", tmp_path, "--format", "html")[0] == 0


def test_bad_answers_stop_all_with_their_line(ask: Ask, finished: Path, tmp_path: Path) -> None:
    (tmp_path / ANSWERS).write_text("needs: x\n")
    code, _, err = ask(finished, "--to", tmp_path)
    assert code == 2
    assert f"{ANSWERS}:1:1" in err
    assert names(tmp_path) == {ANSWERS}


def test_answers_that_are_no_file_are_refused(ask: Ask, finished: Path, tmp_path: Path) -> None:
    (tmp_path / ANSWERS).mkdir()
    code, _, err = ask(finished, "--to", tmp_path)
    assert code == 2
    assert "is no file" in err
    assert names(tmp_path) == {ANSWERS}


def test_nothing_is_left_of_a_write_that_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = write._write

    def full(path: Path, content: bytes) -> None:
        if path.name.startswith(".b."):
            path.write_bytes(content[:1])
            raise OSError(28, "No space left on device")
        real(path, content)

    monkeypatch.setattr(write, "_write", full)
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(RunFailure, match="No space left"):
        write_all(tmp_path, {"a": b"new", "b": b"new"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"old"}


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    folder = tmp_path / "to"
    folder.mkdir()
    (folder / "a").symlink_to(outside)
    (folder / f".a.{os.getpid()}.partial").symlink_to(outside)
    write_all(folder, {"a": b"new"})
    assert outside.read_bytes() == b"mine"
    assert not (folder / "a").is_symlink()
    assert names(folder) == {"a"}


def test_a_folder_under_the_name_of_a_file_stops_all(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(Refused, match="is a folder"):
        write_all(tmp_path, {"a": b"new", "b": b"new"})
    assert names(tmp_path) == {"b"}
