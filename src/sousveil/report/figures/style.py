"""The one plot grammar: colours, shapes and type that every figure shares."""

from __future__ import annotations

from typing import Any

INK, QUIET, HAIR = "#1d2733", "#5b6570", "#dfe3e6"
PEOPLE, MACHINES, MIXED = "#D55E00", "#0072B2", "#CC79A7"
"""Okabe and Ito's colours; people, machines and mixed keep theirs, and their shape, everywhere."""
CHARACTER = 6.4
"""Mean width in pixels of a character at the size of labels (12 px), on the generous side."""
STYLES = {
    "": (INK, "circle"),
    "people": (PEOPLE, "circle"),
    "machines": (MACHINES, "square"),
    "mixed": (MIXED, "triangle-up"),
    "before": (INK, "circle"),
    "after": ("#009E73", "diamond"),
    "third": ("#56B4E9", "square"),
    "fourth": ("#E69F00", "triangle-down"),
    "fifth": ("#7A6A53", "cross"),
    "sixth": ("#8C8C8C", "triangle-right"),
    "seventh": ("#5D3A9B", "triangle-left"),
}


def chart_of(values: list[dict[str, Any]]) -> Any:
    """A chart of inline rows; Any, because Altair's types do not follow a chain of calls."""
    import altair as alt

    # Altair copies a chart at every step of a chain, lists row by row, a tuple not at all.
    return alt.Chart(alt.Data(values=tuple(values)))


def legend_columns(words: list[str], width: int) -> int:
    """Columns in which a legend fits: one row where it can (0), else as many as go side by side."""
    widths = [len(word) * CHARACTER + 18 + legend_gap(words) for word in words]
    if sum(widths) <= width - 30:
        return 0
    return max(1, int((width - 30) / max(widths)))


def legend_gap(words: list[str]) -> float:
    """Pixels between entries of a legend: a reader's letters may be wider than those measured."""
    return 10 + 1.2 * max((len(word) for word in words), default=0)


def number_label(percent: bool, signed: bool = False) -> str:
    """Vega expression that writes a tick as the text of the page writes it."""
    end = "'%'" if percent else "''"
    value = "format(datum.value, ',~f')"
    if signed:
        value = f"(datum.value > 0 ? '+' : '') + {value}"
    for floor, word in (("1e6", "million"), ("1e9", "billion")):
        large = f"format(datum.value / {floor}, ',~f') + ' {word}'"
        value = f"(abs(datum.value) >= {floor} ? {large} : {value})"
    return f"{value} + {end}"


def theme(width: int, height: float) -> dict[str, Any]:
    """Configuration that every figure shares."""
    return {
        "background": "transparent",
        "padding": {"left": 14, "right": 14, "top": 4, "bottom": 4},
        "font": "sans-serif",
        "view": {"stroke": None, "continuousWidth": width, "continuousHeight": height},
        "axis": {
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "labelColor": QUIET,
            "titleColor": QUIET,
            "gridColor": HAIR,
            "domainColor": HAIR,
            "tickColor": HAIR,
            "titlePadding": 8,
        },
        "legend": {
            "labelFontSize": 12,
            "labelColor": INK,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "titleColor": QUIET,
            "symbolStrokeWidth": 0,
            "symbolOpacity": 1,
            "symbolSize": 90,
            "labelLimit": 300,
        },
    }
