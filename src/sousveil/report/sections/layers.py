"""From a view to a report: the ladder, and people against machines against mixed."""

from __future__ import annotations

from sousveil.report import names
from sousveil.report.figures.ranges import Key
from sousveil.report.layout import Figure, Note, Section
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import (
    LAYER_KEY,
    Entry,
    Plot,
    by_size,
    figure,
    grouped,
    is_nothing,
    present,
    times,
    without_idle_series,
)
from sousveil.report.view import View

YEARLY = 365 * 100_000
PER_YEAR = "per 100,000 people and year"
WHO = {
    "people": "people account for",
    "machines": "machines for",
    "mixed": "devices read by people for",
}
RUNGS = (
    ("identifiable_views_per_person_day", "Identifiable views: enough pixels, nobody need look"),
    ("named_per_person_day", "Named: a search returned the right person"),
    ("noticed_per_person_day", "Noticed: a person attended to it"),
    ("true_flags", "Reported, founded"),
    ("false_flags", "Reported, unfounded"),
)


def ladder(view: View) -> Section | None:
    """The four stages that are not one another, on one scale."""
    entries = list[Entry]()
    for measure, label in RUNGS:
        item = view.book.one(measure)
        if item is not None and not is_nothing(item):
            factor = YEARLY if measure.endswith("_per_person_day") else 1
            entries.append(Entry(label, times(item, factor, PER_YEAR)))
    plot = Plot(
        "ladder-stages",
        "From an identifiable view to a report",
        PER_YEAR,
        "Stage",
        "The stages do not follow one from another: people notice what no sensor viewed.",
        log=True,
    )
    drawn = figure(view, plot, entries)
    if drawn is None or len(entries) < 2:
        return None
    return Section(
        "ladder",
        "An identifiable view is not a name, and a name is not a report",
        (
            "A view with enough pixels is only an opportunity. To be named, a search must return "
            "the right person; to be noticed, somebody must attend; to be reported, somebody must "
            "tell. The model keeps the four apart, because the harms are.",
        ),
        (drawn,),
    )


def layers(view: View) -> Section | None:
    """Who notices what: people, machines, and devices read by people."""
    shares = [
        Entry(view.names.act(item.act), item, item.category)
        for item in view.book.across("shapley_share", "act", "category")
    ]
    pooled = [
        Entry("All acts, equal weights", item, item.category)
        for item in view.book.across("shapley_share", "category")
    ]
    first = Plot(
        "layers-shapley",
        "Part of people, machines and mixed in the acts that are noticed",
        "part in the acts noticed",
        "Act",
        "A Shapley share: the mean gain from adding a part, over all orders of adding.",
        LAYER_KEY,
        log=False,
        whole=True,
    )
    figures = present(
        figure(view, first, _by_layer(pooled) + _by_layer(shares)),
        _noticed(view),
        _channels(view),
        _acts(view),
    )
    if not figures:
        return None
    lead = (
        "People are channels in which a person sees or hears; machines are channels in which only "
        "a sensor or a box does; mixed is a device that a person reads, such as a phone inspected "
        "in the street.",
        *_pooled(view),
    )
    return Section("layers", "People against machines", lead, (*figures, _withheld(view)))


def _pooled(view: View) -> list[str]:
    """Who accounts for what is noticed, in one sentence."""
    found = {item.category: item for item in view.book.across("shapley_share", "category")}
    if not found.keys() >= WHO.keys():
        return []
    told = [f"{words} {view.range(found[name])}" for name, words in WHO.items()]
    return [f"Of what is noticed, each kind of act weighing the same, {'; '.join(told)}."]


def _by_layer(entries: list[Entry]) -> list[Entry]:
    entries = without_idle_series(entries)
    order = {name: index for index, name in enumerate(names.LAYERS)}
    return sorted(entries, key=lambda e: (e.label, order.get(e.series, 9)))


def _noticed(view: View) -> Figure | None:
    entries = [
        Entry(view.names.act(item.act), item, item.category)
        for item in view.book.across("act_noticed_share", "act", "category")
    ]
    plot = Plot(
        "layers-noticed",
        "Share of acts that people, machines or mixed notice",
        "share of acts",
        "Act",
        "An act may be noticed by several, so the shares do not sum.",
        LAYER_KEY,
    )
    return figure(view, plot, _by_layer(entries))


def _channels(view: View) -> Figure | None:
    entries = by_size(
        Entry(view.names.channel(item.channel), item, view.names.layer(item.channel))
        for item in view.book.across("noticed_per_person_day", "channel")
    )
    yearly = [Entry(e.label, times(e.item, YEARLY, PER_YEAR), e.series) for e in entries]
    plot = Plot(
        "layers-channels",
        "What each channel notices",
        f"times noticed, {PER_YEAR}",
        "Channel",
        key=LAYER_KEY,
    )
    return figure(view, plot, yearly) if len(yearly) > 1 else None


def _acts(view: View) -> Figure | None:
    detected = _pairs(view, "act_detection_probability", "before")
    missed = _pairs(view, "unobserved_acts_share", "after")
    plot = Plot(
        "layers-acts",
        "Acts that are reported, and acts that no channel notices",
        "share of acts",
        "Act",
        "Not noticed by the channels modelled: what other channels notice is not in it.",
        Key({"before": "Reported by any channel", "after": "Not noticed by any channel"}),
        log=False,
        whole=bool(missed),
    )
    return figure(view, plot, grouped([*detected, *missed]))


def _pairs(view: View, measure: str, series: str) -> list[Entry]:
    found: list[Estimate] = view.book.across(measure, "act")
    return [Entry(view.names.act(item.act), item, series) for item in found]


def _withheld(view: View) -> Note:
    acts = [
        view.names.act(act).lower()
        for act, cells in view.scenario.matrix.items()
        if view.book.one("act_detection_probability", act=act)
        and any(state == "not_modelled" for state, _ in cells.values())
    ]
    if not acts:
        return Note("Rights are exercised in most of these acts: a high share is no success.")
    return Note(
        "The share of acts that nobody notices is withheld for acts that a documented channel "
        f"outside the model can notice: {', '.join(acts)}."
    )
