"""Hours of the year weighed by the chance that visits find what is done in them.

Many sets of finders are worked out at once. The product with the power is formed hour by hour on
the path, and the sum over days is one matrix product for each hour of the day and type of day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, Floats
from sousveil.engine.expected.prepare import Prepared
from sousveil.engine.expected.visits import Finder, expected_visits, visit_rates


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
    areas = len(prepared.persons)
    result = np.zeros((len(sets), areas, 2 ** len(lines), 2, HOURS_PER_DAY))
    chances = _Chances(prepared)
    for members in _alike(sets):
        # (24, D, K), and (24, R, D) one block of rows for every state: all hours come first.
        found = np.stack([chances.all_find(item, members[0]) for item in sets], axis=-1)
        always, rows = _rows(prepared, lines, month, members)
        for kind, days in enumerate(prepared.calendar.by_type):
            summed = (rows[..., days] @ found[:, days]).transpose(2, 1, 0)  # (K, R, 24)
            states = summed[:, always:].reshape(len(sets), -1, len(members), HOURS_PER_DAY)
            target = result[:, :, :, kind]
            target[:, members, 0] = summed[:, :always]
            target[:, members, 1:] = states.transpose(0, 2, 1, 3)
    _to_exact_states(result, len(lines))
    return result.reshape(*result.shape[:3], -1)


def _alike(sets: Sequence[Together]) -> list[list[int]]:
    """Areas by class: those where all visits of all sets have the same rates."""
    classes: dict[bytes, list[int]] = {}
    for area, rates in enumerate(np.concatenate([item.rates for item in sets], axis=1)):
        classes.setdefault(rates.tobytes(), []).append(area)
    return list(classes.values())


def _rows(
    prepared: Prepared, lines: tuple[int, ...], month: Floats, members: list[int]
) -> tuple[int, Floats]:
    """(24, R, D) shares of hours that count in some areas: all, then each state of at least.

    The first number says how many rows all hours have: one for all areas, where months are alike.
    """
    factor = month[members][:, prepared.calendar.month]
    plain = bool((factor == 1.0).all())
    blocks = [factor[:1] if plain else factor]
    blocks = [np.broadcast_to(blocks[0], (HOURS_PER_DAY, *blocks[0].shape))]
    for state in range(1, 2 ** len(lines)):
        both = sum(1 << line for place, line in enumerate(lines) if state >> place & 1)
        up = prepared.at_least(both).up[:, members]
        blocks.append(up if plain else up * factor)
    return blocks[0].shape[1], np.concatenate(blocks, axis=1)


def _to_exact_states(hours: Floats, lines: int) -> None:
    """From hours with at least the lines of a state (third axis) to those with exactly them."""
    for place in range(lines):
        halves = hours.reshape(*hours.shape[:2], -1, 2, 2**place, *hours.shape[3:])
        halves[:, :, :, 0] -= halves[:, :, :, 1]


@dataclass
class _Chances:
    """Chances (24, D) that finders of the same visits all find an act of an hour, by rate."""

    prepared: Prepared
    hazards: dict[object, Floats] = field(default_factory=dict[object, Floats])
    known: dict[object, Floats] = field(default_factory=dict[object, Floats])

    def all_find(self, item: Together, area: int) -> Floats:
        """(24, D) chance that all finders of a set find an act, at the rates of an area."""
        found = np.ones(1)
        for finders, rate in zip(item.by_visits, item.rates[area].tolist(), strict=True):
            found = found * self._of_visits(finders, rate)
        return found

    def _of_visits(self, finders: tuple[Finder, ...], rate: float) -> Floats:
        """E prod(1 - (1 - find)^visits), by inclusion and exclusion over the finders."""
        label = (_label(finders), rate)
        if label not in self.known:
            subsets = chain.from_iterable(
                combinations(finders, size) for size in range(1, len(finders) + 1)
            )
            found = np.ones((HOURS_PER_DAY, self.prepared.days))
            for subset in subsets:
                found += (-1.0) ** len(subset) * np.exp(-rate * self._hazard(subset))
            self.known[label] = found
        return self.known[label]

    def _hazard(self, finders: tuple[Finder, ...]) -> Floats:
        """(24, D) hazard at rate 1 that any of the finders finds, days in the prepared order."""
        label = _label(finders)
        if label not in self.hazards:
            by_day = thinned(self.prepared, finders).reshape(-1, HOURS_PER_DAY)
            self.hazards[label] = np.ascontiguousarray(by_day[self.prepared.calendar.order].T)
        return self.hazards[label]


def _label(finders: tuple[Finder, ...]) -> object:
    """What tells finders apart that share a model's visits."""
    return finders[0].visits.name, tuple((item.hours, item.find) for item in finders)


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
