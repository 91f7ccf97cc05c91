"""Shapley values of small games known by heart."""

from __future__ import annotations

import pytest

from sousveil.ensemble.orders import shapley, subsets


def test_gloves() -> None:
    # Two left gloves, one right: a pair is worth 1; the right one is scarce.
    def worth(some: frozenset[str]) -> float:
        return float("right" in some and len(some) > 1)

    found = shapley(["left", "other_left", "right"], worth)
    assert found == pytest.approx({"left": 1 / 6, "other_left": 1 / 6, "right": 2 / 3})


def test_values_add_up_to_the_whole() -> None:
    names = ["a", "b", "c", "d"]
    found = shapley(names, lambda some: float(len(some) ** 2))
    assert sum(found.values()) == pytest.approx(16)
    assert len(set(map(round, found.values()))) == 1


def test_every_subset_once() -> None:
    assert len(subsets("abcd")) == 16
    assert subsets("ab") == [(), ("a",), ("b",), ("a", "b")]
