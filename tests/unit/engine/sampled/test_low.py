"""Blocks drawn eight at once have the words of the judge, and their low bytes are found."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from sousveil.arrays import Bits, Thresholds, Words
from sousveil.engine.sampled.judge import Plain
from sousveil.engine.sampled.kernels.low import (
    BLOCKS_AT_ONCE,
    BYTES,
    MOST_BLOCKS,
    Low,
    Marks,
    collect_low,
    mark_low,
)
from support.jobs import KEY

STREAM, PLACES = 77, 16


@njit
def found(
    key: Words, entity: np.uint32, name: np.uint32, first: Words, words: Thresholds, limit: Bits
) -> tuple[Low, int]:
    """What is low of one entity, as `fill_hourly` asks for it; limit: (blocks,)."""
    blocks = first.size
    limits = np.empty(blocks, np.uint64)
    for block in range(blocks):
        limits[block] = np.uint64(limit[block]) * np.uint64(0x0101010101010101)
    marks = Marks(np.empty(blocks, np.uint64), np.empty(blocks, np.int64))
    most = 16 * blocks
    low = Low(
        np.empty(most, np.uint32), np.empty(most, np.uint32), np.empty(most, np.uint32),
        np.empty(most, np.uint8), np.empty(most, np.uint32), np.empty(most, np.int64),
    )  # fmt: skip
    of = np.int64(0)
    many = mark_low(
        key[0], key[1], np.uint32(STREAM), entity, name, first, words, limits, of, marks
    )
    m = collect_low(marks, many, words, first, 5, entity, name, low, np.uintp(0))
    return low, m


@pytest.mark.parametrize("entity", [0, 1, 4_294_967_295])
@pytest.mark.parametrize("name", [0, 3 << 15])
@pytest.mark.parametrize("blocks", [8, 24, MOST_BLOCKS])
def test_words_and_low_bytes_are_those_of_the_judge(entity: int, name: int, blocks: int) -> None:
    rng = np.random.default_rng(blocks)
    first = rng.choice(16_384, blocks, replace=False).astype(np.uint32)
    limit = rng.choice([0, 1, 2, 16, 128, 255], blocks).astype(np.uint8)
    words = np.zeros(2 * MOST_BLOCKS, np.uint64)
    key = np.array(KEY, np.uint32)
    low, m = found(key, np.uint32(entity), np.uint32(name), first, words, limit)
    four = Plain(KEY).lanes(STREAM, np.array(entity), first + np.uint32(name), BYTES)
    pairs = words.reshape(2, MOST_BLOCKS)[:, :blocks]
    assert np.array_equal(pairs[0], four[0] | four[1].astype(np.uint64) << np.uint64(32))
    assert np.array_equal(pairs[1], four[2] | four[3].astype(np.uint64) << np.uint64(32))
    byte, word = np.divmod(np.arange(PLACES), 4)  # byte b of word w is day 4 b + w
    bytes_of = four[word] >> (8 * byte).astype(np.uint32)[:, None] & np.uint32(255)
    day, block = np.nonzero(bytes_of < limit)
    expected = sorted(
        zip((first[block] + name + 24 * day).tolist(), bytes_of[day, block].tolist(), strict=True)
    )
    assert sorted(zip(low.hour[:m].tolist(), low.byte[:m].tolist(), strict=True)) == expected
    assert set(low.position[:m].tolist()) <= {5}
    assert set(low.entity[:m].tolist()) <= {entity}
    assert m > 0 or not limit.any()


def test_the_longest_run_has_room() -> None:
    from sousveil.engine.sampled.tables import MOST_HOURS

    days = -(-MOST_HOURS // 24)
    assert 24 * -(-days // 16) == MOST_BLOCKS
    assert MOST_BLOCKS % BLOCKS_AT_ONCE == 0
