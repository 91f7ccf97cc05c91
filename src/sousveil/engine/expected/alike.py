"""Groups of people that are alike, and classes of an effect that are the same."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import numpy as np
from numba import njit

from sousveil.arrays import Floats, Ints


def merged(*by_group: Floats) -> tuple[Ints, Ints]:
    """First of each class of groups for which arrays (..., G) are alike, and class of each group.

    Most processes know few kinds of people: adults and children, officials and others.
    """
    table = np.concatenate([array.reshape(-1, array.shape[-1]) for array in by_group])
    return _alike(table.view(np.int64))


@njit(cache=True, nogil=True)
def _alike(table: Ints) -> tuple[Ints, Ints]:
    """First of each class of equal columns of (N, G), and class of each column."""
    rows, groups = table.shape
    first, inverse = np.empty(groups, np.int64), np.empty(groups, np.int64)
    known = 0
    for group in range(groups):
        kind = 0
        while kind < known:
            row = 0
            while row < rows and table[row, first[kind]] == table[row, group]:
                row += 1
            if row == rows:
                break
            kind += 1
        if kind == known:
            first[kind] = group
            known += 1
        inverse[group] = kind
    return first[:known], inverse


def distinct_classes(rows: Floats) -> tuple[Floats, Ints]:
    """Distinct rows (C, n) of a few classes, ascending, and how many (C,) are each of them."""
    return _distinct(rows.tobytes(), rows.shape[1])


@lru_cache(maxsize=64)
def _distinct(rows: bytes, width: int) -> tuple[Floats, Ints]:
    """As `distinct_classes`: what-ifs seldom change an effect, and ask again and again."""
    table = np.frombuffer(rows).reshape(-1, width).tolist()
    counted = sorted(Counter(map(tuple, table)).items())
    classes, counts = np.array([row for row, _ in counted]), np.array([n for _, n in counted])
    classes.setflags(write=False)
    counts.setflags(write=False)
    return classes, counts
