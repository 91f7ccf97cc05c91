"""What an observer over a terrain sees: counts and shares, never a map of what is hidden."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sousveil.arrays import Bits, Bools, Floats
from sousveil.terrain.grid import Heights, Terrain, TerrainError
from sousveil.terrain.kernels import GRAZE_M, Sight, counted, lowest_seen, seen

Counts = NDArray[np.int32]
EARTH_DIAMETER_M = 12_741_994.0
"""Mean diameter of the earth. Source: GDAL, gdal_viewshed."""
LIGHT = 0.85714
"""Share of the curvature that refraction of visible light leaves. Source: GDAL, gdal_viewshed."""
COARSEST_M = 250.0
"""A cell of an open place that leaves is at least this wide."""


@dataclass(frozen=True)
class Observer:
    """Who looks: a cell of the terrain, and the height of the eye above its surface."""

    row: int
    column: int
    height_m: float


@dataclass(frozen=True)
class Look:
    """What is looked for and how far.

    target_m: its height above the surface. curvature: share of the earth's curvature that counts
    (0: none). radius_m: farthest distance, horizontal.
    """

    target_m: float = 0.0
    curvature: float = LIGHT
    radius_m: float = math.inf


PLAIN = Look()


@dataclass(frozen=True)
class View:
    """What one observer sees: known cells within the radius, and those whose target is visible."""

    cells: int
    visible: int

    @property
    def share(self) -> float:
        """Visible share of the cells."""
        return self.visible / self.cells


@dataclass(frozen=True)
class Cover:
    """What several observers see together.

    cells: known cells of the whole terrain. together: cells seen by at least one. counted: cells
    seen, counted once for every observer that sees them.
    """

    cells: int
    together: int
    counted: int

    @property
    def union_share(self) -> float:
        """Share of the terrain seen by at least one."""
        return self.together / self.cells

    @property
    def sum_share(self) -> float:
        """What adding the observers up would claim; it may exceed 1."""
        return self.counted / self.cells


def view(terrain: Terrain, observer: Observer, look: Look = PLAIN) -> View:
    """Count what one observer sees."""
    heights, row, column, sight = _window(terrain, observer, look)
    mask = seen(heights, row, column, sight)
    return View(*counted(heights, mask, row, column, sight))


def cover(
    terrain: Terrain, observers: Sequence[Observer], look: Look = PLAIN, threads: int = 1
) -> Cover:
    """Count what several observers see together: the union, and the sum that it is mistaken for."""
    times = _times_seen(terrain, observers, look, threads)
    known = terrain.heights.size - int(np.isnan(terrain.heights).sum())
    # A cell that nobody knows is never seen, so it is in neither count.
    return Cover(known, int(np.count_nonzero(times)), int(times.sum(dtype=np.int64)))


def coarse(
    terrain: Terrain,
    observers: Sequence[Observer],
    cell_m: float,
    look: Look = PLAIN,
    threads: int = 1,
) -> Floats:
    """(r, c) share of each coarse cell that at least one observer sees; NaN where nothing is known.

    The coarse cells of an open place are at least `COARSEST_M` wide.
    """
    if not terrain.synthetic and cell_m < COARSEST_M:
        raise TerrainError(
            f"cells of {cell_m:g} m are a map of what is hidden: at least {COARSEST_M:g} m"
        )
    across, down = (max(1, math.ceil(cell_m / side)) for side in terrain.cell_m)
    times = _times_seen(terrain, observers, look, threads) > 0
    known = ~np.isnan(terrain.heights)
    total, visible = (_blocks(part, down, across) for part in (known, times & known))
    return np.divide(visible, total, out=np.full(total.shape, np.nan), where=total > 0)


def agreement(terrain: Terrain, observer: Observer, look: Look = PLAIN) -> float:
    """Share of cells within the radius on which the fast kernel and the judge agree."""
    heights, row, column, sight = _window(terrain, observer, look)
    near = _near(heights, row, column, sight)
    fast = seen(heights, row, column, sight).astype(bool)
    judged = heights + look.target_m >= lowest_seen(heights, row, column, sight) - GRAZE_M
    return float((fast == judged)[near].mean())


def lowest_visible(terrain: Terrain, observer: Observer, look: Look = PLAIN) -> Floats:
    """(R, C) lowest height that the observer sees over each cell; the surface where nothing hides.

    Of synthetic terrain only: of a place it would be a map of what is hidden.
    """
    if not terrain.synthetic:
        raise TerrainError("heights of what is hidden leave for synthetic terrain only")
    heights, row, column, sight = _window(terrain, observer, look)
    lowest = lowest_seen(heights, row, column, sight)
    return np.where(np.isfinite(lowest), lowest, heights)


def _window(terrain: Terrain, observer: Observer, look: Look) -> tuple[Heights, int, int, Sight]:
    rows, columns = terrain.heights.shape
    if not (0 <= observer.row < rows and 0 <= observer.column < columns):
        raise TerrainError(
            f"the observer at row {observer.row}, column {observer.column} stands outside the "
            f"{rows} x {columns} cells"
        )
    heights, row, column = terrain.window(observer.row, observer.column, look.radius_m)
    ground = float(heights[row, column])
    if math.isnan(ground):
        raise TerrainError("the observer stands where no height is known")
    across, down = terrain.cell_m
    sight = Sight(
        eye=ground + observer.height_m,
        target=look.target_m,
        across2=across * across,
        down2=down * down,
        drop=look.curvature / EARTH_DIAMETER_M,
        limit2=look.radius_m * look.radius_m,
    )
    return heights, row, column, sight


def _near(heights: Heights, row: int, column: int, sight: Sight) -> Bools:
    """(R, C) known cells within the radius."""
    down = sight.down2 * (np.arange(heights.shape[0]) - row) ** 2
    across = sight.across2 * (np.arange(heights.shape[1]) - column) ** 2
    return (down[:, None] + across[None, :] <= sight.limit2) & ~np.isnan(heights)


def _times_seen(
    terrain: Terrain, observers: Sequence[Observer], look: Look, threads: int
) -> Counts:
    """(R, C) number of observers that see each cell; kernels run outside the lock of Python."""
    times = np.zeros(terrain.heights.shape, dtype=np.int32)

    def one(observer: Observer) -> tuple[Observer, Bits, int, int]:
        heights, row, column, sight = _window(terrain, observer, look)
        return observer, seen(heights, row, column, sight), row, column

    with ThreadPoolExecutor(threads) as pool:
        for observer, mask, row, column in pool.map(one, observers):
            top, left = observer.row - row, observer.column - column
            times[top : top + mask.shape[0], left : left + mask.shape[1]] += mask
    return times


def _blocks(values: Bools, down: int, across: int) -> Floats:
    """(r, c) sums over blocks of cells, the last ones cut where the grid ends."""
    rows = np.add.reduceat(values.astype(np.float64), np.arange(0, values.shape[0], down), axis=0)
    return np.add.reduceat(rows, np.arange(0, values.shape[1], across), axis=1)
