"""The assessment in a browser: quiet, readable on a phone and by a reader, marked in print."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sousveil
from sousveil.assessment.api import written

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on this machine"),
]
PHONE, DESKTOP = 390, 1280


@pytest.fixture(scope="module")
def assessment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assessment")
    sousveil.run("example", members=4, scale=0.01, out=folder / "run")
    written(folder / "run", "dpia", folder, ("html",))
    return folder / "assessment.html"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.mark.parametrize("width", [PHONE, 768, DESKTOP])
def test_it_is_quiet_and_fits_the_screen(chromium: Any, assessment: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("request", lambda request: heard.append(request.url))
    page.goto(assessment.as_uri())
    assert heard == [assessment.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert str(page.locator(".watermark").get_attribute("data-mark")).startswith("DRAFT: ")
    page.close()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_no_rule_of_accessibility_is_broken(chromium: Any, assessment: Path, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(assessment.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
    found = axe.Axe().run(page)
    assert [
        (rule["id"], [node["html"][:150] for node in rule["nodes"][:3]])
        for rule in found.response["violations"]
    ] == []
    page.close()


def test_the_watermark_hides_nothing_and_catches_no_click(chromium: Any, assessment: Path) -> None:
    page = chromium.new_page(viewport={"width": DESKTOP, "height": 900})
    page.goto(assessment.as_uri())
    page.get_by_role("link", name="Purposes").click()
    assert page.url.endswith("#purposes")
    style = "getComputedStyle(document.querySelector('.watermark'))"
    assert page.evaluate(f"{style}.pointerEvents") == "none"
    page.emulate_media(media="print")
    assert page.locator(".watermark").is_visible()
    assert not page.locator(".contents").is_visible()
    page.close()
