"""Back-tests of counts: ratios, sums, numbers a head, readings that contradict one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sousveil.quantity import quantities, quantity
from sousveil.statistics import for_thousand
from sousveil.validate.model import Output, Place, Procedure, number


@dataclass(frozen=True, kw_only=True)
class Total:
    """Parts of a count, and how many people there are to each."""

    parts: Mapping[str, float] = quantities("1", "The parts.", by="free", role="nature")
    people_each: float = quantity(
        "person", "People to each of what is counted.", absent=0.0, role="nature"
    )


def total(parameters: Total, _: Place) -> Mapping[str, Output]:
    """The sum, and the people that a claim of `one to so many` implies."""
    count = sum(parameters.parts.values())
    return {"total": number(count), "people": number(count * parameters.people_each)}


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """People to each of several kinds of staff."""

    people: float = quantity("person", "Residents.", low=1, role="nature")
    staff: Mapping[str, float] = quantities("person", "Each kind.", by="free", role="nature")


def ratio(parameters: Ratio, _: Place) -> Mapping[str, Output]:
    """Residents to each, by kind and together."""
    found: dict[str, Output] = {
        f"people_each.{kind}": number(parameters.people / count)
        for kind, count in parameters.staff.items()
    }
    found["people_each.together"] = number(parameters.people / sum(parameters.staff.values()))
    return found


@dataclass(frozen=True, kw_only=True)
class PerHead:
    """Counts and people of the same places."""

    counts: Mapping[str, float] = quantities("camera", "Cameras.", by="free", role="state_lever")
    people: Mapping[str, float] = quantities("person", "Residents.", by="free", role="nature")
    per: float = quantity("person", "Residents to count by.", absent=1000.0, role="nature")


def per_head(parameters: PerHead, _: Place) -> Mapping[str, Output]:
    """Count for every `per` people, by place and together; a place without people is refused.

    The rate is that of `sousveil sites`.
    """
    missing = sorted(set(parameters.counts) ^ set(parameters.people))
    if missing:
        raise ValueError(f"counted or peopled, but not both: {', '.join(missing)}")
    scale = parameters.per / 1000.0
    found: dict[str, Output] = {
        f"per_head.{place}": number(scale * for_thousand(count, parameters.people[place]))
        for place, count in parameters.counts.items()
    }
    together = for_thousand(sum(parameters.counts.values()), sum(parameters.people.values()))
    found["per_head.together"] = number(scale * together)
    return found


@dataclass(frozen=True, kw_only=True)
class Published:
    """One published figure, or several readings of it."""

    figure: float = quantity("1", "The figure as published.", role="nature")


def published(parameters: Published, _: Place) -> Mapping[str, Output]:
    """The figure; readings that contradict one another stay apart."""
    return {"figure": number(parameters.figure)}


PROCEDURES = (
    Procedure(
        "total",
        "A sum of parts, and the people that it implies",
        Total,
        total,
        {"total": "the sum", "people": "the sum times the people to each"},
    ),
    Procedure(
        "ratio",
        "Residents to each of several kinds",
        Ratio,
        ratio,
        {"people_each.*": "residents to each of a kind; `together`: of all kinds"},
    ),
    Procedure(
        "per_head",
        "Counts for so many people",
        PerHead,
        per_head,
        {"per_head.*": "count for every `per` people; `together`: of all places"},
    ),
    Procedure(
        "published",
        "A published figure as the model holds it",
        Published,
        published,
        {"figure": "the figure, or its readings"},
    ),
)
