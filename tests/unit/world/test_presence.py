"""Presence: tables become shares by group, and time in the street comes out of time at home."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sousveil.world.groups import build_margins
from sousveil.world.parameters import PresenceParameters
from sousveil.world.presence import EVERYBODY, build_presence
from unit.world.country import people_parameters, presence_rows

GROUPS = build_margins(people_parameters()).groups()


@pytest.mark.parametrize("factor", [0.0, 1.0, 1.6, 1e6])
def test_shares_of_a_group_and_slot_sum_to_one(factor: float) -> None:
    presence = build_presence(presence_rows(), GROUPS, PresenceParameters(street_factor=factor))
    total = np.sum(list(presence.values()), axis=0)
    assert total == pytest.approx(np.ones((18, 48)), abs=1e-12)
    assert all((shares >= 0).all() for shares in presence.values())


def test_every_group_takes_the_rows_of_its_age() -> None:
    presence = build_presence(presence_rows(), GROUPS, PresenceParameters())
    adult = next(i for i, g in enumerate(GROUPS) if ("age", "adult") in g.categories)
    child = next(i for i, g in enumerate(GROUPS) if ("age", "child") in g.categories)
    assert presence["work"][adult, 9] == pytest.approx(0.55)
    assert presence["work"][child, 9] == 0
    assert presence["school"][child, 24 + 9] == pytest.approx(0.55)


def test_more_street_is_less_home_and_touches_nothing_else() -> None:
    before = build_presence(presence_rows(), GROUPS, PresenceParameters())
    after = build_presence(presence_rows(), GROUPS, PresenceParameters(street_factor=1.6))
    assert after["street"] == pytest.approx(1.6 * before["street"])
    assert after["home"] == pytest.approx(before["home"] - 0.6 * before["street"])
    assert (after["work"] == before["work"]).all()


def test_a_table_for_everybody_serves_all_groups() -> None:
    rows = [{**row, "category": EVERYBODY} for row in presence_rows()[:48]]
    presence = build_presence(rows, GROUPS, PresenceParameters())
    assert (presence["home"] == presence["home"][0]).all()


def broken(change: str) -> list[dict[str, Any]]:
    rows = list(presence_rows())
    if change == "missing hour":
        return rows[1:]
    if change == "wrong sum":
        return [{**rows[0], "home": 0.2}, *rows[1:]]
    return [*rows, *({**row, "category": "sex.female"} for row in rows[:48])]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("missing hour", "presence of age.child on a working_day at 0 h: found a total of nan"),
        ("wrong sum", "found a total of 0.3"),
        ("two margins", "expected exactly one"),
    ],
)
def test_a_table_that_cannot_be_read_one_way_is_refused(change: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build_presence(broken(change), GROUPS, PresenceParameters())
