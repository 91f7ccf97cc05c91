"""Neighbourhood unit: neighbours and leaders who watch homes, report, and check at night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, HOURS_PER_YEAR, Floats
from sousveil.channels.base import Channel, Site
from sousveil.processes import (
    Act,
    Detection,
    Entity,
    Inspection,
    Layer,
    Process,
    Visits,
)
from sousveil.quantity import quantities, quantity, share
from sousveil.reporting import ReportingParameters, Routine, reporting, routine_of


@dataclass(frozen=True, kw_only=True)
class NeighbourhoodUnitParameters(ReportingParameters):
    """Who reports what in a unit; its size belongs to `world.people.unit_households`."""

    reporters_per_unit: float = quantity(
        "person", "People in a unit who report: leader, secretaries, plants.", role="state_lever"
    )
    reference_households: float = quantity(
        "household",
        "Size of the unit to which `notice_per_reporter` refers; it falls with larger ones.",
        low=1,
        role="nature",
    )
    notice_per_reporter: Mapping[str, float] = quantities(
        "1",
        "Chance that one reporter notices the act; acts left out are not seen.",
        by="act",
        high=1,
        absent=0.0,
        role="behaviour",
    )
    trend: float = quantity(
        "1",
        "Direction in which the units' zeal has moved: -1 falling, 1 rising.",
        low=-1,
        high=1,
        absent=0.0,
        role="behaviour",
    )
    trend_factor: float = quantity(
        "1", "Factor on reporting at trend 1.", low=1, absent=1.0, role="behaviour"
    )
    checks_per_year: float = quantity(
        "1/year", "Night checks of a unit's homes.", absent=0.0, role="state_lever"
    )
    check_start_hour: float = quantity(
        "h", "Clock time at which night checks start.", high=24, absent=0.0, role="state_lever"
    )
    check_length_hours: float = quantity(
        "h", "Hours that a night check lasts.", low=1, high=24, absent=24.0, role="state_lever"
    )
    check_find: Mapping[str, float] = quantities(
        "1",
        "Chance that a check finds the act when it is in progress; acts left out are not found.",
        by="act",
        high=1,
        absent=0.0,
        role="behaviour",
    )
    check_report: float = share(
        "Chance that what a check finds is written down as a flag.", absent=1.0, role="behaviour"
    )


CHECK = "neighbourhood_unit.check"


def lower(parameters: NeighbourhoodUnitParameters, site: Site) -> tuple[Process, ...]:
    """Detections, night checks and what they find."""
    window = (parameters.check_start_hour, parameters.check_start_hour + length(parameters))
    check = Visits(
        name=CHECK,
        entity=Entity.UNIT,
        rate=_civil(site, parameters.checks_per_year / HOURS_PER_YEAR),
        profile=site.even(site.window(window)),
    )
    noticed = site.named_acts(parameters.notice_per_reporter)
    found = site.named_acts(parameters.check_find)
    return (
        *(_detection(act, parameters, site) for act in noticed),
        check,
        *(_inspection(act, parameters, site) for act in found),
    )


def length(parameters: NeighbourhoodUnitParameters) -> float:
    """Hours of a check, at most one day."""
    return min(parameters.check_length_hours, float(HOURS_PER_DAY))


def unit_notice(per_reporter: float, parameters: NeighbourhoodUnitParameters, site: Site) -> Floats:
    """(A,) chance that a unit notices: 1 - (1 - p)^reporters, p falling with the unit's size."""
    people = site.world.people
    size = people.households / np.maximum(people.units, 1)
    one = np.minimum(per_reporter * parameters.reference_households / np.maximum(size, 1.0), 1.0)
    return 1.0 - (1.0 - one) ** parameters.reporters_per_unit


def routine(parameters: NeighbourhoodUnitParameters, site: Site) -> Routine:
    """Room for reports that name a person, unit by unit."""
    return routine_of(np.maximum(site.world.people.units, 1.0), parameters, site)


def _civil(site: Site, value: float) -> Floats:
    """(A, G) value in areas of residents, zero at the guards' posts."""
    return site.full(value) * site.world.civil[:, None]


def _detection(act: Act, parameters: NeighbourhoodUnitParameters, site: Site) -> Detection:
    notice = unit_notice(parameters.notice_per_reporter[act.name], parameters, site)
    trend = parameters.trend_factor**parameters.trend
    return reporting("neighbourhood_unit", act, notice, Entity.UNIT, parameters, site, trend)


def _inspection(act: Act, parameters: NeighbourhoodUnitParameters, site: Site) -> Inspection:
    return Inspection(
        name=f"{CHECK}.{act.name}",
        channel="neighbourhood_unit",
        act=act.name,
        visits=CHECK,
        trace=1.0,
        findable_hours=act.spell_hours,
        find=parameters.check_find[act.name],
        report=site.full(parameters.check_report),
        bribed=site.full(parameters.bribed_share),
    )


CHANNEL = Channel(
    name="neighbourhood_unit",
    title="Neighbourhood units",
    layer=Layer.PEOPLE,
    parameters=NeighbourhoodUnitParameters,
    lower=lower,
    limits=(
        "Reports by people have no published denominator; how often what is seen is "
        "reported is assumed.",
        "A check visits all homes of a unit in the same hour; which homes come first is "
        "not modelled.",
        "A leader's daily visits are in the chance to notice, not a process of their own.",
        "What is learned after the act (rumour, boasting) is only in the chance to notice.",
    ),
    routine=routine,
)
