"""Lines of sight: analytic answers, published profiles, the judge, and what may not leave."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sousveil.terrain.grid import SYNTHETIC, Terrain, TerrainError
from sousveil.terrain.kernels import GRAZE_M, Sight, lowest_seen, seen
from sousveil.terrain.viewshed import (
    EARTH_DIAMETER_M,
    Look,
    Observer,
    agreement,
    coarse,
    cover,
    lowest_visible,
    view,
)

FLAT = Look(curvature=0.0)


def synthetic(heights: np.ndarray, cell: tuple[float, float] = (1.0, 1.0)) -> Terrain:
    return Terrain(np.asarray(heights), cell, SYNTHETIC)


def sight(eye: float, target: float = 0.0, radius: float = math.inf) -> Sight:
    return Sight(eye, target, 1.0, 1.0, 0.0, radius**2)


def fractal(side: int, seed: int) -> np.ndarray:
    waves = np.fft.rfft2(np.random.default_rng(seed).normal(size=(side, side)))
    up = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    up[0, 0] = np.inf
    rough = np.fft.irfft2(waves * up**-1.8, s=(side, side))
    return 100 * (rough - rough.min()) / np.ptp(rough)


@pytest.mark.parametrize("height", [0.0, 1.6, 30.0])
@pytest.mark.parametrize("target", [0.0, 1.7])
def test_a_plane_is_seen_whole(height: float, target: float) -> None:
    look = Look(target_m=target, curvature=0.0)
    whole = view(synthetic(np.full((41, 61), 7.0)), Observer(5, 33, height), look)
    assert whole.cells == whole.visible == 41 * 61
    assert whole.share == 1


@pytest.mark.parametrize(("rise", "fall"), [(0.5, 0.25), (-0.75, 0.5)])
def test_a_tilted_plane_is_seen_whole(rise: float, fall: float) -> None:
    rows, columns = np.mgrid[0:31, 0:47]
    plane = rise * rows + fall * columns
    assert view(synthetic(plane), Observer(11, 40, 0.5), FLAT).share == 1


@pytest.mark.parametrize("side", ["east", "west", "north", "south"])
@pytest.mark.parametrize(("wall", "target"), [(3.0, 0.0), (3.0, 1.5), (9.0, 2.0), (12.0, 2.0)])
def test_a_wall_hides_as_far_as_geometry_says(side: str, wall: float, target: float) -> None:
    eye, distance, reach = 10.0, 20, 200
    plain = np.zeros((2 * reach + 1, 2 * reach + 1))
    plain[:, reach + distance] = wall
    turn = {"east": 0, "north": 1, "west": 2, "south": 3}[side]
    mask = seen(np.rot90(plain, turn).copy(), reach, reach, sight(eye, target))
    mask = np.rot90(mask, -turn)
    beyond = mask[:, reach + distance + 1 :]
    if wall >= eye:
        assert not beyond.any()
        return
    far = distance * (eye - target) / (eye - wall)
    first = distance + 1 + beyond.argmax(axis=1)
    # Along every ray that meets the wall, also an oblique one, the shadow ends at one column.
    assert np.abs(first - max(far, distance + 1)).max() <= 1
    assert mask[:, : reach + distance - 1].all()


def test_a_low_wall_hides_no_taller_target() -> None:
    plain = np.zeros((1, 101))
    plain[0, 20] = 1.0
    assert seen(plain, 0, 0, sight(10.0, 1.0)).all()


# Lowest visible heights, by hand, of the test suite of GDAL (MIT), test_viewshed.cpp.
PROFILES = [
    ([0, 0, 0, 1, 0, 0, 0, 0], 2, [0, 0, 0, 1, 2, 3, 4, 5]),
    ([1, 1, 0, 1, 0, 1, 2, 2], 3, [1, 0, 0, 1, 0, 0, 1, 7 / 3]),
    ([0, 0, 0, 1, 1, 0, 0, 0], 0, [0, 0, 0, 0, 4 / 3, 5 / 3, 6 / 3, 7 / 3]),
    ([0, 0, 1, 2, 3, 4, 5, 6], 0, [0, 0, 0, 3 / 2, 8 / 3, 15 / 4, 24 / 5, 35 / 6]),
    ([0, 0, 1, 1, 3, 4, 5, 4], 0, [0, 0, 0, 3 / 2, 2, 15 / 4, 24 / 5, 35 / 6]),
]


@pytest.mark.parametrize(("profile", "observer", "lowest"), PROFILES)
@pytest.mark.parametrize("upright", [False, True])
def test_profiles_of_a_peer(
    profile: list[int], observer: int, lowest: list[float], upright: bool
) -> None:
    heights, place = np.array([profile]), Observer(0, observer, 0.0)
    if upright:
        heights, place = heights.T, Observer(observer, 0, 0.0)
    found = lowest_visible(synthetic(heights), place, FLAT).ravel()
    assert np.maximum(found, 0.0) == pytest.approx(lowest, abs=1e-12)


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_the_fast_kernel_agrees_with_the_judge(seed: int, single: bool) -> None:
    rng = np.random.default_rng(seed)
    heights = rng.integers(0, 4, size=(9, 12)).astype(np.float32 if single else np.float64)
    row, column = int(rng.integers(9)), int(rng.integers(12))
    eye = sight(float(heights[row, column]) + float(rng.uniform(0.1, 5)))
    fast = seen(heights, row, column, eye).astype(bool)
    judged = heights >= lowest_seen(heights, row, column, eye) - GRAZE_M
    # Along rows, columns and diagonals both follow the same ray; nearby nothing is interpolated.
    down, across = np.mgrid[0:9, 0:12] - np.array([row, column])[:, None, None]
    ray = (down == 0) | (across == 0) | (abs(down) == abs(across))
    near = (abs(down) <= 1) & (abs(across) <= 1)
    assert (fast == judged)[ray].all()
    assert fast[near].all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_rough_ground_the_two_agree(seed: int) -> None:
    terrain = synthetic(fractal(256, seed), (30.0, 30.0))
    eye = Observer(120, 100, 10.0)
    assert agreement(terrain, eye) >= 0.98
    assert agreement(terrain, eye, Look(target_m=2.0, radius_m=2000.0)) >= 0.98


def test_mirrored_ground_is_seen_mirrored() -> None:
    heights = fractal(101, 4)
    there = seen(heights, 30, 41, sight(heights[30, 41] + 5))
    for axis in (0, 1):
        row, column = (100 - 30, 41) if axis == 0 else (30, 100 - 41)
        back = seen(np.flip(heights, axis).copy(), row, column, sight(heights[30, 41] + 5))
        assert (np.flip(back, axis) == there).all()
    across = seen(heights.T.copy(), 41, 30, sight(heights[30, 41] + 5))
    assert (there == across.T).all()


@given(st.floats(0, 20), st.floats(0, 20), st.floats(0, 5))
def test_higher_eyes_and_taller_targets_lose_nothing(
    low: float, more: float, target: float
) -> None:
    terrain = synthetic(np.random.default_rng(5).uniform(0, 10, size=(40, 50)))
    eye = Observer(20, 20, low)
    seen_now = view(terrain, eye, Look(target_m=target, curvature=0)).visible
    assert view(terrain, eye, Look(target_m=target + 1, curvature=0)).visible >= seen_now


def test_the_earth_curves_away() -> None:
    # Over water an eye 10 m up loses a target at sea level at sqrt(10 D / light) metres.
    water, light = np.zeros((1, 4000)), 0.85714
    look = Look(curvature=light)
    found = view(Terrain(water, (10.0, 10.0), SYNTHETIC), Observer(0, 0, 10.0), look).visible
    horizon = math.sqrt(10.0 * EARTH_DIAMETER_M / light)
    assert found * 10.0 == pytest.approx(horizon, rel=2e-3)


def test_cells_need_not_be_square() -> None:
    ground = fractal(90, 6)
    wide = synthetic(ground[::2], (1.0, 2.0))
    result = view(wide, Observer(20, 40, 8.0), Look(curvature=0.0, radius_m=15.0))
    rows, columns = np.mgrid[0:45, 0:90]
    inside = (2.0 * (rows - 20)) ** 2 + (columns - 40.0) ** 2 <= 15.0**2
    assert result.cells == inside.sum()
    assert agreement(wide, Observer(20, 40, 8.0), FLAT) > 0.95


def test_the_unknown_is_neither_seen_nor_counted() -> None:
    heights = np.zeros((5, 9))
    heights[:, 4] = np.nan
    result = view(synthetic(heights), Observer(2, 0, 2.0), FLAT)
    assert (result.cells, result.visible) == (40, 40)
    with pytest.raises(TerrainError, match="no height is known"):
        view(synthetic(heights), Observer(2, 4, 2.0))
    with pytest.raises(TerrainError, match="outside the 5 x 9"):
        view(synthetic(heights), Observer(5, 0, 2.0))


def test_a_wall_beside_the_unknown_still_hides() -> None:
    heights = np.zeros((9, 9))
    heights[4, 6] = 5.0
    heights[3, 5:], heights[5, 5:] = np.nan, np.nan
    mask = seen(heights, 4, 4, sight(2.0))
    assert mask[4, 5:7].all()
    assert not mask[4, 7:].any()


def test_whole_numbers_are_heights_too() -> None:
    ground = np.round(fractal(64, 7)).astype(np.int16)
    eye = Observer(30, 30, 3.0)
    assert view(synthetic(ground), eye) == view(synthetic(ground.astype(float)), eye)


@pytest.mark.parametrize("threads", [1, 2])
def test_together_is_a_union_not_a_sum(threads: int) -> None:
    terrain = synthetic(fractal(80, 8))
    eyes = [Observer(40, 40, 5.0), Observer(40, 41, 5.0), Observer(10, 70, 5.0)]
    both = cover(terrain, eyes, Look(radius_m=20.0), threads)
    single = [view(terrain, eye, Look(radius_m=20.0)).visible for eye in eyes]
    assert both.counted == sum(single)
    assert max(single) <= both.together < sum(single)
    assert both.union_share < both.sum_share
    assert cover(terrain, [], Look()).together == 0


def test_coarse_cells_average_fine_ones() -> None:
    terrain, eye = synthetic(np.zeros((25, 30))), Observer(3, 3, 2.0)
    shares = coarse(terrain, [eye], 10.0, Look(radius_m=9.0, curvature=0.0))
    assert shares.shape == (3, 3)
    assert 0 < shares[0, 0] <= 1
    assert not shares[2].any()


OPEN = Terrain(np.zeros((9, 9)), (1.0, 1.0), "EPSG:27700", "GBR")


def test_a_raster_of_a_place_does_not_leave() -> None:
    with pytest.raises(TerrainError, match="synthetic terrain only"):
        lowest_visible(OPEN, Observer(4, 4, 1.0))
    with pytest.raises(TerrainError, match="map of what is hidden"):
        coarse(OPEN, [Observer(4, 4, 1.0)], 10.0)
    assert coarse(OPEN, [Observer(4, 4, 1.0)], 250.0).shape == (1, 1)


@pytest.mark.parametrize(
    ("system", "country", "words"),
    [
        ("EPSG:5179", "PRK", "a terrain of PRK is refused"),
        ("EPSG:32651", "", "a terrain of no stated country is refused"),
        ("", "GBR", "no coordinate system"),
    ],
)
def test_a_closed_place_is_refused(system: str, country: str, words: str) -> None:
    with pytest.raises(TerrainError, match=words):
        Terrain(np.zeros((3, 3)), (1.0, 1.0), system, country)


def test_what_is_no_grid_is_refused() -> None:
    for heights, cell, words in [
        (np.zeros(3), (1.0, 1.0), "two axes"),
        (np.zeros((0, 3)), (1.0, 1.0), "two axes"),
        (np.zeros((3, 3)), (0.0, 1.0), "above 0"),
        (np.full((3, 3), np.inf), (1.0, 1.0), "infinite"),
    ]:
        with pytest.raises(TerrainError, match=words):
            Terrain(heights, cell, SYNTHETIC)
