"""What is kept of published positions: numbers that leave as aggregates only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sousveil.arrays import Floats

EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True)
class Operator:
    """Who published a data set: without it a position is not read.

    country: ISO 3166-1 alpha-3, on the shipped list. url: https address at the operator. date: day
    of publication, 2024-03 or 2024-03-31.
    """

    country: str
    url: str
    date: str


@dataclass(frozen=True, eq=False, repr=False)
class Sites:
    """Sites of one operator.

    east_m, north_m: (N,) metres from the middle of them all; they are read by this package only.
    by_area: published area -> sites, where the data set names areas. by_kind: kind of camera ->
    sites, where it names kinds. notes: what the reader did.
    """

    operator: Operator
    east_m: Floats = field(repr=False)
    north_m: Floats = field(repr=False)
    by_area: Mapping[str, int]
    notes: tuple[str, ...] = ()
    by_kind: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def count(self) -> int:
        """How many sites there are."""
        return len(self.east_m)

    def __repr__(self) -> str:
        """Say what it is, not where."""
        return f"Sites({self.count} in {self.operator.country}, {self.operator.url})"
