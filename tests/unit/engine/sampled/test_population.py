"""Blocks hold the people that the world declares, whole unit by whole unit."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.population import make_block, sampled_units
from sousveil.processes import Entity
from sousveil.rng import Key
from support.models import AREAS, FEEDERS, GROUPS, make_world

WORLD = make_world()
CHANCE = Compiled(Key(1, 2))
WHOLE = make_block(WORLD, CHANCE, np.arange(10))


def test_everybody_is_there_once() -> None:
    assert WHOLE.persons.ids.tolist() == list(range(500))
    assert WHOLE.views[Entity.HOUSEHOLD].ids.tolist() == list(range(140))
    assert np.bincount(WHOLE.persons.area).tolist() == [300, 130, 70]
    for entity in Entity:
        assert WHOLE.views[entity].counted.all()


def test_households_and_units_hold_the_declared_spans() -> None:
    household = WHOLE.views[Entity.HOUSEHOLD].of_person
    unit = WHOLE.views[Entity.UNIT].of_person
    for j in range(80):
        assert np.flatnonzero(household == j).tolist() == list(
            range(j * 300 // 80, (j + 1) * 300 // 80)
        )
    for i in range(5):
        assert sorted(set(household[unit == i].tolist())) == list(
            range(i * 80 // 5, (i + 1) * 80 // 5)
        )
    assert WHOLE.registered.tolist() == [np.flatnonzero(household == j)[0] for j in range(140)]


def test_unit_i_sits_on_feeder_i() -> None:
    units = WHOLE.views[Entity.UNIT]
    inside = np.concatenate([np.arange(n) for n in (5, 3, 2)])
    assert units.feeder.tolist() == (units.area * FEEDERS + inside % FEEDERS).tolist()
    assert np.array_equal(WHOLE.persons.feeder, units.feeder[units.of_person])
    assert WHOLE.views[Entity.SITE] is units


def test_a_household_shares_its_category() -> None:
    category = (WHOLE.persons.cell % GROUPS) // 2
    household = WHOLE.views[Entity.HOUSEHOLD].of_person
    for j in range(140):
        assert len(set(category[household == j].tolist())) == 1


def test_groups_have_their_shares() -> None:
    block = make_block(make_world(scale=40), CHANCE, np.arange(400))
    cells = np.bincount(block.persons.cell, minlength=AREAS * GROUPS)
    wanted = make_world(scale=40).people.by_group().reshape(-1)
    # Households share a draw, so that a cell varies at most 4 times as a binomial would.
    assert np.all(np.abs(cells - wanted) < 5 * np.sqrt(4 * wanted))


def test_a_person_is_the_same_in_every_block() -> None:
    block = make_block(WORLD, CHANCE, np.array([3, 6]))
    where = np.searchsorted(WHOLE.persons.ids, block.persons.ids)
    assert np.array_equal(block.persons.cell, WHOLE.persons.cell[where])
    assert np.array_equal(block.persons.feeder, WHOLE.persons.feeder[where])
    one = make_block(WORLD, CHANCE, np.array([3]), np.array([200]))
    assert one.persons.cell.tolist() == [WHOLE.persons.cell[200]]


def test_some_persons_count_only_what_they_open() -> None:
    unit = np.flatnonzero(WHOLE.views[Entity.UNIT].of_person == 1)
    first = make_block(WORLD, CHANCE, np.array([1]), unit[:1])
    later = make_block(WORLD, CHANCE, np.array([1]), unit[1:2])
    assert first.views[Entity.UNIT].counted.tolist() == [True]
    assert later.views[Entity.UNIT].counted.tolist() == [False]
    assert first.registered.tolist() == [0]
    assert later.registered.tolist() == []


@pytest.mark.parametrize("scale", [0.001, 0.01, 0.1, 0.37, 1.0])
def test_a_sample_takes_whole_units_of_every_area_and_feeder(scale: float) -> None:
    people = make_world(scale=1000).people
    units = sampled_units(people, FEEDERS, scale)
    assert np.all(np.diff(units) > 0), "ascending, each once"
    ends = np.cumsum(people.units)
    area = np.searchsorted(ends, units, side="right")
    taken = np.bincount(area, minlength=AREAS)
    assert taken.tolist() == [max(1, round(scale * n)) for n in people.units.tolist()]
    inside = units - (ends - people.units)[area]
    for number in range(AREAS):
        mine = inside[area == number]
        by_feeder = np.bincount(mine % FEEDERS, minlength=FEEDERS)
        assert by_feeder.max() - by_feeder.min() <= 1
        gaps = np.diff(mine[mine % FEEDERS == 0])
        assert not len(gaps) or gaps.max() - gaps.min() <= FEEDERS, "evenly spaced"


def test_an_area_without_units_gives_none() -> None:
    people = make_world().people
    empty = type(people)(**{**vars(people), "units": np.array([5, 0, 2])})
    assert sampled_units(empty, FEEDERS, 0.2).tolist() == [0, 5]


def test_an_impossible_scale_is_refused() -> None:
    for scale in (0.0, 1.5, -1.0):
        with pytest.raises(ValueError, match="scale"):
            sampled_units(WORLD.people, FEEDERS, scale)
