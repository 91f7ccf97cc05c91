"""Writes a new scenario: a copy of the shipped example under another name, with its schema."""

from __future__ import annotations

import json
import re
from pathlib import Path

from sousveil.errors import Problem, Problems, shown
from sousveil.quantity import Location
from sousveil.scenario.files import DECLARATION, NAMES, SCHEMA, SHIPPED
from sousveil.scenario.schema import schema

EXAMPLE = "example"
_README = """# {title}

What this scenario shows:

- (which system, of which place and year, and what its watched people do)

What it cannot show:

- It is never evidence about one person, place or event.
- (what nobody has published; what the numbers here assume; which acts no channel here can see)

It started as a copy of an invented town: what you have not replaced yet, numbers and sources, is
invented.
"""


def create(folder: Path) -> list[Path]:
    """Write a small commented scenario that runs into a new folder, and return its files."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise _refusal(folder, "duplicate", "something is there already")
        name = name_of(folder)
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", "") or "its links go in a circle"
        raise _refusal(folder, "bad-value", f"no place to write: {why}") from None
    title = name.replace("_", " ").capitalize()
    written: list[Path] = []
    for source in sorted((SHIPPED / EXAMPLE).iterdir()):
        if source.name in NAMES:
            text = source.read_text(encoding="utf-8")
            if source.name == DECLARATION:
                text = re.sub(r"(?m)^name: .*$", f"name: {name}", text, count=1)
                text = re.sub(r"(?m)^title: .*$", f"title: {title}", text, count=1)
            written.append(_write(folder / source.name, text))
    written.append(_write(folder / "README.md", _README.format(title=title)))
    text = json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"
    written.append(_write(folder / SCHEMA, text))
    return written


def _refusal(folder: Path, code: str, found: str) -> Problems:
    place = Location(shown(folder, 300), 1, 1)
    return Problems(
        [Problem(code, place, "", found, "a new or empty folder", "choose another name")]
    )


def name_of(folder: Path) -> str:
    """Name of a scenario from that of its folder: small letters, digits and _."""
    plain = re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_")
    return plain if re.match(r"[a-z]", plain) else f"scenario_{plain}".rstrip("_")


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
