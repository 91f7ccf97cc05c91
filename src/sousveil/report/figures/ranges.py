"""The plot of ranges, which most figures are: a row a label, a line and a mark on it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sousveil.report.figures.style import (
    CHARACTER,
    HAIR,
    INK,
    QUIET,
    STYLES,
    chart_of,
    legend_columns,
    legend_gap,
    number_label,
    theme,
)
from sousveil.report.svg import NARROW

LARGEST_LABEL = 34
LINE = 15


@dataclass(frozen=True)
class Span:
    """One range: its row, the series that it belongs to, low, middle, high; `text` beside it."""

    label: str
    low: float
    middle: float
    high: float
    series: str = ""
    text: str = ""


@dataclass(frozen=True)
class Axis:
    """The number axis. percent: values are shares. log: powers of ten. at: a dashed line there."""

    title: str
    percent: bool = False
    log: bool = False
    at: float | None = None
    signed: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Key:
    """What the series are called: style name -> words, in the order of drawing."""

    names: dict[str, str] = field(default_factory=dict[str, str])


def use_log(spans: Sequence[Span]) -> bool:
    """Powers of ten when the positive middles differ by more than a factor of thirty.

    So also when most ranges run over more than a factor of a hundred: on a plain scale every
    middle would stand at nought.
    """
    middles = [span.middle for span in spans if span.middle > 0]
    if any(span.low < 0 for span in spans) or not middles:
        return False
    wide = sum(span.low > 0 and span.high > 100 * span.low for span in spans)
    return max(middles) / min(middles) > 30 or wide > len(spans) / 2


def ticks_of(low: float, high: float, most: int) -> list[float]:
    """Powers of ten from low to high, thinned to at most `most`."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, math.ceil((last - first) / most))
    return [10.0**power for power in range(first, last + 1, step)]


def limits_of(spans: Sequence[Span], axis: Axis) -> tuple[float, float]:
    """Ends of the axis; a logarithmic one spans at most eight powers of ten."""
    high = max(max(span.high, span.middle) for span in spans)
    low = min(min(span.low, span.middle) for span in spans)
    if axis.log:
        positive = [v for s in spans for v in (s.low, s.middle, s.high) if v > 0]
        top = 10 ** math.ceil(math.log10(max(positive)) - 1e-9)
        bottom = 10 ** math.floor(math.log10(min(positive)) + 1e-9)
        if axis.percent:
            top = min(top, 100.0)
        return max(bottom, top / 1e8), top
    low = min(low, 0.0)
    high = max(high, 0.0)
    if axis.whole and axis.percent:
        high = 100.0
    pad = (high - low) * 0.03 or 1.0
    return (low - pad if low < 0 else 0.0), (high if high == 100.0 else high + pad)


@dataclass(frozen=True)
class _Laid:
    """Rows with their pixels: spans, lines of labels, hairlines, height, width of the labels."""

    spans: list[dict[str, Any]]
    labels: list[dict[str, Any]]
    lines: list[float]
    height: float
    label_width: float


def _lay_out(spans: Sequence[Span], narrow: bool, bounds: tuple[float, float]) -> _Laid:
    """Give every row its pixels; on a phone the label stands above its ranges, else to the left."""
    labels = list(dict.fromkeys(span.label for span in spans))
    drawn: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    lines: list[float] = []
    y = 0.0
    widest = 0
    for label in labels:
        mine = [span for span in spans if span.label == label]
        wrapped = textwrap.wrap(label, 46 if narrow else LARGEST_LABEL) or [""]
        widest = max(widest, *(len(line) for line in wrapped))
        pitch = 17 if len(mine) > 1 else 20
        body = pitch * len(mine)
        height = LINE * len(wrapped) + body + 6 if narrow else max(LINE * len(wrapped), body) + 8
        top = y + 3 if narrow else y + (height - LINE * len(wrapped)) / 2
        for index, line in enumerate(wrapped):
            texts.append({"t": line, "y": top + LINE * (index + 0.5)})
        start = y + LINE * len(wrapped) + 1 if narrow else y + (height - body) / 2
        for index, span in enumerate(mine):
            low, high = (min(max(v, bounds[0]), bounds[1]) for v in (span.low, span.high))
            middle = min(max(span.middle, bounds[0]), bounds[1])
            place = start + pitch * (index + 0.5)
            drawn.append(
                {"low": low, "middle": middle, "high": high, "series": span.series, "y": place}
                | {"text": span.text}
            )
        y += height
        lines.append(y)
    return _Laid(drawn, texts, lines[:-1], y, 0.0 if narrow else widest * CHARACTER + 14)


def scaled(spans: Sequence[Span], axis: Axis) -> list[Span]:
    """Shares as percentages, so that ticks and values are written alike."""
    if not axis.percent:
        return list(spans)
    return [
        Span(s.label, s.low * 100, s.middle * 100, s.high * 100, s.series, s.text) for s in spans
    ]


def ranges(spans: Sequence[Span], axis: Axis, width: int, key: Key | None = None) -> Any:
    """Plot of ranges: a line from low to high, a mark at the middle, one row a label."""
    import altair as alt

    narrow = width <= NARROW
    spans = scaled(spans, axis)
    bounds = limits_of(spans, axis)
    laid = _lay_out(spans, narrow, bounds)
    beside = max((len(span.text) for span in spans), default=0) * CHARACTER
    beside = 0.0 if narrow else beside
    plot = width - laid.label_width - beside - 40
    y = alt.Y("y:Q", scale=alt.Scale(domain=[laid.height, 0], nice=False), axis=None)
    data = chart_of(laid.spans)
    colour, shape = _styles(spans, key, width)
    layers = [
        _rules(laid, y),
        data.mark_rule(strokeWidth=3, opacity=0.5, strokeCap="round").encode(
            x=_number_axis("low:Q", axis, bounds, narrow),
            x2=alt.X2("high:Q"),
            y=y,
            color=colour,
        ),
        data.mark_point(filled=True, size=85, opacity=1).encode(
            x=_number_axis("middle:Q", axis, bounds, narrow), y=y, color=colour, shape=shape
        ),
        _texts(laid, y, narrow),
        _frame(laid, y, plot + beside + 10),
    ]
    if axis.at is not None:
        layers.insert(1, _line_at(axis.at))
    if not narrow and beside:
        layers.append(
            data.mark_text(align="left", fontSize=12, color=INK).encode(
                x=alt.XValue(plot + 10), y=y, text=alt.Text("text:N")
            )
        )
    # Said at once: a chain would copy every layer at each of its steps.
    config = theme(width, laid.height)
    return alt.layer(*layers, width=plot, height=laid.height, config=config)


def _number_axis(field_name: str, axis: Axis, bounds: tuple[float, float], narrow: bool) -> Any:
    import altair as alt

    extra: dict[str, Any] = {"tickCount": 4 if narrow else 6}
    kind = "linear"
    if axis.log:
        kind = "log"
        extra = {"values": ticks_of(*bounds, 4 if narrow else 7)}
    words = textwrap.wrap(axis.title, 52 if narrow else 90)
    return alt.X(
        field_name,
        scale=alt.Scale(type=kind, domain=list(bounds), nice=False, clamp=True),
        axis=alt.Axis(
            labelExpr=number_label(axis.percent, axis.signed),
            labelFlush=True,
            labelOverlap=True,
            labelSeparation=16,
            **extra,
        ),
        title=words,
    )


def _styles(spans: Sequence[Span], key: Key | None, width: int) -> tuple[Any, Any]:
    """Colour and shape by series, with one legend when there is more than one."""
    import altair as alt

    present = {span.series for span in spans}
    order = [name for name in (key.names if key else STYLES) if name in present]
    names = key.names if key else {}
    words = [names.get(name, name) for name in order]
    legend = (
        alt.Legend(
            orient="top",
            title=None,
            direction="horizontal",
            columns=legend_columns(words, width),
            columnPadding=legend_gap(words),
            labelExpr=_renaming(dict(zip(order, words, strict=True))),
        )
        if len(order) > 1
        else None
    )
    colours = [STYLES[name][0] for name in order]
    shapes = [STYLES[name][1] for name in order]
    return (
        alt.Color("series:N", scale=alt.Scale(domain=order, range=colours), legend=legend),
        alt.Shape("series:N", scale=alt.Scale(domain=order, range=shapes), legend=legend),
    )


def _renaming(names: dict[str, str]) -> str:
    """Vega expression that turns style names into words."""
    result = "datum.label"
    for name, words in names.items():
        quoted = words.replace("\\", "").replace("'", "’")
        result = f"datum.label === '{name}' ? '{quoted}' : {result}"
    return result


def _rules(laid: _Laid, y: Any) -> Any:

    values = [{"y": line} for line in laid.lines]
    return chart_of(values).mark_rule(color=HAIR, opacity=0.6).encode(y=y)


def _line_at(place: float) -> Any:
    import altair as alt

    return chart_of([{"x": place}]).mark_rule(color=QUIET, strokeDash=[3, 3]).encode(x=alt.X("x:Q"))


def _frame(laid: _Laid, y: Any, right: float) -> Any:
    """Nothing visible at both ends: room for labels on machines whose type runs wider."""
    import altair as alt

    corner = chart_of([{"y": 0}])
    return alt.layer(
        *(
            corner.mark_rule(strokeOpacity=0).encode(x=alt.XValue(x), y=y)
            for x in (-laid.label_width, right)
        )
    )


def _texts(laid: _Laid, y: Any, narrow: bool) -> Any:
    import altair as alt

    mark = {"align": "left" if narrow else "right", "baseline": "middle", "fontSize": 12}
    return (
        chart_of(laid.labels)
        .mark_text(color=INK, **mark)
        .encode(x=alt.XValue(0 if narrow else -10), y=y, text=alt.Text("t:N"))
    )
