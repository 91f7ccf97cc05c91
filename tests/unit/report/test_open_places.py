"""Sections of open places: views by name and never by size; errors over both denominators."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sousveil.report.layout import Figure, Section
from sousveil.report.quantities import cited
from sousveil.report.sections.claims import claims
from sousveil.report.sections.exposure import LEVELS, MEASURE, exposure
from sousveil.report.sections.intervals import intervals
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


def test_another_unit_makes_no_number_assumption_driven(tmp_path: Path) -> None:
    """A share of the variance is no count: a million times 0.6 % of it is not more than half."""
    for share, marked in ((0.006, False), (0.6, True)):
        rates = [*row(PER_FACE, 1e-5), *row(PER_ALERT, 0.04)]
        rates += [{**rates[0], "statistic": "share", "label": "assumed", "value": share}]
        told = figures(searches(view(rates, "GBR", tmp_path)))[f"searches-{PER_FACE}"]
        assert ("assumption-driven" in told.caption) is marked
        assert told.grid.rows[0][1] == "5 to 20"


def test_both_sides_of_a_claim_are_called_by_what_tells_them_apart(tmp_path: Path) -> None:
    ends = {"left_low": 1.0, "left_median": 2.0, "left_high": 3.0}
    ends |= {"right_low": 0.1, "right_median": 0.2, "right_high": 0.3}
    sides = ({"group": "ethnicity.black"}, {"group": "ethnicity.white"})
    found = _claim(tmp_path, sides, ends)
    assert found["about"] == "Unfounded flags per 100,000 people and year"
    assert found["lines"][:2] == [
        "Black (ethnicity): 2 (1 to 3)",
        "White (ethnicity): 0.2 (0.1 to 0.3)",
    ]
    sides = ({"group": "sex.male", "what_if": "human_review"}, {"group": "sex.male"})
    found = _claim(tmp_path, sides, ends)
    assert found["about"].endswith("(male (sex))")
    assert [line.partition(":")[0] for line in found["lines"][:2]] == [
        "A person reviews every flag",
        "As declared",
    ]


def _claim(folder: Path, sides: Sequence[dict[str, str]], ends: dict[str, float]) -> dict[str, Any]:
    left, right = ({"measure": "false_flags", "what_if": ""} | side for side in sides)
    result = fake_result(folder)
    numbers = [{"left": left, "right": right, "material": 1.0, "direction": "higher", **ends}]
    result.claims = [{"claim_id": "c", "claim": "A sentence.", "numbers": numbers}]
    section = claims(view_of(result))
    assert section is not None
    return section.context["rows"][0]["numbers"][0]


def test_the_parts_of_a_range_are_not_shown_of_nothing(tmp_path: Path) -> None:
    four = [
        {**item, "part": part}
        for measure, value in (("harm", 0.0), (MEASURE, 40.0))
        for part in ("ignorance", "chance")
        for item in row(measure, value, **({"category": "detect"} if value else {}))
    ]
    result = fake_result(tmp_path)
    result.measures = four
    result.headlines = [
        {"measure": MEASURE, "where": {"category": "detect"}, "sentence": "{range}"}
    ]
    section = intervals(view_of(result))
    assert section is not None
    (shown,) = (item for item in section.blocks if isinstance(item, Figure))
    assert "harm" not in shown.title
    assert "20 to 80" in shown.grid.rows[0][2]


def test_a_source_bears_the_grade_of_its_own_reading(tmp_path: Path) -> None:
    result = fake_result(tmp_path)
    grades = {item.record.key: item.grades for item in cited(result.scenario)}
    assert grades["S001"] == ("B2", "C3")
    assert grades["S002"] == ("D4",)
