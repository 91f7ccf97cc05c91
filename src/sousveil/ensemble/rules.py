"""What the gate is driven by in a run: the declared measures, the acts of the model, the places."""

from __future__ import annotations

from sousveil.engine.model import Model
from sousveil.ensemble.member import finest, free_model
from sousveil.ensemble.study import Study
from sousveil.measures import measures
from sousveil.measuring.base import Measure, acts_of, sensitivities
from sousveil.processes import Sensitivity
from sousveil.release import BORDER_WORDS, Rule, Rules
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
        # Guards are no residents: where they are no row may say.
        parents={area.id: area.parent or area.id for area in model.world.areas if area.civil},
        closed=finest(scenario) == "parent",
        border_words=BORDER_WORDS | border_lines(model),
    )


def border_lines(model: Model) -> frozenset[str]:
    """Power lines that only acts of class border, and what watches them, hang on."""
    border = {act.name for act in acts_of(model) if act.sensitivity is Sensitivity.BORDER}
    at_border: set[str] = set()
    elsewhere: set[str] = set()
    for process in model.processes:
        about = {process.name, getattr(process, "act", "")}
        gates = [getattr(process, "gate", None), *getattr(process, "marks", ())]
        lines = {gate.line for gate in gates if gate is not None and gate.line}
        (at_border if about & border else elsewhere).update(lines)
    return frozenset(at_border - elsewhere)


def scenario_rules(study: Study) -> Rules:
    """The rules of a study, from its central model without any run."""
    return rules_of(study.scenario, free_model(study))
