"""Reads a case: one YAML file with its inputs, their sources, and what was published."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sousveil.errors import listed, shown
from sousveil.quantity import Location, Quantity
from sousveil.scenario.context import Context, Names
from sousveil.scenario.declaration import DEFAULTS, fitted, key_is_known, read_setting
from sousveil.scenario.findings import Findings
from sousveil.scenario.json_files import read_sources
from sousveil.scenario.model import SourceRecord
from sousveil.scenario.quantities import DEFAULTED, read_quantity
from sousveil.scenario.sections import Section, Slot, describe
from sousveil.scenario.tree import Entry, Node, read_yaml
from sousveil.validate.expectations import read_expectations
from sousveil.validate.model import Case, Place, Procedure, Run
from sousveil.validate.procedures import procedures
from sousveil.validate.tables import NoEvidenceError, is_look_up, look_up

HERE = Path(__file__).resolve().parent
TABLES = HERE / "tables"
CASES = HERE / "cases"
SOURCES = HERE / "sources.json"
FORMAT = 1
KEYS = ("format", "id", "title", "part", "asks", "note", "sources", "grade", "references", "runs")
RUN = ("procedure", "inputs", "expect")
ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
LARGEST = 1_000_000


def read_case(path: Path) -> Case:
    """Read one case.

    Raises Problems with every problem of the file at once.
    """
    findings = Findings()
    text = _text(path, findings)
    root = read_yaml(text, path.name, findings) if text is not None else None
    if root is None or root.kind != "map":
        if not findings.problems:
            expected = f"a mapping of {listed(KEYS, 10)}"
            findings.add("bad-value", Location(path.name, 1, 1), "", "no case", expected)
        findings.finish()
        raise AssertionError
    context = Context(findings, _sources(root, findings), 2000, Names({}))
    case = _case(root, Place(path.resolve().parent, TABLES), context)
    findings.finish()
    return case


def shipped_sources() -> Mapping[str, SourceRecord]:
    """The records behind the shipped cases and tables, by key."""
    findings = Findings()
    records = read_sources(SOURCES.read_text(encoding="utf-8"), findings)
    findings.finish()
    return records or {}


def _text(path: Path, findings: Findings) -> str | None:
    place = Location(path.name, 1, 1)
    try:
        if path.stat().st_size > LARGEST:
            findings.add("size", place, "", "a large file", f"a case of at most {LARGEST:,} bytes")
            return None
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        findings.add("encoding", place, "", "bytes that are no UTF-8", "text in UTF-8")
    except OSError as error:
        findings.add("absent-file", place, "", shown(error.strerror), "a case in YAML")
    return None


def _sources(root: Node, findings: Findings) -> Mapping[str, SourceRecord]:
    """Shipped records, and those that the case brings itself under `references`."""
    records = dict(shipped_sources())
    entry = root.entries.get("references")
    if entry is None or entry.node.kind == "bad":
        return records
    own = Findings()
    found = read_sources(json.dumps(entry.node.plain(), default=_plain), own)
    for problem in own.problems:
        findings.add(problem.code, entry.location, "references", problem.found, problem.expected)
    return {**records, **(found or {})}


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _case(root: Node, place: Place, context: Context) -> Case:
    context.unknown_keys(root, "", KEYS)
    version = root.entries.get("format")
    if version is None or version.node.value != FORMAT:
        found = version.node.describe() if version else "no format"
        location = version.node.location if version else root.location
        context.findings.add("format", location, "format", found, f"{FORMAT}")
    texts = {
        key: context.text(root, key, "", required=key not in {"note", "part"})
        for key in ("id", "title", "part", "asks", "note", "grade")
    }
    if texts["id"] and not ID.fullmatch(texts["id"]):
        expected = "letters, digits, _ and -, a letter first"
        location = root.entries["id"].node.location
        context.findings.add("bad-value", location, "id", shown(texts["id"]), expected)
    grade = context.grade(root, "")
    sources = context.citations(root, "")
    if not sources:
        context.findings.add("missing", root.location, "sources", "no source", "sources: [...]")
    return Case(
        id=texts["id"],
        title=texts["title"],
        part=texts["part"],
        asks=texts["asks"],
        note=texts["note"],
        sources=sources,
        grade=grade,
        runs=_runs(root, place, context),
        place=place,
    )


def _runs(root: Node, place: Place, context: Context) -> tuple[Run, ...]:
    entry = root.entries.get("runs")
    if entry is None or not context.mapping(entry.node, "runs", "names of runs"):
        if entry is None:
            context.findings.add("missing", root.location, "runs", "no run", "at least one run")
        return ()
    if not entry.node.entries:
        context.findings.add("missing", entry.location, "runs", "no run", "at least one run")
    found = [_run(name, item, place, context) for name, item in entry.node.entries.items()]
    return tuple(run for run in found if run is not None)


def _run(name: str, entry: Entry, place: Place, context: Context) -> Run | None:
    path = f"runs.{shown(name, 40)}"
    if not context.mapping(entry.node, path, "procedure, inputs and expect"):
        return None
    context.unknown_keys(entry.node, path, RUN)
    word = context.text(
        replace(entry.node, location=entry.location), "procedure", path, required=True
    )
    known = procedures()
    if word not in known:
        if word:
            location = entry.node.entries["procedure"].node.location
            context.unknown_name(word, location, path, "procedure", known)
        # What is wrong with its expectations is told all the same, and at once.
        read_expectations(entry, f"{path}.expect", context)
        return None
    reader = _Inputs(known[word], f"{path}.inputs", place, context)
    refused = ""
    try:
        reader.read(entry.node.entries.get("inputs"), entry.location)
    except NoEvidenceError as error:
        refused = str(error)
    return Run(
        name=name,
        procedure=known[word],
        quantities=MappingProxyType(reader.quantities),
        settings=MappingProxyType(reader.settings),
        expectations=read_expectations(entry, f"{path}.expect", context),
        location=entry.location,
        refused=refused,
    )


@dataclass
class _Inputs:
    """Reads the inputs of a run beside the class that declares them.

    Paths of quantities are names of fields, with the key after a dot where the field is a mapping.
    """

    procedure: Procedure
    path: str
    place: Place
    context: Context

    def __post_init__(self) -> None:
        """Start with nothing."""
        self.quantities: dict[str, Quantity] = {}
        self.settings: dict[str, Any] = {}

    def read(self, entry: Entry | None, place: Location) -> None:
        """Read every input; what is missing, unknown or wrong is noted."""
        section: Section = describe(self.procedure.parameters)
        node = entry.node if entry else Node("map", place)
        if not self.context.mapping(node, self.path, "inputs of the procedure"):
            node = Node("map", place)
        defaults = self._defaults(node)
        for key, item in node.entries.items():
            slot = section.members.get(key)
            if isinstance(slot, Slot):
                self._slot(slot, item, defaults)
            elif key != DEFAULTS:
                self.context.unknown_key(key, item.location, self.path, section.members)
        for slot in section.slots:
            if slot.required and slot.name not in node.entries:
                here, words = f"{self.path}.{slot.name}", slot.spec.doc.rstrip(".")
                self.context.findings.add("missing", place, here, "nothing", words)

    def _slot(self, slot: Slot, entry: Entry, defaults: Mapping[str, str]) -> None:
        path = f"{self.path}.{slot.name}"
        if slot.spec.form == "setting":
            value, good = read_setting(slot, fitted(slot, entry), path, self.context)
            if good:
                self.settings[slot.name] = value
            return
        if is_look_up(entry.node):
            found = look_up(entry, path, self.place, self.context)
            if found is None:
                return
            entry = found
        if slot.spec.form == "quantity":
            self._quantity(slot, entry, slot.name, path, defaults)
        elif self.context.mapping(entry.node, path, "one quantity a key"):
            self._mapping(slot, entry, path, {**defaults, **self._defaults(entry.node)})

    def _mapping(self, slot: Slot, entry: Entry, path: str, defaults: Mapping[str, str]) -> None:
        for key, item in entry.node.entries.items():
            here = f"{path}.{shown(key, 40)}"
            if key == DEFAULTS or not key_is_known(key, item.location, slot, here, self.context):
                continue
            if is_look_up(item.node):
                found = look_up(item, here, self.place, self.context)
                if found is None:
                    continue
                item = found
            self._quantity(slot, item, f"{slot.name}.{key}", here, defaults)

    def _quantity(
        self, slot: Slot, entry: Entry, name: str, path: str, defaults: Mapping[str, str]
    ) -> None:
        found = read_quantity(entry, path, slot.spec, defaults, self.context)
        if found is not None:
            self.quantities[name] = found

    def _defaults(self, node: Node) -> Mapping[str, str]:
        entry = node.entries.get(DEFAULTS)
        if entry is None or not self.context.mapping(entry.node, self.path, "defaults"):
            return {}
        self.context.unknown_keys(entry.node, self.path, DEFAULTED)
        given = {key: self.context.text(entry.node, key, self.path) for key in DEFAULTED}
        return {key: value for key, value in given.items() if value}
