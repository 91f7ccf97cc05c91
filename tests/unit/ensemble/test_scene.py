"""The scene in a manifest: rights of acts, what speaks of a border, and rules that are no wider."""

from __future__ import annotations

import json

import sousveil
from sousveil.ensemble.api import study_of
from sousveil.ensemble.rules import scenario_rules
from sousveil.ensemble.scene import rules_again, scene
from sousveil.processes import Sensitivity


def test_the_scene_of_north_korea_carries_what_the_gate_knew() -> None:
    scenario = sousveil.load("north_korea")
    rules = scenario_rules(study_of(scenario, members=0, what_ifs=["none"], engine="expected"))
    found = scene(scenario, rules)
    assert json.loads(json.dumps(found)) == found
    assert found["place"] == "North Korea"
    assert found["channels"] == list(scenario.channels)
    assert "UDHR" in found["acts"]["foreign_media"]["right"]
    assert found["sensitivities"]["cross_border"] == "border"
    assert {item["act"] for item in found["not_modelled"]} <= set(scenario.acts)
    again = rules_again(
        {name: Sensitivity(word) for name, word in found["sensitivities"].items()},
        frozenset(found["border_words"]),
    )
    assert (again.measures, again.acts) == (rules.measures, rules.acts)
    assert again.border_words == rules.border_words
    assert again.closed
    assert not again.parents
