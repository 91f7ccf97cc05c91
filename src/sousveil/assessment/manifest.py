"""What an assessment reads in a manifest, typed: a file that was edited is refused in one line."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sousveil.assessment.text import clean, line
from sousveil.ensemble.study import Refused
from sousveil.processes import Sensitivity
from sousveil.report.names import year_of

Line = Annotated[str, AfterValidator(line)]
Text = Annotated[str, AfterValidator(clean)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Part(BaseModel):
    """A part of a manifest; keys that an assessment does not read are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Number(Part):
    """A quantity of the run. kind: of a reader's own value it is assumed, and by_user is true."""

    path: Line
    unit: Line
    kind: Literal["documented", "derived", "inferred", "assumed"]
    role: Line
    grade: Line = ""
    by_user: bool
    form: Line = ""
    values: tuple[float, ...] = ()


class WhatIf(Part):
    """A named change, whether it claims to lessen a harm, and whether it only sharpens."""

    title: Line
    reason: Text
    safeguard: bool
    sharpens_only: bool


class Act(Part):
    """An act that is looked for: the right that it exercises, or the aim of punishing it."""

    title: Line
    right: Line
    legitimate_aim: Text


class Unseen(Part):
    """A channel that is documented to notice an act, and is not modelled as doing so."""

    act: Line
    channel: Line
    note: Text


class Scene(Part):
    """What the tables of the run speak of."""

    place: Line
    channels: tuple[Line, ...]
    acts: dict[Line, Act]
    sensitivities: dict[Line, Sensitivity]
    border_words: frozenset[Line]
    not_modelled: tuple[Unseen, ...]


class Manifest(Part):
    """The manifest of a finished run."""

    scenario: Line
    scenario_hash: Digest
    title: Line
    year: int
    seed: int
    members: int = Field(ge=0)
    persons: int = Field(ge=0)
    versions: dict[str, Line]
    what_ifs: tuple[Line, ...]
    base: tuple[Line, ...] = ()
    what_if_texts: dict[Line, WhatIf]
    quantities: tuple[Number, ...]
    warnings: tuple[Text, ...]
    results_sha256: Digest
    scene: Scene

    @property
    def as_of(self) -> int:
        """The year that the run takes as its base."""
        return year_of(self.base, self.year)


def read(document: object, name: str) -> Manifest:
    """A manifest out of what a JSON file holds. Raises Refused in one line."""
    if isinstance(document, dict) and "scene" not in document:
        raise Refused(f"{name} is of an older version of sousveil: run the scenario again")
    try:
        return Manifest.model_validate(document)
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        place = line(".".join(str(step) for step in first["loc"]), 80) or "the whole"
        raise Refused(
            f"{name} was changed since the run, at {place} ({line(first['msg'], 80)}): "
            "run the scenario again"
        ) from None
