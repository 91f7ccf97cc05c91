"""Rates of groups against those of everybody else: numbers of items that are split so.

Their numerator and denominator are one and the same sum, a group's part of it and the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

import numpy as np

from sousveil.arrays import Floats
from sousveil.measuring.base import Context, Count, Splits

Parts: TypeAlias = Sequence[tuple[str, str]]
"""What is added: processes and outcomes."""


def rates(totals: Floats, people: Floats) -> Floats:
    """(N, K) rates per head in groups over those in the rest; nan where there is none.

    totals: (N, 1 + K) of all and of each group; people: (1 + K,) behind them.
    """
    inside, outside = totals[:, 1:], totals[:, :1] - totals[:, 1:]
    within, others = people[1:], people[0] - people[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (inside / within) / (outside / others)
    known = (within > 0) & (others > 0) & (outside > 0) & np.isfinite(ratios)
    return np.where(known, ratios, np.nan)


def deviations(context: Context, parts: Sequence[Parts], totals: Floats, rates: Floats) -> Floats:
    """(N, K) standard deviations of such rates; nan where they are not known.

    parts: of each sum; totals: (N, 1 + K); rates: (N, K).
    """
    if context.joints is None:
        return np.full(rates.shape, np.nan)
    logs = [_chances(context, *pair) for pair in zip(parts, totals, strict=True)]
    found = np.stack(logs) * rates
    return np.where(np.isfinite(found), found, np.nan)


def _chances(context: Context, parts: Parts, totals: Floats) -> Floats:
    """(K,) standard deviations of the logarithms of the ratios; nan where not known.

    totals: (1 + K,) of all and of each group.
    """
    inside, outside = totals[1:], totals[0] - totals[1:]
    known = (inside > 0.0) & (outside > 0.0)
    inside, outside = (np.where(known, number, 1.0) for number in (inside, outside))
    own, rest, every = _spread(context, parts)
    both = (every - own - rest) / 2.0
    spread = own / inside**2 + rest / outside**2 - 2.0 * both / (inside * outside)
    return np.where(known, np.sqrt(np.maximum(spread, 0.0)), np.nan)


def _spread(context: Context, parts: Parts) -> Floats:
    """(3, K) variances of a sum of counts: inside each group, outside it, and of all.

    Flags of both kinds are a share of those reported: whoever gets the one may get the other too.
    """
    both = {name for name, outcome in parts if outcome == "founded"}
    both &= {name for name, outcome in parts if outcome == "unfounded"}
    splits = context.splits
    result = np.zeros((3, len(splits.cells.groups)))
    for part in parts:
        if part[0] not in both:
            count = context.count(*part)
            work = partial(_inside_and_out, splits, count)
            result += context.kept("inside and out", [splits, count], work)
    for name in sorted(both):
        count = context.count(name, "reported")
        stayed = context.total(part for part in parts if part[0] == name)
        work = partial(_inside_and_out, splits, count, stayed)
        result += context.kept("inside and out", [splits, count, stayed], work)
    return result


def _inside_and_out(splits: Splits, count: Count, stayed: Count | None = None) -> Floats:
    """(3, K) of one count, or of what stayed of it, each with a chance of its cell."""
    groups = splits.cells.groups
    if count.weighed is None:
        return np.full((3, len(groups)), np.nan)
    member = splits.member.T.reshape(-1, *count.values.shape)
    within, every = member[list(groups)], member[:1]
    weights = np.concatenate([within, every - within, every])
    share = np.ones_like(count.values)
    if stayed is not None:
        np.divide(stayed.values, count.values, out=share, where=count.values > 0.0)
    drawn = (weights * (count.values * share * np.maximum(1.0 - share, 0.0))).sum(axis=(1, 2))
    spread = count.weighed(weights * share, False) + drawn  # noqa: FBT003
    size = len(groups)
    return np.stack([spread[:size], spread[size:-1], np.full(size, spread[-1])])
