"""Every word that an assessment shows, from each of its three files."""

from __future__ import annotations

import html
import io
import json
import re
from typing import Any

import docx

from sousveil.assessment import html as page
from sousveil.assessment import pia, word
from sousveil.assessment.assess import Assessment


def texts(assessment: Assessment) -> dict[str, str]:
    """Words by format; the style sheet and the tags are left out."""
    return {
        "html": words_of_page(page.render(assessment)),
        "docx": words_of_document(word.document(assessment)),
        "pia": html.unescape(re.sub("<[^>]+>", " ", json.dumps(pia.export(assessment)))),
    }


def words_of_page(text: str) -> str:
    text = re.sub(r'data-mark="([^"]*)"', r">\1<", text)
    bare = re.sub(r"(?s)<style>.*?</style>|<svg.*?</svg>", " ", text)
    return html.unescape(re.sub(r"<[^>]+>", " ", bare.replace("<wbr>", "")))


def words_of_document(content: bytes) -> str:
    return "\n".join(lines_of_document(opened(content)))


def opened(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def lines_of_document(document: Any) -> list[str]:
    """Paragraphs and cells, in the order in which they stand; then heads and feet."""
    lines = [paragraph.text for paragraph in document.element.body.iter() if _is_text(paragraph)]
    section = document.sections[0]
    ends = [*section.header.paragraphs, *section.footer.paragraphs]
    return [*lines, *(paragraph.text for paragraph in ends)]


def _is_text(element: Any) -> bool:
    return element.tag.endswith("}t") and bool(element.text)
