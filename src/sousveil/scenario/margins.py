"""What the rows of each kind of table must be: areas, presence, series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sousveil.errors import listed
from sousveil.scenario.context import Context
from sousveil.scenario.merging import Record, merge_small
from sousveil.scenario.model import Table
from sousveil.scenario.table_kinds import (
    COLUMNS,
    DAY_TYPES,
    HOURS,
    SETTINGS,
    SMALLEST_AREA,
)
from sousveil.scenario.tables import Cells, Raw, Row
from sousveil.scenario.values import YEARS

_YES = ("1", "yes", "true")
_NO = ("0", "no", "false")
RESERVED = "border_guards"
_TOLERANCE = 1e-6
_ROUNDED = 0.005
"""Shares of an area come rounded from a census."""


def read_rows(raw: Raw, context: Context, floor: int = SMALLEST_AREA) -> Table:
    """Check the rows of a table and return it with typed cells.

    floor: people below which an area is merged.
    """
    if raw.name == "areas":
        records, merged = _areas(raw.rows, floor, context)
        return Table(raw.name, raw.name, COLUMNS[raw.name], tuple(records), merged)
    reader = {"presence": _presence, "series": _series}[raw.name]
    return Table(raw.name, raw.name, COLUMNS[raw.name], tuple(reader(raw.rows, context)))


def _areas(
    rows: Iterable[Row], floor: int, context: Context
) -> tuple[list[Record], tuple[str, ...]]:
    records: list[Record] = []
    known: set[str] = set()
    kept: list[Row] = []
    for row in rows:
        cells = Cells(row, context)
        border = cells.word("touches_border", (*_YES, *_NO))
        record: Record = {
            "area": cells.name("area"),
            "name": cells.text("name"),
            "parent": cells.name("parent"),
            "settlement": cells.name("settlement"),
            "power_region": cells.name("power_region"),
            "people": cells.whole("people", 0, 10**11),
            "touches_border": border in _YES,
            "source": cells.citations("source", required=True),
        }
        if record["area"] == RESERVED or record["area"].endswith("_strip"):
            cells.bad("area", f"another name: {RESERVED} and ..._strip belong to the model")
        elif record["area"] in known:
            place, found = row.place("area"), f"area {record['area']} again"
            context.findings.add("duplicate", place, "area", found, "each area once")
        elif record["people"] is not None:
            record["mix"] = _mix(cells, record["people"], context)
            known.add(record["area"])
            records.append(record)
            kept.append(row)
    if any(None in record["mix"].values() for record in records):
        return records, ()
    return merge_small(records, kept, floor, context)


def _mix(cells: Cells, people: int | None, context: Context) -> Record:
    """Share of the area's people in each category that the table gives by area."""
    names = [name for name in cells.row.cells if "." in name]
    # Nobody lives there: whatever the cells say, it is a share of nothing.
    if not people:
        return dict.fromkeys(names, 0.0)
    mix = {name: cells.number(name, 0.0, 1.0) for name in names}
    for margin in dict.fromkeys(name.partition(".")[0] for name in names):
        shares = [mix[name] for name in names if name.startswith(f"{margin}.")]
        if None in shares:
            continue
        total = sum(share for share in shares if share is not None)
        if abs(total - 1.0) > _ROUNDED:
            place, expected = cells.row.place(names[0]), f"the shares of {margin} to sum to 1"
            context.findings.add("sum", place, margin, f"{total:g}", expected)
    return mix


def _presence(rows: Iterable[Row], context: Context) -> list[Record]:
    records: list[Record] = []
    hours: dict[tuple[str, str], dict[int, Row]] = {}
    for row in rows:
        cells = Cells(row, context)
        record: Record = {
            "category": _category(cells, context),
            "day_type": cells.word("day_type", DAY_TYPES),
            "hour": cells.whole("hour", HOURS.start, HOURS.stop - 1),
            **{name: cells.number(name, 0.0, 1.0, empty=0.0) for name in SETTINGS},
            "source": cells.citations("source", required=not row["because"]),
            "because": row["because"],
        }
        _refuse_other_sum(record, row, context)
        if record["hour"] is None or not record["category"] or not record["day_type"]:
            continue
        seen = hours.setdefault((record["category"], record["day_type"]), {})
        if record["hour"] in seen:
            place, found = row.place("hour"), f"hour {record['hour']} again"
            context.findings.add("duplicate", place, "hour", found, "each hour once")
            continue
        seen[record["hour"]] = row
        records.append(record)
    _refuse_gaps(hours, context)
    return records


def _category(cells: Cells, context: Context) -> str:
    known = context.names.by.get("category")
    if known is None:
        return cells.text("category")
    return cells.word("category", ("all", *known))


def _refuse_other_sum(record: Record, row: Row, context: Context) -> None:
    shares = [record[name] for name in SETTINGS]
    if None in shares:
        return
    total = sum(shares)
    if abs(total - 1.0) > _TOLERANCE:
        expected = f"{', '.join(SETTINGS)} to sum to 1"
        context.findings.add("sum", row.place(SETTINGS[0]), "home", f"{total:g}", expected)


def _refuse_gaps(hours: Mapping[tuple[str, str], Mapping[int, Row]], context: Context) -> None:
    for category in dict.fromkeys(category for category, _ in hours):
        given = [seen for (name, _), seen in hours.items() if name == category]
        place = next(iter(given[0].values())).start
        for day_type in DAY_TYPES:
            seen = hours.get((category, day_type), {})
            gaps = [str(hour) for hour in HOURS if hour not in seen]
            if gaps:
                found = f"no row for {category} on a {day_type} at {listed(gaps)} h"
                context.findings.add("missing", place, "hour", found, "24 hours of both day types")


def _series(rows: Iterable[Row], context: Context) -> list[Record]:
    records: list[Record] = []
    seen: set[tuple[str, int, str]] = set()
    for row in rows:
        cells = Cells(row, context)
        record: Record = {
            "series": cells.name("series"),
            "year": cells.whole("year", YEARS.start, YEARS.stop - 1),
            "value": cells.number("value", -1e300, 1e300),
            "unit": cells.text("unit"),
            "source": cells.citations("source", required=True),
            "note": row["note"],
        }
        if record["year"] is None or record["value"] is None:
            continue
        key = (record["series"], record["year"], record["source"])
        if key in seen:
            place, found = row.place("year"), f"{record['series']} {record['year']} again"
            context.findings.add("duplicate", place, "year", found, "each year of a source once")
            continue
        seen.add(key)
        records.append(record)
    return records
