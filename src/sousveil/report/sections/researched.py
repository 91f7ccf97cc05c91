"""What a study of sensitivity found: what knowledge would take off a harm's range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sousveil.measures import measures
from sousveil.report import names
from sousveil.report.figures.ranges import Axis, Span, ranges
from sousveil.report.layout import Block, Figure, Grid, Note
from sousveil.report.numbers import percent
from sousveil.report.svg import drawing
from sousveil.report.view import View

HARM = "harm"
SHOWN = "total_of_ranks"
"""The index that a few extreme runs do not sway."""
MOST_ROWS = 16
OTHERS = "all others"
MARGIN = "margin of "
MOST_VERDICTS = 3
NONE = "This study could not say by how much a range would narrow: the notes below say why."


CHANCE = (
    "No single unknown narrows the range of harm by more than chance may show: every interval "
    "begins at nought. More base points would say more, or it hangs on many unknowns at once."
)


def researched(view: View) -> tuple[Block, ...]:
    """The quantities, the most useful first, and the indices that stand behind them."""
    blocks: list[Block] = [_grid(view)] if view.studies.unknowns else [Note(NONE)]
    if view.studies.unknowns and not any(_stands_out(i) for i in view.studies.unknowns):
        blocks.append(Note(CHANCE))
    figure = _indices(view)
    if figure is not None:
        blocks.append(figure)
    if notes := _notes(view):
        blocks.append(notes)
    blocks.append(
        Note(
            "What a state decides (its cameras, its rounds) is unknown to us, so it may stand "
            "here: a reason to find out, not an option."
        )
    )
    return tuple(blocks)


def _stands_out(item: Mapping[str, Any], target: str = HARM) -> bool:
    """Whether the interval of the narrowing of a target begins above nought."""
    low, _ = (item.get("between") or {}).get(target) or (None, None)
    return low is not None and low > 0.0


def _notes(view: View) -> Grid | None:
    """What the study leaves out or could not say, by reason."""
    about: dict[str, list[str]] = {}
    for item in view.studies.unresearched:
        about.setdefault(item["note"], []).append(_called(item["about"]))
    rows = tuple(("; ".join(names_of), note) for note, names_of in about.items())
    caption = "What this study leaves out or could not say"
    return Grid(("About", "What to know"), rows, caption=caption) if rows else None


def _called(about: str) -> str:
    """A target, a quantity or a statistic, in words."""
    if about.startswith(MARGIN):
        return f"the verdict on {about.removeprefix(MARGIN)}"
    return names.measure(about) if about in measures() else about


def _grid(view: View) -> Grid:
    rows = tuple(_row(view, item) for item in view.studies.unknowns[:MOST_ROWS])
    columns = ("Unknown", "What it is", "Range of harm narrows by", "And of verdicts")
    columns += ("Kind, grade, sources", "What would settle it")
    caption = (
        "If it were known: the most useful first (95% intervals in brackets; verdicts where the "
        "interval begins above nought)"
    )
    return Grid(columns, rows, (2,), caption)


def _row(view: View, item: Mapping[str, Any]) -> tuple[str, ...]:
    path, narrowing = str(item["quantity"]), dict(item["narrowing"])
    harm = narrowing.pop(HARM, None)
    verdicts = [(n, v) for n, v in narrowing.items() if n.startswith(MARGIN)]
    others = sorted(verdicts, key=lambda pair: -pair[1])[:MOST_VERDICTS]
    told = "; ".join(
        f"{name.removeprefix(MARGIN)}: {_narrowed(value, item, name)}"
        for name, value in others
        if _stands_out(item, name)
    )
    cited = ", ".join(str(source) for source in item["sources"])
    about = " ".join(str(word) for word in (item["kind"], item["grade"]) if word)
    return (
        path,
        view.names.quantity(path),
        "" if harm is None else _narrowed(harm, item, HARM),
        told,
        f"{about}: {cited}" if cited else about,
        str(item["settled_by"]),
    )


def _narrowed(share: float, item: Mapping[str, Any], target: str) -> str:
    """A narrowing with its interval."""
    low, high = (item.get("between") or {}).get(target) or (None, None)
    if low is None or high is None:
        return percent(share)
    return f"{percent(share)} ({percent(low)} to {percent(high)})"


def _indices(view: View) -> Figure | None:
    """Total indices of harm with their bootstrap intervals."""
    found = [
        row
        for row in view.studies.indices
        if row["target"] == HARM
        and row["statistic"] == SHOWN
        and row["label"] == "quantity"
        and row["value"] is not None
    ]
    if not found:
        return None
    found.sort(key=lambda row: -float(row["value"]))
    spans = [_span(row) for row in found[: MOST_ROWS + 1]]
    title = "In how much of the range of harm each unknown has a part"
    axis = Axis("Share of the variance of ranks (total index)", percent=True, whole=True)
    told = "; ".join(f"{span.label}: {span.text}" for span in spans)
    identifier = "unknowns-indices"
    drawn = drawing(identifier, title, f"Total indices. {told}.", lambda w: ranges(spans, axis, w))
    runs = max(int(row["members"]) for row in found)
    caption = (
        f"Lines: 95% bootstrap intervals, from {runs:,} runs. Parts overlap, so they do not sum. A "
        "large part of “all others” says that the listed ones are not the whole story."
    )
    rows = tuple((str(row["quantity"]), _span(row).text) for row in found)
    grid = Grid(("Quantity", "Total index, 95% interval"), rows, (1,))
    return Figure(identifier, title, caption, (drawn,), grid)


def _span(row: Mapping[str, Any]) -> Span:
    path, value = str(row["quantity"]), float(row["value"])
    low = value if row["low"] is None else float(row["low"])
    high = value if row["high"] is None else float(row["high"])
    label = "All others" if path == OTHERS else " + ".join(map(names.path, path.split(" + ")))
    text = f"{percent(max(low, 0.0))} to {percent(min(high, 1.0))}"
    return Span(label, max(low, 0.0), min(max(value, 0.0), 1.0), min(high, 1.0), text=text)
