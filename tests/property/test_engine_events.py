"""What must always hold of the events engine: as of the hourly one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sousveil import processes as p
from sousveil.engine.run import run_engine
from sousveil.engine.sampled import hourly
from sousveil.engine.sampled.events import sample
from sousveil.tallies import Key
from support.models import (
    make_act,
    make_detection,
    make_encounters,
    make_model,
    make_roll_call,
    make_world,
)

WORLD = make_world(days=14)
MODEL = make_model(WORLD)
HASH = sample(MODEL, 1, 0).tallies.sha256()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("block_units", [1, 3, 7, 64])
def test_neither_threads_nor_blocks_change_a_bit(threads: int, block_units: int) -> None:
    run = sample(MODEL, 1, 0, threads=threads, block_units=block_units)
    assert run.tallies.sha256() == HASH


def test_the_judge_gives_the_same_bits() -> None:
    assert sample(MODEL, 1, 0, compiled=False).tallies.sha256() == HASH


def test_it_answers_to_its_name_with_the_same_tallies() -> None:
    found = run_engine("events", MODEL, 1, 0)
    assert found.tallies.sha256() == HASH  # pyright: ignore[reportAttributeAccessIssue]
    assert set(found.tallies.counts) == set(hourly.sample(MODEL, 1, 0).tallies.counts)  # pyright: ignore[reportAttributeAccessIssue]


def test_people_traits_and_roll_calls_are_the_same_as_hour_by_hour() -> None:
    one, other = sample(MODEL, 1, 0).tallies, hourly.sample(MODEL, 1, 0).tallies
    for key, counts in one.counts.items():
        if key.process == "broadcast" or key.outcome == "persons":
            assert np.array_equal(counts, other.counts[key])


def test_an_added_channel_changes_no_other_draw() -> None:
    extra = (
        make_detection("drone", "zeppelin"),
        replace(make_encounters()[0], name="extra", channel="zeppelin"),
        make_roll_call(14, name="other_call", channel="zeppelin"),
    )
    after = sample(make_model(WORLD, (*MODEL.processes, *extra)), 1, 0).tallies
    for key, counts in sample(MODEL, 1, 0).tallies.counts.items():
        alone = key.process and not key.outcome.startswith("pattern") and key.outcome != "completed"
        if alone:
            assert np.array_equal(counts, after.counts[key]), key


@given(st.sampled_from([1.0, 1.5, 3.0, 20.0]))
def test_a_higher_rate_keeps_every_event(factor: float) -> None:
    act = make_act(gate=p.NO_GATE, effect=None, marks=(), completes={})
    street, match = make_encounters()[0], make_encounters()[2]
    eye = make_detection("eye", "camera", effect=None)
    low, high = (
        sample(
            make_model(
                WORLD,
                (
                    replace(act, rate=act.rate * by),
                    eye,
                    replace(street, rate=street.rate * by),
                    match,
                ),
            ),
            3,
            0,
        ).tallies
        for by in (1.0, factor)
    )
    for key, counts in low.counts.items():
        if key.outcome in {"done", "noticed", "detect", "identify", "probes", "named"}:
            assert np.all(high.counts[key] >= counts), key


def test_power_only_thins() -> None:
    items = tuple(make_encounters())
    dark, lit = (make_model(make_world(days=14, power=share), items) for share in (0.3, 1.0))
    some, every = (sample(model, 3, 0).tallies for model in (dark, lit))
    for key, counts in some.counts.items():
        if key.outcome in {"detect", "identify", "probes", "named", "wrong"}:
            assert np.all(counts <= every.counts[key]), key


def test_without_power_nothing_gated_sees() -> None:
    gated = p.Gate("state", 1.0, 0.0)
    eye = make_detection("eye", "camera", gate=gated)
    street = replace(make_encounters()[0], gate=gated)
    model = make_model(make_world(days=14, power=0.0), (make_act(), eye, street))
    tallies = sample(model, 1, 0).tallies
    assert tallies.total(Key("media", "done")) > 0
    assert tallies.total(Key("eye", "noticed")) == 0
    assert tallies.total(Key("street", "detect")) == 0


@pytest.mark.parametrize("scale", [0.1, 0.5])
def test_a_sample_is_part_of_the_whole(scale: float) -> None:
    model = make_model(make_world(days=5, scale=8))
    part, whole = sample(model, 1, 0, scale=scale), sample(model, 1, 0)
    for key, counts in part.tallies.counts.items():
        assert np.all(counts <= whole.tallies.counts[key])
