"""Groups: every combination of one category of each margin, and the share of people in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

import numpy as np

from sousveil.arrays import Bools, Floats
from sousveil.world.model import Group
from sousveil.world.parameters import PeopleParameters

Category = tuple[str, str]
"""Margin and category, as ("age", "adult")."""


@dataclass(frozen=True)
class Shares:
    """Combinations of categories, one of each margin, with the share of each (independent)."""

    combined: tuple[tuple[Category, ...], ...]
    share: Floats


@dataclass(frozen=True)
class Margins:
    """The margins of households (C combinations) and of persons (R); adult: (R,)."""

    household: Shares
    person: Shares
    adult: Bools

    def groups(self) -> tuple[Group, ...]:
        """All C * R groups, in the order of People's index c * R + r."""
        return tuple(
            Group(
                id=".".join(category for _, category in (*of_household, *of_person)),
                categories=(*of_household, *of_person),
                adult=bool(adult),
            )
            for of_household in self.household.combined
            for of_person, adult in zip(self.person.combined, self.adult, strict=True)
        )

    def first_and_other(self, persons: int, households: int) -> tuple[Floats, Floats]:
        """(R,) shares of the first person of a household, an adult, and of everybody else.

        The first are drawn from the adults; the others make up what is missing, so that over all
        `persons` the margins hold exactly in the mean.
        """
        share, adults = self.person.share, float(self.person.share[self.adult].sum())
        # A part in a million below is rounding of whole households, not a contradiction.
        if adults * persons < households * (1 - 1e-6):
            raise ValueError(
                f"people: adults are {adults:.3g} of all persons, but a household of "
                f"{persons / households:.3g} persons needs one adult ({households / persons:.3g}): "
                "raise household_size or the share of adult categories"
            )
        first = np.where(self.adult, share, 0.0) / adults
        if persons == households:
            return first, first
        other = (persons * share - households * first) / (persons - households)
        other = np.maximum(other, 0.0)
        return first, other / other.sum()


def build_margins(
    parameters: PeopleParameters, given: Mapping[str, float] = MappingProxyType({})
) -> Margins:
    """Margins with the categories of each scaled to sum to 1, in the order of the scenario.

    given: share of the place in each category that areas.csv gives by area.
    """
    twice = sorted(set(given) & set(parameters.margins))
    if twice:
        raise ValueError(f"people.margins.{twice[0]}: areas.csv gives it by area; give it once")
    margins = _by_margin({**parameters.margins, **given})
    shared = set(parameters.household_margins)
    if shared - set(margins):
        raise ValueError(
            f"people.household_margins: no margin is named {min(shared - set(margins))!r}"
        )
    person = _combine({name: margins[name] for name in margins if name not in shared})
    household = _combine({name: margins[name] for name in margins if name in shared})
    return Margins(household, person, _adults(person, tuple(parameters.adult_categories)))


def _by_margin(shares: Mapping[str, float]) -> dict[str, dict[Category, float]]:
    result: dict[str, dict[Category, float]] = {}
    for key, value in shares.items():
        margin, dot, category = key.partition(".")
        if not (dot and margin and category):
            raise ValueError(f"people.margins.{key}: expected margin.category, as sex.female")
        result.setdefault(margin, {})[margin, category] = value
    for margin, categories in result.items():
        total = sum(categories.values())
        if total <= 0:
            raise ValueError(f"people.margins: the categories of {margin} have no people")
        result[margin] = {category: value / total for category, value in categories.items()}
    return result


def _combine(margins: Mapping[str, Mapping[Category, float]]) -> Shares:
    """Every combination of one category of each margin; one empty combination without margins."""
    combined = tuple(product(*margins.values()))
    factors = [
        [margins[category[0]][category] for category in combination] for combination in combined
    ]
    return Shares(combined, np.array([np.prod(each) for each in factors], dtype=np.float64))


def _adults(person: Shares, adult_categories: tuple[str, ...]) -> Bools:
    known = {f"{margin}.{name}" for combination in person.combined for margin, name in combination}
    unknown = sorted(set(adult_categories) - known)
    if unknown:
        raise ValueError(f"people.adult_categories: {unknown[0]!r} is no category of persons")
    return np.array(
        [
            not adult_categories
            or any(f"{margin}.{name}" in adult_categories for margin, name in combination)
            for combination in person.combined
        ]
    )
