"""An assessment as a Word file, to be filled by hand: the same fields, tables and pictures."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any

from sousveil.assessment.assess import BASIS, READING, Assessment, Field
from sousveil.assessment.text import clean
from sousveil.assessment.word_parts import (
    header_of,
    open_document,
    picture,
    shaded,
    table,
)
from sousveil.ensemble.study import Refused
from sousveil.report.layout import Block, Figure, Grid
from sousveil.report.sections.front import NEVER

_BODY, _CORE = "word/document.xml", "docProps/core.xml"
_PROOF = re.compile(rb"<dc:identifier>([0-9a-f]{64})</dc:identifier>")
_MOST_CORE = 100_000


def document(assessment: Assessment) -> bytes:
    """The file's bytes. Raises Refused where python-docx is not installed."""
    made = _opened()
    name = f"{assessment.kind.title}: {assessment.title}"
    header_of(made, assessment.mark, NEVER)
    _front(made, assessment)
    for part in assessment.parts:
        made.add_heading(part, 1)
        for field in assessment.fields:
            if field.question.part == part:
                _field(made, field)
    about = made.core_properties
    about.title, about.author, about.language = clean(name)[:250], "Sousveil", "en-GB"
    about.comments = NEVER
    # Who edits the file changes its body, and with it this proof that nobody has.
    about.identifier = hashlib.sha256(made.part.blob).hexdigest()
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def refuse_changed(path: Path) -> None:
    """Refuse to write over a Word file that somebody has worked on."""
    if not path.is_file():
        return
    try:
        with zipfile.ZipFile(path) as archive:
            found = _PROOF.search(archive.open(_CORE).read(_MOST_CORE))
            body = hashlib.sha256(archive.read(_BODY)).hexdigest()
    except (OSError, KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        found, body = None, ""
    if found is None or found[1].decode() != body:
        raise Refused(
            f"{path} was changed since it was written: move it away, give another --to, or leave "
            "it out with --format html --format pia"
        )


def _opened() -> Any:
    try:
        return open_document()
    except ModuleNotFoundError:
        raise Refused(
            "a Word file needs python-docx: pip install 'sousveil[documents]', or leave it out "
            "with --format html --format pia"
        ) from None


def _front(made: Any, assessment: Assessment) -> None:
    """Page 1: what it is, what is open, what it rests on."""
    made.add_paragraph(assessment.kind.title, style="Subtitle")
    made.add_heading(clean(assessment.title), 0)
    made.add_paragraph(f"{clean(assessment.where)}. {assessment.kind.law}.")
    if assessment.mark:
        titles = ", ".join(f.question.title for f in assessment.fields if f.open)
        shaded(made, f"{assessment.mark} of {len(assessment.fields)}: {titles}.", "FFF4EE")
    made.add_paragraph(
        "A draft that a model has filled as far as a model can. It gives no rating and says "
        "nothing of what is lawful."
    )
    made.add_paragraph().add_run(NEVER).bold = True
    made.add_heading("What it rests on", 2)
    counts = tuple((str(count), kind, words) for kind, count, words in assessment.counts)
    table(made, Grid(("Numbers", "Kind", "They"), counts, (0,)))
    if assessment.overrides:
        made.add_heading("Changed by the user", 2)
        table(made, Grid(("Quantity", "Value"), assessment.overrides))
    made.add_heading("How to read its tables", 2)
    for text in (READING, BASIS):
        made.add_paragraph(text)
    made.add_heading("The run behind it", 2)
    table(made, Grid(("What", "Value"), assessment.facts))


def _field(made: Any, field: Field) -> None:
    made.add_heading(field.question.title, 2)
    about = made.add_paragraph(style="Caption")
    about.paragraph_format.keep_with_next = True
    about.add_run(f"{field.question.law}. {field.question.asks} ")
    about.add_run(f"[{field.state}]").bold = True
    for text in field.answer.split("\n\n") if field.answer else ():
        made.add_paragraph(clean(text), style="Quote")
    for text in field.filled.lead:
        made.add_paragraph(clean(text))
    for block in field.filled.blocks:
        _block(made, block)
    if field.open:
        if field.filled.missing:
            made.add_paragraph(clean(field.filled.missing))
        shaded(made, f"{field.state[:1].upper()}{field.state[1:]}.", "F6EAD8")


def _block(made: Any, block: Block) -> None:
    if isinstance(block, Figure):
        made.add_heading(clean(block.title), 3)
        picture(made, block)
        made.add_paragraph(clean(block.caption), style="Caption")
    elif isinstance(block, Grid):
        table(made, block)
    else:
        made.add_paragraph(clean(block.text), style="Intense Quote")
