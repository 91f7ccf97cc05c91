"""The stock of cameras: closed forms."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from sousveil.world.parameters import StockParameters
from sousveil.world.stock import build_stock, imports_by_year

RECORDED = {"2009": 40_465.0, "2010": 22_987.0, "2011": 22_118.0, "2012": 16_420.0}
STOCK = StockParameters(
    imports=RECORDED,
    unrecorded_imports=20_000.0,
    attrition=0.12,
    use_share={"street": 0.05, "school": 0.2},
    unrecorded_from=2013,
    remainder_use="institution",
)


def test_without_attrition_the_stock_is_what_came_in() -> None:
    stock = build_stock(replace(STOCK, attrition=0.0), 2024)
    assert stock["total"] == pytest.approx(101_990 + 12 * 20_000)


def test_attrition_is_a_geometric_sum() -> None:
    stock = build_stock(replace(STOCK, imports={}), 2024)
    ratio = math.exp(-0.12)
    expected = 20_000 * math.exp(-0.06) * (1 - ratio**12) / (1 - ratio)
    assert stock["total"] == pytest.approx(expected, rel=1e-12)


def test_no_imports_from_2013_leaves_the_recorded_cohorts() -> None:
    stock = build_stock(replace(STOCK, unrecorded_imports=0.0), 2024)
    expected = sum(n * math.exp(-0.12 * (2024.5 - int(year))) for year, n in RECORDED.items())
    assert stock["total"] == pytest.approx(expected)
    assert stock["total"] < build_stock(STOCK, 2024)["total"]


def test_as_of_2010_later_imports_have_not_come() -> None:
    assert imports_by_year(STOCK, 2010) == {2009: 40_465.0, 2010: 22_987.0}


def test_the_remainder_has_a_name() -> None:
    stock = build_stock(STOCK, 2024)
    assert stock["institution"] == pytest.approx(0.75 * stock["total"])
    assert sum(value for use, value in stock.items() if use != "total") == pytest.approx(
        stock["total"]
    )


def test_shares_above_one_together_are_scaled() -> None:
    stock = build_stock(replace(STOCK, use_share={"street": 0.9, "school": 0.9}), 2024)
    assert stock["street"] == pytest.approx(stock["total"] / 2)
    assert stock["institution"] == 0


def test_a_published_count_replaces_imports() -> None:
    stock = build_stock(replace(STOCK, counted={"street": 59.0, "station": 3.0}), 2024)
    assert stock == {"street": 59.0, "station": 3.0, "total": 62.0}


def test_unrecorded_imports_start_after_the_recorded_ones() -> None:
    assert min(imports_by_year(replace(STOCK, imports={}), 2024)) == 2013
    assert imports_by_year(replace(STOCK, unrecorded_from=None), 2024)[2013] == 20_000
    with pytest.raises(ValueError, match="unrecorded_from"):
        imports_by_year(replace(STOCK, imports={}, unrecorded_from=None), 2024)


def test_a_place_without_a_stock_has_none() -> None:
    assert build_stock(StockParameters(), 2024) == {"other": 0.0, "total": 0.0}
