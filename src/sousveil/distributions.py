"""What the distributions of a scenario mean, evaluated at a quantile level.

Source: docs/explanation/how_it_counts.md, Distributions.

Levels come from the design of an ensemble, so that one level serves every year and what-if.
Everything is plain Python: a member evaluates a hundred or two of them, and `check` must not wait
for a numeric library.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sousveil.quantity import Distribution, Quantity, SeriesPoint

COUNTS = {
    "fixed": 1,
    "uniform": 2,
    "triangular": 3,
    "beta": 3,
    "lognormal": 3,
    "truncated_normal": 3,
}
"""How many numbers each form takes."""

_NORMAL = NormalDist()
_Z95 = _NORMAL.inv_cdf(0.95)
_Z975 = _NORMAL.inv_cdf(0.975)
LOGNORMAL_CUT = 0.005
"""A lognormal is cut at this level and at 1 minus it: what lies beyond is put at the cut."""
PERT_SHAPE = 4.0
WIDENED_PER_YEAR = 0.25 / 5
"""Outside its years the range of a series widens by a quarter of its width per five years."""
MOST_WIDENED = 1.0


def quantile(form: str, values: tuple[float, ...], level: float) -> float:
    """Value of a distribution at `level` in [0, 1].

    fixed (v); uniform (low, high); triangular (minimum, mode, maximum); beta (low, mode, high), a
    PERT of shape 4; lognormal (q05, q50, q95), two halves joined at the median; truncated_normal
    (low, mean, high), low and high at 2.5 and 97.5 % before it is truncated there, its two halves
    joined at the mean.
    """
    if not 0.0 <= level <= 1.0:
        raise ValueError(f"a quantile level lies between 0 and 1: found {level}")
    if form == "fixed":
        return values[0]
    low, high = values[0], values[-1]
    if low == high:
        return low
    if form == "uniform":
        return low + level * (high - low)
    if form == "triangular":
        return _triangular(low, values[1], high, level)
    if form == "beta":
        return low + (high - low) * _pert_level(low, values[1], high, level)
    if form == "lognormal":
        return _lognormal(low, values[1], high, level)
    if form == "truncated_normal":
        score = _NORMAL.inv_cdf(0.025 + 0.95 * level)
        half = (high - values[1]) if score > 0 else (values[1] - low)
        return min(max(values[1] + score * half / _Z975, low), high)
    raise ValueError(f"no such distribution: {form!r}")


def _triangular(low: float, mode: float, high: float, level: float) -> float:
    at_mode = (mode - low) / (high - low)
    if level <= at_mode:
        return low + math.sqrt(level * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - level) * (high - low) * (high - mode))


@lru_cache(maxsize=4096)
def _pert_level(low: float, mode: float, high: float, level: float) -> float:
    if level < 1e-15:  # scipy answers NaN for the tiniest levels
        return 0.0
    from scipy.special import betaincinv

    first = 1.0 + PERT_SHAPE * (mode - low) / (high - low)
    second = 1.0 + PERT_SHAPE * (high - mode) / (high - low)
    return float(betaincinv(first, second, level))


def _lognormal(low: float, median: float, high: float, level: float) -> float:
    score = _NORMAL.inv_cdf(min(max(level, LOGNORMAL_CUT), 1.0 - LOGNORMAL_CUT))
    ratio = high / median if score > 0 else median / low
    return median * math.exp(score * math.log(ratio) / _Z95)


def evaluate(quantity: Quantity, level: float, selector: float, year: int) -> float:
    """Value of a quantity in its canonical unit, inside its bounds (so shares are cut at 1).

    `selector` in [0, 1) picks a reading by weight; NaN picks the heaviest one (first of equals).
    """
    if quantity.readings:
        distribution = _reading(quantity, selector)
        value = quantile(distribution.form, distribution.values, level)
    elif quantity.series:
        value = _series(quantity, level, year)
    else:
        distribution = quantity.distribution
        if distribution is None:
            raise ValueError(f"{quantity.path} has no value")
        value = quantile(distribution.form, distribution.values, level)
    return min(max(value, quantity.low), quantity.high)


def _reading(quantity: Quantity, selector: float) -> Distribution:
    readings = quantity.readings
    if math.isnan(selector):
        return max(readings, key=lambda reading: reading.weight).distribution
    left = selector * sum(reading.weight for reading in readings)
    for reading in readings:
        left -= reading.weight
        if left < 0:
            return reading.distribution
    return readings[-1].distribution


def _series(quantity: Quantity, level: float, year: int) -> float:
    points = quantity.series
    if year < points[0].year:
        return _widened(points[0], level, points[0].year - year)
    if year > points[-1].year:
        return _widened(points[-1], level, year - points[-1].year)
    before = max((point for point in points if point.year <= year), key=lambda point: point.year)
    start = _at(before, level)
    if quantity.interpolation == "step" or before.year == year:
        return start
    after = min((point for point in points if point.year > year), key=lambda point: point.year)
    part = (year - before.year) / (after.year - before.year)
    return start + part * (_at(after, level) - start)


def _at(point: SeriesPoint, level: float) -> float:
    return quantile(point.distribution.form, point.distribution.values, level)


def _widened(point: SeriesPoint, level: float, years: int) -> float:
    """Return the value of the nearest end, its distance from the median stretched by the years.

    A lognormal is stretched in its logarithm, so that it stays positive.
    """
    value, median = _at(point, level), _at(point, 0.5)
    factor = 1.0 + min(MOST_WIDENED, WIDENED_PER_YEAR * years)
    if point.distribution.form == "lognormal":
        return median * (value / median) ** factor
    return median + factor * (value - median)
