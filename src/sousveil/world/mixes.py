"""Mixes: shares of categories that a household shares, where areas.csv gives them by area."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sousveil.arrays import Floats
from sousveil.world.groups import Shares
from sousveil.world.model import Area

MIX = "mix"
"""Key of a row of areas.csv for its shares: margin.category -> share of its people."""


def shares_of_place(rows: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Share of all people in each category that is given by area; empty where none is."""
    people, counted = 0.0, dict[str, float]()
    for row in rows:
        people += float(row["people"])
        for category, share in row.get(MIX, {}).items():
            counted[category] = counted.get(category, 0.0) + float(row["people"]) * share
    return {category: count / people for category, count in counted.items() if people > 0}


def shares_by_area(
    rows: Iterable[Mapping[str, Any]], areas: tuple[Area, ...], household: Shares
) -> Floats:
    """(A, C) shares of each area, (C,) where all areas are alike.

    Categories of different margins are independent within an area. A stratum without a row, such as
    guards, has the shares of the place.
    """
    mixes = {row["area"]: row.get(MIX, {}) for row in rows}
    if not any(mixes.values()):
        return household.share
    result = np.tile(household.share, (len(areas), 1))
    of_place = _of_margins(household)
    columns = [
        [f"{margin}.{category}" for margin, category in combined] for combined in household.combined
    ]
    for index, area in enumerate(areas):
        shares = {**of_place, **mixes.get(area.row, {})}
        result[index] = [math.prod(shares[name] for name in names) for names in columns]
    return result


def _of_margins(household: Shares) -> dict[str, float]:
    """Share of the place in each category: what its combinations sum to."""
    found: dict[str, float] = {}
    for combined, share in zip(household.combined, household.share, strict=True):
        for margin, category in combined:
            name = f"{margin}.{category}"
            found[name] = found.get(name, 0.0) + float(share)
    return found
