"""Walks the sections of scenario.yaml beside the classes that declare their fields."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sousveil.errors import close_to, listed, shown
from sousveil.quantity import KINDS, ROLES, Location, Quantity
from sousveil.scenario.context import Context
from sousveil.scenario.quantities import DEFAULTED, read_quantity
from sousveil.scenario.sections import Declared, Section, Slot, describe
from sousveil.scenario.tree import Entry, Node
from sousveil.scenario.values import read_year

DEFAULTS = "_defaults"
NAME = re.compile(r"[a-z][a-z0-9_]*")
OTHER = "other"
_WITH_OTHER = frozenset({"settlement", "region", "province", "channel"})
_EMPTY: Mapping[str, Any] = {}


ARTICLE = re.compile(r"\b(?:UDHR|ICCPR)\s?\d")
"""An article of the Universal Declaration or of the Covenant on Civil and Political Rights."""


@dataclass
class Declaration:
    """What the sections of a scenario say. places: where each section and setting stands."""

    quantities: dict[str, Quantity] = field(default_factory=dict[str, Quantity])
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    acts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    places: dict[str, Location] = field(default_factory=dict[str, Location])


def read_declaration(root: Node, classes: Declared, context: Context) -> Declaration:
    """Read world, acts, channels, procedure, chilling and arrivals; every problem is noted."""
    found = Declaration(acts=context.names.acts, channels=context.names.channels)
    walker = _Walker(found, context)
    single = {"world": classes.world, "procedure": classes.procedure, "chilling": classes.chilling}
    single |= {"arrivals": classes.arrivals} if classes.arrivals else {}
    every = {"acts": dict.fromkeys(context.names.acts, classes.act), "channels": classes.channels}
    for name in ("world", "acts", "channels", *(name for name in single if name != "world")):
        entry = root.entries.get(name) or Entry(root.location, Node("scalar", root.location))
        if name in single:
            walker.section(describe(single[name]), entry, name, _EMPTY)
        elif context.mapping(entry.node, name, f"names of {name}"):
            walker.named(every[name], entry.node, name)
    return found


@dataclass
class _Walker:
    """Goes down the tree and the declared classes at once."""

    found: Declaration
    context: Context

    def named(self, classes: Mapping[str, type[Any]], node: Node, path: str) -> None:
        """Read a mapping of names to sections: acts or channels."""
        defaults = self.defaults(node, path, _EMPTY)
        for name, entry in node.entries.items():
            here = f"{path}.{shown(name, 40)}"
            if name == DEFAULTS:
                continue
            if name in classes and NAME.fullmatch(name):
                self.section(describe(classes[name]), entry, here, defaults)
                if path == "acts":
                    self.refuse_act_without_right(here, entry)
            elif path == "channels":
                self.context.unknown_name(name, entry.location, here, "channel", classes)

    def refuse_act_without_right(self, path: str, entry: Entry) -> None:
        """Note an act that names neither a right by its article nor a legitimate aim, or both."""
        said = [self.found.settings.get(f"{path}.{key}") for key in ("right", "legitimate_aim")]
        slots = {f"{path}.right", f"{path}.legitimate_aim"}
        expected = "right: an article of the UDHR or ICCPR, or legitimate_aim with its reason"
        add = self.context.findings.add
        if not slots <= set(self.found.places) and not any(said):
            add("missing", entry.location, path, "neither right nor aim", expected)
        elif all(said):
            add("combination", entry.location, path, "a right and a legitimate aim", expected)
        elif said[0] and not ARTICLE.search(str(said[0])):
            place = self.found.places.get(f"{path}.right", entry.location)
            mend = "such as UDHR 19; ICCPR 19(2)"
            add("bad-value", place, f"{path}.right", shown(str(said[0])), "an article", mend)

    def section(self, section: Section, entry: Entry, path: str, outer: Mapping[str, str]) -> None:
        """Read one section: its quantities, settings and nested sections, in file order."""
        node = entry.node
        self.found.places[path] = entry.location
        if not self.context.mapping(node, path, "quantities and settings"):
            node = Node("map", entry.location)
        defaults = self.defaults(node, path, outer)
        for key, item in node.entries.items():
            member = section.members.get(key)
            here = f"{path}.{shown(key, 40)}"
            if isinstance(member, Section):
                self.section(member, item, here, defaults)
            elif member is not None:
                self.slot(member, item, here, defaults)
            elif key != DEFAULTS:
                self.context.unknown_key(key, item.location, path, section.members)
        if entry.node.kind != "bad":
            self.missing(section, node, entry.location, path)

    def missing(self, section: Section, node: Node, place: Location, path: str) -> None:
        """Note what must be stated and is not."""
        for name, member in section.members.items():
            if name in node.entries:
                continue
            if isinstance(member, Section):
                self.missing(member, Node("map", place), place, f"{path}.{name}")
            elif member.required:
                unit = f" in {member.spec.unit}" if member.spec.unit else ""
                expected = f"{name}{unit}: {member.spec.doc.rstrip('.')}"
                self.context.findings.add("missing", place, f"{path}.{name}", "nothing", expected)

    def slot(self, slot: Slot, entry: Entry, path: str, defaults: Mapping[str, str]) -> None:
        """Read one declared field."""
        if slot.spec.form == "setting":
            self.found.places[path] = entry.location
            value, good = read_setting(slot, fitted(slot, entry), path, self.context)
            if good:
                self.found.settings[path] = value
        elif slot.spec.form == "quantities":
            self.mapping(slot, entry, path, defaults)
        elif (
            quantity := read_quantity(entry, path, slot.spec, defaults, self.context)
        ) is not None:
            self.found.quantities[path] = quantity

    def mapping(self, slot: Slot, entry: Entry, path: str, outer: Mapping[str, str]) -> None:
        """Read a field that maps keys to quantities."""
        node, by = entry.node, slot.spec.by
        if not self.context.mapping(node, path, f"one quantity for each {by}"):
            if slot.required and node.is_empty:
                expected = f"a quantity for each {by}"
                self.context.findings.add("missing", entry.location, path, "nothing", expected)
            return
        defaults = self.defaults(node, path, outer)
        for key, item in node.entries.items():
            here = f"{path}.{shown(key, 40)}"
            if key == DEFAULTS or not key_is_known(key, item.location, slot, here, self.context):
                continue
            quantity = read_quantity(item, here, slot.spec, defaults, self.context)
            if quantity is not None:
                self.found.quantities[here] = quantity

    def defaults(self, node: Node, path: str, outer: Mapping[str, str]) -> Mapping[str, str]:
        """Return what `_defaults` gives to the quantities below, over what stands above."""
        entry = node.entries.get(DEFAULTS)
        if entry is None:
            return outer
        here = f"{path}.{DEFAULTS}"
        if not self.context.mapping(entry.node, here, "kind, role, resolution, because"):
            return outer
        self.context.unknown_keys(entry.node, here, DEFAULTED)
        given = {
            "kind": self.context.word(entry.node, "kind", here, KINDS),
            "role": self.context.word(entry.node, "role", here, ROLES),
            "resolution": self.context.text(entry.node, "resolution", here),
            "because": self.context.text(entry.node, "because", here),
        }
        return {**outer, **{key: value for key, value in given.items() if value}}


def key_is_known(key: str, place: Location, slot: Slot, path: str, context: Context) -> bool:
    """Whether a key may stand in a mapping of quantities; if not, that is noted."""
    from sousveil.scenario.positions import is_position

    by = slot.spec.by
    if by == "year":
        return read_year(key, place, path, context) is not None
    words = slot.spec.choices or context.names.by.get(by)
    if words is not None and key not in words and not (key == OTHER and by in _WITH_OTHER):
        if is_position(key):
            context.findings.position(place, path, f"the key {shown(key)}")
        else:
            context.unknown_name(key, place, path, by, words)
        return False
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", key):
        expected = "letters, digits, _ and . only"
        context.findings.add("bad-value", place, path, shown(key), expected)
        return False
    return True


def read_setting(slot: Slot, entry: Entry, path: str, context: Context) -> tuple[Any, bool]:
    """Return the value of a setting and whether it may stand there; what may not is noted."""
    node = entry.node
    if node.kind == "bad":
        return None, False
    value = node.plain()
    expected = _misfit(value, slot)
    if expected:
        place = entry.location if node.is_empty else node.location
        context.findings.add("bad-value", place, path, node.describe(), expected)
        return None, False
    if slot.spec.choices:
        for word in value if isinstance(value, tuple) else (value,):
            if word not in slot.spec.choices:
                allowed = f"one of {listed(slot.spec.choices)}"
                hint = close_to(str(word), slot.spec.choices)
                found = shown(word)
                context.findings.add("bad-word", node.location, path, found, allowed, "", hint)
                return None, False
    return value, True


def _misfit(value: Any, slot: Slot) -> str:
    """Return what was expected of a setting, "" when the value fits."""
    kinds: dict[Any, tuple[type[Any], str]] = {
        str: (str, "text"),
        bool: (bool, "true or false"),
        int: (int, "a whole number"),
        float: ((int, float), "a number"),  # pyright: ignore[reportAssignmentType]
        tuple: (tuple, "a list"),
        Mapping: (Mapping, "a mapping"),
    }
    hint: Any = typing.get_origin(slot.hint) or slot.hint
    if slot.hint is Any:
        hint = tuple if isinstance(slot.default, tuple) else None
    if hint is None or hint not in kinds:
        return ""
    wanted, words = kinds[hint]
    right = isinstance(value, wanted) and (hint is bool or not isinstance(value, bool))
    return "" if right else words


def fitted(slot: Slot, entry: Entry) -> Entry:
    """Return the entry of a setting; what is written as a number where text stands is text."""
    node = entry.node
    if slot.hint is str and node.kind == "scalar" and not node.is_empty and not node.is_text:
        return replace(entry, node=replace(node, value=node.text))
    return entry
