"""Kill, fill, flip and cut a run at many places: `python -m tests.failures` does all of them.

The tests of `end_to_end/` do a share of each. With `--log FILE` a later call goes on where an
earlier one stopped; parts and `--first`, `--last` divide the work.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ALL = {"kills": 300, "disks": 50, "bits": 500, "cuts": 100, "workers": 50, "stops": 20}
FEW = {"kills": 10, "disks": 5, "bits": 40, "cuts": 20, "workers": 3, "stops": 2}
ASKED, LOG = "SOUSVEIL_FAILURES", "SOUSVEIL_FAILURES_LOG"
PHASES = {"start", "run", "write", "merge", "studies and report", "end"}
"""Where kills must have fallen when all have been tried."""
FILES = ("kills", "full_disk", "damage", "stopped", "pool", "cluster")


def counts() -> dict[str, int]:
    """How many failures of each kind there are."""
    return ALL if os.environ.get(ASKED) else FEW


def tries(part: str) -> Iterator[int]:
    """The numbers of the tries of a part that are asked for and not in the log yet."""
    first, last = json.loads(os.environ.get(ASKED) or "[0, null]")
    done = {entry["number"] for entry in logged() if entry["part"] == part}
    for number in range(first, min(counts()[part], last or 10**6)):
        if number not in done:
            yield number


def tell(part: str, number: int, **words: Any) -> None:
    """Write down how a try went, once it went well."""
    if LOG in os.environ:
        with Path(os.environ[LOG]).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps({'part': part, 'number': number, **words})}\n")


def logged() -> list[dict[str, Any]]:
    """Every try of the log."""
    path = Path(os.environ.get(LOG, ""))
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def summary() -> Iterator[str]:
    """How many tries of each part went well, and how they fell."""
    entries = logged()
    for part, total in ALL.items():
        mine = [entry for entry in entries if entry["part"] == part]
        ways = Counter(
            " ".join(str(entry[word]) for word in ("how", "phase", "end") if word in entry)
            for entry in mine
        )
        words = "; ".join(f"{way}: {count}" for way, count in sorted(ways.items()))
        yield f"{part}: {len({entry['number'] for entry in mine})} of {total} ({words})"


def missed() -> set[str]:
    """Phases in which no kill fell, once all kills have been tried."""
    fell = [entry["phase"] for entry in logged() if entry["part"] == "kills"]
    return PHASES - set(fell) if len(fell) >= ALL["kills"] else set()


def main() -> int:
    """Try what is asked for, in one process and in order."""
    parser = argparse.ArgumentParser(prog="python -m tests.failures", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*FILES, []], help="all by default")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--last", type=int, help="not included")
    parser.add_argument("--log", type=Path)
    asked, more = parser.parse_known_args()
    here = Path(__file__).parent / "end_to_end"
    files = [str(here / f"test_{name}.py") for name in asked.parts or FILES]
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-n", "0", *files, *more]
    with tempfile.TemporaryDirectory() as folder:
        os.environ[LOG] = str(asked.log or Path(folder) / "log")
        os.environ[ASKED] = json.dumps([asked.first, asked.last])
        code = subprocess.run(words, check=False).returncode
        sys.stdout.writelines(f"{line}\n" for line in summary())
        if missed():
            sys.stdout.write(f"no kill fell in: {', '.join(sorted(missed()))}\n")
            return code or 1
    return code


if __name__ == "__main__":
    sys.exit(main())
