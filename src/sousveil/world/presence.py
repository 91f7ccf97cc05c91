"""Presence: where the people of a group spend each hour of the week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sousveil.arrays import DAY_TYPES, HOURS_PER_DAY, SLOTS, Floats
from sousveil.remembered import remembered
from sousveil.world.model import Group
from sousveil.world.parameters import PresenceParameters

SETTINGS = ("home", "work", "school", "street", "market", "station", "border")
EVERYBODY = "all"
_TOLERANCE = 1e-6
_KEPT = 4


@remembered(_KEPT)
def build_presence(
    rows: Iterable[Mapping[str, Any]], groups: tuple[Group, ...], parameters: PresenceParameters
) -> dict[str, Floats]:
    """Settings -> (G, S) share of the hour spent there; shares of a group and slot sum to 1.

    rows: one for each category, day type and hour, with a share for each setting. A group takes the
    rows of the one category that it carries.
    """
    by_category = _by_category(rows)
    shares = np.stack([by_category[_category_of(group, by_category)] for group in groups])
    presence = {name: shares[:, :, index].copy() for index, name in enumerate(SETTINGS)}
    _bend_street(presence, parameters.street_factor)
    return presence


@remembered(_KEPT)
def _by_category(rows: Iterable[Mapping[str, Any]]) -> dict[str, Floats]:
    """Category -> (S, settings), complete and summing to 1 in every slot."""
    result: dict[str, Floats] = {}
    for row in rows:
        shares = result.setdefault(row["category"], np.full((SLOTS, len(SETTINGS)), np.nan))
        slot = DAY_TYPES.index(row["day_type"]) * HOURS_PER_DAY + int(row["hour"])
        shares[slot] = [float(row.get(name) or 0.0) for name in SETTINGS]
    for category, shares in result.items():
        total = shares.sum(axis=1, keepdims=True)
        if not np.allclose(total, 1.0, rtol=0.0, atol=_TOLERANCE):
            slot = int(np.flatnonzero(~np.isclose(total[:, 0], 1.0, rtol=0.0, atol=_TOLERANCE))[0])
            day_type, hour = DAY_TYPES[slot // HOURS_PER_DAY], slot % HOURS_PER_DAY
            raise ValueError(
                f"presence of {category} on a {day_type} at {hour} h: found a total of "
                f"{total[slot, 0]:g} (nan: no row), expected 1"
            )
        shares /= total
    return result


def _category_of(group: Group, known: Mapping[str, Floats]) -> str:
    """The one category with rows of its own that a group carries."""
    carried = {EVERYBODY, *group.carried}
    found = sorted(carried & set(known))
    if len(found) != 1:
        raise ValueError(
            f"presence of group {group.id}: found rows for {found or 'none of its categories'}, "
            f"expected exactly one; use the categories of one margin, or {EVERYBODY!r}"
        )
    return found[0]


def _bend_street(presence: dict[str, Floats], factor: float) -> None:
    """Scale the time in the street, taking the difference from home as far as home reaches."""
    street, home = presence["street"], presence["home"]
    bent = np.minimum(street * factor, street + home)
    presence["home"] = np.maximum(home + street - bent, 0.0)
    presence["street"] = bent
