"""Reference model S: a small surveillance model with exact expectations, all numbers invented.

N persons live in 200 counties of three zones, in four groups. In every hour a person sleeps, or is
in the street, at work or at home; each of eight channels counts something with a chance that
depends on the place, the zone, the hour and the power of the county. The expectations below follow
from these numbers alone, by NumPy: no engine and no peer has a part in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, poisson

Array = NDArray[np.float64]

COUNTIES, GROUPS, CELLS = 200, 4, 800
GROUP_SHARES = np.array([0.25, 0.45, 0.20, 0.10])
ZONE = np.repeat([0, 1, 2], [140, 40, 20])
POWERED = np.array([0.35, 0.90, 0.60])
SIGHTED = np.array([0.002, 0.05, 0.10])
LISTED, BOXED = 0.01, 0.15
NAMED, WRONG = 0.8, 0.001
VIEWED = 0.6
BROADCASTS = (20, 21)
TOLD_HOME, TOLD_WORK, TOLD_STREET = 0.0005, 0.002, 0.001
CONDUCT, BORDER = 1e-4, 1e-5
CHANNELS = ("S", "FT", "FF", "V", "D", "I", "X", "B")
"""Sightings, true and false flags, views and disregards, reports of informants, conduct, border."""
RARE = 200.0
"""Expected counts below which a normal distribution will not do."""
WORDS_PER_HOUR = 4
"""32-bit draws of an awake person and hour in a brute-force run."""


def _shares() -> tuple[Array, Array, Array]:
    """(G, 24) chances to be in the street, at work, at home."""
    hour = np.arange(24)
    awake = (hour >= 6) & (hour <= 22)
    street = np.repeat(0.10 + 0.02 * np.arange(GROUPS)[:, None], 24, axis=1)
    street[:, [7, 8, 18]] = 0.35
    at_work = (hour >= 9) & (hour <= 17)
    work = np.where(at_work[None, :], np.minimum(0.7, 1.0 - street), 0.0)
    home = 1.0 - street - work
    return street * awake, work * awake, home * awake


STREET, WORK, HOME = _shares()
AWAKE = np.flatnonzero(STREET.sum(axis=0) > 0)
"""Hours of day at which anybody is awake."""


@dataclass(frozen=True)
class Case:
    """Model S at one size: persons (a multiple of 200) and days, with its power array."""

    persons: int
    days: int
    seed: int = 1

    @property
    def hours(self) -> int:
        """Hours of the run."""
        return 24 * self.days

    @cached_property
    def power(self) -> NDArray[np.uint8]:
        """(C, H) supply of every county, drawn once and then data."""
        chance = np.random.default_rng(self.seed).random((COUNTIES, self.hours))
        return (chance < POWERED[ZONE][:, None]).astype(np.uint8)

    @cached_property
    def county(self) -> NDArray[np.int64]:
        """(N,) county of every person: neighbours in the index live in one county."""
        return np.repeat(np.arange(COUNTIES), self.persons // COUNTIES)

    @cached_property
    def group(self) -> NDArray[np.int64]:
        """(N,) group of every person, in order within the county."""
        size = self.persons // COUNTIES
        place = (np.arange(size) + 0.5) / size
        return np.tile(np.searchsorted(np.cumsum(GROUP_SHARES)[:-1], place, "right"), COUNTIES)

    @cached_property
    def cell(self) -> NDArray[np.int64]:
        """(N,) county * G + group."""
        return self.county * GROUPS + self.group

    @cached_property
    def listed(self) -> NDArray[np.bool_]:
        """(N,) who is on the watch-list, a fixed function of the index."""
        return _fixed(self.persons, 2654435761) < LISTED

    @cached_property
    def boxed(self) -> NDArray[np.bool_]:
        """(N,) whose household has a set-top box."""
        return _fixed(self.persons, 2246822519) < BOXED

    @property
    def executed(self) -> int:
        """Person-hours that brute force must draw: the awake ones."""
        return self.persons * self.days * len(AWAKE)


def _fixed(persons: int, multiplier: int) -> Array:
    """A number in [0, 1) for every index, well spread."""
    index = np.arange(persons, dtype=np.uint64)
    return ((index * np.uint64(multiplier)) & np.uint64(0xFFFFFFFF)).astype(np.float64) / 2**32


def expectations(
    power: NDArray[np.uint8], people: Array, listed: Array, boxed: Array
) -> dict[str, Array]:
    """Expected count of every channel in every cell, (C, G).

    power: (C, H). people, listed, boxed: (C, G) persons, those on the list, those with a box.
    """
    days = power.shape[1] // 24
    on = power.reshape(COUNTIES, days, 24).sum(axis=1).astype(np.float64)
    sighted = SIGHTED[ZONE][:, None] * (on @ STREET.T)  # (C, G) sightings of one person
    evening = list(BROADCASTS)
    broadcast = on[:, evening] @ HOME[:, evening].T
    told = TOLD_HOME * HOME + TOLD_WORK * WORK + TOLD_STREET * STREET
    told_once, home = days * told.sum(axis=1), days * HOME.sum(axis=1)
    street = days * STREET.sum(axis=1) * (ZONE == 2)[:, None]
    return {
        "S": people * sighted,
        "FT": NAMED * listed * sighted,
        "FF": WRONG * (people - listed) * sighted,
        "V": VIEWED * boxed * broadcast,
        "D": (1.0 - VIEWED) * boxed * broadcast,
        "I": people * told_once,
        "X": CONDUCT * people * home,
        "B": BORDER * people * street,
    }


def wronged(power: NDArray[np.uint8], innocent: Array) -> Array:
    """Expected persons with at least one false flag, (C, G); innocent: those not on the list."""
    days = power.shape[1] // 24
    on = power.reshape(COUNTIES, days, 24).sum(axis=1).astype(np.float64)
    spared = np.log1p(-WRONG * SIGHTED[ZONE][:, None, None] * STREET[None])  # (C, G, 24)
    return innocent * -np.expm1((spared * on[:, None, :]).sum(axis=2))


def by_cell(case: Case, who: NDArray[np.bool_] | None = None) -> Array:
    """(C, G) persons of a case, or those of a mask."""
    cells = case.cell if who is None else case.cell[who]
    return np.bincount(cells, minlength=CELLS).reshape(COUNTIES, GROUPS).astype(np.float64)


@dataclass(frozen=True)
class Outcome:
    """What a run of a case counted.

    counts: (C, G, 8) in the order of CHANNELS. wronged: (C, G) persons with a false flag.
    """

    counts: NDArray[np.int64]
    wronged: NDArray[np.int64]


def outcome(case: Case, counts: NDArray[np.int64], flagged: NDArray[np.bool_]) -> Outcome:
    """An outcome from counts (800, 8) and from who was wrongly flagged, (N,)."""
    hurt = np.bincount(case.cell[flagged], minlength=CELLS)
    return Outcome(counts.reshape(COUNTIES, GROUPS, -1), hurt.reshape(COUNTIES, GROUPS))


def judge(case: Case, found: Outcome) -> dict[str, float]:
    """Standardised distance of every total from its expectation, for a peer.

    A total is a sum of independent yes-or-no draws, so its variance is a little below its mean.
    """
    people, listed = by_cell(case), by_cell(case, case.listed)
    expected = expectations(case.power, people, listed, by_cell(case, case.boxed))
    totals = {c: float(found.counts[..., i].sum()) for i, c in enumerate(CHANNELS)}
    expected["wronged"] = wronged(case.power, people - listed)
    totals["wronged"] = float(found.wronged.sum())
    means = {name: float(cells.sum()) for name, cells in expected.items()}
    return {name: standardised(totals[name], mean, mean) for name, mean in means.items()}


def standardised(total: float, mean: float, variance: float) -> float:
    """Distance of a count from its mean in deviations; of rare ones by their tail."""
    if mean >= RARE:
        return float((total - mean) / np.sqrt(variance))
    if total > mean:
        return float(norm.isf(poisson.sf(total - 1, mean)))
    return float(min(norm.ppf(poisson.cdf(total, mean)), 0.0))
