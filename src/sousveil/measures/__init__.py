"""The measures; the folder is the list: each file is a family, found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from sousveil.measuring.base import Measure


@lru_cache(maxsize=1)
def measures() -> dict[str, Measure]:
    """Every measure of this folder by identifier, in the order of its files."""
    found: dict[str, Measure] = {}
    for module in sorted(item.name for item in pkgutil.iter_modules(__path__)):
        family: tuple[Measure, ...] = importlib.import_module(f"{__name__}.{module}").MEASURES
        for measure in family:
            if measure.identifier in found:
                raise ValueError(f"two measures are named {measure.identifier!r}: rename one")
            found[measure.identifier] = measure
    return found
