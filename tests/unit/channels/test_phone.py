"""Phones: traces are found by hand, in handsets that exist; calls are located with power only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sousveil.channels.phone import CHANNEL, PhoneParameters, lower, owners_share
from sousveil.processes import Detection, Inspection, Layer, Unprompted, Visits
from unit.channels.village import site


def phones(**changes: Any) -> PhoneParameters:
    values: dict[str, Any] = {
        "owners": {"city": 0.7, "rural": 0.3},
        "owner_factor": {"sex.female": 0.8},
        "inspections_per_year": 1.5,
        "trace_share": {"foreign_media": 0.2},
        "trace_days": {"foreign_media": 30.0},
        "find": {"foreign_media": 0.3},
        "false_find": 0.002,
        "signal_notice": {"foreign_media": 0.1},
    }
    return PhoneParameters(**{**values, **changes})


def named(parameters: PhoneParameters) -> dict[str, Any]:
    return {process.name: process for process in lower(parameters, site())}


def test_adults_own_phones() -> None:
    assert owners_share(phones(), site())[0] == pytest.approx([0.56, 0.7, 0.0])
    assert owners_share(phones(), site())[1] == pytest.approx([0.24, 0.3, 0.0])
    assert not owners_share(phones(), site())[3].any()
    assert owners_share(phones(owner_factor={"sex.male": 9.0}), site()).max() == 1.0


def test_a_trace_can_be_found_while_it_stays() -> None:
    found: Inspection = named(phones())["phone.inspection.foreign_media"]
    assert (found.trace, found.find, found.findable_hours) == (0.2, 0.3, 720)
    assert found.carrier is not None
    assert found.carrier.entity == "person"


def test_inspections_keep_their_hours() -> None:
    visits: Visits = named(phones(hours=(8, 20)))["phone.inspection"]
    hour = np.tile(np.arange(24), 2)
    assert set(hour[visits.profile > 0]) == set(range(8, 20))
    assert 8760 * visits.rate[0, 0] * (visits.profile @ site().slot_weights) == pytest.approx(1.5)


def test_finds_without_cause_follow_inspections_of_owners() -> None:
    false: Unprompted = named(phones())["phone.without_cause"]
    assert 8760 * false.rate[0, 1] == pytest.approx(1.5 * 0.002 * 0.7)
    assert false.coincident_hours == 720
    assert not named(phones(false_find=0.0))["phone.without_cause"].rate.any()
    assert "phone.without_cause" not in named(phones(false_allegation="sleep"))


def test_direction_finders_need_power() -> None:
    located: Detection = named(phones())["phone.signal.foreign_media"]
    assert (located.gate.line, located.gate.off) == ("state", 0.0)


def test_a_device_read_by_a_person_is_mixed() -> None:
    assert CHANNEL.layer is Layer.MIXED
