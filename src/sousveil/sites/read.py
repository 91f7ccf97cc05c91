"""Reads the sites of an open data set: CSV, GeoJSON or GeoParquet, every problem in one line.

A table has exactly the columns of its sort: an identifier, a place in words, a published area, a
kind, a longitude, a latitude. Any other column is refused, so that no name, plate or record of a
person can enter. Words of a place are read past and not kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import polars as pl

from sousveil.arrays import Floats
from sousveil.errors import close_to, listed, shown
from sousveil.quantity import Location
from sousveil.scenario.boxes import boxes
from sousveil.scenario.countries import is_open
from sousveil.scenario.findings import Findings
from sousveil.sites.files import read_frame
from sousveil.sites.model import EARTH_RADIUS_M, Operator, Sites

COLUMNS = MappingProxyType(
    {
        "id": ("id", "camera_id", "site_id", "objectid", "fid", "ref"),
        "place": ("location", "place", "street", "address", "description", "site"),
        "area": ("area", "area_name", "ward", "ward_name", "district", "borough"),
        "area_code": ("area_code", "ward_code", "district_code"),
        "kind": ("kind", "type", "camera_type"),
        "longitude": ("lon", "lng", "long", "longitude", "x"),
        "latitude": ("lat", "latitude", "y"),
    }
)
"""What a column may hold, and the names that it goes by."""
FARTHEST_M = 400_000.0
MOST_EXAMPLES = 3
_NAME = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE)
"""A name such as www.council.gov.uk, no number and no machine of one's own."""


def read_sites(path: Path, operator: Operator) -> Sites:
    """Read published sites of an open country.

    Raises Problems with every problem at once: a closed country first, then columns, then cells,
    each kind of problem of a column in one line with its count and the first row that has it.
    """
    findings = Findings()
    _refuse_closed(operator, path, findings)
    findings.finish()
    frame = read_frame(path, findings)
    findings.finish()
    if frame is None:
        raise AssertionError
    columns = _columns(frame, path, findings)
    findings.finish()
    reader = _Reader(frame, path, findings)
    east, north = (
        reader.degrees(columns["longitude"], 180.0),
        reader.degrees(columns["latitude"], 90.0),
    )
    reader.refuse_twice(columns.get("id"))
    findings.finish()
    reader.refuse_elsewhere(east, north, operator, columns)
    findings.finish()
    return Sites(
        operator=operator,
        east_m=_metres(east) * np.cos(np.radians(float(np.median(north)))),
        north_m=_metres(north),
        by_area=_counts(frame, columns.get("area", columns.get("area_code", ""))),
        notes=tuple(reader.notes),
        by_kind=_counts(frame, columns.get("kind", "")),
    )


def _refuse_closed(operator: Operator, path: Path, findings: Findings) -> None:
    place = Location(path.name, 1, 1)
    if not is_open(operator.country):
        found = f"the country {shown(operator.country) or 'not stated'}"
        mend = "positions are read of open countries only"
        findings.add("position", place, "country", found, "a country of the shipped list", mend)
    if not _is_address(operator.url):
        found = shown(operator.url) or "no address"
        expected = "the address at which the operator published it: https://..."
        findings.add("missing", place, "url", found, expected)
    try:
        parts = [int(part) for part in operator.date.split("-")]
        published = date(*parts, *[1] * (3 - len(parts)))
        if published > date.today():  # noqa: DTZ011 (a day, whatever the zone)
            findings.add("bad-value", place, "date", shown(operator.date), "a day that has been")
    except (ValueError, TypeError):
        found = shown(operator.date) or "no date"
        findings.add(
            "missing", place, "date", found, "when it was published: 2024-03-31 or 2024-03"
        )


def _is_address(url: str) -> bool:
    """Whether a text is an https address at a public name."""
    try:
        parts = urlsplit(url)
        name, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and not re.search(r"\s", url) and bool(_NAME.fullmatch(name))


def _columns(frame: pl.DataFrame, path: Path, findings: Findings) -> dict[str, str]:
    """Kind -> name of the column; what is unknown, twice or lacking is noted."""
    kinds = {name: kind for kind, names in COLUMNS.items() for name in names}
    found: dict[str, str] = {}
    for number, name in enumerate(frame.columns, 1):
        place, word = Location(path.name, 1, number), name.strip().lower()
        kind = kinds.get(word)
        if kind is None:
            mend = "delete it: no record of a person, plate or number enters"
            hint = close_to(word, kinds, 0.85)
            expected = f"only {listed(COLUMNS, 9)}"
            findings.add(
                "columns", place, shown(name), f"column {shown(name)}", expected, mend, hint
            )
        elif kind in found:
            findings.add("duplicate", place, shown(name), f"a second {kind}", "one")
        else:
            found[kind] = name
    for kind in ("longitude", "latitude"):
        if kind not in found and not findings.problems:
            expected = f"a column {' or '.join(COLUMNS[kind])}"
            findings.add("columns", Location(path.name, 1, 1), kind, f"no {kind}", expected)
    return found


@dataclass
class _Reader:
    """Reads the cells of a table; rows are counted from the first below the header, line 2."""

    frame: pl.DataFrame
    path: Path
    findings: Findings

    def __post_init__(self) -> None:
        """Start with nothing said."""
        self.notes: list[str] = []

    def place(self, row: int, column: str) -> Location:
        """Where a cell stands."""
        return Location(self.path.name, row + 2, self.frame.columns.index(column) + 1)

    def note(self, code: str, column: str, bad: pl.Series, expected: str, mend: str = "") -> None:
        """Note all bad cells of a column in one line."""
        rows = bad.arg_true().to_list()
        first = [self.frame[column][row] for row in rows[:MOST_EXAMPLES]]
        cells = ["nothing" if cell in (None, "") else shown(cell, 30) for cell in first]
        more = f" and {len(rows) - len(cells):,} more" if len(rows) > len(cells) else ""
        found = f"{', '.join(cells)}{more}"
        self.findings.add(code, self.place(rows[0], column), column, found, expected, mend)

    def degrees(self, column: str, most: float) -> Floats:
        """(N,) degrees of a column; an empty array where some cannot be read."""
        text = self.frame[column].cast(pl.String).fill_null("").str.strip_chars()
        commas = text.str.contains(r"^[-+]?\d+,\d+$")
        if commas.any():
            points = text.str.contains(".", literal=True)
            if points.any():
                expected = "one decimal sign in the whole column"
                self.note("bad-cell", column, commas, expected, "write 53.46, not 53,46")
                return np.empty(0)
            text = text.str.replace(",", ".", literal=True)
            self.notes.append(f"{column}: decimal commas were read as points")
        number = text.cast(pl.Float64, strict=False)
        lost = number.is_null() | ~number.is_finite()
        if lost.any():
            self.note("bad-cell", column, lost, "degrees such as -2.284")
            return np.empty(0)
        outside = number.abs() > most
        if outside.any():
            expected = f"degrees from {-most:g} to {most:g}"
            mend = "metres of a national grid are turned into degrees first"
            self.note("bad-cell", column, outside, expected, mend)
            return np.empty(0)
        return number.to_numpy()

    def refuse_twice(self, column: str | None) -> None:
        """Note identifiers that stand twice."""
        if column is not None:
            text = self.frame[column].cast(pl.String).fill_null("").str.strip_chars()
            twice = text.is_duplicated() & (text != "")
            if twice.any():
                self.note("duplicate", column, twice, "each site once")

    def refuse_elsewhere(
        self, east: Floats, north: Floats, operator: Operator, columns: Mapping[str, str]
    ) -> None:
        """Note positions outside the stated country, and those far from all the others."""
        west, south, right, top = boxes()[operator.country]
        outside = (east < west) | (east > right) | (north < south) | (north > top)
        column = columns["latitude"]
        if outside.all() and not _outside(north, east, operator.country).any():
            mend = "exchange the names of the two columns"
            self.note("bad-cell", column, pl.Series(outside), "a latitude, not a longitude", mend)
            return
        if outside.any():
            expected = f"positions in {operator.country}"
            self.note("position", column, pl.Series(outside), expected, "mend or delete the rows")
            return
        apart = np.hypot(
            _metres(north), _metres(east) * np.cos(np.radians(float(np.median(north))))
        )
        if (apart > FARTHEST_M).any():
            expected = f"sites within {FARTHEST_M / 1000:g} km of their middle"
            mend = "read one city at a time"
            self.note("bad-cell", column, pl.Series(apart > FARTHEST_M), expected, mend)


def _outside(east: Floats, north: Floats, country: str) -> Any:
    west, south, right, top = boxes()[country]
    return (east < west) | (east > right) | (north < south) | (north > top)


def _metres(degrees: Floats) -> Floats:
    return np.radians(degrees - float(np.median(degrees))) * EARTH_RADIUS_M


def _counts(frame: pl.DataFrame, column: str) -> Mapping[str, int]:
    """Sites by the word in a column, most first; nothing where there is no such column."""
    if not column:
        return MappingProxyType({})
    names = frame[column].cast(pl.String).fill_null("").str.strip_chars()
    counts = names.value_counts(sort=True, name="sites").rows()
    return MappingProxyType({str(name) or "not stated": int(count) for name, count in counts})
