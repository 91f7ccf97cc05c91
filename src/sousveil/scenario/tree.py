"""YAML 1.2 read into a tree of plain values that know where they stand.

The tree is built from the parser's events, so that what a scenario may not use (aliases, anchors,
tags, duplicate keys, deep nesting) is refused before anything is made of it, and every problem is
met in one pass.
Scalars follow YAML's core schema: NO and 22:30 stay text, true is a truth, 1e-3 a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sousveil.errors import shown, steers
from sousveil.quantity import Location
from sousveil.scenario.findings import Findings

DEEPEST = 20
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING = {"", "~", "null", "Null", "NULL"}
_LONGEST_INTEGER = 18


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping: where it stands, and its value."""

    location: Location
    node: Node


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file. kind: map, list, scalar, or bad (already reported; read it as absent)."""

    kind: str
    location: Location
    value: Any = None
    text: str = ""
    items: tuple[Node, ...] = ()
    entries: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_number(self) -> bool:
        """Whether it is a number (a truth is none)."""
        return isinstance(self.value, (int, float)) and not isinstance(self.value, bool)

    @property
    def is_text(self) -> bool:
        """Whether it is text."""
        return isinstance(self.value, str)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written there."""
        return self.kind == "scalar" and self.value is None

    def plain(self) -> Any:
        """Plain frozen values: tuples for lists, read-only mappings for mappings."""
        if self.kind == "list":
            return tuple(item.plain() for item in self.items)
        if self.kind == "map":
            plain = {key: entry.node.plain() for key, entry in self.entries.items()}
            return MappingProxyType(plain)
        return self.value

    def describe(self) -> str:
        """What stands there, for a message."""
        if self.is_empty:
            return "nothing"
        if self.kind == "scalar":
            return shown(self.text)
        return {"map": "a mapping", "list": "a list"}.get(self.kind, "a broken value")

    def scalars(self) -> Iterator[Node]:
        """Every scalar below it, in file order."""
        if self.kind == "scalar":
            yield self
        for item in self.items:
            yield from item.scalars()
        for entry in self.entries.values():
            yield from entry.node.scalars()


def canonical(node: Node) -> Any:
    """Return the content of a tree without its form: what the scenario's hash is taken over."""
    if node.kind == "list":
        return [canonical(item) for item in node.items]
    if node.kind == "map":
        return {key: canonical(entry.node) for key, entry in node.entries.items()}
    return node.value


def read_yaml(text: str, file: str, findings: Findings) -> Node | None:
    """Return the root of a YAML text, or None when it cannot be parsed."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    builder = _Builder(file, findings)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        words = error.problem or error.context or "text that is not YAML"
        builder.broken(shown(words), mark)
        return None
    except Exception as error:  # noqa: BLE001 (on broken bytes the parser raises many kinds)
        builder.broken(shown(error, 80), None)
        return None
    return builder.root


@dataclass
class _Open:
    """A list or mapping that is being read."""

    kind: str
    location: Location
    items: list[Node] = field(default_factory=list[Node])
    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])
    key: tuple[str, Location] | None = None


class _Builder:
    """Takes the events of a parser in turn."""

    def __init__(self, file: str, findings: Findings) -> None:
        self.file = file
        self.findings = findings
        self.root: Node | None = None
        self.stack: list[_Open] = []
        self.skipping = 0
        self.last = Location(file, 1, 1)

    def take(self, event: Any) -> None:
        """Take one event."""
        name = type(event).__name__
        if name == "DocumentStartEvent":
            self._document(event)
        elif name in {"MappingStartEvent", "SequenceStartEvent"}:
            self._start("map" if name.startswith("M") else "list", event)
        elif name in {"MappingEndEvent", "SequenceEndEvent"}:
            self._end()
        elif name in {"ScalarEvent", "AliasEvent"}:
            self.last = self._place(event)
            if not self.skipping:
                self._put(self._scalar(event) if name == "ScalarEvent" else self._alias(event))

    def broken(self, words: str, mark: Any) -> None:
        """Report text that is not YAML at all."""
        place = self.last if mark is None else Location(self.file, mark.line + 1, mark.column + 1)
        mend = "look at the indentation, quotes and brackets just before it"
        self.findings.add("syntax", place, "", f"text that is not YAML ({words})", "", mend)

    def _place(self, event: Any) -> Location:
        mark = event.start_mark
        return Location(self.file, mark.line + 1, mark.column + 1)

    def _document(self, event: Any) -> None:
        place = self._place(event)
        if self.root is not None:
            mend = "put the second document in a scenario of its own"
            self.findings.add("syntax", place, "", "a second document", "one document", mend)
        version = getattr(event, "version", None)
        if version not in (None, (1, 2)) or getattr(event, "tags", None):
            found = "a YAML directive"
            self.findings.add("yaml-feature", place, "", found, "YAML 1.2", "delete the line")

    def _start(self, kind: str, event: Any) -> None:
        self.last = self._place(event)
        if self.skipping:
            self.skipping += 1
            return
        if len(self.stack) >= DEEPEST:
            found, expected = f"more than {DEEPEST} levels", f"at most {DEEPEST}"
            self.findings.add("nesting", self.last, "", found, expected, "flatten it")
            self.skipping = 1
            return
        self._refuse_features(event, self.last)
        self.stack.append(_Open(kind, self.last))

    def _end(self) -> None:
        if self.skipping:
            self.skipping -= 1
            if not self.skipping:
                self._put(Node("bad", self.last))
            return
        done = self.stack.pop()
        entries = MappingProxyType(done.entries)
        self._put(Node(done.kind, done.location, items=tuple(done.items), entries=entries))

    def _alias(self, event: Any) -> Node:
        place = self._place(event)
        mend = "write the value out"
        self.findings.add(
            "yaml-feature", place, "", f"the alias *{shown(event.anchor)}", "a plain value", mend
        )
        return Node("bad", place)

    def _refuse_features(self, event: Any, place: Location) -> None:
        if event.anchor:
            found = f"the anchor &{shown(event.anchor)}"
            mend = "write the value out where it is used"
            self.findings.add("yaml-feature", place, "", found, "a plain value", mend)
        if event.tag:
            found, expected = f"the tag {shown(event.tag)}", "a plain value"
            self.findings.add("yaml-feature", place, "", found, expected, "delete the tag")

    def _scalar(self, event: Any) -> Node:
        place = self._place(event)
        self._refuse_features(event, place)
        text: str = event.value
        if event.style is not None:  # quoted or block text stays text
            self._refuse_control(text, place)
            return Node("scalar", place, text, text)
        if _NOT_FINITE.fullmatch(text):
            return self._not_finite(text, place)
        value = plain_value(text)
        if isinstance(value, float) and not math.isfinite(value):
            return self._not_finite(text, place)
        return Node("scalar", place, value, text)

    def _refuse_control(self, text: str, place: Location) -> None:
        """Note escaped characters that would steer a terminal, or that no file can hold."""
        if not text.isprintable() and any(map(steers, text)):
            found, expected = "a character that cannot be printed", "plain text"
            self.findings.add("encoding", place, "", found, expected, "delete it")

    def _not_finite(self, text: str, place: Location) -> Node:
        mend = "give a wide range instead"
        self.findings.add("not-finite", place, "", shown(text), "a finite number", mend)
        return Node("bad", place)

    def _put(self, node: Node) -> None:
        if not self.stack:
            self.root = self.root or node
            return
        parent = self.stack[-1]
        if parent.kind == "list":
            parent.items.append(node)
        elif parent.key is None:
            parent.key = (self._key(node), node.location)
        else:
            key, place = parent.key
            parent.key = None
            self._enter(parent, key, Entry(place, node))

    def _key(self, node: Node) -> str:
        if node.kind == "scalar" and not node.is_empty:
            return node.text
        if node.kind != "bad":
            found, expected = node.describe(), "a word as key"
            self.findings.add("bad-value", node.location, "", found, expected)
        return ""

    def _enter(self, parent: _Open, key: str, entry: Entry) -> None:
        if not key:
            return
        if key == "<<":
            found, mend = "the merge key <<", "write the keys out"
            self.findings.add("yaml-feature", entry.location, "", found, "plain keys", mend)
        elif key in parent.entries:
            first = parent.entries[key].location.line
            found, expected = f"{shown(key)} again", f"it once (first in line {first})"
            self.findings.add("duplicate", entry.location, "", found, expected, "keep one of them")
        else:
            parent.entries[key] = entry


def plain_value(text: str) -> Any:
    """Value of an unquoted scalar by YAML's core schema; what fits nothing else is text."""
    if text in _NOTHING:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= _LONGEST_INTEGER else float(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
