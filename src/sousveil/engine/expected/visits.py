"""How likely visits find an act, hour by hour of the year.

Visits are Poisson, so that finding at least once has a closed form: 1 - exp(-find x visits in the
time during which there is something to find). Past the end of the year no visit is seen.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sousveil.arrays import Floats, Ints
from sousveil.engine.expected.prepare import Prepared
from sousveil.processes import Entity, Inspection, Visits


class Finder(NamedTuple):
    """An inspection reduced to its visits, its window and its chance to find at one visit.

    visits: their name. profile: when they come, (S,) as bytes: a value that can be looked up.
    """

    visits: str
    profile: bytes
    hours: int
    find: float


def finder(inspection: Inspection, visits: Visits, find: float | None = None) -> Finder:
    """The finder of an inspection; `find` replaces its chance to find."""
    chosen = inspection.find if find is None else find
    return Finder(visits.name, visits.profile.tobytes(), inspection.findable_hours, chosen)


def rates_of(visits: Visits, groups: Ints) -> tuple[bytes, ...]:
    """How often visits come to persons of some groups, (A,) of each group as bytes."""
    if visits.entity is Entity.PERSON:
        return tuple(column.tobytes() for column in visits.rate.T[groups])
    return (visits.rate[:, 0].tobytes(),) * len(groups)


def visit_rates(visits: Visits) -> Floats:
    """(A, G) rates, or (A, 1) where the entity holds several persons."""
    return visits.rate if visits.entity is Entity.PERSON else visits.rate[:, :1]


def expected_visits(prepared: Prepared, visits: Visits, hours: int) -> Floats:
    """(H,) visits at rate 1 in the `hours` hours from each hour of the year on."""
    total = np.cumsum(visits.profile[prepared.slot_of_hour])
    hours = min(hours, len(total))
    until = np.concatenate([total[hours - 1 :], np.full(hours - 1, total[-1])])
    until[1:] -= total[:-1]
    return until


def clumping(
    prepared: Prepared, item: Inspection, visits: Visits, rate: Floats, density: Floats
) -> Floats:
    """(A,) extra variance of finds per squared find, relative to squared totals of an entity.

    One visit finds several acts at once. With b(u) the acts that a visit at u would find, of a
    yearly total of 1 spread as `density` (S,), the first order of the variance is the sum of
    visits x b^2; higher orders enter by the factor (exp(x) - 1) / x at the mean overlap x, which is
    cut at 1 (beyond, nearly all acts are found and little varies).
    """
    by_hour = density[prepared.slot_of_hour]
    by_hour = by_hour / max(float(by_hour.sum()), 1e-300)
    covered = expected_visits(prepared, visits, item.findable_hours)
    profile = visits.profile[prepared.slot_of_hour]
    distinct, where = np.unique(rate, return_inverse=True)
    result = np.zeros(len(distinct))
    for index, value in enumerate(distinct):
        hazard = item.find * value * covered
        waiting = np.concatenate([[0.0], np.cumsum(by_hour * np.exp(-hazard))])
        hour = np.arange(len(by_hour))
        found = waiting[hour + 1] - waiting[np.maximum(hour + 1 - item.findable_hours, 0)]
        share = float((by_hour * -np.expm1(-hazard)).sum())
        if share <= 0.0:
            continue
        first_order = value * item.find**2 * float((profile * found**2).sum())
        overlap = np.clip(0.5 * item.find * float((by_hour * hazard).sum()), 1e-12, 1.0)
        result[index] = first_order * np.expm1(overlap) / overlap / share**2
    return result[where]
