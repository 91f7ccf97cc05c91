"""Network television: whose viewing can be observed, and why households are flagged wrongly."""

from __future__ import annotations

from sousveil.report import names
from sousveil.report.layout import Figure, Section
from sousveil.report.sections.common import Entry, Plot, by_size, figure, present, series_of
from sousveil.report.view import View

CHANNEL = "iptv"
MOST_WHAT_IFS = 3


def iptv(view: View) -> Section | None:
    """Flags by cause, with the speech slot on and off, and the observable share."""
    figures = present(_causes(view), _observable(view))
    if not figures:
        return None
    return Section(
        "iptv",
        "Television that could tell who watched",
        (
            "A two-way box makes a roll call of every airing. A household that is not recorded may "
            "have looked away, or may have had no electricity, a broken line, a broken box, or sat "
            "at a neighbour's set. A flag has a cause when it vanishes on the same draws with that "
            "cause removed; causes may overlap, so the shares need not sum to one.",
            *_only_power(view),
        ),
        figures,
    )


def _only_power(view: View) -> list[str]:
    for channel in (CHANNEL, ""):
        item = view.book.one("false_flags_cause_share", channel=channel, category="power")
        if item is not None:
            return [
                f"Of the households that it would flag wrongly, {view.phrase(item)} would not "
                "have been flagged had they only had electricity."
            ]
    return []


def _slot_what_ifs(view: View) -> list[str]:
    """What-ifs that change the power kept for a speech, or how an absence without power is read."""
    wanted = ("speech_slot", "excuse_without_power", "ignore_absence")
    found = list[str]()
    for name in view.book.what_ifs("false_flags_cause_share"):
        item = view.scenario.what_ifs.get(name)
        paths = [*item.set, *item.scale, *item.set_settings] if item else []
        if any(word in text for word in wanted for text in [name, *paths]):
            found.append(name)
    return found[:MOST_WHAT_IFS]


def _causes(view: View) -> Figure | None:
    runs = {"": "As declared"} | {name: view.names.what_if(name) for name in _slot_what_ifs(view)}
    key = series_of(runs)
    entries = list[Entry]()
    for style, name in zip(key.names, runs, strict=False):
        for channel in (CHANNEL, ""):
            items = view.book.across(
                "false_flags_cause_share", "category", what_if=name, channel=channel
            )
            entries += [Entry(names.cause(item.category), item, style) for item in items]
            if items:
                break
    declared = [entry for entry in entries if entry.item.what_if == ""]
    order = {entry.label: rank for rank, entry in enumerate(by_size(declared))}
    plot = Plot(
        "iptv-causes",
        "Why households are flagged though they meant no absence",
        "share of unfounded flags",
        "Cause",
        key=key if len(runs) > 1 else None,
        log=False,
        whole=True,
    )
    if len(runs) == 1:
        entries = [Entry(entry.label, entry.item) for entry in entries]
    return figure(view, plot, sorted(entries, key=lambda entry: order.get(entry.label, 9)))


def _observable(view: View) -> Figure | None:
    places = by_size(
        Entry(view.names.area(item.area), item)
        for item in view.book.across("observable_household_share", "area", channel=CHANNEL)
    )
    whole = view.book.one("observable_household_share", channel=CHANNEL)
    total = [Entry(f"All of {view.names.area('')}", whole)] if whole else []
    places = places if len(places) > 1 else []
    plot = Plot(
        "iptv-observable",
        "Households whose viewing can be observed",
        names.measure("observable_household_share"),
        "Place",
        "Only two-way boxes with power and a line can be observed; one-way tuners cannot.",
    )
    return figure(view, plot, [*total, *places])
