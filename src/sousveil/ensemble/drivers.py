"""What a range hangs on: rank correlations with the quantities, and the share due to assumed ones.

Only harms get a list of drivers. Any other measure names the one quantity that drives its range,
and only where the range is mostly assumption: nothing here looks for what makes control work
better.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from sousveil.arrays import Floats
from sousveil.ensemble.matrix import Matrix, mean_ranks, parts_of, ranks
from sousveil.measures import measures
from sousveil.release import IDENTITY

MOST_DRIVERS = 15
HALF = 0.5
FEWEST_MEMBERS = 16
"""With fewer members a rank correlation says little, and none is given."""
NOISE = 3.0
"""A rank correlation of this many standard errors or less may be chance, among many quantities."""


@dataclass(frozen=True)
class Mark:
    """What is said of one row.

    driver: the quantity that leads, "" where chance alone could make it lead. share: of its rank
    variance from assumed quantities, None unknown.
    """

    driver: str
    correlation: float
    share: float | None

    @property
    def driven(self) -> bool:
        """Whether more than half of its variance comes from assumed quantities."""
        return self.share is not None and self.share > HALF


def correlations(matrix: Matrix, quantities: Floats) -> Iterator[Floats]:
    """(paths, rows) Spearman rank correlations of quantities (members, paths), some rows at once.

    Of the rows that speak of the whole country, in order. Nothing where there are too few members.
    """
    members = len(matrix.values)
    if members < FEWEST_MEMBERS:
        return
    ranked = ranks(quantities).T
    national = np.flatnonzero(matrix.national)
    for some in parts_of(len(national), members):
        values = matrix.values[:, national[some]]
        whole = np.isfinite(values).all(axis=0)
        found = np.full((len(ranked), values.shape[1]), np.nan)
        found[:, whole] = ranked @ ranks(values[:, whole])
        yield found


def assumed_share(first: Matrix, frozen: Matrix) -> dict[tuple[str, ...], float]:
    """Share of the rank variance in which assumed quantities have a part, by identity.

    frozen: the first members again, with only the assumed quantities drawn anew; of what-ifs only
    changes are judged by themselves. Total effect of the group, by the mean square difference of
    ranks. Source: Jansen 1999, "Analysis of variance
    designs for model output".
    """
    members = len(frozen.values)
    shares: dict[tuple[str, ...], float] = {}
    contrasts = {name for name, measure in measures().items() if measure.contrast}
    rows = [
        (key, first.places[key], place)
        for key, place in frozen.places.items()
        if key in first.places and (not key[1] or key[0] in contrasts)
    ]
    if members < FEWEST_MEMBERS or not rows:
        return shares
    before = first.values[:members, [row[1] for row in rows]]
    after = frozen.values[:, [row[2] for row in rows]]
    joint = np.concatenate([before, after])
    known = np.isfinite(joint.sum(axis=0))
    joint = joint[:, known]
    ranked = mean_ranks(joint)
    half = ((ranked[:members] - ranked[members:]) ** 2).mean(axis=0) / 2
    variance = ranked.var(axis=0)
    share = np.divide(half, variance, out=np.zeros_like(half), where=variance > 0)
    keys = [row[0] for row, good in zip(rows, known.tolist(), strict=True) if good]
    shares.update(zip(keys, np.clip(share, 0.0, 1.0).tolist(), strict=True))
    return shares


def as_declared(key: tuple[str, ...]) -> tuple[str, ...]:
    """The same value of the base: what a what-if's value rests on is judged by it."""
    return tuple(
        "" if name == "what_if" else word for name, word in zip(IDENTITY, key, strict=True)
    )


def drivers_table(
    matrix: Matrix,
    paths: tuple[str, ...],
    parts: Sequence[Floats],
    shares: Mapping[tuple[str, ...], float],
) -> tuple[pl.DataFrame, dict[tuple[str, ...], Mark]]:
    """Drivers before the gate, strongest first, and the mark of every national row.

    parts: correlations of the paths with these rows.

    Assumed quantities are drawn apart for the base, and for the changes that a claim tells: a value
    of a what-if has the share of the same value as declared and a driver of its own; any other
    change has no share.
    """
    rows: list[dict[str, Any]] = []
    marks: dict[tuple[str, ...], Mark] = {}
    if not paths or not parts:
        return _frame(rows), marks
    found = np.concatenate(parts, axis=1)
    harms = {name for name, measure in measures().items() if measure.harm}
    known = np.logical_and(np.isfinite(found).all(axis=0), found.any(axis=0))
    firsts = np.abs(found).argmax(axis=0).tolist()
    noise = NOISE / float(np.sqrt(len(matrix.values)))
    for place, row in enumerate(matrix.index.filter(matrix.national).iter_rows(named=True)):
        if not known[place]:
            continue
        column, first = found[:, place], firsts[place]
        key = tuple(row[name] for name in IDENTITY)
        share = shares.get(key, shares.get(as_declared(key)))
        leads = float(column[first])
        # Among some hundred quantities chance makes one lead: it is not named.
        named = paths[first] if abs(leads) > noise else ""
        mark = Mark(named, leads, share)
        marks[key] = mark
        of_harm = row["measure"] in harms and not row["what_if"]
        strongest = [first] if mark.driven else []
        if of_harm:
            strongest = np.argsort(-np.abs(column), kind="stable")[:MOST_DRIVERS].tolist()
        for number in strongest:
            rows.append(
                {name: row[name] for name in (*IDENTITY, "stands_for")}
                | {"driver": paths[number] if of_harm else named}
                | {"rank_correlation": float(column[number])}
                | {"assumed_share": share, "members": len(matrix.values)}
            )
    return _frame(rows), marks


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema: dict[str, Any] = dict.fromkeys(IDENTITY, pl.String)
    schema |= {"driver": pl.String, "rank_correlation": pl.Float64, "assumed_share": pl.Float64}
    return pl.DataFrame(rows, schema=schema | {"members": pl.Int64, "stands_for": pl.Float64})
