"""A process and its entities for the kernels, built by hand."""

from __future__ import annotations

import numpy as np

from sousveil.engine.sampled.chance import Entities
from sousveil.engine.sampled.tables import Clock, Points, plan_points
from sousveil.processes import NO_GATE, Entity, Gate
from sousveil.rng import Key

KEY = Key(123, 4_294_967_295)
GATED = Gate("home", 1.0, 0.2)
ROWS, FEEDERS = 2, 2


def make_clock(hours: int = 8760) -> Clock:
    """Slots in turn; a line that two feeders have in two hours of three, each in its own."""
    hour = np.arange(hours)
    supply = (np.stack([hour, hour + 1]) % 3 > 0).astype(np.uint8)
    return Clock(hour % 48, hour * 12 // hours, ("home",), supply[None])


def make_points(
    rate: float,
    profile: np.ndarray | None = None,
    gate: Gate = NO_GATE,
    clock: Clock | None = None,
) -> Points:
    """A process of two rows: this rate an hour at most in the first, a third of it in the second.

    profile: (2, S), flat where none is given.
    """
    flat = np.ones((ROWS, 48)) if profile is None else profile
    rates = np.array([[rate, rate / 3]])
    own = make_clock() if clock is None else clock
    return plan_points("x", Entity.PERSON, rates, flat, own, gate=gate)


def make_entities(size: int, first: int = 0) -> Entities:
    """So many entities in turn on rows and feeders."""
    n = np.arange(size)
    return Entities((first + 7 * n).astype(np.uint32), n % ROWS, n // ROWS % FEEDERS)


def uneven() -> np.ndarray:
    """(2, S) profile with empty hours, rare hours and one busy hour."""
    profile = np.ones((ROWS, 48))
    profile[:, :9] = 0.0
    profile[0, 9:20], profile[1, 9:14] = 0.003, 0.0
    profile[:, 30] = 12.0
    return profile
