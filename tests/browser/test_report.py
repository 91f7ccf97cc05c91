"""The report in a browser: quiet, readable on a phone, by keyboard, in print and by a reader."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sousveil.report.page import write
from unit.report.fakes import fake_result

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on this machine"),
]
PHONE, DESKTOP = 390, 1280


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(fake_result(), tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        # No sandbox: needed where the tests run as root, and the page has no script.
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


def opened(chromium: Any, report: Path, width: int, **options: Any) -> tuple[Any, list[str]]:
    """The page at a width, and what it said or asked for while it opened."""
    page = chromium.new_page(viewport={"width": width, "height": 900}, **options)
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("request", lambda request: heard.append(request.url))
    page.goto(report.as_uri())
    return page, heard


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_it_asks_for_itself_alone_and_says_nothing(chromium: Any, report: Path, width: int) -> None:
    page, heard = opened(chromium, report, width)
    assert heard == [report.as_uri()]
    page.close()


@pytest.mark.parametrize("width", [PHONE, 768, DESKTOP])
def test_nothing_is_wider_than_the_screen(chromium: Any, report: Path, width: int) -> None:
    page, _ = opened(chromium, report, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_text_in_figures_is_large_enough_to_read(chromium: Any, report: Path, width: int) -> None:
    page, _ = opened(chromium, report, width)
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll('figure svg')]
          .filter(svg => svg.getBoundingClientRect().width > 0)
          .map(svg => 12 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width))"""
    )
    assert smallest >= 10.5
    page.close()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_labels_stay_inside_their_figures(chromium: Any, report: Path, width: int) -> None:
    page, _ = opened(chromium, report, width)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('figure svg text')].filter(text => {
            const box = text.getBoundingClientRect();
            const svg = text.ownerSVGElement.getBoundingClientRect();
            return svg.width > 0 && box.width > 0 &&
              (box.left < svg.left - 14 || box.right > svg.right + 14);
          }).map(text => text.textContent)"""
    )
    assert outside == []
    page.close()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_no_rule_of_accessibility_is_broken(chromium: Any, report: Path, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page, _ = opened(chromium, report, width)
    # Open every table behind a figure, so that they are judged too.
    page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
    found = axe.Axe().run(page)
    assert [
        (rule["id"], [node["html"][:150] for node in rule["nodes"][:3]])
        for rule in found.response["violations"]
    ] == []
    page.close()


def test_it_is_read_without_scripts(chromium: Any, report: Path) -> None:
    page, _ = opened(chromium, report, DESKTOP, java_script_enabled=False)
    assert page.locator("figure svg:visible").count() > 15
    assert page.locator("summary").first.is_visible()
    page.close()


def test_the_keyboard_reaches_the_report_first(chromium: Any, report: Path) -> None:
    page, _ = opened(chromium, report, DESKTOP)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()


def test_it_prints(chromium: Any, report: Path, tmp_path: Path) -> None:
    page, _ = opened(chromium, report, DESKTOP)
    paper = page.pdf(path=str(tmp_path / "report.pdf"), format="A4")
    assert paper.startswith(b"%PDF")
    page.close()
