"""Home search: a squad enters a home and looks for what an act left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, HOURS_PER_YEAR
from sousveil.channels.base import Channel, Site
from sousveil.processes import Act, Entity, Inspection, Layer, Process, Unprompted, Visits
from sousveil.quantity import keyed, quantities, quantity, setting, share


@dataclass(frozen=True, kw_only=True)
class HomeSearchParameters:
    """How often a home is searched, what lies there to be found, and what follows."""

    searches_per_year: float = quantity(
        "1/year", "Searches of a home, not counting night checks of a unit.", role="state_lever"
    )
    trace_share: Mapping[str, float] = quantities(
        "1",
        "Share of the acts that leave something in the home; acts left out leave nothing.",
        by="act",
        high=1,
        absent=0.0,
        role="nature",
    )
    trace_days: Mapping[str, float] = quantities(
        "day", "Days that it stays in the home.", by="act", absent=1.0, role="nature"
    )
    find: Mapping[str, float] = quantities(
        "1",
        "Chance that a search finds what is there; acts left out are not looked for.",
        by="act",
        high=1,
        absent=0.0,
        role="behaviour",
    )
    report: float = share("Chance that a find becomes a flag.", absent=1.0, role="behaviour")
    bribed_share: float = share(
        "Chance that the squad is bribed first.", absent=0.0, role="behaviour"
    )
    false_find: float = share(
        "Chance that a search flags somebody without cause.", absent=0.0, role="behaviour"
    )
    false_allegation: str = setting(
        "Act that a find without cause alleges.", default="foreign_media"
    )
    hours: Any = setting("Hours of day [from, to) of searches; empty: the whole day.", default=())


VISITS = "home_search.visit"


def lower(parameters: HomeSearchParameters, site: Site) -> tuple[Process, ...]:
    """Searches, what they find of each act, and finds without cause."""
    rate = parameters.searches_per_year / HOURS_PER_YEAR
    visits = Visits(
        name=VISITS,
        entity=Entity.HOUSEHOLD,
        rate=site.full(rate) * site.world.civil[:, None],
        profile=site.even(site.window(parameters.hours)),
    )
    processes: list[Process] = [visits]
    processes += [_find(act, parameters, site) for act in site.named_acts(parameters.find)]
    if parameters.false_allegation in site.acts:
        processes.append(_without_cause(parameters, rate, site))
    return tuple(processes)


def _hours(act: str, parameters: HomeSearchParameters) -> int:
    """Hours that what an act left stays in the home."""
    return max(1, round(keyed(parameters.trace_days, act, 1.0) * HOURS_PER_DAY))


def _find(act: Act, parameters: HomeSearchParameters, site: Site) -> Inspection:
    return Inspection(
        name=f"home_search.{act.name}",
        channel="home_search",
        act=act.name,
        visits=VISITS,
        trace=keyed(parameters.trace_share, act.name, 0.0),
        findable_hours=max(act.spell_hours, _hours(act.name, parameters)),
        find=parameters.find[act.name],
        report=site.full(parameters.report),
        bribed=site.full(parameters.bribed_share),
    )


def _without_cause(parameters: HomeSearchParameters, rate: float, site: Site) -> Unprompted:
    """One adult a home is flagged: the rate of homes, shared among the adults of an area."""
    people = site.world.people
    adults = site.adults_only(np.ones(site.shape[0]))
    homes_per_adult = people.households / np.maximum((site.persons() * adults).sum(axis=1), 1.0)
    return Unprompted(
        name="home_search.without_cause",
        channel="home_search",
        allegation=parameters.false_allegation,
        rate=adults * (homes_per_adult * rate * parameters.false_find)[:, None],
        bribed=site.full(parameters.bribed_share),
        coincident_hours=_hours(parameters.false_allegation, parameters),
    )


CHANNEL = Channel(
    name="home_search",
    title="Home searches",
    layer=Layer.PEOPLE,
    parameters=HomeSearchParameters,
    lower=lower,
    limits=(
        "Searches come at random, not on a report: whoever is already suspected is searched more, "
        "and that is not in it.",
        "What several people of a home watched together is found act by act, each with its own "
        "chance.",
        "Night checks of a neighbourhood unit are another channel.",
    ),
)
