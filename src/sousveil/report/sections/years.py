"""As of 2012, 2019 and now: what changed, what moved with the year, and what could not."""

from __future__ import annotations

from sousveil.quantity import Quantity
from sousveil.report import names
from sousveil.report.layout import Figure, Grid, Section
from sousveil.report.quantities import range_of
from sousveil.report.sections.common import Entry, Plot, figure, present
from sousveil.report.view import View

MEASURES = (
    ("camera_stock", "Cameras in working order"),
    ("noticed_per_person_day", "Times noticed"),
    ("false_flags", "Unfounded flags"),
    ("harm", "Harm"),
)


def years(view: View) -> Section | None:
    """The same scenario run as of other years."""
    runs = [(item.year, name) for name, item in view.scenario.what_ifs.items() if item.year]
    runs = sorted([*runs, (view.scenario.year, "")])
    if len(runs) < 2:
        return None
    figures = present(*(_figure(view, runs, *item) for item in MEASURES))
    if not figures:
        return None
    moved = [item for item in view.scenario.quantities.values() if moves(item)]
    fixed = [item for item in view.scenario.quantities.values() if not moves(item)]
    grid = Grid(
        ("Quantity", "What it is", "By year"),
        tuple((i.path, view.names.quantity(i.path), range_of(i)) for i in moved),
        caption=f"What moved with the year: {len(moved)} quantities",
    )
    return Section(
        "years",
        "As of " + ", ".join(str(year) for year, _ in runs),
        (
            f"Of {len(moved) + len(fixed)} quantities {len(moved)} carry dates and move with the "
            f"year; the other {len(fixed)} have one value for all years, because no source dates "
            "them. What they hide, such as a change of zeal, of bribery or of trust, this "
            "comparison cannot show.",
            _unmoved(view, fixed),
        ),
        (*figures, *([grid] if moved else [])),
    )


def moves(item: Quantity) -> bool:
    """Whether a quantity has a value of its own for some years, or is the record of one year."""
    return bool(item.series) or item.path.rsplit(".", 1)[-1].isdigit()


def _unmoved(view: View, fixed: list[Quantity]) -> str:
    """Where the quantities stand that could not move."""
    counts: dict[str, int] = {}
    for item in fixed:
        counts[_place(view, item.path)] = counts.get(_place(view, item.path), 0) + 1
    told = [f"{words} ({count})" for words, count in counts.items()]
    return f"What could not move: {', '.join(told)}." if told else ""


def _place(view: View, path: str) -> str:
    first, _, rest = path.partition(".")
    if first == "channels":
        return view.names.channel(rest.partition(".")[0]).lower()
    return names.plain(rest.partition(".")[0] if first == "world" else first).lower()


def _figure(view: View, runs: list[tuple[int, str]], measure: str, title: str) -> Figure | None:
    entries = list[Entry]()
    for year, name in runs:
        item = view.book.one(measure, name)
        for found in (
            [item] if item is not None else view.book.across(measure, "category", what_if=name)[:1]
        ):
            entries.append(Entry(f"As of {year}", found))
    if len({entry.label for entry in entries}) < 2:
        return None
    plot = Plot(f"years-{measure}", title, names.measure(measure), "Year", log=False)
    return figure(view, plot, entries)
