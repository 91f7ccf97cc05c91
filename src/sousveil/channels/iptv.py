"""IPTV: two-way television boxes that could tell which household watched a broadcast."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sousveil.arrays import DAYS_PER_YEAR, HOURS_PER_DAY, Floats
from sousveil.channels.base import Channel, Site
from sousveil.processes import Effect, Entity, Layer, Process, RollCall, Spell, Trait
from sousveil.quantity import keyed, quantities, quantity, setting, share
from sousveil.world.model import Calendar


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


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
RULE = {"days", "airings", "window", "absences"}


def lower(parameters: IptvParameters, site: Site) -> tuple[Process, ...]:
    """Roll calls, one for each entry of `roll_calls`."""
    box = Trait("iptv.box", Entity.HOUSEHOLD, box_share(parameters, site))
    return tuple(
        _roll_call(str(name), rule, box, parameters, site)
        for name, rule in parameters.roll_calls.items()
    )


def box_share(parameters: IptvParameters, site: Site) -> Floats:
    """(A, G) share of households with a box, the same in all columns; none at the guards' posts."""
    provinces = [keyed(parameters.province_factor, a.parent, 1.0) for a in site.world.areas]
    areas = site.by_settlement(parameters.share_of_households) * np.array(provinces)
    areas = np.where(site.world.civil, np.minimum(areas, 1.0), 0.0)
    return np.repeat(areas[:, None], site.shape[1], axis=1)


def _roll_call(
    name: str, rule: Mapping[str, Any], box: Trait, parameters: IptvParameters, site: Site
) -> RollCall:
    if set(rule) != RULE:
        raise ValueError(f"channels.iptv.roll_calls.{name}: give {', '.join(sorted(RULE))}")
    calendar = site.world.calendar
    airings = airing_hours(rule["airings"], calendar)
    events = tuple(
        tuple(day * HOURS_PER_DAY + hour for hour in airings)
        for day in event_days(rule["days"], calendar)
    )
    window, absences = int(rule["window"]), int(rule["absences"])
    if not 1 <= absences <= window or not airings:
        raise ValueError(
            f"channels.iptv.roll_calls.{name}: absences lie between 1 and the window, and there is "
            "at least one airing"
        )
    return RollCall(
        name=f"iptv.{name}",
        channel="iptv",
        box=box,
        events=events,
        windows=tuple(
            tuple(range(start, start + window))
            for start in range(0, len(events) - window + 1, window)
        ),
        threshold=absences,
        gate=site.gate(parameters.power_line, parameters.battery_share),
        watch=parameters.watch_share,
        watch_effect=Effect(
            "iptv.watch", Entity.HOUSEHOLD, "share", parameters.watch_concentration
        ),
        elsewhere=parameters.elsewhere_share,
        left_on=parameters.left_on_share,
        fault=Spell(
            f"iptv.{name}.fault",
            Entity.HOUSEHOLD,
            parameters.fault_share,
            parameters.fault_days * HOURS_PER_DAY,
        ),
        link=Spell(
            f"iptv.{name}.link",
            Entity.AREA,
            1.0 - parameters.link_up_share,
            parameters.link_down_hours,
        ),
        excuse_without_power=bool(parameters.excuse_without_power),
    )


def event_days(days: Any, calendar: Calendar) -> tuple[int, ...]:
    """Days of the year, 0 to 364: daily, a weekday, `speeches` of the calendar, or month-days."""
    if days == "daily":
        return tuple(range(DAYS_PER_YEAR))
    if days == "speeches":
        return calendar.speech_days
    if days in WEEKDAYS:
        first = datetime.date(calendar.year, 1, 1).weekday()
        start = (WEEKDAYS.index(days) - first) % len(WEEKDAYS)
        return tuple(range(start, DAYS_PER_YEAR, len(WEEKDAYS)))
    if isinstance(days, str):
        raise ValueError(f"{days!r}: expected daily, speeches, a weekday or a list of month-day")
    return tuple(sorted({_day_of_year(str(text)) for text in days}))


def _day_of_year(text: str) -> int:
    month, _, day = text.partition("-")
    # A year without a leap day, as the modelled year is.
    return datetime.date(2001, int(month), int(day)).timetuple().tm_yday - 1


def airing_hours(airings: Any, calendar: Calendar) -> tuple[int, ...]:
    """Hours of day: `news` or `speeches` of the calendar, or a list."""
    if airings == "news":
        return calendar.news_hours
    if airings == "speeches":
        return calendar.speech_hours
    return tuple(sorted({int(hour) for hour in airings}))


CHANNEL = Channel(
    name="iptv",
    title="Two-way television",
    layer=Layer.MACHINES,
    parameters=IptvParameters,
    lower=lower,
    limits=(
        "One-way tuners, however many, report nothing and are no part of this channel.",
        "That boxes could tell who watched follows from their design; that anybody asks "
        "them is hardly documented, and is the share sent to review.",
        "Questioning people about a speech afterwards is a check by people and is not "
        "modelled here.",
        "Power, fault and link of one roll call are drawn apart from those of another.",
        "A box belongs to one household: the others who watch at it are not counted.",
    ),
)
