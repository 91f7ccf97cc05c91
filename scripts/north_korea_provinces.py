"""Make areas.geojson of the North Korea scenario from the Natural Earth 1:10m provinces.

Usage: python scripts/north_korea_provinces.py PROVINCES.geojson areas.geojson

PROVINCES.geojson is any GeoJSON export of the eleven North Korean features of Natural Earth's
`ne_10m_admin_1_states_provinces` with the property `name_en`. Needs shapely 2.1 or newer (`geo`).
Polygons of provinces only: nothing smaller than a province has a place in this scenario.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import shapely

PARENTS = {
    "Ryanggang": "ryanggang",
    "North Hamgyong": "north_hamgyong",
    "Rason": "north_hamgyong",  # counted with North Hamgyong by the census of 2008
    "South Hamgyong": "south_hamgyong",
    "Kangwon": "kangwon",
    "Jagang": "chagang",
    "North Pyongan": "north_pyongan",
    "South Pyongan": "south_pyongan",  # Nampo has no polygon of its own in this edition
    "North Hwanghae": "north_hwanghae",  # holds Kaesong
    "South Hwanghae": "south_hwanghae",
    "Pyongyang": "pyongyang",
}
TOLERANCE_DEGREES = 0.01
DECIMALS = 3
SMALLEST_ISLET = 0.0005
"""Square degrees (about 5 km2): smaller islets vanish at the scale of a page."""


def merged(features: list[dict[str, Any]]) -> dict[str, Any]:
    """Union of the polygons of each province, simplified together so that borders stay shared."""
    parts: dict[str, list[Any]] = {}
    for feature in features:
        parent = PARENTS[feature["properties"]["name_en"]]
        parts.setdefault(parent, []).append(shapely.from_geojson(json.dumps(feature["geometry"])))
    names = list(parts)
    shapes = [shapely.union_all(parts[name], grid_size=0.0001) for name in names]
    return dict(zip(names, shapely.coverage_simplify(shapes, TOLERANCE_DEGREES), strict=True))


def rings(polygon: Any) -> list[list[list[float]]]:
    """Coordinates of one polygon, outer ring clockwise (as d3 and Vega expect), holes not."""
    clockwise = shapely.orient_polygons(polygon, exterior_cw=True)
    return [
        [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring.coords]
        for ring in (clockwise.exterior, *clockwise.interiors)
    ]


def feature(parent: str, shape: Any) -> dict[str, Any]:
    """One GeoJSON feature, whose only property is the province that it draws."""
    polygons = [p for p in shapely.get_parts(shape) if p.area >= SMALLEST_ISLET]
    geometry = {"type": "MultiPolygon", "coordinates": [rings(polygon) for polygon in polygons]}
    return {"type": "Feature", "properties": {"parent": parent}, "geometry": geometry}


def main(source: str, target: str) -> None:
    """Write the file, one feature a line, sorted by name."""
    features = json.loads(Path(source).read_text(encoding="utf-8"))["features"]
    shapes = merged(features)
    lines = [
        json.dumps(feature(name, shapes[name]), separators=(",", ":")) for name in sorted(shapes)
    ]
    body = ",\n".join(lines)
    text = f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'
    Path(target).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
