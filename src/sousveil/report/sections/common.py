"""What sections share: from estimates to a figure with its caption, description and table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sousveil.report.figures.ranges import Axis, Key, Span, ranges, use_log
from sousveil.report.layout import Figure, Grid
from sousveil.report.names import LAYERS
from sousveil.report.numbers import amount, is_share, spread, unit_words
from sousveil.report.rows import Estimate
from sousveil.report.svg import drawing
from sousveil.report.view import Ground

LAYER_KEY = Key(LAYERS)
HOW_TO_READ = "Marks: the middle of all members. Lines: 95 of 100 members."
MARK = "assumption-driven"
DRIVEN = (
    "Marked assumption-driven in the table: more than half of the variance comes from assumed "
    "quantities."
)
MOST_TOLD = 8
"""Values that a text description tells before it points to the table."""


@dataclass(frozen=True)
class Entry:
    """One range of a figure: its row, its series (a style of the grammar), the value."""

    label: str
    item: Estimate
    series: str = ""


@dataclass(frozen=True)
class Plot:
    """What a figure of ranges says.

    title: the finding or question. axis: the number's words. first: title of the first column.
    signed: a difference, with a line at nought. log: None decides by the data.
    """

    id: str
    title: str
    axis: str
    first: str
    caption: str = ""
    key: Key | None = None
    signed: bool = False
    log: bool | None = None
    whole: bool = False
    at: float | None = None


def figure(ground: Ground, plot: Plot, entries: Sequence[Entry]) -> Figure | None:
    """Figure of ranges with its table; None where there is nothing to show."""
    entries = [entry for entry in entries if entry.item.known]
    if all(is_nothing(entry.item) for entry in entries):
        return None
    several = len({entry.series for entry in entries}) > 1
    spans = [_span(ground, entry, plot, tell=not several) for entry in entries]
    log = use_log(spans) if plot.log is None else plot.log
    if log:
        spans = [s for s, entry in zip(spans, entries, strict=True) if not is_nothing(entry.item)]
    axis = Axis(
        _titled(plot.axis),
        percent=is_share(entries[0].item.unit),
        log=log,
        at=0.0 if plot.signed else plot.at,
        signed=plot.signed,
        whole=plot.whole,
    )
    grid = table(ground, plot.first, entries, plot.key if several else None)
    alt = describe(ground, plot, entries)
    drawn = drawing(plot.id, plot.title, alt, lambda w: ranges(spans, axis, w, plot.key))
    driven = DRIVEN if any(ground.coarse(entry.item) for entry in entries) else ""
    told = (plot.caption, HOW_TO_READ, _scale_note(log), driven)
    caption = " ".join(part for part in told if part)
    return Figure(plot.id, plot.title, caption, (drawn,), grid)


def _scale_note(log: bool) -> str:
    return (
        "Each step of the scale is a power of ten; what is smaller stands at its left end."
        if log
        else ""
    )


def _span(ground: Ground, entry: Entry, plot: Plot, tell: bool) -> Span:
    item = entry.item
    middle = float(item.middle or 0.0)
    low = middle if item.low is None else item.low
    high = middle if item.high is None else item.high
    text = ""
    if tell and item.low is not None:
        # The axis says the unit.
        unit = item.unit if is_share(item.unit) else ""
        text = spread(item.low, item.high, unit, ground.coarse(item), plot.signed)
    return Span(entry.label, low, middle, high, entry.series, text)


def table(ground: Ground, first: str, entries: Iterable[Entry], key: Key | None = None) -> Grid:
    """The values behind a figure."""
    entries = list(entries)
    # One unit: it stands in the head of the column, so that the cells stay short.
    units = {entry.item.unit for entry in entries}
    unit = units.pop() if len(units) == 1 else ""
    head = f", {unit_words(unit)}" if unit_words(unit) else ""
    titles = [first, *(["Part"] if key else []), f"Range{head}", "Middle"]
    sampled = any(entry.item.central is not None for entry in entries)
    driven = any(ground.coarse(entry.item) for entry in entries)
    titles += ["Mark"] if driven else []
    titles += ["Central run"] if sampled else []
    rows = list[tuple[str, ...]]()
    for entry in entries:
        item = entry.item
        part = [(key.names.get(entry.series, entry.series))] if key else []
        digits = 1 if ground.coarse(item) and _wide(item) else 2
        own = item.unit if is_share(item.unit) or not head else ""
        ends = spread(item.low, item.high, own, ground.coarse(item))
        row = [entry.label, *part, ends, amount(item.middle, own, digits)]
        if driven:
            row.append(MARK if ground.coarse(item) else "")
        if sampled:
            row.append(amount(item.central, own))
        rows.append(tuple(row))
    words = {"Part", "Mark", first}
    numeric = tuple(place for place, title in enumerate(titles) if title not in words)
    return Grid(tuple(titles), tuple(rows), numeric)


def _wide(item: Estimate) -> bool:
    low, high = item.low, item.high
    return low is not None and high is not None and low > 0 and high / low > 3


def describe(ground: Ground, plot: Plot, entries: Sequence[Entry]) -> str:
    """Text that stands for the picture, made from its data."""
    told = list[str]()
    for entry in entries[:MOST_TOLD]:
        series = plot.key.names.get(entry.series, "") if plot.key else ""
        name = f"{entry.label}, {series}" if series else entry.label
        told.append(f"{name}: {ground.phrase(entry.item)}")
    rest = len(entries) - MOST_TOLD
    more = f"; and {rest} more in the table below" if rest > 0 else ""
    return f"Ranges of {plot.axis}. {'; '.join(told)}{more}."


def is_nothing(item: Estimate) -> bool:
    """Whether a value is nought in every member."""
    return not any((item.low, item.middle, item.high))


def without_idle_series(entries: Sequence[Entry]) -> list[Entry]:
    """Leave out a series that is nought in every row, such as machines where there are none."""
    busy = {entry.series for entry in entries if not is_nothing(entry.item)}
    return [entry for entry in entries if entry.series in busy]


def by_size(entries: Iterable[Entry]) -> list[Entry]:
    """Largest middle first."""
    return sorted(entries, key=lambda entry: -(entry.item.middle or 0.0))


def times(item: Estimate, factor: float, unit: str) -> Estimate:
    """A value in another unit; the share of its variance that assumptions bear stays."""
    values = {
        key: value if value is None or key[1] == "share" else value * factor
        for key, value in item.values.items()
    }
    return replace(item, unit=unit, values=values)


def grouped(entries: Sequence[Entry]) -> list[Entry]:
    """Rows with their largest part first, the parts of a row together."""
    largest: dict[str, float] = {}
    for entry in entries:
        size = entry.item.middle or 0.0
        largest[entry.label] = max(largest.get(entry.label, -math.inf), size)
    return sorted(entries, key=lambda entry: -largest[entry.label])


def series_of(names: Mapping[str, str]) -> Key:
    """Give words the styles that are not kept for people, machines and mixed, in order."""
    free = ("before", "after", "third", "fourth", "fifth", "sixth", "seventh")
    return Key(dict(zip(free, names.values(), strict=False)))


def _titled(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """A text with its first letter large and a full stop, or the mark that it has."""
    text = _titled(text.strip().rstrip("."))
    return f"{text}." if text and text[-1] not in "?!" else text


def present(*figures: Figure | None) -> tuple[Figure, ...]:
    """The figures that there are."""
    return tuple(item for item in figures if item is not None)
