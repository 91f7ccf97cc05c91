"""Probabilities and rates become integers here: gates, points under a curve, categories, traits.

A process of rate r(h) is the part below its curve of points that are scattered over hours and
heights, one an hour and unit of height. The heights come in bands [0, u), [u, 2u), [2u, 4u)... So
what-ifs with other rates share their points, a run reads no band that it does not need, and u
belongs to the process. Heights are integers in units of u / 2^32. Hour by hour the bands are layers
of equal height, and heights whole numbers of 2^-40 an hour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from sousveil.arrays import (
    HOURS_PER_DAY,
    AnyArray,
    Bits,
    Bools,
    Floats,
    Halves,
    Ints,
    Thresholds,
    Words,
)
from sousveil.engine.kernels.hours import (
    BLOCKS_AT_ONCE,
    DAYS_OF_A_BLOCK,
    LAYER_BITS,
    RATE_BITS,
)
from sousveil.processes import NO_GATE, Effect, Entity, Gate, Trait
from sousveil.rng import WORD_RANGE, stream, threshold

MOST_AN_HOUR = 800
"""Events an hour of one entity: their numbers have room for more."""
MOST_HOURS = 1 << 14
MOST_BANDS = 20
"""Bands of a process: above them heights would outgrow their integers."""
HEIGHT_BITS = 32
"""Binary places of a height within the first band."""
SPREAD_BITS = 28
SHAPE_BITS = 28
PLACES = 1 << 16
"""Places of a year that a point falls on, each with the same chance."""
NO_HOUR = (1 << 16) - 1
"""What stands at a place of no hour."""
LEAST_BAND = 2.0**-30
"""Least first band an hour: rounding to words would tell below it."""


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

    @property
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
class Band:
    """One band of heights: from `lower` to below `upper`.

    a_year: rising Poisson thresholds of the points of a year, as :class:`Places` scatter them: a
    word counts as many as lie at or below it. As they are rounded up, points spread a little above
    the band: in units of 2^-28 of its width.
    """

    lower: int
    upper: int
    a_year: Words
    year_spread: int


@dataclass(frozen=True)
class Places:
    """Where in the year points fall: more of them in hours of higher rates.

    hour: (65536,) of every place, or `NO_HOUR`. weight: (S,) places of an hour. fullest: the most.
    """

    hour: Halves
    weight: Floats
    fullest: int


@dataclass(frozen=True)
class Layers:
    """A process hour by hour: its heights in layers of a sixteenth of an event an hour.

    rate: (rows,) of a row in its highest slot, in 2^-40 an hour. offset: (L + 1,) of the blocks of
    each layer in `first`: the first hours of the blocks that any curve reaches. full: (G,) hours of
    the year as the shapes of the groups weigh them.
    """

    rate: Thresholds
    offset: Ints
    first: Words
    full: Floats


@dataclass(frozen=True)
class Points:
    """A point process in integers.

    Its rows are cells (area * G + group), or cell * 16 + class where an effect varies the rate.
    peak: (rows,) height of a row in its highest slot. group: (rows,). shape: (G, S) height of a
    slot in units of 2^-28 of the peak. spread_shape: the same where `places` scatter the points:
    where an hour has fewer places, its events reach higher. reach: (rows,) bands that a peak
    reaches into. layers: the same process hour by hour, of the same shape.
    """

    name: str
    entity: Entity
    stream: int
    effect: Effect | None
    bands: tuple[Band, ...]
    peak: Thresholds
    group: Ints
    shape: Thresholds
    spread_shape: Thresholds
    reach: Ints
    places: Places
    layers: Layers
    gate: Gating

    @cached_property
    def a_year(self) -> Floats:
        """(B + 1,) mean points of a year in so many bands."""
        means = [float((1.0 - band.a_year / WORD_RANGE).sum()) for band in self.bands]
        return np.concatenate([[0.0], np.cumsum(means)])


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
    name: str, entity: Entity, rate: Floats, profile: Floats, unit: float, clock: Clock,
    effect: Effect | None = None, gate: Gate = NO_GATE,
) -> Points:  # fmt: skip
    """Lay the bands of a process.

    rate: (A, G), or (A, G, 16) where an effect varies it, per hour. profile: (G, S). unit: u, per
    hour.
    """
    if not 0.0 < unit <= MOST_AN_HOUR:
        wanted = f"expected a rate above 0 and up to {MOST_AN_HOUR}"
        raise ValueError(f"{name}: band_per_hour is {unit:g}, {wanted}")
    if np.any(rate < 0.0) or np.any(profile < 0.0):
        raise ValueError(f"{name}: found a rate below 0, expected none")
    unit = max(unit, LEAST_BAND)
    groups = rate.shape[1]
    highest = profile.max(axis=1, keepdims=True)
    relative = np.divide(profile, highest, out=np.zeros_like(profile), where=highest > 0.0)
    by_class = rate.reshape(*rate.shape[:2], -1) * highest
    places = lay_places(relative.max(axis=0), clock.slot)
    top = float(by_class.max(initial=0.0))
    if top > MOST_AN_HOUR:
        raise ValueError(f"{name}: found {top:g} events an hour, expected at most {MOST_AN_HOUR}")
    number = _bands_to(top, unit)
    if number > MOST_BANDS:
        raise ValueError(f"{name}: {top:g} an hour needs too many bands of {unit:g}")
    bands = tuple(_band(n, unit, places) for n in range(number))
    peak = np.floor(by_class.reshape(-1) * (2.0**HEIGHT_BITS / unit) + 0.5).astype(np.uint64)
    lower = np.array([band.lower for band in bands], dtype=np.uint64)
    group, shape = np.arange(len(peak)) // by_class.shape[2] % groups, _fine(relative)
    return Points(
        name,
        entity,
        stream(name),
        effect,
        bands,
        peak,
        group,
        shape,
        _fine(relative * places.fullest / np.maximum(places.weight, 1.0)),
        np.searchsorted(lower, peak),
        places,
        lay_layers(by_class.reshape(-1), group, shape, clock.slot),
        plan_gate(gate, clock),
    )


def _fine(shares: Floats) -> Thresholds:
    return np.floor(shares * 2.0**SHAPE_BITS + 0.5).astype(np.uint64)


def _bands_to(peak: float, unit: float) -> int:
    """How many bands a peak reaches into: widths u, u, 2u, 4u..."""
    return 1 + max(0, math.ceil(math.log2(peak / unit))) if peak > 0.0 else 0


def _band(number: int, unit: float, places: Places) -> Band:
    """One band, counted from 0."""
    width = unit * 2.0 ** max(number - 1, 0)
    in_a_year = width * PLACES / places.fullest
    a_year, realised = poisson_cuts(in_a_year)
    return Band(
        1 << (HEIGHT_BITS + number - 1) if number else 0,
        1 << (HEIGHT_BITS + number),
        a_year,
        _spread(realised / in_a_year),
    )


def _spread(ratio: float) -> int:
    """By how much points spread beyond their band, in integers."""
    return round(max(ratio, 1.0) * 2**SPREAD_BITS)


def lay_places(shape: Floats, slot: Ints) -> Places:
    """Give every hour places by the shape (S,), at most 1, of the rate over the week."""
    hours = np.bincount(slot, minlength=len(shape))
    used = np.where(hours > 0, shape, 0.0)
    fullest = int(PLACES / max(float(used @ hours), 1.0))
    while np.ceil(used * fullest) @ hours > PLACES:
        fullest -= 1
    weight = np.ceil(used * fullest).astype(np.int64)
    filled = np.repeat(np.arange(len(slot)), weight[slot])
    hour = np.full(PLACES, NO_HOUR, dtype=np.uint16)
    hour[: len(filled)] = filled
    return Places(hour, weight.astype(np.float64), fullest)


def lay_layers(rate: Floats, group: Ints, shape: Thresholds, slot: Ints) -> Layers:
    """Lay the layers of a process. rate, group: (rows,). shape: (G, S). slot: (H,)."""
    rates = np.floor(rate * 2.0**RATE_BITS + 0.5).astype(np.uint64)
    top = np.zeros(len(shape), dtype=np.uint64)
    np.maximum.at(top, group, rates)
    span = DAYS_OF_A_BLOCK * HOURS_PER_DAY
    highest = np.zeros(-(-len(slot) // span) * span, dtype=np.uint64)
    highest[: len(slot)] = curve_of(top[:, None], shape).max(axis=0)[slot]
    by_block = highest.reshape(-1, DAYS_OF_A_BLOCK, HOURS_PER_DAY).max(axis=1)
    parts: list[AnyArray] = []
    for layer in range(-(-int(top.max(initial=0)) >> LAYER_BITS)):
        block, hour = np.nonzero(by_block > layer << LAYER_BITS)
        beyond = len(highest) + np.arange(-len(block) % BLOCKS_AT_ONCE)  # no hours of the run
        parts.append(np.concatenate([block * span + hour, beyond]))
    full = shape[:, slot].sum(axis=1) / 2.0**SHAPE_BITS
    offset = np.cumsum([0, *(len(part) for part in parts)])
    return Layers(rates, offset, np.concatenate([[], *parts]).astype(np.uint32), full)


def curve_of(top: Thresholds, shape: Thresholds) -> Thresholds:
    """Height of a curve by its peak and the share of it in 2^-28; in two, as kernels do it."""
    high, low = top >> np.uint64(16), top & np.uint64(0xFFFF)
    return (high * shape >> np.uint64(12)) + (low * shape >> np.uint64(SHAPE_BITS))


@lru_cache(maxsize=1024)
def poisson_cuts(mean: float) -> tuple[Words, float]:
    """Rising thresholds of a Poisson count, and the mean that they have: not below, to a word.

    A word counts as many as lie at or below it.
    """
    from scipy.special import pdtrc  # scipy costs a while: only who needs it pays

    most = int(mean + 8.0 * math.sqrt(mean)) + 40
    tails = np.floor(pdtrc(np.arange(most), mean) * WORD_RANGE + 0.5)
    tails = np.minimum(tails[: max(1, int(np.count_nonzero(tails)))], WORD_RANGE - 1)
    missing = mean * WORD_RANGE - float(tails.sum())
    tails[0] = min(tails[0] + max(math.ceil(missing), 0), WORD_RANGE - 1)
    return (WORD_RANGE - tails).astype(np.uint32), float(tails.sum()) / WORD_RANGE
