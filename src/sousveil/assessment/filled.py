"""What a model writes into one field, and the tables that it writes with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sousveil.assessment.run_folder import FinishedRun
from sousveil.report import names
from sousveil.report.layout import Block, Grid
from sousveil.report.numbers import (
    GAP,
    NOTHING,
    amount,
    digits_for,
    is_number,
    is_share,
    percent,
    spread,
    unit_words,
)
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import MARK

LABELS = {
    "exact": "expected value",
    "mean_field": "mean field",
    "sampled": "one sampled run",
    "input": "input, not finding",
    "suppressed": "withheld: too few people",
    "unavailable": "not computed",
}
"""How a range was come by, in words."""
ALLEGATIONS = {
    "listed": "Alert of a search against a list",
    "wanted": "Alert of a search for people who are wanted",
    "identity": "Name returned by a search of footage",
    "missed_broadcast": "Absence from a roll call",
}
"""Flags that allege no act."""
PARTS = (
    ("environment", "Environment"),
    ("chance", "Chance"),
    ("monte_carlo", "Monte Carlo"),
)
"""The parts of an interval that stand beside ignorance."""


@dataclass(frozen=True)
class Filled:
    """What the model says in a field: paragraphs, then tables and figures.

    missing: why it cannot fill the field, or not the whole of it; the field is then open.
    """

    lead: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    missing: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a table: what it is about, and the value."""

    label: str
    item: Estimate


def present(rows: Iterable[tuple[str, Estimate | None]]) -> list[Row]:
    """The rows whose value the run has."""
    return [Row(label, item) for label, item in rows if item is not None]


def something(rows: Iterable[Row]) -> list[Row]:
    """The rows that are more than nought in some member, the last digits of floats left aside."""
    return [
        row
        for row in rows
        if any(abs(end or 0.0) > NOTHING for end in (row.item.low, row.item.middle, row.item.high))
    ]


def table(run: FinishedRun, first: str, rows: Sequence[Row], caption: str) -> Grid:
    """Values with the four parts of their intervals; a unit that all share ends the caption."""
    units = {row.item.unit for row in rows}
    words = unit_words(units.pop()) if len(units) == 1 else ""
    title = f"{caption} ({words})" if words and words not in caption.lower() else caption
    columns = (first, "Ignorance", "Middle", *(word for _, word in PARTS), "Basis")
    numeric = tuple(range(1, 3 + len(PARTS)))
    return Grid(columns, tuple(_cells(run, row) for row in rows), numeric, title)


def _cells(run: FinishedRun, row: Row) -> tuple[str, ...]:
    item = row.item
    unit = item.unit if is_share(item.unit) else ""
    coarse = run.ground.coarse(item)
    low, high = ignorance(item)
    digits = digits_for(low, high, coarse)
    ends = [spread(item.get(part, "low"), item.get(part, "high"), unit) for part, _ in PARTS]
    return (
        row.label,
        spread(low, high, unit, coarse),
        amount(item.middle, unit, digits),
        *ends,
        basis(run, item),
    )


def ignorance(item: Estimate) -> tuple[float | None, float | None]:
    """Ends of the range over the members alone: a run without members has none."""
    return item.get("ignorance", "low"), item.get("ignorance", "high")


def basis(run: FinishedRun, item: Estimate) -> str:
    """How a range was come by, and the mark of one that assumptions drive."""
    label = run.label(item)
    told = LABELS.get(label, names.plain(label).lower())
    return f"{told}; {MARK}" if run.ground.coarse(item) else told


def hangs_on(run: FinishedRun, rows: Iterable[Row], what: str) -> list[Block]:
    """What assumption-driven values hang on most: a table, or nothing. what: what they tell."""
    told: dict[str, list[str]] = {}
    for row in rows:
        driver = run.ground.driver(row.item)
        if driver is not None and run.ground.coarse(row.item):
            told.setdefault(driver.path, []).append(row.label)
    scene = run.about.scene
    cells = tuple(
        (
            "; ".join(dict.fromkeys(labels)),
            names.meaning(path, tuple(scene.acts), scene.channels) or names.path(path),
            path,
        )
        for path, labels in told.items()
    )
    columns = ("Number", "It hangs most on", "Quantity")
    title = f"What the assumption-driven numbers of {what} hang on"
    return [Grid(columns, cells, (), title)] if cells else []


def share(value: float | None) -> str:
    """A share of members in words."""
    return f"{percent(value)} of members" if is_number(value) else GAP


def channel_name(name: str) -> str:
    """Title of a channel."""
    found = names.declared_channels().get(name)
    return str(found.title) if found is not None else names.plain(name)


def act_name(run: FinishedRun, name: str) -> str:
    """Title of an act or allegation."""
    if name in ALLEGATIONS:
        return ALLEGATIONS[name]
    found = run.about.scene.acts.get(name)
    return found.title if found is not None and found.title else names.plain(name)


def what_if_name(run: FinishedRun, name: str) -> str:
    """Title of a what-if; combined ones are joined."""
    texts = run.about.what_if_texts
    titles = [
        texts[part].title if part in texts and texts[part].title else names.plain(part)
        for part in name.split("+")
    ]
    return " + ".join(titles)
