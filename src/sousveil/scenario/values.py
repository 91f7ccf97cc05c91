"""Reads the value of a quantity: a distribution, conflicting readings, or a series of years."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from types import MappingProxyType

from sousveil.distributions import COUNTS
from sousveil.errors import listed, shown
from sousveil.quantity import (
    FORMS,
    Distribution,
    FieldSpec,
    Location,
    Quantity,
    Reading,
    SeriesPoint,
    Source,
)
from sousveil.scenario.context import Context
from sousveil.scenario.tree import Entry, Node

INTERPOLATIONS = ("step", "linear")
_NUMBERS = MappingProxyType(
    {
        "fixed": "one number",
        "uniform": "[low, high]",
        "triangular": "[minimum, mode, maximum]",
        "beta": "[low, mode, high]",
        "lognormal": "[5 %, 50 %, 95 % quantile]",
        "truncated_normal": "[low, mean, high]",
    }
)
YEARS = range(1500, 2200)
SEPARATED = re.compile(r"\d{1,3}([ ,_'.]\d{3})+")
"""A number with separators of thousands."""


@dataclass(frozen=True)
class Reader:
    """One quantity that is being read. factor: to the unit of its field, None when that is unknown.

    cited: whether sources and grade must be given (everything that is not assumed).
    """

    path: str
    spec: FieldSpec
    context: Context
    factor: float | None = None
    cited: bool = True

    def note(self, code: str, place: Location, found: str, expected: str, *rest: str) -> None:
        """Note a problem of this quantity: mend and suggestion may follow."""
        self.context.findings.add(code, place, self.path, found, expected, *rest)

    def at(self, path: str) -> Reader:
        """Return the same reader one step deeper."""
        return replace(self, path=path)


def citation_of(node: Node, reader: Reader) -> tuple[tuple[Source, ...], str]:
    """Return sources and grade, which everything that is not assumed must have."""
    sources = reader.context.citations(node, reader.path)
    grade = reader.context.grade(node, reader.path)
    if reader.cited and not sources and nothing_at(node, "sources"):
        mend = "cite a key of sources.json, or make it assumed and say because"
        reader.note("missing", node.location, "a number without source", "sources: [...]", mend)
    if reader.cited and not grade and nothing_at(node, "grade"):
        mend = "when in doubt, the lower one"
        reader.note("missing", node.location, "a number without grade", "grade: A1 to F6", mend)
    return sources, grade


def nothing_at(node: Node, key: str) -> bool:
    """Whether a key of a mapping is absent, empty, or an empty list."""
    entry = node.entries.get(key)
    return (
        entry is None or entry.node.is_empty or (entry.node.kind == "list" and not entry.node.items)
    )


def only_form(node: Node, allowed: tuple[str, ...], reader: Reader) -> str:
    """Return the one key of a mapping that gives its value, "" when there is none or are two."""
    present = [key for key in node.entries if key in allowed]
    if len(present) == 1:
        return present[0]
    place = node.entries[present[1]].location if present else node.location
    found = " beside ".join(present) or "no value"
    reader.note("distribution", place, found, f"exactly one of {listed(allowed)}")
    return ""


def with_values(quantity: Quantity, form: str, node: Node, reader: Reader) -> Quantity | None:
    """Return the quantity with its distribution, readings or series; None when they are broken."""
    value = node.entries[form].node
    if form == "readings":
        readings = _readings(value, reader)
        if not readings:
            return None
        heaviest = max(readings, key=lambda reading: reading.weight)
        every = dict.fromkeys(source for reading in readings for source in reading.sources)
        return replace(
            quantity,
            readings=readings,
            sources=quantity.sources or tuple(every),
            grade=quantity.grade or heaviest.grade,
        )
    if form == "series":
        interpolation = reader.context.word(node, "interpolation", reader.path, INTERPOLATIONS)
        series = _series(value, reader)
        if not series:
            return None
        _warn_of_years(series, quantity.location, reader)
        return replace(quantity, series=series, interpolation=interpolation or "step")
    distribution = _distribution(form, value, reader)
    return replace(quantity, distribution=distribution) if distribution else None


def _readings(node: Node, reader: Reader) -> tuple[Reading, ...]:
    if node.kind != "list" or len(node.items) < 2:
        if node.kind != "bad":
            found = node.describe() if node.kind != "list" else f"{len(node.items)} reading"
            expected = "a list of two or more {label, weight, a distribution, sources, grade}"
            reader.note("distribution", node.location, found, expected)
        return ()
    readings: list[Reading] = []
    for number, item in enumerate(node.items, 1):
        deeper = reader.at(f"{reader.path}.readings.{number}")
        reading = _reading(item, deeper)
        if reading and reading.label in {other.label for other in readings}:
            deeper.note("duplicate", item.location, f"label {reading.label} again", "another label")
        readings += [reading] if reading else []
    return tuple(readings)


def _reading(node: Node, reader: Reader) -> Reading | None:
    context, path = reader.context, reader.path
    if not context.mapping(node, path, "a reading"):
        return None
    context.unknown_keys(node, path, ("label", "weight", "sources", "grade", "note", *FORMS))
    label = context.text(node, "label", path, required=True)
    form = only_form(node, FORMS, reader)
    sources, grade = citation_of(node, reader)
    weight = _weight(node, reader)
    distribution = _distribution(form, node.entries[form].node, reader) if form else None
    if distribution is None:
        return None
    note = context.text(node, "note", path)
    return Reading(label, weight, distribution, sources, grade, note)


def _weight(node: Node, reader: Reader) -> float:
    entry = node.entries.get("weight")
    if entry is None or not entry.node.is_number or not 0 < entry.node.value <= 1:
        if entry is None or entry.node.kind != "bad":
            place = entry.node.location if entry else node.location
            found = entry.node.describe() if entry else "no weight"
            reader.note("bad-value", place, found, "weight: a number above 0 and at most 1")
        return 1.0
    return float(entry.node.value)


def _series(node: Node, reader: Reader) -> tuple[SeriesPoint, ...]:
    if node.kind != "map" or not node.entries:
        if node.kind != "bad":
            expected = "a mapping of years to numbers or distributions"
            found = "no year" if node.kind == "map" else node.describe()
            reader.note("distribution", node.location, found, expected)
        return ()
    points: list[SeriesPoint] = []
    for key, entry in node.entries.items():
        deeper = reader.at(f"{reader.path}.series.{shown(key, 20)}")
        year = read_year(key, entry.location, deeper.path, reader.context)
        point = _point(entry, year or 0, deeper)
        points += [point] if point and year else []
    return tuple(sorted(points, key=lambda point: point.year))


def _point(entry: Entry, year: int, reader: Reader) -> SeriesPoint | None:
    node, context = entry.node, reader.context
    if node.kind != "map":
        distribution = _distribution("fixed", node, reader)
        return SeriesPoint(year, distribution) if distribution else None
    node = replace(node, location=entry.location)
    context.unknown_keys(node, reader.path, (*FORMS, "sources"))
    form = only_form(node, FORMS, reader)
    distribution = _distribution(form, node.entries[form].node, reader) if form else None
    sources = context.citations(node, reader.path)
    return SeriesPoint(year, distribution, sources) if distribution else None


def read_year(text: str, place: Location, path: str, context: Context) -> int | None:
    """Return a year of four digits."""
    if text.isascii() and text.isdigit() and int(text[:9]) in YEARS:
        return int(text[:9])
    expected = f"a year from {YEARS.start} to {YEARS.stop - 1}"
    context.findings.add("bad-value", place, path, shown(text), expected)
    return None


def _warn_of_years(series: tuple[SeriesPoint, ...], place: Location, reader: Reader) -> None:
    first, last, year = series[0].year, series[-1].year, reader.context.year
    if not first <= year <= last:
        words = f"the series runs from {first} to {last}, the scenario stands in {year}: its range"
        reader.context.findings.warn(place, reader.path, f"{words} is widened")


def _distribution(form: str, node: Node, reader: Reader) -> Distribution | None:
    """Return a distribution in the unit of the field, or None; every problem is noted."""
    if node.kind == "bad":
        return None
    if form == "fixed" and node.kind == "list":
        mend = "use uniform or triangular for a range"
        reader.note("distribution", node.location, "fixed with a range", "one number", mend)
        return None
    items = (node,) if form == "fixed" else node.items
    if len(items) != COUNTS[form] or not all(item.kind in {"scalar", "bad"} for item in items):
        found = f"{len(items)} numbers" if node.kind == "list" else node.describe()
        reader.note("distribution", node.location, found, f"{form}: {_NUMBERS[form]}")
        return None
    for item in items:
        if not item.is_number and item.kind != "bad":
            mend = "the unit stands beside it, in `unit`"
            if SEPARATED.fullmatch(item.text):
                mend = "write it without thousands separators"
            reader.note("bad-value", item.location, item.describe(), "a number", mend)
    if not all(item.is_number for item in items):
        return None
    values = tuple(float(item.value) for item in items)
    if not _ascends(form, values, node, reader) or reader.factor is None:
        return None
    return Distribution(form, _inside(values, items, reader))


def _ascends(form: str, values: tuple[float, ...], node: Node, reader: Reader) -> bool:
    """Whether the numbers ascend; a lognormal ascends strictly, from above zero."""
    steps = list(zip(values, values[1:], strict=False))
    strict = form == "lognormal"
    if all(low < high or (low == high and not strict) for low, high in steps):
        if form != "fixed" and values[0] == values[-1]:
            reader.note("ascending", node.location, "no range", "low below high", "use fixed")
            return False
        if strict and values[0] <= 0:
            mend = "use triangular when zero is possible"
            reader.note("ascending", node.location, f"{values[0]:g}", "numbers above 0", mend)
            return False
        return True
    numbers = ", ".join(f"{value:g}" for value in values)
    wanted = ", ".join(f"{value:g}" for value in reversed(values))
    expected = f"{form}: {_NUMBERS[form]}, {'strictly ' if strict else ''}ascending"
    hint = f"[{wanted}]" if list(reversed(values)) == sorted(set(values)) else ""
    reader.note("ascending", node.location, f"[{numbers}]", expected, "", hint)
    return False


def _inside(
    values: tuple[float, ...], items: tuple[Node, ...], reader: Reader
) -> tuple[float, ...]:
    """Return the numbers in the unit of the field; those outside its bounds are noted."""
    result: list[float] = []
    for value, item in zip(values, items, strict=True):
        scaled = value * (reader.factor or 0.0)
        result.append(scaled)
        refuse_outside(
            scaled,
            item.location,
            reader.path,
            reader.spec,
            reader.context,
            converted=reader.factor != 1,
        )
    return tuple(result)


def refuse_outside(
    value: float,
    place: Location,
    path: str,
    spec: FieldSpec,
    context: Context,
    *,
    converted: bool = False,
) -> bool:
    """Note a value outside the bounds of its field, and say whether it was.

    converted: whether it was written in another unit, so that percent was known to the writer.
    """
    slack = 1e-12 * max(1.0, abs(value))
    if spec.low - slack <= value <= spec.high + slack:
        return False
    upper = "upwards" if math.isinf(spec.high) else f"to {spec.high:g}"
    unit = "" if spec.unit == "1" else f" in {spec.unit}"
    expected = f"a number from {spec.low:g} {upper}{unit}"
    percent = spec.unit == "1" and spec.high == 1 and 1 < value <= 100 and not converted
    mend = "give a fraction, or a percentage with unit percent" if percent else ""
    hint = "unit: percent" if percent else ""
    context.findings.add("bounds", place, path, f"{value:g}", expected, mend, hint)
    return True
