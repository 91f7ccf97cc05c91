"""Sobol indices by pick-freeze, with bootstrap intervals.

First order: share of the variance that is gone on average once an input is known. Total: share
in which it has a part at all. Both need inputs, or groups of inputs, that are independent of one
another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sousveil.arrays import Floats
from sousveil.ensemble.levels import HIGH, LOW
from sousveil.ensemble.matrix import mean_ranks

RESAMPLES = 200


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
