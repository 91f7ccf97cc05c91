"""Street cameras: density from the stock, widths from optics, attention between view and notice."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sousveil.channels.street_camera import (
    CHANNEL,
    StreetCameraParameters,
    attention,
    density,
    equipped,
    in_view,
    lower,
)
from sousveil.optics import area, dori_range, mean_width
from sousveil.processes import Detection, Encounter
from unit.channels.village import site, world


def cameras(**changes: Any) -> StreetCameraParameters:
    values: dict[str, Any] = {
        "density_weight": {"city": 1.0},
        "people_per_built_km2": {"other": 8000.0},
        "street_space_share": 0.25,
        "street_width_m": 10.0,
        "walking_speed": 3.0,
        "pixels": 1280.0,
        "view_angle": 80.0,
        "people_per_site": {"work": 100.0},
        "cameras_per_site": {"work": 4.0},
        "views_per_hour": {"work": 2.0},
        "site_level_share": {"identify": 0.2},
        "site_uses": {"work": "institution"},
        "visible": {"trade": 0.5, "missed_event": 0.1},
        "night_factor": {"identify": 0.1, "observe": 0.5},
        "watched_share": 0.2,
        "attention": 0.5,
        "review_share": 0.3,
        "review_delay_days": 7.0,
        "retention_days": 14.0,
        "central_access": 0.5,
        "backup_share": 0.1,
    }
    return StreetCameraParameters(**{**values, **changes})


def named(parameters: StreetCameraParameters, name: str) -> Any:
    return {process.name: process for process in lower(parameters, site())}[name]


def test_the_stock_is_shared_out_over_the_street_space_of_towns() -> None:
    found = density(cameras(), site())
    space = (40_000 + 8_000) / 8000 * 0.25
    assert found[[0, 2]] == pytest.approx(30 / space)
    assert not found[[1, 3]].any(), "no weight in villages, no residents at the posts"
    weighted = density(cameras(density_weight={"city": 1.0, "rural": 0.5}), site())
    built = site().world.people.persons / 8000 * 0.25
    assert weighted[:3] @ built[:3] == pytest.approx(30)
    assert weighted[1] == pytest.approx(weighted[0] / 2)


def test_walkers_meet_views_at_the_rate_of_random_encounter() -> None:
    street: Encounter = named(cameras(), "street_camera.street")
    width = mean_width(10.0, math.radians(80))
    expected = density(cameras(), site())[0] / 1e6 * 3000 * width
    assert street.rate[0] == pytest.approx(expected)
    assert np.array_equal(street.profile, site().world.presence["street"])


def test_the_street_cuts_the_range_and_levels_are_nested() -> None:
    street: Encounter = named(cameras(), "street_camera.street")
    days = [level.day_share for level in street.levels]
    reach = [dori_range(1280, math.radians(80), needed) for needed in (125.0, 250.0)]
    assert days[:2] == [1.0, 1.0], "the street is narrower than these ranges"
    assert days[2:] == pytest.approx([min(1.0, each / 10.0) for each in reach])
    nights = [level.night_share for level in street.levels]
    assert nights == sorted(nights, reverse=True)
    assert nights[3] == pytest.approx(0.1 * days[3])


def test_time_in_view_is_what_walking_through_takes() -> None:
    street: Encounter = named(cameras(), "street_camera.street")
    angle = math.radians(80)
    hours = area(10, angle) / mean_width(10, angle) / 3000
    assert street.seconds_in_view == pytest.approx(3600 * hours)
    # Rate times time is density times area: the share of the time in the street that is in view.
    share = street.rate[0, 0] * hours
    assert share == pytest.approx(density(cameras(), site())[0] / 1e6 * area(10, angle))
    assert named(cameras(seconds_in_view=20.0), "street_camera.street").seconds_in_view == 20.0


def test_sites_are_equipped_by_the_stock_or_as_declared() -> None:
    people = site().persons()[[0, 2]].sum(axis=0)[:2].sum() * 0.8
    assert equipped("work", cameras(), site()) == pytest.approx(40 / 4 / (people / 100))
    assert equipped("work", cameras(equipped_share={"work": 0.26}), site()) == 0.26
    assert equipped("school", cameras(), site()) == 0.0
    rich = replace(site(), world=world(stock={"institution": 1e9}))
    assert equipped("work", cameras(), rich) == 1.0


def test_views_in_sites_belong_to_the_site() -> None:
    views: Encounter = named(cameras(), "street_camera.work")
    assert not views.moving
    assert views.effect is not None
    assert (views.effect.entity, views.effect.form, views.effect.spread) == ("site", "share", 0.0)
    assert views.equipped == equipped("work", cameras(), site())
    assert views.rate[:, 0].tolist() == [2.0, 0.0, 2.0, 0.0]
    assert [(level.name, level.day_share) for level in views.levels] == [
        ("detect", 1.0),
        ("identify", 0.2),
    ]


def test_a_setting_with_sites_is_not_walked_through() -> None:
    street: Encounter = named(cameras(views_per_hour={"station": 1.0}), "street_camera.street")
    assert np.array_equal(street.profile, site().world.presence["street"])
    with pytest.raises(ValueError, match="street has no sites"):
        lower(cameras(views_per_hour={"street": 1.0}), site())


def test_a_view_is_not_notice() -> None:
    live, stored = 0.2 * 0.5, 0.3 * math.exp(-0.5) * 0.5
    assert attention(cameras()) == pytest.approx(live + (1 - live) * stored)
    assert attention(cameras(retention_days=0.0)) == pytest.approx(live)
    assert attention(cameras(retention_days=2.0)) < attention(cameras())
    trade: Detection = named(cameras(), "street_camera.trade")
    seen = in_view(site().acts["trade"], cameras(), site())
    assert trade.notice[:, 0] == pytest.approx(seen * 0.5 * attention(cameras()))
    density_now = density(cameras(), site())[0]
    assert seen[0] == pytest.approx(1 - math.exp(-density_now / 1e6 * area(10, math.radians(80))))


def test_acts_at_work_are_seen_where_work_is_equipped() -> None:
    missed: Detection = named(cameras(room_in_view={"work": 0.4}), "street_camera.missed_event")
    share = equipped("work", cameras(), site()) * 0.4 * 0.1 * attention(cameras())
    assert missed.notice[:, 0] == pytest.approx([share, 0, share, 0])
    assert (missed.by_slot == 1.0).all(), "rooms have lamps"


def test_in_the_dark_an_act_in_the_street_is_seen_less() -> None:
    trade: Detection = named(cameras(), "street_camera.trade")
    assert trade.by_slot[12] == 1.0
    assert trade.by_slot[2] == 0.5


def test_without_power_only_backups_see() -> None:
    for name in ("street_camera.street", "street_camera.work", "street_camera.trade"):
        gate = named(cameras(), name).gate
        assert (gate.line, gate.on, gate.off) == ("state", 1.0, 0.1)
    assert named(cameras(backup_share=0.0), "street_camera.trade").gate.off == 0.0


def test_no_stock_sees_nothing() -> None:
    empty = replace(site(), world=world(stock={"total": 0.0}))
    for process in lower(cameras(), empty):
        if isinstance(process, Detection):
            amount = process.notice
        else:
            assert isinstance(process, Encounter)
            amount = process.rate * process.equipped
        assert not amount.any()


def test_an_act_of_no_scenario_is_refused() -> None:
    with pytest.raises(ValueError, match="'dancing' is no act"):
        lower(cameras(visible={"dancing": 1.0}), site())


def test_it_says_what_it_cannot_show() -> None:
    assert any("not a name" in limit for limit in CHANNEL.limits)
