"""How often people come under a system: of whom a number is, and in a unit that can be read."""

from __future__ import annotations

import pytest

from sousveil.assessment.frequency import SPECIAL, _row
from sousveil.report.rows import Estimate


def estimate(measure: str, middle: float, category: str = "") -> Estimate:
    words = dict.fromkeys(("what_if", "channel", "act", "area", "group", "period"), "")
    ends = {"low": middle / 2, "median": middle, "high": middle * 2, "share": 0.9}
    values = {("ignorance", name): value for name, value in ends.items()}
    return Estimate(
        measure=measure,
        category=category,
        unit="1/day",
        label="exact",
        members=9,
        values=values,
        **words,
    )


def test_days_to_be_named_are_of_listed_people() -> None:
    """The measure is of those on a list: of everybody it would be a thousand times too much."""
    labels = [text for (measure, _), text in SPECIAL.items() if measure == "days_to_first_named"]
    assert len(labels) == 3
    assert all("listed people" in text.lower() for text in labels)


@pytest.mark.parametrize(("middle", "yearly"), [(5e-7, True), (2e-3, False)])
def test_what_is_rare_in_a_day_is_told_of_a_year(middle: float, yearly: bool) -> None:
    found = _row("named_per_person_day", estimate("named_per_person_day", middle), "")
    end = "per 100,000 people and year" if yearly else "per person and day"
    assert found.label == f"Times named by a search, {end}"
    factor = 365 * 100_000 if yearly else 1
    assert found.item.middle == pytest.approx(middle * factor)
    assert found.item.get("ignorance", "share") == 0.9
