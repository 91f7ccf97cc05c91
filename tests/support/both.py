"""Chance that asks the judge and the kernels alike, and says where they part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.judge import Plain
from sousveil.rng import Key


class Both:
    """Answers as the judge does; every answer of the kernels must be equal to the bit.

    asked: how many values each question brought.
    """

    def __init__(self, key: Key, yearly: bool) -> None:
        self.key, self.yearly = key, yearly
        self.asked: dict[str, int] = {}
        self._plain, self._compiled = Plain(key, yearly), Compiled(key, yearly)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Ask a question, whatever questions there are."""

        def ask(*args: Any, **options: Any) -> Any:
            one = getattr(self._plain, name)(*args, **options)
            other = getattr(self._compiled, name)(*args, **options)
            self.asked[name] = self.asked.get(name, 0) + same(name, one, other)
            return one

        return ask


def same(name: str, one: Any, other: Any) -> int:
    """Refuse two answers that differ in type, shape or a bit; returns how many values they hold."""
    if isinstance(one, tuple):
        assert len(one) == len(other), name
        return sum(
            same(f"{name}.{n}", *pair) for n, pair in enumerate(zip(one, other, strict=True))
        )
    assert isinstance(one, np.ndarray), name
    assert one.dtype == other.dtype, f"{name}: {one.dtype} and {other.dtype}"
    assert np.array_equal(one, other), f"{name}: {one} and {other}"
    return one.size
