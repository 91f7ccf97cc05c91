"""How numbers of one act hang together: within a run, and between runs on the same numbers.

A ratio of two counts of the same acts, and a change between what-ifs, vary by less than their parts
do. What persons, households, units and areas share is followed here for pairs of patterns (which
channels noticed an act) as the ledger follows it for one count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Floats
from sousveil.engine.expected.acts import Noticed, pattern_families
from sousveil.engine.expected.known import Known
from sousveil.engine.expected.ledger import LEVELS
from sousveil.processes import Entity
from sousveil.tallies import Key
from sousveil.world.model import People

_STEPS = 4
"""Person, household, unit, area: how far apart two persons may be."""


@dataclass(frozen=True, eq=False)
class Clump:
    """Visits of one inspection. value: (A,) extra variance. slopes: (P, A) of every pattern."""

    level: int
    value: Floats
    slopes: Floats


@dataclass(frozen=True, eq=False)
class Joint:
    """Acts by the pattern of channels that noticed them, with what their variances follow from.

    channels: bits of a pattern, lowest first. people: of the world. means: (P, A, G) acts of
    residents. effects: (name, entity) -> (P, A, 16) relative values by class. clumps: inspection ->
    how its visits find several acts at once. source: what it was made of.
    """

    channels: tuple[str, ...]
    people: People
    means: Floats
    effects: Mapping[tuple[str, Entity], Floats]
    clumps: Mapping[str, Clump]
    source: object

    _known: dict[int, tuple[Joint, Floats]] = field(default_factory=dict[int, Any])

    @cached_property
    def totals(self) -> Floats:
        """(P,) of the country."""
        return np.asarray(self.means.sum(axis=(1, 2)))

    def shared(self, other: Joint) -> Floats:
        """(P, P') covariances of patterns beyond the events that both count.

        other: the same act of the same run, or of another run on the same numbers.
        """
        if id(other) not in self._known:
            self._known[id(other)] = other, self._shared(other)
        return self._known[id(other)][1]

    def _shared(self, other: Joint) -> Floats:
        persons = np.maximum(self.people.by_group(), 1e-300)
        pairs = _pairs(self.means / persons, other.means / persons, self.people)  # (5, P, P', A)
        by = np.ones((_STEPS, *pairs.shape[1:]))
        for (name, entity), factor in self.effects.items():
            if (name, entity) in other.effects:
                product = np.einsum(
                    "iak,jak->ija", factor, other.effects[name, entity], optimize=True
                )
                by[LEVELS[entity]] *= product / EFFECT_CLASSES
        for step in reversed(range(_STEPS - 1)):
            by[step] *= by[step + 1]
        beyond = np.concatenate([by[:-1] - by[1:], by[-1:] - 1.0])
        result = (pairs[:_STEPS] * beyond).sum(axis=(0, 3)) + pairs[_STEPS].sum(axis=2)
        return result + self._clumped(other, pairs, by)

    def _clumped(self, other: Joint, pairs: Floats, by: Floats) -> Floats:
        """(P, P') what visits add that find several acts at once."""
        person, household, unit = pairs[0] * by[0], pairs[1] - pairs[0], pairs[2] - pairs[1]
        among = person + household * by[1]
        squares = (person, among, among + unit * by[2])
        result = np.zeros(pairs.shape[1:3])
        for name, clump in self.clumps.items():
            found = other.clumps.get(name)
            if found is not None and found.level == clump.level:
                value = np.minimum(clump.value, found.value)
                slopes = clump.slopes[:, None] * found.slopes[None]
                result += (slopes * value * squares[clump.level]).sum(axis=2)
        return result


def joint_of(known: Known, act: str, like: Joint | None = None) -> Joint:
    """The patterns of an act in a run of which the variances are known.

    like: those of another run, given back where this one copied the act from there.
    """
    part = known.parts[f"process:{act}"]
    if like is not None and like.source is part.product:
        return like
    result: Noticed
    result, sharing = part.product
    bits = range(2 ** len(result.channels))
    families = [pattern_families(result, each) for each in bits]
    names = [child.name for child in result.item.children]

    def slopes(place: int) -> Floats:
        return np.stack([sharing.slope(place, *some) for some in families])

    world = known.model.world
    return Joint(
        result.channels,
        world.people,
        np.stack([known.values[Key(act, f"pattern:{each}")].values for each in bits])
        * world.civil[:, None],
        {
            (name, entity): np.stack([sharing.classes(place, *some) for some in families])
            for place, (name, entity, _) in enumerate(sharing.effects)
        },
        {
            names[place]: Clump(level, value, slopes(place))
            for level, place, value in sharing.clumps
        },
        part.product,
    )


def _pairs(one: Floats, other: Floats, people: People) -> Floats:
    """(5, P, P', A) expected sums of products of totals over persons, households, units, the area.

    Last the covariance from the drawn groups. one, other: means per person (P, A, G). As the
    ledger's `pair_sums` has it for squares.
    """
    areas, categories = one.shape[1], people.household_shares.shape[-1]
    share = np.broadcast_to(people.household_shares, (areas, categories))
    households = np.maximum(people.households, 1).astype(np.float64)
    seats = np.maximum(people.persons / households - 1.0, 0.0)
    part = seats - np.floor(seats)
    spread = part * (1.0 - part)
    first, rest = people.first_shares, people.other_shares
    x, y = (values.reshape(len(values), areas, categories, -1) for values in (one, other))
    first_x, first_y = (values @ first for values in (x, y))  # (P, A, C)
    rest_x, rest_y = (values @ rest for values in (x, y))

    def summed(left: Floats, right: Floats, weight: Floats) -> Floats:
        """(P, P', A) products summed over the last axis."""
        return np.einsum("iac,jac->ija", left * weight, right, optimize=True)

    seat = seats[:, None]
    persons = (first + seat[..., None] * rest) * share[..., None]  # (A, C, R)
    single = np.einsum("iacr,jacr->ija", x * persons, y, optimize=True)
    pairs = summed(first_x, rest_y, seat * share) + summed(rest_x, first_y, seat * share)
    pairs += summed(rest_x, rest_y, (seat**2 - seat + spread[:, None]) * share)
    square = single + pairs
    mean_x, mean_y = (
        ((head + seat * tail) * share).sum(axis=2)
        for head, tail in ((first_x, rest_x), (first_y, rest_y))
    )
    slope_x, slope_y = ((tail * share).sum(axis=2) for tail in (rest_x, rest_y))
    both = mean_x[:, None] * mean_y[None]
    composition = households * (square - both - spread * slope_x[:, None] * slope_y[None])
    total = households**2 * both
    unit = composition + total / np.maximum(people.units, 1)
    area = composition + total
    return np.stack([households * single, households * square, unit, area, composition])
