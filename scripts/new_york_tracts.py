"""Writes areas.csv of the scenario `new_york` from a table of census tracts.

    python scripts/new_york_tracts.py TRACTS.csv

TRACTS.csv: one tract a row (American Community Survey 2011-2015) with the columns geoid, borough,
pop, pct_hispanic, pct_white, pct_black, pct_asian, land_m2. Inner points and water are left behind.
The people and land that densities are worked out from are printed.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

GROUPS = ("hispanic", "white", "black", "asian")
OUT = Path(__file__).parents[1] / "src/sousveil/scenarios/new_york/areas.csv"
COLUMNS = "area name parent settlement power_region people touches_border source".split()


def shares(tract: Mapping[str, str]) -> list[float]:
    """Share of each group, and of everybody else; they sum to 1 (percentages came rounded)."""
    given = [float(tract[f"pct_{group}"] or 0) / 100 for group in GROUPS]
    whole = max(sum(given), 1.0)
    given = [round(share / whole, 4) for share in given]
    return [*given, max(round(1.0 - sum(given), 4), 0.0)]


def rows(tracts: list[dict[str, str]]) -> Iterator[list[str | int | float]]:
    """One row of areas.csv for each tract, in the order of their numbers."""
    for tract in sorted(tracts, key=lambda item: item["geoid"]):
        borough = tract["borough"].lower().replace(" ", "_")
        number = tract["geoid"]
        people = round(float(tract["pop"] or 0))
        name = f"tract {number[5:]} of {tract['borough']}"
        fixed = [f"t{number}", name, borough, borough, "city", people, 0, "acs2015"]
        yield [*fixed, *(f"{share:g}" for share in shares(tract))]


def main() -> None:
    """Write the table and print the densities."""
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        tracts = list(csv.DictReader(file))
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*COLUMNS, *(f"origin.{group}" for group in (*GROUPS, "other"))])
        writer.writerows(rows(tracts))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for tract in tracts:
        found[tract["borough"]]["people"] += round(float(tract["pop"] or 0))
        found[tract["borough"]]["m2"] += round(float(tract["land_m2"]))
    for borough, counts in sorted(found.items()):
        print(f"{borough}: {counts['people']} people, {counts['m2'] / 1e6:.1f} km2")  # noqa: T201


if __name__ == "__main__":
    main()
