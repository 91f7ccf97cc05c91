"""Field `oversight`: what the people who review have to carry."""

from __future__ import annotations

from sousveil.assessment.filled import (
    Filled,
    Row,
    channel_name,
    hangs_on,
    something,
    table,
    what_if_name,
)
from sousveil.assessment.manifest import Number
from sousveil.assessment.measures import safeguards
from sousveil.assessment.run_folder import FinishedRun
from sousveil.report import names
from sousveil.report.layout import Block, Grid
from sousveil.report.numbers import number, percent, unit_words

CASES, WAIT, DROPPED = "cases_per_reviewer_day", "backlog_days", "dropped_flags"
PROCEDURE = (
    "procedure.review_share",
    "procedure.reject_founded",
    "procedure.reject_unfounded",
    "procedure.retention_days",
    "procedure.officers",
    "procedure.cases_per_officer_day",
)
NO_REVIEW = (
    "The scenario declares no review by a human before anything happens to a person, so that there "
    "is no load to tell."
)
NO_OFFICERS = (
    "A review is declared, but not how many people do it, so that cases for each reviewer and day, "
    "and their wait, cannot be told: give procedure.officers and procedure.cases_per_officer_day, "
    "and run again."
)
BASE = (
    "As declared, no flag is reviewed by a human before anything happens to the person: the load "
    "is that of the safeguards that are named."
)
MEAN = "Queues are a mean over the year: days on which many cases come at once are not modelled."


def oversight(run: FinishedRun) -> Filled:
    """Cases a reviewer and day, days of waiting, flags dropped, and what the scenario states."""
    branches = ["", *(item.name for item in safeguards(run))]
    load = something(_load(run, branches))
    if not _reviews(run) and not load:
        return Filled(missing=NO_REVIEW)
    dropped = something(_rows(run, DROPPED, branches))
    stated = _stated(run)
    blocks: list[Block] = []
    if load:
        blocks.append(table(run, "Load", load, "Cases and waiting, as modelled"))
    if dropped:
        blocks.append(table(run, "When", dropped, "Flags that reviewers or rules drop"))
    if stated is not None:
        blocks.append(stated)
    blocks += hangs_on(run, [*load, *dropped], "review")
    lead = "What falls on those who review, and how long a flag waits for them."
    lead = lead if _reviews(run) else BASE
    return Filled((lead, MEAN), tuple(blocks), "" if load else NO_OFFICERS)


def _load(run: FinishedRun, branches: list[str]) -> list[Row]:
    each, wait = (_titled(names.measure(name)) for name in (CASES, WAIT))
    rows = [Row(f"{each}: {row.label.lower()}", row.item) for row in _rows(run, CASES, branches)]
    for name in branches:
        for item in run.book.across(WAIT, "channel", what_if=name):
            words = f"{wait}, {channel_name(item.channel).lower()}: {_when(run, name).lower()}"
            rows.append(Row(words, item))
    return rows


def _titled(words: str) -> str:
    return words[:1].upper() + words[1:]


def _rows(run: FinishedRun, measure: str, branches: list[str]) -> list[Row]:
    found = [(name, run.book.one(measure, name)) for name in branches]
    return [Row(_when(run, name), item) for name, item in found if item is not None]


def _when(run: FinishedRun, name: str) -> str:
    return what_if_name(run, name) if name else "As declared"


def _reviews(run: FinishedRun) -> bool:
    """Whether a share of some channel's flags goes to a reviewer."""
    return any(
        item.path.startswith(PROCEDURE[0]) and max(item.values, default=1.0) > 0
        for item in run.about.quantities
    )


def _stated(run: FinishedRun) -> Grid | None:
    """What the scenario states of the review itself."""
    scene = run.about.scene
    rows = tuple(
        (
            names.meaning(item.path, tuple(scene.acts), scene.channels) or names.path(item.path),
            _range(item),
            "set by the user" if item.by_user else item.kind,
            item.grade,
        )
        for item in run.about.quantities
        if item.values and item.path.startswith(PROCEDURE)
    )
    columns = ("What the scenario states of review", "Range", "How it is known", "Grade")
    return Grid(columns, rows, (1,), "Review, as the scenario states it") if rows else None


def _range(item: Number) -> str:
    low, high = min(item.values), max(item.values)
    if item.unit == "1":
        return percent(low) if low == high else f"{percent(low)} to {percent(high)}"
    words = f"{number(low, 3)}" if low == high else f"{number(low, 3)} to {number(high, 3)}"
    return f"{words} {unit_words(item.unit)}".strip()
