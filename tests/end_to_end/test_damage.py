"""One flipped bit or a cut in what is stored: named each time, never silent, made again."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from failures import counts, tell
from sousveil.ensemble.api import study_of
from sousveil.ensemble.design import draws
from sousveil.ensemble.evaluations import FOLDER
from sousveil.ensemble.execute import Here, Silent
from sousveil.ensemble.rules import scenario_rules
from sousveil.ensemble.sensitivity import bank_of
from sousveil.ensemble.store import members_of, read_member
from sousveil.ensemble.study import RunFailure
from sousveil.scenario.load import load
from support.runs import Image, Whole, arguments, results

pytestmark = pytest.mark.slow
CASES = counts()


def copied(whole: Path, place: Path) -> Path:
    """A copy of a run."""
    shutil.copytree(whole, place)
    return place


def damages(paths: list[Path], lots: random.Random) -> Iterator[tuple[str, int, Path, bytes]]:
    """Flipped bits, then cuts, of one file after another: what, which, and the damaged content."""
    contents = {path: path.read_bytes() for path in paths}
    for what in ("bits", "cuts"):
        for number in range(CASES[what]):
            path = paths[number % len(paths)]
            changed = bytearray(contents[path])
            at = lots.randrange(len(changed))
            if what == "bits":
                changed[at] ^= 1 << lots.randrange(8)
            yield what, number, path, bytes(changed if what == "bits" else changed[:at])


def test_one_flipped_bit_or_a_cut_of_a_member_is_named(tmp_path: Path, whole: Whole) -> None:
    lots = random.Random(20243)
    here = copied(whole.folder, tmp_path / "run")
    paths = sorted((here / "members").glob("*.parquet"))
    contents = {path: path.read_bytes() for path in paths}
    for what, which, path, changed in damages(paths, lots):
        path.write_bytes(changed)
        damaged = [item for item in members_of(here) if item.damaged]
        assert [item.path for item in damaged] == [path]
        assert path.name in damaged[0].damaged
        with pytest.raises(RunFailure, match=path.name):
            read_member(path)
        path.write_bytes(contents[path])
        tell(what, which, how="member")
    assert not any(item.damaged for item in members_of(here))


class Telling(Silent):
    """Remembers what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


def test_damage_of_what_a_study_keeps_is_said_and_made_again(tmp_path: Path) -> None:
    asked = study_of(load("example"), members=0, what_ifs=["none"], engine="expected")
    rules = scenario_rules(asked)
    drawn = draws(asked.scenario, 1, 1)
    progress = Telling()
    crew = Here(asked, tmp_path)
    bank, _ = bank_of(asked, rules, folder=tmp_path, crew=crew, progress=progress)
    first = bank.values("study", drawn)
    (path,) = (tmp_path / FOLDER).iterdir()
    content = path.read_bytes()
    lots = random.Random(20244)
    for number in range(CASES["cuts"]):
        if number % 2:
            changed = content[: lots.randrange(len(content))]
        else:
            at = lots.randrange(len(content))
            changed = (
                content[:at] + bytes([content[at] ^ 1 << lots.randrange(8)]) + content[at + 1 :]
            )
        path.write_bytes(changed)
        again = bank.values("study", drawn)
        assert progress.said[number:] == [f"{path.name} is not what was written: computed again"]
        assert np.array_equal(first, again, equal_nan=True)
        assert path.read_bytes() == content


def test_a_damaged_member_is_said_and_made_again(
    tmp_path: Path, whole: Whole, image: Image
) -> None:
    here = copied(whole.folder, tmp_path / "run")
    path = sorted((here / "members").glob("*.parquet"))[2]
    path.write_bytes(path.read_bytes()[:-7])
    done = image.run(arguments(here, "--resume"))
    assert done.code == 0, done.said
    assert f"{path.name} is cut short: computed again" in done.said
    assert results(here) == whole.results
