"""Reads the what-ifs of a scenario: named patches over quantity paths, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sousveil.errors import close_to, shown
from sousveil.quantity import Location, Quantity
from sousveil.scenario.context import Context
from sousveil.scenario.declaration import NAME, fitted, key_is_known, read_setting
from sousveil.scenario.model import WhatIf
from sousveil.scenario.quantities import convert
from sousveil.scenario.sections import Found, Section, find, paths
from sousveil.scenario.tree import Entry, Node
from sousveil.scenario.values import YEARS, refuse_outside
from sousveil.units import split_value

KEYS = (
    "title",
    "reason",
    "sources",
    "set",
    "scale",
    "remove",
    "inherit",
    "year",
    "safeguard",
    "sharpens_only",
)
TAKEN = ("none", "base", "all")
"""Words of the command line, hence no names of what-ifs."""


@dataclass(frozen=True)
class Patches:
    """Reads patched paths against the sections and quantities of a scenario."""

    sections: Mapping[str, Section]
    quantities: Mapping[str, Quantity]
    context: Context

    def target(self, path: str, place: Location, where: str) -> Found | None:
        """Return the declared field that a path means; None, and a problem, when there is none."""
        found = find(self.sections, path)
        if found is None:
            every = [*self.quantities, *paths(self.sections)]
            self.context.findings.add(
                "unknown-name",
                place,
                where,
                f"path {shown(path)}",
                "the path of a quantity or setting of this scenario",
                "",
                close_to(path, every),
            )
            return None
        if found.key == "*":
            start = found.field_path + "."
            if not any(item.startswith(start) for item in self.quantities):
                expected = f"a key of {found.field_path}"
                mend = "name the key that it shall have"
                self.context.findings.add(
                    "unknown-name", place, where, "no key to patch", expected, mend
                )
                return None
        elif found.key and not key_is_known(found.key, place, found.slot, where, self.context):
            return None
        return found

    def number(self, entry: Entry, found: Found, path: str) -> float | None:
        """Return the value of a patch in the unit of its field: a number, or text with a unit."""
        node, spec = entry.node, found.slot.spec
        value: float | None = None
        if node.is_number:
            value = float(node.value)
        elif node.is_text and (parts := split_value(node.text)):
            unit = parts[1] or spec.unit
            scaled = convert(unit, spec.unit, node.location, path, self.context)
            if scaled is None:
                return None
            value = parts[0] * scaled
        if value is None:
            if node.kind != "bad":
                place = entry.location if node.is_empty else node.location
                expected = f"a number in {spec.unit}, or text such as '2 {spec.unit}'"
                expected = "a number" if spec.unit == "1" else expected
                self.context.findings.add("bad-value", place, path, node.describe(), expected)
            return None
        outside = refuse_outside(value, node.location, path, spec, self.context)
        return None if outside else value


def read_what_ifs(node: Node, patches: Patches) -> dict[str, WhatIf]:
    """Return the what-ifs by name; every problem is noted, circles of inheritance too."""
    context = patches.context
    what_ifs: dict[str, WhatIf] = {}
    if not context.mapping(node, "what_ifs", "names of what-ifs"):
        return what_ifs
    for name, entry in node.entries.items():
        path = f"what_ifs.{shown(name, 40)}"
        if not NAME.fullmatch(name) or name in TAKEN:
            expected = f"a name in small letters, digits and _, not {', '.join(TAKEN)}"
            context.findings.add("bad-value", entry.location, path, shown(name), expected)
        elif context.mapping(entry.node, path, "a reason and patches"):
            what_ifs[name] = _read(name, entry, path, node, patches)
        elif entry.node.is_empty:
            expected = "a reason and patches"
            context.findings.add("missing", entry.location, path, "nothing", expected)
    _refuse_circles(what_ifs, node, context)
    return what_ifs


@dataclass
class _Sets:
    numbers: dict[str, float] = field(default_factory=dict[str, float])
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    factors: dict[str, float] = field(default_factory=dict[str, float])


def _read(name: str, entry: Entry, path: str, every: Node, patches: Patches) -> WhatIf:
    node, context = entry.node, patches.context
    context.unknown_keys(node, path, KEYS)
    reason = context.text(node, "reason", path)
    if not reason:
        context.findings.add("missing", entry.location, path, "no reason", "reason: some words")
    sets = _Sets()
    _read_sets(node, path, sets, patches)
    _read_scales(node, path, sets, patches)
    removed = _names(node, "remove", path, "channel", context.names.channels, context)
    parents = [parent for parent in every.entries if parent != name]
    inherited = _names(node, "inherit", path, "what-if", tuple(parents), context)
    year = _year(node, path, context)
    if not (sets.numbers or sets.settings or sets.factors or removed or inherited or year):
        idle = ("title", "reason", "sources", "safeguard", "sharpens_only")
        if not set(node.entries) - set(idle):
            expected = "set, scale, remove, inherit or year"
            context.findings.add("missing", entry.location, path, "no change", expected)
    return WhatIf(
        name=name,
        title=context.text(node, "title", path) or name.replace("_", " "),
        reason=reason,
        sources=context.citations(node, path),
        safeguard=context.truth(node, "safeguard", path),
        sharpens_only=context.truth(node, "sharpens_only", path),
        inherit=inherited,
        set=sets.numbers,
        set_settings=sets.settings,
        scale=sets.factors,
        remove=removed,
        year=year,
    )


def _entries(node: Node, key: str, path: str, context: Context) -> Mapping[str, Entry]:
    entry = node.entries.get(key)
    if entry is None or not context.mapping(entry.node, f"{path}.{key}", "paths to values"):
        return {}
    return entry.node.entries


def _read_sets(node: Node, path: str, sets: _Sets, patches: Patches) -> None:
    for target, entry in _entries(node, "set", path, patches.context).items():
        here = f"{path}.set.{shown(target, 80)}"
        found = patches.target(target, entry.location, here)
        if found is None:
            continue
        if found.slot.spec.form == "setting":
            fits = fitted(found.slot, entry)
            value, good = read_setting(found.slot, fits, here, patches.context)
            if good:
                sets.settings[target] = value
        elif (number := patches.number(entry, found, here)) is not None:
            sets.numbers[target] = number


def _read_scales(node: Node, path: str, sets: _Sets, patches: Patches) -> None:
    findings = patches.context.findings
    for target, entry in _entries(node, "scale", path, patches.context).items():
        here = f"{path}.scale.{shown(target, 80)}"
        found = patches.target(target, entry.location, here)
        if found is None:
            continue
        if found.slot.spec.form == "setting":
            mend = "use set"
            findings.add("bad-value", entry.location, here, "a setting", "a quantity", mend)
        elif not entry.node.is_number or not 0 <= entry.node.value <= 1e12:
            if entry.node.kind != "bad":
                place, said = entry.node.location, entry.node.describe()
                findings.add("bad-value", place, here, said, "a factor of 0 or more")
        elif (
            found.key != "*" and target not in patches.quantities and found.slot.spec.absent is None
        ):
            mend = "use set"
            findings.add("unknown-name", entry.location, here, "no value to scale", "", mend)
        else:
            sets.factors[target] = float(entry.node.value)


def _names(
    node: Node, key: str, path: str, what: str, known: tuple[str, ...], context: Context
) -> tuple[str, ...]:
    names: list[str] = []
    for name, place in context.words(node, key, path):
        if name in known:
            names.append(name)
        else:
            context.unknown_name(name, place, f"{path}.{key}", what, known)
    return tuple(dict.fromkeys(names))


def _year(node: Node, path: str, context: Context) -> int | None:
    entry = node.entries.get("year")
    if entry is None:
        return None
    year = context.whole(entry, f"{path}.year")
    if year is not None and year not in YEARS:
        place, expected = entry.node.location, f"a year from {YEARS.start} to {YEARS.stop - 1}"
        context.findings.add("bad-value", place, f"{path}.year", str(year), expected)
        return None
    return year


def _refuse_circles(what_ifs: dict[str, WhatIf], node: Node, context: Context) -> None:
    """Note each circle once, at the first of its names, and cut it."""
    done: set[str] = set()
    for name in what_ifs:
        trail: list[str] = []
        circle = _circle(name, what_ifs, trail, done)
        if circle:
            first = circle[0]
            place = node.entries[first].location
            found = " > ".join([*circle, first])
            mend = "let one of them stand alone"
            context.findings.add("cycle", place, f"what_ifs.{first}", found, "no circle", mend)


def _circle(
    name: str, what_ifs: Mapping[str, WhatIf], trail: list[str], done: set[str]
) -> list[str]:
    if name in trail:
        return trail[trail.index(name) :]
    if name in done or name not in what_ifs:
        return []
    trail.append(name)
    for parent in what_ifs[name].inherit:
        circle = _circle(parent, what_ifs, trail, done)
        if circle:
            done.add(name)
            return circle
    trail.pop()
    done.add(name)
    return []
