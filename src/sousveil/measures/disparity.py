"""Disparity: how much more often a group is wronged than everybody else.

A finding only where its driver is known; where the driver is assumed, the summary calls it an
input.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from sousveil.arrays import Floats
from sousveil.measuring.base import Context, Count, Measure, Result, Splits, Value
from sousveil.processes import Process

OUTCOMES = {
    "false_flags": ("unfounded",),
    "flags": ("founded", "unfounded"),
    "extortions": ("reporter_bribed", "extorted"),
}


def _ratios(context: Context) -> list[Result]:
    """Rate per head in a category of a margin over the rate in the rest of that margin."""
    results: list[Result] = []
    for channel, processes in _by_channel(context).items():
        for category, outcomes in OUTCOMES.items():
            # Outcome by outcome, since some are in two categories.
            events = [context.total((p.name, outcome) for p in processes) for outcome in outcomes]
            splits = context.splits
            if context.joints is not None:
                parts = [(p.name, outcome) for p in processes for outcome in outcomes]
                chances = _chances(context, parts, _sum(events))
                results += _of(splits, events, channel, category, chances)
                continue
            work = partial(_of, splits, events, channel, category)
            results += context.kept((channel, category), [splits, *events], work)
    return results


def _sum(counts: Sequence[Count]) -> Count:
    return sum(counts[1:], counts[0])


def _by_channel(context: Context) -> dict[str, tuple[Process, ...]]:
    """Flagging processes in all and by channel; a what-if is told in all alone."""
    if context.base is not None:
        return {"": context.flaggers}
    every = context.by_channel_and_act.items()
    return {channel: processes for (channel, act), processes in every if not act}


def _of(
    splits: Splits,
    every: Sequence[Count],
    channel: str,
    category: str,
    chances: Floats | None = None,
) -> list[Value]:
    """Of every group. chances: (K,) standard deviations of the logarithms, where known."""
    events = _sum(every)
    groups = splits.cells.groups
    totals = events.values.reshape(-1) @ splits.cells.columns((0, *groups))
    people = splits.stands_for[[0, *groups]]
    inside, outside = totals[1:], totals[0] - totals[1:]
    others = people[0] - people[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (inside / people[1:]) / (outside / others)
    known = (people[1:] > 0) & (others > 0) & (outside > 0) & np.isfinite(ratios)
    label = "mean_field" if events.label == "exact" else events.label
    spread = np.full(len(groups), np.nan) if chances is None else chances * ratios
    return [
        Value(
            ratio if is_known else None,
            channel,
            category=category,
            group=splits.labels[number][1],
            label=label,
            chance_sd=chance if is_known and np.isfinite(chance) else None,
        )
        for number, ratio, is_known, chance in zip(
            groups, ratios.tolist(), known.tolist(), spread.tolist(), strict=True
        )
    ]


def _chances(context: Context, parts: Sequence[tuple[str, str]], events: Count) -> Floats:
    """(K,) standard deviations of the logarithms of the ratios; nan where not known."""
    groups = context.splits.cells.groups
    totals = events.values.reshape(-1) @ context.splits.cells.columns((0, *groups))
    inside, outside = totals[1:], totals[0] - totals[1:]
    known = (inside > 0.0) & (outside > 0.0)
    inside, outside = (np.where(known, number, 1.0) for number in (inside, outside))
    own, rest, every = _spread(context, parts)
    both = (every - own - rest) / 2.0
    spread = own / inside**2 + rest / outside**2 - 2.0 * both / (inside * outside)
    return np.where(known, np.sqrt(np.maximum(spread, 0.0)), np.nan)


def _spread(context: Context, parts: Sequence[tuple[str, str]]) -> Floats:
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


MEASURES = (
    Measure(
        "disparity_ratio",
        "Rate in a group over the rate among everybody else",
        "1",
        ("channel", "category", "group"),
        _ratios,
        category="what is counted",
        harm=True,
        source="docs/explanation/how_it_counts.md, Ratios and shares",
    ),
)
