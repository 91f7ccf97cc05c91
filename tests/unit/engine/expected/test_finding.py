"""Hours found, and the share of people with power, against sums written out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sousveil.arrays import Floats
from sousveil.engine.expected.finding import Together, enter_found_hours
from sousveil.engine.expected.prepare import Prepared, prepare
from sousveil.engine.expected.visits import Finder
from sousveil.world.model import World
from unit.engine.expected.hamlet import HOURS, hamlet, visits


def uneven(areas: int = 2, feeders: int = 11, seed: int = 1) -> World:
    """Areas whose many feeders have power at hours of their own."""
    on = np.random.default_rng(seed).random((1, areas, feeders, HOURS)) < 0.4
    return hamlet(on.astype(np.uint8))


def sets_of(world: World) -> tuple[Prepared, list[Together]]:
    """Sets of finders of two kinds of visits, alone and together."""
    often, seldom = visits(world, 0.02), visits(world, 0.001, name="rounds")
    first, second = Finder(often, 5, 0.7), Finder(seldom, 200, 0.4)
    groups = ([first], [second], [first, second])
    return prepare(world), [together(*chosen) for chosen in groups]


def together(*finders: Finder) -> Together:
    """Finders that must all find an act of somebody of the first group."""
    return Together.of(finders, [own.rates(np.array([0]))[0] for own in finders])


def found_hours(ready: Prepared, factor: Floats | None, sets: list[Together]) -> Floats:
    """(N, A, J, S) hours found in the states of the line."""
    hours = np.empty((len(sets), 2, 2, 48))
    enter_found_hours(ready, (0,), factor, sets, hours)
    return hours


def test_a_share_of_persons_with_power_is_the_weighed_sum_over_many_feeders() -> None:
    world = uneven()
    ready = prepare(world)
    by_hour = np.einsum("afh,af->ah", world.power.on[0].astype(float), ready.person_weight)
    by_day = by_hour.reshape(2, -1, 24)[:, ready.calendar.order]
    assert np.allclose(ready.at_least(1).up, by_day.transpose(2, 0, 1), rtol=1e-13, atol=1e-15)


def test_hours_found_are_sums_over_the_path_hour_by_hour() -> None:
    world = uneven()
    ready, sets = sets_of(world)
    months = np.random.default_rng(3).uniform(0.5, 1.0, (2, 12))
    found = found_hours(ready, months[:, ready.calendar.month], sets)
    slot, month = world.calendar.slot_of_hour(), world.calendar.month_of_hour()
    lit = np.einsum("afh,af->ah", world.power.on[0].astype(float), ready.person_weight)
    for number, hours, chance in ((0, 5, 0.7), (1, 200, 0.4)):
        ((rate,),) = sets[number].areas
        left = np.minimum(hours, HOURS - np.arange(HOURS))  # visits come alike at all hours
        caught = 1.0 - np.exp(-rate * chance * left)
        for area in range(2):
            for state, share in ((1, lit[area]), (0, 1.0 - lit[area])):
                weight = months[area, month] * caught * share
                expected = np.bincount(slot, weight, minlength=48)
                assert np.allclose(found[number, area, state], expected, rtol=1e-9)


def test_what_one_set_finds_does_not_hang_on_the_others_to_the_bit() -> None:
    ready, sets = sets_of(uneven())
    every = found_hours(ready, None, [*sets, *sets, *sets, *sets])
    for number, item in enumerate(sets):
        alone = found_hours(prepare(ready.world), None, [item])[0]
        assert np.array_equal(alone, every[number])
        assert np.array_equal(alone, every[number + 9])


def test_where_a_visit_never_comes_nothing_is_found() -> None:
    world = uneven()
    often, rounds = visits(world, 0.02), visits(world, 0.001, name="rounds")
    rate = rounds.rate.copy()
    rate[1] = 0.0
    some = replace(rounds, rate=rate)
    groups = [[Finder(often, 5, 0.7), Finder(item, 200, 0.4)] for item in (rounds, some)]
    sets = [together(*chosen) for chosen in groups]
    everywhere, here = found_hours(prepare(world), None, sets)
    assert np.array_equal(here[0], everywhere[0])
    assert everywhere[1].sum() > 0.0
    assert not here[1].any()
    assert not together(Finder(replace(some, rate=0.0 * rate), 5, 0.7)).possible
