"""The compiled kernels equal the NumPy judge to the bit."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from sousveil.engine import kernels
from sousveil.engine.chance import Compiled, Plain, first_of, jumps_of, new_room
from sousveil.engine.counting import count_tables
from sousveil.engine.kernels import Job, Room
from sousveil.rng import threshold
from support.jobs import KEY, make_job

ENTITIES = np.array([0, 1, 5, 4_294_967_295], dtype=np.uint32)


def test_the_kernel_gives_the_known_answer() -> None:
    out = np.empty((4, 1), np.uint32)
    counter = np.array([0x243F6A88], np.uint32), np.array([0x85A308D3], np.uint32)
    key = np.array([0xA4093822, 0x299F31D0], np.uint32)
    kernels.fill_lanes(key, np.uint32(0x13198A2E), np.uint32(0x03707344), *counter, out)
    assert out[:, 0].tolist() == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


@pytest.mark.parametrize("page", [0, 3])
def test_lanes_are_equal(page: int) -> None:
    events = np.arange(7, dtype=np.uint32)
    for entity, event in ((ENTITIES[:, None], events[None, :]), (ENTITIES, 0), (ENTITIES[:0], 0)):
        plain = Plain(KEY).lanes(77, entity, event, page)
        compiled = Compiled(KEY).lanes(77, entity, event, page)
        assert plain.dtype == compiled.dtype == np.uint32
        assert np.array_equal(plain, compiled)


@pytest.mark.parametrize("power", [True, False])
@pytest.mark.parametrize("mean", [1e-9, 0.003, 0.2, 3.0])
@pytest.mark.parametrize("quads", [None, np.array([0, 7, 2189]), np.arange(0)])
def test_events_are_equal(mean: float, quads: np.ndarray | None, power: bool) -> None:
    job = make_job(mean, 30 if mean > 1 else 600, quads, power)
    plain, compiled = Plain(KEY).events(job), Compiled(KEY).events(job)
    for one, other in zip(plain, compiled, strict=True):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)
    assert len(plain.hour) > 0 or mean < 0.1 or quads is not None


def test_a_kernel_out_of_room_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job(2.0, 50)
    whole = Compiled(KEY).events(job)
    calls: list[int] = []
    compiled = kernels.fill_hourly

    def tight(job: Job, start: int, room: Room) -> tuple[int, int]:
        calls.append(start)
        size = 100 * 2 ** len(calls)
        return compiled(job, start, first_of(room, size))

    monkeypatch.setattr(kernels, "fill_hourly", tight)
    parts = Compiled(KEY).events(job)
    assert calls[:5] == [0] * 5, "too little for the first entity"
    assert len(set(calls)) > 3
    for one, other in zip(whole, parts, strict=True):
        assert np.array_equal(one, other)


def test_counts_follow_poisson() -> None:
    # 438,000 hours of mean 0.5, nothing thinned: the mean is known to 0.0011; 5 of these.
    job = make_job(0.5, 50, power=False)
    job = job._replace(thin=np.full((2, 48), 2**32, np.uint64))
    found = Compiled(KEY).events(job)
    count = np.bincount(found.position * 8760 + found.hour, minlength=438_000)
    assert abs(count.mean() - 0.5) < 0.0056
    assert abs(count.var() - 0.5) < 0.01
    assert len(set(zip(found.position, found.number, strict=True))) == len(found.number)


def test_thinning_and_power_take_their_shares() -> None:
    job = make_job(0.5, 50)._replace(thin=threshold(np.full((2, 48), 0.3)))
    found = Compiled(KEY).events(job)
    supplied = job.supply[job.feeder[found.position], found.hour] == 1
    # Expected 438,000 x 0.5 x 0.3 x 2/3 with power; 5 standard deviations of a Poisson count.
    assert abs(supplied.sum() - 43_800) < 5 * np.sqrt(43_800)
    assert abs((~supplied).sum() - 4_380) < 5 * np.sqrt(4_380)


def test_no_float_enters_a_kernel() -> None:
    # Compiled afresh: what comes from the cache has no text to read.
    lanes = numba.njit(kernels.fill_lanes.py_func)
    hourly = numba.njit(kernels.fill_hourly.py_func)
    jumps = numba.njit(kernels.fill_jumps.py_func)
    counts = numba.njit(kernels.fill_counts.py_func)
    job, row = make_job(0.1, 5), np.zeros(4, np.int64)
    key, one, words = np.array([1, 2], np.uint32), np.uint32(5), np.empty((4, 4), np.uint32)
    lanes(key, one, one, ENTITIES, ENTITIES, words)
    hourly(job, 0, new_room(9))
    jumps(job, jumps_of(job), 0, new_room(9))
    counts(ENTITIES, row, count_tables(np.array([2.0])), row.copy())
    for kernel in (lanes, hourly, jumps, counts):
        code = "".join(kernel.inspect_llvm().values())
        assert "icmp" in code, "the text is there"
        for instruction in ("fmul", "fadd", "fsub", "fdiv", "fptoui", "sitofp", "uitofp"):
            assert f" {instruction} " not in code
