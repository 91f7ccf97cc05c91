"""IPTV: events from the calendar, calendar windows, boxes by place, and who is excused."""

from __future__ import annotations

from typing import Any

import pytest

from sousveil.channels.iptv import IptvParameters, airing_hours, box_share, event_days, lower
from sousveil.processes import RollCall
from unit.channels.village import calendar, site

SPEECH = {"days": "speeches", "airings": "speeches", "window": 2, "absences": 1}
NEWS = {"days": "daily", "airings": "news", "window": 7, "absences": 5}


def boxes(**changes: Any) -> IptvParameters:
    values: dict[str, Any] = {
        "share_of_households": {"city": 0.02},
        "watch_share": 0.7,
        "watch_concentration": 3.0,
        "link_up_share": 0.9,
        "fault_share": 0.05,
        "fault_days": 20.0,
        "roll_calls": {"speech": SPEECH, "news": NEWS},
    }
    return IptvParameters(**{**values, **changes})


def calls(**changes: Any) -> dict[str, RollCall]:
    found = [
        process for process in lower(boxes(**changes), site()) if isinstance(process, RollCall)
    ]
    return {process.name: process for process in found}


def test_events_come_from_the_calendar() -> None:
    assert calls()["iptv.speech"].events == ((12, 20), (104 * 24 + 12, 104 * 24 + 20))
    assert calls()["iptv.news"].events[1] == (44,)


def test_windows_are_whole_and_do_not_overlap() -> None:
    news = calls()["iptv.news"]
    assert len(news.windows) == 52
    assert news.windows[0] == tuple(range(7))
    assert news.windows[-1][-1] == 363
    assert calls()["iptv.speech"].windows == ((0, 1),)


def test_days_can_be_named() -> None:
    assert event_days("sunday", calendar())[0] == 0, "1 January 2023 was a Sunday"
    assert event_days("monday", calendar())[:2] == (1, 8)
    assert event_days(["12-31", "01-01"], calendar()) == (0, 364)
    assert airing_hours([20, 12, 20], calendar()) == (12, 20)
    with pytest.raises(ValueError, match="expected daily"):
        event_days("often", calendar())


def test_boxes_stand_where_they_are_declared() -> None:
    share = box_share(boxes(province_factor={"north": 0.5}), site())
    assert share[:, 0].tolist() == [0.01, 0.0, 0.01, 0.0]
    assert (share == share[:, :1]).all()
    assert box_share(boxes(province_factor={"north": 900.0}), site()).max() == 1.0


def test_a_box_needs_the_power_of_the_home() -> None:
    news = calls()["iptv.news"]
    assert (news.gate.line, news.gate.off) == ("home", 0.0)
    assert calls(battery_share=0.4)["iptv.news"].gate.off == 0.4


def test_spells_and_rule_are_handed_on() -> None:
    news = calls(excuse_without_power=True)["iptv.news"]
    assert (news.fault.down_share, news.fault.mean_down_hours) == (0.05, 480.0)
    assert news.link.down_share == pytest.approx(0.1)
    assert (news.threshold, news.excuse_without_power) == (5, True)


@pytest.mark.parametrize(
    "rule",
    [
        {"days": "daily", "airings": [20], "window": 7},
        {**NEWS, "absences": 8},
        {**NEWS, "absences": 0},
        {**NEWS, "airings": []},
        {**NEWS, "windows": 7},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"channels\.iptv\.roll_calls\.x"):
        lower(boxes(roll_calls={"x": rule}), site())
