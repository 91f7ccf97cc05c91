"""What outages cost the machines, and spare the people: the same run without outages."""

from __future__ import annotations

from sousveil.report import names
from sousveil.report.figures.ranges import Key
from sousveil.report.layout import Figure, Section
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import (
    LAYER_KEY,
    Entry,
    Plot,
    by_size,
    figure,
    grouped,
    present,
)
from sousveil.report.view import View

MOST_ROWS = 12
LEAST = 1e-6
LEAD = (
    "Each member is run twice with the same people and the same chance, once as declared and once "
    "with power that never fails. What differs is the electricity alone. A channel that is not "
    "listed does not change."
)
BEFORE_AFTER = (
    (
        "identifiable_views_per_person_day",
        "Identifiable views, as declared and with reliable power",
        "An identifiable view is a view with enough pixels; nobody need have looked.",
    ),
    (
        "observable_household_share",
        "Households whose viewing can be observed, as declared and with reliable power",
        "",
    ),
    (
        "false_flags",
        "Unfounded flags by channel, as declared and with reliable power",
        "A sensor without power still accuses: an absence that it could not see becomes a flag.",
    ),
)


def power_what_ifs(view: View) -> tuple[str, ...]:
    """What-ifs that change the supply of power and nothing else."""
    return tuple(
        name
        for name, item in view.scenario.what_ifs.items()
        if item.set
        and not (item.remove or item.inherit or item.scale or item.year)
        and all(path.startswith("world.power.") for path in item.set)
        and any("_hours" in path for path in item.set)
    )


def outages(view: View) -> Section | None:
    """What every channel notices, views, observes and flags, with and without outages."""
    figures = list[Figure | None]()
    for what_if in power_what_ifs(view):
        figures.append(_noticed(view, what_if))
        figures += [_before_after(view, what_if, *item) for item in BEFORE_AFTER]
    if not present(*figures):
        return None
    return Section("outages", "What outages cost the machines", (LEAD,), present(*figures))


def _moves(item: Estimate) -> bool:
    return any(abs(value or 0.0) > LEAST for value in (item.low, item.middle, item.high))


def _noticed(view: View, what_if: str) -> Figure | None:
    items = [
        *view.book.across("noticed_change_share", "channel", what_if=what_if),
        *view.book.across("noticed_change_share", "act", "channel", what_if=what_if),
    ]
    entries = by_size(
        Entry(_label(view, item), item, view.names.layer(item.channel))
        for item in items
        if _moves(item)
    )
    plot = Plot(
        f"outages-{what_if}",
        f"{view.names.what_if(what_if)}: change of what is noticed",
        "change of the acts noticed, against the scenario as declared",
        "Channel and act",
        key=LAYER_KEY,
        signed=True,
        log=False,
    )
    return figure(view, plot, entries[:MOST_ROWS])


def _label(view: View, item: Estimate) -> str:
    channel = view.names.channel(item.channel)
    return f"{channel}: {view.names.act(item.act).lower()}" if item.act else channel


def _before_after(
    view: View, what_if: str, measure: str, title: str, caption: str
) -> Figure | None:
    key = Key({"before": "As declared", "after": view.names.what_if(what_if)})
    before = {item.channel: item for item in view.book.across(measure, "channel")}
    entries = list[Entry]()
    for after in view.book.across(measure, "channel", what_if=what_if):
        base = before.get(after.channel)
        if base is None or _same(base, after) or view.names.layer(after.channel) == "people":
            continue
        label = view.names.channel(after.channel)
        entries += [Entry(label, base, "before"), Entry(label, after, "after")]
    axis = names.measure(measure)
    plot = Plot(f"outages-{what_if}-{measure}", title, axis, "Channel", caption, key)
    return figure(view, plot, grouped(entries))


def _same(one: Estimate, other: Estimate) -> bool:
    """Whether nothing changes to six digits."""
    pairs = ((one.low, other.low), (one.middle, other.middle), (one.high, other.high))
    return all(abs((a or 0.0) - (b or 0.0)) <= LEAST * abs(a or 0.0) for a, b in pairs)
