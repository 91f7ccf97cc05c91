"""A model is put together once; reports are held to routine; reviewers fall behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sousveil.acts import ActParameters
from sousveil.channels.border_camera import BorderCameraParameters
from sousveil.channels.face_recognition import FaceRecognitionParameters
from sousveil.channels.phone import PhoneParameters
from sousveil.chilling import ChillingParameters
from sousveil.counts import Count
from sousveil.engine.model import Model, makes_flags
from sousveil.procedure import (
    BaseReports,
    ProcedureParameters,
    assemble,
    base_reports,
)
from sousveil.processes import Detection, Search, Unprompted
from sousveil.scenario.parameters import Parameters
from sousveil.tallies import Key
from sousveil.workload import Workload, queues_of, serve, workload
from sousveil.world.model import World
from unit.channels.test_iptv import boxes
from unit.channels.test_neighbourhood_unit import units
from unit.channels.test_organisation import cells
from unit.channels.test_street_camera import cameras
from unit.channels.village import acts, world

WORLD = world()
FACES = FaceRecognitionParameters(rule="independent", probes=("street_camera",), watchlist=9.0)
PHONES = PhoneParameters(owners={"city": 0.7})
FALSE = 0.2


def parameters(**changes: Any) -> Parameters:
    values: dict[str, Any] = {
        "world": None,
        "acts": acts(),
        "channels": {
            "neighbourhood_unit": units(
                routine_reports_per_week=1.0, naming_share=0.01, false_report_share=FALSE
            ),
            "organisation": cells(),
            "street_camera": cameras(),
            "border_camera": BorderCameraParameters(watched_local=0.5),
            "face_recognition": FACES,
            "iptv": boxes(),
            "phone": PHONES,
        },
        "procedure": ProcedureParameters(),
        "chilling": ChillingParameters(),
        "year": 2023,
        "removed": (),
    }
    return Parameters(**{**values, **changes})


def with_channel(name: str, value: Any, base: Parameters | None = None) -> Parameters:
    base = base or parameters()
    return replace(base, channels={**base.channels, name: value})


def without(*names: str) -> Parameters:
    base = parameters()
    kept = {name: item for name, item in base.channels.items() if name not in names}
    return replace(base, channels=kept)


def told(model: Model, each: float, **outcomes: float) -> dict[Key, Count]:
    """Expected flags: `each` of every outcome in every cell, or what is said."""
    shape = (len(model.world.areas), len(model.world.groups))
    return {
        Key(process.name, outcome): Count(np.full(shape, outcomes.get(outcome, each)), 0.0, "exact")
        for process in model.processes
        if makes_flags(process)
        for outcome in ("reported", "founded", "unfounded")
    }


def same(one: Any, other: Any) -> bool:
    """Equality that looks into arrays."""
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other)
    if hasattr(one, "__dataclass_fields__"):
        return type(one) is type(other) and all(
            same(getattr(one, name), getattr(other, name)) for name in one.__dataclass_fields__
        )
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def by_name(model: Model) -> dict[str, Any]:
    return {process.name: process for process in model.processes}


def reports(where: World = WORLD, each: float = 100.0, **changes: Any) -> BaseReports:
    base = parameters(**changes)
    model = assemble(base, where)
    return base_reports(model, told(model, each), base)


def test_every_channel_is_heard_and_handled() -> None:
    model = assemble(parameters(), WORLD)
    assert set(model.layers) == set(parameters().channels)
    assert set(model.handling) == set(parameters().channels)
    assert model.watchers("cross_border") == ("border_camera",)


@pytest.mark.parametrize("name", sorted(parameters().channels))
def test_removing_a_channel_leaves_the_others_as_they_were(name: str) -> None:
    base = reports()
    full, less = assemble(parameters(), WORLD, base), assemble(without(name), WORLD, base)
    mine = {key for key in by_name(full) if key.startswith(name)}
    mine |= {"face_recognition.street_camera.street", "face_recognition.street_camera.work"}
    kept = {key: item for key, item in by_name(less).items() if key not in mine}
    assert kept.keys() == by_name(full).keys() - mine
    assert all(same(item, by_name(full)[key]) for key, item in kept.items())


def test_a_live_search_looks_at_every_view_of_its_channel() -> None:
    model = assemble(parameters(), WORLD)
    assert [search.parent for search in model.of(Search)] == [
        "street_camera.street",
        "street_camera.work",
    ]
    far = replace(FACES, level="recognise")
    only = assemble(with_channel("face_recognition", far), WORLD)
    assert [search.parent for search in only.of(Search)] == ["street_camera.street"]
    wrong = replace(FACES, probes=("telescope",))
    with pytest.raises(ValueError, match="'telescope' is no channel"):
        assemble(with_channel("face_recognition", wrong), WORLD)


def test_the_anchor_holds_reports_to_the_routine_by_settlement() -> None:
    base = reports()
    anchor = base.anchor["neighbourhood_unit"]
    # Two acts, 3 groups, 100 reports each: 1,200 in the two city areas together.
    room = (333 + 67) * 365 / 7 * 0.01 * (1 - FALSE)
    assert anchor[0] == anchor[2] == pytest.approx(room / 1200)
    assert anchor[1] == pytest.approx(333 * 365 / 7 * 0.01 * (1 - FALSE) / 600)
    held = by_name(assemble(parameters(), WORLD, base))["neighbourhood_unit.foreign_media"]
    free = by_name(assemble(parameters(), WORLD))["neighbourhood_unit.foreign_media"]
    assert np.allclose(held.report, free.report * anchor[:, None])


def test_the_anchor_only_reduces() -> None:
    assert (reports(each=1e-3).anchor["neighbourhood_unit"] == 1.0).all()
    free = assemble(parameters(), WORLD)
    few = assemble(parameters(), WORLD, reports(each=1e-3))
    name = "neighbourhood_unit.foreign_media"
    assert same(by_name(few)[name], by_name(free)[name])
    assert (reports().anchor["organisation"] == 1.0).all(), "nothing is said of its routine"


def test_a_what_if_can_leave_the_anchor_out() -> None:
    loose = units(
        routine_reports_per_week=1.0,
        naming_share=0.01,
        false_report_share=FALSE,
        report_anchor=False,
    )
    free = assemble(with_channel("neighbourhood_unit", loose), WORLD, reports())
    name = "neighbourhood_unit.foreign_media"
    assert same(by_name(free)[name].report, by_name(assemble(parameters(), WORLD))[name].report)
    false = sum(p.rate.sum() for p in free.of(Unprompted) if "denunciation" in p.name)
    held = assemble(parameters(), WORLD, reports())
    anchored = sum(p.rate.sum() for p in held.of(Unprompted) if "denunciation" in p.name)
    assert false > anchored > 0.0


def test_false_reports_are_their_share_of_all_reports() -> None:
    base = reports()
    persons = WORLD.people.by_group()
    false = sum(
        (rate * persons).sum() for rate in base.denunciations["neighbourhood_unit"].values()
    )
    true = (base.anchor["neighbourhood_unit"] * np.array([600, 600, 600, 600]))[:3].sum()
    assert false / (false + true) == pytest.approx(FALSE)
    assert all(not rate[3].any() for rate in base.denunciations["neighbourhood_unit"].values())


def test_false_reports_allege_what_is_declared() -> None:
    weighted = units(false_report_share=FALSE, denounced={"trade": 3.0, "foreign_media": 1.0})
    base = with_channel("neighbourhood_unit", weighted)
    model = assemble(base, WORLD)
    rates = base_reports(model, told(model, 1.0), base).unheld["neighbourhood_unit"]
    assert np.allclose(rates["trade"], 3 * rates["foreign_media"])
    skewed = replace(weighted, report_factor_by_category={"sex.female": 2.0})
    base = with_channel("neighbourhood_unit", skewed)
    rates = base_reports(model, told(model, 1.0), base).unheld["neighbourhood_unit"]
    assert np.allclose(rates["trade"][:, 0], 2 * rates["trade"][:, 1])


def test_denunciations_stay_when_reporting_changes() -> None:
    base = reports()
    quiet = units(
        routine_reports_per_week=1.0,
        naming_share=0.01,
        false_report_share=FALSE,
        report_probability=0.0,
    )
    name = "neighbourhood_unit.denunciation.foreign_media"
    changed = assemble(with_channel("neighbourhood_unit", quiet), WORLD, base)
    assert same(by_name(changed)[name], by_name(assemble(parameters(), WORLD, base))[name])


def test_no_reports_no_denunciations() -> None:
    silent = {**acts(), "foreign_media": ActParameters(right="UDHR 19")}
    base = replace(parameters(), acts=silent)
    model = assemble(base, WORLD)
    false = base_reports(model, told(model, 0.0), base).denunciations["neighbourhood_unit"]
    assert not any(rate.any() for rate in false.values())


def test_handling_is_keyed_by_channel_or_other() -> None:
    procedure = ProcedureParameters(
        partners_needed={"iptv": 1.0},
        rule_hours={"other": 720.0},
        review_share={"other": 0.5, "phone": 1.0},
        reject_unfounded={"other": 0.3},
        bribe_exit={"other": 0.4},
        bribe_factor={"sex.female": 3.0},
    )
    handling = assemble(parameters(procedure=procedure), WORLD).handling
    assert [handling[name].partners_needed for name in ("iptv", "phone")] == [1, 0]
    assert handling["phone"].rule_hours == 720
    assert (handling["phone"].reviewed == 1.0).all()
    assert (handling["iptv"].reviewed == 0.5).all()
    assert handling["iptv"].bribe_exit[0] == pytest.approx([1.0, 0.4, 1.0])


def reviewed(officers: float, each: float = 10.0, **changes: Any) -> tuple[Any, Model, Any]:
    procedure = ProcedureParameters(
        review_share={"other": 1.0}, officers=officers, cases_per_officer_day=0.5, **changes
    )
    model = assemble(parameters(procedure=procedure), WORLD)
    return procedure, model, told(model, each)


def after_review(procedure: Any, model: Model, expected: Any) -> Model:
    return serve(model, queues_of(procedure, model, expected))


def loads_of(procedure: Any, model: Model, expected: Any) -> dict[str, Workload]:
    return workload(procedure, queues_of(procedure, model, expected))


def test_officers_enough_change_nothing() -> None:
    for officers in (0.0, 1e6):
        procedure, model, expected = reviewed(officers)
        assert after_review(procedure, model, expected) is model
    loads = loads_of(procedure, model, expected)
    assert all(load.served == 1.0 and load.delay_days == 0.0 for load in loads.values())


def test_where_nothing_is_sent_to_review_nobody_waits() -> None:
    procedure = ProcedureParameters(officers=2.0, cases_per_officer_day=0.5)
    model = assemble(parameters(procedure=procedure), WORLD)
    expected = told(model, 10.0)
    assert after_review(procedure, model, expected) is model
    loads = loads_of(procedure, model, expected)
    assert set(loads.values()) == {Workload(0.0, 1.0, 0.0, 0.0, 0.0)}


def test_too_few_officers_let_flags_expire() -> None:
    procedure, model, expected = reviewed(2.0, retention_days={"other": 30.0})
    served = after_review(procedure, model, expected)
    for handling in served.handling.values():
        assert (handling.expired > 0.5).all()
        assert np.allclose(handling.reviewed + handling.expired, 1.0)
    # Flags of all: every process, 4 areas, 3 groups, founded and unfounded.
    flags = sum(makes_flags(p) for p in model.processes) * 4 * 3 * 2 * 10.0
    loads = loads_of(procedure, model, expected)
    assert sum(load.sent for load in loads.values()) == pytest.approx(flags)
    assert loads["iptv"].cases_per_officer_day == pytest.approx(flags / (2 * 365))
    assert 0 < loads["iptv"].delay_days <= 30


def test_the_served_share_is_that_of_a_queue_with_patience() -> None:
    procedure, model, expected = reviewed(2.0, retention_days={"other": 30.0})
    load = loads_of(procedure, model, expected)["iptv"].cases_per_officer_day / 0.5
    until = 30.0 / (load - 1)
    posts = after_review(procedure, model, expected).handling["iptv"].reviewed[3]
    assert posts == pytest.approx((until + (365 - until) / load) / 365)


def test_the_workload_reads_the_same_after_service() -> None:
    procedure, model, expected = reviewed(2.0, retention_days={"other": 30.0})
    served = after_review(procedure, model, expected)
    after = {
        key: replace(value, values=value.values * (1 - served.handling["iptv"].expired)[:, None])
        if key.outcome != "reported"
        else value
        for key, value in expected.items()
    }
    before = loads_of(procedure, model, expected)["iptv"]
    assert loads_of(procedure, served, after)["iptv"].sent == pytest.approx(before.sent)


def test_without_retention_a_flag_waits_for_ever() -> None:
    procedure, model, expected = reviewed(2.0)
    assert after_review(procedure, model, expected) is model
    assert loads_of(procedure, model, expected)["phone"].delay_days > 365


def test_nobody_reviews_where_officers_do_nothing() -> None:
    procedure, model, expected = reviewed(2.0, retention_days={"other": 30.0})
    idle = replace(procedure, cases_per_officer_day=0.0)
    assert after_review(idle, model, expected).handling["iptv"].reviewed == pytest.approx(
        0.0, abs=1e-6
    )


def test_power_fails_and_cameras_see_no_act() -> None:
    model = assemble(parameters(), WORLD)
    for process in model.of(Detection):
        if process.channel == "street_camera":
            assert process.gate.off == pytest.approx(0.1), "the backup share"
    dark = replace(cameras(), backup_share=0.0)
    model = assemble(with_channel("street_camera", dark), WORLD)
    gates = [p.gate.off for p in model.of(Detection) if p.channel == "street_camera"]
    assert gates
    assert not any(gates)
