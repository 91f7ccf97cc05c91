"""Reads a terrain: an ASCII grid or a NumPy archive, and GeoTIFF where rasterio is installed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sousveil.terrain.grid import Terrain
from sousveil.terrain.place import TerrainError, refuse_file

MOST_CELLS = 400_000_000
_HEADER = ("ncols", "nrows", "xllcorner", "yllcorner", "xllcenter", "yllcenter", "cellsize")
_OPTIONAL = ("dx", "dy", "nodata_value")


def read_terrain(path: Path, coordinate_system: str, country: str = "") -> Terrain:
    """Read a terrain by the ending of its name: .asc, .npz, .tif.

    Raises TerrainError, one line, for a file that is no terrain, a place that is closed, or a file
    whose own coordinate system (of a GeoTIFF, or in a .prj beside an ASCII grid) says that it is
    elsewhere. The position of the grid is not kept.
    """
    readers = {".asc": _ascii, ".npz": _archive, ".tif": _geotiff, ".tiff": _geotiff}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise TerrainError(f"{path.name}: a terrain ends in {', '.join(readers)}")
    if not path.is_file():
        raise TerrainError(f"{path.name}: there is no such file")
    # The place is judged before a height is read.
    Terrain(np.zeros((1, 1)), (1.0, 1.0), coordinate_system, country)
    try:
        heights, cell_m, own = reader(path)
        if own is not None:
            refuse_file(own.system, own.extent, coordinate_system, country)
        return Terrain(heights, cell_m, coordinate_system, country)
    except TerrainError as error:
        raise TerrainError(f"{path.name}: {error}") from None


@dataclass(frozen=True)
class _Own:
    """Where a file says that it is: its coordinate system; west, south, east, north in it."""

    system: str
    extent: tuple[float, float, float, float]


_Read = tuple[np.ndarray, tuple[float, float], _Own | None]


def _ascii(path: Path) -> _Read:
    """Esri ASCII grid: lines of name and number, then rows of heights from the north."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except UnicodeDecodeError:
        raise TerrainError("not an ASCII grid: it holds bytes that are no ASCII") from None
    header: dict[str, float] = {}
    for line in lines:
        name, _, value = line.strip().partition(" ")
        if name.lower() not in (*_HEADER, *_OPTIONAL):
            break
        header[name.lower()] = _number(value.strip(), name)
    columns, rows = (int(header.get(name, 0)) for name in ("ncols", "nrows"))
    _refuse_size(rows, columns)
    body = " ".join(lines[len(header) :]).split()
    if len(body) != rows * columns:
        raise TerrainError(f"{len(body)} heights for {rows} rows x {columns} columns")
    try:
        heights = np.array(body, dtype=np.float64).reshape(rows, columns)
    except ValueError as error:
        raise TerrainError(f"a height is no number: {error}") from None
    side = header.get("cellsize", math.nan)
    cell = (header.get("dx", side), header.get("dy", side))
    unknown = header.get("nodata_value", -9999.0)
    return _without(heights, unknown), cell, _beside(path, header, rows, columns, cell)


def _beside(
    path: Path, header: dict[str, float], rows: int, columns: int, cell: tuple[float, float]
) -> _Own | None:
    """What a .prj beside the grid says; None where there is none."""
    prj = path.with_suffix(".prj")
    if not prj.is_file():
        return None
    west, south = (
        header.get(f"{axis}llcorner", header.get(f"{axis}llcenter", math.nan)) for axis in "xy"
    )
    if not math.isfinite(west + south + cell[0] + cell[1]):
        raise TerrainError("a .prj lies beside it, and no corner says where the grid begins")
    extent = (west, south, west + columns * cell[0], south + rows * cell[1])
    return _Own(prj.read_text(encoding="utf-8", errors="replace"), extent)


def _archive(path: Path) -> _Read:
    """NumPy archive with `heights` (R, C) and `cell_m` (2,)."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not {"heights", "cell_m"} <= set(archive.files):
                raise TerrainError(f"holds {', '.join(archive.files)}: expected heights, cell_m")
            heights, cell = archive["heights"], archive["cell_m"]
    except (ValueError, OSError) as error:
        if isinstance(error, TerrainError):
            raise
        raise TerrainError("not a NumPy archive of plain arrays") from None
    if heights.ndim != 2 or cell.shape != (2,):
        raise TerrainError(f"heights of shape {heights.shape}, cell_m of shape {cell.shape}")
    return heights, (float(cell[0]), float(cell[1])), None


def _geotiff(path: Path) -> _Read:
    """GeoTIFF in a projected coordinate system, by rasterio."""
    try:
        import rasterio
    except ImportError:
        raise TerrainError("a GeoTIFF needs the extra geo: pip install 'sousveil[geo]'") from None
    try:
        with rasterio.open(path) as source:
            _refuse_size(source.height, source.width)
            if source.crs is not None and source.crs.is_geographic:
                raise TerrainError("cells in degrees: project the model to metres first")
            heights = source.read(1).astype(np.float32)
            shape = (abs(float(source.transform.a)), abs(float(source.transform.e)))
            unknown = source.nodata
            own = _Own(source.crs.to_wkt(), tuple(source.bounds)) if source.crs else None
    except rasterio.errors.RasterioError:
        raise TerrainError("not a raster that rasterio can read") from None
    return _without(heights, math.nan if unknown is None else float(unknown)), shape, own


def _without(heights: np.ndarray, unknown: float) -> np.ndarray:
    """Heights with the mark of an unknown one made NaN."""
    mark = heights.dtype.type(unknown)
    return np.where(heights == mark, heights.dtype.type(np.nan), heights)


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise TerrainError(f"{name} is {text!r}: expected a number") from None


def _refuse_size(rows: int, columns: int) -> None:
    if rows < 1 or columns < 1:
        raise TerrainError("no ncols and nrows above 0")
    if rows * columns > MOST_CELLS:
        raise TerrainError(f"{rows} x {columns} cells: at most {MOST_CELLS:,}")
