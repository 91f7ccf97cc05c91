"""A comparison of two runs in words: what was changed, then what came of it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from typing import Any

from sousveil.ensemble.compare import Comparison
from sousveil.ensemble.headlines import number
from sousveil.measures import measures

MOST_OF_BASE, MOST_OF_WHAT_IFS = 15, 10
SPLITS = ("channel", "act", "category", "period")
DIGITS = 3


def told(found: Comparison, a: str, b: str) -> Iterator[str]:
    """Lines for a terminal. a, b: what the runs are called."""
    yield f"{b} minus {a} ({_kind(found)})"
    yield "what differs"
    if not found.differing:
        yield "  nothing that moves a number"
    for name, (before, after) in found.differing.items():
        yield f"  {name}: {before} -> {after}"
    for note in found.notes:
        yield f"  note: {note}"
    moved = list(_moved(found))
    for title, most, rows in (
        ("base run, whole place", MOST_OF_BASE, [row for row in moved if not row["what_if"]]),
        ("what-ifs, whole place", MOST_OF_WHAT_IFS, [row for row in moved if row["what_if"]]),
    ):
        yield title
        if not rows:
            yield "  no measure differs"
        for row in rows[:most]:
            yield f"  {_name(row)}: {_change(row)}"
        if len(rows) > most:
            yield f"  and {len(rows) - most} more: sousveil.compare(a, b).table has them all"


def as_html(found: Comparison) -> str:
    """The same as two tables, for notebooks."""
    changed = "".join(_cells(path, *pair) for path, pair in found.differing.items())
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in found.notes)
    rows = [row for row in _moved(found) if not row["what_if"]][:MOST_OF_BASE]
    came = "".join(_cells(_name(row), _change(row)) for row in rows)
    return (
        f"<p>{html.escape(_kind(found))}</p>"
        f"<table><tr><th>What differs</th><th>a</th><th>b</th></tr>{changed}</table>{notes}"
        f"<table><tr><th>Base run</th><th>From a to b</th></tr>{came}</table>"
    )


def _cells(*words: str) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(word)}</td>" for word in words) + "</tr>"


def _kind(found: Comparison) -> str:
    if not found.paired:
        return f"not paired, since {found.why_not}: ranges are those of two unrelated runs"
    return "paired, member by member"


def _moved(found: Comparison) -> Iterator[dict[str, Any]]:
    """Rows of the whole place that differ, totals and harms first; what repeats a total is out."""
    rows: Iterable[dict[str, Any]] = found.national().iter_rows(named=True)
    known: set[tuple[Any, ...]] = set()
    for row in sorted((row for row in rows if row["difference"]), key=_rank):
        same = tuple(row[name] for name in ("measure", "what_if", "value_a", "value_b"))
        if same not in known:
            known.add(same)
            yield row


def _rank(row: dict[str, Any]) -> tuple[int, bool, float]:
    """Undivided before divided, harms before others, then by size relative to the larger value."""
    largest = max(abs(row["value_a"] or 0.0), abs(row["value_b"] or 0.0))
    relative = abs(row["difference"]) / largest if largest else 0.0
    return sum(bool(row[name]) for name in SPLITS), not measures()[row["measure"]].harm, -relative


def _name(row: dict[str, Any]) -> str:
    words = [row[name] for name in ("what_if", *SPLITS) if row[name]]
    return f"{row['measure']} ({', '.join(words)})" if words else row["measure"]


def _change(row: dict[str, Any]) -> str:
    before, after, middle, low, high = (
        number(row[name], DIGITS) for name in ("value_a", "value_b", "difference", "low", "high")
    )
    unit = "" if row["unit"] == "1" else f" {row['unit']}"
    return f"{before} -> {after}{unit}, difference {middle} ({low} to {high})"
