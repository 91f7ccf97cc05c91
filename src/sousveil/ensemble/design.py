"""The design of an ensemble: which quantile of every uncertain quantity each member sits at.

A member's draw is a level in (0, 1) for each uncertain quantity and a selector for each one with
several readings. The same seed gives the same draws, and the first members of a larger ensemble are
the smaller one. A quantity's draws follow from its path, so that two runs of which one fixes or
adds another quantity are paired, member by member.

The default is a Latin hypercube that grows by doubling. Sobol points are for few quantities or many
members: at 128 points some pairs of 230 dimensions correlate by up to 0.94, and a quantity would be
named for what another one does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sousveil.arrays import Floats
from sousveil.ensemble import copula
from sousveil.quantity import Quantity
from sousveil.scenario.model import Draw, Scenario

METHODS = ("latin_hypercube", "sobol")
EDGE = 2.0**-33
"""Levels stay this far from 0 and 1, where an unbounded distribution has no value."""
FIRST, SECOND = 0, 1
"""The two independent point sets of a pick-freeze study."""


def dimensions(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """("level" | "selector", path) of every dimension, in file order."""
    found: list[tuple[str, str]] = []
    for path in scenario.uncertain:
        found.append(("level", path))
        if scenario.quantities[path].readings:
            found.append(("selector", path))
    return tuple(found)


def points(
    size: int,
    members: int,
    seed: int,
    method: str = "latin_hypercube",
    stream: int = FIRST,
    names: Sequence[str] = (),
) -> Floats:
    """(members, size) points in (0, 1), scrambled by the run's seed.

    names: of the dimensions; a column of a Latin hypercube then follows from its name and not from
    its place. Sobol points have an order of their own.

    Source: McKay, Beckman, Conover 1979; Sobol 1967 with Owen's scrambling, as in scipy.stats.qmc.
    """
    if method not in METHODS:
        raise ValueError(f"design {method!r}: use one of {', '.join(METHODS)}")
    if not size or not members:
        return np.zeros((members, size))
    if method == "sobol":
        found = _sobol(size, members, seed, stream)
    else:
        numbers = [_number(name) for name in names] or range(size)
        columns = [_doubling(members, [seed, stream, number]) for number in numbers]
        found = np.stack(columns, axis=1)
    return np.clip(found, EDGE, 1.0 - EDGE)


def _number(name: str) -> int:
    """Stable number of a name, of as many bits that no two names share one."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=16).digest(), "little")


def _doubling(members: int, seed: list[int]) -> Floats:
    """(members,) points of one dimension: at every power of two, one in each of as many strata.

    Source: nested Latin hypercubes, Qian 2009, Biometrika 96, 957-970.
    """
    generator = np.random.default_rng(seed)
    found = generator.random(1)
    while len(found) < members:
        strata = 2 * len(found)
        taken = np.floor(found * strata).astype(np.int64)
        free = generator.permutation(np.setdiff1d(np.arange(strata), taken))
        found = np.concatenate([found, (free + generator.random(len(free))) / strata])
    return found[:members]


def _sobol(size: int, members: int, seed: int, stream: int) -> Floats:
    """(members, size) scrambled Sobol points."""
    from scipy.stats import qmc  # it costs a second to import

    generator = np.random.default_rng([seed, stream])
    # The second set takes dimensions of its own: scrambled anew, the same dimensions would keep
    # the order of their points, and the first binary digit of a pair would be the same in all.
    first = size if stream == SECOND else 0
    # Drawn to the next power of two: any other number would lose the balance of the points.
    power = max(0, int(np.ceil(np.log2(members))))
    found = qmc.Sobol(size + first, rng=generator).random_base2(power)[:members]
    return found[:, first:]


def draws(
    scenario: Scenario,
    members: int,
    seed: int,
    method: str = "latin_hypercube",
    stream: int = FIRST,
) -> tuple[Draw, ...]:
    """The draw of every member; quantities that move together do so in it."""
    names = dimensions(scenario)
    words = [f"{what} {path}" for what, path in names]
    free = points(len(names), members, seed, method, stream, words)
    return tuple(_draw(names, row) for row in copula.tie(scenario, names, free))


def _draw(names: tuple[tuple[str, str], ...], row: Floats) -> Draw:
    values = list(zip(names, row.tolist(), strict=True))
    return Draw(
        levels={path: value for (what, path), value in values if what == "level"},
        selectors={path: value for (what, path), value in values if what == "selector"},
    )


def redrawn(
    draw: Draw, other: Draw, paths: Iterable[str], scenario: Scenario | None = None
) -> Draw:
    """`draw` with these quantities drawn anew, given the others: the pick-freeze of one group.

    scenario: the one that says which quantities move together; without it none do.
    """
    return copula.redrawn(draw, other, paths, copula.tied(scenario) if scenario else ())


def assumed(scenario: Scenario) -> tuple[str, ...]:
    """Uncertain quantities that rest on nothing but a reason (`kind: assumed`)."""
    quantities = scenario.quantities
    return tuple(path for path in scenario.uncertain if quantities[path].kind == "assumed")


def at_ends(quantity: Quantity) -> tuple[Draw, Draw]:
    """Draws with one quantity at its low and at its high end, all others central.

    Ends are as declared: the 5 and 95 % quantiles of a lognormal, the bounds of any other form;
    of several readings the lowest and the highest end.
    """
    path = quantity.path
    if not quantity.readings:
        low, high = _end_levels(_forms(quantity))
        return Draw({path: low}, {}), Draw({path: high}, {})
    ends: list[tuple[float, Draw]] = []
    start = 0.0
    total = sum(reading.weight for reading in quantity.readings)
    for reading in quantity.readings:
        middle = (start + reading.weight / 2) / total
        start += reading.weight
        for level in _end_levels([reading.distribution.form]):
            value = quantity.value(level, middle, 0)
            ends.append((value, Draw({path: level}, {path: middle})))
    ends.sort(key=lambda pair: pair[0])
    return ends[0][1], ends[-1][1]


def _forms(quantity: Quantity) -> list[str]:
    if quantity.distribution is not None:
        return [quantity.distribution.form]
    return [point.distribution.form for point in quantity.series]


def _end_levels(forms: Iterable[str]) -> tuple[float, float]:
    return (0.05, 0.95) if "lognormal" in forms else (0.0, 1.0)


def value_matrix(scenario: Scenario, some: Iterable[Draw]) -> tuple[tuple[str, ...], Floats]:
    """Paths of the uncertain quantities and (members, paths) values drawn for them.

    Values, not levels: of a quantity with several readings only the value is in order.
    """
    paths = scenario.uncertain
    quantities: Mapping[str, Quantity] = scenario.quantities
    rows = [
        [
            quantities[p].value(d.levels.get(p, 0.5), d.selectors.get(p, np.nan), scenario.year)
            for p in paths
        ]
        for d in some
    ]
    return paths, np.array(rows, dtype=np.float64).reshape(len(rows), len(paths))
