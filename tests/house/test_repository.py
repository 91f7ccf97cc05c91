"""The repository names no machine of its makers, and its locks no host."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path

import sousveil

# Cut by a bar, else this file would find itself.
TRACES_OF_A_WORKPLACE = [
    trace.replace("|", "")
    for trace in (
        "/|work/ /|root/ /|farm/ farm|- /opt/|pypi pypi|.org files.python|hosted registry|.npmjs "
        "/.|library /tmp/|bash_jobs"
    ).split()
]
TEXT = set(".py .md .toml .txt .in .yaml .yml .json .cff .html .css .js .sh .cfg .csv .bib".split())


def test_no_trace_of_the_machine_it_was_made_on(tracked_files: list[Path]) -> None:
    found = [
        f"{path}: {trace}"
        for path in tracked_files
        if path.suffix in TEXT or not path.suffix
        for trace in TRACES_OF_A_WORKPLACE
        if trace in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert not found


def pins(path: Path) -> set[str]:
    """The `name==version` of a lock file."""
    return set(
        re.findall(r"(?m)^[A-Za-z0-9._-]+(?:\[[a-z,]+\])?==[^ \\;]+", path.read_text("utf-8"))
    )


def test_locks_hold_hashes_and_no_address(root: Path) -> None:
    locks = sorted(root.glob("lock-*.txt"))
    assert len(locks) >= 2
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text, lock
        assert not re.search(r"(?m)^[A-Za-z0-9._-]+ @ ", text), lock
        assert not re.search(r"(?m)^\s*-", text.replace("    --hash=", "")), lock
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= len(pins(lock)), lock


def test_one_environment_satisfies_both_locks(root: Path) -> None:
    # `make run` and `make test` share .venv: else each would undo the other.
    extra = pins(root / "lock-core.txt") - pins(root / "lock-dev.txt")
    assert not extra, f"make lock: {extra}"


def test_every_core_dependency_is_locked(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {pin.split("==")[0] for pin in pins(root / "lock-core.txt")}
    for wanted in project["dependencies"]:
        name = re.split(r"[\[<>=~]", wanted)[0].replace(".", "-")
        assert name in locked, wanted


def test_continuous_integration_runs_what_a_laptop_runs(root: Path) -> None:
    script = root / ".ci" / "run"
    assert "make test" in script.read_text(encoding="utf-8")
    assert script.stat().st_mode & stat.S_IXUSR


def test_one_version_everywhere(root: Path) -> None:
    citation = (root / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {sousveil.__version__}" in citation


def test_the_line_is_printed_where_a_reader_looks(root: Path) -> None:
    for name in ("README.md", "CITATION.cff", "docs/explanation/limits.md"):
        words = " ".join((root / name).read_text(encoding="utf-8").lower().split())
        assert "never evidence about one person, place or event" in words, name
