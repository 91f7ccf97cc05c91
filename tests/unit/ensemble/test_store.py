"""The folder of a run: whole files or none, every damage named, no other run mixed in."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import polars.selectors as cs
import pytest
from polars.testing import assert_frame_equal

import sousveil
from sousveil.ensemble.store import (
    IDENTITY_FILE,
    MANIFEST,
    locked,
    members_of,
    pre_gate_of,
    prepare,
    put_member,
    read_json,
    read_member,
    write_bytes,
    write_json,
    write_table,
)
from sousveil.ensemble.study import Refused, RunFailure
from sousveil.ensemble.versions import versions
from sousveil.release import judge, release
from unit.ensemble.fake import RULES, cells, released, row, study

STUDY = study()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prepare(tmp_path / "run", STUDY, resume=False)
    return tmp_path / "run"


def put(folder: Path, number: int) -> Path:
    return put_member(folder, number, released(row("harm", float(number))), f"hash{number}")


def test_a_member_carries_its_hash_and_comes_back(folder: Path) -> None:
    path = put(folder, 3)
    assert read_member(path)["value"].to_list() == [3.0]
    assert pre_gate_of(path) == "hash3"
    assert [(item.number, item.damaged) for item in members_of(folder)] == [(3, "")]
    assert not list(folder.rglob("*.partial"))


def test_the_same_member_has_the_same_bits(folder: Path) -> None:
    assert put(folder, 1).name == put(folder, 1).name
    assert len(members_of(folder)) == 1


def test_a_member_whose_words_were_judged_before_has_the_bits_of_any_other(folder: Path) -> None:
    table = cells(row("harm", 1.0), row("harm", 2.0, "fewer"), row("harm", None, "more"))
    numbers = table.select(cs.float())
    one, other = release(table, RULES), judge(table.drop(numbers.columns), RULES).release(numbers)
    assert one.frame.schema == other.frame.schema != other.coded.schema
    path = put_member(folder, 1, one, "")
    assert put_member(folder, 1, other, "") == path
    assert_frame_equal(read_member(path), one.frame)
    assert pl.read_parquet_schema(path) == one.frame.schema


def odd(path: Path, kind: str) -> None:
    """Put what is no file in the place of a file."""
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path.name)


@pytest.mark.parametrize("kind", ["folder", "pipe", "circle"])
@pytest.mark.parametrize(
    "name", [IDENTITY_FILE, MANIFEST, "members/000007-0123456789abcdef.parquet"]
)
def test_what_is_no_file_is_refused_before_anything_is_lost(
    folder: Path, kind: str, name: str
) -> None:
    kept = put(folder, 1)
    (folder / IDENTITY_FILE).rename(folder / "run.copy")
    odd(folder / name, kind)
    if name != IDENTITY_FILE:
        (folder / "run.copy").rename(folder / IDENTITY_FILE)
    with pytest.raises(Refused, match="is no file: move it away"):
        prepare(folder, STUDY, resume=True)
    assert read_member(kept)["value"].to_list() == [1.0]


def test_other_files_among_the_members_are_left_alone(folder: Path) -> None:
    kept = put(folder, 1)
    others = [kept.parent / name for name in ("notes", "line\nbreak.parquet", "000009-zz.parquet")]
    for other in others:
        other.write_text("mine")
    finished, notes = prepare(folder, STUDY, resume=True)
    assert [item.path for item in finished] == [kept]
    assert not notes
    assert all(other.read_text() == "mine" for other in others)


def test_a_run_inside_the_program_is_refused() -> None:
    inside = Path(sousveil.__file__).parent / "runs"
    with pytest.raises(Refused, match="inside the program"), locked(inside):
        pass
    assert not inside.exists()


def test_a_document_too_deep_to_read_is_no_document(folder: Path) -> None:
    (folder / IDENTITY_FILE).write_text("[" * 200_000)
    assert read_json(folder / IDENTITY_FILE) is None


def test_a_flipped_bit_is_named(folder: Path) -> None:
    path = put(folder, 1)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "its hash does not match" in members_of(folder)[0].damaged
    with pytest.raises(RunFailure, match=path.name):
        read_member(path)


def test_a_truncated_file_is_named(folder: Path) -> None:
    path = put(folder, 1)
    path.write_bytes(path.read_bytes()[:-20])
    assert members_of(folder)[0].damaged == f"{path.name} is cut short"
    with pytest.raises(RunFailure, match="cut short"):
        read_member(path)


def test_resume_keeps_what_is_whole_and_says_what_is_not(folder: Path) -> None:
    put(folder, 1)
    broken = put(folder, 2)
    broken.write_bytes(broken.read_bytes()[:-20])
    (folder / "members" / ".000003-x.parquet.1.partial").write_bytes(b"half")
    kept, notes = prepare(folder, STUDY, resume=True)
    assert [item.number for item in kept] == [1]
    assert notes == [f"{broken.name} is cut short: computed again"]
    assert not list(folder.rglob("*.partial"))


def test_a_run_that_stopped_half_way_is_not_thrown_away_unasked(folder: Path) -> None:
    put(folder, 1)
    with pytest.raises(Refused, match="stopped after 1 members: add --resume"):
        prepare(folder, STUDY, resume=False)
    assert len(members_of(folder)) == 1


def test_a_finished_run_may_be_done_again(folder: Path) -> None:
    put(folder, 1)
    write_json(folder / MANIFEST, STUDY.identity)
    kept, notes = prepare(folder, STUDY, resume=False)
    assert kept == []
    assert notes == ["1 members of the run before are done anew: --resume keeps them"]
    assert members_of(folder) == []
    assert not (folder / MANIFEST).exists()


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (replace(STUDY, seed=0), "another seed"),
        (study(scenario=replace(STUDY.scenario, hash="fedcba9876543210")), "another scenario"),
    ],
)
@pytest.mark.parametrize("resume", [True, False])
def test_a_folder_of_another_run_is_refused_in_one_line(
    folder: Path, other: object, word: str, resume: bool
) -> None:
    with pytest.raises(Refused, match=word) as refusal:
        prepare(folder, other, resume)  # pyright: ignore[reportArgumentType]
    assert "\n" not in str(refusal.value)
    about = {"digest": STUDY.digest, "versions": versions()}
    assert read_json(folder / IDENTITY_FILE) == STUDY.identity | about


def test_a_run_by_other_versions_is_not_gone_on_with(folder: Path) -> None:
    kept = put(folder, 1)
    before = read_json(folder / IDENTITY_FILE) or {}
    write_json(folder / IDENTITY_FILE, before | {"versions": versions() | {"numpy": "1.0"}})
    with pytest.raises(Refused, match=r"by other versions \(numpy 1.0, here ") as told:
        prepare(folder, STUDY, resume=True)
    assert "\n" not in str(told.value)
    assert kept.exists()
    write_json(folder / IDENTITY_FILE, before)
    assert [item.path for item in prepare(folder, STUDY, resume=True)[0]] == [kept]


def test_resume_with_other_options_names_them(folder: Path) -> None:
    put(folder, 1)
    with pytest.raises(Refused, match=r"other options \(scale\)"):
        prepare(folder, replace(STUDY, scale=0.5), resume=True)


def test_more_members_of_the_same_run_are_the_same_run(folder: Path) -> None:
    put(folder, 1)
    kept, _ = prepare(folder, replace(STUDY, members=400), resume=True)
    assert [item.number for item in kept] == [1]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("dear reader")
    with pytest.raises(Refused, match="holds other files"):
        prepare(tmp_path, STUDY, resume=False)
    with pytest.raises(Refused, match="is a file"):
        prepare(tmp_path / "thesis.tex", STUDY, resume=False)


HOLD = """
import sys
from pathlib import Path
from sousveil.ensemble.store import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(Refused, match="in use by another run"), locked(tmp_path):
            pass
        other.kill()
    with locked(tmp_path):
        pass


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    write_bytes(path, b"old")

    def refuse(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"


def test_json_knows_no_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", {"value": float("nan")})


def test_tables_are_written_for_people_and_for_machines(tmp_path: Path) -> None:
    table = released(row("harm", 1 / 3))
    write_table(tmp_path / "t.csv", table)
    write_table(tmp_path / "t.parquet", table)
    assert "0.333333," in (tmp_path / "t.csv").read_text()
    assert (tmp_path / "t.parquet").read_bytes().startswith(b"PAR1")


def test_a_run_that_ended_at_its_first_file_is_no_stranger(tmp_path: Path) -> None:
    (tmp_path / ".run.json.1.partial").write_bytes(b"{")
    assert prepare(tmp_path, STUDY, resume=True) == ([], [])
    assert not list(tmp_path.rglob("*.partial"))


def test_what_cannot_be_written_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, f"no space left on device {handle}")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space left"):
        write_bytes(tmp_path / "x", b"content")
    assert not list(tmp_path.iterdir())
