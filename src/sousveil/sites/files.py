"""Opens a file of sites as a table of texts: CSV, GeoJSON points, GeoParquet points."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from sousveil.errors import shown
from sousveil.quantity import Location
from sousveil.scenario.findings import Findings

LARGEST = 2_000_000_000
ENDINGS = (".csv", ".geojson", ".json", ".parquet", ".geoparquet")
_POINT = 1
_BROKEN = (
    *(pl.exceptions.PolarsError, ValueError, KeyError, TypeError, OSError),
    *(AttributeError, RecursionError, struct.error),
)
"""What the readers of the formats raise for a file that is none of theirs."""


def read_frame(path: Path, findings: Findings) -> pl.DataFrame | None:
    """Return the table of a file, or None; what is wrong is noted in one line."""
    place = Location(path.name, 1, 1)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        findings.add(
            "bad-value",
            place,
            "",
            shown(path.suffix or "no ending"),
            f"one of {', '.join(ENDINGS)}",
        )
        return None
    try:
        size = path.stat().st_size
    except OSError as error:
        findings.add("absent-file", place, "", shown(error.strerror), "a file of sites")
        return None
    if not size or size > LARGEST:
        found = "an empty file" if not size else f"{size:,} bytes"
        findings.add("size", place, "", found, f"at least a header, at most {LARGEST:,} bytes")
        return None
    reader = _csv if ending == ".csv" else _parquet if "parquet" in ending else _geojson
    try:
        frame = reader(path)
    except _BROKEN as error:
        words = _words(error)
        findings.add("syntax", place, "", shown(words, 100), f"a file that {ending[1:]} allows")
        return None
    if frame.is_empty():
        findings.add("missing", place, "", "no row", "at least one site")
        return None
    return frame


def _words(error: Exception) -> str:
    """What is wrong with a file, in words of its format and not of a library."""
    words = " ".join(str(error).split())
    if "truncate_ragged_lines" in words:
        return "a row with more cells than the header names"
    if isinstance(error, RecursionError):
        return "brackets within brackets without end"
    known = isinstance(error, (ValueError, OSError, pl.exceptions.PolarsError))
    return words if known else "parts that the format does not have"


def _csv(path: Path) -> pl.DataFrame:
    with path.open("rb") as file:
        head = file.readline().decode("utf-8-sig", "replace")
    separator = max(",;\t", key=head.count)
    return pl.read_csv(path, separator=separator, infer_schema=False, encoding="utf8")


def _geojson(path: Path) -> pl.DataFrame:
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise ValueError("no FeatureCollection")
    rows: list[dict[str, Any]] = []
    for number, feature in enumerate(document["features"], 1):
        geometry = (feature.get("geometry") if isinstance(feature, dict) else None) or {}
        point = isinstance(geometry, dict) and geometry.get("type") == "Point"
        if not point or len(geometry.get("coordinates") or ()) < 2:
            raise ValueError(f"feature {number} is no point")
        lon, lat = geometry["coordinates"][:2]
        own = {str(key): value for key, value in (feature.get("properties") or {}).items()}
        rows.append({**own, "lon": lon, "lat": lat})
    return _texts(rows)


def _texts(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {
        name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in names
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


def _parquet(path: Path) -> pl.DataFrame:
    frame = pl.read_parquet(path)
    about = json.loads(pl.read_parquet_metadata(path).get("geo", "{}"))
    column = str(about.get("primary_column", "geometry"))
    if column not in frame.columns:
        return frame
    points = _points(frame[column], column)
    lon, lat = (
        pl.Series(name, [point[i] for point in points]) for i, name in enumerate(("lon", "lat"))
    )
    return frame.drop(column).with_columns(lon, lat)


def _points(geometry: pl.Series, column: str) -> list[tuple[float, float]]:
    """Points as GeoParquet writes them: well-known binary, or a structure of x and y."""
    if isinstance(geometry.dtype, pl.BaseExtension):
        # Writers that know Arrow mark the column as a geometry; what it holds is the same.
        geometry = geometry.ext.storage()
    if geometry.dtype == pl.Binary:
        return [_wkb_point(item) for item in geometry.to_list()]
    if isinstance(geometry.dtype, pl.Struct) and not geometry.has_nulls():
        x, y = (geometry.struct.field(name).cast(pl.Float64).to_list() for name in "xy")
        return list(zip(x, y, strict=True))
    raise ValueError(f"the column {column} holds no points")


def _wkb_point(item: bytes | None) -> tuple[float, float]:
    """Longitude and latitude of a point in well-known binary."""
    if item is None or len(item) < 21:
        raise ValueError("a geometry is no point")
    order = "<" if item[0] else ">"
    if struct.unpack(f"{order}I", item[1:5])[0] % 1000 != _POINT:
        raise ValueError("a geometry is no point")
    x, y = struct.unpack(f"{order}dd", item[5:21])
    return x, y
