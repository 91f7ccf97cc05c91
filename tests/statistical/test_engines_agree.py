"""The sampled engines have the means and variances that the closed forms say.

24 seeds of a small dense world of 4,000 people and 30 days, one frozen path of power. For every
tally that `expected` labels exact: the standardised mean lies within 4.9 (false alarm 1e-6 a test)
and the variance over the seeds within 0.14 to 3.2 of the variance of `expected` (1e-6 either side
for 23 degrees of freedom). Cells of area and group are judged by their own spread, |t| < 8.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.engine.expected import expect
from sousveil.engine.model import Model
from sousveil.engine.sampled import events, hourly
from support.models import (
    ZEAL,
    everything,
    flat,
    make_act,
    make_detection,
    make_encounters,
    make_inspections,
    make_model,
    make_roll_call,
    make_unprompted,
    make_world,
)

SEEDS = 24
MOST_DEVIATION = 4.9
VARIANCE_RATIO = 0.14, 3.2
MOST_T = 8.0
ENOUGH = 100.0
"""Expected count over all seeds below which a tally is too thin for the normal law."""
WORLD = make_world(scale=8)


def acts() -> tuple[p.Process, ...]:
    return (
        make_act(),
        make_act("travel", 0.005, marks=(), completes={}, gate=p.NO_GATE, effect=None),
        make_act("talk", 0.02, month=np.tile(np.linspace(1.0, 0.2, 12), (3, 1)), effect=None),
    )


def detections() -> tuple[p.Process, ...]:
    watched = p.Gate("state", 0.9, 0.1)
    return (
        make_act(),
        make_detection("informant", "unit"),
        make_detection("sister", "cell", effect=replace(ZEAL, spread=1.0)),
        make_detection("eye", "camera", gate=watched, effect=None, when={"place": ("outdoors",)}),
        make_detection(
            "home", "box", gate=p.Gate("home", 1.0, 0.0), effect=None, when={"company": ("alone",)}
        ),
    )


def inspections() -> tuple[p.Process, ...]:
    return (make_act(effect=None), *make_inspections())


def more_inspections() -> tuple[p.Process, ...]:
    rate = flat(0.004)
    return (
        make_act(),
        p.Visits("homes", p.Entity.HOUSEHOLD, rate, np.ones(48)),
        p.Inspection("search", "unit", "media", "homes", 0.8, 30, 0.9, flat(0.6), flat(0.2)),
        p.Inspection("again", "cell", "media", "homes", 0.6, 60, 0.2, flat(0.5), flat(0.0)),
        make_detection("eye", "camera", effect=None),
    )


def encounters() -> tuple[p.Process, ...]:
    return tuple(make_encounters())


def roll_calls() -> tuple[p.Process, ...]:
    single = make_roll_call(
        name="once",
        channel="box",
        events=tuple((24 * d + 19,) for d in range(30)),
        windows=((0, 1, 2), (5, 6, 7, 8), (10, 20, 29)),
        threshold=2,
        gate=p.Gate("state", 0.9, 0.2),
        fault=p.Spell("fault", p.Entity.HOUSEHOLD, 0.1, 200.0),
        link=p.Spell("link", p.Entity.AREA, 0.2, 5.0),
        watch_effect=p.Effect("zapping", p.Entity.UNIT, "share", 5.0),
        excuse_without_power=True,
    )
    return (make_roll_call(), single)


def unprompted() -> tuple[p.Process, ...]:
    return (make_act(effect=None), make_unprompted(), make_unprompted_elsewhere())


def make_unprompted_elsewhere() -> p.Unprompted:
    return replace(make_unprompted(0.001), name="returns", channel="face", allegation="listed")


MODELS = {
    "acts": acts(),
    "detections": detections(),
    "inspections": inspections(),
    "more_inspections": more_inspections(),
    "encounters": encounters(),
    "roll_calls": roll_calls(),
    "unprompted": unprompted(),
    "everything": everything(WORLD),
}


SAMPLE = {"hourly": hourly.sample, "events": events.sample}


def runs(model: Model, engine: str) -> list[dict]:
    """The tallies of every seed."""
    return [SAMPLE[engine](model, seed, 3).tallies.counts for seed in range(SEEDS)]


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.parametrize("engine", SAMPLE)
@pytest.mark.parametrize("name", MODELS)
def test_a_sampled_engine_agrees_with_expected(name: str, engine: str) -> None:
    model = make_model(WORLD, MODELS[name])
    found, wrong, judged = expect(model), list[str](), 0
    counts = runs(model, engine)
    for key in counts[0]:
        value = found[key]
        if value.label != "exact":
            continue
        totals = np.array([run[key].sum() for run in counts], dtype=np.float64)
        mean, variance = float(value.values.sum()), value.variance
        if mean * SEEDS < ENOUGH:
            assert totals.sum() < 3 * ENOUGH, f"{key}: {totals.sum()} counted, {mean} expected"
            continue
        judged += 1
        if variance == 0.0:
            assert np.all(totals == pytest.approx(mean)), f"{key}: {totals}, {mean} expected"
            continue
        deviation = (totals.mean() - mean) / np.sqrt(variance / SEEDS)
        ratio = totals.var(ddof=1) / variance
        if abs(deviation) > MOST_DEVIATION or not VARIANCE_RATIO[0] < ratio < VARIANCE_RATIO[1]:
            wrong.append(
                f"{key}: mean {totals.mean():.2f} against {mean:.2f} ({deviation:+.1f}), "
                f"variance ratio {ratio:.2f}"
            )
        cells = np.stack([run[key] for run in counts]).astype(np.float64)
        error = cells.std(axis=0, ddof=1) / np.sqrt(SEEDS)
        dense = value.values * SEEDS > ENOUGH
        t = np.abs(cells.mean(axis=0) - value.values)[dense] / error[dense]
        if np.any(t > MOST_T):
            wrong.append(f"{key}: a cell is {t.max():.1f} of its errors away")
    assert not wrong, "\n".join(wrong)
    assert judged > 3
