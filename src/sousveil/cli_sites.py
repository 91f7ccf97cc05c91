"""The body of `sousveil sites`: published positions go in, released aggregates come out."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from sousveil.ensemble.store import write_json, write_table
from sousveil.errors import Problem, Problems
from sousveil.quantity import Location
from sousveil.release import Released
from sousveil.sites.aggregates import ELSEWHERE, FEWEST, Ask, aggregates
from sousveil.sites.model import Operator, Sites
from sousveil.sites.people import read_people
from sousveil.sites.read import read_sites

MANY = 100_000
"""Sites above which each stage is told as it begins."""
CAUTION = (
    "Never evidence about one person, place or event. Positions stay in the file that they came in."
)


@dataclass(frozen=True)
class Wanted:
    """What the command was asked, as typed."""

    file: Path
    operator: Operator
    people: float
    area_km2: float
    radius_m: float | None
    cell_m: float
    people_by_area: Path | None
    out: Path | None
    as_json: bool


def sites(wanted: Wanted) -> int:
    """Read, count, print; write into a folder where one is named.

    Raises Problems for input that cannot be used.
    """
    _refuse_numbers(wanted)
    size = wanted.file.stat().st_size if wanted.file.is_file() else 0
    tell: Callable[[str], None] = _told if size > 30 * MANY else _quiet
    tell(f"reading {wanted.file.name}")
    found = read_sites(wanted.file, wanted.operator)
    people = read_people(wanted.people_by_area) if wanted.people_by_area else {}
    tell(f"counting {found.count:,} sites")
    ask = Ask(wanted.people, wanted.area_km2, wanted.radius_m, wanted.cell_m, people)
    table = aggregates(found, ask)
    about = _about(wanted, found, ask, table)
    if wanted.out is not None:
        _write(wanted.out, table, about)
    if wanted.as_json:
        text = {**about, "rows": table.frame.to_dicts()}
        typer.echo(json.dumps(text, indent=1, ensure_ascii=False))
    else:
        for line in _lines(found, ask, table):
            typer.echo(line)
        if wanted.out is not None:
            typer.echo(f"tables  {wanted.out / 'sites.csv'}, {wanted.out / 'about.json'}")
    return 0


def _told(words: str) -> None:
    typer.echo(words, err=True)


def _quiet(words: str) -> None:
    """Say nothing: it is done before anybody asks."""


def _refuse_numbers(wanted: Wanted) -> None:
    """Refuse a place or a reach that is none, each in a line that names its option."""
    bounds = {
        "--people": (wanted.people, 1000.0, "the people of the whole place, at least 1,000"),
        "--area-km2": (wanted.area_km2, 0.01, "the land of the whole place in km2"),
        "--radius-m": (wanted.radius_m, 0.1, "a reach in metres above 0"),
        "--cell-m": (wanted.cell_m, 1000.0, "a width of at least 1,000 m: finer cells are places"),
    }
    problems = [
        Problem("bounds", Location(option, 1, 1), "", f"{value:g}", expected)
        for option, (value, least, expected) in bounds.items()
        if value is not None and not (math.isfinite(value) and least <= value <= 1e10)
    ]
    if problems:
        raise Problems(problems)


def _about(wanted: Wanted, found: Sites, ask: Ask, table: Released) -> dict[str, Any]:
    from sousveil import __version__

    operator = found.operator
    return {
        "published_by": {"country": operator.country, "url": operator.url, "date": operator.date},
        "people": ask.people,
        "area_km2": ask.area_km2,
        "cell_m": ask.width_m,
        "radius_m": ask.radius_m,
        "reader_notes": list(found.notes),
        "gate_notes": dict(table.notes),
        "sousveil": __version__,
        "caution": CAUTION,
    }


def _write(folder: Path, table: Released, about: Mapping[str, Any]) -> None:
    """Write the released table and what it rests on."""
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "sites.csv", table)
    write_json(folder / "about.json", about)


Rows = Iterable[Mapping[str, Any]]


def _lines(found: Sites, ask: Ask, table: Released) -> Iterable[str]:
    """The released rows in words; nothing here but what passed the gate."""
    rows = [row for row in table.frame.to_dicts() if row["value"] is not None]
    hidden = table.notes.get("suppressed", 0)
    of = {name: [row for row in rows if row["measure"] == name] for name in _MEASURES}
    operator = found.operator
    yield f"{_whole(of['sites']):,.0f} sites in {operator.country}, published by its operator"
    yield f"  {operator.url} ({operator.date})"
    yield from (f"  note: {note}" for note in found.notes)
    rate = _whole(of["sites_per_thousand"])
    yield f"  {_plain(rate)} for 1,000 people, {_plain(_whole(of['sites_per_km2']))} a km2"
    yield from _by("kind", "category", of["sites"], of["sites_share"])
    yield from _by("area", "area", of["sites"], of["sites_per_thousand"])
    yield from _of_ground(of["covered_share"], ask)
    yield from _of_cells(of["sites_in_cell"], ask)
    if hidden:
        yield f"  {hidden} values are withheld: they stand for fewer than 1,000 people"
    if found.by_area and not ask.people_by_area:
        yield "  --people-by-area FILE tells areas apart: a place below 1,000 people never leaves"
    yield CAUTION


_MEASURES = (
    *("sites", "sites_share", "sites_per_thousand", "sites_per_km2"),
    *("sites_in_cell", "covered_share"),
)


def _plain(value: float) -> str:
    """Three significant digits, thousands set apart and never as a power of ten."""
    return f"{value:,.0f}" if value >= 1000.0 else f"{value:.3g}"


def _whole(rows: Rows) -> float:
    return float(next(r["value"] for r in rows if not r["area"] and not r["category"]))


def _by(word: str, column: str, counts: Rows, others: Rows) -> Iterable[str]:
    """Counts along one dimension, each with its share or rate."""
    beside = {row[column]: row for row in others if row[column]}
    named = [row for row in counts if row[column]]
    if column == "area" and [row[column] for row in named] == [ELSEWHERE]:
        return
    for row in named:
        other = beside.get(row[column])
        more = ""
        if other is not None:
            share = other["unit"] == "1"
            value = float(other["value"])
            more = f", {_plain(100 * value)} %" if share else f", {_plain(value)} for 1,000 people"
        yield f"  {word} {row[column]}: {row['value']:,.0f}{more}"


def _of_ground(rows: Rows, ask: Ask) -> Iterable[str]:
    shares = {row["category"]: _plain(100.0 * float(row["value"])) for row in rows}
    if shares:
        yield (
            f"  within {ask.radius_m:g} m of a site: {shares['together']} % of the ground "
            f"(circles added up would claim {shares['added']} %, as many sites at random "
            f"cover {shares['random']} %)"
        )


def _of_cells(rows: Rows, ask: Ask) -> Iterable[str]:
    values = {row["area"]: float(row["value"]) for row in rows}
    beyond = values.pop(ELSEWHERE, 0.0)
    if values:
        yield (
            f"  cells of {ask.width_m:,.0f} m with {FEWEST} sites or more: {len(values)}, with "
            f"{min(values.values()):,.0f} to {max(values.values()):,.0f} sites each, "
            f"{sum(values.values()):,.0f} in all; {beyond:,.0f} stand elsewhere"
        )
    elif beyond:
        yield f"  no cell of {ask.width_m:,.0f} m holds {FEWEST} sites"
