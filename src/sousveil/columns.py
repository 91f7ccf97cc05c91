"""The columns of the tables that may leave: what names a value, and each declared kind of table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

IDENTITY: Final = (
    "measure",
    "what_if",
    "channel",
    "act",
    "category",
    "area",
    "group",
    "period",
)
"""What names a value. An empty word means: not split by this dimension."""

KINDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        # One run: value = numerator / denominator, summed again when an area is coarsened.
        "cells": ("numerator", "denominator", "value", "chance_sd", "label", "unit"),
        # Many runs: the columns of measures.parquet.
        "summary": ("statistic", "part", "label", "value", "unit", "members"),
        # What a range hangs on.
        "drivers": ("driver", "rank_correlation", "assumed_share", "members"),
        # Runs of a study side by side, by number.
        "runs": ("number", "value", "label", "unit"),
        # Sobol indices of a target, and what its range would lose if a quantity were known.
        "sensitivity": (
            "target",
            "quantity",
            "statistic",
            "label",
            "low",
            "value",
            "high",
            "members",
        ),
        # What each cause has in a change of arrivals between two years.
        "causes": ("cause", "statistic", "low", "value", "high", "members"),
        # Boxes in the space of unknowns inside which a claim's verdict flips.
        "discovery": (
            *("target", "box", "quantity", "low", "high"),
            *("coverage", "density", "share", "members"),
        ),
    }
)
"""The declared tables, each with its own columns besides the identity and `stands_for`."""

INTERNAL: Final = frozenset({"numerator", "denominator"})
REPEATED: Final = ("statistic", "part", "number", "driver", "target", "quantity", "box", "cause")
TEXT: Final = frozenset(
    "label unit statistic part driver members target quantity number box cause".split()
)
