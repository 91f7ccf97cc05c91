"""The border: contrasts between what-ifs only, for the whole border and year."""

from __future__ import annotations

from sousveil.report.layout import Figure, Note, Section
from sousveil.report.rows import Estimate
from sousveil.report.sections.arrivals import arrivals
from sousveil.report.sections.common import Entry, Plot, figure, present
from sousveil.report.view import View

LEAST = 1e-6
TITLES = {
    "crossings_change_share": "Change of completed crossings",
    "bribed_crossings_change_share": "Change of crossings helped by a paid guard",
}
AXIS = "change against the scenario as declared"


def border(view: View) -> Section | None:
    """Contrasts of crossings and of bribes."""
    figures = present(
        *(
            _figure(view, measure, words, years)
            for years in (False, True)
            for measure, words in TITLES.items()
        )
    )
    causes = arrivals(view)
    if not figures and not causes:
        return None
    undivided = Note("Which cause made arrivals abroad fall is, by default, not separable.")
    return Section(
        "border",
        "The border: differences only",
        (
            "Crossings and bribes at a closed border leave the model as shares of a change "
            "between two runs, for the whole border and the whole year. No chance of success or "
            "detection, no place, no season and no hour of a crossing is computed for any reader.",
        ),
        (*figures, *(causes or (undivided,))),
    )


def _differs(item: Estimate) -> bool:
    """Whether a what-if changes anything in any member: most have nothing to do with the border."""
    return any(abs(value or 0.0) > LEAST for value in (item.low, item.middle, item.high))


def _figure(view: View, measure: str, title: str, years: bool) -> Figure | None:
    """One measure under the what-ifs, or as of other years, whose changes are far larger."""
    dated = {name for name, item in view.scenario.what_ifs.items() if item.year}
    changes = [
        item
        for item in view.book.of(measure)
        if item.what_if and _differs(item) and (item.what_if in dated) is years
    ]
    # In the order of the scenario, never by size: nothing here ranks what stops people best.
    place = {name: index for index, name in enumerate(view.scenario.what_ifs)}
    changes.sort(key=lambda item: place.get(item.what_if, len(place)))
    entries = [Entry(view.names.what_if(item.what_if), item) for item in changes]
    identifier = f"border-{'years-' if years else ''}{measure}"
    title = f"{title}, as of other years" if years else title
    plot = Plot(identifier, title, AXIS, "What-if", signed=True, log=False)
    return figure(view, plot, entries)
