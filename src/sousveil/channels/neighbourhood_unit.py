"""Neighbourhood unit: neighbours and leaders who watch homes, report, and check at night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sousveil.channels.base import Channel, Site
from sousveil.processes import Layer, Process
from sousveil.quantity import quantities, quantity, setting, share


@dataclass(frozen=True, kw_only=True)
class NeighbourhoodUnitParameters:
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
    report_probability: float = share("Chance that what was noticed is reported.", role="behaviour")
    report_factor: Mapping[str, float] = quantities(
        "1", "Relative chance of a report by act.", by="act", absent=1.0, role="behaviour"
    )
    report_factor_by_category: Mapping[str, float] = quantities(
        "1",
        "Relative chance of being reported in a category, keyed margin.category.",
        by="category",
        absent=1.0,
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
    zeal_concentration: float = quantity(
        "1",
        "Concentration of the Beta by which units differ in zeal; 0: all alike.",
        absent=0.0,
        role="behaviour",
    )
    bribed_share: float = share(
        "Chance that the reporter is bribed first.", absent=0.0, role="behaviour"
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
    false_report_share: float = share(
        "Share of all reports that are made without an act, in the base run.",
        absent=0.0,
        role="behaviour",
    )
    denounced: Mapping[str, float] = quantities(
        "1",
        "Weight of an act among the false allegations; none: in proportion to what is reported.",
        by="act",
        absent=0.0,
        role="behaviour",
    )
    routine_reports_per_week: float = quantity(
        "1/week", "Routine reports of a unit to the security organs.", absent=0.0, role="behaviour"
    )
    naming_share: float = share(
        "Share of routine reports that name a person.", absent=0.0, role="behaviour"
    )
    report_anchor: bool = setting(
        "Whether true and false reports together are held to the routine reports of the base run.",
        default=True,
    )


def lower(parameters: NeighbourhoodUnitParameters, site: Site) -> tuple[Process, ...]:
    """Detections, night checks and what they find."""
    raise NotImplementedError


CHANNEL = Channel(
    name="neighbourhood_unit",
    title="Neighbourhood units",
    layer=Layer.PEOPLE,
    parameters=NeighbourhoodUnitParameters,
    lower=lower,
    limits=(),
)
