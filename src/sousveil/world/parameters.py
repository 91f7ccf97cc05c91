"""What a scenario must say about its world: the declared fields of the section `world`.

Drawn values arrive here as bare floats in the unit of the field. Two conventions hold throughout: a
mapping by place may carry the key "other", which stands for every place that is not named; and a
key may contain dots ("age.adult", "home.winter.northeast").

A field declared `by="year"` is a recorded history: its keys are years ("2009"), and all of them are
given to the model whatever year a scenario is run as of, because what was brought in before still
stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sousveil.quantity import quantities, quantity, setting, share


@dataclass(frozen=True)
class PeopleParameters:
    """How many people there are, in what households and units, and in which shares."""

    population_total: float = quantity(
        "person", "People of the whole place; areas.csv says how they are spread.", low=1000
    )
    household_size: float = quantity("person", "Mean persons in a household.", low=1, high=20)
    unit_households: Mapping[str, float] = quantities(
        "household",
        "Households in a neighbourhood unit or block, by settlement type; `border_guards` is the "
        "crew of a post.",
        by="settlement",
        low=1,
    )
    margins: Mapping[str, float] = quantities(
        "1",
        "Share of the people in each category, keyed margin.category (sex.female, age.adult); "
        "scaled so that the categories of a margin sum to 1.",
        by="category",
        high=1,
    )
    strip_share: Mapping[str, float] = quantities(
        "1",
        "Share of a province's people who live in the border strip; each of its areas is split.",
        by="province",
        high=1,
        absent=0.0,
    )
    military_share: float = share(
        "Share of the total population living in camps, hence in no area of the model.", absent=0.0
    )
    guards: float = quantity(
        "person",
        "Border guards: a stratum `border_guards` of single persons beside the residents.",
        absent=0.0,
    )
    household_margins: Any = setting(
        "List of the margins that a household shares, such as class; shares may stand by area "
        "in areas.csv, in columns such as class.core.",
        default=(),
    )
    adult_categories: Any = setting(
        "List of the categories (age.adult) whose members are adults; empty: everybody is.",
        default=(),
    )
    guards_region: str = setting("Power region of the border guards' posts.", default="")
    smallest_area: int = setting(
        "People below which an area of areas.csv is merged with the next of its parent; 1,000 or "
        "more.",
        default=1000,
    )
    results_by: str = setting(
        "Finest places of an open country that results are given by: area, or parent where there "
        "are many areas.",
        default="area",
        choices=("area", "parent"),
    )


@dataclass(frozen=True)
class PresenceParameters:
    """How the hours of presence.csv are bent."""

    street_factor: float = quantity(
        "1",
        "Time in the street relative to presence.csv; the difference is taken from time at home.",
        absent=1.0,
    )


@dataclass(frozen=True)
class CalendarParameters:
    """The year's rhythm: rest days, seasons, and the broadcasts for which power may be kept.

    Days are texts "month-day" ("01-01"); the modelled year has 365 days, so "02-29" is refused.
    """

    rest_weekdays: Any = setting("List of weekdays of rest.", default=("sunday",))
    holidays: Any = setting("List of days (month-day) of rest besides.", default=())
    seasons: Any = setting(
        "Mapping of season to its months (winter: [11, 12, 1, 2, 3]); empty: one season, `year`.",
        default=None,
    )
    news_hours: Any = setting("List of the hours of day of the main news.", default=())
    speech_days: Any = setting("List of days (month-day) with a leader's speech.", default=())
    speech_hours: Any = setting("List of the hours of day at which a speech is aired.", default=())


@dataclass(frozen=True)
class PowerParameters:
    """Hours of supply. A line (home, state, border) exists iff its hours are given.

    The declared mean hours of a day hold over the year: outage days, seasons, evening and slots
    only say *when* the hours come. Where the hours leave no room for the declared outage days, the
    hours win; at 24 h nothing is ever off.
    """

    home_hours: Mapping[str, float] = quantities(
        "h/day",
        "Mean supply of urban homes over the year, by power region.",
        by="region",
        high=24,
        absent=24.0,
        role="state_lever",
    )
    state_hours: Mapping[str, float] = quantities(
        "h/day",
        "Mean supply of the state (industrial) line over the year, by power region.",
        by="region",
        high=24,
        absent=24.0,
        role="state_lever",
    )
    border_hours: Mapping[str, float] = quantities(
        "h/day",
        "Mean supply of guard posts and their cameras over the year, by power region.",
        by="region",
        high=24,
        absent=24.0,
        role="state_lever",
    )
    settlement_factor: Mapping[str, float] = quantities(
        "1",
        "Odds of home supply in a settlement type relative to the region's figure (rural: 0.7): "
        "where supply is short, the ratio of the hours; 24 h stay 24 h.",
        by="settlement",
        absent=1.0,
    )
    season_factor: Mapping[str, float] = quantities(
        "1",
        "Relative supply by season, keyed line.season or line.season.region (home.winter, "
        "home.winter.northeast); the mean over the year is kept.",
        by="free",
        absent=1.0,
    )
    outage_days: Mapping[str, float] = quantities(
        "day/year",
        "Days without any supply to homes in a year, by power region.",
        by="region",
        high=365,
        absent=0.0,
    )
    outage_spell_days: float = quantity(
        "day", "Mean length of a spell of outage days.", low=1, high=365, absent=1.0
    )
    evening_weight: float = quantity(
        "1", "Home supply per hour from 18 to 22 h relative to other hours.", absent=1.0
    )
    news_slot: float = share(
        "Chance that homes have power at the news, on a day with supply.", absent=0.0
    )
    speech_slot: float = share(
        "Chance that homes have power at a leader's speech, outage day or not.", absent=0.0
    )
    feeders: int = setting("Feeders of an area that are switched independently.", default=4)


@dataclass(frozen=True)
class DaylightParameters:
    """Where the sun stands: a latitude of the place as a whole, and its clock."""

    latitude: float = quantity(
        "degree", "Latitude of the middle of the place.", low=-65, high=65, role="nature"
    )
    solar_noon: float = quantity(
        "h",
        "Mean clock time of the sun's highest point.",
        low=9,
        high=15,
        absent=12.0,
        role="nature",
    )


@dataclass(frozen=True)
class StockParameters:
    """Cameras in working order: imports less attrition, or a published count."""

    imports: Mapping[str, float] = quantities(
        "camera/year",
        "Recorded imports of each year, keyed by year; years left out are zero.",
        by="year",
        absent=0.0,
    )
    unrecorded_imports: float = quantity(
        "camera/year",
        "Imports a year that no statistic shows, from `unrecorded_from` on.",
        absent=0.0,
    )
    attrition: float = quantity(
        "1/year", "Hazard that a camera in working order stops working for good.", absent=0.0
    )
    use_share: Mapping[str, float] = quantities(
        "1",
        "Share of the stock by use (street, institution, school, border); what is left goes to "
        "`remainder_use`, and shares that exceed 1 together are scaled to 1.",
        by="use",
        high=1,
        absent=0.0,
    )
    counted: Mapping[str, float] = quantities(
        "camera",
        "Published count by use in the modelled year; given, it replaces imports and shares.",
        by="use",
        absent=0.0,
    )
    unrecorded_from: Any = setting(
        "First year of unrecorded imports; empty: the year after the last recorded one.",
        default=None,
    )
    remainder_use: str = setting("Use of the cameras that no share names.", default="other")


@dataclass(frozen=True)
class WorldParameters:
    """The section `world`; a part whose fields may all be left out may be left out itself."""

    people: PeopleParameters
    daylight: DaylightParameters
    presence: PresenceParameters = field(default_factory=PresenceParameters)
    calendar: CalendarParameters = field(default_factory=CalendarParameters)
    power: PowerParameters = field(default_factory=PowerParameters)
    stock: StockParameters = field(default_factory=StockParameters)
