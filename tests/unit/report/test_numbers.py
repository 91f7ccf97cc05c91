"""Numbers as a reader meets them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sousveil.report.numbers import amount, number, percent, phrase, significant, spread, telling


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1234, "1,200"),
        (0.0344, "0.034"),
        (1_234_567, "1.2 million"),
        (999_999, "1 million"),
        (2.5e9, "2.5 billion"),
        (-17.2, "−17"),
        (1e-8, "less than 0.000001"),
        (-1e-12, "0"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_a_number_in_plain_words(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.123, "12%"), (1.0, "100%"), (0.9996, "99.9%"), (1e-7, "under 0.0001%"), (-0.5, "−50%")],
)
def test_a_share_is_a_percentage(share: float, text: str) -> None:
    assert percent(share) == text


def test_nearly_everybody_is_not_everybody_but_rounding_is() -> None:
    assert percent(0.99961) == "99.9%"
    assert percent(1.0 - 1e-12) == "100%"


def test_the_ends_of_a_narrow_range_are_told_apart() -> None:
    assert telling(17_210.0, 17_214.0) == 5
    assert spread(17_210.0, 17_214.0, "person", digits=5) == "17,210 to 17,214 people"
    assert telling(1.0, 9.0) == 2
    assert telling(5.0, 5.0) == 6


def test_the_unit_is_said_once() -> None:
    assert spread(300, 4000, "person") == "300 to 4,000 people"
    assert spread(0.03, 0.4, "1") == "3% to 40%"
    assert amount(3.4, "h/day") == "3.4 hours a day"


def test_an_assumption_driven_number_puts_its_range_first_with_one_digit() -> None:
    assert phrase(18_300, 210_000, 2_450_000, "", coarse=True) == (
        "20,000 to 2 million (middle 200,000)"
    )
    assert phrase(1.2, 1.5, 1.9, "", coarse=True) == "1.2 to 1.9 (middle 1.5)"
    assert phrase(0.1, 0.2, 0.4, "1") == "20% (10% to 40%)"


def test_a_range_that_is_a_point_is_written_once() -> None:
    assert spread(5, 5, "person") == "5 people"


@given(st.floats(1e-5, 1e8), st.integers(1, 4))
def test_rounding_moves_a_number_by_half_a_digit_at_most(value: float, digits: int) -> None:
    assert abs(significant(value, digits) - value) <= value * 0.5 * 10 ** (1 - digits) * 1.0001
