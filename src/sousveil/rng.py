"""Chance as a function of counters: Philox 4x32-10.

The key is (seed, member), the counter (entity, event, stream, draw).

Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"; Random123's
known-answer vectors are the test. No state is kept anywhere: the same counters give the same words
on any machine. One block holds four words; hourly draws use block = hour // 4 and lane = hour % 4
of the process's stream.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sousveil.arrays import AnyArray, Floats, Thresholds, Words

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_ROUNDS = 10
WORD_RANGE = 2**32


class Key(NamedTuple):
    """The key of one member: seed and member number, each 0 to 2^32 - 1."""

    seed: int
    member: int


def philox(counter: tuple[AnyArray, AnyArray, AnyArray, AnyArray], key: Key) -> list[Words]:
    """Four output words for every counter; counters broadcast against one another."""
    # Parts meet where the rounds mix them: until then what is alike is worked out once.
    c0, c1, c2, c3 = (np.asarray(item, dtype=np.uint64) for item in counter)
    k0, k1 = int(key.seed), int(key.member)
    for _ in range(_ROUNDS):
        product_0 = _MULTIPLIER_0 * c0
        product_1 = _MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (
            (product_1 >> _SHIFT) ^ c1 ^ np.uint64(k0),
            product_1 & _LOW,
            (product_0 >> _SHIFT) ^ c3 ^ np.uint64(k1),
            product_0 & _LOW,
        )
        k0 = (k0 + _WEYL_0) & 0xFFFFFFFF
        k1 = (k1 + _WEYL_1) & 0xFFFFFFFF
    return [word.astype(np.uint32) for word in np.broadcast_arrays(c0, c1, c2, c3)]


def word(
    key: Key, stream: int, entity: AnyArray, event: AnyArray, draw: AnyArray | int = 0
) -> Words:
    """One word for each (entity, event, draw).

    It is lane `draw % 4` of page `draw // 4` of the block `event` of the stream.
    """
    draw_array = np.asarray(draw, dtype=np.uint64)
    lanes = philox(
        (np.asarray(entity), np.asarray(event), np.asarray(stream), draw_array >> np.uint64(2)), key
    )
    lane = np.broadcast_to(draw_array & np.uint64(3), lanes[0].shape).astype(np.intp)
    return np.choose(lane, lanes).astype(np.uint32)


@lru_cache(maxsize=4_096)
def stream(name: str) -> int:
    """Stable 32-bit number of a stream name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little")


def refuse_clashes(names: Iterable[str]) -> None:
    """Raise ValueError when two stream names share a number."""
    seen: dict[int, str] = {}
    for name in names:
        number = stream(name)
        if seen.get(number, name) != name:
            raise ValueError(
                f"streams {seen[number]!r} and {name!r} share number {number}: rename one"
            )
        seen[number] = name


def threshold(probability: Floats | float) -> Thresholds:
    """Integer T (0 to 2^32, uint64): an event happens when its word is below T."""
    clipped = np.clip(np.asarray(probability, dtype=np.float64), 0.0, 1.0)
    return np.floor(clipped * WORD_RANGE + 0.5).astype(np.uint64)


def happens(words: Words, probability: Floats | float) -> np.ndarray:
    """Whether each word falls below the threshold of its probability."""
    return words.astype(np.uint64) < threshold(probability)
