"""What a field of an assessment is: what it asks, where the law asks it, and who can fill it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One field.

    asks: what belongs there. law: where it is asked for. model: what the model fills it with, ""
    where only the controller can. pia: questions of the CNIL's tool that it answers.
    """

    id: str
    part: str
    title: str
    law: str
    asks: str
    model: str = ""
    pia: tuple[int, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of assessment: its short name, its title, the law behind it, its fields in order."""

    id: str
    title: str
    law: str
    questions: tuple[Question, ...]


USE, NEED, RISK, CARE, VOICES, LIMITS = (
    "The processing",
    "Necessity and proportionality",
    "Risks for people",
    "Measures and oversight",
    "Voices and decisions",
    "Limits",
)
