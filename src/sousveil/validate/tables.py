"""Tables of published figures: every row with its source and grade, looked up by what they hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sousveil.errors import close_to, listed, shown
from sousveil.quantity import Location
from sousveil.scenario.context import Context
from sousveil.scenario.tree import Entry, Node
from sousveil.sources import GRADE, split_citation
from sousveil.validate.expectations import as_number
from sousveil.validate.model import Place

KEYS = ("table", "where", "column", "key", "sum", "plus_minus", "times", "unit")
"""What a look-up may say: `where` picks rows, `column` holds the number, `key` names several."""
LARGEST = 5_000_000
NO_EVIDENCE = ("fiction",)
"""Words of the column `status` that are no evidence, however often they are quoted."""


class NoEvidenceError(ValueError):
    """A published number that was never an observation."""


@dataclass(frozen=True)
class Rows:
    """A table: its rows as texts by column."""

    name: str
    rows: tuple[Mapping[str, str], ...]
    columns: tuple[str, ...]


def is_look_up(node: Node) -> bool:
    """Whether an input is taken from a table."""
    return node.kind == "map" and "table" in node.entries


def look_up(entry: Entry, path: str, place: Place, context: Context) -> Entry | None:
    """Turn a look-up into what a case would have written: a quantity, or a mapping of them.

    Raises NoEvidenceError where the row is no observation.
    """
    node = replace(entry.node, location=entry.location)
    context.unknown_keys(node, path, KEYS)
    table = _table(node, path, place, context)
    column = context.text(node, "column", path, required=True)
    if table is None or not column:
        return None
    rows = _picked(node, path, table, context)
    keys = [word for word, _ in context.words(node, "key", path)]
    for name in (column, *keys):
        if name not in table.columns:
            context.unknown_name(name, node.location, path, "column", table.columns)
            return None
    if rows is None:
        return None
    if not rows:
        found = f"no row of {table.name} with {shown(context.text(node, 'where', path) or 'that')}"
        context.findings.add("missing", node.location, path, found, "at least one row")
        return None
    groups: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        groups.setdefault(".".join(_word(row[key]) for key in keys), []).append(row)
    made = {
        key: _quantity(group, column, node, f"{path}.{key}".rstrip("."), table.name, context)
        for key, group in groups.items()
    }
    if any(item is None for item in made.values()):
        return None
    entries = {key: Entry(entry.location, item) for key, item in made.items() if item}
    return entries[""] if not keys else Entry(entry.location, _map(entries, entry.location))


def read_rows(path: Path, context: Context, place: Location, where: str) -> Rows | None:
    """Read a table of published figures; it must name source and grade of each row."""
    try:
        if path.stat().st_size > LARGEST:
            context.findings.add("size", place, where, path.name, f"at most {LARGEST:,} bytes")
            return None
        text = path.read_text(encoding="utf-8")
    except OSError:
        expected = "a table beside the case, or a shipped one"
        context.findings.add("absent-file", place, where, f"no table {path.name}", expected)
        return None
    except UnicodeDecodeError:
        context.findings.add("encoding", place, where, f"{path.name}", "text in UTF-8")
        return None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    reader = csv.DictReader(io.StringIO("\n".join(lines)), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        context.findings.add("syntax", place, where, f"{path.name}: {error}", "a table")
        return None
    table = Rows(path.name, tuple(rows), tuple(reader.fieldnames or ()))
    return table if _sound(table, context, place, where) else None


def _sound(table: Rows, context: Context, place: Location, where: str) -> bool:
    """Whether a table has what every table of figures has; if not, that is noted."""
    from sousveil.scenario.positions import is_position

    findings, name = context.findings, table.name
    lacking = [column for column in ("source", "grade") if column not in table.columns]
    # The csv module puts surplus cells under the key None and None into cells that are lacking.
    ragged = [
        number
        for number, row in enumerate(table.rows, 2)
        if set(row) != set(table.columns) or not all(map(_is_text, row.values()))
    ]
    if lacking:
        expected = "source and grade of each row"
        findings.add("columns", place, where, f"{name} without {listed(lacking)}", expected)
    if ragged:
        expected = "as many cells as columns"
        findings.add("cells", place, where, f"{name}, row {ragged[0]}", expected)
    for column in filter(is_position, table.columns):
        findings.position(place, where, f"{name}: the column {shown(column)}")
    return not lacking and not ragged


def _table(node: Node, path: str, place: Place, context: Context) -> Rows | None:
    name = context.text(node, "table", path)
    location = node.entries["table"].node.location
    file = place.find(f"{name}.csv")
    if not file.is_file():
        expected = "a table beside the case, or a shipped one"
        found, hint = f"no table {shown(name)}", close_to(name, place.tables)
        context.findings.add("absent-file", location, path, found, expected, "", hint)
        return None
    return read_rows(file, context, location, path)


def _picked(node: Node, path: str, table: Rows, context: Context) -> list[Mapping[str, str]] | None:
    """Rows that hold every word of `where`; None where that cannot be read."""
    entry = node.entries.get("where")
    if entry is None:
        return list(table.rows)
    if not context.mapping(entry.node, f"{path}.where", "columns and the words in them"):
        return None
    wanted: dict[str, str] = {}
    for column, item in entry.node.entries.items():
        if column not in table.columns:
            context.unknown_name(column, item.location, path, "column", table.columns)
            return None
        wanted[column] = item.node.text
    return [row for row in table.rows if all(row[c] == text for c, text in wanted.items())]


def _quantity(
    rows: list[Mapping[str, str]],
    column: str,
    node: Node,
    path: str,
    table: str,
    context: Context,
) -> Node | None:
    """The quantity that a cell stands for, or the sum of several cells."""
    place = node.location
    if len(rows) > 1 and not context.truth(node, "sum", path):
        found = f"{len(rows)} rows of {table}"
        mend = "say more in where, name them by key, or sum: true"
        context.findings.add("bad-value", place, path, found, "one row", mend)
        return None
    _refuse_fiction(rows)
    values = [as_number(row[column]) for row in rows]
    if any(value is None for value in values):
        bad = next(row[column] for row in rows if as_number(row[column]) is None)
        context.findings.add("bad-cell", place, path, shown(bad) or "nothing", "a number")
        return None
    total = sum(value for value in values if value is not None)
    total *= _option(node, "times", 1.0, path, context)
    half = _option(node, "plus_minus", 0.0, path, context)
    unit = context.text(node, "unit", path) or "1"
    graded = all(GRADE.fullmatch(row["grade"]) for row in rows)
    if not graded:
        found = f"the grade {shown(rows[0]['grade'])}"
        context.findings.add("grade", place, path, found, "a letter A-F and a digit 1-6")
        return None
    cited = dict.fromkeys(part for row in rows for part in row["source"].split("; "))
    items = tuple(Node("scalar", place, text, text) for text in cited)
    texts = {"unit": unit, "kind": "documented", "grade": max(row["grade"] for row in rows)}
    entries = {key: Entry(place, Node("scalar", place, text, text)) for key, text in texts.items()}
    entries["sources"] = Entry(place, Node("list", place, items=items))
    form = "uniform" if half else "fixed"
    ends = (_scalar(total - half, place), _scalar(total + half, place))
    entries[form] = Entry(place, Node("list", place, items=ends) if half else _scalar(total, place))
    return _map(entries, place)


def _refuse_fiction(rows: list[Mapping[str, str]]) -> None:
    for row in rows:
        if row.get("status", "") in NO_EVIDENCE:
            name = row.get("measure", "") or row.get("id", "") or "the figure"
            what = row.get("note", "") or "it was never observed"
            key, _ = split_citation(row["source"].partition(";")[0])
            raise NoEvidenceError(f"{name} is {row['status']}, no evidence: {what} ({key})")


def _option(node: Node, key: str, otherwise: float, path: str, context: Context) -> float:
    entry = node.entries.get(key)
    if entry is None:
        return otherwise
    value = as_number(entry.node.text)
    if value is None:
        context.findings.add(
            "bad-value", entry.node.location, f"{path}.{key}", entry.node.describe(), "a number"
        )
    return otherwise if value is None else value


def _is_text(cell: object) -> bool:
    return isinstance(cell, str)


def _scalar(value: float, place: Location) -> Node:
    return Node("scalar", place, value, repr(value))


def _map(entries: Mapping[str, Entry], place: Location) -> Node:
    return Node("map", place, entries=dict(entries))


def _word(text: str) -> str:
    """A cell as part of a key: letters, digits, hyphens; what is between words becomes _."""
    return "_".join(text.split())
