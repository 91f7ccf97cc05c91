"""The tables that a scenario may have, and exactly the columns of each."""

from __future__ import annotations

from types import MappingProxyType

SETTINGS = ("home", "work", "school", "street", "market", "station")
DAY_TYPES = ("working_day", "rest_day")
HOURS = range(24)
COLUMNS = MappingProxyType(
    {
        "areas": (
            "area",
            "name",
            "parent",
            "settlement",
            "power_region",
            "people",
            "touches_border",
            "source",
        ),
        "presence": ("category", "day_type", "hour", *SETTINGS, "source", "because"),
        "series": ("series", "year", "value", "unit", "source", "note"),
    }
)
REQUIRED = ("areas", "presence")
SMALLEST_AREA = 1_000
"""People below which an area is merged with the next of its parent (how_it_counts, Lines)."""
