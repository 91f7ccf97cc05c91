"""Two runs side by side: paired differences with ranges, and which quantities differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sousveil.arrays import Floats
from sousveil.ensemble.matrix import Matrix, quantiles
from sousveil.ensemble.store import MANIFEST, members_of, read_json, read_member
from sousveil.ensemble.study import Refused
from sousveil.errors import shown
from sousveil.measures import measures
from sousveil.release import IDENTITY

COMPARED = ("unit", "kind", "grade", "form", "values", "readings", "series", "by_user")


@dataclass(frozen=True, repr=False)
class Comparison:
    """b minus a.

    Paired: whether members share draws and forcings; if not, the range is of two independent
    runs.

    table: identity, value_a, value_b, difference, low, high, unit, members. quantities: path ->
    (in a, in b), in words.
    """

    table: pl.DataFrame
    paired: bool
    why_not: str
    quantities: dict[str, tuple[str, str]]

    def __repr__(self) -> str:
        """What it is, in a line."""
        kind = "paired" if self.paired else "not paired"
        return f"<Comparison: {len(self.quantities)} quantities differ, {kind}>"

    def _repr_html_(self) -> str:
        """What differs and what came of it, for notebooks."""
        from sousveil.ensemble.differences import as_html

        return as_html(self)

    def national(self) -> pl.DataFrame:
        """The rows of the whole country."""
        return self.table.filter((pl.col("area") == "") & (pl.col("group") == ""))


def compare_folders(a: Path, b: Path) -> Comparison:
    """Compare two finished runs. Raises Refused in one line."""
    first, second = _manifest(a), _manifest(b)
    numbers = sorted(set(_numbers(a)) & set(_numbers(b)))
    if not numbers:
        raise Refused("the runs have no member in common: run both with --members")
    # By number: where a member was lost on one side the others must not move up.
    members_a, members_b = (_members(folder, numbers) for folder in (a, b))
    shared = [key for key in members_a.places if key in members_b.places]
    left = members_a.values[:, [members_a.places[key] for key in shared]]
    right = members_b.values[:, [members_b.places[key] for key in shared]]
    why_not = _why_not_paired(first, second)
    index = members_a.index[[members_a.places[key] for key in shared]]
    table = _table(index, left, right, not why_not)
    return Comparison(_unbordered(table), not why_not, why_not, _quantities(first, second))


def _manifest(folder: Path) -> dict[str, Any]:
    found = read_json(folder / MANIFEST)
    if found is None or not isinstance(found.get("quantities"), list):
        raise Refused(
            f"{shown(folder, 300)} holds no finished run: there is no readable {MANIFEST}"
        )
    return found


def _numbers(folder: Path) -> list[int]:
    numbers = [item.number for item in members_of(folder)]
    if not numbers:
        raise Refused(f"{shown(folder, 300)} holds no members: run it with --members")
    return numbers


def _members(folder: Path, numbers: Sequence[int]) -> Matrix:
    paths = {item.number: item.path for item in members_of(folder)}
    return Matrix.of(read_member(paths[number]) for number in numbers)


def _why_not_paired(first: dict[str, Any], second: dict[str, Any]) -> str:
    """Members are pairs where scenario, seed and method are the same.

    A quantity's draws follow from its path, so that to fix or add one moves no other.
    """
    for name, words in (
        ("scenario", "the scenarios differ"),
        ("seed", "the seeds differ"),
        ("method", "the designs differ"),
    ):
        if first.get(name) != second.get(name):
            return words
    return ""


def _table(index: pl.DataFrame, left: Floats, right: Floats, paired: bool) -> pl.DataFrame:
    middle_a, _ = quantiles(left, (0.5,))
    middle_b, _ = quantiles(right, (0.5,))
    if paired:
        low, middle, high = quantiles(right - left, (0.025, 0.5, 0.975))[0]
    else:
        ends_a, ends_b = quantiles(left, (0.025, 0.975))[0], quantiles(right, (0.025, 0.975))[0]
        middle = middle_b[0] - middle_a[0]
        low, high = ends_b[0] - ends_a[1], ends_b[1] - ends_a[0]
    known = np.isfinite(left) & np.isfinite(right)
    columns = {
        "value_a": middle_a[0],
        "value_b": middle_b[0],
        "difference": middle,
        "low": low,
        "high": high,
    }
    return index.select(*IDENTITY, "unit", "stands_for").with_columns(
        *(pl.Series(name, values).fill_nan(None) for name, values in columns.items()),
        pl.Series("members", known.sum(axis=0)),
    )


def _unbordered(table: pl.DataFrame) -> pl.DataFrame:
    """Only measures that this version declares; the order of the rows is kept."""
    return table.filter(pl.col("measure").is_in(list(measures())))


def _quantities(first: dict[str, Any], second: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Quantities whose value, range, unit, kind or grade differs."""
    a = {item["path"]: item for item in first.get("quantities", [])}
    b = {item["path"]: item for item in second.get("quantities", [])}
    differing: dict[str, tuple[str, str]] = {}
    for path in dict.fromkeys([*a, *b]):
        one, other = a.get(path), b.get(path)
        if one is None or other is None or _told(one) != _told(other):
            differing[path] = (_worded(one), _worded(other))
    return differing


def _told(item: dict[str, Any]) -> dict[str, Any]:
    return {name: item.get(name) for name in COMPARED}


def _worded(item: dict[str, Any] | None) -> str:
    """A quantity as it stands in a scenario, short."""
    if item is None:
        return "not there"
    some: list[str] = []
    for part in item.get("readings") or item.get("series") or [item]:
        head = str(part.get("label") or part.get("year") or "")
        values = ", ".join(f"{value:g}" for value in part.get("values") or ())
        some.append(" ".join(word for word in (head, str(part.get("form") or ""), values) if word))
    unit = str(item.get("unit") or "")
    end = "" if unit in {"", "1"} else f" {unit}"
    return "; ".join(some) + end + (", by the user" if item.get("by_user") else "")
