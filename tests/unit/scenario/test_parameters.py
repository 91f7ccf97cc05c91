"""Parameters: the draw, the year, and what-ifs in their order."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sousveil.errors import Problems
from sousveil.quantity import Distribution, SeriesPoint
from sousveil.scenario.model import CENTRAL, Draw, Scenario
from sousveil.scenario.parameters import Parameters, resolve
from unit.scenario.small import BASE, CLASSES, fixed, scenario, what_if


def found(base: Scenario, *names: str, draw: Draw = CENTRAL, **more: Any) -> Parameters:
    return resolve(base, draw, names, classes=CLASSES, **more)


def test_the_base_is_drawn_and_what_is_left_out_has_its_declared_value() -> None:
    base = scenario(*BASE, settings={"acts.talk.place": "street"})
    central = found(base)
    assert central.world.people == 5000
    assert dict(central.world.margins) == {"age.adult": 0.7, "age.child": 0.3}
    assert dict(central.world.power.hours) == {"north": 8, "south": 10}
    assert central.world.power.weight == 1.0
    assert central.world.power.lines == ("home",)
    assert central.acts["talk"].place == "street"
    assert central.channels["eye"].noticed == 0.5
    assert central.chilling.delay == 3.0
    assert central.removed == ()
    drawn = found(base, draw=Draw({"world.power.hours.north": 1.0}, {}))
    assert dict(drawn.world.power.hours) == {"north": 12, "south": 10}


def test_a_what_if_sets_scales_and_removes() -> None:
    change = what_if(
        "a",
        set={"world.power.hours.*": 24.0, "channels.eye.noticed": 0.25},
        scale={"acts.talk.rate": 0.5, "procedure.delay": 2.0},
        set_settings={"acts.talk.place": "street"},
    )
    base = scenario(*BASE, what_ifs=(change, what_if("b", remove=("eye",))))
    patched = found(base, "a")
    assert dict(patched.world.power.hours) == {"north": 24, "south": 24}
    assert patched.channels["eye"].noticed == 0.25
    assert patched.acts["talk"].rate == 3
    assert patched.acts["talk"].place == "street"
    assert patched.procedure.delay == 6
    both = found(base, "a", "b")
    assert dict(both.channels) == {}
    assert both.removed == ("eye",)
    assert dict(found(base).channels) != {}


def test_inherited_changes_come_first_and_the_later_one_wins() -> None:
    base = scenario(
        *BASE,
        what_ifs=(
            what_if("a", set={"world.people": 2000.0}),
            what_if("b", inherit=("a",), scale={"world.people": 2.0}),
            what_if("c", set={"world.people": 9000.0}),
        ),
    )
    assert found(base, "b").world.people == 4000
    assert found(base, "c", "b").world.people == 4000
    assert found(base, "b", "c").world.people == 9000
    assert found(base, "a", "b").world.people == 4000  # `a` once


def test_a_key_that_only_a_what_if_gives_is_added() -> None:
    base = scenario(*BASE, what_ifs=(what_if("a", set={"world.power.hours.west": 7.0}),))
    assert dict(found(base, "a").world.power.hours) == {"north": 8, "south": 10, "west": 7}
    assert dict(found(base).world.power.hours) == {"north": 8, "south": 10}


def test_a_scaled_value_stays_inside_its_bounds() -> None:
    base = scenario(*BASE, what_ifs=(what_if("a", scale={"channels.eye.noticed": 10.0}),))
    assert found(base, "a").channels["eye"].noticed == 1.0


def test_an_override_stands_before_the_what_ifs() -> None:
    base = scenario(*BASE, what_ifs=(what_if("a", scale={"acts.talk.rate": 0.5}),))
    assert found(base, "a", overrides={"acts.talk.rate": 10.0}).acts["talk"].rate == 5


def test_the_year_is_the_what_ifs_then_the_callers_then_the_scenarios() -> None:
    points = tuple(SeriesPoint(y, Distribution("fixed", (v,))) for y, v in ((2012, 1.0), (2020, 3)))
    density = fixed("channels.eye.density", series=points)
    base = scenario(*BASE[:-1], density, what_ifs=(what_if("then", year=2012),))
    assert (found(base).year, found(base).channels["eye"].density) == (2024, 3)
    assert found(base, year=2015).channels["eye"].density == 1
    assert (found(base, "then", year=2022).year) == 2012


def test_an_unknown_what_if_is_one_line_with_a_suggestion() -> None:
    base = scenario(*BASE, what_ifs=(what_if("no_cameras"),))
    with pytest.raises(Problems, match=r"unknown-name no_camera: .*did you mean no_cameras\?"):
        found(base, "no_camera")


def test_parameters_cannot_be_changed() -> None:
    central = found(scenario(*BASE))
    with pytest.raises(TypeError):
        central.world.power.hours["north"] = 3.0
    with pytest.raises(AttributeError):
        central.world.people = 3.0


def test_a_member_with_150_quantities_is_resolved_in_milliseconds() -> None:
    margins = [fixed(f"world.margins.m.{n}", 0.1, 0.2, 0.5, form="lognormal") for n in range(145)]
    change = what_if("a", set={"world.power.hours.*": 24.0}, scale={"acts.talk.rate": 0.5})
    base = scenario(*BASE, *margins, what_ifs=(change,))
    found(base)
    draws = [Draw({item: n / 50 for item in base.uncertain}, {}) for n in range(50)]
    start = time.perf_counter()
    for draw in draws:
        found(base, draw=draw)
        found(base, "a", draw=draw)
    assert (time.perf_counter() - start) / (2 * len(draws)) < 0.01  # 0.5 ms on an idle machine
