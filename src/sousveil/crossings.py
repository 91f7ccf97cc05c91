"""Crossings of a border: where a camera looks, whether a guard helps, whether footage is kept.

Four marks, in order: `covered` (a working camera has the place in view), `footage` (none, local,
central), `path` (helped by a guard, alone, given up), `deleted`. Channels only read them; a what-if
patches the numbers here. Everything is a share of one whole border: no place, no post.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import Floats
from sousveil.processes import Mark
from sousveil.quantity import quantity, setting, share

COVERED = ("yes", "no")
FOOTAGE = ("none", "local", "central")
PATH = ("helped", "alone", "given_up")
DELETED = ("yes", "no")
METRES_PER_KM = 1000.0


@dataclass(frozen=True, kw_only=True)
class BorderMarks:
    """Four marks of a crossing: covered by a working camera, kind of footage, path, deleted.

    They exist where `length_km` is above 0. Channels only read them; a what-if patches them here.
    """

    length_km: float = quantity("km", "Length of the border.", absent=0.0, role="nature")
    posts: float = quantity(
        "1", "Guard posts along the whole border.", absent=0.0, role="state_lever"
    )
    posts_with_cameras: float = share(
        "Share of guard posts that carry cameras.", absent=0.0, role="state_lever"
    )
    cameras_per_post: float = quantity(
        "1", "Cameras at a post that carries any.", absent=1.0, role="state_lever"
    )
    view_width_m: float = quantity(
        "m", "Length of border in view of one camera by day.", absent=0.0, role="nature"
    )
    night_factor: float = share(
        "Length in view in the dark relative to that by day.", absent=1.0, role="nature"
    )
    working_share: float = share("Share of border cameras that work.", absent=1.0, role="nature")
    backup_share: float = share(
        "Share of border cameras that run without grid supply.", absent=0.0, role="nature"
    )
    central_share: float = share(
        "Share of border cameras watched from a centre instead of by the guards.",
        absent=0.0,
        role="state_lever",
    )
    helped_share: float = share(
        "Share of attempts made with a paid guard where no camera is in view.",
        absent=0.0,
        role="behaviour",
    )
    bribery_drop: float = share(
        "Relative fall of that share in view of a camera whose footage nobody can delete.",
        absent=0.0,
        role="behaviour",
    )
    give_up_share: float = share(
        "Of those whom a guard no longer helps, share that gives up; the others go alone.",
        absent=0.0,
        role="behaviour",
    )
    turned_back_share: float = share(
        "Share of unhelped attempts given up because a camera is in view.",
        absent=0.0,
        role="behaviour",
    )
    deleted_local: float = share(
        "Chance that footage of a helped crossing is deleted where guards watch it themselves.",
        absent=0.0,
        role="behaviour",
    )
    deleted_central: float = share(
        "The same where it is watched from a centre.", absent=0.0, role="behaviour"
    )
    fence_deterrence: float = share(
        "Share of attempts that the fences prevent.", absent=0.0, role="state_lever"
    )
    shoot_order_deterrence: float = share(
        "Share of the remaining attempts that the order to shoot prevents.",
        absent=0.0,
        role="state_lever",
    )
    far_side_deterrence: float = share(
        "Share of the remaining attempts that controls beyond the border prevent.",
        absent=0.0,
        role="nature",
    )
    power_line: str = setting("Power line of the border cameras.", default="border")


@dataclass(frozen=True)
class Crossing:
    """The tables of one crossing, the same everywhere, with supply and without.

    covered_on, covered_off: chance of being covered. footage: (3,) given covered. path: (3, 3) by
    footage. deleted: (3,) chance by footage, given help.
    """

    covered_on: float
    covered_off: float
    footage: Floats
    path: Floats
    deleted: Floats


def crossing(marks: BorderMarks, light: float) -> Crossing:
    """Tables of a crossing. light: share of the act's hours in daylight.

    Cameras look independently of one another, so lengths of view overlap: a place is covered with
    1 - exp(-cameras x length in view / length of the border).
    """
    cameras = marks.posts * marks.posts_with_cameras * marks.cameras_per_post * marks.working_share
    width = marks.view_width_m * (light + (1.0 - light) * marks.night_factor)
    looks = cameras * width / (marks.length_km * METRES_PER_KM)
    deleted = np.array([0.0, marks.deleted_local, marks.deleted_central])
    central = marks.central_share
    return Crossing(
        covered_on=-math.expm1(-looks),
        covered_off=-math.expm1(-looks * marks.backup_share),
        footage=np.array([0.0, 1.0 - central, central]),
        path=_paths(marks, deleted),
        deleted=deleted,
    )


def _paths(marks: BorderMarks, deleted: Floats) -> Floats:
    """(3, 3) share of paths by footage: help falls where footage stays, and some turn back."""
    seen = np.array([0.0, 1.0, 1.0])
    helped = marks.helped_share * (1.0 - seen * marks.bribery_drop * (1.0 - deleted))
    refused = marks.helped_share - helped
    unhelped = 1.0 - marks.helped_share + refused * (1.0 - marks.give_up_share)
    alone = unhelped * (1.0 - seen * marks.turned_back_share)
    return np.stack([helped, alone, 1.0 - helped - alone], axis=1)


def deterrence(marks: BorderMarks) -> float:
    """Share of would-be attempts that is still made."""
    return (
        (1.0 - marks.fence_deterrence)
        * (1.0 - marks.shoot_order_deterrence)
        * (1.0 - marks.far_side_deterrence)
    )


def crossing_marks(tables: Crossing, line: str, areas: int) -> tuple[Mark, ...]:
    """The four marks of a crossing. line: power line of the cameras, "" for none."""
    covered_on, covered_off = _covered(tables, line, areas)
    footage = np.stack([tables.footage, np.array([1.0, 0.0, 0.0])])
    path = np.broadcast_to(tables.path, (areas, 2, 3, 3))
    deleted = np.zeros((areas, 3, 3, 2))
    deleted[:, :, PATH.index("helped"), 0] = tables.deleted
    deleted[..., 1] = 1.0 - deleted[..., 0]
    return (
        Mark("covered", COVERED, (), covered_on, covered_off, line),
        _fixed("footage", FOOTAGE, ("covered",), np.broadcast_to(footage, (areas, 2, 3))),
        _fixed("path", PATH, ("covered", "footage"), path),
        _fixed("deleted", DELETED, ("footage", "path"), deleted),
    )


def helped(tables: Crossing, covered: float) -> float:
    """Chance that a crossing is helped, given the chance of being covered."""
    in_view = float(tables.footage @ tables.path[:, 0])
    return covered * in_view + (1.0 - covered) * float(tables.path[0, 0])


def bribe_marks(tables: Crossing, line: str, areas: int) -> tuple[Mark, ...]:
    """Marks of a bribe: those of a crossing, given that it was helped (Bayes), without the path."""
    in_view = tables.footage * tables.path[:, 0]
    given = in_view.sum()
    footage = in_view / given if given > 0.0 else tables.footage
    posterior = Crossing(
        _given_helped(tables, tables.covered_on),
        _given_helped(tables, tables.covered_off),
        footage,
        tables.path,
        tables.deleted,
    )
    covered_on, covered_off = _covered(posterior, line, areas)
    kinds = np.stack([footage, np.array([1.0, 0.0, 0.0])])
    deleted = np.stack([tables.deleted, 1.0 - tables.deleted], axis=1)
    return (
        Mark("covered", COVERED, (), covered_on, covered_off, line),
        _fixed("footage", FOOTAGE, ("covered",), np.broadcast_to(kinds, (areas, 2, 3))),
        _fixed("deleted", DELETED, ("footage",), np.broadcast_to(deleted, (areas, 3, 2))),
    )


def _given_helped(tables: Crossing, covered: float) -> float:
    total = helped(tables, covered)
    return 1.0 - (1.0 - covered) * float(tables.path[0, 0]) / total if total > 0.0 else covered


def _covered(tables: Crossing, line: str, areas: int) -> tuple[Floats, Floats]:
    """(A, 2) with and without supply; without a line the first stands for both."""
    on = np.tile([tables.covered_on, 1.0 - tables.covered_on], (areas, 1))
    if not line:
        return on, on
    return on, np.tile([tables.covered_off, 1.0 - tables.covered_off], (areas, 1))


def _fixed(name: str, categories: tuple[str, ...], given: tuple[str, ...], table: Floats) -> Mark:
    """A mark in which power plays no part."""
    dense = np.ascontiguousarray(table)
    return Mark(name, categories, given, dense, dense)
