"""Which unknown to research next: by a study of sensitivity, else by what harms move with."""

from __future__ import annotations

import math
from statistics import NormalDist

from sousveil.report import names
from sousveil.report.figures.ranges import Axis, Span, ranges
from sousveil.report.layout import Figure, Grid, Section
from sousveil.report.numbers import number
from sousveil.report.quantities import grades_of
from sousveil.report.rows import DIMENSIONS
from sousveil.report.sections.common import present
from sousveil.report.sections.researched import researched
from sousveil.report.svg import drawing
from sousveil.report.view import Driver, View

TARGETS = ("harm", "persons_wronged", "false_flags", "extortions")
"""Sensitivity aims at harms and at verdicts of claims only."""
WORDS = {
    "harm": "harm",
    "persons_wronged": "the number of people wronged",
    "false_flags": "the rate of unfounded flags",
    "extortions": "the rate of extortions",
}
MOST_FIGURES, MOST_ROWS = 2, 8
LEAST_MEMBERS = 8


STUDIED = (
    "A study of sensitivity was run. It says by how much the 95% range of a harm would narrow, on "
    "average, if one quantity were known, and what kind of evidence would settle it. Only harms "
    "and verdicts on claims are looked at, never what would be detected."
)
MOVED_WITH = (
    "For each harm: which uncertain quantity it moves with, over the members of the ensemble. A "
    "rank correlation near +1 or −1 means that to know the quantity is to know the harm; near "
    "nought, that it hardly matters. Only harms and verdicts are looked at, never what would be "
    "detected. A study of sensitivity (--study sensitivity) would say how much each would narrow a "
    "range; none was run."
)


def unknowns(view: View) -> Section | None:
    """The study of sensitivity where one was run, else what harms move with."""
    title = "Which unknown to research next"
    if view.studies.unknowns or view.studies.indices or view.studies.unresearched:
        return Section("unknowns", title, (STUDIED,), researched(view))
    figures = present(*(_figure(view, measure) for measure in TARGETS))[:MOST_FIGURES]
    grid = _next(view)
    if not figures and not grid.rows:
        return None
    return Section("unknowns", title, (MOVED_WITH,), (*figures, *([grid] if grid.rows else [])))


def interval_of(rank: float, members: int) -> tuple[float, float]:
    """95% interval of a rank correlation (Fisher's z, variance 1.06 / (n - 3) after Fieller)."""
    if members < LEAST_MEMBERS:
        return -1.0, 1.0
    middle = math.atanh(max(-0.999999, min(0.999999, rank)))
    half = 1.96 * math.sqrt(1.06 / (members - 3))
    return math.tanh(middle - half), math.tanh(middle + half)


def chance_level(members: int, quantities: int) -> float:
    """Rank correlation that among so many quantities chance alone passes once in twenty tries."""
    if members < LEAST_MEMBERS or not quantities:
        return 1.0
    return NormalDist().inv_cdf(1 - 0.025 / quantities) / math.sqrt(members - 1)


def _standing_out(view: View, measure: str) -> tuple[Driver, ...]:
    """Drivers of a harm that chance does not explain, strongest first."""
    item = view.book.one(measure)
    found = view.drivers.get((measure, "", *[""] * len(DIMENSIONS)), ())
    level = chance_level(item.members if item else 0, len(view.scenario.uncertain))
    return tuple(driver for driver in found if abs(driver.rank) > level)


def _figure(view: View, measure: str) -> Figure | None:
    item = view.book.one(measure)
    found = _standing_out(view, measure)[:MOST_ROWS]
    if not found or item is None:
        return None
    spans = [_span(view, driver, item.members) for driver in found]
    title = f"What {WORDS[measure]} moves with"
    rows = tuple(
        (d.path, view.names.quantity(d.path), _signed(d.rank), _kind(view, d.path)) for d in found
    )
    grid = Grid(("Quantity", "What it is", "Rank correlation", "Kind and grade"), rows, (2,))
    told = "; ".join(f"{d.path}: {_signed(d.rank)}" for d in found)
    axis = Axis("Rank correlation over the members", at=0.0, signed=True)
    alt = f"Rank correlations with {names.measure(measure)}. {told}."
    identifier = f"unknowns-{measure}"
    drawn = drawing(identifier, title, alt, lambda w: ranges(spans, axis, w))
    caption = (
        f"Lines: 95% interval of the correlation, from {item.members} members. Shown is what "
        f"stands out from chance among {len(view.scenario.uncertain)} quantities; more members "
        "show more."
    )
    return Figure(identifier, title, caption, (drawn,), grid)


def _span(view: View, driver: Driver, members: int) -> Span:
    low, high = interval_of(driver.rank, members)
    return Span(names.path(driver.path), low, driver.rank, high, text=_signed(driver.rank))


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + number(value, 2)


def _kind(view: View, path: str) -> str:
    item = view.scenario.quantities.get(path)
    return "" if item is None else " ".join(p for p in (item.kind, grades_of(item)) if p)


def _next(view: View) -> Grid:
    """Quantities by the number of harms and verdicts that they lead."""
    led: dict[str, list[str]] = {}
    for measure in TARGETS:
        for driver in _standing_out(view, measure)[:1]:
            led.setdefault(driver.path, []).append(names.measure(measure))
    for item in view.claims:
        path = str(item.get("decides") or item.get("driver") or "")
        if path:
            led.setdefault(path, []).append(f"verdict on {item.get('claim_id', 'a claim')}")
    for item in view.headlines:
        if item.get("driver"):
            led.setdefault(str(item["driver"]), []).append(
                f"headline “{str(item.get('id', '')).replace('_', ' ')}”"
            )
    ranked = sorted(led.items(), key=lambda pair: -len(pair[1]))
    rows = tuple(
        (path, view.names.quantity(path), _kind(view, path), "; ".join(dict.fromkeys(targets)))
        for path, targets in ranked[:12]
    )
    return Grid(
        ("Unknown", "What it is", "Kind and grade", "What hangs on it"),
        rows,
        caption="Which unknown to research next",
    )
