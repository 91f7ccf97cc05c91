"""Hours of the year weighed by the chance that visits find what is done in them.

Many sets of finders are worked out at once. The product with the power is formed hour by hour on
the path, and the sum over days is one matrix product for each hour of the day and type of day.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations
from typing import Any, TypeAlias

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, SLOTS, Floats, Ints
from sousveil.engine.expected.prepare import Label, Prepared
from sousveil.engine.expected.visits import Finder, expected_visits

Rates: TypeAlias = tuple[float, ...]
_COLUMNS = 8
"""Sets whose hours are summed in one product."""
_MOST_KEPT = 512
"""Sums that are kept for one state of the power: some 6 MB of them."""


@dataclass(frozen=True)
class Together:
    """Finders that must all find an act, for one class of groups (any `group` of it).

    areas: areas by the visits per hour at profile 1, of every visits that they share in; areas to
    which one of the visits never comes are left out. labels: what tells the finders of each visits
    from others.
    """

    by_visits: tuple[tuple[Finder, ...], ...]
    areas: Mapping[Rates, slice | Ints]
    labels: tuple[Label, ...]

    @classmethod
    def of(cls, finders: Sequence[Finder], group: int) -> Together:
        """Put finders that share visits together."""
        by_visits: dict[str, list[Finder]] = {}
        for item in finders:
            by_visits.setdefault(item.visits.name, []).append(item)
        columns: list[bytes] = []
        for sharing in by_visits.values():
            rates = sharing[0].rates
            columns.append(rates[group if len(rates) > 1 else 0])
        together = tuple(map(tuple, by_visits.values()))
        return cls(together, _areas_by_rates(tuple(columns)), tuple(map(_label, together)))

    @property
    def possible(self) -> bool:
        """Whether all of the visits come anywhere."""
        return bool(self.areas)

    def label(self, rates: Rates) -> Label:
        """What tells hours found from others: the finders and the rates of an area."""
        return self.labels, rates


@lru_cache(maxsize=256)
def _areas_by_rates(columns: tuple[bytes, ...]) -> Mapping[Rates, slice | Ints]:
    """Areas by their rates of visits, (A,) of each; without those where one of them is zero."""
    rates = [np.frombuffer(column).tolist() for column in columns]
    classes = alike(zip(*rates, strict=True))
    return {
        some: slice(None) if len(places) == len(rates[0]) else np.array(places)
        for some, places in classes.items()
        if all(some)
    }


def alike(items: Iterable[Hashable]) -> dict[Any, list[int]]:
    """Places of equal items."""
    result: dict[Any, list[int]] = {}
    for place, item in enumerate(items):
        result.setdefault(item, []).append(place)
    return result


def found_hours(
    prepared: Prepared, lines: tuple[int, ...], month: Floats, sets: Sequence[Together]
) -> Floats:
    """(K, A, J, S) hours of the year in each joint state of some lines, for every set of finders.

    Each hour counts with the monthly factor (A, M) and the chance that all of a set find an act of
    that hour.
    """
    areas, states = len(prepared.persons), 2 ** len(lines)
    result = np.zeros((len(sets), areas, states, SLOTS))
    wanted: dict[Label, tuple[Together, Rates]] = {}
    places: list[tuple[Label, int, slice | Ints]] = []
    for number, item in enumerate(sets):
        for rates, members in item.areas.items():
            label = item.label(rates)
            wanted[label] = item, rates
            places.append((label, number, members))
    factor = month[:, prepared.calendar.month]
    plain = bool((factor == 1.0).all())
    for state in range(states):
        power = sum(1 << line for place, line in enumerate(lines) if state >> place & 1)
        known = prepared.found.setdefault(power, {}) if plain else dict[Label, Floats]()
        missing = [label for label in wanted if label not in known]
        if missing and len(known) + len(missing) > _MOST_KEPT:
            known.clear()
            missing = list(wanted)
        if missing:
            share = _share(prepared, power, None if plain else factor)
            sets_of = [wanted[label] for label in missing]
            known.update(zip(missing, _summed(prepared, share, sets_of), strict=True))
        for label, number, members in places:
            own = known[label]
            result[number, members, state] = own[members if len(own) > 1 else 0]
    _to_exact_states(result, len(lines))
    return result


def _share(prepared: Prepared, power: int, factor: Floats | None) -> Floats:
    """(24, A, D) shares of hours that count: with at least the lines of the bits of `power`.

    All hours have one row, for every area, where months are alike.
    """
    if not power:
        every = np.ones((1, prepared.days)) if factor is None else factor
        return np.broadcast_to(every, (HOURS_PER_DAY, *every.shape))
    up = prepared.at_least(power).up
    return up if factor is None else up * factor


def _summed(
    prepared: Prepared, share: Floats, columns: Sequence[tuple[Together, Rates]]
) -> Iterator[Floats]:
    """The hours found (A or 1, S) of some sets, each at the rates of an area."""
    # (24, C, D): products of one shape, so that a sum does not hang on who stands beside it.
    found = np.zeros((HOURS_PER_DAY, _COLUMNS, prepared.days))
    for first in range(0, len(columns), _COLUMNS):
        chosen = columns[first : first + _COLUMNS]
        for column, (item, rates) in enumerate(chosen):
            found[:, column] = _all_find(prepared, item, rates)
        by_day = found.transpose(0, 2, 1)
        kinds = [share[..., days] @ by_day[:, days] for days in prepared.calendar.by_type]
        yield from np.concatenate(kinds).transpose(2, 1, 0)[: len(chosen)]


def _to_exact_states(hours: Floats, lines: int) -> None:
    """From hours with at least the lines of a state (third axis) to those with exactly them."""
    for place in range(lines):
        halves = hours.reshape(*hours.shape[:2], -1, 2, 2**place, *hours.shape[3:])
        halves[:, :, :, 0] -= halves[:, :, :, 1]


def _all_find(prepared: Prepared, item: Together, rates: Rates) -> Floats:
    """(24, D) chances that all finders of a set find an act, at some rates of visits."""
    visits = zip(item.by_visits, item.labels, rates, strict=True)
    first, *others = (_of_visits(prepared, *own) for own in visits)
    if not others:
        return first
    result = first * others[0]
    for own in others[1:]:
        result *= own
    return result


def _of_visits(
    prepared: Prepared, finders: tuple[Finder, ...], label: Label, rate: float
) -> Floats:
    """E prod(1 - (1 - find)^visits), by inclusion and exclusion over the finders."""

    def work() -> Floats:
        subsets = chain.from_iterable(
            combinations(finders, size) for size in range(1, len(finders) + 1)
        )
        found = np.ones((HOURS_PER_DAY, prepared.days))
        for subset in subsets:
            missed = _hazard(prepared, subset) * -rate
            np.exp(missed, out=missed)
            (np.add if len(subset) % 2 == 0 else np.subtract)(found, missed, out=found)
        return found

    return prepared.calendar.kept(("found", label, rate), work)


def _hazard(prepared: Prepared, finders: tuple[Finder, ...]) -> Floats:
    """(24, D) hazard at rate 1 that any of the finders finds, days in the prepared order."""

    def work() -> Floats:
        by_day = thinned(prepared, finders).reshape(-1, HOURS_PER_DAY)
        return np.ascontiguousarray(by_day[prepared.calendar.order].T)

    return prepared.calendar.kept(("hazard", _label(finders)), work)


def _label(finders: tuple[Finder, ...]) -> Label:
    """What tells finders of the same visits apart: when these come, and what they find."""
    return finders[0].profile, tuple((item.hours, item.find) for item in finders)


def thinned(prepared: Prepared, finders: tuple[Finder, ...]) -> Floats:
    """(H,) hazard at rate 1 that any of the finders finds; windows end one after another."""
    hazard = np.zeros(prepared.days * HOURS_PER_DAY)
    before = np.zeros_like(hazard)
    ordered = sorted(finders, key=lambda item: item.hours)
    for index, item in enumerate(ordered):
        until = expected_visits(prepared, item.visits, item.hours)
        missed = np.prod([1.0 - still.find for still in ordered[index:]])
        hazard += (1.0 - missed) * (until - before)
        before = until
    return hazard
