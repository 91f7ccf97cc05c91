"""Rates become bands whose candidates, thinned, have the rate again."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.effects import class_means
from sousveil.engine.plan import plan_clock
from sousveil.engine.tables import Gating, categories, inverse_cdf, plan_points, poisson_thresholds
from sousveil.processes import Entity
from sousveil.rng import WORD_RANGE, threshold
from support.models import AREAS, GROUPS, HABIT, make_world, sloped, waves

CLOCK = plan_clock(make_world(days=7))


def realised_rate(points) -> np.ndarray:
    """(rows, S) mean events an hour that the integers give."""
    total = 0.0
    for band in points.bands:
        mean = band.thresholds.sum(dtype=np.float64) / WORD_RANGE
        total = total + mean * band.thin.astype(np.float64) / WORD_RANGE
    return np.asarray(total)


@pytest.mark.parametrize("mean", [1e-10, 1e-7, 1e-4, 9e-4, 1.1e-3, 0.2, 4.0, 150.0])
def test_poisson_thresholds_have_the_law(mean: float) -> None:
    tails = poisson_thresholds(mean).astype(np.float64) / WORD_RANGE
    assert np.all(np.diff(tails) <= 0)
    assert abs(tails[0] - -np.expm1(-mean)) <= 1 / WORD_RANGE
    if mean > 1e-6:
        assert tails.sum() == pytest.approx(mean, rel=3e-4)
    if len(tails) > 1 and mean < 1:
        assert tails[1] == pytest.approx(1 - np.exp(-mean) * (1 + mean), abs=1 / WORD_RANGE)


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 0.01, 0.4, 3.0])
def test_bands_add_up_to_the_rate(unit: float) -> None:
    peak = unit * 8
    points = plan_points("x", Entity.PERSON, sloped(peak), waves(), unit, CLOCK)
    wanted = (sloped(peak)[..., None] * waves()[None]).reshape(AREAS * GROUPS, -1)
    assert realised_rate(points) == pytest.approx(wanted, rel=1e-7, abs=unit * 1e-8)
    assert len(points.bands) == 5, "0 to 1, 2, 4, 8, 16"


def test_an_effect_has_sixteen_rows_a_cell() -> None:
    rate = class_means(HABIT, sloped(0.02))
    points = plan_points("x", Entity.PERSON, rate, waves(), 0.01, CLOCK, HABIT)
    wanted = (rate[..., None] * waves()[None, :, None]).reshape(AREAS * GROUPS * 16, -1)
    assert realised_rate(points) == pytest.approx(wanted, rel=1e-6, abs=1e-9)


def test_a_run_reads_no_band_that_it_does_not_need() -> None:
    rate = np.zeros((AREAS, GROUPS))
    assert not plan_points("x", Entity.PERSON, rate, waves(), 0.01, CLOCK).bands
    rate[1, 2] = 0.05
    profile = waves()
    profile[:, :12] = 0.0
    points = plan_points("x", Entity.PERSON, rate, profile, 0.01, CLOCK)
    for band in points.bands:
        assert np.flatnonzero(band.wanted).tolist() == [1 * GROUPS + 2]
    morning = {quad for quad in points.bands[0].quads.tolist() if quad % 6 < 3 and quad // 6 < 5}
    assert not morning, "no working morning is looked at"


def test_bands_do_not_move_with_the_rate() -> None:
    low = plan_points("x", Entity.PERSON, sloped(0.015), waves(), 0.01, CLOCK)
    high = plan_points("x", Entity.PERSON, sloped(0.9), waves(), 0.01, CLOCK)
    assert len(high.bands) > len(low.bands)
    for one, other in zip(low.bands, high.bands, strict=False):
        assert one.stream == other.stream
        assert np.array_equal(one.thresholds, other.thresholds)


@pytest.mark.parametrize(
    ("rate", "unit", "message"),
    [(-0.1, 0.1, "below 0"), (0.1, 0.0, "above 0"), (5000.0, 2000.0, "smaller band_per_hour")],
)
def test_impossible_rates_are_refused(rate: float, unit: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_points("x", Entity.PERSON, np.full((AREAS, GROUPS), rate), waves(), unit, CLOCK)


def test_categories_are_cut_in_order() -> None:
    cuts = inverse_cdf(np.array([0.25, 0.0, 0.75]))
    words = np.array([0, 2**30 - 1, 2**30, 2**32 - 1], dtype=np.uint32)
    assert categories(words, cuts).tolist() == [0, 0, 2, 2]


def test_a_gate_without_line_is_always_supplied() -> None:
    words = np.array([0, 2**31, 2**32 - 1], dtype=np.uint32)
    gate = Gating(-1, threshold(np.array([0.0, 0.5])))
    where = np.zeros(3, dtype=np.int64)
    assert gate.passes(CLOCK, words, where, where).tolist() == [True, False, False]
    assert not gate.is_open
    assert Gating(-1, threshold(np.array([0.0, 1.0]))).is_open


def test_an_unknown_line_is_refused() -> None:
    with pytest.raises(ValueError, match="'sun'.*home, state"):
        CLOCK.line("sun")
