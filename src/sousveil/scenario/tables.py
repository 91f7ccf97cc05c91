"""Tables of a scenario: exactly the columns of their kind, each row with its source.

A table holds margins and series, never persons: any other column is an unknown column, so that a
record of a person fails by construction.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sousveil.errors import close_to, listed, shown
from sousveil.quantity import Location
from sousveil.scenario.context import Context
from sousveil.scenario.findings import Findings
from sousveil.scenario.positions import is_position, pair_of_degrees
from sousveil.scenario.table_kinds import COLUMNS
from sousveil.scenario.values import SEPARATED

_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
SHARE = re.compile(r"([a-z][a-z0-9_]*)\.[a-z][a-z0-9_]*")
_MOST_CELLS = 64


@dataclass(frozen=True)
class Row:
    """One row of a table: its cells by column, and where it stands."""

    cells: Mapping[str, str]
    places: Mapping[str, Location]
    start: Location

    def __getitem__(self, column: str) -> str:
        """Text of a cell, "" where the row has none."""
        return self.cells.get(column, "")

    def place(self, column: str) -> Location:
        """Where a cell stands."""
        return self.places.get(column, self.start)


@dataclass(frozen=True)
class Raw:
    """A table as it is written, its header known to be right."""

    name: str
    rows: tuple[Row, ...]


def read_table(
    name: str, text: str, findings: Findings, margins: Collection[str] = ()
) -> Raw | None:
    """Return the rows of a table, or None when its columns are not those of its kind.

    margins: those whose categories, as margin.category, may be columns of areas.csv.
    """
    file = f"{name}.csv"
    lines = _lines(text, file, findings)
    header = next(lines, None)
    if header is None:
        expected = f"the columns {', '.join(COLUMNS[name])}"
        findings.add("columns", Location(file, 1, 1), "", "an empty table", expected)
        return None
    columns = [cell.strip() for cell, _ in header[1]]
    shares = shares_among(columns, margins) if name == "areas" else ()
    allowed = (*COLUMNS[name], *shares)
    good = _check_header(columns, [place for _, place in header[1]], allowed, findings)
    rows: list[Row] = []
    for start, cells in lines:
        if len(cells) != len(columns):
            found, expected = f"{len(cells)} cells", f"{len(columns)}, as many as columns"
            mend = "put cells with a comma inside in quotation marks"
            findings.add("cells", start, "", found, expected, mend)
            continue
        texts = {column: cell.strip() for column, (cell, _) in zip(columns, cells, strict=True)}
        places = {column: place for column, (_, place) in zip(columns, cells, strict=True)}
        rows.append(Row(texts, places, start))
        _refuse_coordinates(rows[-1], findings)
    if good and not rows:
        findings.add("missing", header[0], "", "no row", "at least one")
    return Raw(name, tuple(rows)) if good and rows else None


Line = tuple[Location, list[tuple[str, Location]]]


def _lines(text: str, file: str, findings: Findings) -> Iterator[Line]:
    """Every line that is neither empty nor a comment (#), cut into cells with their places."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        start = Location(file, number, 1)
        try:
            cells = next(csv.reader([line], strict=True))
        except (csv.Error, StopIteration) as error:
            mend = "close the quotation marks in the line where they open"
            findings.add("syntax", start, "", shown(error), "one row of a table", mend)
            continue
        starts = _starts(line)
        if len(cells) != len(starts):
            starts = [1] * len(cells)
        places = [Location(file, number, column) for column in starts]
        yield start, list(zip(cells, places, strict=True))


def _starts(line: str) -> list[int]:
    """Column of the first character of each cell."""
    starts, quoted = [1], False
    for index, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            starts.append(index + 2)
    return starts


def _check_header(
    columns: list[str], places: list[Location], allowed: tuple[str, ...], findings: Findings
) -> bool:
    good = True
    for index, (column, place) in enumerate(zip(columns[:_MOST_CELLS], places, strict=False)):
        if column in columns[:index]:
            findings.add("duplicate", place, column, f"the column {shown(column)} again", "it once")
            good = False
        elif column not in allowed:
            _unknown_column(column, place, allowed, findings)
    missing = [column for column in allowed if column not in columns]
    if missing:
        expected = f"the columns {', '.join(allowed)}"
        findings.add("columns", places[0], "", f"no column {listed(missing)}", expected)
    return good and not missing


def shares_among(columns: Iterable[str], margins: Collection[str]) -> tuple[str, ...]:
    """The columns that give the share of a category, as origin.asian where `origin` is a margin."""
    known = {column: SHARE.fullmatch(column) for column in dict.fromkeys(columns)}
    return tuple(column for column, found in known.items() if found and found[1] in margins)


def _unknown_column(
    column: str, place: Location, allowed: tuple[str, ...], findings: Findings
) -> None:
    if is_position(column):
        findings.position(place, shown(column), f"the column {shown(column)}")
        return
    mend = "delete it: a table holds margins and series, never persons, numbers or places"
    expected = f"only {', '.join(allowed)}"
    hint = close_to(column, allowed, 0.7)
    findings.add("columns", place, shown(column), f"column {shown(column)}", expected, mend, hint)


def _refuse_coordinates(row: Row, findings: Findings) -> None:
    for column, cell in row.cells.items():
        if pair := pair_of_degrees(cell):
            findings.position(row.place(column), column, pair)


@dataclass(frozen=True)
class Cells:
    """Reads the cells of one row; what does not fit is noted, and read as None or ""."""

    row: Row
    context: Context

    def bad(self, column: str, expected: str, mend: str = "", hint: str = "") -> None:
        """Note a cell that is not what its column holds."""
        found = shown(self.row[column]) or "an empty cell"
        place = self.row.place(column)
        self.context.findings.add("bad-cell", place, column, found, expected, mend, hint)

    def text(self, column: str) -> str:
        """Text that may not be empty."""
        if not self.row[column]:
            self.bad(column, "some words")
        return self.row[column]

    def name(self, column: str) -> str:
        """A name in small letters."""
        value = self.row[column]
        if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
            self.bad(column, "a name in small letters, digits and _")
            return ""
        return value

    def word(self, column: str, allowed: tuple[str, ...]) -> str:
        """One of the allowed words."""
        value = self.row[column]
        if value not in allowed:
            self.bad(column, f"one of {listed(allowed)}", "", close_to(value, allowed))
            return ""
        return value

    def number(self, column: str, low: float, high: float, *, empty: Any = None) -> float | None:
        """A number between bounds; an empty cell is `empty` where that is given."""
        value = self.row[column]
        if not value and empty is not None:
            return float(empty)
        if not _NUMBER.fullmatch(value) or not low <= float(value) <= high:
            mend = "write it without separators, with a decimal point" if "," in value else ""
            bounds = f" from {low:g} to {high:g}" if high < 1e300 else ""
            self.bad(column, f"a number{bounds}", mend)
            return None
        return float(value)

    def whole(self, column: str, low: int, high: int) -> int | None:
        """A whole number between bounds."""
        value = self.row[column]
        if not re.fullmatch(r"[0-9]{1,12}", value) or not low <= int(value) <= high:
            mend = "write it without thousands separators" if SEPARATED.fullmatch(value) else ""
            self.bad(column, f"a whole number from {low} to {high}", mend)
            return None
        return int(value)

    def citations(self, column: str, *, required: bool) -> str:
        """Return the citations of a cell, parted by ';', as text; unknown sources are noted."""
        value = self.row[column]
        for text in filter(None, (part.strip() for part in value.split(";"))):
            self.context.citation(text, self.row.place(column), column)
        if required and not value:
            place = self.row.place(column)
            mend = "cite a key of sources.json"
            self.context.findings.add(
                "missing", place, column, "a row without source", "source", mend
            )
        return value
