"""Disparity: how much more often a group is wronged than everybody else.

A finding only where its driver is known; where the driver is assumed, the summary calls it an
input.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from sousveil.measures.base import Context, Count, Measure, Result, Splits, Value

OUTCOMES = {
    "false_flags": ("unfounded",),
    "flags": ("founded", "unfounded"),
    "extortions": ("reporter_bribed", "extorted"),
}


def _ratios(context: Context) -> list[Result]:
    """Rate per head in a category of a margin over the rate in the rest of that margin."""
    results: list[Result] = []
    for (channel, act), processes in context.by_channel_and_act.items():
        if act or (channel and context.base is not None):
            continue
        for category, outcomes in OUTCOMES.items():
            parts = ((p.name, outcome) for p in processes for outcome in outcomes)
            events, splits = context.total(parts), context.splits
            work = partial(_of, splits, events, channel, category)
            results += context.kept((channel, category), [splits, events], work)
    return results


def _of(splits: Splits, events: Count, channel: str, category: str) -> list[Value]:
    groups = [number for number, (area, group) in enumerate(splits.labels) if group and not area]
    totals = events.values.reshape(-1) @ splits.cells.columns((0, *groups))
    people = splits.stands_for[[0, *groups]]
    inside, outside = totals[1:], totals[0] - totals[1:]
    others = people[0] - people[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (inside / people[1:]) / (outside / others)
    known = (people[1:] > 0) & (others > 0) & (outside > 0) & np.isfinite(ratios)
    label = "mean_field" if events.label == "exact" else events.label
    return [
        Value(
            ratio if is_known else None,
            channel,
            "",
            category,
            "",
            splits.labels[number][1],
            label=label,
        )
        for number, ratio, is_known in zip(groups, ratios.tolist(), known.tolist(), strict=True)
    ]


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
