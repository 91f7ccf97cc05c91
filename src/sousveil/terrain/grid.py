"""A terrain or surface model: heights on a grid, of an open place or synthetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sousveil.arrays import AnyArray
from sousveil.terrain.place import SYNTHETIC, TerrainError, refuse_place

__all__ = ["SYNTHETIC", "Heights", "Terrain", "TerrainError"]

Heights = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Terrain:
    """Heights in metres, row 0 in the north; a cell that nobody knows is NaN.

    heights: (R, C) floats or integers. cell_m: width (west to east) and height (north to south) of
    a cell. coordinate_system: that of the model, or the word `synthetic`. country: ISO 3166-1
    alpha-3, needed unless synthetic.
    """

    heights: AnyArray
    cell_m: tuple[float, float]
    coordinate_system: str
    country: str = ""

    def __post_init__(self) -> None:
        """Refuse a closed place first, then what is no grid."""
        refuse_place(self.coordinate_system, self.country)
        if self.heights.ndim != 2 or not self.heights.size:
            raise TerrainError(f"heights have the shape {self.heights.shape}: a grid has two axes")
        if not all(math.isfinite(side) and side > 0.0 for side in self.cell_m):
            raise TerrainError(f"a cell of {self.cell_m} m: both sides are lengths above 0")
        if np.isinf(self.heights).any():
            raise TerrainError("a height is infinite: a height that nobody knows is nan")

    @property
    def synthetic(self) -> bool:
        """Whether it is nowhere."""
        return self.coordinate_system == SYNTHETIC

    def window(self, row: int, column: int, radius_m: float) -> tuple[Heights, int, int]:
        """Copy of the cells within a radius of a cell, and where that cell lies in it."""
        rows, columns = self.heights.shape
        across, down = (
            int(min(radius_m / side, float(max(rows, columns)))) for side in self.cell_m
        )
        top, left = max(0, row - down), max(0, column - across)
        cut = self.heights[top : row + down + 1, left : column + across + 1]
        kind = np.float32 if cut.dtype == np.float32 else np.float64
        return np.ascontiguousarray(cut, dtype=kind), row - top, column - left
