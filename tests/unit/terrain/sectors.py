"""Lines of sight by the peer's convention, cell against cell, to tell a convention from an error.

Source: van Kreveld 1996, Variations on sweep algorithms: efficient computation of extended
viewsheds; as r.viewshed of GRASS and xarray-spatial read it.
"""

from __future__ import annotations

import numba
import numpy as np

from sousveil.arrays import Bools, Floats


@numba.njit(cache=True)
def seen_by_sectors(heights: Floats, row: int, column: int, eye: float, cell: float) -> Bools:
    """(R, C) whether the eye sees the middle of each cell.

    A cell stands in the way with all of its angular width, at the distance of its middle: its slope
    is linear in the angle from corner to middle to corner, a corner as high as the mean of the
    four cells around it.
    """
    rows, columns = heights.shape
    count = rows * columns
    angle, slope, away = np.zeros((count, 3)), np.zeros((count, 3)), np.zeros(count)
    for place in range(count):
        r, c = place // columns, place % columns
        down, along = r - row, c - column
        away[place] = down * down + along * along
        if not away[place]:
            continue
        middle = np.arctan2(-float(down), float(along))
        angle[place, 1] = middle
        slope[place, 1] = np.arctan((heights[r, c] - eye) / np.sqrt(away[place]) / cell)
        for side in (-1, 1):
            up, right = _corner(np.sign(down), np.sign(along), side)
            y, x = down + up / 2.0, along + right / 2.0
            turn = _turn(np.arctan2(-y, x) - middle)
            height = _mean(heights, r, c, up, right)
            at = 0 if turn < 0 else 2
            angle[place, at] = turn
            slope[place, at] = np.arctan((height - eye) / np.sqrt(x * x + y * y) / cell)
    seen = np.ones((rows, columns), dtype=np.bool_)
    for place in range(count):
        for other in range(count):
            if away[place] and 0 < away[other] < away[place]:
                turn = _turn(angle[place, 1] - angle[other, 1])
                if angle[other, 0] <= turn <= angle[other, 2]:
                    end = 0 if turn < 0 else 2
                    part = turn / angle[other, end]
                    steep = slope[other, 1] + (slope[other, end] - slope[other, 1]) * part
                    if steep > slope[place, 1]:
                        seen[place // columns, place % columns] = False
                        break
    return seen


@numba.njit(cache=True)
def _corner(down: int, along: int, side: int) -> tuple[int, int]:
    """The corner that bounds a cell to one side, for an eye that looks at it."""
    if down == 0:
        return side, -along
    if along == 0:
        return -down, side
    return (down, -along) if side < 0 else (-down, along)


@numba.njit(cache=True)
def _turn(angle: float) -> float:
    """An angle between minus and plus half a turn."""
    if angle > np.pi:
        return angle - 2 * np.pi
    return angle + 2 * np.pi if angle < -np.pi else angle


@numba.njit(cache=True)
def _mean(heights: Floats, r: int, c: int, up: int, right: int) -> float:
    """Height of a corner; at the rim of the grid that of the cell."""
    rows, columns = heights.shape
    if not (0 <= r + up < rows and 0 <= c + right < columns):
        return heights[r, c]
    pair = heights[r + up, c] + heights[r, c + right]
    return (heights[r, c] + heights[r + up, c + right] + pair) / 4
