"""From members to ranges: the four parts of an interval, kept apart, and paired differences.

Ignorance: 2.5 to 97.5 % over members (a range under the stated ranges, not a confidence interval;
members carry their own forcings). Environment: the same over draws of the forcings alone,
quantities central. Chance: from the variance of the expected run, full population. Monte Carlo:
how far the median is known from this many members.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from sousveil.arrays import Floats, Ints
from sousveil.ensemble.levels import HIGH, LOW, NORMAL_95
from sousveil.ensemble.matrix import ROUNDING, Matrix, parts_of, quantiles
from sousveil.measures import measures
from sousveil.release import IDENTITY

MIDDLE = 0.5
NO_EVENT_BOUND = -float(np.log(LOW))
"""Upper 97.5 % bound of a Poisson mean of which no event was seen."""
COLUMNS = (*IDENTITY, "statistic", "part", "label", "value", "unit", "members", "stands_for")


@dataclass(frozen=True)
class Parts:
    """What a summary is made of; a part that was not run is None.

    central: expected run at central quantities. sampled: the sampled one, where there is one.
    environment: draws of the forcings. assumed: (rows of members) share of the variance that
    comes from assumed quantities.
    """

    members: Matrix | None
    central: pl.DataFrame
    sampled: pl.DataFrame | None = None
    environment: Matrix | None = None
    assumed: Mapping[tuple[str, ...], float] | None = None
    scale: float = 1.0


def summary(blocks: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The table of measures.parquet before the gate, from its blocks."""
    table = pl.concat([block.select(COLUMNS) for block in blocks], how="vertical_relaxed")
    order = [*IDENTITY, "part", "statistic"]
    return table.filter(pl.col("value").is_not_null()).sort(order, maintain_order=True)


def blocks_of(parts: Parts) -> Iterator[pl.DataFrame]:
    """The rows of a summary, some at once, however many members there are.

    Everything over members; with members, the other parts and the central runs of the country only.
    """
    # Only the whole place has a chance, and each group against everybody else.
    chance = _chance(parts.central)
    if parts.members is not None and len(parts.members.values):
        sampled = None if parts.sampled is None else _whole(parts.sampled)
        parts = replace(parts, central=_whole(parts.central), sampled=sampled)
    yield _central(parts.central, "mean")
    if parts.sampled is not None:
        yield _central(parts.sampled, "value")
        yield _never_seen(parts.sampled, parts.central)
    else:
        yield _central(parts.central, "value")
    yield chance
    if parts.members is not None and len(parts.members.values):
        yield from _ignorance(parts.members)
        yield from _paired(parts.members)
    if parts.environment is not None and len(parts.environment.values) > 1:
        yield from _spread(parts.environment, "environment", (LOW, HIGH), ("low", "high"))
    if parts.assumed and parts.members is not None:
        yield _assumed(parts.members, parts.assumed)


def _whole(table: pl.DataFrame) -> pl.DataFrame:
    """The rows of the whole country."""
    return table.filter((pl.col("area") == "") & (pl.col("group") == ""))


def _block(
    index: pl.DataFrame, statistic: str, part: str, values: Floats, members: Ints | int
) -> pl.DataFrame:
    count = np.broadcast_to(np.asarray(members), (index.height,)).astype(np.int64)
    return index.with_columns(
        pl.Series("value", values, dtype=pl.Float64).fill_nan(None),
        pl.Series("members", count),
        statistic=pl.lit(statistic),
        part=pl.lit(part),
    )


def _central(table: pl.DataFrame, statistic: str) -> pl.DataFrame:
    return table.with_columns(
        statistic=pl.lit(statistic), part=pl.lit("central"), members=pl.lit(1, dtype=pl.Int64)
    )


def _chance(central: pl.DataFrame) -> pl.DataFrame:
    """Central value and two standard deviations, of the country.

    No less than 0 for what counts, than -1 for a change; no more than 1 for a share.
    """
    known = central.filter(pl.col("chance_sd").is_not_null() & pl.col("value").is_not_null())
    reach = NORMAL_95 * pl.col("chance_sd")
    changes = [name for name, measure in measures().items() if measure.contrast]
    change = pl.col("measure").is_in(changes)
    least = pl.when(change).then(-1.0).otherwise(0.0)
    share = (pl.col("unit") == "1") & ~change & (pl.col("measure") != "disparity_ratio")
    most = pl.when(share & (pl.col("value") <= 1.0)).then(1.0).otherwise(float("inf"))
    below = pl.max_horizontal(pl.col("value") - reach, least)
    low = known.with_columns(below.alias("value"), statistic=pl.lit("low"))
    above = pl.min_horizontal(pl.col("value") + reach, most)
    high = known.with_columns(above.alias("value"), statistic=pl.lit("high"))
    both = pl.concat([low, high])
    return both.with_columns(part=pl.lit("chance"), members=pl.lit(1, dtype=pl.Int64))


def _never_seen(sampled: pl.DataFrame, central: pl.DataFrame) -> pl.DataFrame:
    """Upper bound of what a sampled run never saw although it is possible.

    One event of the sample would have been worth value / count; that is read from the expected
    run, whose chance is Poisson where events are rare: sd^2 / value is the worth of one event at
    full population.
    """
    names = list(IDENTITY)
    worth = central.select(*names, pl.col("value").alias("_mean"), pl.col("chance_sd").alias("_sd"))
    rare = sampled.filter(pl.col("value") == 0.0).join(worth, on=names, how="inner")
    rare = rare.filter((pl.col("_mean") > 0) & pl.col("_sd").is_not_null())
    bound = pl.max_horizontal(
        pl.col("_mean"), NO_EVENT_BOUND * pl.col("_sd") ** 2 / pl.col("_mean")
    )
    return rare.with_columns(
        bound.alias("value"),
        statistic=pl.lit("high"),
        part=pl.lit("central"),
        members=pl.lit(1, dtype=pl.Int64),
    )


def _ignorance(members: Matrix) -> Iterator[pl.DataFrame]:
    yield from _spread(members, "ignorance", (MIDDLE, LOW, HIGH), ("median", "low", "high"))
    national = np.flatnonzero(members.national)
    for some in parts_of(len(national), len(members.values)):
        whole = members.rows(national[some])
        low, high, count = median_interval(whole.values)
        yield _block(whole.index, "low", "monte_carlo", low, count)
        yield _block(whole.index, "high", "monte_carlo", high, count)


def _spread(
    matrix: Matrix, part: str, levels: Sequence[float], names: Sequence[str]
) -> Iterator[pl.DataFrame]:
    for some in parts_of(matrix.index.height, len(matrix.values)):
        found, count = quantiles(matrix.values[:, some], levels)
        for name, values in zip(names, found, strict=True):
            yield _block(matrix.index[some], name, part, values, count)


def median_interval(values: Floats) -> tuple[Floats, Floats, Ints]:
    """95 % interval of the median by order statistics: no law of the values is needed.

    Source: order statistics number n/2 -+ 0.98 sqrt(n) (normal approximation of the binomial).
    Balanced points do better than independent ones, so the interval is on the safe side.
    """
    ordered = np.sort(values, axis=0)
    count = np.isfinite(ordered).sum(axis=0)
    reach = NORMAL_95 / 2 * np.sqrt(count)
    first = np.clip(np.floor(count / 2 - reach), 0, np.maximum(count - 1, 0)).astype(np.int64)
    last = np.clip(np.ceil(count / 2 + reach) - 1, 0, np.maximum(count - 1, 0)).astype(np.int64)
    columns = np.arange(values.shape[1])
    return ordered[first, columns], ordered[last, columns], count


def _paired(members: Matrix) -> Iterator[pl.DataFrame]:
    """What-if minus base, member by member, for the country; contrasts are differences already."""
    contrasts = {name for name, measure in measures().items() if measure.contrast}
    chosen: list[int] = []
    bases: list[int] = []
    for place, row in enumerate(members.index.select(IDENTITY).iter_rows()):
        if not row[1] or row[0] in contrasts or row[5] or row[6]:
            continue
        base = members.places.get((row[0], "", *row[2:]))
        if base is not None:
            chosen.append(place)
            bases.append(base)
    for some in parts_of(len(chosen), len(members.values)):
        yield from _differences(members, np.array(chosen[some]), np.array(bases[some]))


def _differences(members: Matrix, chosen: Ints, bases: Ints) -> Iterator[pl.DataFrame]:
    """Some rows minus those of the base."""
    some = members.rows(chosen)
    before = members.values[:, bases]
    values = some.values - before
    # Equal in all digits that floating point can hold is no difference.
    known = np.isfinite(values)
    values[np.abs(values) <= ROUNDING * np.abs(np.where(known, before, 0.0))] = 0.0
    both = Matrix(some.index, values)
    yield from _spread(both, "paired", (MIDDLE, LOW, HIGH), ("median", "low", "high"))
    count, lower = known.sum(axis=0), (values < 0.0).sum(axis=0)
    share = np.divide(lower, count, out=np.full(len(count), np.nan), where=count > 0)
    yield _block(both.index, "share_lower", "paired", share, count)


def _assumed(members: Matrix, shares: Mapping[tuple[str, ...], float]) -> pl.DataFrame:
    places = [members.places[key] for key in shares if key in members.places]
    values = np.array([shares[key] for key in shares if key in members.places])
    some = members.rows(np.array(places, dtype=np.int64))
    block = _block(some.index, "share", "ignorance", values, len(members.values))
    return block.with_columns(label=pl.lit("assumed"))


def inputs_not_findings(
    table: pl.DataFrame, driven: Iterable[tuple[str, ...]], measure: str = "disparity_ratio"
) -> pl.DataFrame:
    """Label a measure "input" where what drives it is assumed: then it is no finding."""
    keys = [key for key in driven if key[0] == measure]
    if not keys:
        return table
    marked = pl.DataFrame(keys, schema=list(IDENTITY), orient="row").with_columns(
        _input=pl.lit(value=True)
    )
    joined = table.join(marked, on=list(IDENTITY), how="left", maintain_order="left")
    label = pl.when(pl.col("_input")).then(pl.lit("input")).otherwise(pl.col("label"))
    return joined.with_columns(label=label).drop("_input")
