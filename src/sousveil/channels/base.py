"""The contract of a channel: one file that lowers cited parameters to processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sousveil.arrays import SLOTS, Floats
from sousveil.processes import Act, Layer, Process
from sousveil.quantity import keyed
from sousveil.world.model import World


@dataclass(frozen=True)
class Site:
    """What a channel may look at while it lowers itself: the world, the acts, the year.

    Helpers here only shape arrays; they add no number of their own.
    """

    world: World
    acts: Mapping[str, Act]
    year: int

    @property
    def shape(self) -> tuple[int, int]:
        """(areas, groups)."""
        return len(self.world.areas), len(self.world.groups)

    def full(self, value: float) -> Floats:
        """(A, G) array of one value."""
        return np.full(self.shape, value, dtype=np.float64)

    def flat(self) -> Floats:
        """(S,) ones: no dependence on the hour."""
        return np.ones(SLOTS, dtype=np.float64)

    def by_settlement(self, values: Mapping[str, float], otherwise: float = 0.0) -> Floats:
        """(A,) value of a mapping keyed by settlement type ("other" for the rest)."""
        return np.array([keyed(values, a.settlement, otherwise) for a in self.world.areas])

    def by_category(self, values: Mapping[str, float], otherwise: float = 1.0) -> Floats:
        """(G,) product of the factors keyed "margin.category" that a group carries."""
        result = np.ones(len(self.world.groups), dtype=np.float64)
        for index, group in enumerate(self.world.groups):
            for margin, category in group.categories:
                result[index] *= values.get(f"{margin}.{category}", otherwise)
        return result

    def adults_only(self, areas: Floats) -> Floats:
        """(A, G) array: the (A,) value for adult groups of civil areas, zero elsewhere."""
        civil = np.where(self.world.civil, areas, 0.0)
        return civil[:, None] * self.world.adults[None, :].astype(np.float64)


@dataclass(frozen=True)
class Channel:
    """One way of watching.

    parameters: frozen dataclass whose fields are declared with `quantity`, `share`, `quantities`,
    `setting`.
    lower: pure function (drawn parameters, site) -> processes; it draws nothing, reads no file,
    knows no engine.
    limits: sentences on what the channel cannot show; the report and the docs repeat them.
    """

    name: str
    title: str
    layer: Layer
    parameters: type[Any]
    lower: Callable[[Any, Site], tuple[Process, ...]]
    limits: tuple[str, ...]
