"""How much of people's lives comes into view, in places whose cameras may be spoken of.

Places and groups stand in the order of the scenario, by name and never by size: nothing ranks
where people would be seen most.
"""

from __future__ import annotations

from collections.abc import Iterable

from sousveil.report import names
from sousveil.report.figures.places import shapes_of
from sousveil.report.layout import Figure, Section
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import Entry, Plot, figure, present
from sousveil.report.sections.places import map_of
from sousveil.report.view import View
from sousveil.scenario.countries import is_open

MEASURE, WIDEST, SHARPEST = "encounters_per_person_day", "detect", "identify"
LEVELS = {
    "detect": "Detect: somebody is there (25 px a metre)",
    "observe": "Observe: what they wear (62.5)",
    "recognise": "Recognise: whoever knows them (125)",
    "identify": "Identify: a stranger, by face (250)",
}
TITLES = {WIDEST: "All views", SHARPEST: "Views with pixels enough to identify"}


def exposure(view: View) -> Section | None:
    """Views a day by level, by definition of a camera, by place and by group."""
    if not is_open(view.scenario.country):
        return None
    level = _by_level(view)
    if level is None:
        return None
    figures = present(
        level,
        _by_what_if(view),
        *(_by_place(view, category) for category in (WIDEST, SHARPEST)),
        _by_group(view),
    )
    return Section(
        "exposure",
        "How often people come into view",
        (
            "A view is an entry into the zone of a camera, whoever looks or nobody. What it is "
            "good for follows from the pixels on a person (EN 62676-4). A view with pixels enough "
            "to identify is an opportunity: no name is found and nobody need have looked.",
        ),
        figures,
    )


def _by_level(view: View) -> Figure | None:
    found = {item.category: item for item in view.book.across(MEASURE, "category")}
    entries = [Entry(words, found[name]) for name, words in LEVELS.items() if name in found]
    if len(entries) < len(LEVELS):
        # Counted passers of a deployment have one level: their section is that of the search.
        return None
    plot = Plot(
        "exposure-level",
        "Views of a resident in a day, by what they are good for",
        names.measure(MEASURE),
        "Level",
    )
    return figure(view, plot, entries)


def _by_what_if(view: View) -> Figure | None:
    """The same measure under every what-if, in the order of the scenario."""
    items = {
        item.what_if: item
        for item in view.book.across(MEASURE, what_if=None, category=SHARPEST)
        if not item.channel
    }
    order = ["", *view.scenario.what_ifs]
    entries = [
        Entry(view.names.what_if(name) if name else "As declared", items[name])
        for name in order
        if name in items
    ]
    plot = Plot(
        "exposure-what-if",
        "Views with pixels enough to identify, as declared and under each what-if",
        names.measure(MEASURE),
        "What if",
    )
    return figure(view, plot, entries) if len(entries) > 1 else None


def _by_place(view: View, category: str) -> Figure | None:
    items = view.book.across(MEASURE, "area", category=category)
    entries = [Entry(view.names.area(item.area), item) for item in _in_order(view, items)]
    if len(entries) < 2:
        return None
    identifier = f"exposure-place-{category}"
    title = f"{TITLES[category]} of a resident in a day, by place"
    plot = Plot(identifier, title, names.measure(MEASURE), "Place", "Places in alphabetical order.")
    shapes = shapes_of(view.scenario.folder)
    known = [entry for entry in entries if entry.item.area in shapes]
    return map_of(view, plot, known, shapes) if len(known) > 1 else figure(view, plot, entries)


def _in_order(view: View, items: Iterable[Estimate]) -> list[Estimate]:
    return sorted(items, key=lambda item: view.names.area(item.area))


def _by_group(view: View) -> Figure | None:
    items = view.book.across(MEASURE, "group", category=WIDEST)
    entries = [Entry(names.group(item.group), item) for item in items]
    plot = Plot(
        "exposure-group",
        "All views of a resident in a day, by group",
        names.measure(MEASURE),
        "Group",
        "One margin at a time, in the order of the scenario. Groups differ as far as where they "
        "live and how they spend the day differ, and no farther.",
    )
    return figure(view, plot, entries) if len(entries) > 1 else None
