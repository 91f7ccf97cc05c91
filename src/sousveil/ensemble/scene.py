"""The scene of a run as its manifest tells it: enough to read the tables without the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sousveil.ensemble.rules import rule_of
from sousveil.measures import measures
from sousveil.processes import Sensitivity
from sousveil.release import Rules
from sousveil.scenario.model import Scenario


def scene(scenario: Scenario, rules: Rules) -> dict[str, Any]:
    """Place, channels and acts with their rights, and what the gate knew of the acts."""
    settings = scenario.settings
    return {
        "place": scenario.place,
        "channels": list(scenario.channels),
        "acts": {
            name: {
                word: str(settings.get(f"acts.{name}.{word}") or "")
                for word in ("title", "right", "legitimate_aim")
            }
            for name in scenario.acts
        },
        "sensitivities": {name: str(kind.value) for name, kind in rules.acts.items()},
        "border_words": sorted(rules.border_words),
        "not_modelled": [
            {"act": act, "channel": channel, "note": note}
            for act, cells in scenario.matrix.items()
            for channel, (state, note) in cells.items()
            if state == "not_modelled"
        ],
    }


def rules_again(sensitivities: Mapping[str, Sensitivity], border_words: frozenset[str]) -> Rules:
    """The rules for a table that is read back: of a closed country, no area of which is known."""
    return Rules(
        measures={name: rule_of(measure) for name, measure in measures().items()},
        acts=dict(sensitivities),
        parents={},
        closed=True,
        border_words=border_words,
    )
