"""What-ifs share their numbers: a difference varies by the events that differ, and no more.

Of two rates a and b of one process the common points are the same, so that the difference over
seeds is a Poisson count of mean |b - a|, where independent seeds would give a variance of a + b.
`expected` says how many events differ. 200 pairs of seeds; the variance of their differences lies
within the limits of the chi-square law (false alarm 1e-6 a test). Rates are the same for all, so
that only chance varies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from scipy.stats import chi2

from sousveil import processes as p
from sousveil.engine.expected import expect
from sousveil.engine.model import Model
from sousveil.engine.sampled import events, hourly
from sousveil.tallies import Key
from sousveil.world.model import World
from support.models import (
    GROUPS,
    flat,
    make_act,
    make_detection,
    make_encounters,
    make_inspections,
    make_model,
    make_roll_call,
    make_unprompted,
    make_world,
    waves,
)

pytestmark = [pytest.mark.slow, pytest.mark.statistical]

SEEDS = 200
LEAST, MOST = (float(chi2.ppf(share, SEEDS - 1) / (SEEDS - 1)) for share in (5e-7, 1 - 5e-7))
SLACK = 1.05
"""The law of a sample variance of Poisson counts of some twenty is a little wider."""
MOST_DEVIATION = 4.9
ENOUGH = 15.0
SAMPLE = {"hourly": hourly.sample, "events": events.sample}
SAME = np.tile(waves().mean(axis=0), (GROUPS, 1))
WORLD = make_world(days=4)
GATED = p.Gate("home", 1.0, 0.0)
EAR = p.Gate("state", 0.9, 0.2)


def base() -> dict[str, p.Process]:
    """Processes by name, of which nothing varies but chance: no effects, no traits, one rate."""
    act = make_act(rate=0.01, marks=(), completes={}, gate=GATED, effect=None)
    visits, _, night, _ = make_inspections()
    street, _, match, _ = make_encounters()
    match = replace(match, level="recognise", probe_share=0.9, proneness=None, factor=None)
    everybody, nobody = (p.Trait(f"listed{n}", p.Entity.PERSON, flat(float(n))) for n in (1, 0))
    plain = {"effect": None, "profile": SAME}
    items = (
        replace(act, rate=flat(0.03), profile=SAME),
        replace(make_detection("eye", "camera", notice=flat(0.4), report=flat(0.9)), effect=None),
        make_detection("ear", "unit", notice=flat(0.5), report=flat(0.9), effect=None, gate=EAR),
        replace(visits, name="stops", entity=p.Entity.PERSON, rate=flat(0.1)),
        replace(night, name="search", visits="stops", find=0.5, findable_hours=2, report=flat(0.8)),
        replace(street, name="street", rate=flat(0.2), **plain),
        replace(street, name="square", rate=flat(0.2), **plain),
        replace(street, name="yard", rate=flat(0.15), **plain),
        replace(match, parent="street", listed=everybody),
        replace(match, name="wrong", parent="yard", listed=nobody, wrong=0.3),
        replace(make_unprompted(), rate=flat(0.01), bribed=flat(0.2)),
        make_roll_call(4, windows=((0,), (1,), (0, 1)), threshold=1),
    )
    return {item.name: item for item in items}


def model_of(world: World = WORLD, without: tuple[str, ...] = (), **changes: dict) -> Model:
    """The base with other fields of some processes, or without some."""
    items = {name: item for name, item in base().items() if name not in without}
    for name, fields in changes.items():
        items[name] = replace(items[name], **fields)
    return make_model(world, tuple(items.values()), {})


def at_rate(factor: float) -> Model:
    """Every rate by the same factor."""
    rated = ("media", "stops", "street", "square", "yard", "spite")
    items = base()
    return model_of(**{name: {"rate": items[name].rate * factor} for name in rated})  # type: ignore[attr-defined]


def powered(change: Callable[[np.ndarray], np.ndarray]) -> World:
    """The world on another path of power."""
    on = change(WORLD.power.on).astype(np.uint8)
    return replace(WORLD, power=replace(WORLD.power, by_line=on))


MORE_POWER = powered(lambda on: on | (np.arange(on.shape[3]) % 5 == 0))
LATER_POWER = powered(lambda on: np.roll(on, 12, axis=3))
WHAT_IFS = {
    "base": model_of(),
    "more": at_rate(1.5),
    "fewer": at_rate(0.5),
    "twentyfold": model_of(media={"rate": flat(0.03 * 20)}),
    "keener": model_of(eye={"notice": flat(0.55)}, match={"hit": 0.95}, wrong={"wrong": 0.2}),
    "finds more": model_of(search={"find": 1.0}),
    "more power": model_of(MORE_POWER),
    "later power": model_of(LATER_POWER),
    "without ear": model_of(without=("ear",)),
    "without searches": model_of(without=("match", "wrong")),
}
POINTS = {"media/done", "stops/visits", "spite/reported", "spite/reporter_bribed"}
CHILDREN = {f"{name}/{what}" for name in ("eye", "ear") for what in ("noticed", "reported")}
PROBES = {"match/probes", "match/named", "wrong/probes", "wrong/wrong", "match/reported"}
VIEWS = {
    f"{name}/{level}"
    for name in ("street", "square", "yard")
    for level in ("detect", "recognise", "identify")
}
CHANGED = {
    "more": POINTS | CHILDREN | PROBES | VIEWS | {"search/noticed"},
    "fewer": POINTS | CHILDREN | PROBES | VIEWS | {"search/noticed"},
    "twentyfold": {"media/done"} | CHILDREN,
    "keener": {"eye/noticed", "eye/reported", "match/named", "match/reported", "wrong/wrong"},
    "finds more": {"search/noticed", "search/reported"},
    "more power": {"media/done", "ear/noticed"} | PROBES | VIEWS,
    "without ear": {"media/completed"},
}
"""Tallies that change, where every event of one side is one of the other."""
ACTS = {"media", "eye", "ear", "search", "spite"}
CAMERAS = {"street", "square", "yard", "match", "wrong"}
TOUCHED = {
    "more": ACTS | CAMERAS | {"stops"},
    "fewer": ACTS | CAMERAS | {"stops"},
    "twentyfold": ACTS,
    "keener": {"eye", "match", "wrong"},
    "finds more": {"search"},
    "more power": ACTS | CAMERAS | {"broadcast"},
    "later power": ACTS | CAMERAS | {"broadcast"},
    "without ear": set(),
    "without searches": set(),
}
"""Processes that a what-if changes, with what hangs on them."""


def run(what_if: str, engine: str, seed: int) -> dict[Key, np.ndarray]:
    return SAMPLE[engine](WHAT_IFS[what_if], seed, 2, block_units=64).tallies.counts


@lru_cache(maxsize=64)
def totals(what_if: str, engine: str, first_seed: int = 0) -> dict[str, np.ndarray]:
    """(seeds,) of every tally."""
    runs = [run(what_if, engine, first_seed + seed) for seed in range(SEEDS)]
    return {str(key): np.array([counts[key].sum() for counts in runs]) for key in runs[0]}


@lru_cache(maxsize=32)
def means(what_if: str) -> dict[str, float]:
    """What `expected` says of every tally."""
    return {str(key): float(value.values.sum()) for key, value in expect(WHAT_IFS[what_if]).items()}


def judge(key: str, differences: np.ndarray, mean: float, differing: float, counted: bool) -> str:
    """What is wrong with the differences of one tally, if anything; so many events differ."""
    if differing < ENOUGH:
        return f"{key}: only {differing:.1f} events differ"
    deviation = (differences.mean() - mean) / np.sqrt(differing / SEEDS)
    ratio = differences.var(ddof=1) / differing
    low = 0.0 if counted else LEAST / SLACK
    if abs(deviation) < MOST_DEVIATION and low <= ratio < MOST * SLACK:
        return ""
    return f"{key}: mean {differences.mean():.1f} for {mean:.1f}, variance ratio {ratio:.2f}"


@pytest.mark.parametrize("engine", SAMPLE)
@pytest.mark.parametrize("what_if", CHANGED)
def test_a_difference_varies_by_the_events_that_differ(what_if: str, engine: str) -> None:
    before, after = totals("base", engine), totals(what_if, engine)
    wrong = []
    for key in sorted(CHANGED[what_if]):
        mean = means(what_if)[key] - means("base")[key]
        # A count that is read off its inverse differs by less than points do.
        counted = engine == "events" and key in VIEWS | POINTS | PROBES
        wrong.append(judge(key, after[key] - before[key], mean, abs(mean), counted))
    assert not [line for line in wrong if line], "\n".join(wrong)


@pytest.mark.parametrize("engine", SAMPLE)
def test_every_event_of_the_lower_side_is_one_of_the_higher(engine: str) -> None:
    for seed in range(12):
        runs = {name: run(name, engine, seed) for name in ("fewer", "base", "more", "more power")}
        for low, high in (("fewer", "base"), ("base", "more"), ("base", "more power")):
            for key, counts in runs[low].items():
                if str(key) in CHANGED[high if low == "base" else low]:
                    assert np.all(counts <= runs[high][key]), f"{low} {high} {key}"


@pytest.mark.parametrize("engine", SAMPLE)
def test_hours_of_power_that_come_later_change_only_the_events_in_them(engine: str) -> None:
    # Neither side holds the other: what differs lies in the union of the hours, not in both.
    item = model_of().processes[0]
    both = [
        powered(lambda on, f=f: f(on, LATER_POWER.power.on))
        for f in (np.bitwise_or, np.bitwise_and)
    ]
    most, least = (
        next(
            value
            for key, value in expect(make_model(world, (item,), {})).items()
            if key.outcome == "done"
        )
        for world in both
    )
    differing = float((most.values - least.values).sum())
    before, after = (
        totals("base", engine)["media/done"],
        totals("later power", engine)["media/done"],
    )
    mean = means("later power")["media/done"] - means("base")["media/done"]
    assert differing > 100.0
    assert not judge("media/done", after - before, mean, differing, counted=False)


@pytest.mark.parametrize("engine", SAMPLE)
@pytest.mark.parametrize("what_if", [name for name in WHAT_IFS if name != "base"])
def test_what_a_what_if_does_not_touch_stays_to_the_bit(what_if: str, engine: str) -> None:
    names = TOUCHED[what_if] | ({"street", "yard"} if what_if == "without searches" else set())
    if engine == "hourly" and what_if == "without searches":
        names = set()
    for seed in range(5):
        before, after = run("base", engine, seed), run(what_if, engine, seed)
        kept = [
            key
            for key in before
            if key in after
            and key.process not in names | {""}
            and not key.process.startswith("channel:")
            and not key.outcome.startswith("pattern")
            and key.outcome != "completed"
        ]
        assert kept
        assert {str(key) for key in kept if not np.array_equal(before[key], after[key])} == set()


@pytest.mark.parametrize("engine", SAMPLE)
def test_streams_that_are_not_shared_would_be_found(engine: str) -> None:
    before, other = totals("base", engine), totals("more", engine, first_seed=10_000)
    missed = []
    for key in sorted(CHANGED["more"]):
        mean = means("more")[key] - means("base")[key]
        if not judge(key, other[key] - before[key], mean, abs(mean), counted=True):
            missed.append(key)
        total = means("more")[key] + means("base")[key]
        assert not judge(key, other[key] - before[key], mean, total, counted=False)
    assert not missed


@pytest.mark.parametrize("engine", SAMPLE)
def test_without_its_search_a_camera_sees_almost_the_same(engine: str) -> None:
    # By the hour the very same; as counts, the views that were probes are drawn with the others.
    before, after = totals("base", engine), totals("without searches", engine)
    for key in sorted(VIEWS):
        difference = after[key] - before[key]
        if engine == "hourly" or key.startswith("square"):
            assert not difference.any(), key
            continue
        probes = means("base")["match/probes" if key.startswith("street") else "wrong/probes"]
        assert abs(difference.mean()) < MOST_DEVIATION * np.sqrt(2 * probes / SEEDS)
        assert difference.var(ddof=1) < 2 * probes * MOST * SLACK
