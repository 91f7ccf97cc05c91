"""A run that is killed at any moment: no finished member is lost, and resumed it says the same."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from failures import tell, tries
from support.runs import (
    Forked,
    Image,
    Whole,
    arguments,
    command,
    finished,
    phase,
    results,
)

pytestmark = pytest.mark.slow
WAYS = ("fresh", "pool", *("step",) * 4, *("clock",) * 4)
"""How the tries take turns: two of ten in processes of their own, their imports included; four
before a step by which the run changes its folder, one step after another; four by the clock."""
IMPORTS = 1.0
"""Seconds in which half of the fresh processes are killed: they are still starting."""


def killed(number: int, folder: Path, whole: Whole, forked: Forked, image: Image) -> str:
    """Start a run and kill it; in words, how."""
    way = WAYS[number % len(WAYS)]
    lots = random.Random(f"kills {number}")
    if way == "step":
        turn = number // len(WAYS) * WAYS.count("step") + number % len(WAYS) - WAYS.index("step")
        step = 1 + turn % forked.ended.steps
        ended = image.run(arguments(folder), step=step)
        assert ended.code == -9, (step, ended.said)
        return way
    if way == "clock":
        until = forked.until_report
        early = lots.random() < 0.5
        moment = until * lots.random() if early else lots.uniform(until, forked.ended.seconds)
        assert image.run(arguments(folder), after=moment).code in (-9, 0)
        return way
    early = lots.random() < 0.5
    moment = lots.random() * (IMPORTS if early else whole.seconds * 1.05)
    words = command(folder, threads=2 if way == "pool" else 1)
    running = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        running.wait(moment)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
    return way


def test_killed_at_any_moment_no_finished_member_is_lost(
    tmp_path: Path, whole: Whole, forked: Forked, image: Image
) -> None:
    for number in tries("kills"):
        folder = tmp_path / str(number)
        way = killed(number, folder, whole, forked, image)
        where = phase(folder)
        kept = finished(folder) if folder.exists() else {}
        done = image.run(arguments(folder, "--resume"))
        told = f"kill {number}, {way}, {where}: {done.said}"
        assert done.code == 0, told
        after = finished(folder)
        assert {name: after.get(name) for name in kept} == kept, told
        assert results(folder) == whole.results, told
        shutil.rmtree(folder)
        tell("kills", number, how=way, phase=where, kept=len(kept))
