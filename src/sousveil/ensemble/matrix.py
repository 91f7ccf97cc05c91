"""The members side by side: one index of rows, one value for each row and member."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO

import numpy as np
import polars as pl

from sousveil.arrays import Bools, Floats, Ints
from sousveil.release import IDENTITY

ABOUT = ("label", "unit", "stands_for")
HELD_BYTES = 2**26
"""Of a matrix, beyond which it lies in a file: an ensemble of any length fits any machine."""
ROUNDING = 1e-12
"""Of a number, what floating point may add to it or take from it on the way."""
AT_ONCE = 2**21
"""Numbers of a matrix that are worked on at once."""
MEMBERS_AT_ONCE = 64
"""Members of which columns are read before what was read is let go of."""


@dataclass(frozen=True)
class Matrix:
    """index: identity, label, unit and stands_for of each row.

    Values: (members, rows), NaN for null.
    """

    index: pl.DataFrame
    values: Floats

    @staticmethod
    def of(tables: Iterable[pl.DataFrame], index: pl.DataFrame | None = None) -> Matrix:
        """Put tables of members side by side; rows that one member lacks are NaN there.

        index: rows to fill, those of the first table unless given. Tables are read one by one.
        """
        gathered = Gathered(index)
        for table in tables:
            gathered.add(table)
        return gathered.matrix()

    @cached_property
    def places(self) -> Mapping[tuple[str, ...], int]:
        """Identity -> row."""
        return {row: place for place, row in enumerate(self.index.select(IDENTITY).iter_rows())}

    def column(self, **words: str) -> Floats | None:
        """(members,) values of one row by its identity; None when there is no such row."""
        place = self.places.get(tuple(words.get(name, "") for name in IDENTITY))
        return None if place is None else self.values[:, place]

    def rows(self, chosen: Bools | Ints) -> Matrix:
        """Some of the rows."""
        numbers = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        return Matrix(self.index[numbers.tolist()], self.values[:, numbers])

    @cached_property
    def national(self) -> Bools:
        """(rows,) whether a row speaks of the whole country and everybody."""
        whole = (pl.col("area") == "") & (pl.col("group") == "")
        return self.index.select(whole).to_series().to_numpy()

    def is_branch(self, name: str) -> Bools:
        """(rows,) whether a row belongs to one what-if."""
        return (self.index["what_if"] == name).to_numpy()


class Gathered:
    """Tables of members put side by side one by one, as they come.

    index: rows to fill, those of the first table unless given.
    """

    def __init__(self, index: pl.DataFrame | None = None) -> None:
        """Hold no member yet."""
        self._index = index
        self._rows = Rows()

    def add(self, table: pl.DataFrame) -> None:
        """Add a member; rows that it lacks are NaN."""
        if self._index is None:
            self._index = table
        self._rows.append(_aligned(table, self._index))

    def matrix(self) -> Matrix:
        """All that were added. Raises ValueError where there is neither an index nor a member."""
        index = self._index
        if index is None:
            raise ValueError("no member to read")
        return Matrix(index.select(*IDENTITY, *ABOUT), self._rows.whole(index.height))


class Rows:
    """Rows of one length that are held in memory while they are few, then in a nameless file."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._held: list[Floats] = []
        self._file: IO[bytes] | None = None
        self._count = 0

    def append(self, row: Floats) -> None:
        """Add a row."""
        self._held.append(row)
        self._count += 1
        if row.nbytes * len(self._held) > HELD_BYTES:
            self._spill()

    def _spill(self) -> None:
        self._file = self._file or tempfile.TemporaryFile(prefix="sousveil-")  # noqa: SIM115
        for row in self._held:
            self._file.write(row.tobytes())
        self._held.clear()

    def whole(self, length: int) -> Floats:
        """(count, length) all of them; of many the system keeps in memory what it has room for."""
        if self._file is None:
            return np.stack(self._held) if self._held else np.zeros((0, length))
        self._spill()
        with self._file as file:
            file.flush()
            return np.memmap(file, dtype=np.float64, mode="r", shape=(self._count, length))


def _aligned(table: pl.DataFrame, index: pl.DataFrame) -> Floats:
    """(rows,) values of a table in the order of an index."""
    names = list(IDENTITY)
    if table.height == index.height and table.select(names).equals(index.select(names)):
        found = table["value"]
    else:
        found = index.select(names).join(
            table.select(*names, "value"), on=names, how="left", maintain_order="left"
        )["value"]
    return found.cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(np.float64)


def quantiles(values: Floats, levels: Sequence[float]) -> tuple[Floats, Ints]:
    """(levels, rows) quantiles over members that have a value, and how many have, (rows,).

    Linear between order statistics (Hyndman and Fan 1996, type 7); NaN where nobody has a value.
    """
    ordered = np.sort(values, axis=0)  # NaN goes last
    count = np.isfinite(ordered).sum(axis=0)
    result = np.full((len(levels), values.shape[1]), np.nan)
    some = count > 0
    last = np.maximum(count - 1, 0)
    columns = np.arange(values.shape[1])
    for number, level in enumerate(levels):
        position = level * last
        below = np.floor(position).astype(np.int64)
        above = np.minimum(below + 1, last)
        part = position - below
        found = ordered[below, columns] * (1 - part) + ordered[above, columns] * part
        result[number, some] = found[some]
    return result, count


def parts_of(rows: int, members: int) -> Iterator[slice]:
    """Slices of so many rows, each no more numbers than are worked on at once."""
    step = max(1, AT_ONCE // max(members, 1))
    for start in range(0, rows, step):
        yield slice(start, start + step)


def columns_of(values: Floats, places: Ints) -> Floats:
    """(members, places) some columns, read so that a matrix in a file stays in its file.

    A page that is touched brings its neighbours into this process, so that they are let go of
    again some members at a time.
    """
    held = getattr(values, "_mmap", None)  # of a numpy.memmap
    found = np.empty((len(values), len(places)))
    for start in range(0, len(values), MEMBERS_AT_ONCE):
        some = slice(start, start + MEMBERS_AT_ONCE)
        found[some] = values[some, places]
        if held is not None and hasattr(mmap, "MADV_DONTNEED"):
            held.madvise(mmap.MADV_DONTNEED)
    return found


def ranks(values: Floats) -> Floats:
    """Ranks within each column (ties share their mean rank), centred and scaled to length 1."""
    found = mean_ranks(values) - (len(values) + 1) / 2
    length = np.sqrt((found**2).sum(axis=0))
    return np.divide(found, length, out=np.zeros_like(found), where=length > 0)


def mean_ranks(values: Floats) -> Floats:
    """Ranks from 1 within each column (members, columns); ties share their mean rank.

    Neighbours that are equal to within ROUNDING tie: the order in which sums were taken is no
    finding. NaN in a column of which a number is not known.
    """
    by_column = np.ascontiguousarray(values.T)
    order = np.argsort(by_column, axis=1)
    ordered = np.take_along_axis(by_column, order, axis=1)
    # Where a run of equal numbers begins, and where it ends: the mean of both is everybody's rank.
    with np.errstate(invalid="ignore"):  # of two infinities
        least = np.minimum(np.abs(ordered[:, 1:]), np.abs(ordered[:, :-1]))
        changes = np.diff(ordered, axis=1) > ROUNDING * least
    place = np.arange(1, values.shape[0] + 1, dtype=np.float64)
    first, last = np.tile(place, (2, len(by_column), 1))
    first[:, 1:][~changes] = 0.0
    last[:, :-1][~changes] = np.inf
    mean = np.maximum.accumulate(first, axis=1)
    mean += np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    found = np.empty_like(by_column)
    np.put_along_axis(found, order, mean / 2.0, axis=1)
    found[np.isnan(by_column).any(axis=1)] = np.nan
    return np.ascontiguousarray(found.T)
