"""Cell by cell against xarray-spatial, where it is installed."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.terrain.kernels import Sight, seen


@pytest.mark.filterwarnings("ignore")
def test_cells_alike_to_a_peer() -> None:
    peer = pytest.importorskip("xrspatial", reason="pip install xarray-spatial")
    import xarray  # pyright: ignore[reportMissingImports]

    from sousveil.validate.case_files import TABLES

    with np.load(TABLES / "surface_1m.npz") as archive:
        heights = archive["heights"].astype(float)
    row, column, above = 130, 126, 10.0
    axes = {"y": np.arange(heights.shape[0]) * 1.0, "x": np.arange(heights.shape[1]) * 1.0}
    # The peer cannot read an unknown height; a deep hole hides as little.
    filled = np.where(np.isnan(heights), np.nanmin(heights) - 100, heights)
    model = xarray.DataArray(filled, coords=axes, dims=("y", "x"))
    angles = peer.viewshed(model, x=float(column), y=float(row), observer_elev=above)
    theirs = np.asarray(angles) >= 0
    eye = Sight(float(heights[row, column]) + above, 0.0, 1.0, 1.0, 0.0, np.inf)
    ours = seen(heights, row, column, eye).astype(bool)
    known = ~np.isnan(heights)
    assert (ours == theirs)[known].mean() > 0.98
    assert abs(ours[known].sum() / theirs[known].sum() - 1) < 0.02
