"""Philox 4x32-10 of eight counters at once, in the compiler's own language.

The compiler finds vectors in a loop over :func:`sousveil.philox.philox_block`, too, but the words
must then go through memory to whoever looks at them, and high halves come down to shifts, for which
a processor has half the room that it has for moving words about. Here words stay where they are.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

LANES = 8
_WORD, _WIDE = ir.IntType(32), ir.IntType(64)
WORDS_OF_LANES = ir.VectorType(_WORD, LANES)
"""A word of each counter."""
LANE = ir.VectorType(_WIDE, LANES)
"""A word of each counter, in the lower half; the upper half is not looked at."""
_HALVES = ir.VectorType(_WORD, 2 * LANES)
_MULTIPLIERS, _WEYL, _ROUNDS = (0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85), 10


def eight_blocks(builder: Any, counter: list[Any], key: list[Any]) -> list[Any]:
    """Four words of eight counters, as lanes.

    counter: four lanes. key: two words, the same of all counters.
    """
    c0, c1, c2, c3 = counter
    first, second = (ir.Constant(LANE, [number] * LANES) for number in _MULTIPLIERS)
    for number in range(_ROUNDS):
        k0, k1 = (
            in_all_lanes(builder, builder.add(word, _WORD(number * step % 2**32)))
            for word, step in zip(key, _WEYL, strict=True)
        )
        p0 = builder.mul(_lower(builder, c0), first)
        p1 = builder.mul(_lower(builder, c2), second)
        c0 = builder.xor(builder.xor(_upper(builder, p1), c1), k0)
        c2 = builder.xor(builder.xor(_upper(builder, p0), c3), k1)
        c1, c3 = p1, p0
    return [c0, c1, c2, c3]


def in_all_lanes(builder: Any, word: Any) -> Any:
    """One word in all lanes."""
    nothing = ir.Constant(LANE, ir.Undefined)
    first = builder.insert_element(nothing, builder.zext(word, _WIDE), _WORD(0))
    return builder.shuffle_vector(first, nothing, ir.Constant(WORDS_OF_LANES, [0] * LANES))


def side_by_side(builder: Any, one: Any, other: Any) -> Any:
    """Two words of each counter, the second in the upper half of the lane."""
    places = [place // 2 * 2 + 2 * LANES * (place % 2) for place in range(2 * LANES)]
    return _mixed(builder, one, other, places)


def _upper(builder: Any, lanes: Any) -> Any:
    """The upper half of each lane, in both halves."""
    return _mixed(builder, lanes, lanes, [place | 1 for place in range(2 * LANES)])


def _lower(builder: Any, lanes: Any) -> Any:
    """The lower half of each lane; it costs nothing, because a product looks at no more."""
    return builder.and_(lanes, ir.Constant(LANE, [2**32 - 1] * LANES))


def _mixed(builder: Any, one: Any, other: Any, places: list[int]) -> Any:
    """Lanes of halves, each from a place of both."""
    halves = [builder.bitcast(lanes, _HALVES) for lanes in (one, other)]
    mixed = builder.shuffle_vector(*halves, ir.Constant(_HALVES, places))
    return builder.bitcast(mixed, LANE)
