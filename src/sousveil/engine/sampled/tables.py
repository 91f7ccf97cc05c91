"""Probabilities and rates become integers here: gates, points under a curve, categories, traits.

By the hour, a process of rate r(h) is the part below its curve of points that are scattered over
hours and heights, one an hour and unit of height. The heights come in layers, so that what-ifs with
other rates share their points and a run reads no layer that it does not need; they are whole
numbers of 2^-40 an hour. By the year, it is a number and the moments of
:mod:`sousveil.engine.sampled.yearly`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sousveil.arrays import (
    HOURS_PER_DAY,
    AnyArray,
    Bits,
    Bools,
    Floats,
    Ints,
    Thresholds,
    Words,
)
from sousveil.engine.sampled.kernels.hours import DAYS_OF_A_BLOCK, LAYER_BITS, RATE_BITS
from sousveil.engine.sampled.kernels.low import BLOCKS_AT_ONCE
from sousveil.engine.sampled.yearly import Yearly
from sousveil.processes import NO_GATE, Effect, Entity, Gate, Trait
from sousveil.rng import WORD_RANGE, stream, threshold

MOST_AN_HOUR = 800
"""Events an hour of one entity: their numbers have room for more."""
MOST_HOURS = 1 << 14
SHAPE_BITS = 28


@dataclass(frozen=True)
class Clock:
    """What every process reads of the world: slot and month of each hour, supply of each line.

    supply: (L, A * F, H) uint8. lines: their names.
    """

    slot: Ints
    month: Ints
    lines: tuple[str, ...]
    supply: Bits

    @cached_property
    def slot_bits(self) -> Bits:
        """Slot of each hour in small integers, which stay in cache."""
        return self.slot.astype(np.uint8)

    @property
    def hours(self) -> int:
        """Hours of the run."""
        return len(self.slot)

    def line(self, name: str) -> int:
        """Number of a line; -1 for none, which counts as always supplied."""
        if name and name not in self.lines:
            known = ", ".join(self.lines) or "none"
            raise ValueError(f"power line {name!r}: found in a process, the world has {known}")
        return self.lines.index(name) if name else -1

    def supply_of(self, line: int) -> Bits:
        """(A * F, H) supply of a line; without rows for none."""
        return self.supply[line] if line >= 0 else np.empty((0, self.hours), dtype=np.uint8)

    def powered(self, line: int, feeder: Ints, hour: AnyArray) -> Ints:
        """Supply (0 or 1) of a line in each feeder (area * F + feeder) and hour."""
        if line < 0:
            return np.ones(len(hour), dtype=np.int64)
        return self.supply[line].reshape(-1)[feeder * self.hours + hour].astype(np.int64)


@dataclass(frozen=True)
class Gating:
    """A gate in integers: chances (2,) to survive without and with supply."""

    line: int
    chances: Thresholds

    @cached_property
    def is_open(self) -> bool:
        """Whether nothing is ever lost here."""
        needed = self.chances[1:] if self.line < 0 else self.chances
        return bool(np.all(needed == WORD_RANGE))

    def passes(self, clock: Clock, words: Words, feeder: Ints, hour: Ints) -> Bools:
        """Whether each event passes in its feeder and hour."""
        if self.is_open:
            return np.ones(len(hour), dtype=np.bool_)
        return words < self.chances[clock.powered(self.line, feeder, hour)]


@dataclass(frozen=True)
class Marked:
    """A trait in integers: whom it can be read of, and thresholds (A * G,)."""

    entity: Entity
    stream: int
    chances: Thresholds


@dataclass(frozen=True)
class Layers:
    """A process hour by hour: its heights in layers of a sixteenth of an event an hour.

    rate: (rows,) of a row in its highest slot, in 2^-40 an hour. offset: (L + 1,) of the blocks of
    each layer in `first`: the first hours of the blocks that any curve reaches. highest: (G,
    blocks) shape of the highest hour of each block. full: (G,) hours of the year as the shapes of
    the groups weigh them.
    """

    rate: Thresholds
    offset: Ints
    first: Words
    highest: Thresholds
    full: Floats


@dataclass(frozen=True)
class Points:
    """A point process in integers.

    Its rows are cells (area * G + group), or cell * 16 + class where an effect varies the rate.
    group: (rows,). shape: (G, S) height of a slot in units of 2^-28 of that of the highest. layers:
    the process hour by hour; year: the same by the year.
    """

    name: str
    entity: Entity
    stream: int
    effect: Effect | None
    group: Ints
    shape: Thresholds
    layers: Layers
    gate: Gating
    year: Yearly


def plan_gate(gate: Gate, clock: Clock) -> Gating:
    """A gate in integers."""
    return Gating(clock.line(gate.line), threshold(np.array([gate.off, gate.on])))


def plan_trait(trait: Trait) -> Marked:
    """A trait in integers."""
    return Marked(trait.entity, stream(f"trait.{trait.name}"), threshold(trait.share.reshape(-1)))


def inverse_cdf(shares: Floats) -> Thresholds:
    """(..., K - 1) thresholds that cut the words into K categories of these shares, in order."""
    return threshold(np.cumsum(shares, axis=-1))[..., :-1]


def categories(words: Words, cuts: Thresholds) -> Ints:
    """Category of every word under cuts (K - 1,) or (n, K - 1)."""
    return (words[:, None] >= cuts).sum(axis=1, dtype=np.int64)


def plan_points(
    name: str, entity: Entity, rate: Floats, profile: Floats, clock: Clock,
    effect: Effect | None = None, gate: Gate = NO_GATE,
) -> Points:  # fmt: skip
    """Lay a process by the hour and by the year.

    rate: (A, G), or (A, G, 16) where an effect varies it, per hour. profile: (G, S).
    """
    if np.any(rate < 0.0) or np.any(profile < 0.0):
        raise ValueError(f"{name}: found a rate below 0, expected none")
    groups = rate.shape[1]
    highest = profile.max(axis=1, keepdims=True)
    relative = np.divide(profile, highest, out=np.zeros_like(profile), where=highest > 0.0)
    by_class = rate.reshape(*rate.shape[:2], -1) * highest
    top = float(by_class.max(initial=0.0))
    if top > MOST_AN_HOUR:
        raise ValueError(f"{name}: found {top:g} events an hour, expected at most {MOST_AN_HOUR}")
    rows = by_class.reshape(-1)
    group, shape = np.arange(len(rows)) // by_class.shape[2] % groups, _fine(relative)
    return Points(
        name,
        entity,
        stream(name),
        effect,
        group,
        shape,
        lay_layers(rows, group, shape, clock.slot),
        plan_gate(gate, clock),
        Yearly(by_class * (1.0 if gate.line else gate.on), relative, clock.slot),
    )


def _fine(shares: Floats) -> Thresholds:
    return np.floor(shares * 2.0**SHAPE_BITS + 0.5).astype(np.uint64)


def lay_layers(rate: Floats, group: Ints, shape: Thresholds, slot: Ints) -> Layers:
    """Lay the layers of a process. rate, group: (rows,). shape: (G, S). slot: (H,)."""
    rates = np.floor(rate * 2.0**RATE_BITS + 0.5).astype(np.uint64)
    top = np.zeros(len(shape), dtype=np.uint64)
    np.maximum.at(top, group, rates)
    span = DAYS_OF_A_BLOCK * HOURS_PER_DAY
    end = -(-len(slot) // span) * span
    by_hour = np.zeros((len(shape), end), dtype=np.uint64)
    by_hour[:, : len(slot)] = shape[:, slot]
    by_block = by_hour.reshape(len(shape), -1, DAYS_OF_A_BLOCK, HOURS_PER_DAY).max(axis=2)
    reached = curve_of(top[:, None, None], by_block).max(axis=0)
    firsts, shapes = [np.empty(0, np.int64)], [np.empty((len(shape), 0), np.uint64)]
    for layer in range(-(-int(top.max(initial=0)) >> LAYER_BITS)):
        block, hour = np.nonzero(reached > layer << LAYER_BITS)
        beyond = end + np.arange(-len(block) % BLOCKS_AT_ONCE)  # fill up, with no hours of the run
        firsts.append(np.concatenate([block * span + hour, beyond]))
        shapes.append(np.pad(by_block[:, block, hour], ((0, 0), (0, len(beyond)))))
    return Layers(
        rates,
        np.cumsum([len(part) for part in firsts]),
        np.concatenate(firsts).astype(np.uint32),
        np.concatenate(shapes, axis=1),
        by_hour.sum(axis=1) / 2.0**SHAPE_BITS,
    )


def curve_of(top: Thresholds, shape: Thresholds) -> Thresholds:
    """Height of a curve by its peak and the share of it in 2^-28; in two, as kernels do it."""
    high, low = top >> np.uint64(16), top & np.uint64(0xFFFF)
    return (high * shape >> np.uint64(12)) + (low * shape >> np.uint64(SHAPE_BITS))
