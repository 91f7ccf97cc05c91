"""Whether two frozen values hold the same, arrays element by element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, cast

import numpy as np

from sousveil.arrays import AnyArray

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


@cache
def _names(kind: type, skip: frozenset[str]) -> tuple[str, ...]:
    """Fields of a dataclass that matter."""
    return tuple(field.name for field in fields(kind) if field.name not in skip)
