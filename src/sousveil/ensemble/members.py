"""The members of a run under way, side by side as they come."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from sousveil.ensemble.matrix import Gathered, Matrix
from sousveil.ensemble.store import MEMBERS, Stored, read_member
from sousveil.ensemble.study import RunFailure
from sousveil.ensemble.work import Receipt


class Members:
    """The members of a run, each read as soon as it and all before it are there."""

    def __init__(self, folder: Path, kept: Iterable[Stored], count: int) -> None:
        """Begin with those that an earlier run has finished."""
        self._folder, self._count = folder, count
        self._files = {item.number: item.path for item in kept if item.number <= count}
        self.finished = tuple(self._files)
        self._read = 0
        self._gathered = Gathered()

    def met(self, receipt: Receipt) -> None:
        """Read what can be read now that this task is done."""
        if receipt.task.kept:
            self._files[receipt.task.number] = self._folder / MEMBERS / receipt.file
        while path := self._files.get(self._read + 1):
            self._gathered.add(read_member(path))
            self._read += 1

    def matrix(self, index: pl.DataFrame) -> Matrix:
        """All members; without one, the rows of an index."""
        if self._read < self._count:
            raise RunFailure(f"{self._read} of {self._count} members are there: run with --resume")
        return self._gathered.matrix() if self._count else Matrix.of([], index)

    @property
    def files(self) -> list[Path]:
        """Where they are, in order."""
        return [self._files[number] for number in sorted(self._files)]
