"""Organisation: colleagues and cells that see who is absent and hold criticism sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, HOURS_PER_YEAR, Floats
from sousveil.channels.base import WEEKS_PER_YEAR, Channel, Routine, Site
from sousveil.processes import (
    Act,
    Detection,
    Effect,
    Entity,
    Inspection,
    Layer,
    Process,
    Visits,
)
from sousveil.quantity import keyed, quantities, quantity, setting, share


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


# A session a week.
VISITS_BAND = 1.0e-3
SESSION = "organisation.session"


def lower(parameters: OrganisationParameters, site: Site) -> tuple[Process, ...]:
    """Detections, sessions and what they bring to light."""
    sessions = parameters.sessions_per_week * WEEKS_PER_YEAR / HOURS_PER_YEAR
    session = Visits(
        name=SESSION,
        entity=Entity.PERSON,
        rate=site.adults_only(np.full(site.shape[0], sessions)),
        profile=site.flat(),
        band_per_hour=VISITS_BAND,
    )
    noticed = site.named_acts(parameters.notice)
    brought_up = site.named_acts(parameters.session_find)
    return (
        *(_detection(act, parameters, site) for act in noticed),
        session,
        *(_inspection(act, parameters, site) for act in brought_up),
    )


def report(act: str, parameters: OrganisationParameters, site: Site) -> Floats:
    """(A, G) chance that what was noticed is reported, cut at 1."""
    by_group = site.by_category(parameters.report_factor_by_category)
    chance = parameters.report_probability * keyed(parameters.report_factor, act, 1.0) * by_group
    return np.tile(np.minimum(chance, 1.0), (site.shape[0], 1))


def routine(parameters: OrganisationParameters, site: Site) -> Routine:
    """Room for reports that name a person: cells x weekly reports x share that names one."""
    weekly = parameters.routine_reports_per_week
    each = weekly * WEEKS_PER_YEAR * parameters.naming_share if weekly > 0.0 else np.inf
    adults = (site.persons() * site.adults_only(np.ones(site.shape[0]))).sum(axis=1)
    return Routine(
        room=np.maximum(adults / parameters.members_per_cell, 1.0) * each,
        held=parameters.report_anchor,
        false_share=parameters.false_report_share,
        weights=parameters.denounced,
        by_group=site.by_category(parameters.report_factor_by_category),
    )


def _detection(act: Act, parameters: OrganisationParameters, site: Site) -> Detection:
    zeal = Effect("organisation.zeal", Entity.SITE, "share", parameters.zeal_concentration)
    return Detection(
        name=f"organisation.{act.name}",
        channel="organisation",
        act=act.name,
        notice=site.full(parameters.notice[act.name]) * site.world.civil[:, None],
        by_slot=site.flat(),
        report=report(act.name, parameters, site),
        bribed=site.full(parameters.bribed_share),
        effect=zeal if parameters.zeal_concentration > 0.0 else None,
        anchored=True,
    )


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
