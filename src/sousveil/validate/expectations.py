"""Reads what a case expects of each output: a number with its tolerance, a bound, a refusal."""

from __future__ import annotations

import math

from sousveil.errors import listed, shown
from sousveil.scenario.context import Context
from sousveil.scenario.tree import Entry, Node, plain_value
from sousveil.validate.model import Expectation

KEYS = (
    "published",
    "exact",
    "absolute",
    "relative",
    "interval",
    "interval_absolute",
    "least",
    "most",
    "apart",
    "refused",
    "note",
)
KINDS = ("published", "least", "most", "apart", "refused", "interval")
"""Of these at least one is given."""


def read_expectations(run: Entry, path: str, context: Context) -> tuple[Expectation, ...]:
    """Every expectation of a run; a run without one proves nothing and is refused."""
    entry = run.node.entries.get("expect")
    if entry is None or not context.mapping(entry.node, path, "outputs and what was published"):
        if entry is None:
            expected = "what was published for at least one output"
            context.findings.add("missing", run.location, path, "nothing expected", expected)
        return ()
    if not entry.node.entries:
        context.findings.add("missing", entry.location, path, "nothing", "at least one output")
    found = [_expectation(name, item, path, context) for name, item in entry.node.entries.items()]
    return tuple(item for item in found if item is not None)


def _expectation(name: str, entry: Entry, path: str, context: Context) -> Expectation | None:
    path = f"{path}.{shown(name, 40)}"
    node = entry.node
    if not context.mapping(node, path, "published and a tolerance"):
        return None
    context.unknown_keys(node, path, KEYS)
    given = [key for key in KINDS if key in node.entries]
    if not given:
        expected = f"one of {listed(KINDS)}"
        context.findings.add("missing", entry.location, path, "nothing expected", expected)
        return None
    slack, relative = _tolerance(entry, path, context)
    ends = _numbers(node, "interval", path, context)
    if ends and (len(ends) != 2 or ends[0] > ends[1]):
        place = node.entries["interval"].node.location
        context.findings.add("bad-value", place, path, "interval", "[low, high]")
        return None
    return Expectation(
        output=name,
        location=entry.location,
        published=_numbers(node, "published", path, context),
        slack=slack,
        relative=relative,
        interval=(ends[0], ends[1]) if ends else None,
        interval_slack=_one(node, "interval_absolute", 0.0, path, context),
        least=_one(node, "least", -math.inf, path, context),
        most=_one(node, "most", math.inf, path, context),
        apart=_one(node, "apart", 0.0, path, context),
        refused=context.text(node, "refused", path),
        note=context.text(node, "note", path),
    )


def _tolerance(entry: Entry, path: str, context: Context) -> tuple[float, bool]:
    """(slack, whether it is a share of the published number); exactly one form is stated."""
    node = entry.node
    given = [key for key in ("exact", "absolute", "relative") if key in node.entries]
    if ("published" in node.entries) != (len(given) == 1):
        found = " beside ".join(given) or "no tolerance"
        expected = "exactly one of exact: true, absolute, relative beside published"
        context.findings.add("missing", entry.location, path, found, expected)
        return 0.0, False
    if not given or given[0] == "exact":
        return 0.0, False
    slack = _one(node, given[0], 0.0, path, context)
    if slack < 0.0:
        place = node.entries[given[0]].node.location
        context.findings.add("bounds", place, f"{path}.{given[0]}", f"{slack:g}", "0 or more")
    return slack, given[0] == "relative"


def _one(node: Node, key: str, otherwise: float, path: str, context: Context) -> float:
    found = _numbers(node, key, path, context)
    if len(found) > 1:
        place = node.entries[key].node.location
        context.findings.add("bad-value", place, f"{path}.{key}", "a list", "one number")
    return found[0] if found else otherwise


def _numbers(node: Node, key: str, path: str, context: Context) -> tuple[float, ...]:
    entry = node.entries.get(key)
    if entry is None:
        return ()
    items = entry.node.items if entry.node.kind == "list" else (entry.node,)
    values = [as_number(item.text) if item.kind == "scalar" else None for item in items]
    if not values or any(value is None for value in values):
        if entry.node.kind != "bad":
            place, found = entry.node.location, entry.node.describe()
            expected = "a number, a fraction such as 1/60000 or a percentage, or a list of them"
            context.findings.add("bad-value", place, f"{path}.{key}", found, expected)
        return ()
    return tuple(value for value in values if value is not None)


def as_number(text: str) -> float | None:
    """A number, a fraction such as 1/6000, or a percentage such as 1 %; None for anything else."""
    plain = text.strip()
    if plain.endswith("%"):
        share = as_number(plain[:-1])
        return None if share is None else share / 100.0
    top, slash, bottom = plain.partition("/")
    parts = [plain_value(part.strip()) for part in ((top, bottom) if slash else (top,))]
    if any(isinstance(part, bool) or not isinstance(part, (int, float)) for part in parts):
        return None
    if not slash:
        return float(parts[0])
    return parts[0] / parts[1] if parts[1] else None
