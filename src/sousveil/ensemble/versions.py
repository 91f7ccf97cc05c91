"""Versions of whatever computes: members of one run must all be made by the same."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import cast

import sousveil

LIBRARIES = ("numpy", "numba", "scipy", "polars", "pydantic", "pint")


def versions() -> dict[str, str]:
    """Versions of the program, the language and the libraries that compute."""
    found = {"sousveil": sousveil.__version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def other_versions(known: object) -> str:
    """In words, what of some known versions is another here; "" for nothing, or nothing known."""
    if not isinstance(known, dict):
        return ""
    theirs = cast("dict[str, str]", known)
    ours = versions()
    return "; ".join(
        f"{name} {theirs[name]}, here {ours[name]}"
        for name in ours
        if name in theirs and theirs[name] != ours[name]
    )
