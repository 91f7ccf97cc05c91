"""Probabilities and rates become integers here: gates, rate bands, categories, traits.

A rate r is met by the candidates of the bands [0, u), [u, 2u), [2u, 4u)... that lie below it, each
of a constant rate and with a stream of its own, and by a part of those of the last band. So
what-ifs with other rates share their candidates, and a run reads no band that it does not need. u
belongs to the process.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache

import numpy as np

from sousveil.arrays import Bits, Bools, Floats, Ints, Thresholds, Words
from sousveil.processes import NO_GATE, Effect, Entity, Gate, Trait
from sousveil.rng import WORD_RANGE, stream, threshold

HOURS_PER_QUAD = 4
"""Hours that one block of words serves."""
MOST_IN_AN_HOUR = 1 << 10
"""Events that one entity can have in an hour and band: their numbers have ten bits."""
LOG_BITS = 56
"""Binary places of a logarithm."""
_LOG_PARTS = 1 << 12
MOST_HOURS = 1 << 14
MOST_BANDS = 1 << 8


@dataclass(frozen=True)
class Clock:
    """What every process reads of the world: slot and month of each hour, supply of each line.

    supply: (L, A * F, H) uint8. lines: their names.
    """

    slot: Ints
    month: Ints
    lines: tuple[str, ...]
    supply: Bits

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

    def powered(self, line: int, feeder: Ints, hour: Ints) -> Ints:
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
    """One rate band of a process.

    thresholds: falling Poisson thresholds of an hour at the band's constant rate. quads: blocks of
    four hours in which anybody's rate reaches the band. wanted: (rows,) rows whose rate reaches it
    in some slot. thin: (rows, S) threshold of staying.
    """

    number: int
    stream: int
    thresholds: Words
    quads: Words
    wanted: Bools
    thin: Thresholds


@dataclass(frozen=True)
class Points:
    """A point process in integers.

    Its rows are cells (area * G + group), or cell * 16 + class where an effect varies the rate.
    """

    name: str
    entity: Entity
    stream: int
    effect: Effect | None
    bands: tuple[Band, ...]
    gate: Gating


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
    if unit <= 0.0:
        raise ValueError(f"{name}: band_per_hour is {unit}, expected a rate above 0")
    if np.any(rate < 0.0) or np.any(profile < 0.0):
        raise ValueError(f"{name}: found a rate below 0, expected none")
    by_class = rate.reshape(*rate.shape[:2], -1)
    by_slot = (by_class[..., None] * profile[None, :, None, :]).reshape(-1, profile.shape[1])
    peak, lower, width = float(by_slot.max(initial=0.0)), 0.0, unit
    bands: list[Band] = []
    while lower < peak:
        bands.append(_band(name, len(bands), by_slot, (lower, width), clock))
        lower += width
        width = lower
    if len(bands) > MOST_BANDS:
        raise ValueError(f"{name}: {peak:g} an hour needs too many bands of {unit:g}")
    return Points(name, entity, stream(name), effect, tuple(bands), plan_gate(gate, clock))


def poisson_thresholds(mean: float) -> Words:
    """Falling thresholds T: a word below the first c of them means c events; T[0] is rounded up."""
    tails: list[float] = []
    term, below = math.exp(-mean), 0.0
    while len(tails) < MOST_IN_AN_HOUR:
        below += term
        tail = 1.0 - below if mean > 1e-3 else _small_tail(mean, len(tails) + 1)
        if tails and tail * WORD_RANGE < 0.5:
            break
        tails.append(tail)
        term *= mean / len(tails)
    if len(tails) == MOST_IN_AN_HOUR:
        raise ValueError(f"a rate band of {mean:g} an hour: give a smaller band_per_hour")
    scaled = np.floor(np.array(tails) * WORD_RANGE + 0.5)
    scaled[0] = math.ceil(tails[0] * WORD_RANGE)
    return np.minimum(scaled, WORD_RANGE - 1).astype(np.uint32)


@lru_cache(maxsize=1)
def log_table() -> Thresholds:
    """(4097,) natural logarithms of 1 + i / 4096 in units of 2^-56, the same on every machine."""
    with localcontext(prec=30):
        unit, parts = Decimal(2) ** LOG_BITS, Decimal(_LOG_PARTS)
        values = [round((1 + i / parts).ln() * unit) for i in range(_LOG_PARTS + 1)]
    return np.array(values, dtype=np.uint64)


def minus_log(words: Words) -> Thresholds:
    """-ln((word + 1/2) / 2^32) in units of 2^-56, by table and straight lines between its entries.

    With word + 1/2 = 2^(e - 1) (1 + f) it is (33 - e) ln 2 - ln(1 + f).
    """
    value = 2 * words.astype(np.uint64) + np.uint64(1)
    exponent = np.frexp(value.astype(np.float64))[1].astype(np.uint64) - np.uint64(1)
    fraction = (value << (np.uint64(32) - exponent)) & np.uint64(WORD_RANGE - 1)
    index, part = (fraction >> np.uint64(20)).astype(np.intp), fraction & np.uint64(0xFFFFF)
    table = log_table()
    above = table[index] + ((table[index + 1] - table[index]) * part >> np.uint64(20))
    return (np.uint64(33) - exponent) * table[-1] - above


def _small_tail(mean: float, least: int) -> float:
    """P(N >= least) of a small Poisson mean, without cancellation."""
    term = math.exp(-mean) * mean**least / math.factorial(least)
    return term * (1.0 + mean / (least + 1) + mean**2 / ((least + 1) * (least + 2)))


def _band(name: str, number: int, by_slot: Floats, span: tuple[float, float], clock: Clock) -> Band:
    """One band over rates (rows, S). span: its lower end and its width."""
    lower, width = span
    thresholds = poisson_thresholds(width)
    # Rounding made candidates a little more frequent than the band: the thinning takes it back.
    realised = float(thresholds.sum(dtype=np.float64)) / WORD_RANGE
    share = np.clip((by_slot - lower) / width, 0.0, 1.0) * min(width / realised, 1.0)
    needed = by_slot.max(axis=1, initial=0.0), by_slot.max(axis=0, initial=0.0)
    hours = needed[1][clock.slot].reshape(-1, HOURS_PER_QUAD)
    return Band(
        number,
        stream(f"{name}.band{number}"),
        thresholds,
        np.flatnonzero(hours.max(axis=1) > lower).astype(np.uint32),
        needed[0] > lower,
        threshold(share),
    )
