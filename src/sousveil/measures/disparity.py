"""Disparity: how much more often a group is wronged than everybody else.

A finding only where its driver is known; where the driver is assumed, the summary calls it an
input.
"""

from __future__ import annotations

from sousveil.measuring.base import Context, Item, Measure, Result
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
            events = context.total((p.name, outcome) for p in processes for outcome in outcomes)
            results.append(Item(events, events, channel, category=category, split="others"))
    return results


def _by_channel(context: Context) -> dict[str, tuple[Process, ...]]:
    """Flagging processes in all and by channel; a what-if is told in all alone."""
    if context.base is not None:
        return {"": context.flaggers}
    every = context.by_channel_and_act.items()
    return {channel: processes for (channel, act), processes in every if not act}


MEASURES = (
    Measure(
        "disparity_ratio",
        "Rate in a group over the rate among everybody else",
        "1",
        ("channel", "category", "group"),
        _ratios,
        category="what is counted",
        harm=True,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Ratios and shares",
    ),
)
