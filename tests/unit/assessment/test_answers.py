"""The file of answers: an empty one reads as empty, and every problem has its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sousveil.assessment.answers import MOST_BYTES, read_answers, template
from sousveil.assessment.assess import KINDS
from sousveil.ensemble.study import Refused
from sousveil.errors import Problems


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "assessment.answers.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_empty_file_asks_for_each_open_field_and_answers_none(tmp_path: Path, kind: str) -> None:
    text = template(KINDS[kind])
    assert read_answers(written(tmp_path, text)) == {}
    for item in KINDS[kind].questions:
        assert (f"\n{item.id}:\n" in text) == (not item.model)


def test_answers_are_read_as_they_stand(tmp_path: Path) -> None:
    text = "necessity: |\n  One line: with a colon,\n  and 42.\n\n  Two.\ndpo: 42\ndata: ''\n"
    assert read_answers(written(tmp_path, text)) == {
        "necessity": "One line: with a colon,\nand 42.\n\nTwo.",
        "dpo": "42",
    }


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_a_file_without_answers_has_none(tmp_path: Path, text: str) -> None:
    assert read_answers(written(tmp_path, text)) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nnecessity: x\n", "did you mean necessity?"),
        ("necessity: [a]\n", "a list"),
        ("necessity: &a x\ndpo: *a\n", "yaml-feature"),
        ("necessity: x\nnecessity: y\n", "duplicate"),
        ("just words\n", "a field and its answer"),
        ("necessity: a: b\n", "syntax"),
        ('necessity: "\\x1b[31m"\n', "encoding"),
    ],
)
def test_a_file_with_problems_is_refused_by_line(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(Problems) as problems:
        read_answers(path)
    assert words in str(problems.value)
    assert str(problems.value).startswith(f"{path}:")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="UTF-8"):
        read_answers(written(tmp_path, b"necessity: \xff\xfe"))
    with pytest.raises(Refused, match="larger"):
        read_answers(written(tmp_path, b"#" * (MOST_BYTES + 1)))
