"""A map of places by shade, each with the number under which the ranges beside it list it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sousveil.report.figures.style import INK, QUIET, chart_of, number_label, theme

Ring = list[list[float]]
SHADES = ("#f1eef6", "#045a8d")
"""From least to most: one hue that darkens, which every eye and a grey print can order."""
MAP_WIDTH = 330
FEATURES = "features"


@dataclass(frozen=True)
class Place:
    """A place of the map: its id in areas.geojson, its number, its value."""

    id: str
    number: int
    value: float


def shapes_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Geometries of areas.geojson by parent; empty where a scenario has none.

    Longitudes are shrunk by the cosine of the mean latitude, so that a flat drawing looks right.
    """
    path = folder / "areas.geojson"
    if not path.is_file():
        return {}
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    latitudes = [p[1] for f in features for ring in _rings(f["geometry"]) for p in ring]
    shrink = math.cos(math.radians((min(latitudes) + max(latitudes)) / 2))
    found: dict[str, dict[str, Any]] = {}
    for feature in features:
        polygons = [
            [[[round(x * shrink, 3), y] for x, y in ring] for ring in polygon]
            for polygon in _polygons(feature["geometry"])
        ]
        name = str(feature["properties"]["parent"])
        found[name] = {"type": "MultiPolygon", "coordinates": polygons}
    return found


def _polygons(geometry: Mapping[str, Any]) -> list[list[Ring]]:
    coordinates = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "Polygon" else coordinates


def _rings(geometry: Mapping[str, Any]) -> list[Ring]:
    return [ring for polygon in _polygons(geometry) for ring in polygon]


def area_of(ring: Ring) -> float:
    """Signed area of a ring (shoelace formula)."""
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


def middle_of(geometry: Mapping[str, Any]) -> tuple[float, float]:
    """Centroid of the largest ring: where the number stands."""
    ring = max(_rings(geometry), key=lambda item: abs(area_of(item)))
    area = area_of(ring)
    pairs = list(zip(ring, ring[1:] + ring[:1], strict=True))
    x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (6 * area)
    y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (6 * area)
    return x, y


def features_of(
    shapes: Mapping[str, Mapping[str, Any]], items: Sequence[Place], percent: bool
) -> list[dict[str, Any]]:
    """The data set that `places` refers to by the name FEATURES."""
    values = {item.id: item.value * (100 if percent else 1) for item in items}
    return [
        {"type": "Feature", "geometry": shape, "properties": {"value": values.get(name)}}
        for name, shape in shapes.items()
    ]


def places(
    shapes: Mapping[str, Mapping[str, Any]], items: Sequence[Place], title: str, percent: bool
) -> Any:
    """Map of the places that have a value; the others stay blank. Render it with its features."""
    import altair as alt

    values = {item.id: item.value * (100 if percent else 1) for item in items}
    top, bottom = max(values.values()), min(values.values())
    scale = alt.Scale(range=list(SHADES), domain=[min(bottom, 0.0), top or 1.0], nice=True)
    legend = alt.Legend(
        orient="bottom",
        title=title,
        direction="horizontal",
        gradientLength=MAP_WIDTH - 60,
        gradientThickness=10,
        tickCount=4,
        labelExpr=number_label(percent),
        titleLimit=MAP_WIDTH,
    )
    colour = alt.Color("properties.value:Q", scale=scale, legend=legend)
    low, high = min(bottom, 0.0), top or 1.0
    marks = []
    for item in items:
        if item.id in shapes:
            x, y = middle_of(shapes[item.id])
            dark = (values[item.id] - low) / (high - low) > 0.5
            marks.append({"x": x, "y": y, "n": str(item.number), "dark": dark})
    ground: Any = alt.Chart(alt.NamedData(FEATURES)).mark_geoshape(stroke=QUIET, strokeWidth=0.7)
    shaded = ground.encode(color=colour).project(type="identity", reflectY=True)
    ratio = _height_by_width(shapes)
    return alt.layer(
        shaded,
        *_numbers(marks),
        width=MAP_WIDTH - 30,
        height=round((MAP_WIDTH - 30) * ratio),
        config=theme(MAP_WIDTH, MAP_WIDTH * ratio),
    )


def _height_by_width(shapes: Mapping[str, Mapping[str, Any]]) -> float:
    points = [p for shape in shapes.values() for ring in _rings(shape) for p in ring]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (max(ys) - min(ys)) / (max(xs) - min(xs))


def _numbers(marks: list[dict[str, Any]]) -> list[Any]:
    """The numbers of the places, white on dark shades."""
    import altair as alt

    layers = list[Any]()
    for dark, colour in ((False, INK), (True, "#ffffff")):
        mine = [{"n": mark["n"], **_point(mark)} for mark in marks if mark["dark"] is dark]
        if mine:
            layers.append(
                chart_of(mine)
                .mark_text(fontSize=12, fontWeight="bold", color=colour)
                .encode(
                    longitude=alt.Longitude("x:Q"),
                    latitude=alt.Latitude("y:Q"),
                    text=alt.Text("n:N"),
                )
                .project(type="identity", reflectY=True)
            )
    return layers


def _point(mark: Mapping[str, Any]) -> dict[str, float]:
    return {"x": mark["x"], "y": mark["y"]}
