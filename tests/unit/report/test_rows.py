"""Reading the tidy table."""

from __future__ import annotations

from typing import Any

from sousveil.report.rows import Book

IDENTITY = ("measure", "what_if", "channel", "act", "category", "area", "group", "period")


def row(value: float | None, statistic: str = "median", **where: str) -> dict[str, Any]:
    about = dict.fromkeys(IDENTITY, "") | {"unit": "1", "label": "exact", "members": 4}
    part = "paired" if statistic.startswith("share_") else "ignorance"
    return about | {"statistic": statistic, "part": part, "value": value} | where


def test_rows_of_one_value_become_one_estimate() -> None:
    rows = [row(0.2, measure="m"), row(0.1, "low", measure="m"), row(0.4, "high", measure="m")]
    item = Book(rows).one("m")
    assert item is not None
    assert (item.low, item.middle, item.high, item.members) == (0.1, 0.2, 0.4, 4)


def test_a_split_is_found_by_exactly_its_dimensions() -> None:
    book = Book(
        [
            row(1.0, measure="m"),
            row(2.0, measure="m", act="a"),
            row(3.0, measure="m", act="a", channel="c"),
        ]
    )
    assert [item.middle for item in book.across("m", "act")] == [2.0]
    assert [item.middle for item in book.across("m", "act", channel="c")] == [3.0]
    assert book.one("m", act="a", channel="c") is not None


def test_a_value_that_is_withheld_is_not_shown() -> None:
    book = Book([row(None, measure="m")])
    assert book.one("m") is None
    assert not list(book.of("m"))


def test_a_share_of_variance_does_not_relabel_the_value() -> None:
    rows = [row(0.2, measure="m"), row(0.9, "share", measure="m", label="assumed")]
    item = Book(rows).one("m")
    assert item is not None
    assert item.label == "exact"


def test_a_ratio_is_no_percentage() -> None:
    item = Book([row(2.0, measure="disparity_ratio")]).one("disparity_ratio")
    assert item is not None
    assert item.unit == "ratio"


def test_without_members_the_central_run_is_the_middle() -> None:
    rows = [
        row(0.2, "value", measure="m", part="central"),
        row(0.1, "low", measure="m", part="chance"),
        row(0.3, "high", measure="m", part="chance"),
    ]
    item = Book(rows).one("m")
    assert item is not None
    assert (item.low, item.middle, item.high) == (0.1, 0.2, 0.3)
