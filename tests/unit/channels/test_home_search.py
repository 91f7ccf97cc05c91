"""Home searches: rare visits to homes, which find what lies there; without cause once a home."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sousveil.channels.home_search import CHANNEL, HomeSearchParameters, lower
from sousveil.processes import Entity, Inspection, Layer, Unprompted, Visits
from unit.channels.village import PEOPLE, site

HOURS = 8760


def searches(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "searches_per_year": 0.1,
        "trace_share": {"foreign_media": 0.4},
        "trace_days": {"foreign_media": 10.0},
        "find": {"foreign_media": 0.3},
        "report": 0.8,
        "bribed_share": 0.25,
        "false_find": 0.02,
    }
    parameters = HomeSearchParameters(**{**values, **changes})
    return {process.name: process for process in lower(parameters, site())}


def test_homes_are_visited_and_guard_posts_are_not() -> None:
    visits: Visits = searches(hours=(8, 22))["home_search.visit"]
    assert visits.entity is Entity.HOUSEHOLD
    hours = visits.rate[:, 0] * (visits.profile @ site().slot_weights) * HOURS
    assert hours[:3] == pytest.approx(0.1)
    assert hours[3] == 0.0
    hour = np.tile(np.arange(24), 2)
    assert set(hour[visits.profile > 0]) == set(range(8, 22))


def test_what_an_act_left_can_be_found_while_it_stays() -> None:
    found: Inspection = searches()["home_search.foreign_media"]
    assert (found.trace, found.find, found.findable_hours) == (0.4, 0.3, 240)
    assert (found.report[0, 0], found.bribed[0, 0]) == (0.8, 0.25)
    assert found.carrier is None


def test_a_search_is_at_least_as_long_as_the_act() -> None:
    spell = site().acts["foreign_media"].spell_hours
    found: Inspection = searches(trace_days={"foreign_media": 0.01})["home_search.foreign_media"]
    assert found.findable_hours == max(1, spell)


def test_finds_without_cause_are_a_share_of_all_searches() -> None:
    false: Unprompted = searches()["home_search.without_cause"]
    persons = site().persons()
    flags = (false.rate * persons).sum(axis=1) * HOURS
    assert flags[:3] == pytest.approx(PEOPLE.households[:3] * 0.1 * 0.02)
    assert flags[3] == 0.0
    assert not false.rate[:, 2].any(), "a child is not flagged"
    assert not searches(false_find=0.0)["home_search.without_cause"].rate.any()
    assert "home_search.without_cause" not in searches(false_allegation="sleep")


def test_an_act_of_no_scenario_is_refused() -> None:
    with pytest.raises(ValueError, match="no act of this scenario"):
        searches(find={"sleeping": 0.5})


def test_people_search() -> None:
    assert CHANNEL.layer is Layer.PEOPLE
