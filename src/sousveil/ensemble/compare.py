"""Two runs side by side: paired differences with ranges, and whatever differs between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sousveil.arrays import Floats
from sousveil.ensemble import inputs
from sousveil.ensemble.inputs import Pair
from sousveil.ensemble.matrix import Matrix, columns_of, parts_of, quantiles
from sousveil.ensemble.store import MANIFEST, members_of, read_json, read_member
from sousveil.ensemble.study import Refused
from sousveil.errors import shown
from sousveil.measures import measures
from sousveil.release import IDENTITY


@dataclass(frozen=True, repr=False)
class Comparison:
    """b minus a.

    Paired: whether members share draws and forcings; if not, the range is of two independent
    runs.

    table: identity, value_a, value_b, difference, low, high, unit, members. quantities: path ->
    (in a, in b), in words. inputs: the same of whatever else differs that can move a number: base,
    engine, scale, settings, what-ifs, correlations, tables, versions. notes: sentences about both.
    """

    table: pl.DataFrame
    paired: bool
    why_not: str
    quantities: dict[str, Pair]
    inputs: dict[str, Pair] = field(default_factory=dict[str, Pair])
    notes: tuple[str, ...] = ()

    @property
    def differing(self) -> dict[str, Pair]:
        """Everything that differs and can move a number, quantities last."""
        return self.inputs | self.quantities

    def __repr__(self) -> str:
        """What it is, in a line."""
        kind = "paired" if self.paired else "not paired"
        return f"<Comparison: {len(self.differing)} inputs differ, {kind}>"

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
    files_a, files_b = _files(a, first), _files(b, second)
    numbers = sorted(set(files_a) & set(files_b))
    if not numbers:
        raise Refused("the runs have no member in common: run both with --members")
    # By number: where a member was lost on one side the others must not move up.
    left, right = (
        Matrix.of(read_member(files[number]) for number in numbers) for files in (files_a, files_b)
    )
    why_not = inputs.why_not_paired(first, second)
    table = pl.concat(_blocks(left, right, not why_not), how="vertical_relaxed")
    quantities, others = inputs.quantities(first, second), inputs.others(first, second)
    notes = inputs.notes(first, second, bool(quantities or others))
    return Comparison(_unbordered(table), not why_not, why_not, quantities, others, notes)


def _manifest(folder: Path) -> dict[str, Any]:
    found = read_json(folder / MANIFEST)
    if found is None or not isinstance(found.get("quantities"), list):
        raise Refused(
            f"{shown(folder, 300)} holds no finished run: there is no readable {MANIFEST}"
        )
    return found


def _files(folder: Path, manifest: Mapping[str, Any]) -> dict[int, Path]:
    """Where the members of a run are, by number.

    A folder may hold more than its run has: a longer one was there before, and may come again.
    """
    count = int(manifest.get("members") or 0)
    files = {item.number: item.path for item in members_of(folder) if item.number <= count}
    if not files:
        raise Refused(f"{shown(folder, 300)} holds no members: run it with --members")
    return files


def _blocks(left: Matrix, right: Matrix, paired: bool) -> Iterator[pl.DataFrame]:
    """The table of the rows that both have, some at once, however many members there are."""
    shared = [key for key in left.places if key in right.places]
    here, there = (
        np.array([matrix.places[key] for key in shared], dtype=np.int64) for matrix in (left, right)
    )
    # Without a row that both have, the table is empty and has its columns.
    for some in parts_of(max(len(shared), 1), len(left.values)):
        index = left.index[here[some].tolist()]
        before, after = columns_of(left.values, here[some]), columns_of(right.values, there[some])
        yield _table(index, before, after, paired)


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
