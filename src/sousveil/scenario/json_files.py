"""The JSON files of a scenario: sources.json (CSL-JSON) and areas.geojson (whole areas)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

from sousveil.errors import close_to, listed, printable, shown, steers
from sousveil.quantity import Location
from sousveil.scenario.boxes import boxes
from sousveil.scenario.countries import is_open
from sousveil.scenario.findings import Findings
from sousveil.scenario.model import SourceRecord
from sousveil.scenario.positions import is_position, pair_of_degrees
from sousveil.sources import CSL_TYPES, KEY, authors, date

_SPACE = re.compile(r"[ \t\r\n]*")
_SHAPES = ("Polygon", "MultiPolygon")
_PROPERTIES = ("parent",)
_LEAST_KM2 = 1.0
"""A ring of a closed country that holds less could be the place of a thing."""
_KM_PER_DEGREE = 111.2


class _Refused(ValueError):
    """A constant or a repeated key inside JSON."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise _Refused(f"the key {shown(twice[0])} twice")
    return dict(pairs)


def _constant(name: str) -> Any:
    raise _Refused(name)


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)


def _place(text: str, position: int, file: str) -> Location:
    line = text.count("\n", 0, position) + 1
    return Location(file, line, position - (text.rfind("\n", 0, position) + 1) + 1)


def read_sources(text: str, findings: Findings) -> dict[str, SourceRecord] | None:
    """Return the records of sources.json by key, or None when it cannot be read."""
    file = "sources.json"
    records: dict[str, SourceRecord] = {}
    try:
        for place, item in _elements(text, file):
            record = _record(item, place, findings)
            if record is None:
                continue
            if record.key in records:
                found = f"id {record.key} again"
                findings.add("duplicate", place, record.key, found, "each source once")
            records.setdefault(record.key, record)
    except json.JSONDecodeError as error:
        place = Location(file, error.lineno, error.colno)
        findings.add("syntax", place, "", error.msg, "a list of CSL-JSON records")
        return None
    except _Refused as error:
        findings.add("syntax", Location(file, 1, 1), "", str(error), "plain JSON")
        return None
    except RecursionError:
        findings.add("nesting", Location(file, 1, 1), "", "too many levels", "CSL-JSON")
        return None
    return records


def _elements(text: str, file: str) -> Iterator[tuple[Location, Any]]:
    """Every element of a JSON list with its place."""
    position = _skip(text, 0)
    if not text.startswith("[", position):
        raise json.JSONDecodeError("no list", text, position)
    position = _skip(text, position + 1)
    if text.startswith("]", position):
        position = _skip(text, position + 1)
        if position < len(text):
            raise json.JSONDecodeError("Extra data", text, position)
        return
    while True:
        item, end = _DECODER.raw_decode(text, position)
        yield _place(text, position, file), item
        position = _skip(text, end)
        if text.startswith("]", position):
            position = _skip(text, position + 1)
            if position < len(text):
                raise json.JSONDecodeError("Extra data", text, position)
            return
        if not text.startswith(",", position):
            raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
        position = _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _record(item: Any, place: Location, findings: Findings) -> SourceRecord | None:
    if not isinstance(item, dict):
        findings.add("bad-value", place, "", shown(item), "a CSL-JSON record")
        return None
    csl: Mapping[str, Any] = MappingProxyType(item)
    key = csl.get("id")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        expected = "id: a key of letters and digits, such as S001"
        findings.add("missing", place, "", f"id {shown(key)}", expected)
        return None
    if not str(csl.get("title") or "").strip():
        findings.add("missing", place, key, "no title", "title")
    if any(steers(letter) for text in _texts(item) for letter in text):
        expected = "plain text, without control characters"
        findings.add("encoding", place, key, "a character that cannot be printed", expected)
    kind = str(csl.get("type", ""))
    if kind not in CSL_TYPES:
        expected = "a CSL type such as report, webpage, article-journal"
        hint = close_to(kind, CSL_TYPES)
        findings.add("bad-word", place, key, f"type {shown(kind) or 'missing'}", expected, "", hint)
    _check_parts(csl, key, place, findings)
    try:
        author, issued = authors(csl), date(csl)
    except (AttributeError, TypeError, IndexError, KeyError):
        expected = 'author: [{"family": ..., "given": ...}], issued: {"date-parts": [[2024, 4]]}'
        findings.add("bad-value", place, key, "author or issued of another shape", expected)
        return None
    texts = {
        name: printable(str(csl.get(name, ""))) for name in ("title", "publisher", "URL", "note")
    }
    return SourceRecord(
        key=key,
        title=texts["title"],
        author=author,
        publisher=texts["publisher"],
        date=issued,
        url=texts["URL"],
        kind=kind,
        note=texts["note"],
        csl=csl,
    )


def _texts(value: Any) -> Iterator[str]:
    """Every text of a record, its keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _texts(item)


def _check_parts(csl: Mapping[str, Any], key: str, place: Location, findings: Findings) -> None:
    url = csl.get("URL", "")
    if not isinstance(url, str) or (url and not re.match(r"https?://\S+$", url)):
        findings.add("bad-value", place, key, f"URL {shown(url)}", "https://... or none")
    for name, value in csl.items():
        for text in _texts(value):
            if pair := pair_of_degrees(text):
                findings.position(place, f"{key}.{name}", pair)


def read_shapes(text: str, findings: Findings) -> tuple[str, ...] | None:
    """Return the parents whose shapes stand in areas.geojson, or None when it cannot be read."""
    file = "areas.geojson"
    start = Location(file, 1, 1)
    try:
        tree = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
        features = tree["features"] if tree["type"] == "FeatureCollection" else None
        if not isinstance(features, list):
            raise _Refused("no FeatureCollection")
    except json.JSONDecodeError as error:
        place = Location(file, error.lineno, error.colno)
        findings.add("syntax", place, "", error.msg, "GeoJSON")
        return None
    except (_Refused, RecursionError, KeyError, TypeError) as error:
        findings.add("syntax", start, "", shown(error), "a FeatureCollection of GeoJSON")
        return None
    parents: list[str] = []
    for number, feature in enumerate(features):
        parent = _shape(feature, f"features.{number}", start, findings)
        if parent in parents:
            findings.add("duplicate", start, parent, f"the shape of {parent} again", "each once")
        parents += [parent] if parent else []
    return tuple(parents)


def _shape(feature: Any, path: str, place: Location, findings: Findings) -> str:
    try:
        kind, properties = feature["geometry"]["type"], dict(feature["properties"])
        parent = properties["parent"]
    except (KeyError, TypeError, ValueError):
        findings.add("bad-value", place, path, "no shape with a parent", "a polygon and its parent")
        return ""
    if kind not in _SHAPES:
        findings.position(place, path, f"a {shown(kind)} (not {' or '.join(_SHAPES)})")
    else:
        _check_rings(feature["geometry"].get("coordinates"), path, place, findings)
    for name in properties:
        if name not in _PROPERTIES:
            code = "position" if is_position(name) else "unknown-key"
            mend = "delete it: a shape carries its parent and nothing else"
            findings.add(code, place, f"{path}.{shown(name)}", f"property {shown(name)}", "", mend)
    if not isinstance(parent, str):
        findings.add("bad-value", place, path, shown(parent), "the name of a parent")
        return ""
    return parent


def _check_rings(coordinates: Any, path: str, place: Location, findings: Findings) -> None:
    """Hold the rings of a shape against the country: what they may show, where they may lie.

    In a closed country, or where none is named, no ring is as small as a thing: a point drawn as a
    polygon. A country that is stated as open is not trusted: its areas lie in it.
    """
    try:
        rings = [[(float(x), float(y)) for x, y, *_ in ring] for ring in _rings(coordinates)]
        least = min(map(_square_km, rings), default=math.inf)
    except (TypeError, ValueError, LookupError, OverflowError, RecursionError):
        findings.add("bad-value", place, path, "coordinates of another shape", "rings of [x, y]")
        return
    if not is_open(findings.country):
        if least < _LEAST_KM2:
            findings.position(place, path, f"a ring of {least:.2g} km2, no wider than a thing")
        return
    west, south, east, north = boxes()[findings.country]
    if not all(west <= x <= east and south <= y <= north for ring in rings for x, y in ring):
        found, expected = "a shape that lies elsewhere", f"a shape within {findings.country}"
        mend = "state the country that the areas lie in; a made-up place is of none"
        findings.add("bad-value", place, path, found, expected, mend)


def _rings(coordinates: Any) -> Iterator[list[Any]]:
    """Every ring of a Polygon or MultiPolygon: lists of [x, y]."""
    if coordinates and isinstance(coordinates[0][0], list):
        for part in coordinates:
            yield from _rings(part)
    elif coordinates:
        yield coordinates


def _square_km(points: list[tuple[float, float]]) -> float:
    """Area inside a ring of degrees, by the shoelace formula on a flat earth."""
    pairs = zip(points, points[1:] + points[:1], strict=True)
    # Shifted to the first point, since the digits of a small ring are lost far from the origin.
    x, y = points[0]
    twice = sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in pairs)
    return abs(twice) / 2 * _KM_PER_DEGREE**2 * abs(math.cos(math.radians(y)))


def refuse_unknown_parents(
    shapes: tuple[str, ...], parents: Mapping[str, Location], findings: Findings
) -> None:
    """Note areas whose parent has no shape, and shapes that no area belongs to.

    parents: parent -> where areas.csv names it first.
    """
    for parent, place in parents.items():
        if parent not in shapes:
            expected = f"a parent of areas.geojson: {listed(shapes)}"
            hint = close_to(parent, shapes)
            found = f"parent {shown(parent)}"
            findings.add("unknown-name", place, "parent", found, expected, "", hint)
    for shape in shapes:
        if shape not in parents:
            found, expected = f"the shape of {shown(shape)}", "a parent of areas.csv"
            place = Location("areas.geojson", 1, 1)
            findings.add(
                "unknown-name", place, "parent", found, expected, "", close_to(shape, parents)
            )
