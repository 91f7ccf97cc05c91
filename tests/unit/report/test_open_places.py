"""Sections of open places: views by name and never by size; errors over both denominators."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sousveil.report.layout import Figure, Section
from sousveil.report.sections.exposure import LEVELS, MEASURE, exposure
from sousveil.report.sections.searches import PER_ALERT, PER_FACE, searches
from sousveil.report.sections.wronged import wronged
from sousveil.report.view import View, view_of
from unit.report.fakes import fake_result

AREAS = ("ryanggang", "chagang", "kangwon")


def row(measure: str, value: float, **words: str) -> list[dict[str, Any]]:
    plain = dict.fromkeys(("what_if", "channel", "act", "category", "area", "group", "period"), "")
    told = {"part": "ignorance", "label": "exact", "unit": "1/day", "members": 9}
    ends = {"low": value / 2, "median": value, "high": value * 2}
    return [
        {**plain, "measure": measure, **told, "statistic": name, "value": number, **words}
        for name, number in ends.items()
    ]


def rows_of_views() -> list[dict[str, Any]]:
    rows = [r for n, level in enumerate(LEVELS) for r in row(MEASURE, 40.0 / 2**n, category=level)]
    for size, area in enumerate(AREAS, 1):
        for level in ("detect", "identify"):
            rows += row(MEASURE, 10.0 * size, category=level, area=area)
    for group in ("sex.female", "sex.male"):
        rows += row(MEASURE, 5.0, category="detect", group=group)
    return rows + row(MEASURE, 9.0, category="identify", what_if="reliable_power")


def view(rows: Sequence[dict[str, Any]], country: str, folder: Path) -> View:
    result = fake_result(folder)
    result.scenario = replace(result.scenario, country=country, folder=folder)
    result.measures = list(rows)
    return view_of(result)


def figures(section: Section | None) -> dict[str, Figure]:
    assert section is not None
    return {item.id: item for item in section.blocks if isinstance(item, Figure)}


def test_places_stand_by_name_and_not_by_size(tmp_path: Path) -> None:
    found = figures(exposure(view(rows_of_views(), "GBR", tmp_path)))
    names = [cells[0] for cells in found["exposure-place-detect"].grid.rows]
    assert names == sorted(names)
    assert len(names) == 3
    assert set(found) == {
        *("exposure-level", "exposure-what-if", "exposure-group"),
        *("exposure-place-detect", "exposure-place-identify"),
    }


def test_a_closed_country_has_no_such_section(tmp_path: Path) -> None:
    assert exposure(view(rows_of_views(), "PRK", tmp_path)) is None
    rates = [*row(PER_FACE, 1e-5), *row(PER_ALERT, 0.04)]
    assert searches(view(rates, "PRK", tmp_path)) is None


def test_a_user_s_own_shapes_make_a_map(tmp_path: Path) -> None:
    square = [[0, 50], [1, 50], [1, 51], [0, 51], [0, 50]]
    features = [
        {
            "type": "Feature",
            "properties": {"parent": area},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x + 2 * n, y] for x, y in square]],
            },
        }
        for n, area in enumerate(AREAS)
    ]
    shapes = {"type": "FeatureCollection", "features": features}
    (tmp_path / "areas.geojson").write_text(json.dumps(shapes), encoding="utf-8")
    found = figures(exposure(view(rows_of_views(), "GBR", tmp_path)))
    drawn = found["exposure-place-detect"]
    assert drawn.beside
    assert len(drawn.drawings) == 2
    assert drawn.drawings[0].wide.count("<path") >= 3


def test_errors_are_told_over_both_denominators(tmp_path: Path) -> None:
    rates = [*row(PER_FACE, 1e-5), *row(PER_ALERT, 0.04)]
    rates += row("search_alerts", 1900.0, category="right")
    rates += row("search_alerts", 70.0, category="wrong")
    section = searches(view(rates, "GBR", tmp_path))
    found = figures(section)
    assert list(found) == [f"searches-{PER_FACE}", f"searches-{PER_ALERT}", "searches-alerts"]
    assert found[f"searches-{PER_FACE}"].grid.rows[0][1] == "5 to 20"
    assert found[f"searches-{PER_ALERT}"].grid.rows[0][1] == "2 to 8"


def test_one_number_alone_is_not_told(tmp_path: Path) -> None:
    assert searches(view(row(PER_FACE, 1e-5), "GBR", tmp_path)) is None


def test_where_nobody_is_flagged_nobody_is_said_to_be_wronged(tmp_path: Path) -> None:
    assert wronged(view(row("persons_wronged", 0.0, unit="person"), "GBR", tmp_path)) is None
    assert wronged(view(row("persons_wronged", 3.0, unit="person"), "GBR", tmp_path)) is not None


def test_wide_ratios_are_read_by_powers_of_ten(tmp_path: Path) -> None:
    for high, told in ((0.8, False), (80.0, True)):
        rows = row("disparity_ratio", 0.4, group="sex.male", unit="")
        rows += row("disparity_ratio", high, group="sex.female", unit="")
        caption = figures(wronged(view(rows, "GBR", tmp_path)))["wronged-disparity"].caption
        assert ("power of ten" in caption) is told
