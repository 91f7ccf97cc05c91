"""Reading the tidy table: one `Estimate` gathers the rows that speak of one value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

RATIOS = frozenset({"disparity_ratio"})
"""Measures without a unit that are no shares, so never written as percentages."""
DIMENSIONS = ("channel", "act", "category", "area", "group", "period")
PARTS = ("ignorance", "environment", "chance", "monte_carlo")
"""The four parts of an interval, in the order in which they are told."""


@dataclass(frozen=True)
class Estimate:
    """One value of one measure under one what-if ("" is the base), with the parts of its interval.

    values: (part, statistic) -> number.
    """

    measure: str
    what_if: str
    channel: str
    act: str
    category: str
    area: str
    group: str
    period: str
    unit: str
    label: str
    members: int
    values: Mapping[tuple[str, str], float | None]

    def get(self, part: str, statistic: str) -> float | None:
        """One number of one part, or None."""
        return self.values.get((part, statistic))

    @property
    def central(self) -> float | None:
        """The sampled central run."""
        return self.get("central", "value")

    @property
    def middle(self) -> float | None:
        """The median over the members; without members, the central run."""
        found = self.get("ignorance", "median")
        return self.central if found is None else found

    @property
    def low(self) -> float | None:
        """Lower end of the range over the members; without members, of chance."""
        found = self.get("ignorance", "low")
        return self.get("chance", "low") if found is None else found

    @property
    def high(self) -> float | None:
        """Upper end of the range over the members; without members, of chance."""
        found = self.get("ignorance", "high")
        return self.get("chance", "high") if found is None else found

    @property
    def known(self) -> bool:
        """Whether there is a number to show at all."""
        return self.middle is not None

    def at(self, dimension: str) -> str:
        """The value of one dimension by its name."""
        return str(getattr(self, dimension))


def _eight(key: tuple[str, ...]) -> tuple[str, str, str, str, str, str, str, str]:
    """The identity with its length known to the type checker."""
    measure, what_if, channel, act, category, area, group, period = key
    return measure, what_if, channel, act, category, area, group, period


class Book:
    """The measures of a result, looked up by measure, what-if and dimensions."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Gather tidy rows (one number each) into estimates, in their first order."""
        gathered: dict[tuple[str, ...], dict[tuple[str, str], float | None]] = {}
        about: dict[tuple[str, ...], tuple[str, str, int]] = {}
        for row in rows:
            key = tuple(str(row[name] or "") for name in ("measure", "what_if", *DIMENSIONS))
            gathered.setdefault(key, {})[str(row["part"]), str(row["statistic"])] = row["value"]
            told = about.get(key, ("", "", 0))
            members = max(told[2], int(row["members"] or 0))
            # A share of variance carries a label of its own, which is not the value's.
            label = told[1] if row["statistic"] == "share" else str(row["label"] or told[1])
            about[key] = (str(row["unit"] or told[0]), label, members)
        self._by_measure: dict[str, list[Estimate]] = {}
        for key, values in gathered.items():
            unit, label, members = about[key]
            unit = "ratio" if key[0] in RATIOS else unit
            estimate = Estimate(*_eight(key), unit, label, members, values)
            self._by_measure.setdefault(key[0], []).append(estimate)

    def __contains__(self, measure: str) -> bool:
        """Whether the measure has any row."""
        return measure in self._by_measure

    @property
    def measures(self) -> tuple[str, ...]:
        """Identifiers that have rows."""
        return tuple(self._by_measure)

    def of(self, measure: str) -> Iterator[Estimate]:
        """Every estimate of a measure that holds a number."""
        return (item for item in self._by_measure.get(measure, ()) if item.known)

    def one(self, measure: str, what_if: str = "", **where: str) -> Estimate | None:
        """The estimate at exactly these dimensions; dimensions left out are not split."""
        wanted = {name: where.get(name, "") for name in DIMENSIONS}
        for item in self.of(measure):
            if item.what_if == what_if and all(item.at(n) == v for n, v in wanted.items()):
                return item
        return None

    def across(
        self, measure: str, *dimensions: str, what_if: str | None = "", **where: str
    ) -> list[Estimate]:
        """Estimates split by exactly `dimensions`, fixed at `where`, whole elsewhere.

        what_if None: under every what-if and the base.
        """

        def fits(item: Estimate) -> bool:
            if what_if is not None and item.what_if != what_if:
                return False
            for name in DIMENSIONS:
                if name in where:
                    if item.at(name) != where[name]:
                        return False
                elif bool(item.at(name)) != (name in dimensions):
                    return False
            return True

        return [item for item in self.of(measure) if fits(item)]

    def unit(self, measure: str) -> str:
        """Unit of a measure; a share when it has no rows."""
        return next((item.unit for item in self._by_measure.get(measure, ())), "1")

    def what_ifs(self, measure: str) -> tuple[str, ...]:
        """What-ifs under which a measure was computed, in order; the base is left out."""
        return tuple(dict.fromkeys(item.what_if for item in self.of(measure) if item.what_if))
