"""Sobol indices by pick-freeze, with bootstrap intervals, and what a range would lose by knowledge.

First order: share of the variance that is gone on average once an input is known. Total: share
in which it has a part at all. Both need inputs, or groups of inputs, that are independent of one
another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sousveil.arrays import Floats, Ints
from sousveil.ensemble.matrix import ROUNDING, mean_ranks

RESAMPLES = 200
LOW, HIGH = 0.025, 0.975
FEWEST_IN_A_BIN = 64
MOST_BINS = 16
LOTS = 32
"""Bins drawn by lot, to tell a narrow range from luck."""
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """One index of every input and output. value, low, high: (inputs, outputs); 95 % bootstrap."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Indices:
    """Both indices of every input and output."""

    first: Estimate
    total: Estimate


def indices(
    at_first: Floats, at_second: Floats, mixed: Floats, resamples: int = RESAMPLES, seed: int = 0
) -> Indices:
    """Indices from a model at two independent sets of points and at their mixtures.

    at_first, at_second: (points, outputs). mixed: (inputs, points, outputs), the first points with
    one input taken from the second. An output without variance has no index (NaN). The bootstrap
    draws base points anew, so it takes balanced points for independent ones: intervals are on
    the safe side.

    Source: Saltelli and others 2010 (first order), Jansen 1999 (total).
    """
    middle = (at_first.mean(axis=0) + at_second.mean(axis=0)) / 2
    a, b, ab = at_first - middle, at_second - middle, mixed - middle
    # Sums over base points of products that are formed once; a resample is a weighting of them.
    one, total = b * (ab - a), (a - ab) ** 2 / 2
    square, plain = a**2 + b**2, a + b
    weights = np.ones((1, len(a)))
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(a), np.full(len(a), 1 / len(a)), size=resamples)
    weights = np.concatenate([weights, drawn.astype(np.float64)])
    mean = weights @ plain / (2 * len(a))
    variance = weights @ square / (2 * len(a)) - mean**2
    variance = np.where(variance > 1e-24 * np.maximum(middle**2, 1e-300), variance, np.nan)
    return Indices(*(_estimate(part, weights, variance) for part in (one, total)))


def _estimate(part: Floats, weights: Floats, variance: Floats) -> Estimate:
    found = np.einsum("rp,ipo->rio", weights, part) / part.shape[1] / variance[:, None, :]
    value = found[0]
    if len(found) == 1:
        return Estimate(value, np.full_like(value, np.nan), np.full_like(value, np.nan))
    low, high = np.quantile(found[1:], (LOW, HIGH), axis=0)
    return Estimate(value, np.minimum(low, value), np.maximum(high, value))


@dataclass(frozen=True)
class Narrowing:
    """Expected share by which a range narrows. low, high: 95 % of what the lots of bins allow."""

    low: float
    value: float
    high: float


def narrowing(values: Floats, output: Floats) -> Narrowing:
    """Expected share by which an output's 95 % range narrows once an input is known.

    values, output: (runs,), of independent draws: runs that share most of their quantities would
    look narrower in any bin. The runs are cut into bins of equal number by the input; the ranges
    inside them are averaged and held against those in bins of the same sizes drawn by lot, so that
    the narrowness of small bins is no finding. 0 for an input that tells nothing.
    """
    bins = int(np.clip(len(values) // FEWEST_IN_A_BIN, 1, MOST_BINS))
    low, high = np.quantile(output, (LOW, HIGH))
    if bins < 2 or high - low <= ROUNDING * max(abs(low), abs(high)):
        return Narrowing(float("nan"), float("nan"), float("nan"))
    generator = np.random.default_rng(len(values))
    inside = _mean_range(output, np.array_split(np.argsort(values, kind="stable"), bins))
    outside = [
        _mean_range(output, np.array_split(generator.permutation(len(values)), bins))
        for _ in range(LOTS)
    ]
    middle = float(np.mean(outside))
    found = 1.0 - inside / middle
    reach = NORMAL_95 * float(np.std(outside)) / middle
    return Narrowing(*(max(0.0, found + part) for part in (-reach, 0.0, reach)))


def _mean_range(output: Floats, parts: list[Ints]) -> float:
    """Mean 95 % range over parts of the runs, each by its number."""
    ranges = [float(np.ptp(np.quantile(output[part], (LOW, HIGH)))) for part in parts]
    return float(np.average(ranges, weights=[len(part) for part in parts]))


def ranked(*outputs: Floats) -> tuple[Floats, ...]:
    """The outputs replaced by their joint ranks in [0, 1], each column for itself.

    A few extreme runs carry most of the variance of a skewed harm; of ranks they do not.
    """
    shapes = [item.shape for item in outputs]
    joint = np.concatenate([item.reshape(-1, item.shape[-1]) for item in outputs])
    found = (mean_ranks(joint) - 0.5) / len(joint)
    cuts = np.cumsum([int(np.prod(shape[:-1])) for shape in shapes])[:-1]
    return tuple(
        part.reshape(shape) for part, shape in zip(np.split(found, cuts), shapes, strict=True)
    )
