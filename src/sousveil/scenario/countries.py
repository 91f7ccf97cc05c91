"""Which countries are open: a shipped list. A country not on it, or not named, is closed."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

CODE = re.compile(r"[A-Z]{3}")


@lru_cache(maxsize=1)
def open_countries() -> Mapping[str, str]:
    """Return the open countries, ISO 3166-1 alpha-3 code -> name."""
    text = Path(__file__).with_name("open_countries.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return MappingProxyType({row["country"]: row["name"] for row in rows})


def is_open(country: str) -> bool:
    """Whether positions of public cameras may be published there at all."""
    return country in open_countries()
