"""A finished run read back from its folder; its tables pass the gate once more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from sousveil.assessment.manifest import Manifest, read
from sousveil.ensemble.manifest import results_digest
from sousveil.ensemble.scene import rules_again
from sousveil.ensemble.store import IDENTITY_FILE, MANIFEST, read_json
from sousveil.ensemble.study import Refused
from sousveil.release import (
    IDENTITY,
    KINDS,
    Released,
    ReleaseError,
    Rules,
    release,
    release_again,
)
from sousveil.report.rows import DIMENSIONS, Book, Estimate
from sousveil.report.view import Ground, ground_of

MEASURES, DRIVERS = "measures.parquet", "drivers.csv"
AGAIN = "run the scenario again"


@dataclass(frozen=True)
class FinishedRun:
    """What an assessment is made of: a manifest, and tables that have passed the gate."""

    folder: Path
    about: Manifest
    measures: Released
    drivers: Released

    @cached_property
    def _rows(self) -> pl.DataFrame:
        """Groups of the base run, and the whole place under every what-if."""
        return self.measures.frame.filter((pl.col("group") == "") | (pl.col("what_if") == ""))

    @cached_property
    def book(self) -> Book:
        """The measures, looked up by name."""
        return Book(self._rows.iter_rows(named=True))

    @cached_property
    def ground(self) -> Ground:
        """What the values rest on."""
        return ground_of(self.drivers.frame)

    @cached_property
    def _labels(self) -> dict[tuple[str, ...], str]:
        part, statistic = pl.col("part") == "ignorance", pl.col("statistic") == "median"
        ranges = self._rows.filter(part & statistic)
        names = ("measure", "what_if", *DIMENSIONS)
        found = ranges.select(*names, "label").iter_rows()
        return {tuple(row[:-1]): str(row[-1]) for row in found}

    def label(self, item: Estimate) -> str:
        """How the range of a value was come by."""
        key = (item.measure, item.what_if, *(item.at(name) for name in DIMENSIONS))
        return self._labels.get(key, item.label)


def open_run(folder: Path) -> FinishedRun:
    """Read a finished run. Raises Refused, in one line, for a folder that holds none."""
    about = read(_manifest(folder), str(folder / MANIFEST))
    rules = rules_again(about.scene.sensitivities, about.scene.border_words)
    measures = _measures(folder / MEASURES, about, rules)
    return FinishedRun(folder, about, measures, _drivers(folder / DRIVERS, about, rules))


def _manifest(folder: Path) -> object:
    if not folder.exists():
        raise Refused(f"{folder} is not there: give the folder of a finished run")
    if not folder.is_dir():
        raise Refused(f"{folder} is a file: give the folder of a finished run")
    path = folder / MANIFEST
    if path.exists():
        try:
            found = read_json(path)
        except RecursionError:
            found = None
        if found is None:
            raise Refused(f"{path} cannot be read: {AGAIN}")
        return found
    if (folder / IDENTITY_FILE).exists():
        raise Refused(
            f"{folder} holds a run that is not finished: the same `sousveil run` with --resume "
            "goes on"
        )
    raise Refused(f"{folder} holds no run: give the folder that `sousveil run` named")


def _measures(path: Path, about: Manifest, rules: Rules) -> Released:
    """The measures as the run wrote them: their hash stands in the manifest."""
    try:
        table = pl.read_parquet(path)
        if results_digest(table) != about.results_sha256:
            raise Refused(f"{path} was changed since the run: {AGAIN}")
        return release_again(table, rules)
    except (OSError, pl.exceptions.PolarsError):
        raise Refused(f"{path} cannot be read: {AGAIN}") from None
    except ReleaseError as problem:
        raise Refused(f"{path} is of another version of sousveil ({problem}): {AGAIN}") from None


def _drivers(path: Path, about: Manifest, rules: Rules) -> Released:
    """What ranges hang on; only quantities of the run count as such."""
    numbers = ("rank_correlation", "assumed_share", "stands_for")
    names = [*IDENTITY, *KINDS["drivers"], "stands_for"]
    kinds = {name: pl.Float64 if name in numbers else pl.String for name in names}
    try:
        table = pl.read_csv(path, schema_overrides=kinds).with_columns(
            pl.col(name).fill_null("") for name in (*IDENTITY, "driver")
        )
        known = pl.col("driver").is_in(["", *(item.path for item in about.quantities)])
        return release(table.filter(known), rules)
    except (OSError, pl.exceptions.PolarsError, ReleaseError):
        raise Refused(f"{path} cannot be read: {AGAIN}") from None
