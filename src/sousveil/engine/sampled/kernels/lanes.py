"""Words of many counters at once, and the rank of a word among rising cuts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from sousveil.arrays import Thresholds, Words
from sousveil.engine.sampled.kernels.eight import (
    LANE,
    LANES,
    WORDS_OF_LANES,
    eight_blocks,
    in_all_lanes,
)
from sousveil.philox import Whole, philox_block

COUNTERS = LANES
"""Counters that `words_of` draws in one go."""
_instructions: Any = intrinsic  # the compiler itself passes the first argument


def words_of(*wanted: int) -> Any:
    """An instruction that writes some of the four words of eight counters.

    Its arguments: key and stream and page, the same of all; entity, event: (n,); at: place of the
    first of them; out: (wanted, n). It reads and writes eight of each, whatever they are.
    """

    @_instructions
    def draw(
        typing: Any, k0: Any, k1: Any, stream: Any, page: Any, entity: Any, event: Any, at: Any,
        out: Any,
    ) -> Any:  # fmt: skip
        def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            arrays = [
                context.make_array(signature.args[which])(context, builder, arguments[which])
                for which in (4, 5, 7)
            ]
            k0, k1, stream, page, _, _, at, _ = arguments

            def place(array: Any, index: Any) -> Any:
                return builder.bitcast(
                    builder.gep(array.data, [index]), WORDS_OF_LANES.as_pointer()
                )

            who, what = (
                builder.zext(builder.load(place(array, at), align=1), LANE) for array in arrays[:2]
            )
            both = [in_all_lanes(builder, word) for word in (stream, page)]
            four = eight_blocks(builder, [who, what, *both], [k0, k1])
            width = builder.extract_value(arrays[2].shape, 1)
            for row, word in enumerate(wanted):
                index = builder.add(at, builder.mul(width, width.type(row)))
                words = builder.trunc(four[word], WORDS_OF_LANES)
                builder.store(words, place(arrays[2], index), align=1)
            return context.get_dummy_value()

        return types.none(*(types.uint32,) * 4, entity, event, types.intp, out), make

    return draw


draw_words = words_of(0, 1, 2, 3)


@njit(cache=True, nogil=True)
def fill_lanes(
    key: Words, stream: np.uint32, page: np.uint32, entity: Words, event: Words, out: Words
) -> None:
    """Write the four words of every (entity, event) of a stream into out, (4, n)."""
    k0, k1, whole = key[0], key[1], entity.size // COUNTERS * COUNTERS
    for at in range(0, whole, COUNTERS):
        draw_words(k0, k1, stream, page, entity, event, at, out)
    for i in range(whole, entity.size):
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
