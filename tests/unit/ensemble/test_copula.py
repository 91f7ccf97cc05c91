"""Quantities that move together: uniform levels, the declared rank, closed forms, redraws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest, norm, rankdata

from sousveil.ensemble.copula import Tied, correlate, redrawn, tied
from sousveil.ensemble.design import METHODS, SECOND, draws, points
from sousveil.quantity import Distribution, Location, Quantity
from sousveil.scenario.correlations import score_correlation
from sousveil.scenario.load import load
from sousveil.scenario.model import Correlation, Draw, Scenario
from unit.ensemble.fake import scenario

NOTICE = "channels.neighbourhood_unit.notice_per_reporter.private_talk"
REPORT = "channels.neighbourhood_unit.report_probability"


def quantity(path: str) -> Quantity:
    fixed = {"sources": (), "grade": "", "because": "x", "note": "", "location": Location("", 1, 1)}
    words = {"unit": "1", "kind": "assumed", "role": "nature", "resolution": "country"}
    return Quantity(path=path, distribution=Distribution("uniform", (0.0, 1.0)), **words, **fixed)


def abc(*pairs: tuple[str, str, float]) -> Scenario:
    names = {name: quantity(name) for name in "abcd"}
    return scenario(
        quantities=names, correlations=tuple(Correlation((a, b), r) for a, b, r in pairs)
    )


def levels(some: tuple[Draw, ...], path: str) -> np.ndarray:
    return np.array([draw.levels[path] for draw in some])


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("rank", [-0.8, 0.3, 0.95])
def test_ranks_are_those_declared_and_levels_stay_uniform(method: str, rank: float) -> None:
    drawn = draws(abc(("a", "c", rank)), 4096, 1, method)
    found = rank_correlation(levels(drawn, "a"), levels(drawn, "c"))
    # Columns of a Latin hypercube correlate by chance: three standard deviations of 4,096 members.
    assert found == pytest.approx(rank, abs=0.02 if method == "sobol" else 0.047)
    assert abs(rank_correlation(levels(drawn, "a"), levels(drawn, "b"))) < 0.03
    for path in "abcd":
        assert kstest(levels(drawn, path), "uniform").statistic < 0.02


def test_what_nobody_ties_is_left_alone() -> None:
    free, bound = (draws(abc(*pairs), 32, 1) for pairs in ((), (("a", "c", 0.9),)))
    for path in "bd":
        assert levels(free, path).tolist() == levels(bound, path).tolist()


def test_those_that_hang_together_however_indirectly_are_one_set() -> None:
    sets = tied(abc(("a", "c", 0.5), ("c", "d", 0.5)))
    assert [some.paths for some in sets] == [("a", "c", "d")]
    assert sets[0].scores[0, 2] == 0.0


def test_a_linear_model_with_correlated_inputs_has_its_closed_form() -> None:
    scores = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, -0.3], [0.0, -0.3, 1.0]])
    weights = np.array([1.0, 2.0, -1.5])
    output = norm.ppf(correlate(points(3, 16384, 1), scores)) @ weights
    assert output.var() == pytest.approx(weights @ scores @ weights, rel=0.01)


def test_a_redraw_keeps_the_dependence_on_what_is_held() -> None:
    rank = 0.8
    case = abc(("a", "b", rank))
    first, second = draws(case, 8192, 1), draws(case, 8192, 1, stream=SECOND)
    moved = [redrawn(x, y, ["b"], tied(case)) for x, y in zip(first, second, strict=True)]
    a, b = levels(first, "a"), np.array([draw.levels["b"] for draw in moved])
    assert [draw.levels["a"] for draw in moved] == a.tolist()
    assert rank_correlation(a, b) == pytest.approx(rank, abs=0.02)
    assert kstest(b, "uniform").statistic < 0.02
    # Closed form: E Var(z_b | z_a) = 1 - r^2, by half the mean square difference (Jansen).
    r = score_correlation(rank)
    half = ((norm.ppf(b) - norm.ppf(levels(first, "b"))) ** 2).mean() / 2
    assert half == pytest.approx(1 - r**2, rel=0.03)


def test_a_whole_set_is_redrawn_as_the_other_draw_has_it() -> None:
    some = Tied(("a", "b"), np.array([[1.0, 0.5], [0.5, 1.0]]))
    one, two = Draw({"a": 0.2, "b": 0.3}, {}), Draw({"a": 0.9, "b": 0.4}, {})
    assert redrawn(one, two, ["a", "b"], [some]) == two
    assert redrawn(one, two, [], [some]) == one


def test_the_second_points_are_independent_of_the_first() -> None:
    # Half the mean square difference is the variance; points that share digits give a quarter.
    for seed in range(4):
        first, second = (points(3, 256, seed, stream=stream) for stream in (0, SECOND))
        half = ((first - second) ** 2).mean(axis=0) / 2
        assert np.allclose(half, 1 / 12, rtol=0.2)


def test_a_scenario_declares_what_moves_together() -> None:
    example = load("example")
    bound = replace(example, correlations=(Correlation((NOTICE, REPORT), 0.9),))
    drawn = draws(bound, 512, 1)
    found = rank_correlation(levels(drawn, NOTICE), levels(drawn, REPORT))
    assert found == pytest.approx(0.9, abs=0.03)
