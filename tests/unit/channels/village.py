"""A world by hand: town, village, strip and posts; women, men, children; three power lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from sousveil.acts import ActParameters, lower_acts
from sousveil.arrays import DAYS_PER_YEAR, HOURS_PER_YEAR, MONTHS, SLOTS
from sousveil.channels.base import Site
from sousveil.crossings import BorderMarks
from sousveil.world.model import Area, Calendar, Group, People, PowerPath, World
from sousveil.world.power import supplied_hours

LINES = ("home", "state", "border")
FEEDERS = 2
AREAS = (
    Area("town", "Town", "north", "city", "east", strip=False, civil=True),
    Area("village", "Village", "north", "rural", "east", strip=False, civil=True),
    Area("strip", "Strip", "north", "city", "east", strip=True, civil=True),
    Area("posts", "Posts", "posts", "border_guards", "east", strip=False, civil=False),
)
GROUPS = (
    Group("female.adult", (("sex", "female"), ("age", "adult")), adult=True),
    Group("male.adult", (("sex", "male"), ("age", "adult")), adult=True),
    Group("female.child", (("sex", "female"), ("age", "child")), adult=False),
)
PEOPLE = People(
    persons=np.array([40_000, 20_000, 8_000, 500]),
    households=np.array([10_000, 5_000, 2_000, 500]),
    units=np.array([333, 333, 67, 50]),
    household_shares=np.ones(1),
    first_shares=np.array([0.5, 0.5, 0.0]),
    other_shares=np.array([0.4, 0.35, 0.25]),
)


def calendar() -> Calendar:
    """2023, Sundays of rest; speeches on 1 January and 15 April at noon and at 20 h."""
    day = np.arange(DAYS_PER_YEAR)
    lengths = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return Calendar(
        year=2023,
        day_type=(day % 7 == 0).astype(np.int64),
        month=np.repeat(np.arange(MONTHS), lengths),
        season=np.zeros(MONTHS, dtype=np.int64),
        seasons=("year",),
        news_hours=(20,),
        speech_hours=(12, 20),
        speech_days=(0, 104),
    )


def presence() -> dict[str, Any]:
    """Adults work from 8 to 16 h and are in the street from 16 to 18 h, children at school."""
    groups = len(GROUPS)
    hour = np.tile(np.arange(24), 2)
    working = np.arange(SLOTS) < 24
    shares: dict[str, Any] = {
        name: np.zeros((groups, SLOTS))
        for name in ("work", "school", "street", "station", "border")
    }
    for index, group in enumerate(GROUPS):
        busy = working & (hour >= 8) & (hour < 16)
        shares["work" if group.adult else "school"][index] = busy * 0.8
        shares["street"][index] = ((hour >= 16) & (hour < 18)) * 0.5
    shares["home"] = 1.0 - sum(shares.values())
    return shares


def power(hours: int = 24) -> PowerPath:
    """Every line has power in the first `hours` of the day, on all feeders."""
    on = np.tile(np.arange(24) < hours, DAYS_PER_YEAR).astype(np.uint8)
    bits = np.broadcast_to(on, (len(LINES), len(AREAS), FEEDERS, HOURS_PER_YEAR)).copy()
    return PowerPath(LINES, bits, supplied_hours(bits, calendar()))


def world(hours: int = 24, stock: dict[str, float] | None = None) -> World:
    lit = np.tile((np.arange(24) >= 6) & (np.arange(24) < 18), DAYS_PER_YEAR).astype(np.float64)
    return World(
        areas=AREAS,
        groups=GROUPS,
        people=PEOPLE,
        presence=presence(),
        calendar=calendar(),
        power=power(hours),
        daylight=lit,
        daylight_slots=np.tile(lit[:SLOTS], (MONTHS, 1)),
        stock=stock or {"street": 30.0, "institution": 40.0, "total": 70.0},
    )


BORDER = BorderMarks(
    length_km=100.0,
    posts=1000.0,
    posts_with_cameras=0.5,
    cameras_per_post=1.0,
    view_width_m=80.0,
    night_factor=0.5,
    working_share=0.5,
    backup_share=0.25,
    central_share=0.3,
    helped_share=0.7,
    bribery_drop=0.5,
    give_up_share=0.4,
    turned_back_share=0.2,
    deleted_local=0.3,
    deleted_central=0.05,
    fence_deterrence=0.4,
    shoot_order_deterrence=0.5,
)


def acts(**changes: Any) -> dict[str, ActParameters]:
    result = {
        "foreign_media": ActParameters(
            rate_per_year=20.0,
            hours=(18, 24),
            needs_grid=0.8,
            battery_share=0.5,
            spell_hours=2.0,
            right="UDHR 19",
        ),
        "overnight_guest": ActParameters(
            rate_per_year=3.0, per="household", hours=(20, 24), spell_hours=9.0, right="UDHR 12"
        ),
        "trade": ActParameters(rate_per_year=10.0, place="street", right="UDHR 23"),
        "missed_event": ActParameters(rate_per_year=6.0, place="work", right="UDHR 20"),
        "cross_border": ActParameters(
            rate_per_year=600.0,
            per="nation",
            who="strip_adults",
            place="border",
            border=BORDER,
            right="UDHR 13",
        ),
        "take_bribe": ActParameters(
            who="guards", place="border", bribes_of="cross_border", legitimate_aim="honest office"
        ),
    }
    return {**result, **changes}


def site(where: World | None = None, **changes: ActParameters) -> Site:
    bare = Site(where or world(), {}, 2023)
    return Site(bare.world, lower_acts(acts(**changes), bare), 2023)
