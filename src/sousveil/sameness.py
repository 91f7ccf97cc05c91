"""Whether two frozen values, or two groups, hold the same, arrays element by element."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from typing import Any, cast

import numpy as np
from numba import njit

from sousveil.arrays import AnyArray, Floats, Ints

_PLAIN = frozenset({str, float, int, bool})
_LARGE = 100_000
"""Elements from which it is worth while to look at a part first."""


def same(first: Any, second: Any, skip: frozenset[str] = frozenset()) -> bool:
    """Whether two frozen values are equal, arrays element by element."""
    if first is second:
        return True
    kind = type(first)
    if kind is not type(second):
        return False
    if kind in _PLAIN:
        return bool(first == second)
    if kind is np.ndarray:
        return _same_array(first, second)
    if kind is tuple or kind is list:
        pairs = zip(first, second, strict=False)
        return len(first) == len(second) and all(same(a, b, skip) for a, b in pairs)
    if is_dataclass(kind):
        names = _names(kind, skip)
        return all(same(getattr(first, name), getattr(second, name), skip) for name in names)
    if isinstance(first, Mapping):
        mine = cast("Mapping[Any, Any]", first)
        return list(mine) == list(second) and all(same(mine[k], second[k], skip) for k in mine)
    return bool(first == second)


def _same_array(first: AnyArray, second: AnyArray) -> bool:
    """Whether two arrays hold the same bits; large ones often differ in their first row."""
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    if first.size > _LARGE and first[0].tobytes() != second[0].tobytes():
        return False
    return first.tobytes() == second.tobytes()


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


@cache
def _names(kind: type, skip: frozenset[str]) -> tuple[str, ...]:
    """Fields of a dataclass that matter."""
    return tuple(field.name for field in fields(kind) if field.name not in skip)
