"""Reads how many people live in each published area: a table of two columns and its source."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from sousveil.errors import close_to, listed, shown
from sousveil.quantity import Location
from sousveil.scenario.findings import Findings

COLUMNS = ("area", "people", "source")
LARGEST = 5_000_000


def read_people(path: Path) -> Mapping[str, float]:
    """People by name of an area, in the order of the file.

    Raises Problems with every problem of the file at once.
    """
    findings = Findings()
    text = _text(path, findings)
    rows = list(csv.reader(text.splitlines()))
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    for number, name in enumerate(head, 1):
        if name not in COLUMNS:
            place, hint = Location(path.name, 1, number), close_to(name, COLUMNS)
            expected = f"only {listed(COLUMNS)}"
            findings.add("columns", place, shown(name), f"column {shown(name)}", expected, "", hint)
    lacking = [name for name in COLUMNS if name not in head]
    if lacking and not findings.problems:
        findings.add("columns", Location(path.name, 1, 1), "", f"no column {listed(lacking)}")
    findings.finish()
    found: dict[str, float] = {}
    for number, cells in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in cells):
            record = dict(zip(head, (cell.strip() for cell in cells), strict=False))
            _add(record, Location(path.name, number, 1), found, findings)
    findings.finish()
    return MappingProxyType(found)


def _text(path: Path, findings: Findings) -> str:
    place = Location(path.name, 1, 1)
    try:
        if path.stat().st_size > LARGEST:
            findings.add("size", place, "", "a large file", f"at most {LARGEST:,} bytes")
        else:
            return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        findings.add("encoding", place, "", "bytes that are no UTF-8", "text in UTF-8")
    except OSError as error:
        findings.add("absent-file", place, "", shown(error.strerror), "a table of areas and people")
    findings.finish()
    raise AssertionError


def _add(
    record: Mapping[str, str], place: Location, found: dict[str, float], findings: Findings
) -> None:
    name, people = record.get("area", ""), record.get("people", "")
    if not name or name in found:
        words = f"area {shown(name)} again" if name else "no area"
        findings.add("duplicate" if name else "bad-cell", place, "area", words, "each area once")
    elif not people.isdecimal() or not people.isascii():
        expected = "a whole number without separators"
        findings.add("bad-cell", place, "people", shown(people) or "nothing", expected)
    elif not record.get("source", ""):
        findings.add("missing", place, "source", "nothing", "where the number is from")
    else:
        found[name] = float(people)
