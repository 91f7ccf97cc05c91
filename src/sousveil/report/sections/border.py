"""The border: contrasts between what-ifs only, for the whole border and year."""

from __future__ import annotations

from sousveil.report.layout import Figure, Note, Section
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import Entry, Plot, by_size, figure, present
from sousveil.report.view import View

LEAST = 1e-6
TITLES = {
    "crossings_change_share": (
        "Change of completed crossings",
        "change against the scenario as declared",
    ),
    "bribed_crossings_change_share": (
        "Change of crossings helped by a paid guard",
        "change against the scenario as declared",
    ),
}


def border(view: View) -> Section | None:
    """Contrasts of crossings and of bribes."""
    figures = present(*(_figure(view, measure, *words) for measure, words in TITLES.items()))
    if not figures:
        return None
    return Section(
        "border",
        "The border: differences only",
        (
            "Crossings and bribes at a closed border leave the model as shares of a change "
            "between two runs, for the whole border and the whole year. No chance of success or "
            "detection, no place, no season and no hour of a crossing is computed for any reader.",
        ),
        (*figures, Note("Which cause made arrivals abroad fall is, by default, not separable.")),
    )


def _differs(item: Estimate) -> bool:
    """Whether a what-if changes anything in any member: most have nothing to do with the border."""
    return any(abs(value or 0.0) > LEAST for value in (item.low, item.middle, item.high))


def _figure(view: View, measure: str, title: str, axis: str) -> Figure | None:
    changes = [item for item in view.book.of(measure) if item.what_if and _differs(item)]
    entries = [Entry(view.names.what_if(item.what_if), item) for item in changes]
    plot = Plot(f"border-{measure}", title, axis, "What-if", signed=True, log=False)
    return figure(view, plot, by_size(entries))
