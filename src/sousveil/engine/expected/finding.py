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
    """Finders that must all find an act, for some kind of people.

    areas: areas by the visits per hour at profile 1, of every visits that they share in; areas to
    which one of the visits never comes are left out. labels: what tells the finders of each visits
    from others. label: what tells hours found from others.
    """

    by_visits: tuple[tuple[Finder, ...], ...]
    areas: Mapping[Rates, slice | Ints]
    labels: tuple[Label, ...]
    label: Label

    @classmethod
    def of(cls, finders: Sequence[Finder], rates: Sequence[bytes]) -> Together:
        """Put finders that share visits together; rates: (A,) of the visits of each, as bytes."""
        by_visits: dict[str, list[Finder]] = {}
        columns: dict[str, bytes] = {}
        for item, column in zip(finders, rates, strict=True):
            by_visits.setdefault(item.visits.name, []).append(item)
            columns[item.visits.name] = column
        together = tuple(map(tuple, by_visits.values()))
        labels, often = tuple(map(_label, together)), tuple(columns.values())
        return cls(together, _areas_by_rates(often), labels, (labels, often))

    @property
    def possible(self) -> bool:
        """Whether all of the visits come anywhere."""
        return bool(self.areas)


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


def enter_found_hours(
    prepared: Prepared,
    lines: tuple[int, ...],
    factor: Floats | None,
    sets: Sequence[Together],
    into: Floats,
) -> None:
    """Fill in (N, A, J, S) hours of the year, in each joint state of some lines, for some sets.

    Each hour counts with the factor (A, D) of its day, 1 for None, and the chance that all of a set
    find an act of that hour.
    """
    for state in range(2 ** len(lines)):
        power = sum(1 << line for place, line in enumerate(lines) if state >> place & 1)
        known = prepared.found.setdefault(power, {}) if factor is None else dict[Label, Floats]()
        missing = {item.label: item for item in sets if item.label not in known}
        if missing and len(known) + len(missing) > _MOST_KEPT:
            known.clear()
            missing = {item.label: item for item in sets}
        if missing:
            summed = _summed(prepared, _share(prepared, power, factor), list(missing.values()))
            known.update(zip(missing, summed, strict=True))
        for number, item in enumerate(sets):
            into[number, :, state] = known[item.label]
    _to_exact_states(into, len(lines))


def _share(prepared: Prepared, power: int, factor: Floats | None) -> Floats:
    """(24, A, D) shares of hours that count: with at least the lines of the bits of `power`.

    All hours have one row, for every area, where months are alike.
    """
    if not power:
        every = np.ones((1, prepared.days)) if factor is None else factor
        return np.broadcast_to(every, (HOURS_PER_DAY, *every.shape))
    up = prepared.at_least(power).up
    return up if factor is None else up * factor


def _summed(prepared: Prepared, share: Floats, sets: Sequence[Together]) -> Iterator[Floats]:
    """The hours found (A or 1, S) of some sets."""
    columns = _columns(prepared, share, [(item, rates) for item in sets for rates in item.areas])
    for item in sets:
        parts = [(members, next(columns)) for members in item.areas.values()]
        members, hours = parts[0]
        if isinstance(members, slice):  # all areas are alike
            yield hours
            continue
        result = np.zeros((len(prepared.persons), SLOTS))
        for members, hours in parts:
            result[members] = hours[members if len(hours) > 1 else 0]
        yield result


def _columns(
    prepared: Prepared, share: Floats, wanted: Sequence[tuple[Together, Rates]]
) -> Iterator[Floats]:
    """The hours found (A or 1, S) of sets, as if all areas had the rates of one."""
    # (24, C, D): products of one shape, so that a sum does not hang on who stands beside it.
    found = np.zeros((HOURS_PER_DAY, _COLUMNS, prepared.days))
    by_day = found.transpose(0, 2, 1)
    for first in range(0, len(wanted), _COLUMNS):
        chosen = wanted[first : first + _COLUMNS]
        for column, (item, rates) in enumerate(chosen):
            found[:, column] = _all_find(prepared, item, rates)
        kinds = [share[..., days] @ by_day[:, days] for days in prepared.calendar.by_type]
        yield from np.ascontiguousarray(np.concatenate(kinds).transpose(2, 1, 0))[: len(chosen)]


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
