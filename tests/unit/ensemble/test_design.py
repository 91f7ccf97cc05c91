"""The design of an ensemble: balanced, seeded, extensible; ends as they are declared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sousveil
from sousveil.ensemble.design import (
    EDGE,
    SECOND,
    assumed,
    at_ends,
    dimensions,
    draws,
    points,
    redrawn,
    value_matrix,
)
from sousveil.quantity import Distribution, Location, Quantity, Reading
from sousveil.scenario.model import CENTRAL, Scenario
from sousveil.scenario.overrides import with_overrides


@pytest.fixture(scope="module")
def example() -> Scenario:
    return sousveil.load("example")


def quantity(form: str, values: tuple[float, ...], **words: object) -> Quantity:
    base = Quantity(
        path="q",
        unit="1",
        kind="assumed",
        role="nature",
        resolution="country",
        sources=(),
        grade="",
        because="",
        note="",
        location=Location("x", 1, 1),
        distribution=Distribution(form, values),
    )
    return replace(base, **words)


@pytest.mark.parametrize("method", ["sobol", "latin_hypercube"])
def test_points_are_balanced_and_hang_on_the_seed(method: str) -> None:
    found = points(5, 64, 1, method)
    assert found.shape == (64, 5)
    for column in found.T:
        assert sorted(np.floor(column * 64).astype(int)) == list(range(64))
    assert np.array_equal(found, points(5, 64, 1, method))
    assert not np.array_equal(found, points(5, 64, 0, method))
    assert not np.array_equal(found, points(5, 64, 1, method, SECOND))


def test_a_longer_ensemble_begins_with_the_shorter_one() -> None:
    assert np.array_equal(points(3, 100, 7)[:20], points(3, 20, 7))


def test_many_dimensions_of_few_members_are_not_mistaken_for_one_another() -> None:
    # Sobol points fail this: some pairs of 230 dimensions correlate by 0.94 at 128 members.
    correlations = np.asarray(np.corrcoef(points(230, 128, 1), rowvar=False))
    assert np.abs(correlations - np.eye(230)).max() < 0.45


def test_to_fix_or_to_add_a_quantity_moves_no_other(example: Scenario) -> None:
    before = draws(example, 8, 1)
    fixed = with_overrides(example, ["channels.iptv.watch_share=0.5"])
    assert len(fixed.uncertain) == len(example.uncertain) - 1
    for one, other in zip(before, draws(fixed, 8, 1), strict=True):
        assert {path: one.levels[path] for path in other.levels} == other.levels
        assert one.selectors == other.selectors


def test_an_unknown_design_is_refused() -> None:
    with pytest.raises(ValueError, match="use one of latin_hypercube"):
        points(1, 2, 1, "grid")


def test_every_uncertain_quantity_has_a_level_and_readings_a_selector(example: Scenario) -> None:
    names = dimensions(example)
    assert {path for what, path in names if what == "level"} == set(example.uncertain)
    first, second = draws(example, 2, 1)
    assert set(first.levels) == set(example.uncertain)
    assert first != second


def test_a_redrawn_group_leaves_the_others_alone(example: Scenario) -> None:
    first, other = draws(example, 1, 1)[0], draws(example, 1, 1, stream=SECOND)[0]
    group = assumed(example)
    mixed = redrawn(first, other, group)
    for path in example.uncertain:
        source = other if path in group else first
        assert mixed.levels[path] == source.levels[path]


@pytest.mark.parametrize(
    ("form", "values", "ends"),
    [
        ("triangular", (1.0, 2.0, 6.0), (1.0, 6.0)),
        ("uniform", (0.0, 4.0), (0.0, 4.0)),
        ("beta", (0.1, 0.2, 0.9), (0.1, 0.9)),
        ("lognormal", (0.1, 1.0, 10.0), (0.1, 10.0)),
    ],
)
def test_ends_are_as_declared(form: str, values: tuple[float, ...], ends: tuple) -> None:
    item = quantity(form, values)
    low, high = at_ends(item)
    found = [item.value(draw.levels["q"], float("nan"), 2024) for draw in (low, high)]
    assert found == pytest.approx(ends, rel=1e-3)


def test_ends_of_readings_are_the_outermost() -> None:
    readings = (
        Reading("low", 3.0, Distribution("uniform", (1.0, 2.0)), (), "B2"),
        Reading("high", 1.0, Distribution("uniform", (5.0, 9.0)), (), "B2"),
    )
    item = quantity("fixed", (1.0,), distribution=None, readings=readings)
    low, high = at_ends(item)
    assert item.value(low.levels["q"], low.selectors["q"], 2024) == pytest.approx(1.0)
    assert item.value(high.levels["q"], high.selectors["q"], 2024) == pytest.approx(9.0)


def test_values_of_the_draws(example: Scenario) -> None:
    paths, values = value_matrix(example, [*draws(example, 3, 1), CENTRAL])
    assert values.shape == (4, len(paths))
    for place, path in enumerate(paths):
        item = example.quantities[path]
        assert values[3, place] == item.value(0.5, float("nan"), example.year)
    assert EDGE > 0
