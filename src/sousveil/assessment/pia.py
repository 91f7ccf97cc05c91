"""An assessment as the tool of the CNIL (pia 4.1.0) exports and imports one: a JSON document.

Read off the tool's own code (LINCnil/pia 4.1.0: `importData` of its pia service, its models,
its list of questions `pia_architecture.json`) and the exports that it ships; tried in the tool.
What only the controller can say has no answer there, so that the tool counts it as not done; a
comment on the question, which the tool shows once it is answered, says that it was open. The
tool's gauges (severity, likelihood: 1 to 4) are never filled, nor is any evaluation: both are
ratings, which a model does not give.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from html import escape
from typing import Any

from sousveil.assessment.assess import BASIS, OPEN, READING, Assessment, Field
from sousveil.assessment.measures import SHARPER
from sousveil.report.layout import Block, Figure, Grid, Note
from sousveil.report.numbers import GAP
from sousveil.report.sections.front import NEVER

QUESTIONS = (
    *(111, 112, 113, 121, 122, 123),
    *(211, 212, 213, 214, 215),
    *(221, 222, 223, 224, 225, 226, 227),
    *(321, 322, 323, 324, 325, 326),
    *(331, 332, 333, 334, 335, 336),
    *(341, 342, 343, 344, 345, 346),
)
"""Every question of the tool; 3.x are about access to, change and loss of data."""
FROM_DATA = 321
SECURITY = (
    "The model says nothing of the security of data. The harms that the system does while it works "
    "as it should stand under question 122."
)
"""Why the questions about data are blank."""


def export(assessment: Assessment) -> dict[str, Any]:
    """The document that the tool imports."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    stamp = now.replace("+00:00", "Z")
    answers = _answers(assessment)
    filled = {question for question, _ in answers}
    return {
        "pia": _head(assessment, stamp),
        "answers": [
            {
                "id": number,
                "pia_id": 1,
                "reference_to": question,
                "data": {"text": text, "gauge": None, "list": []},
                "created_at": stamp,
                "updated_at": stamp,
            }
            for number, (question, text) in enumerate(answers, 1)
        ],
        "measures": [
            {
                "id": number,
                "pia_id": 1,
                "title": title,
                "content": content,
                "placeholder": "",
                "created_at": stamp,
                "updated_at": stamp,
            }
            for number, (title, content) in enumerate(_measures(assessment), 1)
        ],
        "evaluations": [],
        "comments": [
            {
                "id": number,
                "pia_id": 1,
                "reference_to": question,
                "description": text,
                "for_measure": False,
                "created_at": stamp,
                "updated_at": stamp,
            }
            for number, (question, text) in enumerate(_comments(assessment, filled), 1)
        ],
    }


def _head(assessment: Assessment, stamp: str) -> dict[str, Any]:
    """The tool's own record of an assessment: in progress, its people and opinions blank."""
    mark = f" · {assessment.mark}" if assessment.mark else ""
    return {
        "id": 1,
        "status": 0,
        "name": f"{assessment.title}{mark}",
        "category": assessment.kind.title,
        "author_name": "",
        "evaluator_name": "",
        "validator_name": "",
        "dpo_status": None,
        "dpo_opinion": _own(assessment, "dpo"),
        "dpos_names": None,
        "people_names": None,
        "concerned_people_opinion": _own(assessment, "consultation"),
        "concerned_people_status": None,
        "concerned_people_searched_opinion": None,
        "concerned_people_searched_content": None,
        "rejection_reason": None,
        "applied_adjustments": None,
        "is_example": 0,
        "is_archive": 0,
        "structure_id": None,
        "structure_name": None,
        "structure_sector_name": None,
        "structure_data": None,
        "progress": 0,
        "created_at": stamp,
        "updated_at": stamp,
    }


def _own(assessment: Assessment, name: str) -> str | None:
    """What the controller wrote in a field, as text of the tool's own record."""
    for field in assessment.fields:
        if field.question.id == name and field.answer:
            return field.answer
    return None


def _answers(assessment: Assessment) -> list[tuple[int, str]]:
    """Question -> HTML text, of the fields that say something."""
    told: dict[int, list[str]] = {}
    for field in assessment.fields:
        words = _words(field)
        for question in field.question.pia[:1]:
            if words:
                told.setdefault(question, []).append(words)
    if 111 in told:
        told[111].insert(0, _paragraphs([NEVER, *_rests_on(assessment)]))
    return [(question, "".join(told[question])) for question in QUESTIONS if question in told]


def _rests_on(assessment: Assessment) -> list[str]:
    counts = ", ".join(f"{count} {kind}" for kind, count, _ in assessment.counts)
    mark = f"{assessment.mark}. " if assessment.mark else ""
    changed = ", ".join(f"{path} = {value}" for path, value in assessment.overrides)
    by_hand = [f"Set by the user: {changed}."] if changed else []
    return [
        f"{mark}Drafted by a model. Numbers that it rests on: {counts}.",
        *by_hand,
        READING,
        BASIS,
    ]


def _words(field: Field) -> str:
    """A field as the tool's editor writes text: paragraphs and lists."""
    if not field.answer and not field.filled.lead and not field.filled.blocks:
        return ""
    title = f"<p><strong>{escape(field.question.title)}</strong></p>"
    left = [f"{field.filled.missing} ({OPEN})"] if field.open else []
    own = field.answer.split("\n\n") if field.answer else []
    paragraphs = _paragraphs([*own, *field.filled.lead, *left])
    return title + paragraphs + "".join(map(_block, field.filled.blocks))


def _block(block: Block) -> str:
    if isinstance(block, Note):
        return _paragraphs([block.text])
    # What a figure shows stands in a table beside it.
    return "" if isinstance(block, Figure) else _list(block)


def _list(grid: Grid) -> str:
    """A table as a list: the tool's editor has no tables."""
    items = [f"<li>{_item(grid.columns, row)}</li>" for row in grid.rows]
    head = grid.caption or grid.columns[0]
    return f"{_paragraphs([head])}<ul>{''.join(items)}</ul>"


def _item(columns: tuple[str, ...], row: tuple[str, ...]) -> str:
    """One row: its first cell, then each other one after the title of its column."""
    if len(row) == 1:
        return escape("".join(row))
    pairs = zip(columns, row, strict=True)
    first, *rest = [(title, cell) for title, cell in pairs if cell not in ("", GAP)]
    told = "".join(f"; {escape(title.lower())}: {escape(cell)}" for title, cell in rest)
    return f"<strong>{escape(first[1])}</strong>{told}"


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts if text.strip())


def _measures(assessment: Assessment) -> list[tuple[str, str]]:
    """Each safeguard with every line that the tables tell of it."""
    told: dict[str, list[str]] = {}
    for field in assessment.fields:
        if field.question.model == "measures":
            for block in field.filled.blocks:
                if isinstance(block, Grid):
                    _collect(block, told)
    return [(_plain(title), _paragraphs(lines)) for title, lines in told.items()]


def _collect(grid: Grid, told: dict[str, list[str]]) -> None:
    sharp = f"{SHARPER[:1].upper()}{SHARPER[1:]}."
    for name, *cells in grid.rows:
        pairs = zip(grid.columns[1:], cells, strict=True)
        words = "; ".join(f"{title.lower()}: {cell}" for title, cell in pairs)
        head = f"{grid.caption}: " if len(cells) > 1 else ""
        lines = told.setdefault(name, [sharp] if SHARPER in name else [])
        lines.append(f"{head}{words[:1].upper()}{words[1:]}")


def _plain(title: str) -> str:
    return title.removesuffix(f" ({SHARPER})")


def _comments(assessment: Assessment, filled: set[int]) -> list[tuple[int, str]]:
    """A comment on each question that stays blank, and on those that are filled in part."""
    asked: dict[int, list[str]] = {}
    for field in assessment.fields:
        if field.open:
            for question in field.question.pia:
                asked.setdefault(question, []).append(field.question.title)
    elsewhere = {
        question: field.question.pia[0]
        for field in assessment.fields
        if field.answer
        for question in field.question.pia[1:]
    }
    told = list[tuple[int, str]]()
    for question in QUESTIONS:
        if question >= FROM_DATA:
            told.append((question, f"{OPEN}. {SECURITY}"))
        elif question in asked:
            told.append((question, f"{OPEN}: {', '.join(asked[question])}"))
        elif question in elsewhere and question not in filled:
            told.append((question, f"Answered under question {elsewhere[question]}."))
        elif question not in filled:
            told.append((question, OPEN))
    return told
