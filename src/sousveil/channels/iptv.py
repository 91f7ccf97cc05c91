"""IPTV: two-way television boxes that could tell which household watched a broadcast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sousveil.channels.base import Channel, Site
from sousveil.processes import Layer, Process
from sousveil.quantity import quantities, quantity, setting, share


@dataclass(frozen=True, kw_only=True)
class IptvParameters:
    """Who has a two-way box, who watches, and what breaks; one-way tuners make no roll call."""

    share_of_households: Mapping[str, float] = quantities(
        "1",
        "Share of households with a two-way box.",
        by="settlement",
        high=1,
        role="state_lever",
    )
    province_factor: Mapping[str, float] = quantities(
        "1",
        "Relative share of boxes in a province.",
        by="province",
        absent=1.0,
        role="state_lever",
    )
    watch_share: float = share(
        "Chance that somebody of a household wants to watch an event.", role="behaviour"
    )
    watch_concentration: float = quantity(
        "1", "Concentration of the Beta by which households differ in that.", role="behaviour"
    )
    elsewhere_share: float = share(
        "Of those who watch, share who do so at another set.", absent=0.0, role="behaviour"
    )
    left_on_share: float = share(
        "Chance that a box runs with nobody watching.", absent=0.0, role="behaviour"
    )
    link_up_share: float = share("Share of time that the network is up.", absent=1.0, role="nature")
    link_down_hours: float = quantity(
        "h", "Mean length of a network failure.", low=1, absent=1.0, role="nature"
    )
    fault_share: float = share(
        "Share of time that a box is out of order.", absent=0.0, role="nature"
    )
    fault_days: float = quantity(
        "day", "Mean time until a box is mended.", absent=1.0, role="nature"
    )
    battery_share: float = share(
        "Share of boxes that batteries or panels carry through an outage.",
        absent=0.0,
        role="nature",
    )
    roll_calls: Any = setting(
        "Mapping of a name to its days (daily, a weekday, speeches, or a list of month-day), "
        "airings (hours of day), window (events) and absences (that flag)."
    )
    excuse_without_power: bool = setting(
        "Whether an event at which a home had no power is no absence.", default=False
    )
    power_line: str = setting("Power line of the boxes.", default="home")


def lower(parameters: IptvParameters, site: Site) -> tuple[Process, ...]:
    """Roll calls, one for each entry of `roll_calls`."""
    raise NotImplementedError


CHANNEL = Channel(
    name="iptv",
    title="Two-way television",
    layer=Layer.MACHINES,
    parameters=IptvParameters,
    lower=lower,
    limits=(),
)
