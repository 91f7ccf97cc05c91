"""A profile over the day: a line through 24 hours with the range around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sousveil.report.figures.ranges import Key
from sousveil.report.figures.style import (
    STYLES,
    chart_of,
    legend_columns,
    legend_gap,
    number_label,
    theme,
)
from sousveil.report.svg import NARROW

_DASHES = {"before": [1, 0], "after": [6, 3], "third": [2, 2], "fourth": [8, 3, 2, 3]}
_OTHERWISE = [3, 5]


@dataclass(frozen=True)
class Hour:
    """The value of one series in one hour of the day (0 to 23), as shares."""

    hour: int
    series: str
    low: float
    middle: float
    high: float


def profile(hours: Sequence[Hour], title: str, width: int, key: Key) -> Any:
    """Lines by hour of day in percent; dashes tell the series apart where colours do not."""
    import altair as alt

    narrow = width <= NARROW
    order = [name for name in key.names if any(item.series == name for item in hours)]
    values = [
        {"hour": hour, "series": key.names[i.series]}
        | {"low": i.low * 100, "middle": i.middle * 100, "high": i.high * 100}
        for i in hours
        for hour in ([i.hour, 24] if i.hour == 23 else [i.hour])
    ]
    words = [key.names[name] for name in order]
    colours = [STYLES[name][0] for name in order]
    legend = alt.Legend(
        orient="top",
        title=None,
        direction="horizontal",
        columns=legend_columns(words, width - 40),
        columnPadding=legend_gap(words),
        symbolType="stroke",
        symbolStrokeWidth=3,
        symbolSize=400,
    )
    x = alt.X(
        "hour:Q",
        scale=alt.Scale(domain=[0, 24], nice=False),
        axis=alt.Axis(
            values=list(range(0, 25, 6 if narrow else 3)),
            labelExpr="format(datum.value, '02d') + ':00'",
            labelFlush=True,
        ),
        title="Hour of day",
    )
    top = max(item.high for item in hours) * 100
    y: dict[str, Any] = {
        "scale": alt.Scale(domain=[0, 100 if top > 40 else top * 1.1], nice=True),
        "axis": alt.Axis(labelExpr=number_label(percent=True), tickCount=5),
        "title": None,
    }
    colour = alt.Color("series:N", scale=alt.Scale(domain=words, range=colours), legend=legend)
    dash = alt.StrokeDash(
        "series:N",
        scale=alt.Scale(domain=words, range=[_DASHES.get(n, _OTHERWISE) for n in order]),
        legend=legend,
    )
    data = chart_of(values)
    band = data.mark_area(opacity=0.16, interpolate="step-after").encode(
        x=x,
        y=alt.Y("low:Q", **y),
        y2=alt.Y2("high:Q"),
        color=colour,
    )
    line = data.mark_line(strokeWidth=2.5, interpolate="step-after").encode(
        x=x, y=alt.Y("middle:Q", **y), color=colour, strokeDash=dash
    )
    height = 220 if narrow else 260
    heading = alt.TitleParams(title, anchor="start", fontSize=12, fontWeight="normal", offset=10)
    config = theme(width, height)
    return alt.layer(band, line, width=width - 80, height=height, title=heading, config=config)
