"""Organisation: colleagues and cells that see who is absent and hold criticism sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sousveil.channels.base import Channel, Site
from sousveil.processes import Layer, Process
from sousveil.quantity import quantities, quantity, setting, share


@dataclass(frozen=True, kw_only=True)
class OrganisationParameters:
    """What organisations notice and what their sessions bring to light."""

    notice: Mapping[str, float] = quantities(
        "1",
        "Chance that somebody of the organisation notices the act; acts left out are not seen.",
        by="act",
        high=1,
        absent=0.0,
        role="behaviour",
    )
    report_probability: float = share(
        "Chance that what was noticed is reported upwards.", role="behaviour"
    )
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
    zeal_concentration: float = quantity(
        "1",
        "Concentration of the Beta by which workplaces differ in zeal; 0: all alike.",
        absent=0.0,
        role="behaviour",
    )
    bribed_share: float = share(
        "Chance that the one who reports is bribed first.", absent=0.0, role="behaviour"
    )
    sessions_per_week: float = quantity(
        "1/week", "Criticism sessions that a member attends.", absent=0.0, role="state_lever"
    )
    session_find: Mapping[str, float] = quantities(
        "1",
        "Chance that a session brings up the act; acts left out do not come up.",
        by="act",
        high=1,
        absent=0.0,
        role="behaviour",
    )
    session_memory_days: float = quantity(
        "day", "Days during which an act can come up.", absent=0.0, role="behaviour"
    )
    session_report: float = share(
        "Chance that what came up is passed on as a flag.", absent=1.0, role="behaviour"
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
    members_per_cell: float = quantity(
        "person", "Adults in an organisation's cell.", low=1, absent=1.0, role="nature"
    )
    routine_reports_per_week: float = quantity(
        "1/week", "Routine reports of a cell; 0: no anchor.", absent=0.0, role="behaviour"
    )
    naming_share: float = share(
        "Share of routine reports that name a person.", absent=0.0, role="behaviour"
    )
    report_anchor: bool = setting(
        "Whether true and false reports together are held to the routine reports of the base run.",
        default=True,
    )


def lower(parameters: OrganisationParameters, site: Site) -> tuple[Process, ...]:
    """Detections, sessions and what they bring to light."""
    raise NotImplementedError


CHANNEL = Channel(
    name="organisation",
    title="Organisations and criticism sessions",
    layer=Layer.PEOPLE,
    parameters=OrganisationParameters,
    lower=lower,
    limits=(),
)
