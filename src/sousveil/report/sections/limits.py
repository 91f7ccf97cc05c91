"""What cannot be known: limits of each channel, what is not modelled or left out."""

from __future__ import annotations

from sousveil.report.layout import Section
from sousveil.report.view import View

STATES = {
    "modelled": ("modelled", "modelled"),
    "cannot_see": ("cannot see", "cannot"),
    "not_modelled": ("not modelled", "missing"),
}
MODEL = (
    "Flags remove nobody: a person in detention still walks the streets. Totals are upper bounds "
    "in this respect.",
    "Queues at reviewers are a mean: the chance of the queue is not modelled.",
    "Chilling answers to the expected hazard with an assumed elasticity; it is off as declared.",
    "Everybody lives by the same kind of day as others of the same age in the same kind of place; "
    "no one person of the model is a person.",
)
CLOSED = (
    "Nobody outside has counted cameras, reports or cases in a closed country. Those who left are "
    "not those who stayed, and their accounts are the best evidence that there is.",
    "Crossings and bribes at a closed border are shown as differences between runs only.",
)


def limits(view: View) -> Section | None:
    """Limits by channel and the act and channel matrix."""
    channels = [
        (view.names.channel(name), view.names.limits(name)) for name in view.scenario.channels
    ]
    matrix = view.scenario.matrix
    columns = list(dict.fromkeys(name for cells in matrix.values() for name in cells))
    rows = [
        (view.names.act(act), [_cell(cells.get(name)) for name in columns])
        for act, cells in matrix.items()
    ]
    closed = any(act for act in view.scenario.acts if "cross" in act)
    notes = {
        state: [
            f"{view.names.act(act)}, {view.names.channel(name).lower()}: {note or 'documented'}"
            for act, cells in matrix.items()
            for name, (found, note) in cells.items()
            if found == state and (note or state == "not_modelled")
        ]
        for state in STATES
    }
    return Section(
        "limits",
        "What cannot be known",
        (),
        template="limits.html",
        context={
            "model": (*MODEL, *(CLOSED if closed else ())),
            "channels": [(title, found) for title, found in channels if found],
            "columns": [view.names.channel(name) for name in columns],
            "rows": rows,
            "missing": notes["not_modelled"],
            "cannot": notes["cannot_see"],
        },
    )


def _cell(found: tuple[str, str] | None) -> tuple[str, str]:
    """Words and style of a cell."""
    state = found[0] if found else ""
    return STATES.get(state, (state or "–", "none"))
