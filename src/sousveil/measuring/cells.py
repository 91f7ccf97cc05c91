"""The cells that values are split into: country, areas, categories of margins, and both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sousveil.arrays import Floats
from sousveil.counts import Count
from sousveil.world.model import Area, Group

if TYPE_CHECKING:
    from sousveil.measuring.base import Measure


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of some areas and groups.

    labels: (area, group) words. member: (A * G, cells) 1 where a stratum is in a cell.
    """

    labels: tuple[tuple[str, str], ...]
    member: Floats

    @cached_property
    def places(self) -> dict[tuple[str, str], int]:
        """Number of each label."""
        return {label: number for number, label in enumerate(self.labels)}

    @cached_property
    def country(self) -> Floats:
        """(A * G,) 1 where a stratum is of residents."""
        return np.ascontiguousarray(self.member[:, 0])

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """Cells of the groups of the whole place."""
        return tuple(place for place, (area, group) in enumerate(self.labels) if group and not area)

    @cached_property
    def _chosen(self) -> dict[tuple[bool, bool, bool], tuple[int, ...]]:
        return {}

    @cached_property
    def _columns(self) -> dict[tuple[int, ...], Floats]:
        return {}

    def chosen(self, by_area: bool, by_group: bool, crossed: bool) -> tuple[int, ...]:
        """Numbers of the cells that a value may be split into."""
        how = (by_area, by_group, crossed)
        if how not in self._chosen:
            self._chosen[how] = tuple(
                number
                for number, (area, group) in enumerate(self.labels)
                if (not area or by_area)
                and (not group or by_group)
                and (crossed or not (area and group))
            )
        return self._chosen[how]

    def columns(self, cells: tuple[int, ...]) -> Floats:
        """(A * G, some cells) of `member`."""
        if cells not in self._columns:
            self._columns[cells] = np.ascontiguousarray(self.member[:, cells])
        return self._columns[cells]


@dataclass(frozen=True)
class Splits:
    """The cells of a world, with the people behind each: (cells,)."""

    cells: Cells
    stands_for: Floats

    def same_as(self, other: Splits) -> bool:
        """Whether another world has the same people in the same cells."""
        return self.cells is other.cells and np.array_equal(self.stands_for, other.stands_for)

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """(area, group) words."""
        return self.cells.labels

    @property
    def member(self) -> Floats:
        """(A * G, cells) 1 where a stratum is in a cell."""
        return self.cells.member

    def of_country(self, count: Count) -> float:
        """Total over the residents of the whole country."""
        return float(count.values.reshape(-1) @ self.cells.country)

    def chosen(self, measure: Measure, split: str) -> tuple[int, ...]:
        """Numbers of the cells that an item of a measure is split into; the country comes first."""
        return measure.chosen(self.cells, split)


@lru_cache(maxsize=8)
def cells_of(areas: tuple[Area, ...], groups: tuple[Group, ...], finest: str) -> Cells:
    """The cells of some areas and groups."""
    civil = np.array([float(area.civil) for area in areas])
    places = [("", civil)]
    for name in dict.fromkeys(area.parent or area.id for area in areas if area.civil):
        inside = np.array([float((area.parent or area.id) == name) for area in areas])
        places.append((name, civil * inside))
    if finest == "area":
        known = {name for name, _ in places}
        places += [
            (area.id, np.eye(len(areas))[row])
            for row, area in enumerate(areas)
            if area.civil and area.id not in known
        ]
    margins = [("", np.ones(len(groups)))]
    for margin, category in dict.fromkeys(pair for group in groups for pair in group.categories):
        has = [float((margin, category) in group.categories) for group in groups]
        margins.append((f"{margin}.{category}", np.array(has)))
    labels = tuple((place, group) for group, _ in margins for place, _ in places)
    columns = [
        np.outer(in_place, in_group).reshape(-1)
        for _, in_group in margins
        for _, in_place in places
    ]
    return Cells(labels, np.stack(columns, axis=1))
