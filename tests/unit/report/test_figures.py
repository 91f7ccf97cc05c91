"""The one plot grammar: ends of axes, labels, accessible images."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sousveil.report.figures.day import Hour, profile
from sousveil.report.figures.places import Place, area_of, features_of, middle_of, places, shapes_of
from sousveil.report.figures.ranges import Axis, Key, Span, limits_of, ranges, ticks_of, use_log
from sousveil.report.figures.style import MACHINES, MIXED, PEOPLE
from sousveil.report.svg import drawing, embed, render
from unit.report.fakes import FOLDER

SPANS = [
    Span("One thing", 0.1, 0.2, 0.4, "people"),
    Span("One thing", 0.01, 0.02, 0.1, "machines"),
    Span("Another thing with quite a long name that must wrap", 0.3, 0.4, 0.9, "mixed"),
]


def test_powers_of_ten_where_values_differ_by_thirty_or_more() -> None:
    assert use_log([Span("a", 1, 1, 1), Span("b", 100, 100, 100)])
    assert not use_log([Span("a", 1, 1, 1), Span("b", 3, 3, 3)])
    assert not use_log([Span("a", -1, 1, 1), Span("b", 100, 100, 100)])


def test_a_logarithmic_axis_keeps_eight_powers_of_ten() -> None:
    spans = [Span("a", 1e-12, 1e-3, 2.0)]
    assert limits_of(spans, Axis("", log=True)) == (1e-7, 10.0)
    assert ticks_of(1e-5, 10.0, 4) == pytest.approx([1e-5, 1e-3, 1e-1, 10.0])


def test_a_linear_axis_begins_at_nought() -> None:
    low, high = limits_of([Span("a", 5, 6, 7)], Axis(""))
    assert low == 0
    assert high > 7


def test_an_image_is_described_and_its_text_stays_text() -> None:
    drawn = drawing("f", "A title", "a <description>", lambda w: ranges(SPANS, Axis("x"), w))
    for svg in (drawn.wide, drawn.narrow):
        assert svg.count("role=") == 1
        assert 'role="img"' in svg
        assert "<title" in svg
        assert "a &lt;description&gt;</desc>" in svg
        assert ">One thing</text>" in svg
        assert " style=" not in svg
        assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert drawn.wide != drawn.narrow


def test_people_machines_and_mixed_keep_their_colours() -> None:
    svg = render(lambda: ranges(SPANS, Axis("x", percent=True), 720))
    for colour in (PEOPLE, MACHINES, MIXED):
        assert re.search(colour, svg, re.IGNORECASE)


def test_charts_keep_to_the_schema_of_the_grammar() -> None:
    # A report skips this judgement, for speed; here every kind of chart stands before it.
    hours = [Hour(h, style, 0.1, 0.2, 0.4) for h in range(24) for style in ("before", "after")]
    key = Key({"before": "Home", "after": "State"})
    shapes = shapes_of(FOLDER)
    charts = [
        ranges(SPANS, axis, width, Key({"people": "People"}))
        for width in (350, 720)
        for axis in (Axis("x"), Axis("x", percent=True, log=True), Axis("x", at=0.0))
    ]
    charts.append(profile(hours, "title", 350, key))
    charts.append(places(shapes, [Place("chagang", 1, 0.5)], "share", percent=True))
    for chart in charts:
        assert chart.to_dict()["config"]["background"] == "transparent"


def test_what_is_no_svg_is_refused() -> None:
    with pytest.raises(ValueError, match="no SVG"):
        embed("f", "", "", "<html>")


def test_a_place_is_marked_in_its_middle_whichever_way_its_ring_winds() -> None:
    square = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]
    for ring in (square, square[::-1]):
        assert abs(area_of(ring)) == 4
        middle = middle_of({"type": "Polygon", "coordinates": [ring]})
        assert middle == pytest.approx((1.0, 1.0))


def test_a_map_is_drawn_from_the_shapes_of_a_scenario(tmp_path: Path) -> None:
    shapes = shapes_of(FOLDER)
    items = [Place(name, n, n / 10) for n, name in enumerate(shapes, start=1)]
    features = features_of(shapes, items, percent=True)
    svg = render(lambda: places(shapes, items, "share", percent=True), features=features)
    # One path a place, and no rectangle over the whole map.
    assert svg.count("<path") >= len(shapes)
    assert all(f">{n}</text>" in svg for n in range(1, len(shapes) + 1))
    assert shapes_of(tmp_path) == {}
