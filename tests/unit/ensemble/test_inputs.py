"""What two manifests say differently: named where it moves a number, or said to lack."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sousveil.ensemble import inputs
from sousveil.ensemble.api import study_of
from sousveil.ensemble.manifest import manifest
from sousveil.scenario.load import load
from sousveil.scenario.model import Correlation


@pytest.fixture
def document() -> dict[str, Any]:
    return manifest(study_of(load("example"), members=2), {})


def test_the_same_manifest_differs_in_nothing(document: dict[str, Any]) -> None:
    assert inputs.others(document, document) == inputs.quantities(document, document) == {}
    assert inputs.notes(document, document, differing=False) == ()


def test_versions_and_correlations_are_named(document: dict[str, Any]) -> None:
    example = load("example")
    first, second = sorted(example.quantities)[:2]
    tied = replace(example, correlations=(Correlation((first, second), 0.4),))
    other = manifest(study_of(tied, members=2), {})
    other["versions"] = other["versions"] | {"numpy": "9.9.9"}
    found = inputs.others(document, other)
    assert found == {
        f"correlation of {first} and {second}": ("not there", "0.4"),
        "version of numpy": (document["versions"]["numpy"], "9.9.9"),
    }


def test_a_what_if_that_nobody_ran_moves_nothing(document: dict[str, Any]) -> None:
    def changed(name: str) -> dict[str, Any]:
        changes = document["what_if_changes"] | {name: {"remove": ["neighbourhood_unit"]}}
        return document | {"what_if_changes": changes}

    ran = {"what_ifs": ["", "no_television"]}
    assert inputs.others(document | ran, changed("excuse_outages") | ran) == {}
    # Nor does one that is not compared, since one side alone has it.
    assert inputs.others(document | ran, changed("excuse_outages")) == {}
    assert inputs.others(document | ran, changed("no_television") | ran) == {
        "what-if no_television": ("remove iptv", "remove neighbourhood_unit")
    }
    (note,) = inputs.notes(document, document | ran, differing=False)
    assert note.endswith("not compared: as_of_2018, excuse_outages, reliable_power")


def test_the_scale_of_members_by_expectation_moves_nothing(document: dict[str, Any]) -> None:
    assert inputs.others(document, document | {"scale": 0.1}) == {}
    sampled = document | {"engine": "events"}
    assert inputs.others(sampled, sampled | {"scale": 0.1}) == {"scale": ("1.0", "0.1")}


def test_the_same_range_on_other_grounds_says_the_grounds(document: dict[str, Any]) -> None:
    path = "channels.iptv.watch_share"
    other = document | {
        "quantities": [
            item | ({"grade": "A1"} if item["path"] == path else {})
            for item in document["quantities"]
        ]
    }
    before, after = inputs.quantities(document, other)[path]
    assert before != after
    assert after.endswith("A1")


def test_an_older_manifest_is_said_to_tell_less(document: dict[str, Any]) -> None:
    older = {name: value for name, value in document.items() if name not in inputs.RECORDED}
    assert inputs.others(older, document) == {}
    (note,) = inputs.notes(older, document, differing=False)
    assert "older version" in note


def test_files_that_differ_in_words_alone_are_said_to(document: dict[str, Any]) -> None:
    other = document | {"scenario_hash": "0" * 64}
    (note,) = inputs.notes(document, other, differing=False)
    assert "words, sources, claims or order alone" in note
    assert inputs.notes(document, other, differing=True) == ()


def test_sobol_points_are_paired_only_where_the_same_quantities_are_drawn(
    document: dict[str, Any],
) -> None:
    fixed = document | {
        "quantities": [
            item
            | (
                {"form": "fixed", "values": [0.5]}
                if item["path"] == "channels.iptv.watch_share"
                else {}
            )
            for item in document["quantities"]
        ]
    }
    assert inputs.why_not_paired(document, fixed) == ""
    sobol = {"method": "sobol"}
    assert inputs.why_not_paired(document | sobol, document | sobol) == ""
    assert "Sobol points" in inputs.why_not_paired(document | sobol, fixed | sobol)
    assert inputs.why_not_paired(document, document | sobol) == "the designs differ"
