"""Electricity: places stand in one order in all figures."""

from __future__ import annotations

import polars as pl

from sousveil.report.layout import Figure
from sousveil.report.sections.power import day_and_year
from sousveil.report.view import view_of
from unit.report.fakes import PROVINCES, Rows, fake_result


def test_places_with_most_power_come_first_in_every_figure() -> None:
    rows = Rows()
    for rank, area in enumerate(PROVINCES):
        rows.add("availability", 0.1 * (1 + (rank * 5) % 7), category="state", area=area)
        rows.add("availability", 0.05 * (1 + rank), category="home", area=area)
        for season in ("winter", "farming"):
            rows.add("availability", 0.05, category="home", area=area, period=season)
    result = fake_result()
    result.measures = pl.DataFrame(rows.rows)
    section = day_and_year(view_of(result))
    assert section is not None
    by_line, by_season = (
        list(dict.fromkeys(row[0] for row in block.grid.rows))
        for block in section.blocks
        if isinstance(block, Figure) and block.id in {"power-lines", "power-year"}
    )
    assert by_line == by_season
    assert len(by_line) == len(PROVINCES)
    assert by_line != sorted(by_line)
