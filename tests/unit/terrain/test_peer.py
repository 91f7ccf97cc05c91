"""Cell by cell against xarray-spatial, whose answers are kept in `peer.npz`.

Both are right, by conventions that differ between the middles of cells. Here the surface is linear
along the lines that join them, and hides what the line to a target passes over. The peer gives a
cell one distance and corners that are means of four, so that cells beside and behind the line have
a say.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sousveil.arrays import Bools, Floats
from sousveil.terrain.kernels import GRAZE_M, Sight, lowest_seen, seen
from unit.terrain.sectors import seen_by_sectors

KEPT = np.load(Path(__file__).with_name("peer.npz"))
CELL_M, EYES_M = float(KEPT["cell_m"]), tuple(KEPT["eyes_m"].tolist())
MIDDLE = KEPT["smooth"].shape[0] // 2
CASES = [(hill, eye) for hill in ("smooth", "rough") for eye in EYES_M]


def heights_of(hill: str) -> Floats:
    return KEPT[hill].astype(np.float64) / 100


def peer_of(hill: str, eye: float) -> Bools:
    bits = np.unpackbits(KEPT[f"{hill}_{eye:g}"], count=KEPT[hill].size)
    return bits.reshape(KEPT[hill].shape).astype(bool)


def eye_over(heights: Floats, eye: float) -> Sight:
    return Sight(float(heights[MIDDLE, MIDDLE]) + eye, 0.0, CELL_M**2, CELL_M**2, 0.0, np.inf)


def judged(heights: Floats, eye: float) -> tuple[Bools, Floats]:
    """What a ray of its own for every cell sees, and by how many metres each is above the line."""
    margin = heights - lowest_seen(heights, MIDDLE, MIDDLE, eye_over(heights, eye))
    return margin >= -GRAZE_M, np.abs(margin)


def alike(one: Bools, other: Bools) -> float:
    """Share of the cells seen by either that both see."""
    return float((one & other).sum() / (one | other).sum())


def bend(heights: Floats) -> float:
    """Most by which a cell departs from the straight line between its neighbours, m."""
    along = [np.abs(np.diff(heights, n=2, axis=axis)).max() for axis in (0, 1)]
    across = np.abs(np.diff(np.diff(heights, axis=0), axis=1)).max()
    return float(max(*along, across))


def test_the_fixture_says_what_it_is_of() -> None:
    assert str(KEPT["peer"]) == "xarray-spatial 0.5.3"


@pytest.mark.parametrize(("hill", "eye"), CASES)
def test_the_fast_kernel_is_alike_to_the_judge(hill: str, eye: float) -> None:
    heights = heights_of(hill)
    fast = seen(heights, MIDDLE, MIDDLE, eye_over(heights, eye)).astype(bool)
    assert alike(fast, judged(heights, eye)[0]) > 0.97


@pytest.mark.parametrize("eye", EYES_M)
def test_on_smooth_ground_conventions_coincide(eye: float) -> None:
    """All but grazing cells agree: those whose margin is less than the ground bends by in a cell.

    The two surfaces are the same at the middles of cells and differ between them by no more than
    the bend, so that only a target nearer to the line of sight than that can be seen by one alone.
    """
    heights = heights_of("smooth")
    ours, margin = judged(heights, eye)
    peer = peer_of("smooth", eye)
    assert alike(ours, peer) > 0.985
    assert margin[ours != peer].max(initial=0.0) < 0.25 * bend(heights)
    sure = margin > 0.25 * bend(heights)
    assert sure.mean() > 0.9
    assert (ours == peer)[sure].all()


@pytest.mark.parametrize("eye", EYES_M)
def test_on_rough_ground_they_part_at_grazing_cells_alone(eye: float) -> None:
    heights = heights_of("rough")
    ours, margin = judged(heights, eye)
    peer = peer_of("rough", eye)
    assert 0.8 < alike(ours, peer) < 0.99
    assert margin[ours != peer].max() < bend(heights)


@pytest.mark.parametrize(("hill", "eye"), CASES)
def test_the_peer_is_right_by_its_own_convention(hill: str, eye: float) -> None:
    """Worked out cell against cell, without its sweep: at most four of 3,721 cells differ."""
    heights = heights_of(hill)
    level = float(heights[MIDDLE, MIDDLE]) + eye
    by_hand = seen_by_sectors(heights, MIDDLE, MIDDLE, level, CELL_M)
    assert (by_hand != peer_of(hill, eye)).sum() <= 4
