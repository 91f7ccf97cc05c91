"""Organisation: colleagues and cells that see who is absent and hold criticism sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, HOURS_PER_YEAR
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
from sousveil.reporting import (
    WEEKS_PER_YEAR,
    ReportingParameters,
    Routine,
    reporting,
    routine_of,
)


@dataclass(frozen=True, kw_only=True)
class OrganisationParameters(ReportingParameters):
    """What organisations notice and what their sessions bring to light."""

    notice: Mapping[str, float] = quantities(
        "1",
        "Chance that somebody of the organisation notices the act; acts left out are not seen.",
        by="act",
        high=1,
        absent=0.0,
        role="behaviour",
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
    members_per_cell: float = quantity(
        "person", "Adults in an organisation's cell.", low=1, absent=1.0, role="nature"
    )


SESSION = "organisation.session"


def lower(parameters: OrganisationParameters, site: Site) -> tuple[Process, ...]:
    """Detections, sessions and what they bring to light."""
    sessions = parameters.sessions_per_week * WEEKS_PER_YEAR / HOURS_PER_YEAR
    session = Visits(
        name=SESSION,
        entity=Entity.PERSON,
        rate=site.adults_only(np.full(site.shape[0], sessions)),
        profile=site.flat(),
    )
    noticed = site.named_acts(parameters.notice)
    brought_up = site.named_acts(parameters.session_find)
    return (
        *(_detection(act, parameters, site) for act in noticed),
        session,
        *(_inspection(act, parameters, site) for act in brought_up),
    )


def routine(parameters: OrganisationParameters, site: Site) -> Routine:
    """Room for reports that name a person, cell by cell."""
    adults = (site.persons() * site.adults_only(np.ones(site.shape[0]))).sum(axis=1)
    return routine_of(np.maximum(adults / parameters.members_per_cell, 1.0), parameters, site)


def _detection(act: Act, parameters: OrganisationParameters, site: Site) -> Detection:
    notice = np.full(site.shape[0], parameters.notice[act.name])
    return reporting("organisation", act, notice, Entity.SITE, parameters, site)


def _inspection(act: Act, parameters: OrganisationParameters, site: Site) -> Inspection:
    memory = round(parameters.session_memory_days * HOURS_PER_DAY)
    return Inspection(
        name=f"{SESSION}.{act.name}",
        channel="organisation",
        act=act.name,
        visits=SESSION,
        trace=1.0,
        findable_hours=max(act.spell_hours, memory),
        find=parameters.session_find[act.name],
        report=site.full(parameters.session_report),
        bribed=site.full(parameters.bribed_share),
        anchored=True,
    )


CHANNEL = Channel(
    name="organisation",
    title="Organisations and criticism sessions",
    layer=Layer.PEOPLE,
    parameters=OrganisationParameters,
    lower=lower,
    limits=(
        "Every adult is taken to belong to an organisation; whoever left the workplace "
        "for trade is not told apart.",
        "Sessions come at random with their weekly rate, not on a fixed day.",
        "Punishment inside an organisation that leaves no flag is not counted.",
    ),
    routine=routine,
)
