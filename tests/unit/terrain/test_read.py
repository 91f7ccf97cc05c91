"""Files of terrain: what is read, and one clear line for what is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sousveil.terrain.grid import SYNTHETIC, TerrainError
from sousveil.terrain.read import read_terrain

GRID = """ncols 3
nrows 2
xllcorner 0
yllcorner 0
cellsize 10
NODATA_value -9999
1 2 3
4 -9999 6
"""


def test_an_ascii_grid_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hill.asc"
    path.write_text(GRID)
    terrain = read_terrain(path, SYNTHETIC)
    assert terrain.cell_m == (10, 10)
    assert terrain.heights[0].tolist() == [1, 2, 3]
    assert np.isnan(terrain.heights[1, 1])


def test_an_archive_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hill.npz"
    np.savez(path, heights=np.ones((2, 2), np.float32), cell_m=np.array([1.0, 2.0]))
    assert read_terrain(path, SYNTHETIC).cell_m == (1, 2)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.asc", "", "no ncols and nrows"),
        ("a.asc", GRID.replace("ncols 3", "ncols 4"), "6 heights for 2 rows x 4 columns"),
        ("a.asc", GRID.replace("1 2 3", "1 x 3"), "no number"),
        ("a.asc", GRID.replace("cellsize 10", "cellsize ten"), "cellsize is 'ten'"),
        ("a.asc", GRID.replace("cellsize 10\n", ""), "above 0"),
        ("a.asc", GRID.replace("ncols 3", "ncols 999999999"), "at most 400,000,000"),
        ("a.asc", "\N{SNOWMAN}", "no ASCII"),
        ("a.npz", "not an archive", "not a NumPy archive"),
        ("a.png", "", "a terrain ends in"),
    ],
)
def test_a_bad_file_has_one_clear_line(tmp_path: Path, name: str, text: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TerrainError, match=words) as found:
        read_terrain(path, SYNTHETIC)
    assert str(found.value).startswith(name)
    assert "\n" not in str(found.value)


def test_an_archive_without_heights_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, plates=np.ones(3))
    with pytest.raises(TerrainError, match="holds plates"):
        read_terrain(path, SYNTHETIC)
    np.savez(path, heights=np.ones(3), cell_m=np.ones(2))
    with pytest.raises(TerrainError, match="of shape"):
        read_terrain(path, SYNTHETIC)


def test_a_missing_file_and_a_closed_place_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TerrainError, match="no such file"):
        read_terrain(tmp_path / "a.asc", SYNTHETIC)
    path = tmp_path / "a.asc"
    path.write_text("never read")
    with pytest.raises(TerrainError, match="a terrain of PRK is refused"):
        read_terrain(path, "EPSG:32652", "PRK")


def test_a_geotiff_asks_for_the_extra_or_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_text("no raster")
    with pytest.raises(TerrainError, match="needs the extra geo|not a raster"):
        read_terrain(path, SYNTHETIC)
