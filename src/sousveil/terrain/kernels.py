"""Compiled lines of sight: a fast fan of rays, and the plain judge with a ray for every cell.

Both sample the surface where a ray crosses a row or a column of cell centres, heights linear
between the two neighbours. Slopes are heights over steps of rows (or columns), so cells need not be
square. A NaN hides nothing and is never visible. A grazing sight counts as visible.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from sousveil.arrays import Bits, Floats

Surface = NDArray[np.floating[Any]]

GRAZE_M = 1e-6
"""A sight this close over an edge is not hidden by it."""
_BLOCK = 32
_TOUCH = 1e-9
"""A ray this close to a cell centre, in cells, passes through it."""


class Sight(NamedTuple):
    """What a kernel knows of an observation.

    eye: height of the eye. target: height above the surface of what is looked for. across2, down2:
    squared sides of a cell, m2. drop: fall of the surface a squared metre of distance (curvature
    less refraction), 1/m. limit2: squared radius, m2.
    """

    eye: float
    target: float
    across2: float
    down2: float
    drop: float
    limit2: float


def _turned(sight: Sight) -> Sight:
    """The same observation with rows and columns exchanged."""
    return Sight(sight.eye, sight.target, sight.down2, sight.across2, sight.drop, sight.limit2)


def seen(heights: Surface, row: int, column: int, sight: Sight) -> Bits:
    """(R, C) 1 where the eye over a cell sees the target, by a fan of rays in four quarters.

    In a quarter a ray runs to every cell of the border and carries the steepest slope so far; a
    cell is compared with the two rays that pass it. Source: Franklin and Ray 1994, Higher isn't
    necessarily better: visibility algorithms and experiments (algorithm R2).
    """
    rows, columns = heights.shape
    mask = np.zeros((rows, columns), dtype=np.uint8)
    _quarters(heights, mask, row, column, sight)
    turned, other = _turn(heights, row, column), np.zeros((columns, rows), dtype=np.uint8)
    _quarters(turned, other, column, row, _turned(sight))
    _merge(other, mask, row, column)
    mask[row, column] = 1
    return mask


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _quarters(heights: Surface, mask: Bits, row: int, column: int, sight: Sight) -> None:
    """Look north and south: cells at most as many columns as rows away."""
    rows, columns = heights.shape
    most = max(row, rows - 1 - row)
    rays = np.empty(most + 2, dtype=np.float64)
    right, left = columns - 1 - column, column
    for side in (-1, 1):
        reach = row if side < 0 else rows - 1 - row
        slab = heights[row::side][: reach + 1]
        out = mask[row::side][: reach + 1]
        rays[:] = -np.inf
        _eighth(slab[:, column:], out[:, column:], reach, right, rays, sight)
        rays[:] = -np.inf
        _eighth(
            slab[:, : column + 1][:, ::-1],
            out[:, : column + 1][:, ::-1],
            reach,
            left,
            rays,
            sight,
        )


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _eighth(
    heights: Surface, mask: Bits, reach: int, width: int, rays: Floats, sight: Sight
) -> None:
    """Look along rays from cell (0, 0) to (reach, 0) ... (reach, reach), cut at column `width`.

    rays: (reach + 2,) steepest slope so far along each. Unsigned indices spare the compiler the
    test for negative ones.
    """
    unsigned = np.uint64
    last = unsigned(width)
    for step in range(1, reach + 1):
        back, here, out = heights[step - 1], heights[step], mask[step]
        steps, down = 1.0 / step, sight.down2 * step * step
        graze = sight.eye - sight.target - GRAZE_M
        # Beyond the radius nothing is seen, and a ray that left it never comes back.
        if down > sight.limit2:
            return
        most = min(float(min(step, width)), np.sqrt((sight.limit2 - down) / sight.across2) + 1.0)
        for j in range(int(most) + 1):
            away = down + sight.across2 * (j * j)
            slope = (here[unsigned(j)] - graze - sight.drop * away) * steps
            place = j * (reach * steps)
            i = unsigned(place)
            share = place - np.float64(i)
            horizon = rays[i]
            if share > _TOUCH:
                horizon = horizon * (1.0 - share) + rays[i + unsigned(1)] * share
            out[unsigned(j)] |= np.uint8((slope >= horizon) & (away <= sight.limit2))
        pace, before = step / reach, (step - 1) / reach
        for ray in range(min(reach, int(width / pace), int((most + 1.0) / pace) + 1) + 1):
            x = ray * pace
            m = unsigned(x)
            whole = np.float64(m)
            share = x - whole
            after = m + unsigned(1) if m < last else m
            height = here[m]
            if share > _TOUCH:
                height = height * (1.0 - share) + here[after] * share
            away = down + sight.across2 * x * x
            horizon = rays[unsigned(ray)]
            horizon = max(horizon, _slope(height, away, steps, sight))
            begun = ray * before
            if whole > begun and share > _TOUCH:
                # Between the two rows the ray crosses the column of cell centres `m`.
                part = (whole - begun) / (x - begun)
                at = step - 1 + part
                height = back[m] * (1.0 - part) + here[m] * part
                away = sight.down2 * at * at + sight.across2 * whole * whole
                horizon = max(horizon, _slope(height, away, 1.0 / at, sight))
            rays[unsigned(ray)] = horizon


@numba.njit(nogil=True, cache=True, inline="always")
def _slope(height: float, away: float, steps: float, sight: Sight) -> float:
    """Slope a step from the eye to a height; an unknown height hides nothing."""
    slope = (height - sight.eye - sight.drop * away) * steps
    return slope if slope == slope else -np.inf


@numba.njit(nogil=True, cache=True, error_model="numpy")
def lowest_seen(heights: Surface, row: int, column: int, sight: Sight) -> Floats:
    """(R, C) lowest height that the eye sees over each cell, by a ray of its own for every cell.

    -inf where nothing lies between. The plain judge of `seen`: slow, exact for the surface.
    """
    rows, columns = heights.shape
    lowest = np.full((rows, columns), -np.inf)
    for r in range(rows):
        for c in range(columns):
            down, across = r - row, c - column
            steep = -np.inf
            for k in range(1, abs(down)):
                part = k / abs(down)
                y, x = row + (k if down > 0 else -k), column + across * part
                height = _between(heights, y, x, 1)
                steep = max(
                    steep, _slope(height, _away(down, across, part, sight), 1 / part, sight)
                )
            for k in range(1, abs(across)):
                part = k / abs(across)
                y, x = row + down * part, column + (k if across > 0 else -k)
                height = _between(heights, x, y, 0)
                steep = max(
                    steep, _slope(height, _away(down, across, part, sight), 1 / part, sight)
                )
            lowest[r, c] = sight.eye + steep + sight.drop * _away(down, across, 1.0, sight)
    return lowest


@numba.njit(nogil=True, cache=True, inline="always")
def _away(down: int, across: int, part: float, sight: Sight) -> float:
    """Squared distance after a part of the way."""
    return part * part * (sight.down2 * down * down + sight.across2 * across * across)


@numba.njit(nogil=True, cache=True, inline="always")
def _between(heights: Surface, whole: int, broken: float, along_row: int) -> float:
    """Height at a whole index of one axis and a broken one of the other."""
    low = int(np.floor(broken))
    share = broken - low
    if along_row == 1:
        first = heights[whole, low]
        return first if share < _TOUCH else first * (1 - share) + heights[whole, low + 1] * share
    first = heights[low, whole]
    return first if share < _TOUCH else first * (1 - share) + heights[low + 1, whole] * share


@numba.njit(nogil=True, cache=True)
def counted(heights: Surface, mask: Bits, row: int, column: int, sight: Sight) -> tuple[int, int]:
    """(known cells within the radius, seen ones among them)."""
    rows, columns = heights.shape
    known, visible = 0, 0
    for r in range(rows):
        down = sight.down2 * (r - row) * (r - row)
        for c in range(columns):
            away = down + sight.across2 * (c - column) * (c - column)
            if away <= sight.limit2 and heights[r, c] == heights[r, c]:
                known += 1
                visible += mask[r, c]
    return known, visible


@numba.njit(nogil=True, cache=True)
def _turn(heights: Surface, row: int, column: int) -> Surface:
    """Exchange rows and columns, in blocks that stay in the cache.

    Only the quarters east and west of the observer are filled: nobody looks at the others.
    """
    rows, columns = heights.shape
    out = np.empty((columns, rows), dtype=heights.dtype)
    for top in range(0, rows, _BLOCK):
        for left in range(0, columns, _BLOCK):
            if _beside(top - row, left - column):
                for r in range(top, min(top + _BLOCK, rows)):
                    for c in range(left, min(left + _BLOCK, columns)):
                        out[c, r] = heights[r, c]
    return out


@numba.njit(nogil=True, cache=True)
def _merge(turned: Bits, mask: Bits, row: int, column: int) -> None:
    """Add what was seen with rows and columns exchanged."""
    rows, columns = mask.shape
    for top in range(0, rows, _BLOCK):
        for left in range(0, columns, _BLOCK):
            if _beside(top - row, left - column):
                for r in range(top, min(top + _BLOCK, rows)):
                    for c in range(left, min(left + _BLOCK, columns)):
                        mask[r, c] |= turned[c, r]


@numba.njit(nogil=True, cache=True, inline="always")
def _beside(down: int, across: int) -> bool:
    """Whether a block may hold a cell with at least as many columns as rows to the observer."""
    nearest = max(0, down, 1 - _BLOCK - down)
    return nearest <= max(abs(across), abs(across + _BLOCK)) + 1
