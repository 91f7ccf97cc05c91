"""The areas of the model: those of areas.csv, split at the border strip, and the guards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sousveil.quantity import keyed
from sousveil.world.model import Area
from sousveil.world.parameters import PeopleParameters

BORDER_GUARDS = "border_guards"
STRIP_SUFFIX = "_strip"


def build_areas(
    rows: Iterable[Mapping[str, Any]], parameters: PeopleParameters
) -> tuple[tuple[Area, ...], tuple[float, ...]]:
    """Areas, and the weight of each in the count of residents (0 for guards).

    A border area of a province with a strip share becomes two, outside and inside the strip. Which
    areas there are depends on the keys of the parameters and never on a drawn value, so tallies of
    all members have one shape; only guards need a number above zero.
    """
    areas: list[Area] = []
    weights: list[float] = []
    for row in rows:
        area, people = _area_of(row), float(row["people"])
        inside = _strip_share(row, parameters)
        areas.append(area)
        weights.append(people * (1.0 - (inside or 0.0)))
        if inside is not None:
            areas.append(_strip_of(area))
            weights.append(people * inside)
    _refuse_unused_strips(areas, parameters)
    if parameters.guards > 0:
        areas.append(_guards(parameters))
        weights.append(0.0)
    return tuple(areas), tuple(weights)


def truth(value: Any) -> bool:
    """Read yes or no as tables write it."""
    return str(value).strip().lower() in {"1", "true", "yes"}


def _area_of(row: Mapping[str, Any]) -> Area:
    return Area(
        id=row["area"],
        name=row["name"],
        parent=row["parent"],
        settlement=row["settlement"],
        power_region=row["power_region"],
        strip=False,
        civil=True,
        row=row["area"],
    )


def _strip_share(row: Mapping[str, Any], parameters: PeopleParameters) -> float | None:
    """Share of an area's people inside the strip, None where it is not split."""
    share = keyed(parameters.strip_share, row["parent"], -1.0)
    return share if share >= 0 and truth(row["touches_border"]) else None


def _strip_of(area: Area) -> Area:
    return replace(area, id=area.id + STRIP_SUFFIX, name=f"{area.name}, border strip", strip=True)


def _guards(parameters: PeopleParameters) -> Area:
    if not parameters.guards_region:
        raise ValueError("people.guards needs people.guards_region, the power region of the posts")
    return Area(
        id=BORDER_GUARDS,
        name="Border guards",
        parent=BORDER_GUARDS,
        settlement=BORDER_GUARDS,
        power_region=parameters.guards_region,
        strip=True,
        civil=False,
    )


def _refuse_unused_strips(areas: list[Area], parameters: PeopleParameters) -> None:
    split = {area.parent for area in areas if area.strip} | {"other"}
    unused = sorted(set(parameters.strip_share) - split)
    if unused:
        raise ValueError(
            f"people.strip_share.{unused[0]}: no area of this parent touches the border (areas.csv)"
        )
