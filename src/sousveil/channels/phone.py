"""Phone: handsets that keep traces, read by a person, and calls that are located."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sousveil.channels.base import Channel, Site
from sousveil.processes import Layer, Process
from sousveil.quantity import quantities, quantity, setting, share


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


def lower(parameters: PhoneParameters, site: Site) -> tuple[Process, ...]:
    """Inspections and their finds, finds without cause, and calls that are located."""
    raise NotImplementedError


CHANNEL = Channel(
    name="phone",
    title="Phones",
    layer=Layer.MIXED,
    parameters=PhoneParameters,
    lower=lower,
    limits=(),
)
