"""Which hours have a low byte: eight blocks of them are drawn, and looked at, in one go.

Nothing here branches on what was drawn but to go on: no processor could guess it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from sousveil.arrays import Bits, Halves, Thresholds, Words
from sousveil.engine.sampled.kernels.eight import (
    LANE,
    LANES,
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
PLACES = 8 * LANES
"""Bytes of eight blocks in a row: of the first two words of each, or of the others."""
ROWS_OF_A_WORD = 64
_PLACE_BITS = np.uint64(6)
_ONE, _NONE = np.uint64(1), np.uint64(0)
_instructions: Any = intrinsic  # the compiler itself passes the first argument


class Low(NamedTuple):
    """Hours with a low byte: position and counter of the entity, hour with its layer, byte.

    word: (1, n). top: rate of the curve there. told: points, 0 or 1; 2 or more must be counted.
    """

    position: Words
    entity: Words
    hour: Words
    byte: Bits
    word: Words
    top: Thresholds
    told: Bits


class Marks(NamedTuple):
    """What is drawn of one entity, row by row: a row has half of each of eight blocks.

    words: (8 rows,) pairs of words; bytes_of: the same, cut up. low: of every row, which of its
    bytes are low.
    """

    words: Thresholds
    bytes_of: Bits
    low: Thresholds


@_instructions
def _draw(
    typing: Any, k0: Any, k1: Any, stream: Any, entity: Any, name: Any, first: Any, begin: Any,
    limits: Any, of: Any, words: Any, low: Any, at: Any,
) -> Any:  # fmt: skip
    """Draw eight blocks; writes their two rows, and which of their bytes lie below their limits.

    begin: place of the first block in `first`. of: place of its limit, eight times that of a byte.
    at: its place among the words. name: above the bits of an hour.
    """

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        k0, k1, stream, entity, name, _, begin, _, of, _, _, at = arguments

        def place(which: int, kind: Any, index: Any) -> Any:
            array = context.make_array(signature.args[which])(context, builder, arguments[which])
            return builder.bitcast(builder.gep(array.data, [index]), kind.as_pointer())

        hours = builder.load(place(5, LANE, begin), align=1)
        events = builder.xor(hours, in_all_lanes(builder, name))
        page = ir.IntType(32)(BYTES)
        who, what, where = (in_all_lanes(builder, word) for word in (entity, stream, page))
        four = eight_blocks(builder, [who, events, what, where], [k0, k1])
        bytes_of, bits = ir.VectorType(ir.IntType(8), PLACES), ir.IntType(PLACES)
        below = builder.load(place(7, bytes_of, of), align=1)
        number = builder.lshr(at, at.type(2))
        for row in (0, 1):
            pair = side_by_side(builder, four[2 * row], four[2 * row + 1])
            here = builder.add(builder.add(at, at), at.type(row * LANES))
            builder.store(pair, place(9, LANE, here), align=1)
            found = builder.icmp_unsigned("<", builder.bitcast(pair, bytes_of), below)
            to = place(10, bits, builder.add(number, at.type(row)))
            builder.store(builder.bitcast(found, bits), to)
        return context.get_dummy_value()

    five, place = (types.uint32,) * 5, types.intp
    return types.none(*five, first, place, limits, place, words, low, place), make


@_instructions
def _lowest(typing: Any, bits: Any) -> Any:
    """Place of the lowest of some bits."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.IntType(1)(1))

    return types.uint64(types.uint64), make


@_instructions
def _some(typing: Any, low: Any, row: Any) -> Any:
    """Which of eight rows have a low byte, a bit each."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.bitcast(builder.gep(array.data, [arguments[1]]), LANE.as_pointer())
        none = ir.Constant(LANE, [0] * LANES)
        some = builder.icmp_unsigned("!=", builder.load(place, align=1), none)
        return builder.zext(builder.bitcast(some, ir.IntType(LANES)), ir.IntType(64))

    return types.uint64(low, types.intp), make


@njit(inline="always")
def draw_low(
    k0: np.uint32, k1: np.uint32, stream: np.uint32, entity: np.uint32, name: np.uint32,
    first: Thresholds, begin: Whole, end: Whole, limits: Thresholds, of: Whole, marks: Marks,
) -> Whole:  # fmt: skip
    """Draw the blocks of one entity; returns how many rows they are, filled up to a word of them.

    name: of the layer. first: the first hours of the blocks, of which the layer's lie from begin to
    end, a multiple of eight of them. of: place of the limit of the first.
    """
    low = marks.low
    for at in range(0, end - begin, LANES):
        _draw(
            k0, k1, stream, entity, name, first, begin + at, limits, of + at, marks.words, low, at
        )
    rows = (end - begin) >> 2
    filled = (rows + ROWS_OF_A_WORD - 1) // ROWS_OF_A_WORD * ROWS_OF_A_WORD
    for row in range(rows, filled):
        low[row] = _NONE
    return filled


@njit(inline="always")
def fill_hours(first: Thresholds, hours: Halves) -> None:
    """Fill in (16 blocks,) hour of every byte, row by row, from the first hours of blocks."""
    for block in range(first.size):
        for byte in range(16):
            row, place = byte // 8, byte % 8
            day = 4 * (place % 4) + 2 * row + place // 4  # byte b of word w is day 4 b + w
            at = PLACES * (2 * (block // LANES) + row) + 8 * (block % LANES) + place
            hours[at] = np.uint16(first[block] + np.uint64(24 * day))


@njit(inline="always")
def collect_low(
    marks: Marks, rows: Whole, hours: Halves, begin: Whole, position: Whole, entity: np.uint32,
    name: np.uint32, low: Low, m: Whole,
) -> Whole:  # fmt: skip
    """Write the hours with a low byte, row by row, at m; returns the next m.

    begin: of the layer's rows in `hours`.
    """
    bits, bytes_of = marks.low, marks.bytes_of
    for word in range(0, rows, ROWS_OF_A_WORD):
        marked = _NONE
        for eight in range(0, ROWS_OF_A_WORD, LANES):
            marked = np.uint64(marked | np.uint64(_some(bits, word + eight) << np.uint64(eight)))
        while marked != _NONE:
            row = np.uint64(np.uint64(word) + _lowest(marked))
            left, first = bits[np.uintp(row)], np.uint64(row << _PLACE_BITS)
            while left != _NONE:
                place = np.uint64(first + _lowest(left))
                hour = hours[np.uintp(np.uint64(begin) + place)]
                low.position[m] = position
                low.entity[m] = entity
                low.hour[m] = np.uint32(np.uint32(hour) + name)
                low.byte[m] = bytes_of[np.uintp(place)]
                m += np.uintp(1)
                left = np.uint64(left & np.uint64(left - _ONE))
            marked = np.uint64(marked & np.uint64(marked - _ONE))
    return m
