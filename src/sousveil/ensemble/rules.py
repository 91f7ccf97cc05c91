"""What the gate is driven by in a run: the declared measures, the acts of the model, the places."""

from __future__ import annotations

from sousveil.engine.model import Model
from sousveil.ensemble.member import free_model, is_closed
from sousveil.ensemble.study import Study
from sousveil.measures import measures
from sousveil.measures.base import Measure, sensitivities
from sousveil.release import Rule, Rules
from sousveil.scenario.model import Scenario


def rule_of(measure: Measure) -> Rule:
    """The rule that a measure's own declaration gives."""
    return Rule(
        dimensions=frozenset(measure.dimensions),
        sensitivity=measure.sensitivity,
        crossed=measure.crossed,
        protected=measure.protected,
        contrast=measure.contrast,
        profile=measure.profile,
    )


def rules_of(scenario: Scenario, model: Model) -> Rules:
    """The rules of one run. model: any model of the scenario, for its acts and areas."""
    return Rules(
        measures={name: rule_of(measure) for name, measure in measures().items()},
        acts=sensitivities(model),
        parents={area.id: area.parent or area.id for area in model.world.areas},
        closed=is_closed(scenario),
    )


def scenario_rules(study: Study) -> Rules:
    """The rules of a study, from its central model without any run."""
    return rules_of(study.scenario, free_model(study))
