"""Few members are said beside their ranges."""

from __future__ import annotations

import pytest

from sousveil.ensemble.headlines import FEW, few_members, in_words


@pytest.mark.parametrize(
    ("members", "words"),
    [(0, "without ranges"), (1, "Ranges of 1 member are"), (FEW - 1, "too narrow"), (FEW, "")],
)
def test_ranges_of_few_members_carry_a_note(members: int, words: str) -> None:
    note = few_members(members)
    assert words in note
    assert bool(note) == (members < FEW)


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.93, 0.9957, 0.99996), "99.5 % (93 to 99.9 %)"),
        ((0.5, 1.0, 1.0), "100 % (50 to 100 %)"),
        ((0.001, 0.02, 0.98), "2.0 % (0.10 to 98 %)"),
    ],
)
def test_nearly_everybody_is_not_everybody(ends: tuple[float, ...], words: str) -> None:
    low, median, high = ends
    entry = {"low": low, "median": median, "high": high, "unit": "1", "assumption_driven": False}
    assert in_words(entry) == words
