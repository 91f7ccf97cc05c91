"""Shipped scenarios: numbers of areas, no position of anything, and a page in plain words."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

# A column or key with one of these words in its name, or with one of those as its whole name.
WORDS: set[str] = set(
    "lat lon lng latitude longitude easting northing coord coords coordinate coordinates "
    "geom geometry wkt wkb geohash h3 mgrs utm geocode".split()
)
NAMES: set[str] = set("x y z long location position point site_position address".split())
# Two decimals with a comma between them, fine enough to be a place.
# (A pair of shares, both below 1, is no place.)
PAIR = re.compile(
    r"(?<![\d.])(?!0\.\d+\s*[,;]\s*0\.)-?\d{1,3}\.\d{3,}\s*[,;]\s*-?\d{1,3}\.\d{3,}(?![\d.])"
)
AREA_SHAPES = {"Polygon", "MultiPolygon"}


def is_position(name: object) -> bool:
    plain = str(name).strip().lower()
    return plain in NAMES or bool(set(re.split(r"[^a-z0-9]+", plain)) & WORDS)


def is_coarse_latitude(name: str, values: list[str]) -> bool:
    """Daylight needs the latitude of a province: alone, and no finer than a tenth of a degree."""
    return name == "latitude" and all(re.fullmatch(r"-?\d{1,2}(\.\d)?", v) for v in values if v)


def numbers(value: Any) -> list[str]:
    """The number of a bare value or of a fixed quantity; anything else is no latitude."""
    if isinstance(value, dict):
        value = value.get("fixed", "none")
    return [str(value)]


def keys(node: Any, path: str = "") -> Iterator[tuple[str, str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield path, str(key), value
            yield from keys(value, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from keys(value, path)


def test_tables_have_no_column_of_coordinates(scenarios: list[Path]) -> None:
    found: list[str] = []
    for path in (file for folder in scenarios for file in folder.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
        for column in rows[0] if rows else []:
            values = [row[column] or "" for row in rows]
            if is_position(column) and not is_coarse_latitude(column, values):
                found.append(f"{path}: {column}")
    assert not found


def test_declarations_have_no_key_of_coordinates(scenarios: list[Path]) -> None:
    found: list[str] = []
    for path in (file for folder in scenarios for file in folder.rglob("*.y*ml")):
        tree = YAML(typ="safe").load(path)
        found += [
            f"{path}: {where}.{key}"
            for where, key, value in keys(tree)
            if is_position(key) and not is_coarse_latitude(key, numbers(value))
        ]
    assert not found


def test_no_text_holds_a_pair_of_coordinates(scenarios: list[Path]) -> None:
    kinds = {".yaml", ".yml", ".csv", ".md", ".txt"}
    found = [
        f"{path}: {match.group()}"
        for folder in scenarios
        for path in folder.rglob("*")
        if path.suffix in kinds
        for match in PAIR.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_shapes_are_areas_and_live_in_one_file(scenarios: list[Path]) -> None:
    for folder in scenarios:
        shapes = list(folder.rglob("*.geojson"))
        assert [path.name for path in shapes] in ([], ["areas.geojson"]), folder
        for path in shapes:
            features = json.loads(path.read_text(encoding="utf-8"))["features"]
            assert {feature["geometry"]["type"] for feature in features} <= AREA_SHAPES, path
            for feature in features:
                assert not any(map(is_position, feature.get("properties") or {})), path


def test_every_scenario_has_a_page_and_its_sources(scenarios: list[Path]) -> None:
    for folder in scenarios:
        assert (folder / "README.md").is_file(), folder
        assert (folder / "sources.json").is_file(), folder


def test_a_scenario_is_declaration_and_tables_only(scenarios: list[Path]) -> None:
    allowed = {".yaml", ".json", ".csv", ".geojson", ".md"}
    found = [
        str(path)
        for folder in scenarios
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in allowed and "__pycache__" not in path.parts
    ]
    assert not found, "no code, no image, no recording in a scenario"


def test_the_rules_above_find_what_they_look_for() -> None:
    assert is_position("site_lat")
    assert is_position("x")
    assert is_position("Longitude")
    assert not is_position("population")
    assert not is_position("how_long")
    assert not is_coarse_latitude("latitude", ["39.0392"])
    assert is_coarse_latitude("latitude", ["39.0", "41"])
    assert PAIR.search("seen at 39.0392, 125.7625")
    assert not PAIR.search("[0.01, 0.1, 0.5]")
    assert not PAIR.search("[0.0001, 0.005, 0.03]")
    assert is_coarse_latitude("latitude", numbers({"fixed": 40.0}))
    assert not is_coarse_latitude("latitude", numbers({"uniform": [39.01, 39.02]}))
    assert not is_coarse_latitude("longitude", numbers({"fixed": 125.0}))
