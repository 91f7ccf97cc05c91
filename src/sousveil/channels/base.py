"""The contract of a channel: one file that lowers cited parameters to processes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, SLOTS, Floats
from sousveil.processes import NO_GATE, Act, Gate, Layer, Process
from sousveil.quantity import keyed
from sousveil.reporting import Routine
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
        return _full(self.shape, value)

    def flat(self) -> Floats:
        """(S,) ones: no dependence on the hour."""
        return _full((SLOTS,), 1.0)

    def by_settlement(self, values: Mapping[str, float], otherwise: float = 0.0) -> Floats:
        """(A,) value of a mapping keyed by settlement type ("other" for the rest)."""
        kinds, kind_of_area = self.world.settlements
        return np.array([keyed(values, kind, otherwise) for kind in kinds])[kind_of_area]

    def by_category(self, values: Mapping[str, float], otherwise: float = 1.0) -> Floats:
        """(G,) product of the factors keyed "margin.category" that a group carries."""
        if not values and otherwise == 1.0:
            return np.ones(len(self.world.groups), dtype=np.float64)
        return np.array(
            [
                math.prod([values.get(name, otherwise) for name in group.carried], start=1.0)
                for group in self.world.groups
            ]
        )

    def adults_only(self, areas: Floats) -> Floats:
        """(A, G) array: the (A,) value for adult groups of civil areas, zero elsewhere."""
        civil = np.where(self.world.civil, areas, 0.0)
        return civil[:, None] * self.world.adults[None, :].astype(np.float64)

    @property
    def slot_weights(self) -> Floats:
        """(S,) share of the hours of the year that fall in each slot."""
        return self.world.calendar.slot_weights

    def persons(self) -> Floats:
        """(A, G) expected persons."""
        return self.world.people.by_group()

    def window(self, hours: Sequence[float]) -> Floats:
        """(S,) share of each hour inside the hours of day [from, to), past midnight if from >= to.

        An empty sequence is the whole day. Both day types have the same window.
        """
        if not len(hours):
            return self.flat()
        return _window(float(hours[0]), float(hours[1]))

    def even(self, shape: Floats) -> Floats:
        """(..., S) shape scaled to mean 1 over the hours of the year; all zeros stay zeros."""
        mean = (shape * self.slot_weights).sum(axis=-1, keepdims=True)
        return np.divide(shape, mean, out=np.zeros_like(shape), where=mean > 0.0)

    def dark(self, factor: float) -> Floats:
        """(S,) 1 in daylight and `factor` in the dark, by the mean daylight of the slot."""
        light = self.world.light
        return light + (1.0 - light) * factor

    def gate(self, line: str, off: float) -> Gate:
        """Gate of a power line, `off` the share that runs without supply; no line, no gate."""
        if line not in self.world.power.lines:
            return NO_GATE
        return Gate(line=line, on=1.0, off=off)

    def named_acts(self, names: Mapping[str, float]) -> tuple[Act, ...]:
        """The acts that a mapping by act names, in its order; an act of no scenario is refused."""
        for name in names:
            if name not in self.acts:
                raise ValueError(f"{name!r} is no act of this scenario: {', '.join(self.acts)}")
        return tuple(self.acts[name] for name in names)


@dataclass(frozen=True)
class Channel:
    """One way of watching.

    parameters: frozen dataclass whose fields are declared with `quantity`, `share`, `quantities`,
    `setting`.
    lower: pure function (drawn parameters, site) -> processes; it draws nothing, reads no file,
    knows no engine.
    limits: sentences on what the channel cannot show; the report and the docs repeat them.
    routine: for a channel of reports, what holds them down and how many are false.
    """

    name: str
    title: str
    layer: Layer
    parameters: type[Any]
    lower: Callable[[Any, Site], tuple[Process, ...]]
    limits: tuple[str, ...]
    routine: Callable[[Any, Site], Routine] | None = None


@lru_cache(maxsize=256)
def _full(shape: tuple[int, ...], value: float) -> Floats:
    """An array of one value."""
    result = np.full(shape, value, dtype=np.float64)
    result.flags.writeable = False  # everybody who asks gets this one
    return result


@lru_cache(maxsize=256)
def _window(start: float, end: float) -> Floats:
    """(S,) share of each hour inside [start, end); hours of day."""
    end += HOURS_PER_DAY if end <= start else 0.0
    clock = np.arange(2 * HOURS_PER_DAY)
    inside = np.clip(np.minimum(clock + 1, end) - np.maximum(clock, start), 0.0, 1.0)
    day = np.minimum(inside[:HOURS_PER_DAY] + inside[HOURS_PER_DAY:], 1.0)
    week = np.tile(day, SLOTS // HOURS_PER_DAY)
    week.flags.writeable = False  # everybody who asks gets this one
    return week
