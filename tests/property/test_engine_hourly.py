"""What must always hold of the hourly engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sousveil import processes as p
from sousveil.engine.model import Model
from sousveil.engine.sampled.hourly import sample, sample_some
from sousveil.tallies import Key, Tallies
from support.models import (
    AREAS,
    flat,
    make_act,
    make_detection,
    make_encounters,
    make_model,
    make_roll_call,
    make_world,
    sloped,
)

WORLD = make_world(days=14)
MODEL = make_model(WORLD)
HASH = sample(MODEL, 1, 0).tallies.sha256()


def merged(parts: Iterable[Tallies]) -> str:
    """Hash of the sum of several runs."""
    total = Tallies(AREAS, len(WORLD.groups))
    for part in parts:
        total.merge(part)
    return total.sha256()


def of_process(tallies: Tallies, names: set[str]) -> dict[Key, list[list[int]]]:
    """The tallies of some processes."""
    return {k: v.tolist() for k, v in tallies.counts.items() if k.process in names}


# --- Equal bits ---------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("block_units", [1, 3, 7, 64])
def test_neither_threads_nor_blocks_change_a_bit(threads: int, block_units: int) -> None:
    run = sample(MODEL, 1, 0, threads=threads, block_units=block_units)
    assert run.tallies.sha256() == HASH


def test_the_judge_gives_the_same_bits() -> None:
    assert sample(MODEL, 1, 0, compiled=False).tallies.sha256() == HASH


@given(st.permutations(range(10)), st.integers(1, 9))
def test_runs_of_some_units_add_up_in_any_order(order: list[int], cut: int) -> None:
    parts = np.array(order[:cut]), np.array(order[cut:])
    assert merged(sample_some(MODEL, 1, 0, part).tallies for part in parts) == HASH


def test_runs_of_single_units_add_up_to_the_whole() -> None:
    runs = (sample_some(MODEL, 1, 0, np.array([unit])).tallies for unit in range(10))
    assert merged(runs) == HASH


def test_runs_of_single_persons_add_up_to_the_whole() -> None:
    world = replace(
        WORLD,
        people=replace(
            WORLD.people,
            persons=np.array([21, 9, 8]),
            households=np.array([6, 3, 3]),
            units=np.array([2, 1, 1]),
        ),
    )
    model = make_model(world)
    whole = sample(model, 4, 2).tallies.sha256()
    ends = [11, 21, 30, 38]
    starts = [0, 10, 21, 30]
    unit_of = {person: unit for unit in range(4) for person in range(starts[unit], ends[unit])}
    runs = (
        sample_some(model, 4, 2, np.array([unit_of[person]]), np.array([person])).tallies
        for person in range(38)
    )
    assert merged(runs) == whole


# --- Common random numbers ------------------------------------------------------------------------


def test_an_added_channel_changes_no_other_draw() -> None:
    extra = (
        make_detection("drone", "zeppelin"),
        replace(make_encounters()[0], name="extra", channel="zeppelin"),
        make_roll_call(14, name="other_call", channel="zeppelin"),
    )
    more = make_model(WORLD, (*MODEL.processes, *extra))
    names = {item.name for item in MODEL.processes}
    before = of_process(sample(MODEL, 1, 0).tallies, names)
    after = of_process(sample(more, 1, 0).tallies, names)
    # Only who saw an act, and thus whether nobody did, may change.
    same = {k for k in before if not k.outcome.startswith("pattern") and k.outcome != "completed"}
    assert {k: before[k] for k in same} == {k: after[k] for k in same}


def test_the_order_of_processes_does_not_matter() -> None:
    turned = make_model(WORLD, tuple(reversed(MODEL.processes)))
    assert sample(turned, 1, 0).tallies.sha256() == HASH


@given(st.sampled_from([1.0, 1.5, 3.0, 20.0]))
def test_a_higher_rate_keeps_every_event(factor: float) -> None:
    base = make_act(gate=p.NO_GATE, effect=None, marks=(), completes={})
    more = replace(base, rate=base.rate * factor)
    eye = make_detection("eye", "camera", effect=None)
    low = sample(make_model(WORLD, (base, eye)), 3, 0).tallies
    high = sample(make_model(WORLD, (more, eye)), 3, 0).tallies
    for outcome in (Key("media", "done"), Key("eye", "noticed"), Key("eye", "cases")):
        assert np.all(high.counts[outcome] >= low.counts[outcome])


def test_power_only_thins() -> None:
    dark, lit = (make_world(days=14, power=share) for share in (0.3, 1.0))
    items = make_encounters()
    some, every = (sample(make_model(w, tuple(items)), 3, 0).tallies for w in (dark, lit))
    for key, counts in some.counts.items():
        if key.outcome in {"detect", "identify", "probes", "named", "wrong"}:
            assert np.all(counts <= every.counts[key])


# --- What the model means -------------------------------------------------------------------------


def test_without_power_nothing_gated_sees() -> None:
    gated = p.Gate("state", 1.0, 0.0)
    eye = make_detection("eye", "camera", gate=gated)
    street = replace(make_encounters()[0], gate=gated)
    tallies = sample(
        make_model(make_world(days=14, power=0.0), (make_act(), eye, street)), 1, 0
    ).tallies
    assert tallies.total(Key("media", "done")) > 0
    assert tallies.total(Key("eye", "noticed")) == 0
    assert tallies.total(Key("street", "detect")) == 0


def test_an_act_done_only_without_power_is_never_seen_by_a_powered_channel() -> None:
    # On average, acts and cameras both have half of the hours: hour by hour they never meet.
    act = make_act(rate=0.05, gate=p.Gate("home", 0.0, 1.0))
    eye = make_detection(
        "eye", "camera", gate=p.Gate("home", 1.0, 0.0), notice=flat(1.0), effect=None
    )
    tallies = sample(make_model(WORLD, (act, eye)), 1, 0).tallies
    assert tallies.total(Key("media", "done")) > 1000
    assert tallies.total(Key("eye", "noticed")) == 0


@given(st.integers(0, 2**32 - 1))
def test_excuses_remove_the_flags_that_power_caused(seed: int) -> None:
    blame, excuse = (
        make_model(WORLD, (make_roll_call(14, excuse_without_power=excused),), {})
        for excused in (False, True)
    )
    before, after = (sample(model, seed, 0).tallies for model in (blame, excuse))
    assert after.total(Key("broadcast", "cause:power")) == 0
    assert after.total(Key("broadcast", "reported")) <= before.total(Key("broadcast", "reported"))
    assert after.total(Key("broadcast", "recorded")) == before.total(Key("broadcast", "recorded"))
    assert np.all(
        after.counts[Key("broadcast", "founded")] <= before.counts[Key("broadcast", "founded")]
    )


def test_twice_the_people_are_twice_the_events() -> None:
    items = (
        make_act(effect=None),
        make_detection("eye", "camera", effect=None),
        replace(make_encounters()[0], effect=None),
    )
    one, two = (make_model(make_world(days=14, scale=scale), items) for scale in (10, 20))
    low, high = (sample(model, 1, 0).tallies for model in (one, two))
    for key in (Key("media", "done"), Key("eye", "noticed"), Key("street", "identify")):
        count = low.total(key)
        assert count > 500
        # Twice a Poisson count: standard deviation sqrt(2 n + 4 n); 5 of these.
        assert abs(high.total(key) - 2 * count) < 5 * np.sqrt(6 * count)


def test_sums_agree_with_one_another() -> None:
    tallies = sample(MODEL, 9, 9).tallies

    def total(process: str, *outcomes: str) -> int:
        return sum(tallies.total(Key(process, outcome)) for outcome in outcomes)

    for act in ("media", "travel"):
        patterns = [
            k.outcome for k in tallies.counts if k.process == act and "pattern" in k.outcome
        ]
        assert total(act, *patterns) == total(act, "done")
        assert total(act, "completed") <= total(act, "pattern:0")
    for search in ("match", "match2"):
        assert total(search, "named", "wrong") <= total(search, "probes")
        assert total(search, "persons_named_30") <= total(search, "persons_named_365")
    assert total("match", "reported") == total("match", "named", "wrong")
    assert total("street", "detect") >= total("street", "recognise") >= total("street", "identify")
    assert total("broadcast", "household_events") >= total("broadcast", "recordable")
    assert total("broadcast", "recordable") >= total("broadcast", "recorded")
    for name in {k.process for k in tallies.counts if k.outcome == "reported"}:
        staying = total(name, "founded", "unfounded")
        assert total(name, "reported") == total(name, "dropped") + staying
        assert staying == total(name, "extorted", "cases")
        assert total(name, "coincident") <= total(name, "unfounded")


@pytest.mark.parametrize("scale", [0.1, 0.5])
def test_a_sample_is_part_of_the_whole(scale: float) -> None:
    world = make_world(days=5, scale=8)
    model = make_model(world)
    part, whole = sample(model, 1, 0, scale=scale), sample(model, 1, 0)
    for key, counts in part.tallies.counts.items():
        if key.outcome not in {"dropped"}:
            assert np.all(counts <= whole.tallies.counts[key])


def test_a_far_higher_rate_keeps_what_happens_in_the_base() -> None:
    act = make_act(effect=None, marks=(), completes={})
    ninety = replace(act, rate=sloped(0.9))
    base, more = (Model(WORLD, (item,), {}, {}) for item in (act, ninety))
    low, high = sample(base, 1, 0).tallies, sample(more, 1, 0).tallies
    assert np.all(high.counts[Key("media", "done")] >= low.counts[Key("media", "done")])
    ratio = high.total(Key("media", "done")) / low.total(Key("media", "done"))
    assert 80 < ratio < 100
