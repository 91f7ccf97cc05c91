"""Writes areas.csv of the scenario `new_york` from a table of census tracts.

    python scripts/new_york_strata.py TRACTS.csv

TRACTS.csv: one tract a row (American Community Survey 2011-2015) with the columns borough, pop,
pct_hispanic, pct_white, pct_black, pct_asian, land_m2. A stratum is everybody of one group in one
borough, so that results by group follow from where its people live; no tract is written out. The
people and land that densities are worked out from are printed.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from pathlib import Path

GROUPS = ("hispanic", "white", "black", "asian")
NAMES = {"hispanic": "Hispanic", "white": "white", "black": "Black", "asian": "Asian"}
OUT = Path(__file__).parents[1] / "src/sousveil/scenarios/new_york/areas.csv"
COLUMNS = "area name parent settlement power_region people touches_border source".split()


def strata(path: Path) -> dict[str, Counter[str]]:
    """People by group, land and people in all, for each borough."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            borough, people = found[row["borough"]], float(row["pop"] or 0)
            borough["people"] += people
            borough["land_km2"] += float(row["land_m2"]) / 1e6
            left = people
            for group in GROUPS:
                part = people * float(row[f"pct_{group}"] or 0) / 100
                borough[group] += part
                left -= part
            borough["other"] += max(left, 0.0)
    return found


def main() -> None:
    """Write the table and print the densities."""
    found = strata(Path(sys.argv[1]))
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for group in (*GROUPS, "other"):
            for borough, counts in sorted(found.items()):
                key = borough.lower().replace(" ", "_")
                name = f"{NAMES.get(group, 'Other')} residents of {borough}"
                people = round(counts[group])
                writer.writerow([f"{group}_{key}", name, group, key, "city", people, 0, "acs2015"])
    for borough, counts in sorted(found.items()):
        print(f"{borough}: {counts['people']:.0f} people, {counts['land_km2']:.1f} km2")  # noqa: T201


if __name__ == "__main__":
    main()
