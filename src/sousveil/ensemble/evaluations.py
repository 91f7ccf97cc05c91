"""Many runs by expectation, for studies: bounded in memory, kept in chunks, resumed.

A chunk is one checksummed Parquet file of released rows. Its name holds a hash of what was asked
and one of its bytes, so that a later run finds exactly its own, and damage is named.
"""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from sousveil.arrays import Floats
from sousveil.ensemble.execute import Progress, Workers
from sousveil.ensemble.store import HASH_DIGITS, write_bytes
from sousveil.ensemble.study import BASE, Study, Task
from sousveil.ensemble.verdicts import identity_of
from sousveil.release import IDENTITY, Released, Rules, release
from sousveil.scenario.model import Draw, Term

FOLDER = "studies"
CHUNK = 256
"""Runs in one file."""
_COLUMNS = (*IDENTITY, "number", "value", "label", "unit", "stands_for")


@dataclass(frozen=True)
class Bank:
    """Where runs of a study are asked for: each is done once, and kept.

    terms: the rows that are read of each run, of the base and of what-ifs beside it.
    """

    study: Study
    folder: Path
    crew: Workers
    progress: Progress
    rules: Rules
    terms: tuple[Term, ...]

    def values(self, stage: str, drawn: Sequence[Draw]) -> Floats:
        """(runs, terms) values of every run; NaN where a run has no value."""
        (self.folder / FOLDER).mkdir(exist_ok=True)
        starts = range(0, len(drawn), CHUNK)
        asked = {start: self._digest(drawn[start : start + CHUNK]) for start in starts}
        found = np.full((len(drawn), len(self.terms)), np.nan)
        self.progress.stage(stage, len(drawn))
        missing: list[int] = []
        for start in starts:
            table = self._read(asked[start])
            if table is None:
                missing.append(start)
                continue
            some = self._filled(table)
            found[start : start + len(some)] = some
            self.progress.advance(len(some))
        for start, some in self._done(drawn, missing, asked):
            found[start : start + len(some)] = some
        return found

    def _done(
        self, drawn: Sequence[Draw], missing: Sequence[int], asked: Mapping[int, str]
    ) -> Iterator[tuple[int, Floats]]:
        """Do the runs of the chunks that are missing; each is written when it is whole."""
        waiting: dict[int, list[pl.DataFrame]] = {start: [] for start in missing}
        left = {start: len(drawn[start : start + CHUNK]) for start in missing}
        for receipt in self.crew.run(self._tasks(drawn, missing)):
            self.progress.advance()
            start = (receipt.task.number - 1) // CHUNK * CHUNK
            left[start] -= 1
            if receipt.frame is not None:
                waiting[start].append(self._rows(receipt.frame, receipt.task.number - start))
            if left[start]:
                continue
            table = release(pl.concat(waiting.pop(start)).sort("number"), self.rules)
            self._write(asked[start], table)
            yield start, self._filled(table.frame, len(drawn[start : start + CHUNK]))

    def _tasks(self, drawn: Sequence[Draw], missing: Sequence[int]) -> Iterator[Task]:
        measures = tuple(dict.fromkeys(term.measure for term in self.terms))
        branches = tuple(dict.fromkeys([BASE, *(term.what_if for term in self.terms)]))
        for start in missing:
            for number, draw in enumerate(drawn[start : start + CHUNK], start=start + 1):
                yield Task("study", number, 0, draw, branches, measures=measures)

    def _rows(self, frame: pl.DataFrame, number: int) -> pl.DataFrame:
        """The rows of the terms, out of all that a run gave."""
        rows = frame.join(self._index(), on=list(IDENTITY), how="semi")
        return rows.with_columns(number=pl.lit(number, dtype=pl.Int64)).select(_COLUMNS)

    def _index(self) -> pl.DataFrame:
        rows = [dict.fromkeys(IDENTITY, "") | identity_of(term) for term in self.terms]
        return pl.DataFrame(rows, schema=dict.fromkeys(IDENTITY, pl.String))

    def _filled(self, table: pl.DataFrame, count: int = 0) -> Floats:
        places = {row: place for place, row in enumerate(self._index().iter_rows())}
        count = count or int(table["number"].max() or 0)  # pyright: ignore[reportArgumentType]
        found = np.full((count, len(self.terms)), np.nan)
        for row in table.select(*IDENTITY, "number", "value").iter_rows():
            found[row[-2] - 1, places[row[: len(IDENTITY)]]] = (
                np.nan if row[-1] is None else row[-1]
            )
        return found

    def _digest(self, drawn: Sequence[Draw]) -> str:
        words = [self.study.digest, repr([identity_of(term) for term in self.terms])]
        words += [repr((dict(draw.levels), dict(draw.selectors))) for draw in drawn]
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:HASH_DIGITS]

    def _write(self, asked: str, table: Released) -> None:
        buffer = io.BytesIO()
        table.frame.write_parquet(buffer, compression="zstd")
        content = buffer.getvalue()
        digest = hashlib.sha256(content).hexdigest()[:HASH_DIGITS]
        write_bytes(self.folder / FOLDER / f"{asked}-{digest}.parquet", content)

    def _read(self, asked: str) -> pl.DataFrame | None:
        for path in sorted((self.folder / FOLDER).glob(f"{asked}-*.parquet")):
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:HASH_DIGITS]
            if path.stem == f"{asked}-{digest}":
                return pl.read_parquet(io.BytesIO(content))
            self.progress.say(f"{path.name} is not what was written: computed again")
            path.unlink()
        return None


def clear(folder: Path) -> None:
    """Throw away what studies kept: a run that is not resumed starts anew."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
