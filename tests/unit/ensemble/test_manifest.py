"""The manifest says what was drawn, and what was drawn together."""

from __future__ import annotations

import json
from dataclasses import replace

from sousveil.ensemble.api import study_of
from sousveil.ensemble.manifest import manifest
from sousveil.quantity import Source
from sousveil.scenario.load import load
from sousveil.scenario.model import Correlation


def test_quantities_that_are_drawn_together_are_listed_with_their_sources() -> None:
    example = load("example")
    first, second = list(example.quantities)[:2]
    cited = Correlation((first, second), 0.4, (Source("S1", "p. 3"), Source("S2", "")), "B2")
    assumed = Correlation((second, first), -0.2, because="both follow the size of the town")
    bound = replace(example, correlations=(cited, assumed))
    told = json.loads(json.dumps(manifest(study_of(bound, members=0), {})))["correlations"]
    assert [item["between"] for item in told] == [[first, second], [second, first]]
    assert [item["rank"] for item in told] == [0.4, -0.2]
    assert told[0]["sources"] == ["S1 p. 3", "S2"]
    assert (told[0]["grade"], told[1]["because"]) == ("B2", "both follow the size of the town")


def test_a_scenario_without_correlations_lists_none() -> None:
    assert manifest(study_of(load("example"), members=0), {})["correlations"] == []


def test_the_manifest_says_what_is_drawn_singly_and_what_as_counts() -> None:
    for engine in (None, "hourly"):
        told = manifest(study_of(load("example"), members=0, engine=engine), {})["drawn"]
        assert ("counts" in json.dumps(told)) is (engine is None)
