"""Hours found, against sums written out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil.arrays import Floats
from sousveil.engine.expected.finding import Sets, enter_found_hours, sets_of
from sousveil.engine.expected.prepare import Prepared, prepare
from sousveil.engine.expected.visits import Finder, rates_of
from sousveil.processes import Visits
from sousveil.world.model import World
from unit.engine.expected.hamlet import HOURS, hamlet, visits

GROUP = np.array([0])


def uneven(areas: int = 2, feeders: int = 11, seed: int = 1) -> World:
    """Areas whose many feeders have power at hours of their own."""
    on = np.random.default_rng(seed).random((1, areas, feeders, HOURS)) < 0.4
    return hamlet(on.astype(np.uint8))


def sets_for(*finders: tuple[Visits, int, float]) -> Sets:
    """Sets of finders, each given by its visits, window and chance to find."""
    items = tuple(
        Finder(own.name, own.profile.tobytes(), hours, find) for own, hours, find in finders
    )
    return sets_of(items, tuple(rates_of(own, GROUP) for own, *_ in finders), 1)


def found_hours(ready: Prepared, month: Floats | None, sets: Sets) -> Floats:
    """(N, A, J, S) hours found in the states of the line."""
    hours = np.empty((sets.count, 2, 2, 48))
    enter_found_hours(ready, (0,), month, sets, hours)
    return hours


@pytest.mark.parametrize("plain", [True, False])
def test_hours_found_are_sums_over_the_path_hour_by_hour(plain: bool) -> None:
    world = uneven()
    often, seldom = visits(world, 0.02), visits(world, 0.001, name="rounds")
    finders = (often, 5, 0.7), (seldom, 200, 0.4), (seldom, 30, 0.5)
    sets = sets_for(*finders)
    months = np.ones((2, 12)) if plain else np.random.default_rng(3).uniform(0.5, 1.0, (2, 12))
    found = found_hours(prepare(world), None if plain else months, sets)
    slot, month = world.calendar.slot_of_hour(), world.calendar.month_of_hour()
    ready = prepare(world)
    lit = np.einsum("afh,af->ah", world.power.on[0].astype(float), ready.person_weight)
    left = [np.minimum(hours, HOURS - np.arange(HOURS)) for _, hours, _ in finders]
    # Visits come alike at all hours: the rounds of the longer window go on after the shorter one.
    first = 1.0 - np.exp(-0.02 * 0.7 * left[0])
    longer, shorter = np.exp(-0.001 * 0.4 * left[1]), np.exp(-0.001 * 0.5 * left[2])
    neither = np.exp(-0.001 * (0.7 * left[2] + 0.4 * (left[1] - left[2])))
    rounds = (1.0, 1.0 - longer, 1.0 - shorter, 1.0 - longer - shorter + neither)
    for chosen in range(1, 8):
        caught = (first if chosen & 1 else 1.0) * rounds[chosen >> 1]
        number = sets.place[chosen, 0] - 1
        for area in range(2):
            for state, share in ((1, lit[area]), (0, 1.0 - lit[area])):
                weight = months[area, month] * caught * share
                expected = np.bincount(slot, weight, minlength=48)
                assert np.allclose(found[number, area, state], expected, rtol=1e-12)


def test_what_is_found_does_not_hang_on_what_was_found_before_to_the_bit() -> None:
    world = uneven()
    often, seldom = visits(world, 0.02), visits(world, 0.001, name="rounds")
    both, one = sets_for((often, 5, 0.7), (seldom, 20, 0.4)), sets_for((often, 5, 0.7))
    ready = prepare(world)
    every = found_hours(ready, None, both)
    alone = found_hours(prepare(world), None, one)
    assert np.array_equal(found_hours(ready, None, one), alone)
    assert np.array_equal(found_hours(ready, None, both), every)
    assert np.array_equal(every[both.place[1, 0] - 1], alone[0])


def test_where_a_visit_never_comes_nothing_is_found() -> None:
    world = uneven()
    often, rounds = visits(world, 0.02), visits(world, 0.001, name="rounds")
    rate = rounds.rate.copy()
    rate[1] = 0.0
    some, none = replace(rounds, rate=rate), replace(rounds, rate=0.0 * rate)
    ready = prepare(world)
    everywhere = found_hours(ready, None, sets_for((often, 5, 0.7), (rounds, 200, 0.4)))[-1]
    here = found_hours(ready, None, sets_for((often, 5, 0.7), (some, 200, 0.4)))[-1]
    assert np.array_equal(here[0], everywhere[0])
    assert everywhere[1].sum() > 0.0
    assert not here[1].any()
    never = sets_for((often, 5, 0.7), (none, 200, 0.4))
    assert never.place[:, 0].tolist() == [0, 1, -1, -1]


def test_areas_that_are_visited_at_rates_of_their_own_find_by_these() -> None:
    world = uneven()
    rounds = visits(world, 0.001)
    rate = rounds.rate.copy()
    rate[1] = 0.02
    ready = prepare(world)
    found = found_hours(ready, None, sets_for((replace(rounds, rate=rate), 5, 0.7)))[0]
    for area, often in ((0, 0.001), (1, 0.02)):
        alike = found_hours(ready, None, sets_for((visits(world, often), 5, 0.7)))[0]
        assert np.array_equal(found[area], alike[area])
