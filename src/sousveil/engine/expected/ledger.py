"""The book of expected values: means go in one by one, variances are worked out in one sweep.

The variance of a national total is the law of total variance over what entities keep: groups,
traits, effects. It needs only how much two persons of one household, unit or area have in common.
Source: the second moment of a mixed Poisson count is its mean plus the mean product of the rates
(Daley and Vere-Jones 2003, section 6.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import repeat
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np

from sousveil.arrays import Floats
from sousveil.counts import Count
from sousveil.processes import Entity
from sousveil.tallies import Key
from sousveil.world.model import People

LEVELS = {
    Entity.PERSON: 0,
    Entity.HOUSEHOLD: 1,
    Entity.UNIT: 2,
    Entity.SITE: 2,
    Entity.AREA: 3,
}
"""How far apart two persons may be and still share an entity; a site is the unit."""
EXACT, MEAN_FIELD, UNAVAILABLE = "exact", "mean_field", "unavailable"
_CHUNK = 64
Product = TypeVar("Product")


def alone(areas: int) -> Floats:
    """(4, A) ones: nothing is shared."""
    return np.ones((4, areas), dtype=np.float64)


def shared(areas: int, effects: Iterable[tuple[Entity, Floats | float]]) -> Floats:
    """(4, A) products of 1 + squared coefficient of variation of effects, by level of entity."""
    result = alone(areas)
    for entity, variation in effects:
        result[LEVELS[entity]] *= 1.0 + np.asarray(variation)
    return result


class Entry(NamedTuple):
    """One value: its mean, and what its variance follows from.

    own: (4, A) from `shared`. clump: (3, A) extra variance per sum over persons, households and
    units of squared totals (visits that find several acts at once). excess: (A,) extra variance
    per squared mean of an area. once: a person counts at most once. variance: given as it is. tied:
    (A,) the part of it that whole areas have in common, for (A, G) of the mean.
    """

    key: Key
    mean: Floats
    label: str
    own: Floats | None = None
    clump: Floats | None = None
    excess: Floats | None = None
    once: bool = False
    variance: float | None = None
    scale: float = 1.0
    tied: tuple[Floats, Floats] | None = None


Values: TypeAlias = dict[Key, Count]


@dataclass
class Ledger:
    """Collects values by key; `close` adds the variances (nan where none are wanted).

    values: what is entered now. entries: where each entry stands, for its variance.
    """

    people: People
    persons: Floats
    variances: bool
    values: Values = field(default_factory=dict[Key, Count])
    entries: list[tuple[Values, Entry]] = field(default_factory=list[tuple[Values, Entry]])

    @cached_property
    def nothing(self) -> Floats:
        """(4, A) ones, for what shares nothing."""
        return alone(self.areas)

    @property
    def areas(self) -> int:
        """Number of areas."""
        return len(self.persons)

    def apart(self, work: Callable[[], Product]) -> tuple[Values, Product]:
        """What some work enters, kept apart from all else, and what it gives."""
        before, self.values = self.values, Values()
        product = work()
        values, self.values = self.values, before
        return values, product

    def points(
        self,
        key: Key,
        mean: Floats,
        own: Floats | None = None,
        clump: Floats | None = None,
        label: str = EXACT,
        once: bool = False,
        scale: float = 1.0,
    ) -> None:
        """Enter a count of Poisson points on persons, or of persons who count once."""
        if self.variances:
            chosen = self.nothing if own is None else own
            self.entries.append(
                (self.values, Entry(key, mean, label, chosen, clump, once=once, scale=scale))
            )
        self.values[key] = Count(mean if scale == 1.0 else mean * scale, np.nan, label)

    def plain(self, keys: Iterable[Key], means: Iterable[Floats], labels: Iterable[str]) -> None:
        """Enter several counts whose variances nobody wants."""
        self.values.update(zip(keys, map(Count, means, repeat(np.nan), labels), strict=True))

    def counted(self, key: Key, mean: Floats, excess: Floats | None, label: str = EXACT) -> None:
        """Enter a count whose variance is its mean plus `excess` times the squared area means."""
        if self.variances:
            self.entries.append((self.values, Entry(key, mean, label, excess=excess)))
        self.values[key] = Count(mean, np.nan, label)

    def fixed(
        self,
        key: Key,
        mean: Floats,
        variance: float,
        label: str = EXACT,
        tied: tuple[Floats, Floats] | None = None,
    ) -> None:
        """Enter a value whose variance is known."""
        if self.variances:
            self.entries.append(
                (self.values, Entry(key, mean, label, variance=variance, tied=tied))
            )
        self.values[key] = Count(mean, np.nan, label)

    def missing(self, key: Key) -> None:
        """Enter a value that was not worked out."""
        self.fixed(key, np.full(self.persons.shape, np.nan), np.nan, UNAVAILABLE)

    def close(self) -> None:
        """Add its variance to every value that was entered."""
        entries = [entry for _, entry in self.entries]
        for (values, entry), variance in zip(self.entries, self._variances(entries), strict=True):
            values[entry.key] = replace(
                values[entry.key],
                variance=variance * entry.scale**2,
                weighed=partial(self.weighed, entry),
            )

    def weighed(self, entry: Entry, weights: Floats, among: bool) -> Floats:
        """(K,) variances of the sum of an entry over cells with weights (K, A, G).

        among: only the covariances of different persons.
        """
        mean, square = entry.mean, weights**2 * entry.mean
        if entry.variance is not None:
            return self._of_households(entry, entry.variance, weights, among)
        if entry.own is None:
            extra = np.zeros(self.areas) if entry.excess is None else entry.excess
            alone = (square.sum(axis=2) * (1.0 + extra * mean.sum(axis=1))).sum(axis=1)
            return np.zeros(len(weights)) if among else np.asarray(alone)
        means = weights * mean
        some = [entry._replace(mean=one, once=entry.once or among) for one in means]
        beyond = self._of_points(some) - means.sum(axis=(1, 2))
        if among:
            each = np.divide(means, self.persons, out=np.zeros_like(means), where=self.persons > 0)
            result = beyond + pair_sums(each, self.people).person.sum(axis=1)
        else:
            result = np.maximum(beyond + square.sum(axis=(1, 2)), 0.0)
        return np.asarray(result * entry.scale**2)

    def _of_households(self, entry: Entry, variance: float, weights: Floats, among: bool) -> Floats:
        """The same of a value whose variance is given: of households that whole areas tie.

        Each falls to the group of its registered adult, so that only what areas share can cancel
        between groups: of the rest the mean square of a household counts.
        """
        households = np.maximum(self.people.households, 1).astype(np.float64)

        def squares(values: Floats) -> Floats:
            return np.asarray(values.sum(axis=-1) ** 2)

        tie, part = (0.0, entry.mean) if entry.tied is None else entry.tied
        common = (tie * squares(weights * part)).sum(axis=-1)
        if among:
            return np.asarray(common)
        square = variance - float((tie * squares(part)).sum())
        square += float((squares(entry.mean) / households).sum())
        total = max(float(entry.mean.sum()), 1e-300)
        alone = (weights**2 * entry.mean).sum(axis=(1, 2)) * max(square, 0.0) / total
        spread = common + alone - (squares(weights * entry.mean) / households).sum(axis=-1)
        return np.asarray(np.maximum(spread, 0.0))

    def _variances(self, entries: Sequence[Entry]) -> list[float]:
        """Variance of the total of every entry, before its scale."""
        result = [np.nan] * len(entries)
        points: list[tuple[int, Entry]] = []
        for index, entry in enumerate(entries):
            if entry.variance is not None:
                result[index] = entry.variance
            elif entry.own is None:
                extra = 0.0 if entry.excess is None else entry.excess
                result[index] = float(
                    entry.mean.sum() + (extra * entry.mean.sum(axis=1) ** 2).sum()
                )
            else:
                points.append((index, entry))
        for start in range(0, len(points), _CHUNK):  # a chunk stays in the cache
            chosen = points[start : start + _CHUNK]
            values = self._of_points([entry for _, entry in chosen])
            for (index, _), value in zip(chosen, values.tolist(), strict=True):
                result[index] = max(value, 0.0)
        return result

    def _of_points(self, entries: list[Entry]) -> Floats:
        """(K,) variances of counts on persons."""
        means = np.stack([entry.mean for entry in entries])
        each = np.divide(means, self.persons, out=np.zeros_like(means), where=self.persons > 0.0)
        sums = pair_sums(each, self.people)
        own = np.stack([self.nothing if e.own is None else e.own for e in entries])
        by_area = own[:, 3]
        by_unit = own[:, 2] * by_area
        by_household = own[:, 1] * by_unit
        once = np.array([entry.once for entry in entries])
        by_person = np.where(once[:, None], 0.0, own[:, 0] * by_household)
        total = (
            sums.person * (by_person - by_household)
            + sums.household * (by_household - by_unit)
            + sums.unit * (by_unit - by_area)
            + sums.area * (by_area - 1.0)
            + sums.composition
        ).sum(axis=1)
        for index, entry in enumerate(entries):
            if entry.clump is not None:
                person = sums.person[index] * by_person[index]
                among = (sums.household - sums.person)[index] * by_household[index]
                beyond = (sums.unit - sums.household)[index] * by_unit[index]
                squares = np.stack([person, person + among, person + among + beyond])
                total[index] += float((entry.clump * squares).sum())
        return total + means.sum(axis=2).sum(axis=1)


@dataclass(frozen=True)
class PairSums:
    """Expected sums of squared totals (K, A) over persons, households, units and the area.

    composition: variance of the area's total from the drawn groups alone.
    """

    person: Floats
    household: Floats
    unit: Floats
    area: Floats
    composition: Floats


def pair_sums(each: Floats, people: People) -> PairSums:
    """Squares of totals over entities, for means per person `each` (K, A, G)."""
    count, areas, _ = each.shape
    by_category = each.reshape(count, areas, people.household_shares.shape[-1], -1)
    squares = by_category**2
    # Sums, no matrix products: a value must not depend on which others stand in its batch.
    first, first_square = (_weighed(v, people.first_shares) for v in (by_category, squares))
    other, other_square = (_weighed(v, people.other_shares) for v in (by_category, squares))
    households = np.maximum(people.households, 1).astype(np.float64)
    others = np.maximum(people.persons / households - 1.0, 0.0)
    part = others - np.floor(others)
    spread = part * (1.0 - part)  # households differ by one person at most
    seats = others[:, None]
    share = people.household_shares
    single = _weighed(first_square + seats * other_square, share)
    pairs = 2.0 * seats * first * other + (seats**2 - seats + spread[:, None]) * other**2
    square = single + _weighed(pairs, share)
    mean, slope = _weighed(first + seats * other, share), _weighed(other, share)
    composition = households * (square - mean**2 - spread * slope**2)
    total = (households * mean) ** 2
    return PairSums(
        person=households * single,
        household=households * square,
        unit=composition + total / np.maximum(people.units, 1),
        area=composition + total,
        composition=composition,
    )


def _weighed(values: Floats, weights: Floats) -> Floats:
    """Weighted sums over the last axis."""
    return (values * weights).sum(axis=-1)


def variation(classes: Floats) -> Floats:
    """Squared coefficient of variation over the last axis; 0 where the mean is 0."""
    mean = classes.mean(axis=-1)
    square = (classes**2).mean(axis=-1)
    ratio = np.divide(square, mean**2, out=np.ones_like(mean), where=mean > 0.0)
    return np.maximum(ratio - 1.0, 0.0)
