"""An assessment: a finished run and the controller's answers, field by field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sousveil.assessment.dpia import DPIA
from sousveil.assessment.filled import Filled
from sousveil.assessment.frequency import frequency
from sousveil.assessment.fria import FRIA
from sousveil.assessment.harms import harms
from sousveil.assessment.limits import limits
from sousveil.assessment.measures import measures
from sousveil.assessment.oversight import oversight
from sousveil.assessment.people import people
from sousveil.assessment.questions import Kind, Question
from sousveil.assessment.run_folder import FinishedRun
from sousveil.assessment.system import system
from sousveil.quantity import KINDS as EVIDENCE
from sousveil.report.numbers import number, unit_words
from sousveil.report.sections.intervals import WORDS

KINDS: Final[Mapping[str, Kind]] = MappingProxyType({kind.id: kind for kind in (DPIA, FRIA)})
FILLERS: Final[Mapping[str, Callable[[FinishedRun], Filled]]] = MappingProxyType(
    {
        "system": system,
        "frequency": frequency,
        "people": people,
        "harms": harms,
        "measures": measures,
        "oversight": oversight,
        "limits": limits,
    }
)
OPEN = "open: to be filled by the controller"
BY_MODEL = "filled by the model, to be confirmed by the controller"
BY_CONTROLLER = "filled by the controller"
BY_USER = "set by the user"
KIND_WORDS = {
    "documented": "stand in a source",
    "derived": "follow from documented ones",
    "inferred": "are read out of sources that say it indirectly",
    "assumed": "are assumed, with a reason, because no source says",
    BY_USER: "were set by hand for this run, and count as assumed",
}


READING = (
    "A range has four parts, never merged. "
    + ". ".join(f"{title}: {words}" for title, words in WORDS.values())
    + ". The middle is the median of the members; environment and chance lie about the run with "
    "every quantity at its own middle."
)
BASIS = (
    "Basis says how a range was come by. An expected value is computed without chance; in a mean "
    "field, parts that hang together are joined by their means. Assumption-driven: more than half "
    "of the variance comes from assumed numbers, so that the range counts and not its middle."
)


@dataclass(frozen=True)
class Field:
    """One field: what it asks, what the model says, what the controller wrote."""

    question: Question
    filled: Filled
    answer: str

    @property
    def open(self) -> bool:
        """Whether something is left that only the controller can fill."""
        by_model = bool(self.question.model) and not self.filled.missing
        return not by_model and not self.answer

    @property
    def state(self) -> str:
        """Who has filled it, in words."""
        if self.open:
            return OPEN
        return BY_CONTROLLER if self.answer else BY_MODEL


@dataclass(frozen=True)
class Assessment:
    """An assessment as it is written.

    counts: how many quantities are known in which way. overrides: path and value of what was set by
    hand. facts: what the run was, by name.
    """

    kind: Kind
    title: str
    where: str
    fields: tuple[Field, ...]
    counts: tuple[tuple[str, int, str], ...]
    overrides: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]

    @property
    def open(self) -> int:
        """Number of open fields."""
        return sum(field.open for field in self.fields)

    @property
    def mark(self) -> str:
        """The watermark, "" once everything is filled."""
        if not self.open:
            return ""
        return f"DRAFT: {self.open} field{'' if self.open == 1 else 's'} open"

    @property
    def parts(self) -> tuple[str, ...]:
        """Titles of the parts, in order."""
        return tuple(dict.fromkeys(field.question.part for field in self.fields))


def assess(run: FinishedRun, kind: Kind, answers: Mapping[str, str]) -> Assessment:
    """The assessment of a finished run. answers: field -> text of the controller."""
    about = run.about
    fields = tuple(
        Field(item, FILLERS[item.model](run) if item.model else Filled(), answers.get(item.id, ""))
        for item in kind.questions
    )
    return Assessment(
        kind=kind,
        title=about.title or about.scenario,
        where=f"{about.scene.place or about.scenario}, as of {about.as_of}",
        fields=fields,
        counts=_counts(run),
        overrides=_overrides(run),
        facts=(
            ("Scenario", about.scenario),
            ("Scenario, SHA-256", about.scenario_hash),
            ("Seed", str(about.seed)),
            ("Members", f"{about.members:,}"),
            ("People modelled", number(about.persons, 3)),
            ("Sousveil", about.versions.get("sousveil", "")),
            ("Results, SHA-256", about.results_sha256),
        ),
    )


def _counts(run: FinishedRun) -> tuple[tuple[str, int, str], ...]:
    items = run.about.quantities
    found = Counter(BY_USER if item.by_user else item.kind for item in items)
    return tuple((word, found[word], KIND_WORDS[word]) for word in (*EVIDENCE, BY_USER))


def _overrides(run: FinishedRun) -> tuple[tuple[str, str], ...]:
    return tuple(
        (item.path, f"{number(item.values[0], 4)} {unit_words(item.unit)}".strip())
        for item in run.about.quantities
        if item.by_user and item.values
    )
