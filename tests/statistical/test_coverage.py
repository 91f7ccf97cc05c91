"""The chance part of an interval covers the truth as often as it says: fixed seed, 2,000 repeats.

The truth is known in closed form (`expected`), the repeats are runs of the `events` engine on one
path of power, and the interval is made by the code that makes `part: chance` of a run. 93.4 to
96.6 % is 95 % give or take 3.3 standard errors of 2,000 repeats: an honest interval of one tally
would be refused once in a thousand. The seeds are fixed, 0 to 1,999 and member 3, so that the test
says the same tomorrow; they were not chosen.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from sousveil.engine.expected import expect
from sousveil.engine.sampled import events
from sousveil.ensemble.summarise import Parts, blocks_of, summary
from support.models import make_act, make_detection, make_model, make_world
from unit.ensemble.fake import cells, row

pytestmark = [pytest.mark.slow, pytest.mark.statistical]
REPEATS, MEMBER = 2_000, 3
LOWEST, HIGHEST = 0.934, 0.966
LEAST_COUNT = 80.0
"""Below it a count is too coarse for any interval of a normal law."""


def chance_interval(mean: float, variance: float) -> tuple[float, float]:
    """The interval that a run states for one value."""
    table = cells(row("harm", mean) | {"chance_sd": float(np.sqrt(variance))})
    rows = summary(blocks_of(Parts(members=None, central=table)))
    found = rows.filter(pl.col("part") == "chance")
    low, high = (found.filter(statistic=name)["value"].item() for name in ("low", "high"))
    return low, high


def test_the_chance_part_covers_the_truth() -> None:
    world = make_world(scale=2)
    watchers = (make_detection("informant", "unit"), make_detection("sister", "cell"))
    model = make_model(world, (make_act(rate=0.02), *watchers))
    truth = expect(model)
    runs = [
        {
            key: int(value.sum())
            for key, value in events.sample(model, s, MEMBER).tallies.counts.items()
        }
        for s in range(REPEATS)
    ]
    covered: dict[str, float] = {}
    for key in runs[0]:
        value = truth[key]
        mean = float(value.values.sum())
        if value.label != "exact" or not value.variance or mean < LEAST_COUNT:
            continue
        low, high = chance_interval(mean, float(value.variance))
        counts = np.array([run[key] for run in runs])
        covered[str(key)] = float(((counts >= low) & (counts <= high)).mean())
    assert len(covered) > 20
    outside = {key: share for key, share in covered.items() if not LOWEST <= share <= HIGHEST}
    assert not outside
