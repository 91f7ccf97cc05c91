"""The page as a whole: complete, self-contained, honest in its words."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from sousveil.report.page import render, write
from unit.report.fakes import WHAT_IFS, fake_result

VOID = {"meta", "link", "img", "br", "hr", "input", "wbr"}
# Only `named` and `noticed` may be written so (how_it_counts, Four stages).
FORBIDDEN = r"\b(identified|caught|spotted|recognised as|seen by the state)\b"


class Reader(HTMLParser):
    """Notes ids, links, tags, and the text that is not quoted from a source."""

    def __init__(self) -> None:
        """Start with an empty reader."""
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        self.tags.append((tag, about))
        if about.get("id"):
            self.ids.append(str(about["id"]))
        if tag == "a" and about.get("href"):
            self.links.append(str(about["href"]))
        if tag not in VOID:
            quoted = "quoted" in str(about.get("class") or "") or tag in {"style", "code"}
            self._open.append(quoted or bool(self._open and self._open[-1]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1]):
            self.text += data + " "


@pytest.fixture(scope="module")
def html() -> str:
    return render(fake_result())


@pytest.fixture(scope="module")
def reader(html: str) -> Reader:
    found = Reader()
    found.feed(html)
    return found


def test_every_section_stands_in_its_order(reader: Reader) -> None:
    wanted = (
        "about headlines claims places ladder layers power outages iptv wronged safeguards years "
        "readings border unknowns limits intervals quantities sources computed"
    ).split()
    found = [str(about["id"]) for tag, about in reader.tags if tag == "section"]
    assert found == wanted


def test_the_file_asks_nobody_for_anything(html: str, reader: Reader) -> None:
    assert not {tag for tag, _ in reader.tags} & {"script", "link", "img", "iframe", "object"}
    for tag, about in reader.tags:
        assert "style" not in about, tag
        assert not about.get("src"), tag
        assert tag == "a" or not about.get("href"), tag
    assert "@import" not in html
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", html)


def test_the_policy_allows_its_own_style_and_nothing_else(html: str, reader: Reader) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(
        str(about["content"])
        for tag, about in reader.tags
        if tag == "meta" and about.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_every_link_inside_the_page_leads_somewhere(reader: Reader) -> None:
    assert len(reader.ids) == len(set(reader.ids))
    broken = {link for link in reader.links if link.startswith("#")} - {f"#{i}" for i in reader.ids}
    assert not broken


def test_every_figure_is_described_and_has_its_numbers(html: str) -> None:
    figures = re.findall(r"<figure.*?</figure>", html, re.DOTALL)
    assert len(figures) > 15
    for figure in figures:
        assert "<desc" in figure
        assert "<table" in figure


def test_the_vocabulary_is_kept(reader: Reader) -> None:
    assert not re.findall(FORBIDDEN, reader.text, re.IGNORECASE)


def test_british_spelling_and_plain_characters(reader: Reader) -> None:
    assert not re.findall(r"\b\w*(?:ization|avior|enter of)\b", reader.text)
    assert "None" not in reader.text
    assert "nan" not in reader.text.split()


def test_what_was_changed_by_the_user_stands_on_the_first_page(html: str) -> None:
    first = html[: html.index('id="headlines"')].replace("<wbr>", "")
    assert "Changed by the user" in first
    assert "channels.iptv.fault_share" in first


def test_an_assumption_driven_headline_puts_its_range_first(reader: Reader) -> None:
    assert "20,000 to 2 million people are wrongly flagged in a year." in reader.text
    assert "assumption-driven" in reader.text


def test_a_safeguard_that_only_sharpens_is_labelled(reader: Reader) -> None:
    assert "more accurate, not less harmful" in reader.text


def test_it_is_never_evidence(html: str) -> None:
    assert html.count("Never evidence about one person, place or event") == 2


def test_crossings_are_told_as_changes_only(html: str) -> None:
    border = html[html.index('id="border"') : html.index('id="unknowns"')]
    assert "change against the scenario as declared" in border.lower()


def test_what_ifs_at_the_border_are_not_ranked(html: str) -> None:
    border = html[html.index('id="border"') : html.index('id="unknowns"')]
    table = border[border.index("<table") : border.index("</table>")]
    titles = [item.title for item in WHAT_IFS if not item.year]
    places = [table.index(title) for title in titles]
    assert places == sorted(places)


def test_text_from_a_scenario_cannot_become_markup() -> None:
    result = fake_result()
    result.headlines[0]["sentence"] = "<script>alert(1)</script> {range}"
    assert "<script>" not in render(result)


def test_the_same_result_gives_the_same_page(html: str) -> None:
    assert render(fake_result()) == html


def test_a_result_with_hardly_anything_still_gives_a_page(tmp_path: Path) -> None:
    full: Any = fake_result(tmp_path)
    bare = SimpleNamespace(
        scenario=full.scenario,
        measures=pl.DataFrame(schema=full.measures.schema),
        claims=[],
        headlines=[],
        manifest={"seed": 1},
    )
    path = write(bare, tmp_path / "deep" / "report.html")  # pyright: ignore[reportArgumentType]
    text = path.read_text(encoding="utf-8")
    assert "How it was computed" in text
    assert "In short" not in text
