"""Roll calls: whom the year of a model flags, and why, on draws that leave no choice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.engine.model import CAUSES
from sousveil.engine.sampled import events, hourly
from sousveil.engine.sampled.hourly import sample
from sousveil.engine.sampled.kernels.calls import MOST_IN_A_WINDOW
from sousveil.tallies import Key
from support.models import (
    flat,
    make_model,
    make_roll_call,
    make_world,
)

ALWAYS_WATCHING = p.Effect("watching", p.Entity.HOUSEHOLD, "share", np.inf)
NEVER = p.Spell("never", p.Entity.HOUSEHOLD, 0.0, 10.0)
NO_LINK = replace(NEVER, name="link", entity=p.Entity.AREA)


def run(power: float | None, **changes) -> dict[str, int]:
    """Tallies of a roll call in a world where the hours have this share of power."""
    world = make_world(power=power)
    base = {
        "box": p.Trait("box", p.Entity.HOUSEHOLD, flat(1.0)),
        "gate": p.Gate("home", 1.0, 0.0),
        "watch": 1.0,
        "watch_effect": ALWAYS_WATCHING,
        "elsewhere": 0.0,
        "left_on": 0.0,
        "fault": NEVER,
        "link": NO_LINK,
    }
    model = make_model(world, (make_roll_call(**{**base, **changes}),), {})
    tallies = sample(model, 1, 0).tallies
    return {k.outcome: tallies.total(k) for k in tallies.counts if k.process == "broadcast"}


def test_with_power_everybody_is_recorded() -> None:
    counts = run(1.0)
    assert counts["household_events"] == counts["recordable"] == counts["recorded"] == 140 * 15
    assert counts["reported"] == 0


def test_without_power_everybody_is_flagged_for_power() -> None:
    counts = run(0.0)
    assert counts["recordable"] == 0
    assert counts["reported"] == counts["unfounded"] == counts["cause:power"] == 140 * 3
    assert counts["cause:link"] == counts["founded"] == 0


def test_without_power_an_excuse_flags_nobody() -> None:
    assert run(0.0, excuse_without_power=True)["reported"] == 0


def test_nobody_watching_is_founded_with_or_without_power() -> None:
    for power in (0.0, 1.0):
        counts = run(power, watch=0.0)
        assert counts["founded"] == counts["reported"] == 140 * 3
        assert all(counts[f"cause:{cause}"] == 0 for cause in CAUSES)


def test_a_link_down_for_ever_flags_the_area() -> None:
    link = p.Spell("link", p.Entity.AREA, 1.0, 10.0)
    counts = run(1.0, link=link)
    assert counts["cause:link"] == counts["reported"] == 140 * 3


def test_any_airing_of_an_event_will_do() -> None:
    many, one = (24 * 12,) * 1, (24 * 12, 24 * 12 + 1, 24 * 12 + 2, 24 * 12 + 3, 24 * 12 + 4)
    gate = p.Gate("", 0.5, 0.5)
    rare = run(1.0, events=(many,), windows=((0,),), gate=gate)["recorded"]
    often = run(1.0, events=(one,), windows=((0,),), gate=gate)["recorded"]
    # 140 households: 1/2 against 31/32, five standard deviations apart from either's own.
    assert 40 < rare < 100
    assert often > 125


def test_a_spell_keeps_its_share_and_its_memory() -> None:
    # One event an hour for 30 days: the box is down 20 % of the time, in spells of 10 hours.
    hours = tuple((hour,) for hour in range(30 * 24))
    fault = p.Spell("fault", p.Entity.HOUSEHOLD, 0.2, 10.0)
    windows = tuple((hour, hour + 1) for hour in range(0, 30 * 24, 2))
    counts = run(1.0, events=hours, windows=windows, threshold=1, fault=fault)
    down = 1 - counts["recordable"] / counts["household_events"]
    # Standard deviation 0.0058 (20 hours of memory); 5 of these.
    assert down == pytest.approx(0.2, abs=0.03)
    # P(down at either of two hours) = 0.2 (1 + P(up one hour after down)), that is 0.2 (1 + 0.094).
    either = counts["reported"] / (140 * 360)
    assert either == pytest.approx(0.2 * (1 + 0.8 * (1 - np.exp(-1 / 8))), abs=0.03)
    assert counts["cause:fault"] == counts["unfounded"]


def test_a_fault_hits_a_household_and_a_link_an_area() -> None:
    area = p.Spell("link", p.Entity.AREA, 0.5, 1e6)
    model = make_model(
        make_world(power=1.0),
        (
            make_roll_call(
                box=p.Trait("box", p.Entity.HOUSEHOLD, flat(1.0)), gate=p.NO_GATE, link=area,
                fault=NEVER,
            ),
        ),
        {},
    )  # fmt: skip
    up = sample(model, 3, 0).tallies.counts[Key("broadcast", "recordable")].sum(axis=1)
    households = np.array([80, 40, 20]) * 15
    assert set((up / households).tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"events": ((30,), (20,)), "windows": ((0, 1),)}, "in order of time"),
        ({"events": ((30,), ()), "windows": ((0, 1),)}, "airings"),
        ({"events": ((9_000,),), "windows": ((0,),)}, "within the year"),
        ({"windows": ((),)}, "a window without events"),
        (
            {
                "events": tuple((hour,) for hour in range(MOST_IN_A_WINDOW + 1)),
                "windows": (tuple(range(MOST_IN_A_WINDOW + 1)),),
            },
            f"a window of more than {MOST_IN_A_WINDOW} events",
        ),
    ],
)
def test_impossible_events_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(1.0, **changes)


def test_the_longest_window_is_taken() -> None:
    hours = tuple((hour // 2,) for hour in range(MOST_IN_A_WINDOW))
    window = (tuple(range(MOST_IN_A_WINDOW)),)
    counts = run(0.0, events=hours, windows=window, threshold=MOST_IN_A_WINDOW)
    assert counts["reported"] == counts["cause:power"] == 140


def test_uncertain_power_is_drawn_for_each_airing() -> None:
    # Supply half of the time gives 0.9, none 0.3, so three airings fail with 0.1, 0.3, 0.7 each.
    world = make_world(scale=8)
    gate = p.Gate("home", 0.9, 0.3)
    call = make_roll_call(
        box=p.Trait("box", p.Entity.HOUSEHOLD, flat(1.0)), gate=gate, link=NO_LINK, fault=NEVER
    )
    tallies = sample(make_model(world, (call,), {}), 1, 0).tallies
    found = tallies.counts[Key("broadcast", "recordable")].sum(axis=1)
    missed = np.where(world.power.on[0] > 0, 0.1, 0.7)  # (A, F, H)
    expected = sum(1.0 - missed[..., list(event)].prod(axis=-1) for event in call.events)
    households = world.people.households[:, None] / 4
    wanted = (np.asarray(expected) * households).sum(axis=1)
    assert np.all(np.abs(found - wanted) < 5.5 * np.sqrt(wanted) + 0.01 * wanted), "uneven feeders"


@pytest.mark.parametrize("engine", [hourly, events])
@pytest.mark.parametrize("count", [0, 3])
def test_a_roll_call_may_have_no_windows_or_no_events(engine, count: int) -> None:
    airings = tuple((24 * day + 19,) for day in range(count))
    model = make_model(make_world(), (make_roll_call(events=airings, windows=()),), {})
    for compiled in (True, False):
        tallies = engine.sample(model, 1, 0, compiled=compiled).tallies
        households = tallies.total(Key("broadcast", "household_events"))
        assert households % max(count, 1) == 0
        assert (households > 0) == (count > 0)
        assert tallies.total(Key("broadcast", "reported")) == 0


def test_a_world_without_power_lines_calls_the_roll_all_the_same() -> None:
    world = make_world()
    power = replace(world.power, lines=(), by_line=world.power.on[:0], hours=world.power.hours[:0])
    call = make_roll_call(gate=p.NO_GATE)
    bare, lined = (make_model(w, (call,), {}) for w in (replace(world, power=power), world))
    for engine in (hourly, events):
        found = engine.sample(bare, 1, 0).tallies
        assert found.sha256() == engine.sample(lined, 1, 0).tallies.sha256()
