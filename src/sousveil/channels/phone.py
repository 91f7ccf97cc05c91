"""Phone: handsets that keep traces, read by a person, and calls that are located."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    Trait,
    Unprompted,
    Visits,
)
from sousveil.quantity import keyed, quantities, quantity, setting, share


@dataclass(frozen=True, kw_only=True)
class PhoneParameters:
    """Who has a phone, how often it is inspected, and what an inspection finds."""

    owners: Mapping[str, float] = quantities(
        "1",
        "Share of adults who have a handset of the country's network.",
        by="settlement",
        high=1,
        role="nature",
    )
    owner_factor: Mapping[str, float] = quantities(
        "1",
        "Relative ownership in a category, keyed margin.category.",
        by="category",
        absent=1.0,
        role="nature",
    )
    inspections_per_year: float = quantity(
        "1/year", "Inspections of a handset.", absent=0.0, role="state_lever"
    )
    trace_share: Mapping[str, float] = quantities(
        "1",
        "Share of the acts that leave a trace in the owner's handset; none left out.",
        by="act",
        high=1,
        absent=0.0,
        role="nature",
    )
    trace_days: Mapping[str, float] = quantities(
        "day", "Days that a trace stays.", by="act", absent=1.0, role="nature"
    )
    find: Mapping[str, float] = quantities(
        "1",
        "Chance that an inspection finds a trace that is there.",
        by="act",
        high=1,
        absent=0.0,
        role="behaviour",
    )
    report: float = share(
        "Chance that what was found becomes a flag.", absent=1.0, role="behaviour"
    )
    bribed_share: float = share(
        "Chance that the inspector is bribed first.", absent=0.0, role="behaviour"
    )
    false_find: float = share(
        "Chance that an inspection flags an owner without cause.", absent=0.0, role="behaviour"
    )
    signal_notice: Mapping[str, float] = quantities(
        "1",
        "Chance that direction finders locate the act while it is on the air.",
        by="act",
        high=1,
        absent=0.0,
        role="nature",
    )
    signal_backup_share: float = share(
        "Share of direction finders that run without grid supply.", absent=0.0, role="nature"
    )
    hours: Any = setting(
        "Hours of day [from, to) of inspections; empty: the whole day.", default=()
    )
    false_allegation: str = setting(
        "Act that a find without cause alleges.", default="foreign_media"
    )
    power_line: str = setting("Power line of the direction finders.", default="state")


VISITS = "phone.inspection"


def lower(parameters: PhoneParameters, site: Site) -> tuple[Process, ...]:
    """Inspections and their finds, finds without cause, and calls that are located."""
    owners = Trait("phone.owner", Entity.PERSON, owners_share(parameters, site))
    rate = parameters.inspections_per_year / HOURS_PER_YEAR
    visits = Visits(
        name=VISITS,
        entity=Entity.PERSON,
        rate=site.adults_only(np.full(site.shape[0], rate)),
        profile=site.even(site.window(parameters.hours)),
    )
    processes: list[Process] = [visits]
    processes += [_find(act, parameters, owners, site) for act in site.named_acts(parameters.find)]
    on_air = site.named_acts(parameters.signal_notice)
    processes += [_located(act, parameters, site) for act in on_air]
    if parameters.false_allegation in site.acts:
        processes.append(_without_cause(parameters, rate * owners.share, site))
    return tuple(processes)


def owners_share(parameters: PhoneParameters, site: Site) -> Floats:
    """(A, G) share of adults with a handset; none among children and guards."""
    areas = site.adults_only(site.by_settlement(parameters.owners))
    return np.minimum(areas * site.by_category(parameters.owner_factor)[None, :], 1.0)


def _find(act: Act, parameters: PhoneParameters, owners: Trait, site: Site) -> Inspection:
    days = keyed(parameters.trace_days, act.name, 1.0)
    return Inspection(
        name=f"phone.inspection.{act.name}",
        channel="phone",
        act=act.name,
        visits=VISITS,
        trace=keyed(parameters.trace_share, act.name, 0.0),
        findable_hours=max(act.spell_hours, round(days * HOURS_PER_DAY)),
        find=parameters.find[act.name],
        report=site.full(parameters.report),
        bribed=site.full(parameters.bribed_share),
        carrier=owners,
    )


def _located(act: Act, parameters: PhoneParameters, site: Site) -> Detection:
    return Detection(
        name=f"phone.signal.{act.name}",
        channel="phone",
        act=act.name,
        notice=site.full(parameters.signal_notice[act.name]),
        by_slot=site.flat(),
        report=site.full(parameters.report),
        bribed=site.full(parameters.bribed_share),
        gate=site.gate(parameters.power_line, parameters.signal_backup_share),
    )


def _without_cause(parameters: PhoneParameters, inspections: Floats, site: Site) -> Unprompted:
    """Flags of owners in whose handset nothing was found, a share of all inspections."""
    days = keyed(parameters.trace_days, parameters.false_allegation, 1.0)
    return Unprompted(
        name="phone.without_cause",
        channel="phone",
        allegation=parameters.false_allegation,
        rate=inspections * parameters.false_find,
        bribed=site.full(parameters.bribed_share),
        coincident_hours=max(1, round(days * HOURS_PER_DAY)),
    )


CHANNEL = Channel(
    name="phone",
    title="Phones",
    layer=Layer.MIXED,
    parameters=PhoneParameters,
    lower=lower,
    limits=(
        "Signatures that stop unsigned files change what people do; they are part of the "
        "act's rate.",
        "Screenshots stored by the handset are traces; nothing is taken to be sent over "
        "the network.",
        "Inspections come at random, not on suspicion; whoever looks finds by hand: a "
        "person, not a machine.",
        "Handsets of a neighbouring country carry no traces here unless `trace_share` says so.",
    ),
)
