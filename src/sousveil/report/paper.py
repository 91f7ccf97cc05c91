"""What pages are written on: one style, a policy that lets nothing else in, and templates."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib import resources
from typing import Any

HOME = "sousveil.report"
POLICY = (
    "default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)


def text_of(package: str, name: str) -> str:
    """A file of a package as text. Raises FileNotFoundError."""
    return (resources.files(package) / name).read_text(encoding="utf-8")


def policy(style: str) -> str:
    """The policy of a page that may hold this style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return POLICY.format(style=digest)


def template(name: str, package: str = HOME) -> Any:
    """A template of a package, which may use those of the report."""
    import jinja2

    folders = [jinja2.FunctionLoader(_loader(each)) for each in dict.fromkeys((package, HOME))]
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(folders),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["breakable"] = _breakable
    return environment.get_template(name, globals={"kind_of": _kind_of})


def _loader(package: str) -> Any:
    def load(name: str) -> str | None:
        try:
            return text_of(package, f"templates/{name}")
        except FileNotFoundError:
            return None

    return load


def _breakable(text: str) -> Any:
    """A path that may be broken after its dots and underscores, and still be copied whole."""
    from markupsafe import Markup, escape

    words = str(text)
    if " " in words or not ("." in words or "_" in words):
        return words
    return Markup(re.sub(r"([._])", r"\1<wbr>", str(escape(words))))


def _kind_of(block: object) -> str:
    return type(block).__name__
