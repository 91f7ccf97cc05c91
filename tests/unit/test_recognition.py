"""Error models of a face search: limits, inverses, monotony, refusals."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sousveil import recognition as r

RATES = st.floats(1e-9, 0.2)
SIZES = st.floats(1, 1e7)


@given(RATES, SIZES)
def test_a_longer_list_never_errs_less(rate: float, size: float) -> None:
    assert r.independent_rule(rate, 2 * size) >= r.independent_rule(rate, size)
    assert 0 <= r.independent_rule(rate, size) <= 1


@given(st.floats(1e-9, 0.9), SIZES)
def test_the_rate_behind_an_alert_rate_gives_it_back(rate: float, size: float) -> None:
    assert r.independent_rule(r.match_rate_behind(rate, size), size) == pytest.approx(rate)


def test_a_short_list_is_linear_and_a_long_one_certain() -> None:
    assert r.independent_rule(1e-8, 1000) == pytest.approx(1e-5, rel=1e-4)
    assert r.independent_rule(0.01, 1e6) == 1
    assert r.independent_rule(1.0, 5) == 1
    assert r.independent_rule(1.0, 0) == 0
    assert r.match_rate_behind(1.0, 5) == 1


def test_a_measured_table_is_met_at_its_sizes_and_read_between_and_beyond() -> None:
    table = {1000.0: 1e-4, 10_000.0: 1e-3, 1e6: 2e-3}
    for size, rate in table.items():
        assert r.measured_rule(table, size) == pytest.approx(rate)
    assert r.measured_rule(table, math.sqrt(1e7)) == pytest.approx(math.sqrt(1e-7))
    assert r.measured_rule(table, 100) == pytest.approx(1e-5)
    assert r.measured_rule({1.0: 0.1, 10.0: 1.0}, 100) == 1
    assert r.measured_rule({50.0: 0.01}, 9999) == 0.01


def test_a_measured_rate_of_none_says_nothing() -> None:
    assert r.measured_rule({100.0: 0.0, 200.0: 0.01}, 100) == 0.01
    assert r.measured_rule({100.0: 0.0}, 100) == 0
    assert r.measured_rule({100.0: 0.1}, 0) == 0


def test_every_rule_is_declared() -> None:
    assert r.false_alert_rate("independent", 200, false_match_rate=0.001) == pytest.approx(
        0.181, abs=1e-3
    )
    assert r.false_alert_rate("normalised", 200, normalised=0.002) == 0.002
    assert r.false_alert_rate("measured", 10, measured={10.0: 0.1}) == 0.1
    assert r.false_alert_rate("independent", 0, false_match_rate=0.001) == 0
    with pytest.raises(ValueError, match="no rule"):
        r.false_alert_rate("best", 10)
    with pytest.raises(ValueError, match="needs a table"):
        r.false_alert_rate("measured", 10)


def test_an_operating_point_keeps_its_hits_when_the_list_shrinks() -> None:
    point = r.OperatingPoint(10_000, 1 / 6000, 0.89)
    small = point.at(1000)
    assert small.false_alert_rate == pytest.approx(1 / 60_000, rel=1e-3)
    assert small.hit_rate == 0.89
    assert point.at(10_000).false_alert_rate == pytest.approx(point.false_alert_rate)
    assert r.OperatingPoint(300, 0.001, 0.8).alerts(160_000) == (0, pytest.approx(160))
    assert r.OperatingPoint(300, 0.0, 0.5).alerts(1000, listed=10) == (5, 0)


def test_growth_is_a_power_law_cut_at_one() -> None:
    exponent = r.growth_exponent(100, 0.01, 10_000, 0.04)
    assert r.grown(0.01, 100, 10_000, exponent) == pytest.approx(0.04)
    assert r.grown(0.5, 1, 1e9, 1.0) == 1


def test_a_funnel_adds_up_or_is_refused() -> None:
    funnel = r.Funnel(alerts=42, rejected=16, lost=4, right=8)
    assert (funnel.checked, funnel.wrong) == (22, 14)
    with pytest.raises(ValueError, match="10 alerts cannot"):
        r.Funnel(alerts=10, rejected=5, lost=4, right=2)


def test_equal_groups_are_equal() -> None:
    assert r.gini([0.01] * 8) == 0
    assert r.gini([0.0, 0.0]) == 0
    assert r.highest_over_typical([0.01] * 8) == pytest.approx(1)


def test_one_group_alone_bears_everything() -> None:
    assert r.gini([0, 0, 0, 1]) == pytest.approx(1)
    assert r.highest_over_typical([0.0, 0.1]) == math.inf
    assert r.highest_over_typical([0.01, 0.04]) == pytest.approx(2)
