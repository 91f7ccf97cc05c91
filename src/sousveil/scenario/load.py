"""Loads a scenario: reads its folder, refuses what is wrong, all at once, and freezes the rest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sousveil.errors import Problem, Problems, listed
from sousveil.quantity import Location
from sousveil.scenario.causes import check_arrivals
from sousveil.scenario.claims import (
    Reader,
    known_measures,
    read_checks,
    read_claims,
    read_headlines,
    read_matrix,
)
from sousveil.scenario.context import Context, Names
from sousveil.scenario.correlations import read_correlations
from sousveil.scenario.countries import CODE
from sousveil.scenario.declaration import NAME, Declaration, read_declaration
from sousveil.scenario.files import DECLARATION, SHAPES, SOURCES, TABLES, folder_of, read_files
from sousveil.scenario.findings import Findings
from sousveil.scenario.json_files import read_shapes, read_sources, refuse_unknown_parents
from sousveil.scenario.margins import RESERVED, read_rows
from sousveil.scenario.merging import smallest_area
from sousveil.scenario.model import CENTRAL, Scenario, Table
from sousveil.scenario.parameters import resolve
from sousveil.scenario.positions import refuse_positions
from sousveil.scenario.sections import Declared, declared, every
from sousveil.scenario.tables import Raw, read_table, shares_among
from sousveil.scenario.tree import Node, canonical, read_yaml
from sousveil.scenario.values import YEARS
from sousveil.scenario.what_ifs import Patches, read_what_ifs

FORMAT = 1
HEAD = ("format", "name", "title", "country", "place", "year")
SECTIONS = ("world", "acts", "channels", "procedure", "chilling", "arrivals")
OTHERS = ("correlations", "what_ifs", "claims", "checks", "matrix", "headlines")
KEYS = (*HEAD, *SECTIONS, *OTHERS)


@dataclass(frozen=True)
class _Files:
    """What was read of a folder. root, sources, shapes: None where the file cannot be read."""

    root: Node
    sources: Mapping[str, Any] | None
    shapes: tuple[str, ...] | None
    tables: Mapping[str, Raw]
    hash: str


def load(path_or_name: str | Path, *, classes: Declared | None = None) -> Scenario:
    """Load a scenario from its folder, or a shipped one by its name.

    Raises Problems with every problem of all its files at once. classes: the classes of the
    sections, those of this installation unless given.
    """
    folder = folder_of(path_or_name)
    findings = Findings()
    files = _read(folder, findings)
    if files is None:
        raise Problems(findings.problems)
    scenario, declaration = _assemble(folder, files, findings, classes or declared())
    findings.finish()
    _refuse_combinations(scenario, declaration, classes)
    return scenario


def _read(folder: Path, findings: Findings) -> _Files | None:
    texts = read_files(folder, findings)
    root = read_yaml(texts[DECLARATION], DECLARATION, findings) if DECLARATION in texts else None
    findings.country = _at(root, "country").text if root else ""
    sources = read_sources(texts[SOURCES], findings) if SOURCES in texts else None
    shapes = read_shapes(texts[SHAPES], findings) if SHAPES in texts else None
    tables: dict[str, Raw] = {}
    margins = _shared_margins(root) if root else ()
    for name in TABLES:
        if f"{name}.csv" in texts:
            raw = read_table(name, texts[f"{name}.csv"], findings, margins)
            tables |= {name: raw} if raw else {}
    if root is None or root.kind != "map":
        if DECLARATION in texts and not findings.problems:
            place = Location(DECLARATION, 1, 1)
            found = root.describe() if root else "nothing"
            findings.add("bad-value", place, "", found, f"a mapping of {listed(KEYS, 20)}")
        return None
    return _Files(root, sources, shapes, tables, _hash(root, texts, tables))


def _hash(root: Node, texts: Mapping[str, str], tables: Mapping[str, Raw]) -> str:
    """SHA-256 over the content of the files: comments, spaces and quotation marks do not move it.

    The order of keys does, since the design of an ensemble follows the order of the quantities.
    """
    content: dict[str, Any] = {DECLARATION: canonical(root)}
    for name, raw in tables.items():
        content[name] = [dict(sorted(row.cells.items())) for row in raw.rows]
    for name in (SOURCES, SHAPES):
        try:
            content[name] = json.loads(texts.get(name, "null"))
        except (ValueError, RecursionError):
            content[name] = None
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _assemble(
    folder: Path, files: _Files, findings: Findings, classes: Declared
) -> tuple[Scenario, Declaration]:
    root = files.root
    refuse_positions(root, findings)
    names = _names(files, classes)
    context = Context(findings, files.sources, _year(root), names)
    context.unknown_keys(root, "", KEYS)
    head = _head(root, context)
    floor = smallest_area(people_of(root), context)
    tables = {name: read_rows(raw, context, floor) for name, raw in files.tables.items()}
    _check_shapes(files, findings)
    declaration = read_declaration(root, classes, context)
    _refuse_uncovered_margins(tables, context)
    sections = classes.sections(declaration.acts, declaration.channels)
    correlations = read_correlations(_at(root, "correlations"), declaration.quantities, context)
    patches = Patches(sections, declaration.quantities, context)
    what_ifs = read_what_ifs(_at(root, "what_ifs"), patches)
    reader = Reader(context, tuple(what_ifs), known_measures())
    matrix = read_matrix(_at(root, "matrix"), tuple(classes.channels), context)
    _warn_of_gaps(matrix, root, context)
    claims = read_claims(_at(root, "claims"), reader)
    check_arrivals(root, declaration, tables, (claim.id for claim in claims), context)
    scenario = Scenario(
        **head,
        year=context.year,
        folder=folder,
        hash=files.hash,
        quantities=MappingProxyType(declaration.quantities),
        settings=MappingProxyType(declaration.settings),
        acts=declaration.acts,
        channels=declaration.channels,
        tables=MappingProxyType(tables),
        sources=MappingProxyType(dict(files.sources or {})),
        what_ifs=MappingProxyType(what_ifs),
        claims=claims,
        checks=read_checks(_at(root, "checks"), reader),
        matrix=MappingProxyType(matrix),
        headlines=read_headlines(_at(root, "headlines"), reader),
        warnings=tuple(findings.warnings),
        places=MappingProxyType(declaration.places),
        correlations=correlations,
    )
    return replace(scenario, warnings=tuple(findings.warnings)), declaration


def _at(root: Node, key: str) -> Node:
    entry = root.entries.get(key)
    return entry.node if entry else Node("scalar", root.location)


def _names(files: _Files, classes: Declared) -> Names:
    """Names that the tables and sections define; what cannot be read leaves its vocabulary free."""
    by: dict[str, tuple[str, ...]] = {}
    areas = files.tables.get("areas")
    columns = {"settlement": "settlement", "region": "power_region", "province": "parent"}
    if areas is not None:
        for vocabulary, column in columns.items():
            words = dict.fromkeys(row[column] for row in areas.rows)
            by[vocabulary] = (*words, RESERVED)
    acts = _section_names(files.root, "acts")
    by["act"] = acts
    margins = _at(people_of(files.root), "margins")
    if margins.kind == "map":
        words = [key for key in margins.entries if not key.startswith("_")]
        columns = areas.rows[0].cells if areas is not None else {}
        by["category"] = (*words, *shares_among(columns, _shared_margins(files.root)))
    channels = tuple(
        name for name in _section_names(files.root, "channels") if name in classes.channels
    )
    by["channel"] = channels
    return Names(by, acts, channels)


def people_of(root: Node) -> Node:
    """The section world.people, empty where there is none."""
    return _at(_at(root, "world"), "people")


def _shared_margins(root: Node) -> tuple[str, ...]:
    """Margins that a household shares: their categories may be columns of areas.csv."""
    return tuple(item.text for item in _at(people_of(root), "household_margins").items)


def _section_names(root: Node, key: str) -> tuple[str, ...]:
    return tuple(name for name in _at(root, key).entries if NAME.fullmatch(name))


def _year(root: Node) -> int:
    value = _at(root, "year").value
    return value if isinstance(value, int) and value in YEARS else 2000


def _head(root: Node, context: Context) -> dict[str, Any]:
    """Read what stands at the top: format, name, title, country, place, year."""
    findings = context.findings
    for key in (*HEAD, "world"):
        if key not in root.entries and key != "country":
            findings.add("missing", root.location, key, "nothing", f"{key}: stated at the top")
    version = root.entries.get("format")
    if version is not None and version.node.value != FORMAT and version.node.kind != "bad":
        place, found = version.node.location, version.node.describe()
        mend = "install the version of sousveil that it was written for"
        findings.add("format", place, "format", found, f"{FORMAT}", mend)
    year = root.entries.get("year")
    if year is not None and context.whole(year, "year") not in (*YEARS, None):
        expected = f"a year from {YEARS.start} to {YEARS.stop - 1}"
        findings.add("bad-value", year.node.location, "year", year.node.describe(), expected)
    texts = {key: context.text(root, key, "") for key in ("name", "title", "country", "place")}
    if texts["name"] and not NAME.fullmatch(texts["name"]):
        place, expected = root.entries["name"].node.location, "small letters, digits and _"
        findings.add("bad-value", place, "name", texts["name"], expected)
    if texts["country"] and not CODE.fullmatch(texts["country"]):
        place = root.entries["country"].node.location
        expected = "three capitals of ISO 3166-1, such as PRK (XXX for an invented place)"
        findings.add("bad-value", place, "country", texts["country"], expected)
    return {**texts, "format": FORMAT}


def _check_shapes(files: _Files, findings: Findings) -> None:
    areas = files.tables.get("areas")
    broken = any(problem.location.file == "areas.csv" for problem in findings.problems)
    if files.shapes is None or areas is None or broken:
        return
    parents: dict[str, Location] = {}
    for row in areas.rows:
        parents.setdefault(row["parent"], row.place("parent"))
    refuse_unknown_parents(files.shapes, parents, findings)


def _refuse_uncovered_margins(tables: Mapping[str, Table], context: Context) -> None:
    """Note a category without presence, where presence is given by the categories of its margin."""
    known, presence = context.names.by.get("category"), tables.get("presence")
    if known is None or presence is None or not presence.rows:
        return
    given = list(dict.fromkeys(str(row["category"]) for row in presence.rows))
    margins = {name.partition(".")[0] for name in given}
    place = Location("presence.csv", 1, 1)
    if len(margins) > 1:
        found, expected = f"categories of {listed(sorted(margins))}", "those of one margin, or all"
        context.findings.add("combination", place, "category", found, expected)
        return
    wanted = [name for name in known if name.partition(".")[0] in margins]
    lacking = [name for name in wanted if name not in given]
    if lacking:
        expected = f"rows for each of {listed(wanted)}"
        found = f"no row for {listed(lacking)}"
        context.findings.add("missing", place, "category", found, expected)


def _warn_of_gaps(matrix: Mapping[str, Mapping[str, Any]], root: Node, context: Context) -> None:
    place = root.entries["matrix"].location if "matrix" in root.entries else root.location
    for act in context.names.acts:
        row = matrix.get(act, {})
        gaps = [name for name in context.names.channels if name not in row]
        if gaps:
            words = f"nothing is said about {listed(gaps)}; it counts as cannot_see"
            context.findings.warn(place, f"matrix.{act}", words)


def _refuse_combinations(
    scenario: Scenario, declaration: Declaration, classes: Declared | None
) -> None:
    """Refuse numbers that are fine one by one but that a parameter class refuses together."""
    sections = (classes or declared()).sections(scenario.acts, scenario.channels)
    if not any(hasattr(item.cls, "__post_init__") for item in every(sections)):
        return
    problems: list[Problem] = []
    for names in ((), *((name,) for name in scenario.what_ifs)):
        try:
            resolve(scenario, CENTRAL, names, classes=classes)
        except ValueError as error:
            where = f"what_ifs.{names[0]}" if names else "world"
            place = declaration.places.get(where, Location(DECLARATION, 1, 1))
            problems.append(Problem("combination", place, where, str(error), "", ""))
    if problems:
        raise Problems(problems)
