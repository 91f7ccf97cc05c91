"""The problems of a scenario: where, which code, what was found, what was expected, how to mend it.

A reader who edits a scenario sees every problem at once, one line each:
``file:line:col CODE path: found X, expected Y, mend (did you mean ...)``.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sousveil.quantity import Location

CODES = MappingProxyType(
    {
        "absent-file": "A file that every scenario has (scenario.yaml, sources.json) is not there.",
        "ascending": "The numbers of a distribution do not ascend: a range runs from low to high.",
        "bad-cell": "A cell of a table is not what its column holds.",
        "bad-unit": "A unit is not known. Units are written as 'h/day', '1/year', 'percent', '1'.",
        "bad-value": "A value is not of the type or shape that stands there.",
        "bad-word": "A word is not one of those allowed there.",
        "bare-number": "A number stands alone. A quantity is never bare: give value or range, "
        "unit, kind, role, sources, grade.",
        "because": "An assumed number, or a claim of fact, must say why: give `because`.",
        "bounds": "A number lies outside what the field can mean.",
        "cells": "A row of a table has more or fewer cells than the table has columns.",
        "columns": "A table has exactly the columns of its kind. Any other column is refused, so "
        "that no record of a person, plate, number or place can enter.",
        "combination": "The numbers are fine one by one, but impossible together.",
        "cycle": "What-ifs inherit from one another in a circle.",
        "distribution": "A quantity has exactly one of fixed, uniform, triangular, beta, "
        "lognormal, truncated_normal, readings, series; each form takes a stated count of numbers.",
        "dimension": "A unit measures something else than the field: hours cannot be persons.",
        "duplicate": "The same key, area or row is given twice.",
        "encoding": "A file is not text in UTF-8.",
        "format": "The scenario is written for another version of the format.",
        "grade": "A grade is a letter A-F for the source and a digit 1-6 for the information.",
        "missing": "Something that must be stated is not: a key, a source, a grade, a row.",
        "nesting": "The file is nested deeper than any scenario.",
        "not-finite": "A number is infinite or not a number.",
        "position": "Something looks like a position. A scenario of a closed country holds no "
        "place of a post, camera or person, and no table of this version holds one at all.",
        "size": "A file is larger than any scenario.",
        "small-area": "An area has fewer than 1,000 people and no neighbour of the same parent to "
        "merge with: statistics leave, persons do not.",
        "sum": "Shares that make up a whole do not sum to 1.",
        "syntax": "The file cannot be read: it is not YAML 1.2, JSON or CSV.",
        "unknown-key": "A key is not declared there. It is refused, so that no misspelt number is "
        "silently unused.",
        "unknown-name": "A name refers to nothing: a source, act, channel, what-if, area, path.",
        "unknown-table": "A file of the folder is no table that a scenario can have.",
        "yaml-feature": "Aliases, anchors, tags and merge keys are refused: what stands in the "
        "file is what is meant.",
    }
)
"""Every code with what it means; `sousveil explain CODE` prints it."""


@dataclass(frozen=True)
class Problem:
    """One problem. found, expected, mend: clauses without a full stop; empty ones are left out."""

    code: str
    location: Location
    path: str
    found: str
    expected: str
    mend: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        """Write the one line that a reader sees."""
        place = self.location
        head = f"{place.file}:{place.line}:{place.column} {self.code}"
        clauses = [f"found {self.found}" if self.found else ""]
        clauses += [f"expected {self.expected}" if self.expected else "", self.mend]
        words = ", ".join(clause for clause in clauses if clause)
        hint = f" (did you mean {self.suggestion}?)" if self.suggestion else ""
        return f"{head} {self.path or '.'}: {words}{hint}"

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sorting key: by file and place in it."""
        place = self.location
        return (place.file, place.line, place.column, self.code, self.path)


class Problems(Exception):  # noqa: N818 (it is a list of problems, and read as one)
    """Raised with every problem of an input at once, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Sort the problems and drop those that say the same of the same place."""
        unique = {str(problem): problem for problem in problems}
        self.problems: tuple[Problem, ...] = tuple(
            sorted(unique.values(), key=lambda problem: problem.order)
        )
        super().__init__("\n".join(map(str, self.problems)))

    def under(self, folder: str) -> Problems:
        """Return the same problems with their files named from outside the folder."""
        return Problems(
            replace(item, location=replace(item.location, file=f"{folder}/{item.location.file}"))
            for item in self.problems
        )


def close_to(word: str, allowed: Iterable[str], least: float = 0.6) -> str:
    """Return the allowed word most like `word`, or "" when none is as like as `least`."""
    candidates = list(allowed)
    lowered = {candidate.lower(): candidate for candidate in candidates}
    close = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=least)
    return lowered[close[0]] if close else ""


def listed(words: Iterable[str], most: int = 8) -> str:
    """Words as a short list for a message."""
    every = list(words)
    shown = ", ".join(every[:most])
    return shown if len(every) <= most else f"{shown} and {len(every) - most} more"


def steers(letter: str) -> bool:
    """Whether a character would steer a terminal, or is half of one that no file can hold."""
    return not letter.isspace() and unicodedata.category(letter) in {"Cc", "Cs"}


def printable(text: str) -> str:
    """Return a text with every steering character replaced."""
    if text.isprintable():
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if steers(letter) else letter for letter in text)


def shown(value: object, most: int = 60) -> str:
    """A value as it is quoted in a message: on one line, and short."""
    text = printable(" ".join(str(value).split()))
    return text if len(text) <= most else text[: most - 3] + "..."
