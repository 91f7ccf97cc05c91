"""What the house tests look at: the files of the repository, and the trees of its modules."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "sousveil"
SKIPPED = {".git", ".venv", "__pycache__", "_build", "build", "dist", "runs"}


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def source() -> Path:
    return SOURCE


@pytest.fixture(scope="session")
def tracked_files() -> list[Path]:
    """Tracked and new files that git does not ignore; without git, all but caches."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    else:
        names = [path for path in ROOT.rglob("*") if not SKIPPED & set(path.parts)]
    return sorted(path for path in names if path.is_file())


@pytest.fixture(scope="session")
def modules() -> dict[Path, ast.Module]:
    """The syntax tree of every Python file under src."""
    return {
        path: ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        for path in sorted(SOURCE.rglob("*.py"))
    }


@pytest.fixture(scope="session")
def scenarios() -> list[Path]:
    """The folders of the shipped scenarios."""
    return sorted(path.parent for path in SOURCE.glob("scenarios/*/scenario.yaml"))
