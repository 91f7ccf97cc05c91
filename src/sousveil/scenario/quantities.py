"""Reads one quantity: a value or distribution with unit, kind, role, resolution, sources, grade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sousveil.errors import close_to, listed, shown
from sousveil.quantity import (
    FORMS,
    KINDS,
    ROLES,
    FieldSpec,
    Location,
    Quantity,
)
from sousveil.scenario.context import Context
from sousveil.scenario.tree import Entry, Node
from sousveil.scenario.values import (
    Reader,
    citation_of,
    nothing_at,
    only_form,
    with_values,
)
from sousveil.units import UnitError, factor, known_units

VALUES = (*FORMS, "readings", "series")
"""The keys of which a quantity has exactly one."""
KEYS = (
    *VALUES,
    *("interpolation", "unit", "kind", "role", "resolution", "sources", "grade", "because", "note"),
)
PLACES = ("country", "region", "province", "settlement", "area")
PERIODS = ("year", "season", "month")
LEVER = "state_lever"
DEFAULTED = ("kind", "role", "resolution", "because")
"""What `_defaults` may give to the quantities below it."""


def read_quantity(
    entry: Entry, path: str, spec: FieldSpec, defaults: Mapping[str, str], context: Context
) -> Quantity | None:
    """Return the quantity at a key, or None when it is not one; every problem is noted."""
    reader = Reader(path, spec, context)
    if not _is_mapping(entry, reader):
        return None
    node = replace(entry.node, location=entry.location)
    context.unknown_keys(node, path, KEYS)
    kind = _word(node, "kind", KINDS, "", defaults, reader)
    role = _role(node, defaults, reader)
    because = context.text(node, "because", path) or defaults.get("because", "")
    if kind == "assumed" and not because:
        expected = "because: why this range and no other"
        reader.note("because", entry.location, "an assumed quantity without reason", expected)
    form = only_form(node, VALUES, reader)
    reader = replace(reader, factor=_factor(node, reader), cited=kind not in {"", "assumed"})
    sources, grade = citation_of(node, replace(reader, cited=reader.cited and form != "readings"))
    quantity = Quantity(
        path=path,
        unit=spec.unit,
        kind=kind,
        role=role,
        resolution=_resolution(node, defaults, reader),
        sources=sources,
        grade=grade,
        because=because,
        note=context.text(node, "note", path),
        location=entry.location,
        low=spec.low,
        high=spec.high,
    )
    if "interpolation" in node.entries and form != "series":
        place = node.entries["interpolation"].location
        reader.note("bad-value", place, "interpolation", "it beside a series only", "delete it")
    return with_values(quantity, form, node, reader) if form else None


def _is_mapping(entry: Entry, reader: Reader) -> bool:
    node, unit = entry.node, reader.spec.unit
    if node.kind == "map" and node.entries:
        return True
    if node.is_number:
        mend = f"write {{fixed: {node.text}, unit: {unit}, kind: ..., sources: [...], grade: ...}}"
        reader.note("bare-number", node.location, node.describe(), "a quantity", mend)
    elif node.kind != "bad":
        place = entry.location if node.is_empty else node.location
        expected = f"a quantity in {unit}: a mapping with a value, unit, kind, sources, grade"
        reader.note("bad-value", place, node.describe(), expected)
    return False


def _word(
    node: Node,
    key: str,
    allowed: tuple[str, ...],
    otherwise: str,
    defaults: Mapping[str, str],
    reader: Reader,
) -> str:
    """Return kind or role: as it stands there, else the section's default, else the field's."""
    word = reader.context.word(node, key, reader.path, allowed)
    word = word or defaults.get(key, "") or otherwise
    if not word and key not in node.entries:
        reader.note("missing", node.location, f"no {key}", f"{key}: one of {listed(allowed)}")
    return word


def _role(node: Node, defaults: Mapping[str, str], reader: Reader) -> str:
    """Return the role; what the field calls a state lever stays one, so that nobody searches it."""
    declared = reader.spec.role
    role = _word(node, "role", ROLES, declared, defaults, reader)
    if declared != LEVER or role in {"", LEVER, "safeguard"}:
        return role
    if "role" in node.entries:
        place = node.entries["role"].node.location
        reader.note("bad-word", place, shown(role), f"role: {LEVER}", "delete it: it is what it is")
    return LEVER


def _resolution(node: Node, defaults: Mapping[str, str], reader: Reader) -> str:
    """Return place and period as 'province season'; nothing said is the country."""
    text = reader.context.text(node, "resolution", reader.path)
    if not text:
        return defaults.get("resolution", "country")
    for word in text.replace(",", " ").split():
        if word not in (*PLACES, *PERIODS):
            place = node.entries["resolution"].node.location
            expected = f"a place out of {listed(PLACES)} and perhaps a period"
            expected += f" out of {listed(PERIODS)}"
            hint = close_to(word, (*PLACES, *PERIODS))
            reader.note("bad-word", place, shown(word), expected, "", hint)
    return " ".join(text.replace(",", " ").split())


def _factor(node: Node, reader: Reader) -> float | None:
    unit, canonical = reader.context.text(node, "unit", reader.path), reader.spec.unit
    if not unit:
        if nothing_at(node, "unit"):
            reader.note("missing", node.location, "no unit", f"unit: {canonical}")
        return None
    return convert(unit, canonical, node.entries["unit"].node.location, reader.path, reader.context)


def convert(
    unit: str, canonical: str, place: Location, path: str, context: Context
) -> float | None:
    """Return the factor from a unit to that of a field; None, and a problem, without one."""
    try:
        return factor(unit, canonical)
    except UnitError as error:
        hint = close_to(unit, known_units()) if error.code == "bad-unit" else canonical
        context.findings.add(error.code, place, path, shown(unit), str(error), "", hint)
        return None
