"""The Word file: opens, carries its watermark, and is not written over once it was worked on."""

from __future__ import annotations

import builtins
import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

from sousveil.assessment import word
from sousveil.ensemble.study import Refused
from sousveil.report.sections.front import NEVER
from unit.assessment.reading import lines_of_document, opened
from unit.assessment.test_assess import made


@pytest.fixture(scope="module")
def content(finished: Path) -> bytes:
    return word.document(made(finished))


def test_page_one_tells_what_is_open_and_what_it_rests_on(content: bytes, finished: Path) -> None:
    document = opened(content)
    lines = lines_of_document(document)
    found = made(finished)
    first = lines[: lines.index("The processing")]
    assert any(found.mark in line for line in first)
    rows = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
    assert ["4", "assumed"] in [row[:2] for row in rows]
    assert ["0", "set by the user"] in [row[:2] for row in rows]
    assert NEVER in first
    assert document.core_properties.comments == NEVER


def test_the_watermark_stands_behind_every_page_until_all_is_filled(finished: Path) -> None:
    found = made(finished)
    assert found.mark in header(word.document(found))
    filled = made(finished, **{f.question.id: "Said." for f in found.fields if f.open})
    text = header(word.document(filled))
    assert "DRAFT" not in text
    assert "textpath" not in text


def header(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name.startswith("word/header")]
        return "".join(archive.read(name).decode() for name in names)


def test_tables_repeat_their_heads_and_pictures_have_words(content: bytes) -> None:
    document = opened(content)
    assert all("tblHeader" in t.rows[0]._tr.xml for t in document.tables if len(t.rows) > 1)
    assert document.inline_shapes
    for shape in document.inline_shapes:
        assert shape._inline.docPr.get("descr")
    levels = [p.style.name for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert levels.count("Heading 1") == 6


def test_open_fields_are_boxes(content: bytes, finished: Path) -> None:
    boxes = [t for t in opened(content).tables if len(t.rows) == 1 and len(t.columns) == 1]
    told = [box.cell(0, 0).text for box in boxes]
    assert sum(text.startswith("Open: to be filled") for text in told) == made(finished).open


def test_a_file_that_somebody_worked_on_is_kept(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "assessment.docx"
    word.refuse_changed(path)
    path.write_bytes(content)
    word.refuse_changed(path)
    document = docx.Document(str(path))
    document.add_paragraph("A sentence of the controller.")
    document.save(str(path))
    with pytest.raises(Refused, match="was changed"):
        word.refuse_changed(path)
    path.write_bytes(b"PK no archive")
    with pytest.raises(Refused, match="was changed"):
        word.refuse_changed(path)


def test_without_python_docx_the_mend_is_told(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == "docx":
            raise ModuleNotFoundError("No module named 'docx'", name="docx")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(Refused, match=r"pip install 'sousveil\[documents\]'"):
        word.document(made(finished))
