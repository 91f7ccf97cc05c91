"""Runs that are disturbed, what they leave, and what they say."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMBERS = 4
WORDS = ("--members", str(MEMBERS), "--engine", "expected", "--study", "discovery")
"""One study and all what-ifs: start, run, write, merge, studies and report are all there."""
REPORT_LENGTH = 10_000
"""A report shorter than this is no report."""
IMAGE = Path(__file__).parent / "image.py"


def arguments(folder: Path, *more: str, threads: int = 1) -> list[str]:
    """What is typed after `sousveil`."""
    words = ["run", "example", *WORDS, "--threads", str(threads), "--out", str(folder)]
    return [*words, *more]


def command(folder: Path, *more: str, threads: int = 1) -> list[str]:
    """A run in a process of its own."""
    return [sys.executable, "-m", "sousveil", *arguments(folder, *more, threads=threads)]


def run(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """A run from beginning to end, in a process of its own."""
    return subprocess.run(
        command(folder, *more), capture_output=True, text=True, check=False, timeout=600
    )


@dataclass(frozen=True)
class Ended:
    """How a run ended. code: negative for a signal. steps: by which it changed its folder."""

    code: int
    seconds: float
    steps: int
    said: str


@dataclass(frozen=True)
class Whole:
    """A run that nobody disturbed: its folder, what it says, how long it took."""

    folder: Path
    results: dict[str, str]
    seconds: float


@dataclass(frozen=True)
class Forked:
    """The same run in the image: how it ended, and seconds until its report began."""

    ended: Ended
    until_report: float


class Image:
    """A process that has loaded everything, and forks runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(IMAGE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert "ready" in self._line()

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the image ended"
        return json.loads(line)

    def run(self, argv: Sequence[str], **how: Any) -> Ended:
        """Fork a run. how: step, after or limit, as in image.py."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps({'argv': list(argv), **how})}\n")
        self._process.stdin.flush()
        return Ended(**self._line())

    def close(self) -> None:
        """Let the image end."""
        self._process.communicate()


def results(folder: Path) -> dict[str, str]:
    """Hash of everything that a run says; what tells of the machine and the clock is left out."""
    found = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".parquet", ".csv"} or path.name == "claims.json"
    }
    document = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert len((folder / "report.html").read_text(encoding="utf-8")) > REPORT_LENGTH
    return found | {"results": document["results_sha256"]}


def finished(folder: Path) -> dict[str, int]:
    """Members that are whole, by name, with the time at which they were written."""
    found: dict[str, int] = {}
    for path in (folder / "members").glob("[0-9]*.parquet"):
        if hashlib.sha256(path.read_bytes()).hexdigest().startswith(path.stem.split("-")[1]):
            found[path.name] = path.stat().st_mtime_ns
    return found


def phase(folder: Path) -> str:
    """In which phase a run was killed, by what it left."""
    if not (folder / "run.json").exists():
        return "start"
    if list(folder.glob("**/.*.partial")):
        return "write"
    if (folder / "manifest.json").exists():
        return "end"
    if len(finished(folder)) < MEMBERS:
        return "run"
    if not (folder / "claims.json").exists():
        return "merge"
    return "studies and report"
