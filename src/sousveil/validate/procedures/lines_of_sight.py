"""Back-tests of optics, terrain and coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sousveil.optics import lens_range, random_cover
from sousveil.quantity import quantities, quantity, setting
from sousveil.validate.model import Number, Output, Place, Procedure, number

if TYPE_CHECKING:
    from sousveil.terrain.grid import Terrain


@dataclass(frozen=True, kw_only=True)
class Lens:
    """The data sheet of a camera."""

    focal_mm: float = quantity("mm", "Focal length.", low=0.1, role="nature")
    sensor_mm: float = quantity("mm", "Width of the sensor.", low=0.1, role="nature")
    pixels: float = quantity("px", "Pixels across the picture.", low=1, role="nature")
    pixels_per_m: Mapping[str, float] = quantities(
        "px/m", "Pixels on a metre that each level needs.", by="free", low=1, role="nature"
    )


def optics_range(parameters: Lens, _: Place) -> Mapping[str, Output]:
    """Range of each level."""
    sheet = (parameters.focal_mm, parameters.sensor_mm, parameters.pixels)
    return {
        f"range_m.{level}": number(lens_range(*sheet, need))
        for level, need in parameters.pixels_per_m.items()
    }


@dataclass(frozen=True, kw_only=True)
class Plain:
    """A plane, an observer, a target; with or without a wall."""

    eye_m: float = quantity("m", "Height of the eye.", role="nature")
    target_m: float = quantity("m", "Height of the target.", absent=0.0, role="nature")
    wall_m: float = quantity("m", "Height of the wall; 0: none.", absent=0.0, role="nature")
    wall_at_m: float = quantity("m", "Distance of the wall.", low=1, absent=20.0, role="nature")
    reach_m: float = quantity(
        "m", "How far the plane goes each way.", low=10, high=1000, role="nature"
    )


def plane(parameters: Plain, _: Place) -> Mapping[str, Output]:
    """What is seen on a plane of cells of one metre, and where the shadow of a wall ends."""
    import numpy as np

    from sousveil.terrain.grid import SYNTHETIC, Terrain
    from sousveil.terrain.viewshed import Look, Observer, lowest_visible, view

    reach, wall = round(parameters.reach_m), round(parameters.wall_at_m)
    heights = np.zeros((2 * reach + 1, 2 * reach + 1))
    heights[:, reach + wall] = parameters.wall_m
    terrain = Terrain(heights, (1.0, 1.0), SYNTHETIC)
    eye, look = Observer(reach, reach, parameters.eye_m), Look(parameters.target_m, 0.0)
    seen = view(terrain, eye, look)
    beyond = lowest_visible(terrain, eye, look)[reach, reach + wall + 1 :] <= parameters.target_m
    shadow = wall + 1 + int(beyond.argmax()) if beyond.any() else float("inf")
    # The shadow of a straight wall ends at one column, however aslant a row meets it.
    hidden = (seen.cells - seen.visible) / (2 * reach + 1)
    return {
        "visible_share": number(seen.share),
        "shadow_ends_m": number(shadow),
        "shadow_ends_anywhere_m": number(wall + 1 + hidden),
        "seen_beyond": number(float(beyond.sum())),
    }


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A small raster of heights, worked out by hand elsewhere."""

    heights: Any = setting("Rows of heights, west to east, the first in the north.")
    observer: Any = setting("Row and column of the observer, from 0.")
    eye_m: float = quantity("m", "Height of the eye above the surface.", absent=0.0)
    cut_at_m: float = quantity(
        "m", "Lowest height that the peer prints.", low=-1e9, absent=-1e9, role="nature"
    )


def profile(parameters: Profile, _: Place) -> Mapping[str, Output]:
    """Lowest visible heights of all cells, above the datum and above the surface."""
    import numpy as np

    from sousveil.terrain.grid import SYNTHETIC, Terrain
    from sousveil.terrain.viewshed import Look, Observer, lowest_visible

    heights = np.array(parameters.heights, dtype=np.float64)
    row, column = (int(index) for index in parameters.observer)
    terrain = Terrain(heights, (1.0, 1.0), SYNTHETIC)
    eye = Observer(row, column, parameters.eye_m)
    lowest = np.maximum(lowest_visible(terrain, eye, Look(curvature=0.0)), parameters.cut_at_m)
    above = np.maximum(lowest - heights, 0.0)
    return {
        "lowest_m": Number(tuple(map(float, lowest.ravel()))),
        "above_surface_m": Number(tuple(map(float, above.ravel()))),
    }


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A surface model and an observer on it."""

    surface: str = setting("File of heights: .npz, .asc or .tif.")
    country: str = setting("ISO 3166-1 alpha-3 of the place; empty if synthetic.", default="")
    coordinate_system: str = setting("That of the model, or `synthetic`.")
    observer: Any = setting("Row and column of the observer, from 0.")
    eye_m: float = quantity("m", "Height of the eye above the surface.", role="nature")
    target_m: float = quantity("m", "Height of the target above it.", absent=0.0, role="nature")
    radius_m: float = quantity("m", "Farthest distance.", low=1, absent=1e9, role="nature")
    curvature: float = quantity(
        "1", "Share of the earth's curvature that counts.", absent=0.0, high=1, role="nature"
    )


def surface(parameters: Surface, place: Place) -> Mapping[str, Output]:
    """Cells in range, cells seen, and how far the fast kernel agrees with the plain judge."""
    from sousveil.terrain.viewshed import Look, Observer, agreement, view

    terrain = _terrain(parameters, place)
    row, column = (int(index) for index in parameters.observer)
    eye = Observer(row, column, parameters.eye_m)
    look = Look(parameters.target_m, parameters.curvature, parameters.radius_m)
    seen = view(terrain, eye, look)
    return {
        "cells": number(seen.cells),
        "visible": number(seen.visible),
        "agreement": number(agreement(terrain, eye, look)),
    }


def _terrain(parameters: Surface, place: Place) -> Terrain:
    from sousveil.terrain.read import read_terrain

    path = place.find(parameters.surface)
    return read_terrain(path, parameters.coordinate_system, parameters.country)


@dataclass(frozen=True, kw_only=True)
class Discs:
    """Many places that each see as far as a radius."""

    sites: float = quantity("1", "How many places.", role="state_lever")
    radius_m: float = quantity("m", "How far each sees.", role="nature")
    area_km2: float = quantity("km**2", "Area of the ground.", low=1e-6, role="nature")


def discs(parameters: Discs, _: Place) -> Mapping[str, Output]:
    """Share of the ground if circles never overlapped, and if the places were random."""
    claimed, union = random_cover(parameters.sites, parameters.radius_m, parameters.area_km2 * 1e6)
    return {"sum_share": number(claimed), "union_share": number(union)}


PROCEDURES = (
    Procedure(
        "optics_range",
        "Range of a camera from its data sheet",
        Lens,
        optics_range,
        {"range_m.*": "metres up to which a level is reached"},
    ),
    Procedure(
        "viewshed_plane",
        "A plane with or without a wall",
        Plain,
        plane,
        {
            "visible_share": "share of the cells seen",
            "shadow_ends_m": "distance at which the ground behind the wall is seen again",
            "seen_beyond": "cells seen behind the wall, straight on",
            "shadow_ends_anywhere_m": "the same by the fast kernel, mean over all rows",
        },
    ),
    Procedure(
        "viewshed_profile",
        "Lowest visible heights of a small raster",
        Profile,
        profile,
        {
            "lowest_m": "lowest visible height of each cell above the datum",
            "above_surface_m": "the same above the surface",
        },
    ),
    Procedure(
        "viewshed_surface",
        "What an observer sees of a surface model",
        Surface,
        surface,
        {
            "cells": "known cells in range",
            "visible": "cells seen",
            "agreement": "share of cells on which the fast kernel and the plain judge agree",
        },
    ),
    Procedure(
        "union_of_discs",
        "Coverage of random places",
        Discs,
        discs,
        {"sum_share": "circles added up", "union_share": "what they cover together"},
    ),
)
