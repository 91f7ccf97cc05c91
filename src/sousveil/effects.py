"""The sixteen classes of a random effect: what each class is worth, on the host, in floats.

An effect is one class of sixteen equal weights per entity. Classes stand in ascending order of
value, so that class 0 is the lowest; every engine looks the class of an entity up in this table.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Floats
from sousveil.processes import Effect


def class_means(effect: Effect, mean: Floats | float = 1.0) -> Floats:
    """Value of a quantity in each class of an effect: (..., 16) for means (...), averaging to them.

    Form "rate": lognormal of mean 1 and log standard deviation `spread`, times `mean`. Form
    "share": Beta(mean k, (1 - mean) k) with k = `spread`, each class its conditional mean in
    [0, 1]; k = 0 is yes or no, with one class in between. On a probability the caller caps a
    "rate" value at 1.

    Source: conditional means of quantile classes; Johnson, Kotz and Balakrishnan 1994-95,
    chapters 14 and 25.
    """
    means = np.asarray(mean, dtype=np.float64)
    if effect.form == "rate":
        return means[..., None] * _lognormal_classes(effect.spread)
    if effect.form != "share":
        raise ValueError(f"effect {effect.name}: form is {effect.form!r}, not 'rate' or 'share'")
    if np.any(means < 0.0) or np.any(means > 1.0):
        raise ValueError(f"effect {effect.name}: a share lies outside [0, 1]")
    # Most arrays by area and group hold few distinct values, and the inverse Beta is dear.
    distinct, where = np.unique(means, return_inverse=True)
    table = _beta_classes(distinct, effect.spread)
    return table[where.reshape(means.shape)]


@lru_cache(maxsize=64)
def _lognormal_classes(spread: float) -> Floats:
    """(16,) conditional means of the classes of a lognormal of mean 1."""
    values = np.ones(EFFECT_CLASSES, dtype=np.float64)
    if spread > 0.0:
        from scipy.special import ndtr, ndtri  # scipy costs a while: only who needs it pays

        edges = ndtri(np.arange(EFFECT_CLASSES + 1) / EFFECT_CLASSES)
        values = EFFECT_CLASSES * np.diff(ndtr(edges - spread))
        values /= values.mean()
    values.flags.writeable = False  # everybody who asks gets this one
    return values


def _beta_classes(means: Floats, concentration: float) -> Floats:
    """(n, 16) conditional means of the classes of Beta distributions with these means."""
    if not np.isfinite(concentration):
        return np.repeat(means[:, None], EFFECT_CLASSES, axis=1)
    if concentration <= 0.0:
        below = np.arange(EFFECT_CLASSES - 1, -1, -1)
        return np.clip(EFFECT_CLASSES * means[:, None] - below, 0.0, 1.0)
    table = np.repeat(means[:, None], EFFECT_CLASSES, axis=1)
    inside = (means > 0.0) & (means < 1.0)
    table[inside] = _inner_beta_classes(means[inside], concentration)
    return table


def _inner_beta_classes(means: Floats, concentration: float) -> Floats:
    """(n, 16) the same for means strictly between 0 and 1."""
    inner = np.arange(1, EFFECT_CLASSES)[None, :] / EFFECT_CLASSES
    below = _mean_below(means[:, None], concentration, inner)
    edges = np.zeros((len(means), 1)), np.ones((len(means), 1))
    full = np.concatenate([edges[0], below, edges[1]], axis=1)
    values = np.clip(EFFECT_CLASSES * means[:, None] * np.diff(full, axis=1), 0.0, 1.0)
    return np.minimum(values * (means / values.mean(axis=1))[:, None], 1.0)


def _mean_below(means: Floats, concentration: float, share: Floats) -> Floats:
    """Part of a Beta's mean that lies below its quantile of `share`.

    Above one half it is worked out from the other end: quantiles near 1 lose their digits. A
    quantile that underflows (concentration near 0) belongs to the limit of yes or no.
    """
    from scipy.special import betainc, betaincinv

    a, b = means * concentration, (1.0 - means) * concentration
    low = betaincinv(a, b, share)
    result = betainc(a + 1.0, b, low)
    upper = low >= 0.5
    if upper.any():
        mean, a, b, part = (np.broadcast_to(x, low.shape)[upper] for x in (means, a, b, share))
        high = betaincinv(b, a, 1.0 - part)
        limit = np.maximum(1.0 - (1.0 - part) / mean, 0.0)
        result[upper] = np.where(high < 1e-290, limit, 1.0 - betainc(b, a + 1.0, high))
    return result
