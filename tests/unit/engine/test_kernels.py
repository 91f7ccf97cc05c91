"""The compiled kernels equal the NumPy judge to the bit."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from sousveil.engine import chance as chance_module
from sousveil.engine import kernels
from sousveil.engine.chance import Compiled, Plain
from sousveil.engine.tables import poisson_thresholds
from sousveil.rng import Key

KEY = Key(123, 4_294_967_295)
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


@pytest.mark.parametrize("mean", [1e-9, 0.003, 0.2, 3.0])
@pytest.mark.parametrize("quads", [np.arange(2190), np.array([0, 7, 2189]), np.arange(0)])
def test_candidates_are_equal(mean: float, quads: np.ndarray) -> None:
    entity = np.arange(600, dtype=np.uint32) * 7
    blocks, thresholds = quads.astype(np.uint32), poisson_thresholds(mean)
    plain = Plain(KEY).candidates(5, entity, blocks, thresholds)
    compiled = Compiled(KEY).candidates(5, entity, blocks, thresholds)
    for one, other in zip(plain, compiled, strict=True):
        assert np.array_equal(one, other)


def test_a_kernel_out_of_room_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance_module, "_ROOM_AT_LEAST", 0)
    entity, quads = np.arange(50, dtype=np.uint32), np.arange(100, dtype=np.uint32)
    thresholds = poisson_thresholds(2.0)
    plain = Plain(KEY).candidates(5, entity, quads, thresholds)
    compiled = Compiled(KEY).candidates(5, entity, quads, thresholds)
    for one, other in zip(plain, compiled, strict=True):
        assert np.array_equal(one, other)


def test_counts_follow_poisson() -> None:
    # 400,000 hours of mean 0.5: the mean is known to 0.0011; 5 of these.
    entity, quads = np.arange(200, dtype=np.uint32), np.arange(500, dtype=np.uint32)
    _, _, count = Compiled(Key(1, 1)).candidates(9, entity, quads, poisson_thresholds(0.5))
    assert abs(count.sum() / 400_000 - 0.5) < 0.0056
    variance = ((count.astype(float) ** 2).sum() / 400_000) - (count.sum() / 400_000) ** 2
    assert abs(variance - 0.5) < 0.01


def test_no_float_enters_a_kernel() -> None:
    # Compiled afresh: what comes from the cache has no text to read.
    lanes = numba.njit(kernels.fill_lanes.py_func)
    candidates = numba.njit(kernels.fill_candidates.py_func)
    key, one, words = np.array([1, 2], np.uint32), np.uint32(5), np.empty((4, 4), np.uint32)
    lanes(key, one, one, ENTITIES, ENTITIES, words)
    found = np.empty((3, 99), np.int64)
    candidates(key, one, ENTITIES, ENTITIES[:1], poisson_thresholds(0.1), 0, found)
    for kernel in (lanes, candidates):
        code = "".join(kernel.inspect_llvm().values())
        assert "philox" in code or "xor" in code
        for instruction in ("fmul", "fadd", "fsub", "fdiv", "fptoui", "sitofp", "uitofp"):
            assert f" {instruction} " not in code
