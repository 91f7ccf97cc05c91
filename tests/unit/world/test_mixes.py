"""Areas may differ in what their households share: in the mean and in what is drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sousveil.engine.expected.ledger import pair_sums
from sousveil.engine.sampled.population import make_block
from sousveil.rng import Key, philox
from sousveil.world.model import People
from support.models import make_world


class Words:
    """All that a block asks of chance: words by counter."""

    def lanes(self, stream: int, entity: np.ndarray, event: int, page: int = 0) -> Any:
        event_, stream_, page_ = (
            np.broadcast_to(np.asarray(part), entity.shape) for part in (event, stream, page)
        )
        return np.stack(philox((entity, event_, stream_, page_), Key(1, 2)))


SHARES = np.array([[0.1, 0.9], [0.5, 0.5], [1.0, 0.0]])


def test_an_area_draws_by_its_own_shares() -> None:
    world = make_world(scale=40)
    world = replace(world, people=replace(world.people, household_shares=SHARES))
    chance: Any = Words()
    everybody = np.arange(world.people.units.sum(), dtype=np.int64)
    cells = make_block(world, chance, everybody).persons.cell
    counts = np.bincount(cells, minlength=12).reshape(3, 2, 2).sum(axis=2)
    found = counts[:, 0] / counts.sum(axis=1)
    assert found == pytest.approx(SHARES[:, 0], abs=0.03)
    assert counts[2, 1] == 0


def test_expected_people_follow_the_same_shares() -> None:
    people = replace(make_world().people, household_shares=SHARES)
    by_category = people.by_group().reshape(3, 2, 2).sum(axis=2)
    assert by_category == pytest.approx(people.persons[:, None] * SHARES)
    registered = people.registered_by_group().reshape(3, 2, 2).sum(axis=2)
    assert registered == pytest.approx(people.households[:, None] * SHARES)


def test_spread_of_an_area_is_that_of_a_place_with_its_shares() -> None:
    people = replace(make_world().people, household_shares=SHARES)
    each = np.linspace(0.1, 2.0, 2 * 3 * 4).reshape(2, 3, 4)
    together = pair_sums(each, people)
    for area, shares in enumerate(SHARES):
        alone = pair_sums(each[:, [area]], _one(people, area, shares))
        for name in ("person", "household", "unit", "area", "composition"):
            found = getattr(together, name)[:, area]
            assert found == pytest.approx(getattr(alone, name)[:, 0]), name


def _one(people: People, area: int, shares: np.ndarray) -> People:
    cut = {name: getattr(people, name)[[area]] for name in ("persons", "households", "units")}
    return replace(people, **cut, household_shares=shares)
