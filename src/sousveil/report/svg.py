"""From a chart to an SVG that stands in the page: text stays text, and the whole is described."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

from sousveil.report.layout import Drawing

WIDE, NARROW = 720, 350
"""Widths in CSS pixels for desktop and print, and for a phone."""

_ROLES = re.compile(r' (?:role|aria-[a-z]+|class|pointer-events)="[^"]*"')
_LONG_DECIMALS = re.compile(r"(?<=\.\d\d)\d+")
_ATTRIBUTE = re.compile(r'="[^"]*"')
_FONT = re.compile(r' font-family="[^"]*"')
_ROOT = re.compile(r"<svg ([^>]*)>")
_KEPT = re.compile(r'(width|height|viewBox)="[^"]*"')


def drawing(figure_id: str, title: str, alt: str, chart: Callable[[int], Any]) -> Drawing:
    """Both widths of a chart. chart: width -> Altair chart; alt: what it shows, in words."""
    wide, narrow = (
        embed(f"{figure_id}-{word}", title, alt, render(partial(chart, width)))
        for word, width in (("wide", WIDE), ("narrow", NARROW))
    )
    return Drawing(wide, narrow)


def render(make: Callable[[], Any], **datasets: Any) -> str:
    """SVG text of the Altair chart that `make` returns. datasets: large data, by their names.

    Altair judges every part of every chart against its schema, which takes most of a report's
    time; here the tests do that, once for each kind of chart.
    """
    import vl_convert
    from altair.utils import schemapi

    with schemapi.debug_mode(False):
        specification = make().to_dict(validate=False)
    # Altair copies what it is given at every step, so that shapes come in only now.
    specification["datasets"] = {**specification.get("datasets", {}), **datasets}
    return vl_convert.vegalite_to_svg(json.dumps(specification), allowed_base_urls=[])


def embed(identifier: str, title: str, alt: str, svg: str) -> str:
    """One accessible image: role img, title, description; the inner roles of Vega are taken out.

    Fonts are the page's own, so that the figure reads like the text around it.
    """
    found = _ROOT.match(svg)
    if found is None:
        raise ValueError("the renderer returned no SVG")
    size = " ".join(match.group(0) for match in _KEPT.finditer(found.group(1)))
    body = svg[found.end() :]
    for pattern in (_ROLES, _FONT):
        body = pattern.sub("", body)
    # Only inside attributes: a number that is read keeps its digits.
    body = _ATTRIBUTE.sub(lambda found: _LONG_DECIMALS.sub("", found.group(0)), body)
    body = re.sub(r"<path display=\"none\"[^>]*></path>|<path d=\"\" display=\"none\"/?>", "", body)
    body = _own_ids(body, identifier)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'aria-labelledby="{identifier}-t {identifier}-d">'
        f'<title id="{identifier}-t">{escape(title)}</title>'
        f'<desc id="{identifier}-d">{escape(alt)}</desc>'
    )
    return head + body


def _own_ids(body: str, identifier: str) -> str:
    """Inner ids counted anew: unique in the page, and the same in every run.

    The renderer goes on counting over all the charts of a process.
    """
    inner = list(dict.fromkeys(re.findall(r'id="([A-Za-z][^"]*)"', body)))
    for count, name in enumerate(inner, start=1):
        own = f"{identifier}-{count}"
        body = body.replace(f'id="{name}"', f'id="{own}"').replace(f"url(#{name})", f"url(#{own})")
    return body
