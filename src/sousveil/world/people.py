"""People: whole persons, households and units of every area."""

from __future__ import annotations

import numpy as np

from sousveil.arrays import AnyArray, Floats, Ints
from sousveil.quantity import keyed
from sousveil.world.groups import Margins
from sousveil.world.model import Area, People
from sousveil.world.parameters import PeopleParameters


def build_people(
    areas: tuple[Area, ...],
    weights: tuple[float, ...],
    margins: Margins,
    parameters: PeopleParameters,
    household_shares: Floats | None = None,
) -> People:
    """Count the people: residents spread over the areas by weight, guards one to a household.

    household_shares: those of the margins unless areas differ.
    """
    civil = np.array([area.civil for area in areas])
    residents = round(parameters.population_total * (1.0 - parameters.military_share))
    persons = apportion(residents, np.asarray(weights, dtype=np.float64))
    households = apportion(round(residents / parameters.household_size), persons)
    households = np.clip(households, np.minimum(persons, 1), persons)
    persons = np.where(civil, persons, round(parameters.guards))
    households = np.where(civil, households, persons)
    first, other = margins.first_and_other(int(persons[civil].sum()), int(households[civil].sum()))
    return People(
        persons=persons,
        households=households,
        units=_units(areas, households, parameters),
        household_shares=margins.household.share if household_shares is None else household_shares,
        first_shares=first,
        other_shares=other,
    )


def apportion(total: int, weights: AnyArray) -> Ints:
    """Whole numbers in proportion to `weights` that sum to `total`.

    Source: the method of largest remainders (Hamilton); ties go to the earlier entry.
    """
    whole = np.asarray(weights, dtype=np.float64).sum()
    if whole <= 0:
        raise ValueError("people: the areas of areas.csv have no people")
    exact: Floats = total * (weights / whole)
    result = np.floor(exact).astype(np.int64)
    missing = total - int(result.sum())
    result[np.argsort(result - exact, kind="stable")[:missing]] += 1
    return result


def _units(areas: tuple[Area, ...], households: Ints, parameters: PeopleParameters) -> Ints:
    """(A,) units: households over the size of a unit in that type of settlement, at least one."""
    sizes = np.array([keyed(parameters.unit_households, a.settlement, np.nan) for a in areas])
    if np.isnan(sizes).any():
        missing = areas[int(np.flatnonzero(np.isnan(sizes))[0])].settlement
        raise ValueError(f"people.unit_households.{missing}: missing (or give `other`)")
    units = np.rint(households / sizes).astype(np.int64)
    return np.clip(units, np.minimum(households, 1), households)
