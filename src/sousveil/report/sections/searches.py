"""Wrong alerts of a face search per face and per alert, which tell opposite stories."""

from __future__ import annotations

from sousveil.report.layout import Figure, Section
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import Entry, Plot, figure, present, times
from sousveil.report.view import View
from sousveil.scenario.countries import is_open

PER_FACE, PER_ALERT = "false_alerts_per_face", "false_share_of_alerts"
MILLION = 1e6


def searches(view: View) -> Section | None:
    """The same errors over two denominators, as declared and under every what-if."""
    known = PER_FACE in view.book and PER_ALERT in view.book
    if not known or not is_open(view.scenario.country):
        return None
    figures = present(
        _by_what_if(view, PER_FACE, "Of a million faces: how many give a wrong alert", MILLION),
        _by_what_if(view, PER_ALERT, "Of a hundred alerts: how many are wrong", 100.0),
        _counts(view),
    )
    return Section(
        "searches",
        "The same errors, per face and per alert",
        (
            "Nearly everybody who passes is on no list. So the same errors are few for each face "
            "and may be many for each alert: whoever quotes one of the two numbers alone tells "
            "half of it. A face counts each time that it passes.",
            "Before anybody reviews an alert. Where a published count is behind a number and the "
            "count is small, its exact interval is in the range.",
        ),
        figures,
    )


def _by_what_if(view: View, measure: str, title: str, factor: float) -> Figure | None:
    items: dict[str, Estimate] = {}
    for item in view.book.across(measure, what_if=None):
        items.setdefault(item.what_if, item)
    entries = [
        Entry(view.names.what_if(name) if name else "As declared", times(items[name], factor, ""))
        for name in ("", *view.scenario.what_ifs)
        if name in items
    ]
    first, _, rest = title.partition(": ")
    plot = Plot(f"searches-{measure}", title, f"{first.lower()}, wrong", "What if", log=True)
    return figure(view, plot, entries) if rest else None


def _counts(view: View) -> Figure | None:
    """Alerts a year, right and wrong."""
    words = {"right": "Right: the listed person", "wrong": "Wrong: a passer-by"}
    found = {item.category: item for item in view.book.across("search_alerts", "category")}
    entries = [Entry(text, found[name]) for name, text in words.items() if name in found]
    plot = Plot("searches-alerts", "Alerts in a year", "alerts in a year", "Alert")
    return figure(view, plot, entries)
