"""Finds cases: shipped ones by their id, a reader's own by the path of a file or folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from sousveil.errors import Problem, Problems, close_to, listed, shown
from sousveil.quantity import Location
from sousveil.validate.case_files import CASES, read_case
from sousveil.validate.model import Case


def shipped_cases() -> dict[str, Path]:
    """Paths of the shipped cases by id, in order of their ids."""
    return {path.stem.partition("_")[0]: path for path in sorted(CASES.glob("*.yaml"))}


def find_cases(names: Sequence[str]) -> list[Case]:
    """Read the cases that are named, all shipped ones if none is.

    Raises Problems with every problem of all of them at once.
    """
    problems: list[Problem] = []
    cases: list[Case] = []
    for path in _paths(names, problems):
        try:
            cases.append(read_case(path))
        except Problems as found:
            problems += from_outside(found, path.parent).problems
    if problems:
        raise Problems(problems)
    return cases


def from_outside(found: Problems, folder: Path) -> Problems:
    """The same problems with their file named as a reader reaches it; shipped ones stay plain."""
    here, there = Path.cwd(), folder.resolve()
    if there in (here, CASES):
        return found
    return found.under(str(there.relative_to(here) if there.is_relative_to(here) else there))


def _paths(names: Sequence[str], problems: list[Problem]) -> list[Path]:
    shipped = shipped_cases()
    by_id = {name.lower(): path for name, path in shipped.items()}
    if not names:
        return list(shipped.values())
    found: list[Path] = []
    for name in names:
        path = Path(name)
        if name.lower() in by_id:
            found.append(by_id[name.lower()])
        elif os.path.isdir(path) and any(path.glob("*.yaml")):  # noqa: PTH112 (as below)
            found += sorted(path.glob("*.yaml"))
        elif os.path.isfile(path):  # noqa: PTH113 (pathlib raises for a name that is too long)
            found.append(path)
        else:
            expected = f"the path of a case, or one of {listed(shipped, 20)}"
            place, hint = Location("validate", 1, 1), close_to(name, shipped)
            problem = Problem("unknown-name", place, "", f"case {shown(name)}", expected, "", hint)
            problems.append(problem)
    return list(dict.fromkeys(found))
