"""Searches of faces: alerts right and wrong, per face seen and per alert.

The two shares of error stand side by side, because they tell opposite stories: next to none of
those who pass are alerted wrongly, and yet many of the alerts may be wrong. Alerts are counted
before anybody reviews them.
"""

from __future__ import annotations

from sousveil.measuring.base import Context, Count, Item, Measure, Result
from sousveil.processes import Search, Sensitivity


def _by_channel(context: Context) -> list[tuple[str, list[Search]]]:
    """(channel, searches) in all and by channel, where what a list alleges has a legitimate aim."""
    every = [
        process
        for process in context.model.processes
        if isinstance(process, Search)
        and context.sensitivity(process.allegation) is Sensitivity.OPEN
    ]
    channels = ["", *sorted({p.channel for p in every})] if every else []
    return [(name, [p for p in every if name in ("", p.channel)]) for name in channels]


def _sum(context: Context, searches: list[Search], outcome: str) -> Count:
    return context.total((process.name, outcome) for process in searches)


def _alerts(context: Context) -> list[Result]:
    """Alerts a year: right (the listed person), wrong (the passer-by), and both."""
    results: list[Result] = []
    for channel, found in _by_channel(context):
        right, wrong = (_sum(context, found, outcome) for outcome in ("named", "wrong"))
        for count, word in ((right, "right"), (wrong, "wrong"), (right + wrong, "")):
            results.append(Item(count, None, channel=channel, category=word))
    return results


def _faces(context: Context) -> list[Result]:
    """Faces searched in a year."""
    return [
        Item(_sum(context, found, "probes"), None, channel=channel)
        for channel, found in _by_channel(context)
    ]


def _per_face(context: Context) -> list[Result]:
    """Wrong alerts among all faces searched."""
    return [
        Item(_sum(context, found, "wrong"), _sum(context, found, "probes"), channel=channel)
        for channel, found in _by_channel(context)
    ]


def _per_alert(context: Context) -> list[Result]:
    """Wrong alerts among all alerts; of lists with a legitimate aim only."""
    results: list[Result] = []
    for channel, found in _by_channel(context):
        wrong = _sum(context, found, "wrong")
        results.append(Item(wrong, wrong + _sum(context, found, "named"), channel=channel))
    return results


BY = ("channel", "area", "group")

MEASURES = (
    Measure(
        "faces_searched",
        "Faces that were compared with a list in the year",
        "face",
        BY,
        _faces,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Searches",
    ),
    Measure(
        "search_alerts",
        "Alerts of a live search in the year, before anybody reviews them",
        "alert",
        (*BY, "category"),
        _alerts,
        category="right or wrong",
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Searches",
    ),
    Measure(
        "false_alerts_per_face",
        "Share of the faces searched that gave a wrong alert",
        "1",
        BY,
        _per_face,
        harm=True,
        names_alone=True,
        source="ISO/IEC 19795-1, FPIR",
    ),
    Measure(
        "false_share_of_alerts",
        "Share of the alerts that were wrong",
        "1",
        ("channel",),
        _per_alert,
        harm=True,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Ratios and shares",
    ),
)
