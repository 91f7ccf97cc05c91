"""Which hours have a low byte: eight blocks of them are drawn, and looked at, in one go.

Nothing here branches on what was drawn but to go on: no processor could guess it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from sousveil.arrays import Bits, Ints, Thresholds, Words
from sousveil.engine.sampled.kernels.eight import (
    LANE,
    LANES,
    WORDS_OF_LANES,
    eight_blocks,
    in_all_lanes,
    side_by_side,
)
from sousveil.philox import Whole

BYTES = 1
"""Page of the bytes of hours."""
BLOCKS_AT_ONCE = LANES
MOST_BLOCKS = 1032
"""Blocks of the longest run, of 2^14 hours: 43 times sixteen days, of 24 hours each."""
_PLACES = 8 * LANES
"""Bytes of eight blocks in a row: of the first two words of each, or of the others."""
_LATER = np.array(
    [24 * (4 * (place % 4) + 2 * row + place // 4 % 2) for row in (0, 1) for place in range(64)],
    dtype=np.uint32,
)
"""Hours of a place of each row after the first of its block."""
_ROW, _EIGHT, _PLACE_BITS, _BLOCK_BITS = (np.uintp(n) for n in (1, 8, 6, 3))
_BYTES_OF_A_ROW = np.uintp(8 * MOST_BLOCKS)
_ONE, _NONE = np.uint64(1), np.uint64(0)
_instructions: Any = intrinsic  # the compiler itself passes the first argument


class Low(NamedTuple):
    """Hours with a low byte: position and counter of the entity, hour with its layer, byte, word.

    kept: which of them may have points.
    """

    position: Words
    entity: Words
    hour: Words
    byte: Bits
    word: Words
    kept: Ints


class Marks(NamedTuple):
    """Where bytes are low. bits: of 64 places each, never none. part: which 64, row by row."""

    bits: Thresholds
    part: Ints


@_instructions
def _draw(
    typing: Any, k0: Any, k1: Any, stream: Any, entity: Any, name: Any, first: Any, words: Any,
    limits: Any, at: Any, of: Any,
) -> Any:  # fmt: skip
    """Draw eight blocks; gives two times 64 bits: which bytes of a row lie below their limits.

    at: place of the first block in `first` and in the rows of words, (2 x MOST_BLOCKS,), which are
    written. of: place of its limit, eight times that of a byte. name: added to the first hours.
    """

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        k0, k1, stream, entity, name, _, _, _, at, of = arguments

        def place(which: int, kind: Any, index: Any) -> Any:
            array = context.make_array(signature.args[which])(context, builder, arguments[which])
            return builder.bitcast(builder.gep(array.data, [index]), kind.as_pointer())

        hours = builder.load(place(5, WORDS_OF_LANES, at), align=1)
        names = builder.trunc(in_all_lanes(builder, name), WORDS_OF_LANES)
        events = builder.zext(builder.add(hours, names), LANE)
        page = ir.IntType(32)(BYTES)
        who, what, where = (in_all_lanes(builder, word) for word in (entity, stream, page))
        four = eight_blocks(builder, [who, events, what, where], [k0, k1])
        bytes_of = ir.VectorType(ir.IntType(8), _PLACES)
        below = builder.load(place(7, bytes_of, of), align=1)
        found: list[Any] = []
        for row in (0, 1):
            pair = side_by_side(builder, four[2 * row], four[2 * row + 1])
            begin = builder.add(at, at.type(row * MOST_BLOCKS))
            builder.store(pair, place(6, LANE, begin), align=1)
            bits = builder.icmp_unsigned("<", builder.bitcast(pair, bytes_of), below)
            found.append(builder.bitcast(bits, ir.IntType(_PLACES)))
        return context.make_tuple(builder, signature.return_type, found)

    five, two = (types.uint32,) * 5, (types.intp,) * 2
    return types.UniTuple(types.uint64, 2)(*five, first, words, limits, *two), make


@_instructions
def _lowest(typing: Any, bits: Any) -> Any:
    """Place of the lowest of some bits."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.IntType(1)(1))

    return types.uint64(types.uint64), make


@njit(inline="always")
def mark_low(
    k0: np.uint32, k1: np.uint32, stream: np.uint32, entity: np.uint32, name: np.uint32,
    first: Words, words: Thresholds, limits: Thresholds, of: Whole, marks: Marks,
) -> Whole:  # fmt: skip
    """Draw the blocks of one entity and mark the low bytes; returns how many marks there are.

    name: of the layer. first: the first hours of the blocks, a multiple of eight of them. words:
    (2 x MOST_BLOCKS,) is filled. of: place of the first limit.
    """
    m, bits, part = np.uintp(0), marks.bits, marks.part
    for at in range(0, first.size, LANES):
        front, back = _draw(k0, k1, stream, entity, name, first, words, limits, at, of + at)
        bits[m] = front
        part[m] = at >> 2
        m += np.uintp(front != _NONE)
        bits[m] = back
        part[m] = (at >> 2) + 1
        m += np.uintp(back != _NONE)
    return m


@njit(inline="always")
def collect_low(
    marks: Marks, many: Whole, words: Thresholds, first: Words, position: Whole,
    entity: np.uint32, name: np.uint32, low: Low, m: Whole,
) -> Whole:  # fmt: skip
    """Write the hours with a low byte at m, in no order; returns the next m."""
    bytes_of = words.view(np.uint8)
    for k in range(many):
        left, part = marks.bits[k], np.uintp(marks.part[k])
        row, block = np.uintp(part & _ROW), np.uintp(np.uintp(part >> _ROW) * _EIGHT)
        begin = np.uintp(np.uintp(row * _BYTES_OF_A_ROW) + np.uintp(block * _EIGHT))
        while left != _NONE:
            place = np.uintp(_lowest(left))
            hour = np.uint32(first[block + np.uintp(place >> _BLOCK_BITS)] + name)
            low.position[m] = position
            low.entity[m] = entity
            low.hour[m] = np.uint32(hour + _LATER[np.uintp(row << _PLACE_BITS) + place])
            low.byte[m] = bytes_of[begin + place]
            m += np.uintp(1)
            left = np.uint64(left & np.uint64(left - _ONE))
    return m
