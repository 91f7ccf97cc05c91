"""The document for the CNIL's tool has the shape that its own code imports, and rates nothing."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sousveil.assessment import pia
from sousveil.assessment.assess import KINDS, OPEN
from unit.assessment.test_assess import Edit, made

TEXT, STAMP = {"type": "string"}, {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT.*Z$"}
QUESTION = {"enum": list(pia.QUESTIONS)}


def listed(**fields: Any) -> dict[str, Any]:
    own = {"id": {"type": "integer"}, "pia_id": {"const": 1}, "created_at": STAMP}
    properties = own | {"updated_at": STAMP} | fields
    item = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "array", "items": item | {"additionalProperties": False}}


SHAPE = {
    "type": "object",
    "required": ["pia", "answers", "measures", "evaluations", "comments"],
    "additionalProperties": False,
    "properties": {
        "pia": {
            "type": "object",
            "required": ["name", "category", "status", "created_at", "structure_id", "is_example"],
            "properties": {
                "name": TEXT,
                "category": TEXT,
                "status": {"const": 0},
                "created_at": STAMP,
                "structure_id": {"type": "null"},
                "dpo_status": {"type": "null"},
                "concerned_people_status": {"type": "null"},
                "is_example": {"const": 0},
                "progress": {"const": 0},
            },
        },
        "answers": listed(
            reference_to=QUESTION,
            data={
                "type": "object",
                "required": ["text", "gauge", "list"],
                "properties": {"text": TEXT, "gauge": {"type": "null"}, "list": {"maxItems": 0}},
            },
        ),
        "measures": listed(title=TEXT, content=TEXT, placeholder=TEXT),
        "evaluations": {"type": "array", "maxItems": 0},
        "comments": listed(reference_to=QUESTION, description=TEXT, for_measure={"const": False}),
    },
}
"""Models of LINCnil/pia 4.1.0, with what a model may not fill held empty."""


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_it_has_the_shape_of_the_tool(finished: Path, kind: str) -> None:
    document = pia.export(made(finished, kind))
    jsonschema.validate(document, SHAPE)
    for part in ("answers", "measures", "comments"):
        numbers = [item["id"] for item in document[part]]
        assert numbers == list(range(1, len(numbers) + 1))
    answered = [item["reference_to"] for item in document["answers"]]
    assert len(set(answered)) == len(answered)
    assert document["pia"]["category"] == KINDS[kind].title
    assert document["pia"]["name"].startswith("Hollowmere, an invented town · DRAFT: ")


def test_blank_questions_stay_blank_and_are_commented(finished: Path) -> None:
    document = pia.export(made(finished))
    answered = {item["reference_to"] for item in document["answers"]}
    assert answered == {111, 121, 122}
    commented = {item["reference_to"]: item["description"] for item in document["comments"]}
    assert set(pia.QUESTIONS) - answered <= set(commented)
    assert all(text.startswith(OPEN) for text in commented.values())
    assert "Necessity" in commented[213]


def test_measures_are_the_safeguards_before_and_after(finished: Path) -> None:
    (measure,) = pia.export(made(finished))["measures"]
    assert measure["title"] == "An outage is no absence"
    assert "More accurate, not less harmful." in measure["content"]
    assert "Before: " in measure["content"]
    assert "; after: " in measure["content"]
    assert "<p>Why it is asked: A safeguard; " in measure["content"]


def test_answers_of_the_controller_go_where_the_tool_asks(finished: Path) -> None:
    document = pia.export(
        made(finished, necessity="Less does not do.", rights="By <post>.", dpo="Seen.")
    )
    texts = {item["reference_to"]: item["data"]["text"] for item in document["answers"]}
    assert "Less does not do." in texts[213]
    assert "By &lt;post&gt;." in texts[221]
    commented = {item["reference_to"]: item["description"] for item in document["comments"]}
    assert commented[222] == "Answered under question 221."
    assert document["pia"]["dpo_opinion"] == "Seen."


def test_the_editor_of_the_tool_gets_plain_tags(edited: Edit) -> None:
    document = pia.export(made(edited(title="<img src=x onerror=alert(1)>")))
    told = [item["data"]["text"] for item in document["answers"]]
    told += [item["content"] for item in document["measures"]]
    assert {tag for text in told for tag in re.findall(r"</?([a-z]+)", text)} <= {
        "p",
        "ul",
        "li",
        "strong",
    }
    assert any("<img src=x" in html.unescape(text) for text in told)
