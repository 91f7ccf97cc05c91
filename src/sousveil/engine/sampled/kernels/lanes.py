"""Words of many counters at once, and the rank of a word among rising cuts."""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Thresholds, Words
from sousveil.philox import Whole, philox_block


@njit(cache=True, nogil=True)
def fill_lanes(
    key: Words, stream: np.uint32, page: np.uint32, entity: Words, event: Words, out: Words
) -> None:
    """Write the four words of every (entity, event) of a stream into out, (4, n)."""
    k0, k1 = key[0], key[1]
    for i in range(entity.size):
        w0, w1, w2, w3 = philox_block(entity[i], event[i], stream, page, k0, k1)
        out[0, i] = w0
        out[1, i] = w1
        out[2, i] = w2
        out[3, i] = w3


@njit(cache=True, nogil=True)
def fill_lanes_by_stream(
    key: Words, stream: Words, page: np.uint32, entity: Words, event: Words, out: Words
) -> None:
    """The same of a stream of each, (n,)."""
    k0, k1 = key[0], key[1]
    for i in range(entity.size):
        w0, w1, w2, w3 = philox_block(entity[i], event[i], stream[i], page, k0, k1)
        out[0, i] = w0
        out[1, i] = w1
        out[2, i] = w2
        out[3, i] = w3


@njit(inline="always")
def rank(cuts: Words | Thresholds, low: Whole, high: Whole, word: np.uint32) -> Whole:
    """How many of the rising cuts from low to high lie at or below a word."""
    begin = low
    while low < high:
        middle = (low + high) // 2
        if word < cuts[middle]:
            high = middle
        else:
            low = middle + 1
    return low - begin
