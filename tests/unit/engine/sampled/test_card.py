"""Graphics cards: batches that fit, blocks, what is missing; and a simulated card, to the bit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.ptx import FLOAT

from sousveil.engine.sampled import card, gpu
from sousveil.engine.sampled.card import NoCard, batches, open_card

TESTS = Path(__file__).parents[3]


def sizes_of(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("sizes", "free", "wanted"),
    [
        ((), 10, []),
        ((5, 5, 5), 10, [(0, 2), (2, 3)]),
        ((5, 5, 5), 15, [(0, 3)]),
        ((10, 1, 9, 1), 10, [(0, 1), (1, 3), (3, 4)]),
        ((0, 0, 7), 7, [(0, 3)]),
    ],
)
def test_batches_fit_and_leave_nothing_out(
    sizes: tuple[int, ...], free: int, wanted: list[tuple[int, int]]
) -> None:
    found = list(batches(sizes_of(*sizes), free))
    assert [(part.start, part.stop) for part in found] == wanted


def test_one_item_that_does_not_fit_is_told() -> None:
    with pytest.raises(NoCard, match=r"^its memory is too small: one item needs 11 of 10 bytes$"):
        list(batches(sizes_of(1, 11), 10))


@pytest.mark.parametrize(
    ("persons", "units", "free", "wanted"),
    [
        (26_000_000, 260_000, 10**11, 2_621),
        (26_000_000, 260_000, 4_096 * 1_000, 10),
        (1_000, 10, 1, 1),
        (0, 0, 10**9, 1),
    ],
)
def test_a_block_is_what_a_card_holds(persons: int, units: int, free: int, wanted: int) -> None:
    assert gpu.units_a_block(persons, units, free) == wanted


def test_what_is_missing_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "find_spec", lambda name: None)
    with pytest.raises(NoCard, match=r"numba-cuda is not installed: pip install") as caught:
        open_card()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("\tmul.f32 \t%f1, %f2, %f3;", True),
        ("\tfma.rn.f64 \t%fd1, %fd2, %fd3, %fd4;", True),
        ("\tcvt.rn.f32.u32 \t%f1, %r1;", True),
        ("\tmul.wide.u32 \t%rd1, %r1, -766435501;", False),
        ("\t// .f32 in a remark", False),
    ],
)
def test_floats_are_seen_in_ptx(line: str, found: bool) -> None:
    assert bool(FLOAT.search(f"\tadd.s64 \t%rd1, %rd2, %rd3;\n{line}\n")) == found


def simulated(*words: str) -> subprocess.CompletedProcess[str]:
    """A module in a process whose card is a simulated one."""
    places = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    return subprocess.run(
        [sys.executable, "-m", *words],
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": places},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.slow
def test_a_simulated_card_answers_as_kernels_and_judge_do() -> None:
    done = simulated("support.simulated")
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert [line.split(":")[0] for line in told] == ["words", "answers", "tallies", "run"]
