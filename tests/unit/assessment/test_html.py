"""The page: nothing from elsewhere, no script, everything escaped, open fields in the contents."""

from __future__ import annotations

import html
import re
from pathlib import Path

from sousveil.assessment.html import render
from unit.assessment.test_assess import made


def test_it_asks_for_nothing_and_runs_nothing(finished: Path) -> None:
    page = html.unescape(render(made(finished)))
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert not re.search(r"url\(|@import|style=\"", page)


def test_open_fields_are_marked_in_the_contents_and_in_their_place(finished: Path) -> None:
    found = made(finished)
    page = render(found)
    assert page.count('class="mark-open"') == found.open
    assert page.count('class="blank"') == found.open
    assert page.count('<section id="') == len(found.fields) + 1
    assert f'<div class="watermark" data-mark="{found.mark}" aria-hidden="true"></div>' in page


def test_an_answer_is_text_and_nothing_else(finished: Path) -> None:
    page = render(made(finished, necessity="One.\n\n<b>Two</b> & three"))
    assert "<p>One.</p>" in page
    assert "&lt;b&gt;Two&lt;/b&gt; &amp; three" in page
