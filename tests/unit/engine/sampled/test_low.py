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
    ROWS_OF_A_WORD,
    Low,
    Marks,
    collect_low,
    draw_low,
    fill_hours,
)
from support.jobs import KEY

STREAM, PLACES = 77, 16


@njit
def found(
    key: Words, entity: np.uint32, name: np.uint32, first: Thresholds, begin: int, limit: Bits
) -> tuple[Low, int, Thresholds]:
    """What is low of one entity, as `fill_hourly` asks for it, and its words; limit: (blocks,).

    begin: place of the first of its blocks in `first`.
    """
    blocks = limit.size
    limits = np.empty(blocks, np.uint64)
    for block in range(blocks):
        limits[block] = np.uint64(limit[block]) * np.uint64(0x0101010101010101)
    words, hours = np.zeros(2 * blocks, np.uint64), np.empty(16 * first.size, np.uint16)
    bits = np.full(blocks + ROWS_OF_A_WORD, 1, np.uint64)  # what an earlier entity has left there
    marks, most = Marks(words, words.view(np.uint8), bits), 16 * blocks
    low = Low(
        np.empty(most, np.uint32), np.empty(most, np.uint32), np.empty(most, np.uint32),
        np.empty(most, np.uint8), np.empty((1, most), np.uint32), np.empty(most, np.uint64),
        np.empty(most, np.uint8),
    )  # fmt: skip
    fill_hours(first, hours)
    rows = draw_low(
        key[0], key[1], np.uint32(STREAM), entity, name, first, begin, first.size, limits,
        np.int64(0), marks,
    )  # fmt: skip
    m = collect_low(marks, rows, hours, 16 * begin, 5, entity, name, low, np.uintp(0))
    return low, m, words


@pytest.mark.parametrize("entity", [0, 1, 4_294_967_295])
@pytest.mark.parametrize("name", [0, 3 << 15])
@pytest.mark.parametrize("blocks", [8, 24, MOST_BLOCKS])
def test_words_and_low_bytes_are_those_of_the_judge(entity: int, name: int, blocks: int) -> None:
    rng = np.random.default_rng(blocks)
    first = rng.choice(16_384, blocks, replace=False).astype(np.uint64)
    limit = rng.choice([0, 1, 2, 16, 128, 255], blocks).astype(np.uint8)
    key = np.array(KEY, np.uint32)
    before = rng.choice(16_384, 8).astype(np.uint64)  # of an earlier layer
    every = np.concatenate([before, first])
    low, m, words = found(key, np.uint32(entity), np.uint32(name), every, len(before), limit)
    four = Plain(KEY).lanes(STREAM, np.array(entity), (first + name).astype(np.uint32), BYTES)
    rows = words.reshape(-1, 2, BLOCKS_AT_ONCE)  # row by row: half of each of eight blocks
    for half in (0, 1):
        pair = four[2 * half] | four[2 * half + 1].astype(np.uint64) << np.uint64(32)
        assert np.array_equal(rows[:, half].reshape(-1), pair)
    byte, word = np.divmod(np.arange(PLACES), 4)  # byte b of word w is day 4 b + w
    bytes_of = four[word] >> (8 * byte).astype(np.uint32)[:, None] & np.uint32(255)
    day, block = np.nonzero(bytes_of < limit)
    expected = sorted(
        zip(
            (first[block].astype(int) + name + 24 * day).tolist(),
            bytes_of[day, block].tolist(),
            strict=True,
        )
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
