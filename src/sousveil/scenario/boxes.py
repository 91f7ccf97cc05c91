"""Whole degrees around each open country, against data that say they are where they are not."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

Box = tuple[float, float, float, float]


@lru_cache(maxsize=1)
def boxes() -> Mapping[str, Box]:
    """Return west, south, east, north of each open country."""
    text = Path(__file__).with_name("boxes.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return MappingProxyType(
        {
            row["country"]: (
                float(row["west"]),
                float(row["south"]),
                float(row["east"]),
                float(row["north"]),
            )
            for row in rows
        }
    )
