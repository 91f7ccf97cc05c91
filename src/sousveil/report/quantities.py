"""A quantity and its sources as a reader meets them: the range as declared, the grade in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

from sousveil.quantity import Distribution, Quantity, Source
from sousveil.report.numbers import number, percent, unit_words
from sousveil.scenario.cite import grades_given
from sousveil.scenario.model import Scenario, SourceRecord

RELIABILITY = {
    "A": "completely reliable source",
    "B": "usually reliable source",
    "C": "fairly reliable source",
    "D": "source not usually reliable",
    "E": "unreliable source",
    "F": "reliability cannot be judged",
}
CREDIBILITY = {
    "1": "confirmed by others",
    "2": "probably true",
    "3": "possibly true",
    "4": "doubtful",
    "5": "improbable",
    "6": "truth cannot be judged",
}


def grade_words(grade: str) -> str:
    """An Admiralty grade in words: B2 is a usually reliable source, probably true."""
    if len(grade) != 2:
        return ""
    parts = (RELIABILITY.get(grade[0].upper(), ""), CREDIBILITY.get(grade[1], ""))
    return ", ".join(part for part in parts if part)


def range_of(item: Quantity) -> str:
    """The value or range as declared, with its unit; readings and series one after the other."""
    if item.readings:
        told = "; ".join(
            f"{reading.label}: {_plain(reading.distribution, item)}" for reading in item.readings
        )
        return f"{told} (conflicting readings)"
    if item.series:
        points = [f"{p.year}: {_plain(p.distribution, item)}" for p in item.series]
        return "; ".join(points)
    return "" if item.distribution is None else _plain(item.distribution, item)


def _plain(distribution: Distribution, item: Quantity) -> str:
    values = distribution.values
    # Unit 1 is a share where the field ends at 1, else a factor.
    unit = item.unit
    if unit == "1" and item.high <= 1:
        low, high = percent(distribution.low, 3), percent(distribution.high, 3)
        middle = percent(values[1], 3) if len(values) == 3 else ""
        words = ""
    else:
        low, high = number(distribution.low, 3), number(distribution.high, 3)
        middle = number(values[1], 3) if len(values) == 3 else ""
        words = f" {unit_words(unit)}" if unit_words(unit) else ""
    if distribution.certain:
        return f"{low}{words}"
    centre = f", middle {middle}" if middle else ""
    return f"{low} to {high}{centre}{words}"


def sources_of(item: Quantity) -> tuple[Source, ...]:
    """Every source of a quantity, those of its readings and years included, once each."""
    found = list(item.sources)
    for reading in item.readings:
        found += reading.sources
    for point in item.series:
        found += point.sources
    return tuple(dict.fromkeys(found))


def grades_of(item: Quantity) -> str:
    """Grades of a quantity: its own, else those of its readings."""
    grades = [item.grade, *(reading.grade for reading in item.readings)]
    return ", ".join(dict.fromkeys(grade for grade in grades if grade))


@dataclass(frozen=True)
class Cited:
    """A source with what rests on it: number of quantities, grades that they gave it."""

    record: SourceRecord
    quantities: int
    grades: tuple[str, ...]

    @property
    def host(self) -> str:
        """Where its link leads."""
        return urlsplit(self.record.url).netloc.removeprefix("www.")


def cited(scenario: Scenario) -> list[Cited]:
    """Every source of the scenario by key, with its use; the unused ones come last."""
    uses: dict[str, list[str]] = {key: [] for key in scenario.sources}
    counts: Counter[str] = Counter()
    for item in scenario.quantities.values():
        counts.update({source.key for source in sources_of(item)})
        for key, grade in grades_given(item):
            uses.setdefault(key, []).append(grade)
    found = [
        Cited(record, counts[key], tuple(sorted({g for g in uses[key] if g})))
        for key, record in scenario.sources.items()
    ]
    return sorted(found, key=lambda item: (item.quantities == 0, item.record.key))
