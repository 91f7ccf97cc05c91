"""What README and first pages tell a reader to type, typed: the example, with few members."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sousveil

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/tutorial/*.md")))
PAGES += ("docs/how-to/write_a_scenario.md",)
SHORT = "--members 2 --scale 0.002 --threads 1".split()


def typed(page: str) -> Iterator[list[str]]:
    """Words after `sousveil` on each line of the indented blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for line in re.findall(r"(?m)^    sousveil (.*)$", text):
        yield shlex.split(line, comments=True)


def python(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if list(typed(page))])
def test_every_command_of_a_page_runs(page: str, tmp_path: Path) -> None:
    for words in typed(page):
        if words[0] == "run":
            words = ["example" if word == "north_korea" else word for word in words] + SHORT
            words += [] if "--what-if" in words else ["--what-if", "none"]
        done = python("-m", "sousveil", *words, folder=tmp_path)
        assert done.returncode == 0, f"{shlex.join(words)}: {done.stderr}"


@pytest.mark.slow
def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    found = re.findall(r"(?ms)^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"))
    assert found
    for block in found:
        short = block.replace("members=200", "members=2, scale=0.002")
        done = python("-c", short.replace("north_korea", "example"), folder=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "report.html").is_file()


def test_the_what_ifs_that_pages_name_are_those_of_north_korea() -> None:
    named = {
        words[place + 1]
        for page in PAGES
        for words in typed(page)
        for place, word in enumerate(words)
        if word == "--what-if"
    }
    assert named
    assert named <= set(sousveil.load("north_korea").what_ifs)


def test_the_number_that_the_readme_shows_is_the_one_of_the_scenario() -> None:
    block = re.search(r"(?ms)^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"))
    assert block is not None
    scenario = ROOT / "src/sousveil/scenarios/north_korea/scenario.yaml"
    text = scenario.read_text(encoding="utf-8")
    for line in block[1].splitlines():
        assert line.strip() in text
