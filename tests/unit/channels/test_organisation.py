"""Organisations: what colleagues notice, and what a session brings up while it is remembered."""

from __future__ import annotations

from typing import Any

import pytest

from sousveil.channels.organisation import OrganisationParameters, lower, routine
from sousveil.processes import Detection, Inspection, Visits
from unit.channels.village import site


def cells(**changes: Any) -> OrganisationParameters:
    values: dict[str, Any] = {
        "notice": {"missed_event": 0.5},
        "report_probability": 0.2,
        "report_factor": {"missed_event": 2.0},
        "sessions_per_week": 1.0,
        "session_find": {"missed_event": 0.3},
        "session_memory_days": 7.0,
    }
    return OrganisationParameters(**{**values, **changes})


def named(parameters: OrganisationParameters) -> dict[str, Any]:
    return {process.name: process for process in lower(parameters, site())}


def test_absence_is_noticed_and_reported() -> None:
    missed: Detection = named(cells())["organisation.missed_event"]
    assert (missed.notice[:3] == 0.5).all()
    assert not missed.notice[3].any()
    assert missed.report == pytest.approx(0.4)
    assert missed.effect is None
    zealous: Detection = named(cells(zeal_concentration=3.0))["organisation.missed_event"]
    assert zealous.effect is not None


def test_adults_sit_in_a_session_a_week() -> None:
    visits: Visits = named(cells())["organisation.session"]
    assert visits.rate[0, 0] == pytest.approx(1 / (7 * 24))
    assert not visits.rate[:, 2].any()
    assert not visits.rate[3].any()


def test_a_session_brings_up_what_is_remembered() -> None:
    found: Inspection = named(cells())["organisation.session.missed_event"]
    assert found.findable_hours == 7 * 24
    assert found.find == 0.3
    assert found.anchored, "what a session passes on is a report of people"
    forgetful: Inspection = named(cells(session_memory_days=0.0))[
        "organisation.session.missed_event"
    ]
    assert forgetful.findable_hours == site().acts["missed_event"].spell_hours


def test_cells_have_room_for_names() -> None:
    said = routine(
        cells(members_per_cell=20.0, routine_reports_per_week=1.0, naming_share=0.1), site()
    )
    adults = site().persons()[0, :2].sum()
    assert said.room[0] == pytest.approx(adults / 20 * 365 / 7 * 0.1)
