"""Harm before and after each safeguard, in pairs: the same people and chance, with and without."""

from __future__ import annotations

from sousveil.report import names
from sousveil.report.figures.ranges import Key
from sousveil.report.layout import Figure, Note, Section
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import Entry, Plot, by_size, figure, present, sentence
from sousveil.report.view import View
from sousveil.scenario.model import WhatIf

KINDS = {"harm": "harm", "false_flags": "unfounded flags"}
SHARPER = "more accurate, not less harmful"
ERRORS_ONLY = (
    "It takes away errors only: whom it names rightly it harms as before, so that a fall of the "
    "number is no reason to use it."
)
BEFORE_AFTER = Key({"before": "Before", "after": "After"})


def paired(item: Estimate) -> Estimate | None:
    """The member-by-member difference of a what-if from the base, as an estimate of its own."""
    values = {("ignorance", s): v for (part, s), v in item.values.items() if part == "paired"}
    if values.get(("ignorance", "median")) is None:
        return None
    return Estimate(
        item.measure, item.what_if, item.channel, item.act, item.category, item.area, item.group,
        item.period, item.unit, item.label, item.members, values,
    )  # fmt: skip


def safeguards(view: View) -> Section | None:
    """What each safeguard does to harm, and what it only sharpens."""
    chosen = [name for name, item in view.scenario.what_ifs.items() if item.safeguard]
    figures = present(
        _before_after(view, chosen),
        _paired(view, chosen, "harm"),
        _paired(view, chosen, "false_flags"),
    )
    if not figures:
        return None
    notes = [
        Note(f"{view.names.what_if(item.name)}: {SHARPER}. {_reason(item)} {ERRORS_ONLY}", "sharp")
        for item in (view.scenario.what_ifs[name] for name in chosen)
        if item.sharpens_only
    ]
    return Section(
        "safeguards",
        "What safeguards would change",
        (
            "Harm is the sum of founded and unfounded flags, extortions and acts forgone, for acts "
            "that are a human right. A safeguard is a change that claims to reduce it. Each member "
            "is run with and without it on the same people and chance, so the difference is known "
            "better than either number.",
        ),
        (*figures, *notes),
    )


def _reason(item: WhatIf) -> str:
    """Why it is asked, without the label, which stands already."""
    told = [part for part in item.reason.split(". ") if part.strip(" .").lower() != SHARPER]
    return sentence(". ".join(told))


def _label(view: View, name: str) -> str:
    title = view.names.what_if(name)
    return f"{title} ({SHARPER})" if view.scenario.what_ifs[name].sharpens_only else title


def _before_after(view: View, chosen: list[str]) -> Figure | None:
    base = view.book.one("harm")
    if base is None:
        return None
    entries = list[Entry]()
    for name in chosen:
        item = view.book.one("harm", name)
        if item is not None:
            entries.append(Entry(_label(view, name), base, "before"))
            entries.append(Entry(_label(view, name), item, "after"))
    plot = Plot(
        "safeguards-harm",
        "Harm before and after each safeguard",
        names.measure("harm"),
        "Safeguard",
        key=BEFORE_AFTER,
    )
    return figure(view, plot, entries)


def _paired(view: View, chosen: list[str], measure: str) -> Figure | None:
    entries = list[Entry]()
    for name in chosen:
        item = view.book.one(measure, name)
        difference = paired(item) if item is not None else None
        if difference is not None:
            entries.append(Entry(_label(view, name), difference))
    words = names.measure(measure)
    plot = Plot(
        f"safeguards-paired-{measure}",
        f"Difference made to {KINDS[measure]}, in pairs",
        f"difference in {words}",
        "Safeguard",
        "Left of nought: less.",
        signed=True,
        log=False,
    )
    return figure(view, plot, by_size(entries)[::-1])
