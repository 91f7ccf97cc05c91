"""Hours of the year weighed by the chance that visits find what is done in them.

Many sets of finders are worked out at once. Days of a kind have the same visits ahead of them, so
that hours with supply are summed over the days of a kind before they meet what visits find in them:
one product for each hour of the day and kind of day, never a product of means.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import combinations
from typing import Any

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, MONTHS, Bools, Floats, Ints
from sousveil.engine.expected.kinds import Kinds
from sousveil.engine.expected.prepare import Prepared
from sousveil.engine.expected.subsets import hours_of_sets
from sousveil.engine.expected.visits import Finder

_MOST_KEPT = 64


@dataclass(frozen=True, eq=False)
class Sets:
    """Sets of finders that must all find an act, for every kind of people.

    place: (2^i, K) which set a subset of the finders is for a kind of people, from 1 on: 0 for no
    finder at all, -1 where not all of them ever come. chances: finders that share visits, with the
    visits per hour at profile 1. which: (R, n) chances whose product counts, -1 for no more, in the
    set number: (R,) and the areas inside: (R, A). whole: whole days of the windows of all finders.
    """

    place: Ints
    chances: tuple[tuple[tuple[Finder, ...], float], ...]
    which: Ints
    number: Ints
    inside: Bools
    whole: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many sets there are."""
        return int(self.place.max())


@lru_cache(maxsize=_MOST_KEPT)
def sets_of(finders: tuple[Finder, ...], rates: tuple[tuple[bytes, ...], ...], kinds: int) -> Sets:
    """All sets of some finders; rates: of each and of each kind of people, (A,) as bytes."""
    place = np.full((2 ** len(finders), kinds), -1)
    place[0] = 0
    chances: dict[tuple[tuple[Finder, ...], float], int] = {}
    rows: list[tuple[list[int], int, Bools]] = []
    count = 0
    for chosen in range(1, len(place)):
        inside = [i for i in range(len(finders)) if chosen >> i & 1]
        for columns, alike_kinds in alike(zip(*(rates[i] for i in inside), strict=True)).items():
            together: dict[str, list[Finder]] = {}
            often: dict[str, bytes] = {}
            for i, column in zip(inside, columns, strict=True):
                together.setdefault(finders[i].visits, []).append(finders[i])
                often[finders[i].visits] = column
            areas = _areas_by_rates(tuple(often.values()))
            for some, members in areas.items():
                own = zip(map(tuple, together.values()), some, strict=True)
                rows.append(
                    ([chances.setdefault(one, len(chances)) for one in own], count, members)
                )
            if areas:
                count += 1
                place[chosen, alike_kinds] = count
    most = max((len(which) for which, *_ in rows), default=0)
    return Sets(
        place=place,
        chances=tuple(chances),
        which=np.array([which + [-1] * (most - len(which)) for which, *_ in rows]),
        number=np.array([number for _, number, _ in rows]),
        inside=np.array([members for *_, members in rows]),
        whole=tuple(sorted({item.hours // HOURS_PER_DAY for item in finders})),
    )


@lru_cache(maxsize=_MOST_KEPT)
def _areas_by_rates(columns: tuple[bytes, ...]) -> Mapping[tuple[float, ...], Bools]:
    """(A,) which areas have some rates of visits; left out are those with a rate of zero."""
    rates = list(zip(*(np.frombuffer(column).tolist() for column in columns), strict=True))
    return {
        some: np.array([own == some for own in rates]) for some in dict.fromkeys(rates) if all(some)
    }


def alike(items: Iterable[Hashable]) -> dict[Any, list[int]]:
    """Places of equal items."""
    result: dict[Any, list[int]] = {}
    for place, item in enumerate(items):
        result.setdefault(item, []).append(place)
    return result


def enter_found_hours(
    prepared: Prepared, lines: tuple[int, ...], month: Floats | None, sets: Sets, into: Floats
) -> None:
    """Fill in (N, A, J, S) hours of the year, in each joint state of some lines, for all sets.

    Each hour counts with the monthly factor (A, M), 1 for None, and the chance that all of a set
    find an act of that hour.
    """
    days = prepared.calendar
    kinds = days.kinds(sets.whole, month is not None)
    for state, power in enumerate(_powers(lines)):
        ground = prepared.at_least(power) if power else days
        work = partial(_found, sets, kinds, ground.hours_of(kinds), month)
        into[:, :, state] = ground.found(sets, work) if month is None else work()
    _to_exact_states(into, len(lines))


@lru_cache(maxsize=_MOST_KEPT)
def _powers(lines: tuple[int, ...]) -> tuple[int, ...]:
    """Bits of the lines that have supply, in each joint state of some lines."""
    return tuple(
        sum(1 << line for place, line in enumerate(lines) if state >> place & 1)
        for state in range(2 ** len(lines))
    )


def _found(sets: Sets, kinds: Kinds, hours: Floats, month: Floats | None) -> Floats:
    """(N, A, S) hours found by all sets, of the hours (A or 1, K, 24) by kind of day."""
    chance = [kinds.kept(one, partial(_chance, kinds, *one)) for one in sets.chances]
    factor = np.ones((1, MONTHS)) if month is None else month
    which = sets.which, sets.number, sets.inside
    return hours_of_sets(hours, factor, kinds.month, kinds.working, np.array(chance), *which)


def _to_exact_states(hours: Floats, lines: int) -> None:
    """From hours with at least the lines of a state (third axis) to those with exactly them."""
    for place in range(lines):
        halves = hours.reshape(*hours.shape[:2], -1, 2, 2**place, *hours.shape[3:])
        halves[:, :, :, 0] -= halves[:, :, :, 1]


def _chance(kinds: Kinds, finders: tuple[Finder, ...], rate: float) -> Floats:
    """(K, 24) E prod(1 - (1 - find)^visits), by inclusion and exclusion over the finders."""
    found = np.ones(kinds.shape)
    for size in range(1, len(finders) + 1):
        for subset in combinations(finders, size):
            missed = np.exp(_hazard(kinds, subset) * -rate)
            (np.add if size % 2 == 0 else np.subtract)(found, missed, out=found)
    return found


def _hazard(kinds: Kinds, finders: tuple[Finder, ...]) -> Floats:
    """(K, 24) hazard at rate 1 that any of the finders finds; windows end one after another."""
    ordered = sorted(finders, key=lambda item: item.hours)
    hazard: Floats | float = 0.0
    before: Floats | float = 0.0
    for index, item in enumerate(ordered):
        until = kinds.ahead(item.profile, item.hours)
        missed = math.prod(1.0 - still.find for still in ordered[index:])
        hazard = hazard + (1.0 - missed) * (until - before)
        before = until
    return np.asarray(hazard)
