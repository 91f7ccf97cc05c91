"""A function that remembers gives the very same value for the same arguments, and no other's."""

from __future__ import annotations

import numpy as np

from sousveil.arrays import Floats
from sousveil.remembered import Kept, remembered

CALLS: list[float] = []


@remembered(2)
def scaled(values: Floats, factors: dict[str, float]) -> Floats:
    CALLS.append(factors["by"])
    return values * factors["by"]


def test_the_same_arguments_give_the_very_same_value() -> None:
    first = scaled(np.arange(3.0), {"by": 2.0})
    assert scaled(np.arange(3.0), {"by": 2.0}) is first
    assert (scaled(np.arange(3.0), {"by": 3.0}) == [0.0, 3.0, 6.0]).all()
    assert (scaled(np.arange(1.0, 4.0), {"by": 2.0}) == [2.0, 4.0, 6.0]).all()


def test_only_the_last_results_are_remembered() -> None:
    CALLS.clear()
    for factor in (5.0, 6.0, 7.0, 6.0, 5.0):
        scaled(np.ones(1), {"by": factor})
    assert CALLS == [5.0, 6.0, 7.0, 5.0]


def test_what_is_kept_is_worked_out_once_until_there_is_too_much() -> None:
    made: list[str] = []
    kept = Kept[int](2)

    def ask(label: str) -> int:
        return kept(label, lambda: made.append(label) or len(made))

    assert [ask("a"), ask("b"), ask("a"), ask("b")] == [1, 2, 1, 2]
    assert [ask("c"), ask("c"), ask("a")] == [3, 3, 4]
    assert made == ["a", "b", "c", "a"]
