"""The sources behind a scenario, by grade, as text, BibTeX or CSL-JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sousveil.quantity import Quantity
from sousveil.scenario.model import Scenario
from sousveil.sources import as_bibtex, as_text, grade_in_words, split_citation

FORMATS = ("text", "bibtex", "csl")


def cite(scenario: Scenario, form: str = "text") -> str:
    """Return the sources that the scenario rests on, those with the best grade first."""
    grades = source_grades(scenario)
    order = sorted(grades, key=lambda key: (grades[key] or "~", key))
    records = [scenario.sources[key].csl for key in order if key in scenario.sources]
    if form == "csl":
        return json.dumps([dict(csl) for csl in records], ensure_ascii=False, indent=1)
    if form == "bibtex":
        return "\n\n".join(map(as_bibtex, records))
    return "\n".join(_text(scenario, order, grades))


def source_grades(scenario: Scenario) -> dict[str, str]:
    """Return source key -> the best grade of a quantity that rests on it, else ""."""
    grades: dict[str, str] = {}
    for key, grade in _used(scenario):
        old = grades.get(key, "")
        grades[key] = min(filter(None, (old, grade)), default="")
    return grades


def _used(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Every use of a source with the grade given there."""
    checks = [check.quantity for check in scenario.checks]
    for item in (*scenario.quantities.values(), *checks):
        yield from grades_given(item)
    for what_if in scenario.what_ifs.values():
        yield from ((source.key, "") for source in what_if.sources)
    for claim in scenario.claims:
        yield from ((source.key, "") for source in claim.evidence)
    for table in scenario.tables.values():
        for cell in dict.fromkeys(str(row.get("source", "")) for row in table.rows):
            for text in filter(None, map(str.strip, cell.split(";"))):
                yield split_citation(text)[0], ""


def grades_given(item: Quantity) -> Iterator[tuple[str, str]]:
    """Source and the grade that a quantity gives to what it takes from it, or "".

    Of readings that conflict each source bears the grade of its own reading.
    """
    own = {source.key for reading in item.readings for source in reading.sources}
    for reading in item.readings:
        yield from ((source.key, reading.grade) for source in reading.sources)
    for source in item.sources:
        yield source.key, "" if source.key in own else item.grade
    for point in item.series:
        yield from ((source.key, item.grade) for source in point.sources)


def _text(scenario: Scenario, order: list[str], grades: dict[str, str]) -> Iterator[str]:
    previous = None
    for key in order:
        record = scenario.sources.get(key)
        if record is None:
            continue
        if grades[key] != previous:
            previous = grades[key]
            words = grade_in_words(previous) if previous else "not graded: tables, claims, what-ifs"
            yield f"\n{words}" if previous != grades[order[0]] else words
        yield f"  {key}: {as_text(record.csl)}"
    kinds: dict[str, int] = {}
    for item in scenario.quantities.values():
        kinds[item.kind] = kinds.get(item.kind, 0) + 1
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    yield f"\n{len(scenario.quantities)} quantities: {counted}"
