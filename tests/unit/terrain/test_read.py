"""Files of terrain: what is read, and one clear line for what is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sousveil.terrain.grid import SYNTHETIC, Terrain, TerrainError
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


UTM_52_NORTH = "EPSG:32652"


@pytest.mark.parametrize(
    ("system", "country", "words"),
    [
        (UTM_52_NORTH, "GBR", "used from 126 to 132 degrees east and 0 to 84 north, which is not"),
        ("EPSG:32730", "GBR", "-80 to 0 north"),
        ("EPSG:32630", "AUS", "which is not in AUS"),
    ],
)
def test_a_coordinate_system_of_elsewhere_contradicts_the_country(
    system: str, country: str, words: str
) -> None:
    with pytest.raises(TerrainError, match=words):
        Terrain(np.zeros((2, 2)), (1, 1), system, country)


@pytest.mark.parametrize(
    ("system", "country"),
    [("EPSG:32630", "GBR"), ("EPSG:27700", "GBR"), ("EPSG:8353", "CZE"), ("EPSG:32755", "AUS")],
)
def test_a_coordinate_system_of_the_country_is_accepted(system: str, country: str) -> None:
    assert not Terrain(np.zeros((2, 2)), (1, 1), system, country).synthetic


def test_a_file_that_names_its_place_is_not_synthetic(tmp_path: Path) -> None:
    path = tmp_path / "hill.asc"
    path.write_text(GRID)
    path.with_suffix(".prj").write_text("PROJCS[anything]")
    with pytest.raises(TerrainError, match="so it is not synthetic"):
        read_terrain(path, SYNTHETIC)


def test_a_file_that_names_its_place_is_checked_or_not_read(tmp_path: Path) -> None:
    path = tmp_path / "hill.asc"
    path.write_text(GRID)
    path.with_suffix(".prj").write_text("PROJCS[anything]")
    with pytest.raises(TerrainError, match="is checked by the extra geo|cannot be read"):
        read_terrain(path, "EPSG:27700", "GBR")


NEEDS = "pip install 'sousveil[geo]'"


@pytest.mark.parametrize(
    ("code", "corner", "stated", "words"),
    [
        (27700, (380_000, 395_000), "EPSG:27700", ""),
        (32652, (420_000, 4_500_000), "EPSG:27700", "in EPSG:32652, and EPSG:27700 was stated"),
        (32652, (420_000, 4_500_000), "British grid", "do not lie in GBR"),
        (27700, (380_000, 9_000_000), "EPSG:27700", "do not lie in GBR|cannot be read"),
    ],
)
def test_a_projection_beside_a_grid_is_held_against_the_country(
    tmp_path: Path, code: int, corner: tuple[int, int], stated: str, words: str
) -> None:
    projection = pytest.importorskip("pyproj", reason=NEEDS)
    path = tmp_path / "hill.asc"
    west, south = corner
    path.write_text(
        GRID.replace("xllcorner 0", f"xllcorner {west}").replace(
            "yllcorner 0", f"yllcorner {south}"
        )
    )
    path.with_suffix(".prj").write_text(projection.CRS.from_epsg(code).to_wkt("WKT1_ESRI"))
    if not words:
        assert read_terrain(path, stated, "GBR").cell_m == (10, 10)
        return
    with pytest.raises(TerrainError, match=words) as found:
        read_terrain(path, stated, "GBR")
    assert "12" not in str(found.value).replace("EPSG:", "")  # no degrees of where it lies


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # of rasterio's own affine
@pytest.mark.parametrize(("code", "good"), [(27700, True), (32652, False)])
def test_a_geotiff_is_held_against_the_country(tmp_path: Path, code: int, good: bool) -> None:
    raster = pytest.importorskip("rasterio", reason=NEEDS)
    path = tmp_path / "hill.tif"
    west, north = (380_000, 395_000) if good else (420_000, 4_500_000)
    shape = {"driver": "GTiff", "width": 3, "height": 2, "count": 1, "dtype": "float32"}
    place = raster.transform.from_origin(west, north, 10, 10)
    with raster.open(path, "w", crs=f"EPSG:{code}", transform=place, **shape) as file:
        file.write(np.ones((2, 3), np.float32), 1)
    if good:
        assert read_terrain(path, "EPSG:27700", "GBR").heights.sum() == 6
        with pytest.raises(TerrainError, match="so it is not synthetic"):
            read_terrain(path, SYNTHETIC)
        return
    with pytest.raises(TerrainError, match="was stated"):
        read_terrain(path, "EPSG:27700", "GBR")
