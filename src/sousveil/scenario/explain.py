"""What a quantity, setting or what-if of a scenario means, and where it stands, in plain lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from sousveil.errors import Problem, Problems, close_to, shown
from sousveil.quantity import Distribution, Location, Quantity, Source
from sousveil.scenario.model import CENTRAL, Scenario, WhatIf
from sousveil.scenario.parameters import matching, resolve
from sousveil.scenario.sections import Declared, Found, Section, declared, find, walk
from sousveil.sources import as_text, grade_in_words

_NAMES: Mapping[str, tuple[str, ...]] = {
    "fixed": ("value",),
    "uniform": ("low", "high"),
    "triangular": ("minimum", "mode", "maximum"),
    "beta": ("low", "mode", "high"),
    "lognormal": ("5 %", "50 %", "95 %"),
    "truncated_normal": ("low", "mean", "high"),
}


def explain(scenario: Scenario, path: str, *, classes: Declared | None = None) -> list[str]:
    """Return the lines that explain a path: a quantity, a field, a setting, a section or a what-if.

    Raises Problems when the path names nothing.
    """
    sections = (classes or declared()).sections(scenario.acts, scenario.channels)
    if path in scenario.quantities:
        found = find(sections, path)
        return _quantity(scenario.quantities[path], scenario, found)
    name = path.removeprefix("what_ifs.")
    if name in scenario.what_ifs:
        return _what_if(scenario.what_ifs[name], scenario)
    below = [item for item in scenario.quantities if item.startswith(path + ".")]
    found = find(sections, path) or find(sections, path + ".*")
    if found is not None:
        return _field(found, scenario, below)
    if below:
        return [path, *(f"  {item}  {_short(scenario.quantities[item])}" for item in below)]
    every = [*scenario.quantities, *scenario.settings, *_fields(sections)]
    every += [f"what_ifs.{name}" for name in scenario.what_ifs]
    ends = [item for item in every if item.endswith("." + path)]
    raise Problems(
        [
            Problem(
                "unknown-name",
                Location(scenario.name, 1, 1),
                shown(path),
                "no such path",
                "a quantity, setting or what-if of this scenario",
                "",
                ends[0] if ends else close_to(path, every),
            )
        ]
    )


def _fields(sections: Mapping[str, Section]) -> list[str]:
    return [path for start, section in sections.items() for path, _ in walk(section, start)]


def _quantity(item: Quantity, scenario: Scenario, found: Found | None) -> list[str]:
    lines = [item.path]
    if found is not None:
        lines.append(f"  {found.slot.spec.doc}")
    lines += _values(item)
    unit = "a share, or a plain number" if item.unit == "1" else item.unit
    lines += _row("unit", unit)
    lines += _row("allowed", f"{item.low:g} to {item.high:g}".replace(" to inf", " upwards"))
    lines += _row("kind", "assumed, by the user" if item.by_user else item.kind)
    lines += _row("because", item.because if not item.by_user else "")
    lines += _row("role", item.role) + _row("resolution", item.resolution)
    lines += _row("grade", grade_in_words(item.grade) if item.grade else "")
    lines += _sources(item.sources, scenario)
    lines += _row("note", item.note)
    place = item.location
    lines += _row("stands in", f"{place.file}:{place.line}:{place.column}")
    lines += _row("enters", _enters(item.path))
    return lines + _changed_by(item.path, scenario)


def _values(item: Quantity) -> Iterator[str]:
    if item.distribution:
        yield from _row("value", _words(item.distribution))
    for reading in item.readings:
        cited = ", ".join(source.key for source in reading.sources)
        grade = f", {reading.grade}" if reading.grade else ""
        words = (
            f"{reading.label} (weight {reading.weight:g}{grade}{', ' if cited else ''}{cited}): "
        )
        yield from _row("reading", words + _words(reading.distribution))
    for point in item.series:
        yield from _row("in " + str(point.year), _words(point.distribution))
    if item.series:
        yield from _row("between", f"the years: {item.interpolation}; outside: wider ranges")


def _words(distribution: Distribution) -> str:
    if distribution.form == "fixed":
        return f"{distribution.values[0]:g}"
    names = _NAMES[distribution.form]
    parts = [f"{name} {value:g}" for name, value in zip(names, distribution.values, strict=True)]
    low, middle, high = (distribution.quantile(level) for level in (0.025, 0.5, 0.975))
    inner = f"median {middle:.3g}, 95 % of it from {low:.3g} to {high:.3g}"
    return f"{distribution.form}: {', '.join(parts)}; {inner}"


def _short(item: Quantity) -> str:
    return "; ".join(line.split(maxsplit=1)[1] for line in _values(item))


def _row(name: str, words: str) -> list[str]:
    return [f"  {name:<11} {words}"] if words else []


def _sources(sources: tuple[Source, ...], scenario: Scenario) -> list[str]:
    lines: list[str] = []
    for source in sources:
        record = scenario.sources.get(source.key)
        words = as_text(record.csl) if record else ""
        locator = f", {source.locator}" if source.locator else ""
        lines += _row("source", f"{source.key}{locator}: {words}")
    return lines


def _plainly(value: Any) -> str:
    """A setting as it would stand in a file."""
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        return "{" + ", ".join(f"{key}: {_plainly(item)}" for key, item in items) + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_plainly(item) for item in cast("tuple[Any, ...]", value)) + "]"
    words = {None: "nothing", True: "true", False: "false", "": "nothing"}
    return words[value] if isinstance(value, (bool, type(None))) or value == "" else str(value)


def _enters(path: str) -> str:
    section, _, rest = path.partition(".")
    name, _, field = rest.partition(".")
    if section == "channels":
        return f"the processes that the channel {name} lowers itself to, as {field}"
    if section == "acts":
        return f"the act {name}, as {field}"
    return f"the {section}, as {rest}"


def _changed_by(path: str, scenario: Scenario) -> list[str]:
    lines: list[str] = []
    for item in scenario.what_ifs.values():
        for target, value in item.set.items():
            if path in matching(scenario, target):
                lines += _row("what-if", f"{item.name} sets it to {value:g}")
        for target, factor in item.scale.items():
            if path in matching(scenario, target):
                lines += _row("what-if", f"{item.name} multiplies it by {factor:g}")
        if path in item.set_settings:
            value = _plainly(item.set_settings[path])
            lines += _row("what-if", f"{item.name} sets it to {value}")
    return lines


def _field(found: Found, scenario: Scenario, below: list[str]) -> list[str]:
    spec, path = found.slot.spec, found.field_path
    lines = [path, f"  {spec.doc}"]
    if spec.form == "setting":
        value = scenario.settings.get(path, found.slot.default)
        given = "" if path in scenario.settings else " (left out: its declared value)"
        lines += _row("setting", _plainly(value) + given) + _row("allowed", ", ".join(spec.choices))
        return lines + _changed_by(path, scenario)
    lines += _row("unit", spec.unit)
    lines += [f"  {item}  {_short(scenario.quantities[item])}" for item in below]
    if not below and spec.absent is not None:
        lines += _row("value", f"left out: its declared value {spec.absent:g}")
    return lines + _changed_by(path, scenario)


def _what_if(item: WhatIf, scenario: Scenario) -> list[str]:
    kind = "a safeguard" if item.safeguard else "a what-if"
    sharper = " (more accurate, not less harmful)" if item.sharpens_only else ""
    lines = [f"what_ifs.{item.name}: {item.title}"]
    lines += _row("is", kind + sharper) + _row("reason", item.reason)
    lines += _row("inherits", ", ".join(item.inherit)) + _row("removes", ", ".join(item.remove))
    lines += _row("year", str(item.year) if item.year is not None else "")
    before = resolve(scenario, CENTRAL)
    for path, value in item.set.items():
        olds = {f"{_central(scenario, each, before.year):g}" for each in matching(scenario, path)}
        lines += _row("sets", f"{path} to {value:g} (median now: {', '.join(sorted(olds))})")
    for path, value in item.set_settings.items():
        lines += _row("sets", f"{path} to {_plainly(value)}")
    for path, factor in item.scale.items():
        lines += _row("scales", f"{path} by {factor:g}")
    return lines + _sources(item.sources, scenario)


def _central(scenario: Scenario, path: str, year: int) -> float:
    item = scenario.quantities.get(path)
    return item.value(0.5, float("nan"), year) if item else float("nan")
