"""The documentation builds without a warning, and lists what exists."""

from __future__ import annotations

import html
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sousveil.channels import channels
from sousveil.measures import measures

PARTS_OF_A_DECISION = ["Context", "Decision", "Alternatives", "Consequences", "Status"]
MOST_WORDS_OF_A_PAGE = 600


def test_the_documentation_builds_without_a_warning(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", "-d", str(tmp_path / "d")]
    done = subprocess.run(
        [*command, str(root / "docs"), str(tmp_path / "html")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "html" / "explanation" / "limits.html").is_file()
    # The pages that are written out of the code say of each channel what it cannot show.
    built = tmp_path / "html" / "reference"
    told = text_of(built / "channels.html")
    for channel in channels().values():
        for sentence in channel.limits:
            assert " ".join(sentence.replace("`", "").split()) in told
    told = text_of(built / "measures.html")
    assert all(name in told.split() for name in measures())


def text_of(page: Path) -> str:
    words = re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))
    return " ".join(html.unescape(words).replace("\u2019", "'").split())


def test_a_built_page_asks_nobody_else(root: Path) -> None:
    # A picture or script from elsewhere would tell a stranger who reads these pages.
    outside = re.compile(r"!\[[^\]]*\]\(https?:|<(?:img|script|link)[^>]+https?:")
    found = [str(path) for path in root.glob("docs/**/*.md") if outside.search(path.read_text())]
    assert not found


def test_a_decision_is_one_page_in_five_parts(root: Path) -> None:
    pages = sorted(root.glob("docs/decisions/[0-9]*.md"))
    assert len(pages) >= 3
    numbers = [path.name[:4] for path in pages]
    assert len(set(numbers)) == len(numbers), "two decisions share a number"
    for path in pages:
        text = path.read_text(encoding="utf-8")
        for part in PARTS_OF_A_DECISION:
            assert f"**{part}" in text or f"## {part}" in text, f"{path}: {part}"
        assert len(text.split()) <= MOST_WORDS_OF_A_PAGE, f"{path}: one page"


def test_every_command_has_its_line(root: Path) -> None:
    if importlib.util.find_spec("sousveil.cli") is None:
        pytest.skip("cli.py does not exist yet")
    page = (root / "docs/reference/command_line.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"(?m)^\| `sousveil ([a-z]+)", page))
    done = subprocess.run(
        [sys.executable, "-m", "sousveil", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    commands = done.stdout.partition("Commands")[2]
    present = set(re.findall(r"(?m)^[^\w\n]*([a-z]+)(?:\s{2,}|$)", commands))
    assert listed == present
