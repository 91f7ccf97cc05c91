"""Electricity: the day and the year under power cuts."""

from __future__ import annotations

from collections.abc import Mapping

from sousveil.report import names
from sousveil.report.figures.day import Hour, profile
from sousveil.report.layout import Figure, Grid, Section
from sousveil.report.numbers import percent, spread
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import Entry, Plot, figure, present, series_of
from sousveil.report.svg import drawing
from sousveil.report.view import View

KEPT_BACK = {"border"}
"""When and where the line of guard posts has power serves nobody who reads this."""
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MOST_TOLD = 3
"""Profiles whose least and most a caption tells."""


def day_and_year(view: View) -> Section | None:
    """The profile of a day over the whole place, and seasons by place."""
    figures = present(
        _day(view, "availability", "The day: when there is power", "Share of hours with power"),
        _day(view, "presence_share", "The day: where people are", "Share of people"),
        _lines(view),
        _year(view),
    )
    if not figures:
        return None
    if "availability" not in view.book:
        lead = "Hours of the day are shown for the whole place only."
        return Section("power", "The day of the people", (lead,), figures)
    return Section(
        "power",
        "The day and the year under power cuts",
        (
            "Hours of the day are shown for the whole place only, and seasons by province at the "
            "finest. Power is drawn once for every member, before anything else; its part of a "
            "range is called environment.",
        ),
        figures,
    )


def _part(item: Estimate) -> str:
    return item.category or item.channel


def _name(view: View, part: str) -> str:
    known = names.declared_channels()
    return view.names.channel(part) if part in known else names.plain(part)


def _day(view: View, measure: str, title: str, axis: str) -> Figure | None:
    items = [
        item
        for split in (("category",), ("channel",), ())
        for item in view.book.across(measure, *split, "period")
        if names.hour(item.period) is not None and _part(item) not in KEPT_BACK
    ]
    largest: dict[str, float] = {}
    for item in items:
        largest[_part(item)] = max(largest.get(_part(item), 0.0), item.middle or 0.0)
    parts = sorted((part for part in largest if largest[part] > 0), key=lambda p: -largest[p])
    if not parts:
        return None
    key = series_of({part: _name(view, part) for part in parts})
    style = dict(zip(parts, key.names, strict=False))
    hours = [
        Hour(names.hour(i.period) or 0, style[_part(i)], *_triple(i))
        for i in items
        if _part(i) in style
    ]
    identifier = f"day-{measure}"
    grid = _hours_grid(view, [i for i in items if _part(i) in style])
    told = [part for part in parts if part in style][:MOST_TOLD]
    peaks = "; ".join(_peak(view, part, items) for part in told)
    alt = f"{axis} by hour of the day. {peaks}."
    drawn = drawing(identifier, title, alt, lambda w: profile(hours, axis, w, key))
    return Figure(identifier, title, f"Bands: 95 of 100 members. {peaks}.", (drawn,), grid)


def _triple(item: Estimate) -> tuple[float, float, float]:
    middle = float(item.middle or 0.0)
    low = middle if item.low is None else item.low
    return low, middle, middle if item.high is None else item.high


def _peak(view: View, part: str, items: list[Estimate]) -> str:
    mine = [item for item in items if _part(item) == part]
    top = max(mine, key=lambda item: item.middle or 0.0)
    low = min(mine, key=lambda item: item.middle or 0.0)
    if percent(top.middle) == percent(low.middle):
        return f"{_name(view, part)}: {percent(top.middle)} all day"
    return (
        f"{_name(view, part)}: least {percent(low.middle)} at {names.hour(low.period):02d}:00, "
        f"most {percent(top.middle)} at {names.hour(top.period):02d}:00"
    )


def _hours_grid(view: View, items: list[Estimate]) -> Grid:
    rows = tuple(
        (
            _name(view, _part(item)),
            f"{names.hour(item.period):02d}:00",
            percent(item.middle),
            spread(item.low, item.high, "1"),
        )
        for item in items
    )
    return Grid(("Part", "Hour from", "Middle", "Range"), rows, (1, 2, 3))


def _by_line(view: View) -> list[Estimate]:
    """Power of every line by place, over the year; places with most on all lines together first."""
    items = [
        item
        for item in view.book.across("availability", "category", "area")
        if item.category not in KEPT_BACK
    ]
    most: dict[str, float] = {}
    for item in items:
        most[item.area] = most.get(item.area, 0.0) + (item.middle or 0.0)
    return sorted(items, key=lambda item: (-most[item.area], view.names.area(item.area)))


def _lines(view: View) -> Figure | None:
    """Power of every line by place."""
    items = _by_line(view)
    lines = list(dict.fromkeys(item.category for item in items))
    if len(lines) < 2:
        return None
    key = series_of({line: _name(view, line) for line in lines})
    style = dict(zip(lines, key.names, strict=False))
    entries = [
        Entry(view.names.area(item.area), item, style[item.category])
        for item in items
        if item.category in style
    ]
    plot = Plot(
        "power-lines",
        "Power by place and line",
        "share of hours with power",
        "Place",
        "Homes hang on one line, institutions and their sensors on another.",
        key,
        log=False,
        whole=True,
    )
    return figure(view, plot, entries)


def _year(view: View) -> Figure | None:
    """Seasons by place, of the first part that varies by both."""
    items = [
        item
        for split in (("category",), ("channel",), ())
        for item in view.book.across("availability", *split, "area", "period")
        if names.hour(item.period) is None and _part(item) not in KEPT_BACK
    ]
    parts = list(dict.fromkeys(_part(item) for item in items))
    if not parts or len({item.period for item in items}) < 2:
        return None
    part = "home" if "home" in parts else "iptv" if "iptv" in parts else parts[0]
    mine = [item for item in items if _part(item) == part]
    declared = view.scenario.settings.get("world.calendar.seasons")
    order = list(declared) if isinstance(declared, Mapping) else list[str]()
    found = dict.fromkeys(item.period for item in mine)
    seasons = sorted(found, key=lambda name: order.index(name) if name in order else len(order))
    # Places stand as they do in the figure before.
    places = list(dict.fromkeys(item.area for item in (*_by_line(view), *mine)))
    mine.sort(key=lambda item: (places.index(item.area), seasons.index(item.period)))
    months = declared if isinstance(declared, Mapping) else {}
    key = series_of({season: _season(season, months.get(season)) for season in seasons})
    style = dict(zip(seasons, key.names, strict=False))
    entries = [
        Entry(view.names.area(item.area), item, style[item.period])
        for item in mine
        if item.period in style
    ]
    title = f"The year: power by place and season ({_name(view, part).lower()})"
    plot = Plot(
        "power-year", title, "share of hours with power", "Place", key=key, log=False, whole=True
    )
    return figure(view, plot, entries)


def _season(name: str, months: object) -> str:
    """A season in words with its months, as far as these follow one another."""
    numbers = sorted({int(month) for month in months}) if isinstance(months, (list, tuple)) else []
    starts = [month for month in numbers if (month - 2) % 12 + 1 not in numbers]
    ends = [month for month in numbers if month % 12 + 1 not in numbers]
    if len(starts) != 1:
        return names.plain(name)
    first, last = MONTHS[starts[0] - 1], MONTHS[ends[0] - 1]
    return f"{names.plain(name)} ({first if first == last else f'{first} to {last}'})"
