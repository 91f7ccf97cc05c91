"""Neighbourhood units: size and reporters, checks at night, room for routine reports."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sousveil.channels.neighbourhood_unit import (
    NeighbourhoodUnitParameters,
    lower,
    routine,
    unit_notice,
)
from sousveil.processes import Detection, Inspection, Visits
from unit.channels.village import site


def units(**changes: Any) -> NeighbourhoodUnitParameters:
    values: dict[str, Any] = {
        "reporters_per_unit": 3.0,
        "reference_households": 30.0,
        "notice_per_reporter": {"foreign_media": 0.01, "overnight_guest": 0.08},
        "report_probability": 0.1,
        "report_factor": {"overnight_guest": 2.5},
        "zeal_concentration": 3.0,
        "checks_per_year": 12.0,
        "check_start_hour": 23.0,
        "check_length_hours": 3.0,
        "check_find": {"overnight_guest": 0.8},
    }
    return NeighbourhoodUnitParameters(**{**values, **changes})


def named(parameters: NeighbourhoodUnitParameters) -> dict[str, Any]:
    return {process.name: process for process in lower(parameters, site())}


def reports(parameters: NeighbourhoodUnitParameters, act: str) -> Any:
    return named(parameters)[f"neighbourhood_unit.{act}"].report


def test_reporters_notice_independently_and_less_in_larger_units() -> None:
    found = unit_notice(0.08, units(), site())
    assert found[0] == pytest.approx(1 - (1 - 0.08 * 30 / (10_000 / 333)) ** 3)
    assert found[1] == pytest.approx(1 - (1 - 0.08 * 30 / (5_000 / 333)) ** 3)
    assert unit_notice(0.9, units(reference_households=300.0), site())[1] == 1.0


def test_reports_follow_act_trend_and_group_and_end_at_one() -> None:
    rising = units(trend=1.0, trend_factor=1.5, report_factor_by_category={"sex.female": 2.0})
    assert reports(rising, "overnight_guest")[0] == pytest.approx([0.75, 0.375, 0.75])
    assert reports(units(), "foreign_media")[0] == pytest.approx(0.1)
    assert reports(units(report_probability=0.9), "overnight_guest").max() == 1.0
    falling = units(trend=-1.0, trend_factor=1.5)
    assert reports(falling, "foreign_media")[0] == pytest.approx(0.1 / 1.5)


def test_guards_have_no_neighbours() -> None:
    for process in lower(units(), site()):
        if isinstance(process, Detection):
            assert not process.notice[3].any()
        if isinstance(process, Visits):
            assert not process.rate[3].any()


def test_units_work_without_electricity() -> None:
    for process in lower(units(), site()):
        if isinstance(process, Detection):
            assert process.gate.line == ""


def test_zeal_is_shared_by_the_acts_of_a_unit() -> None:
    effects = {p.effect for p in lower(units(), site()) if isinstance(p, Detection)}
    assert len(effects) == 1
    alike = lower(units(zeal_concentration=0.0), site())
    assert all(p.effect is None for p in alike if isinstance(p, Detection))


def test_checks_come_in_their_window_as_often_as_declared() -> None:
    visits: Visits = named(units())["neighbourhood_unit.check"]
    hour = np.tile(np.arange(24), 2)
    assert set(hour[visits.profile > 0]) == {23, 0, 1}
    assert 8760 * visits.rate[0, 0] * (visits.profile @ site().slot_weights) == pytest.approx(12)
    half: Visits = named(units(check_start_hour=22.5))["neighbourhood_unit.check"]
    assert half.profile[22] == pytest.approx(half.profile[23] / 2)


def test_a_check_finds_what_is_still_going_on() -> None:
    found: Inspection = named(units())["neighbourhood_unit.check.overnight_guest"]
    assert found.findable_hours == 9
    assert (found.find, found.trace, found.visits) == (0.8, 1.0, "neighbourhood_unit.check")
    assert not found.anchored


def test_room_for_reports_counts_units_weeks_and_names() -> None:
    said = routine(units(routine_reports_per_week=1.0, naming_share=0.05), site())
    assert said.room[0] == pytest.approx(333 * 365 / 7 * 0.05)
    assert np.isinf(routine(units(), site()).room).all()
    assert not routine(units(report_anchor=False), site()).held
