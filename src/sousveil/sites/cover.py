"""What sites cover together: shares, counts by published area, coarse cells. No position leaves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numba
import numpy as np

from sousveil.arrays import Bits, Bools, Floats, Ints
from sousveil.optics import random_cover
from sousveil.sites.model import Sites
from sousveil.statistics import for_thousand

COARSEST_M = 1_000.0
"""A cell that leaves is at least this wide."""
FINEST = 24
"""Grid points across a radius: the union of circles is counted on them."""
TILE = 256
"""Grid points across a tile, wider than any circle."""


@dataclass(frozen=True)
class Covered:
    """Share of a ground within a radius of the sites.

    added: circles added up, which may exceed 1. together: what they cover, overlaps once. random:
    what as many random sites would cover.
    """

    added: float
    together: float
    random: float


def covered(sites: Sites, radius_m: float, ground_km2: float) -> Covered:
    """Share of a ground of known area that lies within a radius of at least one site.

    Circles that reach beyond the ground are counted in full, so `together` is an upper bound, of 1
    at most.
    """
    if radius_m <= 0.0 or ground_km2 <= 0.0:
        raise ValueError(f"a radius of {radius_m:g} m on {ground_km2:g} km2: both are above 0")
    ground = ground_km2 * 1e6
    added, random = random_cover(sites.count, radius_m, ground)
    together = min(1.0, union_m2(sites.east_m, sites.north_m, radius_m) / ground)
    return Covered(added, together, random)


def union_m2(east_m: Floats, north_m: Floats, radius_m: float) -> float:
    """Area of the union of circles, counted on a grid of `FINEST` points a radius.

    Within a percent. Only tiles of the grid that a circle touches are looked at, one at a time.
    """
    step = radius_m / FINEST
    # Half a point off the corner, so that a centre lies anywhere between grid points.
    column = (east_m - east_m.min() + radius_m) / step
    row = (north_m - north_m.min() + radius_m) / step
    ends = [np.floor((axis + side) / TILE) for axis in (row, column) for side in (-FINEST, FINEST)]
    high, low, left, right = (part.astype(np.int64) for part in (ends[1], ends[0], *ends[2:]))
    corners = [
        (down, along, keep)
        for down, one in ((low, None), (high, low))
        for along, other in ((left, None), (right, left))
        for keep in [_apart(down, one) & _apart(along, other)]
    ]
    site = np.concatenate([np.flatnonzero(keep) for _, _, keep in corners])
    top = np.concatenate([down[keep] for down, _, keep in corners])
    side = np.concatenate([along[keep] for _, along, keep in corners])
    order = np.lexsort((side, top))
    where = np.stack([site[order], top[order], side[order]])
    return float(_painted(where, row, column)) * step * step


def _apart(tile: Ints, other: Ints | None) -> Bools:
    """(N,) whether a circle's end lies in another tile than its beginning."""
    return np.ones(len(tile), dtype=np.bool_) if other is None else tile != other


@numba.njit(nogil=True, cache=True)
def _painted(where: Ints, row: Floats, column: Floats) -> int:
    """Count the grid points inside circles, tile by tile.

    where: (3, n) site and tile (row, column) of every meeting of the two, sorted by tile.
    """
    grid = np.zeros((TILE, TILE), dtype=np.uint8)
    marked, count = 0, where.shape[1]
    for place in range(count):
        site, top, side = where[0, place], where[1, place], where[2, place]
        if place and (where[1, place - 1] != top or where[2, place - 1] != side):
            grid[:] = 0
        marked += _paint(grid, row[site] - top * TILE, column[site] - side * TILE)
    return marked


@numba.njit(nogil=True, cache=True)
def _paint(grid: Bits, row: float, column: float) -> int:
    """Mark the points of a tile inside one circle; return how many are new."""
    marked = 0
    for r in range(max(0, math.ceil(row - FINEST)), min(math.floor(row + FINEST), TILE - 1) + 1):
        half = math.sqrt(max(0.0, FINEST * FINEST - (r - row) ** 2))
        left = max(0, math.ceil(column - half))
        for c in range(left, min(math.floor(column + half), TILE - 1) + 1):
            marked += 1 - grid[r, c]
            grid[r, c] = 1
    return marked


def coarse_counts(sites: Sites, cell_m: float) -> Ints:
    """(r, c) sites in each coarse cell of a grid around them, at least `COARSEST_M` wide."""
    if cell_m < COARSEST_M:
        raise ValueError(f"cells of {cell_m:g} m are positions: at least {COARSEST_M:g} m")
    row, column = (
        np.floor((axis - axis.min()) / cell_m).astype(np.int64)
        for axis in (sites.north_m, sites.east_m)
    )
    counts = np.zeros((int(row.max()) + 1, int(column.max()) + 1), dtype=np.int64)
    np.add.at(counts, (row, column), 1)
    return counts[::-1]


def per_thousand(sites: Sites, people: Mapping[str, float]) -> Mapping[str, float]:
    """Sites for 1,000 residents of each published area.

    Raises ValueError where an area has sites and no people, or fewer than 1,000.
    """
    missing = sorted(name for name in sites.by_area if people.get(name, 0.0) < 1000.0)
    if missing:
        raise ValueError(f"fewer than 1,000 people are stated for {', '.join(missing[:5])}")
    return MappingProxyType(
        {name: for_thousand(sites.by_area.get(name, 0), count) for name, count in people.items()}
    )
