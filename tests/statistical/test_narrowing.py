"""The expected narrowing of a range against closed forms: its bias, and what its interval holds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtri

from sousveil.ensemble.design import SECOND, points
from sousveil.ensemble.narrowing import FEWEST_RUNS, narrowing

pytestmark = pytest.mark.statistical
REPEATS, RUNS = 120, 2048
Z = 1.959963984540054
Draw = Callable[[int], tuple[np.ndarray, np.ndarray]]


def uniforms(seed: int, size: int = 2, runs: int = RUNS) -> list[np.ndarray]:
    """(size, runs) as a study draws them: two sets of points of a Latin hypercube."""
    sets = [points(size, runs // 2, seed, "latin_hypercube", s) for s in (0, SECOND)]
    return list(np.concatenate(sets).T)


def normal(r: float, spread: float = 0.0) -> Draw:
    """A normal output that correlates by r with its input; lognormal of a spread above nought."""

    def draw(seed: int) -> tuple[np.ndarray, np.ndarray]:
        x, rest = (ndtri(u) for u in uniforms(seed))
        y = r * x + np.sqrt(1 - r * r) * rest
        return x, np.exp(spread * y) if spread else y

    return draw


def lognormal_truth(r: float, spread: float) -> float:
    """The range of exp(s y) given x, s r x + s sqrt(1 - r^2) z, integrated over x."""
    inside = np.sqrt(1 - r * r) * spread
    return 1 - np.exp((spread * r) ** 2 / 2) * np.sinh(inside * Z) / np.sinh(spread * Z)


def two_values(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three tenths of the runs at 1 with half the range."""
    which, rest = uniforms(seed)
    x = np.where(which < 0.3, 1.0, 0.0)
    return x, ndtri(rest) * np.where(x > 0, 0.5, 1.0)


def two_values_truth() -> float:
    u = (np.arange(400_000) + 0.5) / 400_000
    mixture = np.concatenate([np.tile(ndtri(u), 7), np.tile(0.5 * ndtri(u), 3)])
    return 1 - (0.7 + 0.3 * 0.5) * 2 * Z / np.ptp(np.quantile(mixture, (0.025, 0.975)))


def two_readings(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A value that many share, and a range far from it; the output follows."""
    which, level, rest = uniforms(seed, 3)
    x = np.where(which < 0.53, 5.0, 15.0 + level)
    return x, x + ndtri(rest)


def two_readings_truth() -> float:
    u = (np.arange(2_000) + 0.5) / 2_000
    second = (15.0 + u[::40, None] + ndtri(u)[None]).ravel()
    weights = np.concatenate(
        [np.full(2_000, 0.53 / 2_000), np.full(len(second), 0.47 / len(second))]
    )
    every = np.concatenate([5.0 + ndtri(u), second])
    order = np.argsort(every)
    ends = np.interp((0.025, 0.975), np.cumsum(weights[order]), every[order])
    return 1 - 2 * Z / np.ptp(ends)


def fan(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A range that widens with its input, in the middle where it was: no trend at all."""
    x, rest = uniforms(seed)
    return x, (1 + 3 * x) * ndtri(rest)


def fan_truth() -> float:
    u = (np.arange(1_000) + 0.5) / 1_000
    every = (1 + 3 * u[:, None]) * ndtri(u)[None]
    return 1 - 2.5 * 2 * Z / np.ptp(np.quantile(every, (0.025, 0.975)))


CASES: dict[str, tuple[Draw, float]] = {
    **{f"normal {r}": (normal(r), 1 - np.sqrt(1 - r * r)) for r in (0.3, 0.7, 0.95)},
    **{
        f"lognormal {r} {s}": (normal(r, s), lognormal_truth(r, s))
        for r, s in ((0.3, 0.75), (0.7, 0.75), (0.7, 1.5), (0.95, 1.5))
    },
    "two values": (two_values, two_values_truth()),
    "two readings": (two_readings, two_readings_truth()),
    "fan": (fan, fan_truth()),
}


@pytest.mark.parametrize("case", CASES)
def test_an_interval_holds_the_truth_as_often_as_it_says(case: str) -> None:
    draw, truth = CASES[case]
    found = [narrowing(x, y[:, None]) for x, y in map(draw, range(REPEATS))]
    low, value, high = (
        np.array([getattr(item, word)[0] for item in found]) for word in ("low", "value", "high")
    )
    held = (low <= truth) & (truth <= high)
    # 95 % of 120, less three standard errors; above, it may be on the safe side.
    assert held.mean() >= 0.9
    assert ((low <= value) & (value <= high)).all()
    assert abs(value.mean() - truth) < max(0.01, 3 * value.std() / np.sqrt(REPEATS))
    # No interval that holds everything: of the size of the scatter that it speaks of.
    assert (high - low).mean() / 2 < 2 * Z * max(value.std(), 0.005)


@pytest.mark.parametrize("spread", [0.0, 0.75])
def test_what_tells_nothing_narrows_nothing(spread: float) -> None:
    found = [narrowing(x, y[:, None]) for x, y in map(normal(0.0, spread), range(REPEATS))]
    assert np.mean([item.low[0] == 0.0 for item in found]) >= 0.95
    assert np.mean([item.value[0] for item in found]) < 0.01
    assert np.median([item.high[0] for item in found]) < (0.04, 0.07)[spread > 0]


@pytest.mark.parametrize("runs", [512, 1024])
def test_fewer_runs_give_wider_intervals_that_still_hold(runs: int) -> None:
    truth = 1 - np.sqrt(1 - 0.49)
    widths, held = [], []
    for seed in range(REPEATS):
        x, rest = (ndtri(u) for u in uniforms(seed, runs=runs))
        found = narrowing(x, (0.7 * x + np.sqrt(0.51) * rest)[:, None])
        held.append(found.low[0] <= truth <= found.high[0])
        widths.append(found.high[0] - found.low[0])
    assert np.mean(held) >= 0.9
    assert np.mean(widths) > 1.3 * 0.066 if runs == 1024 else 1.8 * 0.066


def test_too_few_runs_give_none() -> None:
    x, rest = uniforms(1, runs=FEWEST_RUNS - 2)
    assert np.isnan(narrowing(x, rest[:, None]).value).all()
    x, rest = uniforms(1, runs=FEWEST_RUNS)
    assert np.isfinite(narrowing(x, rest[:, None]).value).all()


def test_what_tells_all_narrows_to_nothing() -> None:
    x, _ = uniforms(2)
    whole = narrowing(x, np.stack([x, np.exp(3 * x)], axis=1))
    assert (whole.low > 0.95).all()
    few = np.floor(4 * x)
    assert narrowing(few, few[:, None]).low[0] == 1.0


def test_what_does_not_vary_has_none_and_takes_none_from_others() -> None:
    x, rest = uniforms(3)
    constant = 1e6 * (1 + 1e-15 * rest)
    both = narrowing(x, np.stack([constant, x + rest], axis=1))
    assert np.isnan([both.low[0], both.value[0], both.high[0]]).all()
    assert both.value[1] == narrowing(x, (x + rest)[:, None]).value[0]


def test_one_value_of_an_input_tells_nothing() -> None:
    _, rest = uniforms(4)
    found = narrowing(np.ones_like(rest), rest[:, None])
    assert (found.low[0], found.value[0]) == (0.0, pytest.approx(0.0, abs=1e-9))


def test_an_interval_does_not_hang_on_what_stands_beside_it() -> None:
    x, rest = uniforms(5)
    y = np.stack([x + rest, rest, x**2 + 0.1 * rest], axis=1)
    together = narrowing(x, y)
    for place in range(3):
        alone = narrowing(x, y[:, [place]])
        assert alone.low[0] == together.low[place]
        assert alone.high[0] == together.high[place]
