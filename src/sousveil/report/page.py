"""The page: sections in order, one template, one style, no script, written in one go.

The file asks nobody for anything: the policy in its head allows its own style and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sousveil.report.layout import Section
from sousveil.report.sections.border import border
from sousveil.report.sections.claims import claims
from sousveil.report.sections.computed import computed
from sousveil.report.sections.evidence import quantities, sources
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
from sousveil.report.sections.unknowns import unknowns
from sousveil.report.sections.wronged import wronged
from sousveil.report.sections.years import years
from sousveil.report.view import View, view_of

if TYPE_CHECKING:
    from sousveil.ensemble.api import Result

ORDER: tuple[Callable[[View], Section | None], ...] = (
    headlines,
    claims,
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
    limits,
    intervals,
    quantities,
    sources,
    computed,
)
POLICY = (
    "default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
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
    style = _file("style.css")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return _template("page.html").render(
        scenario=view.scenario,
        place=view.names.area(""),
        manifest=view.manifest,
        front=front(view),
        sections=found,
        style=style,
        policy=POLICY.format(style=digest),
    )


def _file(name: str) -> str:
    return (resources.files("sousveil.report") / name).read_text(encoding="utf-8")


def _breakable(text: str) -> Any:
    """A path that may be broken after its dots and underscores, and still be copied whole."""
    from markupsafe import Markup, escape

    words = str(text)
    if " " in words or not ("." in words or "_" in words):
        return words
    return Markup(re.sub(r"([._])", r"\1<wbr>", str(escape(words))))


def _kind_of(block: object) -> str:
    return type(block).__name__


def _template(name: str) -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda file: _file(f"templates/{file}")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["breakable"] = _breakable
    return environment.get_template(name, globals={"kind_of": _kind_of})
