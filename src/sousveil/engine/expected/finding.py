"""Hours of the year weighed by the chance that visits find what is done in them.

Many sets of finders are worked out at once. The product with the power is formed hour by hour on
the path, and the sum over days is one matrix product for each hour of the day and type of day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, Floats
from sousveil.engine.expected.prepare import Prepared
from sousveil.engine.expected.visits import Finder, expected_visits, visit_rates

_COLUMNS = 8
"""Sets whose hours are summed in one product."""


@dataclass(frozen=True)
class Together:
    """Finders that must all find an act, for one class of groups (any `group` of it).

    rates: (A, V) visits per hour at profile 1 of every visits that they share in.
    """

    by_visits: tuple[tuple[Finder, ...], ...]
    rates: Floats

    @classmethod
    def of(cls, finders: Sequence[Finder], group: int) -> Together:
        """Put finders that share visits together."""
        by_visits: dict[str, list[Finder]] = {}
        for item in finders:
            by_visits.setdefault(item.visits.name, []).append(item)
        columns: list[Floats] = []
        for sharing in by_visits.values():
            rate = visit_rates(sharing[0].visits)
            columns.append(rate[:, group if rate.shape[1] > 1 else 0])
        return cls(tuple(map(tuple, by_visits.values())), np.stack(columns, axis=1))

    @property
    def possible(self) -> bool:
        """Whether each of the visits comes anywhere."""
        return bool(self.rates.any(axis=0).all())


def found_hours(
    prepared: Prepared, lines: tuple[int, ...], month: Floats, sets: Sequence[Together]
) -> Floats:
    """(K, A, J, S) hours of the year in each joint state of some lines, for every set of finders.

    Each hour counts with the monthly factor (A, M) and the chance that all of a set find an act of
    that hour.
    """
    areas, states = len(prepared.persons), 2 ** len(lines)
    result = np.zeros((len(sets), areas, states, 2, HOURS_PER_DAY))
    classes = _alike(sets)
    columns = [(number, members) for members in classes for number in range(len(sets))]
    for first in range(0, len(columns), _COLUMNS):
        chosen = columns[first : first + _COLUMNS]
        # (24, D, C): products of one shape, so that a sum does not hang on who stands beside it.
        found = np.zeros((HOURS_PER_DAY, prepared.days, _COLUMNS))
        for place, (number, members) in enumerate(chosen):
            found[..., place] = _all_find(prepared, sets[number], members[0])
        for state, share in enumerate(_shares(prepared, lines, month)):
            for kind, days in enumerate(prepared.calendar.by_type):
                summed = (share[..., days] @ found[:, days]).transpose(2, 1, 0)  # (C, A or 1, 24)
                for own, (number, members) in zip(summed, chosen, strict=False):
                    result[number, members, state, kind] = own[members if len(own) > 1 else 0]
    _to_exact_states(result, len(lines))
    return result.reshape(*result.shape[:3], -1)


def _alike(sets: Sequence[Together]) -> list[list[int]]:
    """Areas by class: those where all visits of all sets have the same rates."""
    classes: dict[bytes, list[int]] = {}
    for area, rates in enumerate(np.concatenate([item.rates for item in sets], axis=1)):
        classes.setdefault(rates.tobytes(), []).append(area)
    return list(classes.values())


def _shares(prepared: Prepared, lines: tuple[int, ...], month: Floats) -> Iterator[Floats]:
    """(24, A, D) shares of hours that count: all of them, then those of each state of at least.

    All hours have one row, for every area, where months are alike.
    """
    factor = month[:, prepared.calendar.month]
    plain = bool((factor == 1.0).all())
    factor = factor[:1] if plain else factor
    yield np.broadcast_to(factor, (HOURS_PER_DAY, *factor.shape))
    for state in range(1, 2 ** len(lines)):
        both = sum(1 << line for place, line in enumerate(lines) if state >> place & 1)
        up = prepared.at_least(both).up
        yield up if plain else up * factor


def _to_exact_states(hours: Floats, lines: int) -> None:
    """From hours with at least the lines of a state (third axis) to those with exactly them."""
    for place in range(lines):
        halves = hours.reshape(*hours.shape[:2], -1, 2, 2**place, *hours.shape[3:])
        halves[:, :, :, 0] -= halves[:, :, :, 1]


def _all_find(prepared: Prepared, item: Together, area: int) -> Floats:
    """(24, D) chance that all finders of a set find an act, at the rates of an area."""
    found = np.ones(1)
    for finders, rate in zip(item.by_visits, item.rates[area].tolist(), strict=True):
        found = found * _of_visits(prepared, finders, rate)
    return found


def _of_visits(prepared: Prepared, finders: tuple[Finder, ...], rate: float) -> Floats:
    """E prod(1 - (1 - find)^visits), by inclusion and exclusion over the finders."""

    def work() -> Floats:
        subsets = chain.from_iterable(
            combinations(finders, size) for size in range(1, len(finders) + 1)
        )
        found = np.ones((HOURS_PER_DAY, prepared.days))
        for subset in subsets:
            found += (-1.0) ** len(subset) * np.exp(-rate * _hazard(prepared, subset))
        return found

    return prepared.calendar.kept(("found", _label(finders), rate), work)


def _hazard(prepared: Prepared, finders: tuple[Finder, ...]) -> Floats:
    """(24, D) hazard at rate 1 that any of the finders finds, days in the prepared order."""

    def work() -> Floats:
        by_day = thinned(prepared, finders).reshape(-1, HOURS_PER_DAY)
        return np.ascontiguousarray(by_day[prepared.calendar.order].T)

    return prepared.calendar.kept(("hazard", _label(finders)), work)


def _label(finders: tuple[Finder, ...]) -> object:
    """What tells finders of the same visits apart: when these come, and what they find."""
    profile = finders[0].visits.profile.tobytes()
    return profile, tuple((item.hours, item.find) for item in finders)


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
