"""Philox 4x32-10 compiled: the four words of a counter, on integers only.

Sums of uint32 widen to 64 bits in the compiler, so every result is cast back; rounds are unrolled
by hand and inlined at the source: else nothing vectorises (0.4 against 2.7 billion words a second).

Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_SHIFT = np.uint64(32)
# Weyl steps of the key, one for each round after the first.
_W0_1 = np.uint32(0x9E3779B9)
_W0_2 = np.uint32(0x3C6EF372)
_W0_3 = np.uint32(0xDAA66D2B)
_W0_4 = np.uint32(0x78DDE6E4)
_W0_5 = np.uint32(0x1715609D)
_W0_6 = np.uint32(0xB54CDA56)
_W0_7 = np.uint32(0x5384540F)
_W0_8 = np.uint32(0xF1BBCDC8)
_W0_9 = np.uint32(0x8FF34781)
_W1_1 = np.uint32(0xBB67AE85)
_W1_2 = np.uint32(0x76CF5D0A)
_W1_3 = np.uint32(0x32370B8F)
_W1_4 = np.uint32(0xED9EBA14)
_W1_5 = np.uint32(0xA9066899)
_W1_6 = np.uint32(0x646E171E)
_W1_7 = np.uint32(0x1FD5C5A3)
_W1_8 = np.uint32(0xDB3D7428)
_W1_9 = np.uint32(0x96A522AD)

Four: TypeAlias = tuple[np.uint32, np.uint32, np.uint32, np.uint32]
Whole: TypeAlias = Any
"""A whole number of whatever width the compiler gives it."""


@njit(inline="always")
def _round(
    c0: np.uint32, c1: np.uint32, c2: np.uint32, c3: np.uint32, k0: np.uint32, k1: np.uint32
) -> Four:
    """One round of Philox."""
    p0 = np.uint64(_M0 * np.uint64(c0))
    p1 = np.uint64(_M1 * np.uint64(c2))
    return (
        np.uint32(np.uint32(np.uint32(p1 >> _SHIFT) ^ c1) ^ k0),
        np.uint32(p1),
        np.uint32(np.uint32(np.uint32(p0 >> _SHIFT) ^ c3) ^ k1),
        np.uint32(p0),
    )


@njit(inline="always")
def philox_block(c0: Whole, c1: Whole, c2: Whole, c3: Whole, k0: Whole, k1: Whole) -> Four:
    """Four words of one counter under one key."""
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_1), np.uint32(k1 + _W1_1))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_2), np.uint32(k1 + _W1_2))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_3), np.uint32(k1 + _W1_3))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_4), np.uint32(k1 + _W1_4))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_5), np.uint32(k1 + _W1_5))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_6), np.uint32(k1 + _W1_6))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_7), np.uint32(k1 + _W1_7))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_8), np.uint32(k1 + _W1_8))
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, np.uint32(k0 + _W0_9), np.uint32(k1 + _W1_9))
    return c0, c1, c2, c3
