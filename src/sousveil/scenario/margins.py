"""What the rows of each kind of table must be: areas, presence, series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sousveil.errors import listed
from sousveil.scenario.context import Context
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
Record = dict[str, Any]


def read_rows(raw: Raw, context: Context) -> Table:
    """Check the rows of a table and return it with typed cells."""
    if raw.name == "areas":
        records, merged = _areas(raw.rows, context)
        return Table(raw.name, raw.name, COLUMNS[raw.name], tuple(records), merged)
    reader = {"presence": _presence, "series": _series}[raw.name]
    return Table(raw.name, raw.name, COLUMNS[raw.name], tuple(reader(raw.rows, context)))


def _areas(rows: Iterable[Row], context: Context) -> tuple[list[Record], tuple[str, ...]]:
    records: list[Record] = []
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
        elif record["area"] in {other["area"] for other in records}:
            place, found = row.place("area"), f"area {record['area']} again"
            context.findings.add("duplicate", place, "area", found, "each area once")
        elif record["people"] is not None:
            records.append(record)
            kept.append(row)
    return _merge_small(records, kept, context)


def _merge_small(
    records: list[Record], rows: list[Row], context: Context
) -> tuple[list[Record], tuple[str, ...]]:
    """Merge each area below 1,000 people with the next of the same parent, else the one before."""
    left = list(zip(records, rows, strict=True))
    merged: list[str] = []
    index = 0
    while index < len(left):
        record, row = left[index]
        if record["people"] >= SMALLEST_AREA:
            index += 1
            continue
        same = [i for i, (other, _) in enumerate(left) if other["parent"] == record["parent"]]
        mates = [i for i in same if i > index] or [i for i in reversed(same) if i < index]
        if not mates:
            mend = "merge it with another area before you publish the table"
            found = f"area {record['area']} with {record['people']} people"
            expected = f"at least {SMALLEST_AREA:,}"
            context.findings.add("small-area", row.place("people"), "people", found, expected, mend)
            index += 1
            continue
        mate = left[mates[0]][0]
        merged.append(f"{record['area']} ({record['people']} people) into {mate['area']}")
        left[mates[0]] = (_joined(record, mate), left[mates[0]][1])
        del left[index]
        index = 0
    return [record for record, _ in left], tuple(merged)


def _joined(small: Record, mate: Record) -> Record:
    """Return the mate with the people of the small area; the small one's name does not survive."""
    cited = dict.fromkeys(
        part.strip() for record in (mate, small) for part in record["source"].split(";")
    )
    return {
        **mate,
        "people": mate["people"] + small["people"],
        "touches_border": mate["touches_border"] or small["touches_border"],
        "source": "; ".join(part for part in cited if part),
    }


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
