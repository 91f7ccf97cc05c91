"""The page: sections in order, one template, one style, no script, written in one go.

The file asks nobody for anything: the policy in its head allows its own style and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sousveil.report.layout import Section
from sousveil.report.names import year_of
from sousveil.report.paper import HOME, policy, template, text_of
from sousveil.report.sections.border import border
from sousveil.report.sections.claims import claims
from sousveil.report.sections.computed import computed
from sousveil.report.sections.evidence import quantities, sources
from sousveil.report.sections.exposure import exposure
from sousveil.report.sections.flips import flips
from sousveil.report.sections.front import front, headlines
from sousveil.report.sections.intervals import intervals
from sousveil.report.sections.iptv import iptv
from sousveil.report.sections.layers import ladder, layers
from sousveil.report.sections.limits import limits
from sousveil.report.sections.outages import outages
from sousveil.report.sections.places import by_place
from sousveil.report.sections.power import day_and_year
from sousveil.report.sections.readings import readings
from sousveil.report.sections.safeguards import safeguards
from sousveil.report.sections.searches import searches
from sousveil.report.sections.unknowns import unknowns
from sousveil.report.sections.wronged import wronged
from sousveil.report.sections.years import years
from sousveil.report.view import View, view_of

if TYPE_CHECKING:
    from sousveil.ensemble.api import Result

ORDER: tuple[Callable[[View], Section | None], ...] = (
    headlines,
    claims,
    exposure,
    searches,
    by_place,
    ladder,
    layers,
    day_and_year,
    outages,
    iptv,
    wronged,
    safeguards,
    years,
    readings,
    border,
    unknowns,
    flips,
    limits,
    intervals,
    quantities,
    sources,
    computed,
)


def write(result: Result, path: Path | str) -> Path:
    """Write the report of a result as one HTML file and return its path."""
    path = Path(path)
    text = render(result)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def render(result: Result) -> str:
    """The report as one HTML text."""
    view = view_of(result)
    found = [section for section in (make(view) for make in ORDER) if section is not None]
    style = text_of(HOME, "style.css")
    return template("page.html").render(
        scenario=view.scenario,
        place=view.names.area(""),
        year=year_of(view.manifest.get("base") or (), view.scenario.year),
        manifest=view.manifest,
        front=front(view),
        sections=found,
        style=style,
        policy=policy(style),
    )
