"""What must hold whatever the numbers: told by the expected engine on the world by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sousveil.counts import Count
from sousveil.engine.expected import expect
from sousveil.procedure import ProcedureParameters, assemble, base_reports
from sousveil.scenario.parameters import Parameters
from sousveil.tallies import Key
from sousveil.world.model import World
from unit.channels.test_iptv import boxes
from unit.channels.test_street_camera import cameras
from unit.channels.village import world
from unit.test_procedure import parameters, with_channel, without

WORLD = world(hours=10)
BASE = parameters()


def expected(of: Parameters, where: World = WORLD) -> Mapping[Key, Count]:
    free = assemble(BASE, WORLD)
    reports = base_reports(free, expect(free), BASE)
    return expect(assemble(of, where, reports))


@pytest.fixture(scope="module")
def base() -> Mapping[Key, Count]:
    return expected(BASE)


def total(values: Mapping[Key, Count], outcome: str, start: str = "") -> float:
    return sum(
        float(value.values.sum())
        for key, value in values.items()
        if key.outcome == outcome and key.process.startswith(start)
    )


def assert_same(one: Mapping[Key, Count], other: Mapping[Key, Count], but: str = "?") -> None:
    for key, value in one.items():
        if key in other and not key.outcome.startswith(("pattern", but)):
            assert np.allclose(value.values, other[key].values, rtol=1e-9, atol=1e-12), key


def test_people_do_and_suffer_something_here(base: Mapping[Key, Count]) -> None:
    for start in ("neighbourhood_unit", "street_camera", "border_camera", "iptv", "organisation"):
        assert total(base, "founded", start) > 0.0, start
    assert total(base, "unfounded", "neighbourhood_unit") > 0.0


@pytest.mark.parametrize("name", ["neighbourhood_unit", "street_camera", "phone", "iptv"])
def test_without_a_channel_the_flags_of_the_others_stay(
    base: Mapping[Key, Count], name: str
) -> None:
    less = expected(without(name))
    kept = {
        key: value
        for key, value in less.items()
        if key.outcome in ("reported", "founded", "unfounded", "cases")
    }
    assert kept
    assert_same(kept, base)


def test_safeguards_of_strength_zero_change_nothing(base: Mapping[Key, Count]) -> None:
    nothing = ProcedureParameters(
        review_share={"other": 1.0},
        reject_founded={"other": 0.0},
        partners_needed={"other": 0.0},
        rule_hours={"other": 720.0},
    )
    assert_same(base, expected(replace(BASE, procedure=nothing)))
    fewer_days = replace(cameras(), review_share=0.0)
    shorter = replace(fewer_days, retention_days=1.0)
    assert_same(
        expected(with_channel("street_camera", fewer_days)),
        expected(with_channel("street_camera", shorter)),
    )


def test_review_rejects_its_share(base: Mapping[Key, Count]) -> None:
    review = ProcedureParameters(
        review_share={"other": 0.5}, reject_founded={"other": 0.1}, reject_unfounded={"other": 0.8}
    )
    found = expected(replace(BASE, procedure=review))
    assert total(found, "founded") == pytest.approx(0.95 * total(base, "founded"))
    assert total(found, "unfounded") == pytest.approx(0.6 * total(base, "unfounded"))


def test_independent_reports_only_drop(base: Mapping[Key, Count]) -> None:
    rule = ProcedureParameters(
        partners_needed={"neighbourhood_unit": 1.0}, rule_hours={"other": 720.0}
    )
    found = expected(replace(BASE, procedure=rule))
    for outcome in ("founded", "unfounded"):
        before, after = (total(each, outcome, "neighbourhood_unit") for each in (base, found))
        assert after < before
    assert total(found, "reported") == pytest.approx(total(base, "reported"))


def test_no_power_no_machine() -> None:
    dark = world(hours=0)
    blind = with_channel("street_camera", replace(cameras(), backup_share=0.0))
    found = expected(blind, dark)
    assert total(found, "noticed", "street_camera") == 0.0
    assert total(found, "detect", "street_camera") == 0.0
    assert total(found, "recorded", "iptv") == 0.0
    assert total(found, "noticed", "neighbourhood_unit") > 0.0, "people need no power"


def test_excusing_outages_leaves_none_to_power(base: Mapping[Key, Count]) -> None:
    assert total(base, "cause:power", "iptv.speech") > 0.0
    excused = expected(with_channel("iptv", boxes(excuse_without_power=True)))
    assert total(excused, "cause:power", "iptv") == 0.0
    assert total(excused, "unfounded", "iptv") < total(base, "unfounded", "iptv")


def test_anchored_reports_fill_the_room_and_no_more(base: Mapping[Key, Count]) -> None:
    start = "neighbourhood_unit."
    reported = sum(
        float(value.values.sum())
        for key, value in base.items()
        if key.outcome == "reported"
        and key.process.startswith(start)
        and not key.process.startswith(f"{start}check")
    )
    room = (333 + 333 + 67) * 365 / 7 * 0.01
    assert reported <= room * (1 + 1e-9)


def test_cameras_move_crossings_and_bribes_but_not_attempts() -> None:
    acts = BASE.acts
    bare: Any = replace(
        acts["cross_border"], border=replace(acts["cross_border"].border, posts_with_cameras=0.0)
    )
    found = expected(replace(BASE, acts={**acts, "cross_border": bare}))
    base = expected(BASE)
    assert total(found, "done", "cross_border") == pytest.approx(
        total(base, "done", "cross_border")
    )
    assert total(found, "mark:path:helped") > total(base, "mark:path:helped")
    assert total(found, "done", "take_bribe") > total(base, "done", "take_bribe")
    assert total(found, "noticed", "border_camera") == 0.0
    # Bribes are the helped crossings, power and all.
    assert total(base, "done", "take_bribe") == pytest.approx(
        total(base, "mark:path:helped", "cross_border")
    )
