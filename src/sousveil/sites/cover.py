"""What sites cover together: shares, counts by published area, coarse cells. No position leaves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numba
import numpy as np

from sousveil.arrays import Bits, Floats, Ints
from sousveil.optics import random_cover
from sousveil.sites.model import Sites

COARSEST_M = 1_000.0
"""A cell that leaves is at least this wide."""
FINEST, COARSEST = 24, 4
"""Grid points across a radius: the union of circles is counted on them."""
MOST_POINTS = 200_000_000


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

    Circles that reach beyond the ground are counted in full, so `together` is an upper bound.
    """
    if radius_m <= 0.0 or ground_km2 <= 0.0:
        raise ValueError(f"a radius of {radius_m:g} m on {ground_km2:g} km2: both are above 0")
    ground = ground_km2 * 1e6
    added, random = random_cover(sites.count, radius_m, ground)
    return Covered(added, union_m2(sites.east_m, sites.north_m, radius_m) / ground, random)


def union_m2(east_m: Floats, north_m: Floats, radius_m: float) -> float:
    """Area of the union of circles, counted on a grid: within a percent where the grid is fine."""
    wide, high = (float(np.ptp(axis)) + 2.0 * radius_m for axis in (east_m, north_m))
    across = min(float(FINEST), radius_m * math.sqrt(MOST_POINTS / (wide * high)))
    if across < COARSEST:
        raise ValueError(
            f"circles of {radius_m:g} m over {wide / 1000:.0f} x {high / 1000:.0f} km are too "
            "many points to count: read a smaller place"
        )
    step = radius_m / across
    # Half a point off the corner, so that a centre lies anywhere between grid points.
    column = (east_m - east_m.min() + radius_m) / step
    row = (north_m - north_m.min() + radius_m) / step
    grid = np.zeros((int(high / step) + 2, int(wide / step) + 2), dtype=np.uint8)
    return float(_paint(grid, row, column, across)) * step * step


@numba.njit(nogil=True, cache=True)
def _paint(grid: Bits, row: Floats, column: Floats, radius: float) -> int:
    """Mark the points inside circles; return how many there are."""
    rows, columns = grid.shape
    marked = 0
    for site in range(len(row)):
        top, bottom = max(0, math.ceil(row[site] - radius)), math.floor(row[site] + radius)
        for r in range(top, min(bottom, rows - 1) + 1):
            half = math.sqrt(max(0.0, radius * radius - (r - row[site]) ** 2))
            left = max(0, math.ceil(column[site] - half))
            for c in range(left, min(math.floor(column[site] + half), columns - 1) + 1):
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
        {name: 1000.0 * sites.by_area.get(name, 0) / count for name, count in people.items()}
    )
