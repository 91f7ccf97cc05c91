"""An assessment as one HTML file: the look of the report, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from sousveil.assessment.assess import BASIS, BY_CONTROLLER, BY_MODEL, READING, Assessment, Field
from sousveil.report.paper import HOME, policy, template, text_of
from sousveil.report.sections.front import NEVER

ROOM = "sousveil.assessment"
_STYLES: Mapping[str, str] = {BY_CONTROLLER: "told", BY_MODEL: "filled"}


def render(assessment: Assessment) -> str:
    """The assessment as one HTML text."""
    style = f"{text_of(HOME, 'style.css')}\n{text_of(ROOM, 'style.css')}"
    return template("assessment.html", ROOM).render(
        assessment=assessment,
        parts=[
            (part, [field for field in assessment.fields if field.question.part == part])
            for part in assessment.parts
        ],
        never=NEVER,
        reading=(READING, BASIS),
        style=style,
        policy=policy(style),
        state_style=_state_style,
    )


def _state_style(field: Field) -> str:
    return _STYLES.get(field.state, "open")
