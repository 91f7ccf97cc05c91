"""Every quantity with its range, kind, grade and sources; every source with its grade and link."""

from __future__ import annotations

from typing import Any

from sousveil.quantity import Quantity
from sousveil.report import names
from sousveil.report.layout import Section
from sousveil.report.quantities import cited, grade_words, grades_of, range_of, sources_of
from sousveil.report.view import View


def quantities(view: View) -> Section | None:
    """The quantities by section of the scenario."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in view.scenario.quantities.values():
        groups.setdefault(_section(view, item.path), []).append(_row(view, item))
    if not groups:
        return None
    return Section(
        "quantities",
        "Every quantity",
        (
            "Each number that fed this run, with its range, how it is known, and where from. A "
            "grade is an Admiralty grade: the letter judges the source (A to F), the digit the "
            "information (1 to 6).",
        ),
        template="quantities.html",
        context={"groups": groups},
    )


def _section(view: View, path: str) -> str:
    parts = path.split(".")
    if parts[0] == "channels" and len(parts) > 1:
        return f"Channel: {view.names.channel(parts[1])}"
    if parts[0] == "acts" and len(parts) > 1:
        return f"Act: {view.names.act(parts[1])}"
    if parts[0] == "world" and len(parts) > 1:
        return f"World: {names.plain(parts[1]).lower()}"
    return names.plain(parts[0])


def _row(view: View, item: Quantity) -> dict[str, Any]:
    grades = grades_of(item)
    return {
        "path": item.path,
        "meaning": view.names.quantity(item.path),
        "range": range_of(item),
        "kind": item.kind,
        "role": item.role.replace("_", " "),
        "resolution": item.resolution,
        "grade": grades,
        "grade_words": grade_words(item.grade),
        "sources": [{"key": s.key, "locator": s.locator} for s in sources_of(item)],
        "because": item.because,
        "note": item.note,
        "by_user": item.by_user,
    }


def sources(view: View) -> Section | None:
    """Every source of the scenario."""
    found = cited(view.scenario)
    if not found:
        return None
    return Section(
        "sources",
        "Every source",
        (
            "Grades are given to what a quantity takes from a source, so one source may bear "
            "several. The links lead out of this page; nothing is fetched until you follow one.",
        ),
        template="sources.html",
        context={"sources": found},
    )
