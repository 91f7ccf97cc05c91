"""Intervals of counts: published tables, true coverage, words that never leave counts out."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from sousveil.statistics import Share, at_most, clopper_pearson, jeffreys, poisson


def test_clopper_pearson_meets_the_exact_tails() -> None:
    interval = clopper_pearson(2, 10)
    assert stats.binom.sf(1, 10, interval.low) == pytest.approx(0.025)
    assert stats.binom.cdf(2, 10, interval.high) == pytest.approx(0.025)
    assert clopper_pearson(0, 10).low == 0
    assert clopper_pearson(10, 10).high == 1
    assert clopper_pearson(0, 10).high == pytest.approx(1 - 0.025**0.1)


@pytest.mark.parametrize("trials", [5, 13, 22])
@pytest.mark.parametrize("truth", [0.02, 0.2, 0.5])
def test_clopper_pearson_covers_at_least_as_often_as_it_says(trials: int, truth: float) -> None:
    covered = sum(
        stats.binom.pmf(k, trials, truth)
        for k in range(trials + 1)
        if truth in clopper_pearson(k, trials)
    )
    assert covered >= 0.95


def test_jeffreys_is_narrower_and_inside() -> None:
    for successes in range(11):
        exact, credible = clopper_pearson(successes, 10), jeffreys(successes, 10)
        assert exact.low <= credible.low <= credible.high <= exact.high
    assert jeffreys(0, 10).low == 0
    assert jeffreys(10, 10).high == 1


def test_no_event_has_an_upper_bound() -> None:
    assert poisson(0).low == 0
    assert poisson(0).high == pytest.approx(-math.log(0.025))
    assert stats.poisson.cdf(7, poisson(7).high) == pytest.approx(0.025)
    assert stats.poisson.sf(6, poisson(7).low) == pytest.approx(0.025)


def test_a_bound_starts_at_none() -> None:
    assert at_most(2, 13).low == 0
    assert at_most(2, 13).high == clopper_pearson(2, 13).high
    assert Share(2, 13, bound=True).interval == at_most(2, 13)


def test_a_share_of_few_is_never_a_bare_percentage() -> None:
    assert str(Share(2, 10)) == "2 of 10 (95 % interval 2.5 to 56 %)"
    assert str(Share(2, 13, bound=True)).startswith("at most 2 of 13 (95 % interval 0 to 45 %)")
    assert str(Share(200, 1000)) == "20 % (200 of 1000; 95 % interval 18 to 23 %)"
    assert Share(2, 10).value == 0.2


@pytest.mark.parametrize(("successes", "trials"), [(3, 2), (-1, 5), (0, 0)])
def test_what_is_no_share_is_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        clopper_pearson(successes, trials)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        poisson(-1)
