"""What happens together happens together as often in all engines.

A dense world of 3,000 people and 30 days, rates near 0.01 an hour: 24 seeds of it are 52 million
trials, so that a bias of 2 % stands out. Joint tallies: who noticed the same act (patterns), one
person hurt by two channels (persons wronged, rules that want a partner), households of a unit found
by one visit. `events` is compared with `hourly` by mean and variance, both with `expected` where
that is exact; 1e-6 a test.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from scipy.stats import f as f_law
from scipy.stats import t as t_law

from sousveil import processes as p
from sousveil.engine.expected import expect
from sousveil.engine.model import Model
from sousveil.engine.sampled import events, hourly
from sousveil.tallies import Key
from support.models import (
    AREAS,
    GROUPS,
    flat,
    make_act,
    make_detection,
    make_encounters,
    make_handling,
    make_model,
    make_unprompted,
    make_world,
    sloped,
)

pytestmark = [pytest.mark.slow, pytest.mark.statistical]

SEEDS = 24
MOST_DEVIATION = 4.9
VARIANCE_RATIO = 0.14, 3.2
MOST_T = float(t_law.ppf(1 - 5e-7, 2 * SEEDS - 2))
LEAST_F, MOST_F = (float(f_law.ppf(share, SEEDS - 1, SEEDS - 1)) for share in (5e-7, 1 - 5e-7))
SAMPLE = {"hourly": hourly.sample, "events": events.sample}
WORLD = make_world(days=30, scale=6)
DENSE = {"marks": (), "completes": {}, "effect": None}


def two_channels() -> Model:
    """Two pairs of eyes on one act: apart, under the same zeal, and on the same power."""
    zeal = p.Effect("zeal", p.Entity.UNIT, "share", 1.0)
    act = make_act(rate=0.01, **{**DENSE, "gate": p.Gate("home", 1.0, 0.4)})
    return make_model(
        WORLD,
        (
            act,
            make_detection("a", "alpha", effect=zeal),
            make_detection("b", "beta", effect=zeal, gate=p.Gate("home", 0.9, 0.0)),
            make_detection("c", "gamma", effect=None, gate=p.Gate("home", 0.8, 0.1)),
        ),
    )


def two_flags() -> Model:
    """A person hurt by two channels; one of them counts only beside another within two days."""
    street, _, match, _ = make_encounters()
    spite = make_unprompted(0.004)
    gain = replace(spite, name="gain", channel="cell", allegation="listed")
    prone = replace(match, wrong=0.1, proneness=p.Effect("prone", p.Entity.PERSON, "share", 1.0))
    items = make_act(rate=0.01, **DENSE), spite, gain, replace(street, effect=None), prone
    alone, partnered = make_handling(), make_handling(partners_needed=1, rule_hours=48)
    return make_model(WORLD, items, {"unit": partnered, "cell": alone, "face": partnered})


def one_visit() -> Model:
    """Rare visits to units whose people act often: whoever is found is found with neighbours."""
    rate = np.zeros((AREAS, GROUPS))
    rate[:, 0] = 0.01
    visits = p.Visits("checks", p.Entity.UNIT, rate, np.ones(48))
    night = p.Inspection("night", "unit", "media", "checks", 0.9, 6, 0.6, flat(0.7), flat(0.1))
    again = replace(night, name="again", channel="cell", trace=0.5, findable_hours=30)
    act = replace(make_act(rate=0.01, **DENSE), rate=sloped(0.02))
    return make_model(WORLD, (act, visits, night, again))


MODELS = {"two channels": two_channels(), "two flags": two_flags(), "one visit": one_visit()}
JOINT = {
    "two channels": {f"media/pattern:{bits}" for bits in range(8)},
    "two flags": {
        "/persons_wronged", "channel:unit/persons_wronged", "channel:cell/persons_wronged",
        "channel:face/persons_wronged", "spite/unfounded", "spite/coincident", "spite/dropped",
        "match/cases", "match/dropped", "match/persons_named_30",
    },
    "one visit": {"night/noticed", "again/noticed", *(f"media/pattern:{n}" for n in range(4))},
}  # fmt: skip
EXACT = {"two channels": 8, "two flags": 0, "one visit": 2}
"""How many of the joint tallies `expected` knows exactly, at least: of persons with flags none."""


@lru_cache(maxsize=8)
def totals(name: str, engine: str) -> dict[str, np.ndarray]:
    """(seeds,) of every tally."""
    runs = [SAMPLE[engine](MODELS[name], seed, 3).tallies.counts for seed in range(SEEDS)]
    return {str(key): np.array([run[key].sum() for run in runs], dtype=float) for key in runs[0]}


def apart(key: str, one: np.ndarray, other: np.ndarray) -> str:
    """How two engines differ in one tally, if they do."""
    variances = one.var(ddof=1), other.var(ddof=1)
    if not any(variances):
        return "" if one[0] == other[0] else f"{key}: {one[0]}, {other[0]}"
    deviation = (one.mean() - other.mean()) / np.sqrt(sum(variances) / SEEDS)
    ratio = variances[0] / variances[1]
    if abs(deviation) < MOST_T and LEAST_F < ratio < MOST_F:
        return ""
    return f"{key}: {one.mean():.1f}, {other.mean():.1f}, variance ratio {ratio:.2f}"


def off(key: str, found: np.ndarray, mean: float, variance: float) -> str:
    """How an engine differs from `expected` in one tally, if it does."""
    deviation = (found.mean() - mean) / np.sqrt(variance / SEEDS)
    ratio = found.var(ddof=1) / variance
    if abs(deviation) < MOST_DEVIATION and VARIANCE_RATIO[0] < ratio < VARIANCE_RATIO[1]:
        return ""
    return f"{key}: {found.mean():.1f} for {mean:.1f}, variance ratio {ratio:.2f}"


@pytest.mark.parametrize("name", MODELS)
def test_events_and_hourly_agree_in_what_happens_together(name: str) -> None:
    one, other = totals(name, "events"), totals(name, "hourly")
    assert all(other[key].sum() > 400 for key in JOINT[name]), "dense enough"
    assert not [
        text for key in one if other[key].sum() > 100 and (text := apart(key, one[key], other[key]))
    ]


@pytest.mark.parametrize("engine", SAMPLE)
@pytest.mark.parametrize("name", MODELS)
def test_a_sampled_engine_has_the_joint_moments_of_expected(name: str, engine: str) -> None:
    found, wrong, judged = totals(name, engine), list[str](), set[str]()
    for key, value in expect(MODELS[name]).items():
        mean = float(value.values.sum())
        if (
            str(key) in found
            and value.label == "exact"
            and mean * SEEDS > 100.0
            and value.variance > 0.0
        ):
            judged.add(str(key))
            wrong.append(off(str(key), found[str(key)], mean, value.variance))
    assert not [text for text in wrong if text]
    assert len(judged & JOINT[name]) >= EXACT[name], judged


@pytest.mark.parametrize("engine", SAMPLE)
def test_a_bias_of_two_per_cent_would_be_found(engine: str) -> None:
    model = MODELS["one visit"]
    act = next(item for item in model.processes if isinstance(item, p.Act))
    for factor in (0.98, 1.02):
        rest = tuple(item for item in model.processes if item is not act)
        biased = make_model(WORLD, (replace(act, rate=act.rate * factor), *rest))
        value = expect(biased)[Key("media", "done")]
        found = totals("one visit", engine)["media/done"]
        assert off("media/done", found, float(value.values.sum()), value.variance)
    parts = [
        totals("one visit", engine)["media/done"],
        totals("one visit", engine)["media/done"] * 1.02,
    ]
    assert apart("media/done", *parts)


def test_what_happens_together_does_not_happen_apart() -> None:
    # These models would not find channels that were drawn apart, if their chances did not meet.
    both = {
        str(key): float(value.values.sum()) for key, value in expect(MODELS["two channels"]).items()
    }
    done = both["media/done"]
    apart_share = both["a/noticed"] * both["b/noticed"] / done**2
    together = sum(both[f"media/pattern:{bits}"] for bits in range(8) if bits & 3 == 3) / done
    assert together > 1.2 * apart_share
    visits = expect(MODELS["one visit"])[Key("night", "noticed")]
    assert visits.variance > 1.3 * visits.values.sum(), "several are found by one visit"
