"""Kinds of days, against the visits ahead of every hour of the year."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.arrays import Ints
from sousveil.engine.expected.kinds import Kinds, kinds_of
from sousveil.engine.expected.prepare import prepare
from unit.engine.expected.hamlet import DAYS, hamlet

DRAW = np.random.default_rng(5)
NO_MONTHS = np.zeros(DAYS, dtype=np.int64)


def weekly(holidays: int) -> Ints:
    """(D,) types of days: every seventh is a day of rest, and some others."""
    types = (np.arange(DAYS) % 7 == 6).astype(np.int64)
    types[DRAW.choice(DAYS, holidays, replace=False)] = 1
    return types


def kinds(types: Ints, *whole: int, month: Ints = NO_MONTHS) -> Kinds:
    """Kinds of days for windows of some whole days."""
    return kinds_of(types.tobytes(), month.tobytes(), whole)


@pytest.mark.parametrize("holidays", [0, 9])
def test_days_of_a_kind_have_the_same_visits_ahead(holidays: int) -> None:
    types = weekly(holidays)
    profile = DRAW.random(48)
    by_hour = np.concatenate([profile.reshape(2, 24)[types].reshape(-1), np.zeros(1000)])
    found = kinds(types, 0, 2, 13)
    for hours in (1, 23, 24, 49, 71, 312, 335):
        if hours // 24 not in (0, 2, 13):
            continue
        sums = np.convolve(by_hour, np.ones(hours))[hours - 1 :]
        ahead = found.ahead(profile.tobytes(), hours)
        written_out = sums[: DAYS * 24].reshape(DAYS, 24)
        assert np.allclose(ahead[found.kind], written_out, rtol=1e-12)


def test_every_day_is_of_one_kind_and_few_weeks_tell_days_apart() -> None:
    types = weekly(0)
    found = kinds(types, 6)
    sizes = np.bincount(found.kind)
    assert np.array_equal(found.ends, np.cumsum(sizes))
    assert np.array_equal(found.kind[found.order], np.repeat(np.arange(len(sizes)), sizes))
    assert np.array_equal(np.sort(found.order), np.arange(DAYS))
    assert len(found.first) < 50
    for number, first in enumerate(found.first):
        assert first == np.flatnonzero(found.kind == number)[0]


def test_kinds_of_working_days_come_first() -> None:
    types = weekly(9)
    found = kinds(types, 0, 2)
    assert np.array_equal(types == 1, found.kind >= found.working)
    assert 0 < found.working < len(found.first)


def test_no_kind_has_more_days_than_a_byte_counts() -> None:
    found = kinds(np.zeros(DAYS, dtype=np.int64), 0)
    assert np.bincount(found.kind).max() <= 255
    assert found.hours.sum() == DAYS * 24


def test_months_tell_days_apart_where_they_matter() -> None:
    types, month = weekly(3), np.arange(DAYS, dtype=np.int64) * 12 // DAYS
    found = kinds(types, 0, month=month)
    assert np.array_equal(month[found.first][found.kind], month)


def test_hours_with_supply_are_summed_by_kind() -> None:
    on = (DRAW.random((1, 2, 3, DAYS * 24)) < 0.4).astype(np.uint8)
    world = hamlet(on)
    ready = prepare(world)
    found = ready.calendar.kinds((0, 6), by_month=False)
    lit = np.einsum("afh,af->ah", on[0].astype(float), ready.person_weight).reshape(2, DAYS, 24)
    supply = ready.at_least(1).hours_of(found)
    for kind in range(len(found.first)):
        own = lit[:, found.kind == kind].sum(axis=1)
        assert np.allclose(supply[:, kind], own, rtol=1e-13)
    assert ready.calendar.hours_of(found).sum() == DAYS * 24
