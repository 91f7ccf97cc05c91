"""Disparity: how much more often a group is wronged than everybody else.

A finding only where its driver is known; where the driver is assumed, the summary calls it an
input.
"""

from __future__ import annotations

import numpy as np

from sousveil.measures.base import Context, Count, Measure, Result, Value

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
            results += _of(context, context.total(parts), channel, category)
    return results


def _of(context: Context, events: Count, channel: str, category: str) -> list[Value]:
    splits = context.splits
    totals = events.values.reshape(-1) @ splits.member
    found: list[Value] = []
    for number, (area, group) in enumerate(splits.labels):
        if area or not group:
            continue
        inside, people = totals[number], splits.stands_for[number]
        outside, others = totals[0] - inside, splits.stands_for[0] - people
        defined = people > 0 and others > 0 and outside > 0
        value = float((inside / people) / (outside / others)) if defined else None
        label = "mean_field" if events.label == "exact" else events.label
        known = value is not None and np.isfinite(value)
        found.append(Value(value if known else None, channel, "", category, "", group, label=label))
    return found


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
