"""Refuses an `arrivals` section that names what the scenario does not have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sousveil.errors import listed
from sousveil.quantity import Location, Quantity
from sousveil.scenario.context import Context
from sousveil.scenario.declaration import NAME, Declaration
from sousveil.scenario.model import Table
from sousveil.scenario.tree import Node

PATH = "arrivals"
KEYS = ("title", "quantities")
OUTSIDE = f"{PATH}."
"""How paths begin that no engine ever reads: arrivals are an observation, outside of it."""
MOST_CAUSES = 6
"""Every set of causes is worked out: 64 of them."""


def check_arrivals(
    root: Node,
    declaration: Declaration,
    tables: Mapping[str, Table],
    claims: Iterable[str],
    context: Context,
) -> None:
    """Note every series, year, claim and quantity of the section that does not exist."""
    settings = declaration.settings
    if PATH not in root.entries or root.entries[PATH].node.is_empty:
        return
    place = root.entries[PATH].location
    _check_years(declaration, tables, place, context)
    claim, known = str(settings.get(f"{PATH}.claim", "")), tuple(claims)
    if claim and claim not in known:
        where = declaration.places.get(f"{PATH}.claim", place)
        context.unknown_name(claim, where, f"{PATH}.claim", "claim", known)
    section = root.entries[PATH].node
    entry = section.entries.get("causes") if section.kind == "map" else None
    if entry is not None and entry.node.kind == "map":
        _check_causes(entry.node, declaration.quantities, context)
    elif entry is None or entry.node.kind != "bad":
        expected = "causes: a mapping of a cause to title and quantities"
        context.findings.add("missing", place, f"{PATH}.causes", "nothing", expected)


def _check_years(
    declaration: Declaration, tables: Mapping[str, Table], place: Location, context: Context
) -> None:
    """A published figure for the first and the last year, and these in order."""
    settings, findings = declaration.settings, context.findings
    rows = tables["series"].rows if "series" in tables else ()
    name = str(settings.get(f"{PATH}.series", ""))
    names = dict.fromkeys(str(row["series"]) for row in rows)
    if name not in names:
        where = declaration.places.get(f"{PATH}.series", place)
        context.unknown_name(name, where, f"{PATH}.series", "series", names)
        return
    published = {int(row["year"]) for row in rows if row["series"] == name}
    years: list[int] = []
    for key in ("first_year", "last_year"):
        year = settings.get(f"{PATH}.{key}", 0)
        years.append(year)
        if year not in published:
            where = declaration.places.get(f"{PATH}.{key}", place)
            expected = f"a year of {name}"
            findings.add("bad-value", where, f"{PATH}.{key}", str(year or "nothing"), expected)
    if years[0] >= years[1]:
        where = declaration.places.get(f"{PATH}.last_year", place)
        findings.add("bad-value", where, f"{PATH}.last_year", str(years[1]), "after first_year")


def _check_causes(node: Node, quantities: Mapping[str, Quantity], context: Context) -> None:
    here = f"{PATH}.causes"
    if not 1 <= len(node.entries) <= MOST_CAUSES:
        found, expected = f"{len(node.entries)} causes", f"1 to {MOST_CAUSES}"
        context.findings.add("bad-value", node.location, here, found, expected)
    taken: dict[str, str] = {}
    for name, entry in node.entries.items():
        path = f"{here}.{name}"
        if not NAME.fullmatch(name):
            expected = "small letters, digits and _"
            context.findings.add("bad-value", entry.location, path, name, expected)
        if not context.mapping(entry.node, path, listed(KEYS)):
            continue
        context.unknown_keys(entry.node, path, KEYS)
        words = context.words(entry.node, "quantities", path)
        if not words:
            expected = "quantities: a list of paths"
            context.findings.add("missing", entry.location, path, "nothing", expected)
        for word, place in words:
            if word not in quantities:
                context.unknown_name(word, place, path, "quantity", quantities)
            elif word in taken:
                expected = "each quantity under one cause"
                found = f"{word}, which is under {taken[word]} already"
                context.findings.add("duplicate", place, path, found, expected)
            taken[word] = name


def causes_of(settings: Mapping[str, Any]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Cause -> its title and the paths of its quantities, as declared."""
    declared: Mapping[str, Any] = settings.get(f"{PATH}.causes") or {}
    return {
        name: (str(item.get("title") or name.replace("_", " ")), _listed(item["quantities"]))
        for name, item in declared.items()
    }


def _listed(words: Any) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)
