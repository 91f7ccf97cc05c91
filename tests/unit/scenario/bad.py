"""The malformed scenarios of tests/bad_scenarios: one without fault, with one thing changed.

Each file says in its first comment what is wrong, then the edits, then the head of every line that
`check` must print, in order. An edit names a file and one of: find and put (text that stands there
once, and what replaces it), append, write, bytes (in hexadecimal), times (with write: so often),
delete.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).resolve().parents[2] / "bad_scenarios"
BASE = FOLDER / "base"


@dataclass(frozen=True)
class Case:
    """One malformed scenario. expect: head of each line; says: words that some line contains."""

    name: str
    edits: tuple[dict[str, Any], ...]
    expect: tuple[str, ...]
    says: tuple[str, ...]

    def write(self, folder: Path) -> Path:
        """Write the scenario into a folder."""
        target = folder / self.name
        shutil.copytree(BASE, target)
        for edit in self.edits:
            apply(edit, target / edit["file"])
        return target


def apply(edit: dict[str, Any], path: Path) -> None:
    """Apply one edit to a file."""
    if "delete" in edit:
        path.unlink()
    elif "bytes" in edit:
        path.write_bytes(bytes.fromhex(edit["bytes"]))
    elif "write" in edit:
        path.write_text(edit["write"] * edit.get("times", 1), encoding="utf-8")
    elif "append" in edit:
        path.write_text(path.read_text(encoding="utf-8") + edit["append"], encoding="utf-8")
    else:
        text = path.read_text(encoding="utf-8")
        assert text.count(edit["find"]) == 1, f"{edit['find']!r} does not stand there once"
        path.write_text(text.replace(edit["find"], str(edit["put"])), encoding="utf-8")


def cases() -> list[Case]:
    """Every malformed scenario, by name."""
    found: list[Case] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        tree = YAML(typ="safe").load(path)
        says = tuple(tree.get("says", ()))
        found.append(Case(path.stem, tuple(tree["edits"]), tuple(tree["expect"]), says))
    return found
