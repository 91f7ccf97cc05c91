"""Reads what a scenario says about its results: claims, checks, act x channel matrix, headlines."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sousveil.errors import close_to, listed, shown
from sousveil.quantity import FieldSpec
from sousveil.scenario.context import Context
from sousveil.scenario.model import Check, Claim, Term, Test
from sousveil.scenario.quantities import read_quantity
from sousveil.scenario.tree import Entry, Node
from sousveil.scenario.values import nothing_at
from sousveil.units import is_known, known_units

STATES = ("modelled", "cannot_see", "not_modelled")
VERDICTS = ("model", "fact")
DIMENSIONS = ("channel", "act", "category", "area", "group", "period")
MATERIAL = 0.1
"""A difference below a tenth of the base value is not material, unless a claim says otherwise."""
_CLAIM = (
    "claim",
    "test",
    "verdict",
    "tests",
    "evidence",
    "contrary",
    "on_evidence",
    "because",
)
_TEST = ("left", "right", "threshold", "direction", "material", "absolute")


@lru_cache(maxsize=1)
def known_measures() -> tuple[str, ...]:
    """Return the identifiers of the measures of this installation; () while there are none."""
    listing: Any = importlib.import_module("sousveil.measures").measures
    return tuple(listing())


@dataclass(frozen=True)
class Reader:
    """Reads references to results. what_ifs: names; measures: () where they are not known."""

    context: Context
    what_ifs: tuple[str, ...]
    measures: tuple[str, ...]

    def term(self, entry: Entry | None, node: Node, path: str) -> Term | None:
        """Return one measure under one what-if, selected by dimension values."""
        if entry is None or not self.context.mapping(entry.node, path, "a measure"):
            place = entry.location if entry else node.location
            expected = "{measure: ..., what_if: ..., where: {...}}"
            if entry is None or entry.node.is_empty:
                self.context.findings.add("missing", place, path, "nothing", expected)
            return None
        self.context.unknown_keys(entry.node, path, ("measure", "what_if", "where"))
        return self.read(entry.node, path)

    def read(self, node: Node, path: str) -> Term:
        """Return the measure, what-if and dimension values of a mapping."""
        measure = self.measure(node, "measure", path)
        what_if = self.context.text(node, "what_if", path)
        for name in filter(None, what_if.split("+")):
            if name not in self.what_ifs:
                place = node.entries["what_if"].node.location
                self.context.unknown_name(name, place, f"{path}.what_if", "what-if", self.what_ifs)
        return Term(measure, what_if, self._where(node, path))

    def measure(self, node: Node, key: str, path: str) -> str:
        """Return the identifier of a measure at a key."""
        measure = self.context.text(node, key, path, required=True)
        if measure and self.measures and measure not in self.measures:
            place = node.entries[key].node.location
            self.context.unknown_name(measure, place, f"{path}.{key}", "measure", self.measures)
        return measure

    def _where(self, node: Node, path: str) -> Mapping[str, str]:
        entry, here = node.entries.get("where"), f"{path}.where"
        if entry is None or not self.context.mapping(entry.node, here, "dimensions to values"):
            return {}
        self.context.unknown_keys(entry.node, here, DIMENSIONS, "dimension")
        names = self.context.names
        known = {"act": names.acts, "channel": names.channels}
        values = {key: self.context.text(entry.node, key, here) for key in entry.node.entries}
        for key, words in known.items():
            if values.get(key) and values[key] not in words:
                place = entry.node.entries[key].node.location
                self.context.unknown_name(values[key], place, f"{here}.{key}", key, words)
        return values


def read_claims(node: Node, reader: Reader) -> tuple[Claim, ...]:
    """Return the claims in file order."""
    context = reader.context
    if not context.mapping(node, "claims", "names of claims"):
        return ()
    claims: list[Claim] = []
    for name, entry in node.entries.items():
        path = f"claims.{shown(name, 40)}"
        if context.mapping(entry.node, path, "a claim"):
            claims.append(_claim(name, entry, path, reader))
        elif entry.node.is_empty:
            context.findings.add("missing", entry.location, path, "nothing", "a claim")
    return tuple(claims)


def _claim(name: str, entry: Entry, path: str, reader: Reader) -> Claim:
    node, context = entry.node, reader.context
    context.unknown_keys(node, path, _CLAIM)
    verdict = context.word(node, "verdict", path, VERDICTS) or "model"
    because = context.text(node, "because", path)
    tests = _tests(node, path, reader)
    if verdict == "fact" and not because:
        expected = "because: which series or source decides it"
        context.findings.add("because", entry.location, path, "a fact without reason", expected)
    if verdict == "model" and nothing_at(node, "tests"):
        expected = "tests: a list of comparisons, or verdict: fact"
        context.findings.add("missing", entry.location, path, "no tests", expected)
    return Claim(
        id=name,
        claim=context.text(node, "claim", path, required=True),
        test_words=context.text(node, "test", path),
        tests=tests,
        verdict=verdict,
        because=because,
        evidence=context.citations(node, path, "evidence"),
        contrary=context.text(node, "contrary", path),
        on_evidence=context.text(node, "on_evidence", path),
    )


def _tests(node: Node, path: str, reader: Reader) -> tuple[Test, ...]:
    entry = node.entries.get("tests")
    if entry is None:
        return ()
    if entry.node.kind != "list":
        if entry.node.kind != "bad":
            found = entry.node.describe()
            place = entry.location if entry.node.is_empty else entry.node.location
            reader.context.findings.add(
                "bad-value", place, f"{path}.tests", found, "a list of tests"
            )
        return ()
    tests: list[Test] = []
    for number, item in enumerate(entry.node.items, 1):
        here = f"{path}.tests.{number}"
        if reader.context.mapping(item, here, "left, right or threshold, direction"):
            test = _test(item, here, reader)
            tests += [test] if test else []
    return tuple(tests)


def _test(node: Node, path: str, reader: Reader) -> Test | None:
    context = reader.context
    context.unknown_keys(node, path, _TEST)
    left = reader.term(node.entries.get("left"), node, f"{path}.left")
    right, threshold = node.entries.get("right"), node.entries.get("threshold")
    if (right is None) == (threshold is None):
        found = "both right and threshold" if right else "neither right nor threshold"
        context.findings.add("missing", node.location, path, found, "exactly one of them")
    other = reader.term(right, node, f"{path}.right") if right else None
    direction = context.word(node, "direction", path, ("higher", "lower"))
    if not direction and "direction" not in node.entries:
        context.findings.add("missing", node.location, path, "no direction", "higher or lower")
    material = _number(node.entries.get("material"), f"{path}.material", context, MATERIAL)
    fixed = _number(threshold, f"{path}.threshold", context, None)
    absolute = context.truth(node, "absolute", path)
    if left is None or not direction:
        return None
    return Test(left, other, fixed, direction, MATERIAL if material is None else material, absolute)


def _number(
    entry: Entry | None, path: str, context: Context, otherwise: float | None
) -> float | None:
    if entry is None or entry.node.kind == "bad":
        return otherwise
    if not entry.node.is_number:
        place, found = entry.node.location, entry.node.describe()
        context.findings.add("bad-value", place, path, found, "a number")
        return otherwise
    return float(entry.node.value)


def read_checks(node: Node, reader: Reader) -> tuple[Check, ...]:
    """Return the checks: published figures that follow from other quantities."""
    context = reader.context
    if not context.mapping(node, "checks", "names of checks"):
        return ()
    checks: list[Check] = []
    for name, entry in node.entries.items():
        path = f"checks.{shown(name, 40)}"
        if not context.mapping(entry.node, path, "output and quantity"):
            continue
        context.unknown_keys(entry.node, path, ("output", "quantity"))
        output = reader.measure(entry.node, "output", path)
        inner = entry.node.entries.get("quantity")
        if inner is None:
            expected = "quantity: the published figure"
            context.findings.add("missing", entry.location, path, "no quantity", expected)
            continue
        spec = FieldSpec("quantity", _unit(inner.node, path, context), "", role="nature")
        quantity = read_quantity(inner, path, spec, {}, context)
        if quantity is not None:
            checks.append(Check(name, quantity, output))
    return tuple(checks)


def _unit(node: Node, path: str, context: Context) -> str:
    """Return the unit of a published figure: its own, shares as plain numbers."""
    unit = context.text(node, "unit", path)
    if not unit or unit == "percent":
        return "1"
    known = is_known(unit)
    if not known:
        place, expected = node.entries["unit"].node.location, "a unit such as 'camera' or 'h/day'"
        hint = close_to(unit, known_units())
        context.findings.add("bad-unit", place, path, shown(unit), expected, "", hint)
    return unit


Matrix = dict[str, dict[str, tuple[str, str]]]


def read_matrix(node: Node, known: tuple[str, ...], context: Context) -> Matrix:
    """Return act -> channel -> (state, note). known: every channel that exists.

    A channel that is documented but not modelled need not exist here; it must then carry a note.
    """
    matrix: Matrix = {}
    if not context.mapping(node, "matrix", "acts"):
        return matrix
    acts, channels = context.names.acts, context.names.channels
    for act, entry in node.entries.items():
        path = f"matrix.{shown(act, 40)}"
        if act not in acts:
            context.unknown_name(act, entry.location, path, "act", acts)
            continue
        if not context.mapping(entry.node, path, "channels"):
            continue
        row = matrix.setdefault(act, {})
        for channel, cell in entry.node.entries.items():
            here = f"{path}.{shown(channel, 40)}"
            state, note = _state(cell, here, context)
            declared = channel in channels
            absent = state == "not_modelled" and (channel in known or note) and not declared
            if declared or (absent and not _misspelt(channel, known)):
                row |= {channel: (state, note)} if state else {}
                continue
            mend = "a channel that is only documented needs a note" if state == STATES[2] else ""
            expected, hint = f"one of {listed(channels)}", close_to(channel, channels)
            found = f"channel {shown(channel)}"
            context.findings.add("unknown-name", cell.location, here, found, expected, mend, hint)
    return matrix


def _misspelt(name: str, known: tuple[str, ...]) -> bool:
    import difflib

    return name not in known and bool(difflib.get_close_matches(name, known, n=1, cutoff=0.85))


def _state(entry: Entry, path: str, context: Context) -> tuple[str, str]:
    node = entry.node
    if node.kind == "map":
        context.unknown_keys(node, path, ("state", "note"))
        state = context.word(node, "state", path, STATES)
        if not state and "state" not in node.entries:
            context.findings.add("missing", entry.location, path, "no state", " or ".join(STATES))
        return state, context.text(node, "note", path)
    if node.kind == "scalar" and node.text in STATES:
        return node.text, ""
    if node.kind != "bad":
        place, expected = node.location, f"one of {', '.join(STATES)}"
        hint = close_to(node.text, STATES)
        context.findings.add("bad-word", place, path, node.describe(), expected, "", hint)
    return "", ""


def read_headlines(node: Node, reader: Reader) -> tuple[Mapping[str, Any], ...]:
    """Return the headlines: a measure, and the sentence that carries its range."""
    context = reader.context
    if node.is_empty or node.kind == "bad":
        return ()
    if node.kind != "list":
        found = node.describe()
        context.findings.add("bad-value", node.location, "headlines", found, "a list")
        return ()
    headlines: list[Mapping[str, Any]] = []
    for number, item in enumerate(node.items, 1):
        path = f"headlines.{number}"
        if not context.mapping(item, path, "id, measure, sentence"):
            continue
        context.unknown_keys(item, path, ("id", "measure", "what_if", "where", "sentence"))
        term = reader.read(item, path)
        name = context.text(item, "id", path, required=True)
        sentence = context.text(item, "sentence", path, required=True)
        if name in {other["id"] for other in headlines}:
            context.findings.add("duplicate", item.location, path, f"id {name} again", "it once")
        headlines.append(
            {
                "id": name,
                "measure": term.measure,
                "what_if": term.what_if,
                "where": term.where,
                "sentence": sentence,
            }
        )
    return tuple(headlines)
