"""Field `people`: which categories of people are affected, and which more than others."""

from __future__ import annotations

from collections.abc import Sequence

from sousveil.assessment.filled import Filled, Row, hangs_on, present, something, table
from sousveil.assessment.run_folder import FinishedRun
from sousveil.report import names
from sousveil.report.layout import Block, Note
from sousveil.report.numbers import number
from sousveil.report.rows import Estimate

WRONGED = "false_flags"
EXPOSURE = ("share_viewed_daily", "identifiable_views_per_person_day", "faces_searched")
"""Measures of being seen, the most telling first."""
INPUT = (
    "Input, not finding: a ratio that is marked so, or assumption-driven, shows what was put in, "
    "not what was found."
)
UNNAMED = (
    "Groups are those of published statistics. A group that no statistic of the scenario names "
    "(such as people with a disability, or without papers) is not told apart here, and is not "
    "thereby spared: the controller names it."
)


def people(run: FinishedRun) -> Filled:
    """Residents, those affected, and unfounded flags by group with their ratios."""
    groups = something(by_group(run.book.across(WRONGED, "group")))
    met = _met(run)
    totals = something(
        present(
            (_title(name), run.book.one(name)) for name in ("affected_persons", "persons_wronged")
        )
    )
    if not groups and not totals and not met:
        return Filled(missing="This run has no number by group.")
    blocks: list[Block] = []
    if met:
        blocks.append(table(run, "Group", met, f"{_title(met[0].item.measure)}, by group"))
    if totals:
        blocks.append(table(run, "Who", totals, "People affected in a year"))
    if groups:
        title = "Unfounded flags by group: whom the system wrongs"
        blocks.append(table(run, "Group", by_group(run.book.across(WRONGED, "group")), title))
    ratios = by_group(_ratios(run))
    if groups and ratios:
        title = "Ratio of unfounded flags to those of everybody else (1 is no difference)"
        blocks += [table(run, "Group", ratios, title), Note(INPUT)]
    blocks += hangs_on(run, [*totals, *groups, *ratios], "people")
    lead = f"Everybody who lives in the place is modelled: {number(run.about.persons, 3)} people."
    return Filled((lead, UNNAMED), tuple(blocks))


def _title(measure: str) -> str:
    words = names.measure(measure)
    return words[:1].upper() + words[1:]


def _met(run: FinishedRun) -> list[Row]:
    """How much of the sensors each group meets, by the first measure that the run has."""
    for measure in EXPOSURE:
        found = by_group(run.book.across(measure, "group"))
        if something(found):
            return found
    return []


def by_group(items: Sequence[Estimate]) -> list[Row]:
    """Rows by group, one margin after the other."""
    margins = list(dict.fromkeys(item.group.partition(".")[0] for item in items))
    ordered = sorted(items, key=lambda item: margins.index(item.group.partition(".")[0]))
    return [Row(names.group(item.group), item) for item in ordered]


def _ratios(run: FinishedRun) -> list[Estimate]:
    return [
        item
        for item in run.book.across("disparity_ratio", "category", "group")
        if item.category == WRONGED
    ]
