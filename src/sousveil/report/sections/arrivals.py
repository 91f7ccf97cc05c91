"""Why fewer arrived abroad: the change divided among its causes, or said not to be separable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sousveil.report.layout import Block, Figure, Grid, Note
from sousveil.report.numbers import percent, spread
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import Entry, Plot, figure, present, series_of
from sousveil.report.view import View

LAG = (
    "Arrivals are seen years after crossings: the model of arrivals lies outside the engine. It "
    "divides a change over all orders in which its causes could have come; where causes hide one "
    "another, what one of them took away depends on what was there before it."
)
BY_YEAR = {"modelled": "As modelled", "published": "As published"}


def arrivals(view: View) -> tuple[Block, ...]:
    """The blocks on arrivals; nothing where the scenario declares no causes."""
    found = view.studies.arrivals
    if not found:
        return ()
    years = f"{found['first_year']} to {found['last_year']}"
    figures = present(_causes(view, found, years), _years(view, found))
    return (Note(LAG), *figures, Note(_verdict(found, years)))


def _verdict(found: Mapping[str, Any], years: str) -> str:
    """Whether one cause outweighs all others in whatever order."""
    titles, name = found["causes"], str(found["verdict"])
    start = f"Arrivals abroad, {years}:"
    if name in titles:
        return (
            f"{start} {titles[name]} outweighs every other cause, in whatever order they came, in "
            f"{percent(float(found['leads']))} of the ranges and at both ends of every assumption."
        )
    return (
        f"{start} {name}. No cause outweighs every other, in whatever order they came, in at least "
        "90 of 100 members and at both ends of every assumption; the shares above are what the "
        "stated ranges imply, and most of these are assumed."
    )


def _causes(view: View, found: Mapping[str, Any], years: str) -> Figure | None:
    """Shares of the fall, in the order of the scenario: nothing here ranks what stops people."""
    rows = {(row["cause"], row["statistic"]): row for row in found["rows"]}
    titles: Mapping[str, str] = found["causes"]
    entries = [
        Entry(title, _estimate(rows[name, "share"]))
        for name, title in titles.items()
        if (name, "share") in rows
    ]
    plot = Plot(
        "border-causes",
        f"Arrivals abroad, {years}: what each cause has in the change",
        "share of the change of arrivals, mean over all orders",
        "Cause",
        "Causes stand in the order of the scenario.",
        log=False,
    )
    made = figure(view, plot, entries)
    return None if made is None else replace(made, grid=_grid(rows, titles))


def _grid(rows: Mapping[tuple[str, str], Mapping[str, Any]], titles: Mapping[str, str]) -> Grid:
    lines = [
        (
            title,
            _span(rows[name, "share"]),
            _span(rows[name, "shapley"]),
            _span(rows[name, "least"]),
            _span(rows[name, "most"]),
        )
        for name, title in titles.items()
        if (name, "share") in rows
    ]
    total = rows.get(("", "total"))
    lines += [("All together", "", _span(total), "", "")] if total else []
    columns = ("Cause", "Share of the change", "Change of arrivals, mean over all orders")
    columns += ("Least that it adds in any order", "Most that it adds in any order")
    return Grid(columns, tuple(lines), (1, 2, 3, 4))


def _years(view: View, found: Mapping[str, Any]) -> Figure | None:
    """The change against the first year, as modelled and as published."""
    entries = [
        Entry(str(row["what_if"]).partition(" ")[0], _estimate(row), _SERIES[row["statistic"]])
        for row in found["rows"]
        if row["statistic"] in BY_YEAR
    ]
    plot = Plot(
        "border-arrivals",
        f"Arrivals abroad against {found['first_year']}, as modelled and as published",
        f"change against {found['first_year']}",
        "Year",
        "The published series is no input: where the two part, something is missing in the model.",
        series_of(BY_YEAR),
        signed=True,
        log=False,
    )
    return figure(view, plot, entries)


_SERIES = {name: style for style, name in zip(("before", "after"), BY_YEAR, strict=True)}


def _estimate(row: Mapping[str, Any]) -> Estimate:
    values = {("ignorance", "low"): row["low"], ("ignorance", "high"): row["high"]}
    values[("ignorance", "median")] = row["value"]
    blank = ("",) * 6
    return Estimate(
        str(row["measure"]),
        str(row["what_if"]),
        *blank,
        unit="1",
        label="mean_field",
        members=int(row["members"]),
        values=values,
    )


def _span(row: Mapping[str, Any]) -> str:
    return spread(row["low"], row["high"], "1")
