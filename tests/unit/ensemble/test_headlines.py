"""Few members are said beside their ranges."""

from __future__ import annotations

import pytest

from sousveil.ensemble.headlines import FEW, few_members


@pytest.mark.parametrize(
    ("members", "words"),
    [(0, "without ranges"), (1, "Ranges of 1 member are"), (FEW - 1, "too narrow"), (FEW, "")],
)
def test_ranges_of_few_members_carry_a_note(members: int, words: str) -> None:
    note = few_members(members)
    assert words in note
    assert bool(note) == (members < FEW)
