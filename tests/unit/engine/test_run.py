"""Engines by name, progress, weights, and who may interrupt."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.engine.run import run_engine
from sousveil.engine.sampled.blocks import Sampled
from sousveil.engine.sampled.hourly import sample
from sousveil.tallies import Key
from support.models import make_model, make_world

WORLD = make_world(days=5)
MODEL = make_model(WORLD)


def test_hourly_by_name() -> None:
    found = run_engine("hourly", MODEL, 1, 2)
    assert isinstance(found, Sampled)
    assert found.tallies.sha256() == sample(MODEL, 1, 2).tallies.sha256()
    assert set(found.tallies.counts) == set(MODEL.keys())


@pytest.mark.parametrize(("name", "message"), [("quick", "quick: expected one of"), ("", "one of")])
def test_an_unknown_engine_is_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        run_engine(name, MODEL, 1, 2)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_counts_blocks(threads: int) -> None:
    seen: list[tuple[int, int]] = []
    sample(MODEL, 1, 0, threads=threads, block_units=3, progress=lambda *at: seen.append(at))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_ends_the_run(threads: int) -> None:
    def fail(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample(MODEL, 1, 0, threads=threads, block_units=1, progress=fail)


def test_weights_bring_a_sample_back_to_the_whole() -> None:
    world = make_world(days=2, scale=30)
    found = sample(make_model(world), 1, 0, scale=0.1)
    assert found.weight * found.persons.sum(axis=1) == pytest.approx(world.people.persons)
    assert found.weight == pytest.approx([10.0] * 3, rel=0.05)
    assert np.array_equal(found.persons, found.tallies.counts[Key("", "persons")])
    assert sample(make_model(world), 1, 0).weight.tolist() == [1.0] * 3


@pytest.mark.parametrize(("seed", "member"), [(-1, 0), (0, -1), (2**32, 0), (0, 2**32)])
def test_a_seed_out_of_range_is_refused(seed: int, member: int) -> None:
    with pytest.raises(ValueError, match="0 to 4294967295"):
        sample(MODEL, seed, member)


def test_seed_zero_is_a_seed() -> None:
    hashes = {sample(MODEL, seed, 0).tallies.sha256() for seed in (0, 1, 2**32 - 1)}
    assert len(hashes) == 3
