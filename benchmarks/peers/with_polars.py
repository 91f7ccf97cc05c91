"""Model S with polars: draws of NumPy as columns, an hour as one lazy query, all threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from benchmarks import law
from benchmarks.law import Case, Outcome, outcome
from benchmarks.peers import Run

WORD = 2.0**32


def words(chance: Any) -> Any:
    """Thresholds of 32-bit words; 64 bits wide, so that a certain event has one too."""
    return np.round(np.asarray(chance) * WORD).astype(np.uint64)


def frame_of(case: Case) -> pl.DataFrame:
    """Every person and what does not change."""
    sighted = law.SIGHTED[law.ZONE][case.county]
    return pl.DataFrame(
        {
            "person": np.arange(case.persons),
            "cell": case.cell.astype(np.int32),
            "listed": case.listed,
            "boxed": case.boxed,
            "at_border": law.ZONE[case.county] == 2,
            "sighted": words(sighted),
            "flag": words(sighted * np.where(case.listed, law.NAMED, law.WRONG)),
        }
    )


def draws(case: Case, hour: int, generator: np.random.SFC64) -> dict[str, Any]:
    """The columns of one hour: four words, the place's thresholds, the power."""
    raw = generator.random_raw(2 * case.persons).view(np.uint32).reshape(4, -1)
    time = hour % 24
    columns: dict[str, Any] = {f"u{number}": raw[number] for number in range(4)}
    columns["street_below"] = words(law.STREET[:, time])[case.group]
    columns["out_below"] = words((law.STREET + law.WORK)[:, time])[case.group]
    columns["powered"] = case.power[case.county, hour] > 0
    return columns


def channels(time: int) -> tuple[list[pl.Expr], list[pl.Expr]]:
    """Expressions of an hour: first where everybody is, then what each channel counts."""
    col = pl.col
    street, home = col("u0") < col("street_below"), col("u0") >= col("out_below")
    places = [
        street.alias("street"),
        home.alias("home"),
        (street & col("powered") & (col("u1") < col("sighted"))).alias("S"),
    ]
    flagged = col("S") & (col("u1") < col("flag"))
    told = pl.when(col("home")).then(int(words(law.TOLD_HOME)))
    told = told.when(col("street")).then(int(words(law.TOLD_STREET)))
    told = told.otherwise(int(words(law.TOLD_WORK)))
    events = [
        (flagged & col("listed")).alias("FT"),
        (flagged & ~col("listed")).alias("FF"),
        (col("u2") < told).alias("I"),
        (col("home") & (col("u3") < int(words(law.CONDUCT)))).alias("X"),
        (col("street") & col("at_border") & (col("u3") < int(words(law.BORDER)))).alias("B"),
    ]
    box = col("home") & col("powered") & col("boxed")
    views = col("u1") < int(words(law.VIEWED))
    if time not in law.BROADCASTS:
        return places, [*events, pl.lit(False).alias("V"), pl.lit(False).alias("D")]
    return places, [*events, (box & views).alias("V"), (box & ~views).alias("D")]


def add(counts: np.ndarray, happened: pl.DataFrame) -> None:
    """Count the rows at which anything happened."""
    sums = happened.group_by("cell").agg(pl.col(name).sum() for name in law.CHANNELS)
    counts[sums["cell"].to_numpy()] += sums.select(law.CHANNELS).to_numpy().astype(np.int64)


def prepare(case: Case, variant: str, seed: int) -> Run:
    """See :mod:`benchmarks.peers`."""
    people, generator = frame_of(case), np.random.SFC64(seed)
    counts = np.zeros((law.CELLS, len(law.CHANNELS)), np.int64)
    hurt = np.zeros(case.persons, np.bool_)

    def run() -> Outcome:
        for day in range(case.days):
            for time in law.AWAKE:
                columns = draws(case, 24 * day + int(time), generator)
                places, events = channels(int(time))
                happened = (
                    people.lazy()
                    .with_columns(pl.Series(name, column) for name, column in columns.items())
                    .with_columns(places)
                    .with_columns(events)
                    .filter(pl.any_horizontal(law.CHANNELS))
                    .select("person", "cell", *law.CHANNELS)
                    .collect()
                )
                add(counts, happened)
                hurt[happened.filter("FF")["person"].to_numpy()] = True
        return outcome(case, counts, hurt)

    return run
