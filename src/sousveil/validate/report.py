"""What `sousveil validate` prints: a table for people, a list for machines."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sousveil.validate.model import Apart, Judged, Line, Number, Refused


def as_text(judged: Sequence[Judged]) -> str:
    """The table, then what was refused or held apart and why, then the count of cases."""
    parts: list[str] = []
    for item in judged:
        grade = f" [{item.case.grade}]" if item.case.grade else ""
        parts.append(f"{item.case.id}  {item.case.title}{grade}")
        parts += _rows(item.lines)
        parts += [f"    {line.run}.{line.output}: {line.why}" for line in item.lines if line.why]
        parts += [f"    {item.case.note}"] if item.case.note else []
    parts.append(summary(judged))
    return "\n".join(parts)


def summary(judged: Sequence[Judged]) -> str:
    """One sentence: how many cases agree, and what was reported instead of a number."""
    good = sum(item.good for item in judged)
    lines = [line for item in judged for line in item.lines]
    apart = sum(line.verdict == "conflict" for line in lines)
    refused = sum(line.verdict == "refused" for line in lines)
    failed = [item.case.id for item in judged if not item.good]
    words = f"{good} of {len(judged)} cases agree, by {len(lines)} comparisons"
    words += f"; {apart} contradictory and {refused} refused, as they must be"
    return words + (f"; failed: {', '.join(failed)}" if failed else "")


def as_markdown(judged: Sequence[Judged]) -> str:
    """One row a case, as the page on trust holds it."""
    rows = ["| case | what is asked | grade | comparisons | verdict |", "|---|---|---|---|---|"]
    for item in judged:
        words = {"conflict": "held apart", "refused": "refused"}
        special = [words[line.verdict] for line in item.lines if line.verdict in words]
        verdict = ", ".join([("agrees" if item.good else "**fails**"), *dict.fromkeys(special)])
        case = item.case
        rows.append(f"| {case.id} | {case.asks} | {case.grade} | {len(item.lines)} | {verdict} |")
    return "\n".join(rows)


def as_json(judged: Sequence[Judged]) -> str:
    """Everything, as a list of cases."""
    document = {
        "cases": [_case(item) for item in judged],
        "agree": sum(item.good for item in judged),
        "of": len(judged),
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _rows(lines: Sequence[Line]) -> list[str]:
    rows = [
        (f"{line.run}.{line.output}", line.published, line.model, line.tolerance, _verdict(line))
        for line in lines
    ]
    heads = ("", "published", "model", "tolerance", "verdict")
    widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (heads, *rows)
    ]


def _verdict(line: Line) -> str:
    return line.verdict if line.good else line.verdict.upper()


def _case(item: Judged) -> Mapping[str, Any]:
    case = item.case
    return {
        "id": case.id,
        "title": case.title,
        "part": case.part,
        "asks": case.asks,
        "note": case.note,
        "grade": case.grade,
        "sources": [f"{source.key} {source.locator}".strip() for source in case.sources],
        "verdict": "agrees" if item.good else "fails",
        "lines": [_line(line) for line in item.lines],
    }


def _line(line: Line) -> Mapping[str, Any]:
    expected, found = line.expected, line.found
    values: Any = None
    if isinstance(found, Number):
        values = [_finite(value) for value in found.values]
        values = values[0] if len(values) == 1 else values
    published = [_finite(value) for value in expected.published]
    interval = None if expected.interval is None else [*map(_finite, expected.interval)]
    return {
        "run": line.run,
        "output": line.output,
        "published": published[0] if len(published) == 1 else published or None,
        "published_interval": interval,
        "tolerance": line.tolerance,
        "model": values,
        "low": _finite(found.low) if isinstance(found, Number) else None,
        "high": _finite(found.high) if isinstance(found, Number) else None,
        "interval": found.basis if isinstance(found, Number) else "",
        "readings": dict(found.readings) if isinstance(found, Apart) else None,
        "refused": found.words if isinstance(found, Refused) else None,
        "in_words": line.model,
        "verdict": line.verdict,
        "why": line.why,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
