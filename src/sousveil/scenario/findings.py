"""The list that a loader fills: every problem and warning of a scenario, met in any order."""

from __future__ import annotations

from dataclasses import dataclass, field

from sousveil.errors import Problem, Problems
from sousveil.quantity import Location
from sousveil.scenario.countries import is_open


@dataclass
class Findings:
    """Problems and warnings met so far; it only grows, and ends a load once, with all of them.

    country: that of the scenario, "" while it is not known (then it is closed).
    """

    country: str = ""
    problems: list[Problem] = field(default_factory=list[Problem])
    warnings: list[str] = field(default_factory=list[str])

    def add(
        self,
        code: str,
        location: Location,
        path: str,
        found: str,
        expected: str = "",
        mend: str = "",
        suggestion: str = "",
    ) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, location, path, found, expected, mend, suggestion))

    def position(self, location: Location, path: str, found: str) -> None:
        """Note what looks like a position: no table of this version holds one, wherever it is."""
        where = (
            f"{self.country} is not on the list of open ones" if self.country else "none is named"
        )
        closed = "" if is_open(self.country) else f" in a closed country ({where})"
        mend = "state shares or counts of whole areas, never where a thing stands"
        self.add("position", location, path, found, f"no position{closed}", mend)

    def warn(self, location: Location, path: str, words: str) -> None:
        """Note something that a reader should know and that stops nothing."""
        self.warnings.append(f"{location.file}:{location.line}:{location.column} {path}: {words}")

    def finish(self) -> None:
        """Raise every problem at once, if there is one."""
        if self.problems:
            raise Problems(self.problems)
