"""Sousveil: an open, quantitative model of state surveillance.

It rebuilds a documented system as a declared, cited scenario, runs it over a synthetic population,
and reports with uncertainty what the system sees, whom it wrongs and what would curb it. Its
results are never evidence about one person, place or event.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sousveil.ensemble.api import Result, compare, expected, run
    from sousveil.scenario.load import load
    from sousveil.scenario.model import Scenario

__version__ = "0.1.0"

__all__ = ["Result", "Scenario", "__version__", "compare", "expected", "load", "run"]

# The numeric libraries cost about a second to import, and `sousveil --help` needs none of them.
_LAZY = {
    "load": "sousveil.scenario.load",
    "Scenario": "sousveil.scenario.model",
    "run": "sousveil.ensemble.api",
    "compare": "sousveil.ensemble.api",
    "expected": "sousveil.ensemble.api",
    "Result": "sousveil.ensemble.api",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'sousveil' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    """The public names, those not yet imported included."""
    return sorted(__all__)
