"""A process by the year: how many items of it, and when each of them.

Given their number, the points of a Poisson process lie anywhere in the year, each on its own. So
one word of an entity says how many it has, and the word of an item says when it happens: the first
is read of everybody, the second only where somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sousveil.arrays import Floats, Halves, Ints, Thresholds
from sousveil.engine.sampled.kernels.asked import CELL_BITS, GUIDE_BITS, Counts, Moments
from sousveil.rng import WORD_RANGE, threshold

_WIDTH = 7.0
"""Standard deviations of a count that its table spans: beyond lies less than one word in 2^32."""
_AT_LEAST = 20
_ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class Yearly:
    """Rates of a process without its outages.

    rate: (A, G, C) an hour in the highest slot. relative: (G, S) other slots, as shares of it.
    slot: (H,) of the hours.
    """

    rate: Floats
    relative: Floats
    slot: Ints

    @cached_property
    def tables(self) -> tuple[Ints, Counts]:
        """Number of the distribution of every row, and the distributions."""
        hours = np.bincount(self.slot, minlength=self.relative.shape[1])
        return distributions(self.rate * (self.relative @ hours)[:, None])

    @cached_property
    def moments(self) -> Moments:
        """When in the year, by row."""
        shape, cuts, guide = lay_hours(self.relative, self.slot)
        areas, _, classes = self.rate.shape
        return Moments(np.tile(np.repeat(shape, classes), areas), cuts, guide)


def distributions(means: Floats) -> tuple[Ints, Counts]:
    """(n,) number of the distribution of each of n means, and the distributions."""
    distinct, number = np.unique(means.reshape(-1), return_inverse=True)
    return number.astype(np.int64), count_tables(distinct)


def lay_hours(
    profile: Floats, slot: Ints, light: Floats | float = 1.0
) -> tuple[Ints, Thresholds, Halves]:
    """Cuts of words over the hours: see :class:`Moments`.

    profile: (G, S) weights by slot. slot: (H,). light: (H,) a factor of the hour. Returns the
    number of the cuts of every group, the cuts, and their guides.
    """
    distinct, number = np.unique(profile, axis=0, return_inverse=True)
    distinct = distinct[:, slot] * light
    total = np.cumsum(distinct, axis=1)
    whole = total[:, -1:]
    # Without any weight nothing happens, and nobody asks when.
    share = np.divide(total, whole, out=np.ones_like(total), where=whole > 0.0)
    cuts = np.concatenate([np.zeros((len(share), 1), np.uint64), threshold(share)], axis=1)
    words = np.arange(1 << GUIDE_BITS, dtype=np.uint64) << np.uint64(32 - GUIDE_BITS)
    guide = [np.searchsorted(row[1:], words, side="right") for row in cuts]
    return number.reshape(-1).astype(np.int64), cuts, np.array(guide, dtype=np.uint16)


def count_tables(means: Floats) -> Counts:
    """The distributions of Poisson counts of these means, as cuts of a word."""
    first, size = span_of(means, means)
    starts = range(0, len(means), _ROWS_AT_ONCE)
    some = [slice(start, start + _ROWS_AT_ONCE) for start in starts]
    return pack(first, [_cuts(means[part], first[part], size[part]) for part in some])


def span_of(means: Floats, variances: Floats) -> tuple[Ints, Ints]:
    """First count of the table of each of some distributions, and how many counts it has."""
    spread = _WIDTH * np.sqrt(variances)
    first = np.maximum(np.floor(means - spread) - _AT_LEAST, 0.0).astype(np.int64)
    return first, (np.ceil(means + spread) + _AT_LEAST).astype(np.int64) - first


def pack(first: Ints, parts: list[Thresholds]) -> Counts:
    """Distributions from the thresholds of P(N <= first + j), row by row.

    Those of 1 are none, nor are those that a single word lies above: no threshold is as fine.
    """
    real = [part < WORD_RANGE - 1 for part in parts]
    sizes = np.concatenate([np.zeros(1, np.int64), *(mask.sum(axis=1) for mask in real)])
    some = [part[mask].astype(np.uint32) for part, mask in zip(parts, real, strict=True)]
    offset, cuts = np.cumsum(sizes), np.concatenate([*some, np.empty(0, np.uint32)])
    # A count without a cut has a lowest one like no other.
    cuts = np.append(cuts, np.uint32(WORD_RANGE - 1))
    lowest = np.where(np.diff(offset) > 0, cuts[offset[:-1]], cuts[-1])
    row, cell = np.repeat(np.arange(len(first)), np.diff(offset)), cuts[:-1] >> (32 - CELL_BITS)
    inside = np.bincount((row << CELL_BITS) + cell, minlength=len(first) << CELL_BITS)
    below = np.cumsum(inside.reshape(-1, 1 << CELL_BITS), axis=1)
    guide = np.concatenate([np.zeros((len(first), 1), np.int64), below[:, :-1]], axis=1)
    return Counts(first, offset, cuts, lowest, guide.astype(np.uint16))


def _cuts(means: Floats, first: Ints, size: Ints) -> Thresholds:
    """(n, k) thresholds of P(N <= first + j)."""
    from scipy.special import gammaln  # scipy costs a while: only who needs it pays

    count = first[:, None] + np.arange(size.max())[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = count * np.log(means[:, None]) - means[:, None] - gammaln(count + 1.0)
    mass = np.where(means[:, None] > 0.0, np.exp(logs), count == 0)
    return threshold(np.cumsum(mass, axis=1))
