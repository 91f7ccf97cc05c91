"""Who is wronged: people with an unfounded flag, by channel and by group; ratios between groups."""

from __future__ import annotations

from sousveil.report import names
from sousveil.report.layout import Block, Figure, Grid, Note, Section
from sousveil.report.numbers import number, spread, unit_words
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import (
    LAYER_KEY,
    Entry,
    Plot,
    by_size,
    figure,
    is_nothing,
    present,
)
from sousveil.report.view import View

SHORT = {"false_flags": "Unfounded flags", "persons_wronged": "People wronged"}
PARTS = {
    "founded": "Founded flags, of acts that are a right",
    "unfounded": "Unfounded flags",
    "extortions": "Extortions",
    "forgone": "Acts forgone",
}


def wronged(view: View) -> Section | None:
    """Persons and flags, range first, with the quantity that they hang on."""
    figures = present(_parts(view), _by_channel(view), _by_group(view), _disparity(view))
    persons = view.book.one("persons_wronged")
    if not figures and (persons is None or is_nothing(persons)):
        return None
    blocks: list[Block] = [*figures]
    if any(item.id == "wronged-disparity" for item in figures) and _assumed_disparity(view):
        blocks.append(
            Note(
                "Input, not finding: these ratios hang on an assumed quantity, so they show what "
                "was put in and not what was found."
            )
        )
    blocks += _attribution(view)
    lead = (
        *_total(view),
        "A flag is unfounded when no act of that person caused it. It is coincident when such an "
        "act did happen in the window, by another way: counted among the unfounded, and no less "
        "wrong, since nobody knew.",
    )
    return Section("wronged", "Who is wronged", lead, tuple(blocks))


def _attribution(view: View) -> list[Block]:
    """Which channel the harm comes from, where a run was asked for it."""
    ordered = sorted(view.studies.attribution, key=lambda item: -item[1])
    if not ordered:
        return []
    head = unit_words(ordered[0][2])
    rows = tuple((view.names.channel(name), number(value)) for name, value, _ in ordered)
    kinds = dict(view.manifest.get("scene") or {}).get("sensitivities") or {}
    border = "; without what is done at the border" if "border" in kinds.values() else ""
    caption = (
        "Which channel the harm comes from, over all orders of adding channels: one number each, "
        "at central quantities, without a range; with chilling off, so that no act is forgone"
        f"{border}"
    )
    return [Grid(("Channel", f"Harm, {head}"), rows, (1,), caption)]


def _total(view: View) -> list[str]:
    told = list[str]()
    item = view.book.one("persons_wronged")
    if item is not None:
        unit = "" if item.unit in {"1", "person", "persons", "people"} else item.unit
        ends = spread(item.low, item.high, item.unit if unit else "count", view.coarse(item))
        text = f"{ends.removesuffix(' count')} people are flagged without ground in a year."
        driver = view.driver(item)
        if driver is not None:
            meaning = view.names.quantity(driver.path)
            text += f" This hangs most on one quantity, {driver.path}: {meaning}"
        told.append(text)
    return told


def _parts(view: View) -> Figure | None:
    entries = by_size(
        Entry(PARTS.get(item.category, names.plain(item.category)), item)
        for item in view.book.across("harm", "category")
        if not is_nothing(item)
    )
    title = "What the harm is made of"
    plot = Plot("wronged-parts", title, names.measure("harm"), "Part")
    return figure(view, plot, entries) if len(entries) > 1 else None


def _by_channel(view: View) -> Figure | None:
    measure = "persons_wronged" if view.book.across("persons_wronged", "channel") else "false_flags"
    entries = by_size(
        Entry(view.names.channel(item.channel), item, view.names.layer(item.channel))
        for item in view.book.across(measure, "channel")
        if measure != "persons_wronged" or _somebody(item)
    )
    plot = Plot(
        "wronged-channel",
        f"{SHORT[measure]}, by channel",
        names.measure(measure),
        "Channel",
        "A person wronged by two channels counts in both.",
        LAYER_KEY,
    )
    return figure(view, plot, entries)


def _somebody(item: Estimate) -> bool:
    """Whether it is at least half a person anywhere in the range."""
    return max(item.middle or 0.0, item.high or 0.0) >= 0.5


def _by_group(view: View) -> Figure | None:
    measure = "false_flags" if view.book.across("false_flags", "group") else "persons_wronged"
    items = view.book.across(measure, "group")
    if len(items) < 2:
        return None
    margins = list(dict.fromkeys(_margin(item) for item in items))
    entries = [
        entry
        for margin in margins
        for entry in by_size(Entry(names.group(i.group), i) for i in items if _margin(i) == margin)
    ]
    plot = Plot(
        "wronged-group",
        f"{SHORT[measure]}, by group",
        names.measure(measure),
        "Group",
        "One margin at a time; groups are margins of published statistics.",
    )
    return figure(view, plot, entries)


def _margin(item: Estimate) -> str:
    return item.group.partition(".")[0]


def _ratios(view: View) -> list[Estimate]:
    book = view.book
    splits = (("group",), ("category",), ("category", "group"), ("channel",), ("area",))
    found = [item for split in splits for item in book.across("disparity_ratio", *split)]
    return [item for item in found if item.category in ("", "false_flags")]


def _assumed_disparity(view: View) -> bool:
    items = _ratios(view)
    if any(item.label == "input" or view.coarse(item) for item in items):
        return True
    for item in items:
        driver = view.driver(item)
        found = view.scenario.quantities.get(driver.path) if driver else None
        if found is not None and found.kind == "assumed":
            return True
    return False


def _is_wide(entries: list[Entry]) -> bool:
    """Whether ratios are read by powers of ten: a half is as far from 1 as two is."""
    lows = [entry.item.low for entry in entries if entry.item.low]
    highs = [entry.item.high for entry in entries if entry.item.high]
    return len(lows) == len(entries) > 0 and bool(highs) and max(highs) > 30 * min(lows)


def _disparity(view: View) -> Figure | None:
    entries = list[Entry]()
    for item in _ratios(view):
        words = [names.group(item.group)] if item.group else []
        words += [view.names.channel(item.channel)] if item.channel else []
        words += [view.names.area(item.area)] if item.area else []
        entries.append(Entry(", ".join(words), item))
    plot = Plot(
        "wronged-disparity",
        "Ratio of unfounded flags to those of everybody else",
        "ratio (1 is no difference)",
        "Group",
        log=_is_wide(entries),
        at=1.0,
    )
    return figure(view, plot, by_size(entries))
