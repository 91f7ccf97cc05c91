"""Distributions mean what the design says, in every form, over years and between readings."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sousveil.distributions import COUNTS, quantile
from sousveil.quantity import Distribution, Location, Quantity, Reading, SeriesPoint

LEVELS = (0.0, 0.01, 0.05, 0.3, 0.5, 0.77, 0.95, 1.0)


def make(**fields: object) -> Quantity:
    plain = {
        "path": "world.x",
        "unit": "1",
        "kind": "assumed",
        "role": "nature",
        "resolution": "country",
        "sources": (),
        "grade": "",
        "because": "a test",
        "note": "",
        "location": Location("scenario.yaml", 1, 1),
    }
    return Quantity(**{**plain, **fields})  # pyright: ignore[reportArgumentType]


def reading(label: str, weight: float, value: float) -> Reading:
    return Reading(label, weight, Distribution("fixed", (value,)), (), "B2")


@pytest.mark.parametrize("level", LEVELS)
def test_triangular_and_uniform_are_those_of_the_books(level: float) -> None:
    expected = stats.triang(c=0.25, loc=10, scale=8).ppf(level)
    assert quantile("triangular", (10, 12, 18), level) == pytest.approx(expected)
    assert quantile("uniform", (-1, 3), level) == pytest.approx(-1 + 4 * level)


@pytest.mark.parametrize("level", LEVELS)
def test_beta_is_a_pert(level: float) -> None:
    expected = 2 + 8 * stats.beta(1 + 4 * 0.25, 1 + 4 * 0.75).ppf(level)
    assert quantile("beta", (2, 4, 10), level) == pytest.approx(expected)


def test_beta_may_have_its_mode_at_an_end() -> None:
    assert quantile("beta", (0, 0, 1), 0.5) == pytest.approx(1 - 0.5**0.2)


def test_lognormal_passes_its_three_quantiles_and_is_cut() -> None:
    values = (0.01, 0.1, 0.5)
    for level, value in zip((0.05, 0.5, 0.95), values, strict=True):
        assert quantile("lognormal", values, level) == pytest.approx(value)
    assert quantile("lognormal", values, 1.0) == quantile("lognormal", values, 0.995)
    assert quantile("lognormal", values, 0.0) == quantile("lognormal", values, 0.005)
    upper = stats.lognorm(s=math.log(5) / stats.norm.ppf(0.95), scale=0.1)
    assert quantile("lognormal", values, 0.8) == pytest.approx(upper.ppf(0.8))


def test_truncated_normal_is_that_of_the_books_when_symmetric() -> None:
    sigma = 2 / stats.norm.ppf(0.975)
    book = stats.truncnorm(-2 / sigma, 2 / sigma, loc=5, scale=sigma)
    for level in LEVELS:
        assert quantile("truncated_normal", (3, 5, 7), level) == pytest.approx(book.ppf(level))
    assert quantile("truncated_normal", (3, 6, 7), 0.5) == 6


def test_a_share_is_cut_at_one() -> None:
    wide = make(distribution=Distribution("lognormal", (0.1, 0.5, 0.98)), low=0.0, high=1.0)
    assert wide.value(0.99, math.nan, 2024) == 1.0


def test_the_selector_picks_a_reading_and_nan_the_heaviest() -> None:
    both = make(readings=(reading("survey", 0.2, 7.0), reading("claim", 0.8, 24.0)))
    assert not both.certain
    assert [both.value(0.5, s, 2024) for s in (0.0, 0.19, 0.21, 0.999)] == [7, 7, 24, 24]
    assert both.value(0.5, math.nan, 2024) == 24
    equal = make(readings=(reading("first", 1, 1.0), reading("second", 1, 2.0)))
    assert equal.value(0.5, math.nan, 2024) == 1


def series(interpolation: str, **bounds: float) -> Quantity:
    points = tuple(
        SeriesPoint(year, Distribution("triangular", (mode - 2, mode, mode + 2)))
        for year, mode in ((2010, 4.0), (2014, 8.0))
    )
    return make(series=points, interpolation=interpolation, **bounds)


def test_a_series_steps_or_runs_between_its_years() -> None:
    assert [series("step").value(0.5, math.nan, y) for y in (2010, 2013, 2014)] == [4, 4, 8]
    values = [series("linear").value(0.5, math.nan, y) for y in (2010, 2011, 2014)]
    assert values == pytest.approx([4, 5, 8])


def test_a_series_widens_outside_its_years_and_at_most_doubles() -> None:
    at_end = series("step").value(1.0, math.nan, 2014)
    assert at_end == pytest.approx(10)
    assert series("step").value(1.0, math.nan, 2019) == pytest.approx(8 + 2 * 1.25)
    assert series("linear").value(0.0, math.nan, 2000) == pytest.approx(4 - 2 * 1.5)
    assert series("step").value(1.0, math.nan, 2099) == pytest.approx(8 + 2 * 2)
    assert series("step", low=3.0).value(0.0, math.nan, 1950) == 3.0
    assert series("step").value(0.5, math.nan, 2099) == pytest.approx(8)


def test_a_lognormal_series_stays_positive_outside_its_years() -> None:
    point = SeriesPoint(2010, Distribution("lognormal", (0.01, 0.1, 0.5)))
    assert make(series=(point,)).value(0.05, math.nan, 2099) == pytest.approx(0.1 / 10**2)


def test_a_level_outside_zero_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile("uniform", (0, 1), 1.5)


@given(
    st.sampled_from(sorted(set(COUNTS) - {"fixed"})),
    st.lists(st.floats(0.01, 1e6), min_size=3, max_size=3, unique=True),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_quantiles_ascend_and_stay_between_the_cuts(
    form: str, numbers: list[float], first: float, second: float
) -> None:
    values = tuple(sorted(numbers)[: COUNTS[form]])
    low, high = sorted((first, second))
    at_low, at_high = quantile(form, values, low), quantile(form, values, high)
    assert at_low <= at_high or math.isclose(at_low, at_high, rel_tol=1e-9)
    if form != "lognormal":
        slack = 1e-9 * (values[-1] - values[0]) + 1e-12 * values[-1]
        assert values[0] - slack <= at_low
        assert at_high <= values[-1] + slack
