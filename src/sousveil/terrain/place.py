"""Where a terrain says that it is, held against the open country that was stated for it.

A stated country is not trusted: a coordinate system of another part of the world contradicts it,
and so does a file whose own coordinates lie elsewhere.
"""

from __future__ import annotations

import re
from typing import Any

from sousveil.errors import shown
from sousveil.scenario.boxes import Box, boxes

SYNTHETIC = "synthetic"
_EPSG = re.compile(r"EPSG:(\d{4,6})", re.IGNORECASE)
_ZONE_NORTH, _ZONE_SOUTH = 32600, 32700
_ZONES = range(1, 61)
DEGREES_OF_ZONE = 6


class TerrainError(ValueError):
    """A terrain that cannot be used, or may not be: one line says which and why."""


def refuse_place(coordinate_system: str, country: str) -> None:
    """Refuse a place that is closed, is not stated, or contradicts its coordinate system."""
    from sousveil.scenario.countries import is_open

    if coordinate_system == SYNTHETIC:
        return
    if not coordinate_system:
        raise TerrainError(
            "no coordinate system: give that of an open place, such as EPSG:27700, or `synthetic`"
        )
    if not is_open(country):
        raise TerrainError(
            f"a terrain of {country or 'no stated country'} is refused: the country is closed; "
            "only open countries have lines of sight here"
        )
    used = _where_used(coordinate_system)
    if used is not None and not _meet(used, boxes()[country]):
        raise TerrainError(
            f"{shown(coordinate_system)} is used {_in_words(used)}, which is not in {country}: "
            "state the country and the coordinate system of the terrain itself"
        )


def refuse_file(
    own: str, extent: tuple[float, float, float, float], coordinate_system: str, country: str
) -> None:
    """Refuse a file whose own coordinate system contradicts what was stated.

    own: its coordinate system, a code or WKT. extent: west, south, east, north in it.
    Needs pyproj, of the extra geo.
    """
    if coordinate_system == SYNTHETIC:
        raise TerrainError(
            "the file names a coordinate system, so it is not synthetic: state the open country "
            "that it lies in"
        )
    projection = _pyproj()
    try:
        system = projection.CRS.from_user_input(own)
        change = projection.Transformer.from_crs(system, 4326, always_xy=True)
        found: Box = change.transform_bounds(*extent)
    except projection.exceptions.ProjError as error:
        words = shown(" ".join(str(error).split()), 80)
        raise TerrainError(f"its own coordinate system cannot be read: {words}") from None
    code, stated = system.to_epsg(), _EPSG.fullmatch(coordinate_system)
    if code is not None and stated and code != int(stated[1]):
        raise TerrainError(f"the file is in EPSG:{code}, and {coordinate_system} was stated")
    box = boxes()[country]
    inside = box[0] <= found[0] and found[2] <= box[2] and box[1] <= found[1] and found[3] <= box[3]
    if not inside:
        # Where it lies instead is not said: a position leaves by no message either.
        raise TerrainError(f"the file's own coordinates do not lie in {country}: it is refused")


def _where_used(coordinate_system: str) -> Box | None:
    """Degrees in which a coordinate system is used: UTM by rule, others where pyproj is there."""
    found = _EPSG.fullmatch(coordinate_system)
    if found is None:
        return None
    code = int(found[1])
    for first, south, north in ((_ZONE_NORTH, 0.0, 84.0), (_ZONE_SOUTH, -80.0, 0.0)):
        if code - first in _ZONES:
            west = DEGREES_OF_ZONE * (code - first - 1) - 180.0
            return (west, south, west + DEGREES_OF_ZONE, north)
    try:
        projection = _pyproj()
    except TerrainError:
        return None
    try:
        area = projection.CRS.from_epsg(code).area_of_use
    except projection.exceptions.CRSError:
        raise TerrainError(f"{shown(coordinate_system)} is no coordinate system") from None
    return None if area is None else (area.west, area.south, area.east, area.north)


def _meet(one: Box, other: Box) -> bool:
    """Whether two boxes share ground; one that crosses the date line has its west beyond east."""
    if one[0] > one[2]:
        halves = ((one[0], one[1], 180.0, one[3]), (-180.0, one[1], one[2], one[3]))
        return any(_meet(half, other) for half in halves)
    apart = one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
    return not apart


def _in_words(box: Box) -> str:
    west, south, east, north = box
    return f"from {west:g} to {east:g} degrees east and {south:g} to {north:g} north"


def _pyproj() -> Any:
    try:
        import pyproj
    except ImportError:
        raise TerrainError(
            "a file that names its place is checked by the extra geo: pip install 'sousveil[geo]'"
        ) from None
    return pyproj
