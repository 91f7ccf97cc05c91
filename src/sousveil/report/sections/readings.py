"""Both readings of the two largest choices of the model: the anchor of reports, and chilling."""

from __future__ import annotations

from sousveil.report import names
from sousveil.report.layout import Figure, Section
from sousveil.report.numbers import is_share
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import Entry, Plot, figure, present
from sousveil.report.view import View

READINGS = {
    "no_report_anchor": (
        "Reports are anchored to the volume of routine reports that is documented. Without the "
        "anchor, the ranges for a single act would give accusations by the dozen for every unit "
        "and year, which nobody would believe. It is the largest single choice of the model."
    ),
    "chilling": (
        "Chilling: people forgo what they would have done, as the perceived risk rises. How "
        "strongly is assumed, so it is off as declared and on here."
    ),
}
MEASURES = (
    ("false_flags", "Unfounded flags under both readings"),
    ("harm", "Harm under both readings"),
    ("acts_forgone_share", "Acts that people forgo"),
    ("persons_wronged", "People wronged under both readings"),
)


def readings(view: View) -> Section | None:
    """The base beside the run without the anchor and the run with chilling."""
    present_names = [name for name in READINGS if name in view.scenario.what_ifs]
    figures = present(*(_figure(view, present_names, *item) for item in MEASURES))
    if not figures:
        return None
    lead = tuple(READINGS[name] for name in present_names)
    return Section("readings", "Two choices, both readings", lead, figures)


def _log(entries: list[Entry]) -> bool:
    """Powers of ten for counts and rates: the readings differ by far more than their ranges."""
    lows = [entry.item.low or 0.0 for entry in entries]
    return min(lows) > 0 and not is_share(entries[0].item.unit)


def _figure(view: View, chosen: list[str], measure: str, title: str) -> Figure | None:
    entries = list[Entry]()
    for name in ["", *chosen]:
        item: Estimate | None = view.book.one(measure, name)
        if item is not None:
            entries.append(Entry(view.names.what_if(name), item))
    if len(entries) < 2:
        return None
    plot = Plot(f"readings-{measure}", title, names.measure(measure), "Reading", log=_log(entries))
    return figure(view, plot, entries)
