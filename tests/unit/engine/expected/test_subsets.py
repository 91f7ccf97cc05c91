"""Sums over hours for subsets of what may notice an act, against plain array arithmetic."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from sousveil.engine.expected.subsets import (
    counts_of_subsets,
    exactly,
    hours_of_sets,
    of_groups,
)

CHANCE = np.random.default_rng(2)
AREAS, KINDS, STATES, SLOTS = 3, 2, 2, 48
INSPECTIONS, DETECTIONS = np.array([0, 3]), np.array([1, 2])


def draw(*shape: int) -> np.ndarray:
    """Chances."""
    return CHANCE.random(shape)


def test_counts_are_those_of_one_sum_for_each_subset() -> None:
    weights, gate, passes = draw(4, AREAS, STATES, SLOTS), draw(3, STATES), draw(STATES, AREAS, 4)
    by_slot, profile, rate = draw(2, SLOTS), draw(KINDS, SLOTS), draw(AREAS, KINDS)
    notice, share = draw(4, AREAS, KINDS), draw(4, AREAS, KINDS)
    asked = np.array([0, 0, 0, 1])  # the last looks for what the first looks for
    place = np.array([[0, 0], [1, 2], [3, -1], [2, 1]])
    found = counts_of_subsets(
        *(weights, place, gate, passes, by_slot, profile, rate),
        *(notice, share, asked, INSPECTIONS, DETECTIONS),
    )
    assert found.shape == (16, AREAS, KINDS)
    for bits, area, kind in product(range(16), range(AREAS), range(KINDS)):
        inside = [child for child in range(4) if bits >> child & 1]
        visited = sum(1 << i for i, child in enumerate(INSPECTIONS) if child in inside)
        eyes = [i for i, child in enumerate(DETECTIONS) if child in inside]
        number = place[visited, kind]
        opened = gate[0] * gate[[1 + i for i in eyes]].prod(axis=0)
        opened = opened * passes[:, area, sum(1 << i for i in eyes)]
        hours = (opened[:, None] * weights[number, area]).sum(axis=0)
        seen = (hours * by_slot[eyes].prod(axis=0) * profile[kind]).sum()
        carried = [child for child in inside if not (child == 3 and 0 in inside)]
        level = notice[inside, area, kind].prod() * share[carried, area, kind].prod()
        expected = 0.0 if number < 0 else rate[area, kind] * seen * level
        assert np.isclose(found[bits, area, kind], expected, rtol=1e-13)


def test_exactly_a_subset_is_all_of_it_and_none_of_the_others() -> None:
    chance = draw(3, AREAS, KINDS)
    subsets = [[place for place in range(3) if bits >> place & 1] for bits in range(8)]
    all_of = np.stack([chance[inside].prod(axis=0) for inside in subsets])
    found = exactly(all_of)
    for inside, value in zip(subsets, found, strict=True):
        others = [place for place in range(3) if place not in inside]
        expected = chance[inside].prod(axis=0) * (1.0 - chance[others]).prod(axis=0)
        assert np.allclose(value, expected, rtol=1e-12)
    assert np.allclose(found.sum(axis=0), 1.0, rtol=1e-13)


def test_kinds_are_spread_over_the_persons_of_their_groups() -> None:
    values, persons, kind = draw(5, AREAS, KINDS), draw(AREAS, 4), np.array([1, 0, 0, 1])
    assert np.array_equal(of_groups(values, kind, persons), values[..., kind] * persons)


@pytest.mark.parametrize("common", [True, False])
@pytest.mark.parametrize("working", [0, 5, 9])
@pytest.mark.parametrize("own_months", [True, False])
def test_hours_of_sets_are_sums_over_kinds_of_days(
    common: bool, working: int, own_months: bool
) -> None:
    hours, chance = draw(1 if common else AREAS, 9, 24), draw(3, 9, 24)
    month, factor = np.arange(9) % 4, draw(AREAS if own_months else 1, 4)
    which, number = np.array([[0, -1], [1, 2], [2, -1]]), np.array([0, 1, 1])
    inside = np.array([[True, True, True], [False, True, False], [True, False, False]])
    found = hours_of_sets(hours, factor, month, working, chance, which, number, inside)
    found = found.reshape(2, AREAS, 2, 24)
    supply = np.broadcast_to(hours * factor[:, month, None], (AREAS, 9, 24))
    for kind, days in enumerate((slice(0, working), slice(working, None))):
        own, of = supply[:, days], chance[:, days]
        assert np.allclose(found[0, :, kind], (own * of[0]).sum(axis=1), rtol=1e-13)
        assert np.allclose(found[1, 1, kind], (own[1] * of[1] * of[2]).sum(axis=0), rtol=1e-13)
        assert np.allclose(found[1, 0, kind], (own[0] * of[2]).sum(axis=0), rtol=1e-13)
    assert not found[1, 2].any()
