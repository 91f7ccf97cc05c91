"""The map: what falls on people province by province, with the ranges beside."""

from __future__ import annotations

from sousveil.report import names
from sousveil.report.figures.places import Place, features_of, places, shapes_of
from sousveil.report.figures.ranges import Axis, Span, ranges
from sousveil.report.layout import Drawing, Figure, Section
from sousveil.report.numbers import is_share
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import (
    HOW_TO_READ,
    Entry,
    Plot,
    by_size,
    describe,
    figure,
    is_nothing,
    present,
    table,
)
from sousveil.report.svg import NARROW, embed, render
from sousveil.report.view import View

TITLES = {
    "false_flags": "Unfounded flags, place by place",
    "harm": "Harm, place by place",
    "extortions": "Extortions, place by place",
}
MOST_MAPS = 2


def by_place(view: View) -> Section | None:
    """Up to two maps, of the measures of what falls on people that leave by area."""
    shapes = shapes_of(view.scenario.folder)
    found = list[Figure | None]()
    for measure, title in TITLES.items():
        entries = by_size(
            Entry(view.names.area(item.area), item) for item in view.book.across(measure, "area")
        )
        nothing = all(is_nothing(entry.item) for entry in entries)
        if len(entries) < 2 or nothing or len(present(*found)) == MOST_MAPS:
            continue
        known = [entry for entry in entries if entry.item.area in shapes]
        plot = Plot(f"map-{measure}", title, names.measure(measure), "Place")
        found.append(map_of(view, plot, known, shapes) if known else figure(view, plot, entries))
    if not present(*found):
        return None
    return Section(
        "places",
        "Where it falls on people",
        (
            "Numbers leave the model by these places at the finest, and only for cells that stand "
            "for at least 1,000 people. Nothing here says where anything stands: it is a map of "
            "what falls on people, not of what watches them.",
        ),
        present(*found),
    )


def map_of(
    view: View, plot: Plot, entries: list[Entry], shapes: dict[str, dict[str, object]]
) -> Figure:
    """A map by shade, numbered in the order of the entries, with their ranges beside it."""
    percent = is_share(entries[0].item.unit)
    numbered = [Entry(f"{n}  {e.label}", e.item) for n, e in enumerate(entries, start=1)]
    marks = [Place(e.item.area, n, float(e.item.middle or 0)) for n, e in enumerate(entries, 1)]
    axis = plot.axis[:1].upper() + plot.axis[1:]
    alt = describe(view, plot, entries)
    features = features_of(shapes, marks, percent)
    drawn = render(lambda: places(shapes, marks, axis, percent), features=features)
    image = Drawing(embed(f"{plot.id}-map", plot.title, f"Map by shade. {alt}", drawn))
    spans = [_span(entry.label, entry.item) for entry in numbered]
    svg = render(lambda: ranges(spans, Axis(axis, percent=percent), NARROW))
    beside = Drawing(embed(f"{plot.id}-ranges", f"{plot.title}: ranges", alt, svg))
    caption = f"The shade is the middle of all members; the ranges beside it. {HOW_TO_READ}"
    grid = table(view, "Place", entries)
    return Figure(plot.id, plot.title, caption, (image, beside), grid, beside=True)


def _span(label: str, item: Estimate) -> Span:
    middle = float(item.middle or 0.0)
    low = middle if item.low is None else item.low
    return Span(label, low, middle, middle if item.high is None else item.high)
