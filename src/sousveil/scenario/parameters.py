"""From a scenario, a draw and what-ifs to the bare numbers that the model runs on.

A what-if is a choice, so it applies after the draw and is the same in all members. Order: the base
value (drawn, at the year), an override, then each what-if with those it inherits first, its `set`
before its `scale`; a scaled value stays inside the bounds of its field.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from sousveil.errors import Problem, Problems, close_to, listed
from sousveil.quantity import FieldSpec, Location, Quantity
from sousveil.scenario.model import Draw, Scenario, WhatIf
from sousveil.scenario.sections import Declared, Section, Slot, declared, find

Item = TypeVar("Item")


@dataclass(frozen=True)
class Parameters:
    """One member's numbers under one what-if: drawn, patched, in the units of their fields.

    acts, channels: by name, in file order; a removed channel is not in `channels` but in `removed`.
    """

    world: Any
    acts: Mapping[str, Any]
    channels: Mapping[str, Any]
    procedure: Any
    chilling: Any
    year: int
    removed: tuple[str, ...]
    arrivals: Any = None


@dataclass(frozen=True)
class _Field:
    """A slot at its path, with the keys that the scenario gives where it is a mapping."""

    slot: Slot
    path: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class _Node:
    """A section, compiled: what to build and from which paths."""

    path: str
    cls: type[Any]
    fields: tuple[_Field, ...]
    nested: tuple[tuple[str, _Node], ...]


@dataclass(frozen=True)
class _Compiled:
    """A scenario, walked once."""

    scenario: Scenario
    sections: Mapping[str, Section]
    nodes: Mapping[str, _Node]


@dataclass
class _Patched:
    """The values on their way through the what-ifs.

    keys: keys that a what-if added, by field. moved: sections in which anything was patched.
    """

    values: dict[str, float]
    settings: dict[str, Any]
    keys: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    moved: set[str] = field(default_factory=set[str])

    def move(self, path: str) -> None:
        """Note that a path was patched, hence every section that it is in."""
        parts = path.split(".")
        self.moved.update(".".join(parts[:depth]) for depth in range(1, len(parts)))


class _Same(Generic[Item]):
    """A value that is equal to itself only, so that frozen values with mappings can key a cache."""

    def __init__(self, item: Item) -> None:
        self.item = item

    def __hash__(self) -> int:
        return id(self.item)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.item is other.item


def resolve(
    scenario: Scenario,
    draw: Draw,
    what_ifs: tuple[str, ...] = (),
    overrides: Mapping[str, float] | None = None,
    *,
    year: int | None = None,
    classes: Declared | None = None,
) -> Parameters:
    """Parameters of one member under the named what-ifs, applied in order.

    overrides: path -> value in the canonical unit, instead of the drawn one. year: the year of the
    base ("as of"); a what-if with a year wins. classes: the section classes, those of this
    installation unless given.
    """
    same = _Same(scenario)
    compiled = _compile(same, classes)
    order = ordered(scenario, what_ifs)
    years = [item.year for item in order if item.year is not None]
    at = years[-1] if years else (scenario.year if year is None else year)
    drawn = _drawn(same, _Same(draw), classes)
    patched = _Patched(dict(drawn.values), dict(scenario.settings))
    if at != scenario.year:
        _move_to(at, scenario, draw, patched)
    for path, value in (overrides or {}).items():
        _set(compiled, patched, path, value)
    for item in order:
        _apply(compiled, patched, item)
    removed = tuple(dict.fromkeys(name for item in order for name in item.remove))
    gone = {f"channels.{name}" for name in removed}
    built = {
        path: _build(node, patched, drawn.sections[path])
        for path, node in compiled.nodes.items()
        if path not in gone
    }
    return Parameters(
        world=built["world"],
        acts=_below(built, "acts."),
        channels=_below(built, "channels."),
        procedure=built["procedure"],
        chilling=built["chilling"],
        year=at,
        removed=removed,
        arrivals=built.get("arrivals"),
    )


def ordered(scenario: Scenario, names: Iterable[str]) -> tuple[WhatIf, ...]:
    """Return the what-ifs in the order in which they apply, those inherited first, each once."""
    result: dict[str, WhatIf] = {}
    for name in names:
        _visit(scenario, name, result)
    return tuple(result.values())


def _visit(scenario: Scenario, name: str, seen: dict[str, WhatIf]) -> None:
    """Add a what-if to those seen, after those that it inherits."""
    if name in seen:
        return
    if name not in scenario.what_ifs:
        raise Problems([_unknown_what_if(scenario, name)])
    item = scenario.what_ifs[name]
    for parent in item.inherit:
        _visit(scenario, parent, seen)
    seen[name] = item


def _unknown_what_if(scenario: Scenario, name: str) -> Problem:
    return Problem(
        "unknown-name",
        Location("--what-if", 1, 1),
        name,
        "no what-if of that name",
        f"one of {listed(scenario.what_ifs)}",
        "name a what-if of the scenario",
        close_to(name, scenario.what_ifs),
    )


def matching(scenario: Scenario, path: str) -> tuple[str, ...]:
    """Return the paths that a patch means: itself, or with a final `.*` every key that is given."""
    if not path.endswith(".*"):
        return (path,)
    return tuple(item for item in scenario.quantities if item.startswith(path[:-1]))


@lru_cache(maxsize=8)
def _compile(same: _Same[Scenario], classes: Declared | None) -> _Compiled:
    scenario = same.item
    sections = (classes or declared()).sections(scenario.acts, scenario.channels)
    nodes = {path: _node(scenario, section, path) for path, section in sections.items()}
    return _Compiled(scenario, MappingProxyType(sections), MappingProxyType(nodes))


def _node(scenario: Scenario, section: Section, path: str) -> _Node:
    fields: list[_Field] = []
    nested: list[tuple[str, _Node]] = []
    for name, member in section.members.items():
        here = f"{path}.{name}"
        if isinstance(member, Section):
            nested.append((name, _node(scenario, member, here)))
            continue
        start = here + "."
        given = (item for item in scenario.quantities if item.startswith(start))
        keys = tuple(item[len(start) :] for item in given)
        fields.append(_Field(member, here, keys if member.spec.form == "quantities" else ()))
    return _Node(path, section.cls, tuple(fields), tuple(nested))


@dataclass(frozen=True)
class _Drawn:
    """A draw before any patch: its values at the scenario's year, and the sections of them."""

    values: Mapping[str, float]
    sections: Mapping[str, Any]


@lru_cache(maxsize=16)
def _drawn(same: _Same[Scenario], draw: _Same[Draw], classes: Declared | None) -> _Drawn:
    scenario = same.item
    values = {
        path: _value(item, draw.item, scenario.year) for path, item in scenario.quantities.items()
    }
    patched = _Patched(values, dict(scenario.settings))
    nodes = _compile(same, classes).nodes
    return _Drawn(values, {path: _build(node, patched) for path, node in nodes.items()})


def _value(item: Quantity, draw: Draw, year: int) -> float:
    selector = draw.selectors.get(item.path, math.nan)
    return item.value(draw.levels.get(item.path, 0.5), selector, year)


def _move_to(year: int, scenario: Scenario, draw: Draw, patched: _Patched) -> None:
    """Read the series at another year."""
    for path, item in scenario.quantities.items():
        if item.series:
            value = _value(item, draw, year)
            if value != patched.values[path]:
                patched.values[path] = value
                patched.move(path)


def _apply(compiled: _Compiled, patched: _Patched, item: WhatIf) -> None:
    for path, value in item.set.items():
        for each in matching(compiled.scenario, path):
            _set(compiled, patched, each, value)
    patched.settings.update(item.set_settings)
    for path in item.set_settings:
        patched.move(path)
    for path, factor in item.scale.items():
        for each in matching(compiled.scenario, path):
            spec = _spec(compiled, each)
            old = patched.values.get(each, spec.absent)
            if old is None:
                raise KeyError(f"{each} has no value to scale")
            _set(compiled, patched, each, min(max(old * factor, spec.low), spec.high))


def _set(compiled: _Compiled, patched: _Patched, path: str, value: float) -> None:
    if path not in patched.values:
        found = find(compiled.sections, path)
        if found is None:
            raise KeyError(f"{path} is no quantity of this scenario")
        if found.key:
            patched.keys.setdefault(found.field_path, []).append(found.key)
    patched.values[path] = value
    patched.move(path)


def _spec(compiled: _Compiled, path: str) -> FieldSpec:
    found = find(compiled.sections, path)
    if found is None:
        raise KeyError(f"{path} is no quantity of this scenario")
    return found.slot.spec


def _build(node: _Node, patched: _Patched, drawn: Any = None) -> Any:
    """A section; the very one that was drawn, if no patch touches it."""
    if drawn is not None and node.path not in patched.moved:
        return drawn
    arguments: dict[str, Any] = {
        name: _build(below, patched, getattr(drawn, name, None)) for name, below in node.nested
    }
    for item in node.fields:
        form, path = item.slot.spec.form, item.path
        if form == "quantity":
            if path in patched.values:
                arguments[item.slot.name] = patched.values[path]
        elif form == "quantities":
            keys = (*item.keys, *patched.keys.get(path, ()))
            arguments[item.slot.name] = MappingProxyType(
                {key: patched.values[f"{path}.{key}"] for key in keys}
            )
        elif path in patched.settings:
            arguments[item.slot.name] = patched.settings[path]
    return node.cls(**arguments)


def _below(built: Mapping[str, Any], start: str) -> Mapping[str, Any]:
    return MappingProxyType(
        {path[len(start) :]: item for path, item in built.items() if path.startswith(start)}
    )
