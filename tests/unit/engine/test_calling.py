"""Roll calls: who is flagged, and why, on draws set by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.engine.calling import Calls
from sousveil.engine.hourly import sample
from sousveil.engine.model import CAUSES
from sousveil.tallies import Key
from support.models import (
    flat,
    make_model,
    make_roll_call,
    make_world,
)

ALWAYS_WATCHING = p.Effect("watching", p.Entity.HOUSEHOLD, "share", np.inf)
NEVER = p.Spell("never", p.Entity.HOUSEHOLD, 0.0, 10.0)


def calls(**changes: bool) -> Calls:
    """One household at one event: at home, watching, all in order."""
    normal = {
        "watched": True,
        "elsewhere": False,
        "left_on": False,
        "powered": True,
        "linked": True,
        "sound": True,
    }
    values = {name: np.array([[value]]) for name, value in {**normal, **changes}.items()}
    return Calls(**values, excuses=False)


@pytest.mark.parametrize(
    ("changes", "recorded", "deliberate"),
    [
        ({}, True, False),
        ({"elsewhere": True}, False, False),
        ({"watched": False}, False, True),
        ({"watched": False, "elsewhere": True}, False, True),
        ({"watched": False, "left_on": True}, True, False),
        ({"elsewhere": True, "left_on": True}, False, False),
        ({"powered": False}, False, False),
        ({"linked": False}, False, False),
        ({"sound": False}, False, False),
        ({"watched": False, "powered": False}, False, True),
    ],
)
def test_recorded_and_deliberate(changes: dict, recorded: bool, deliberate: bool) -> None:
    call = calls(**changes)
    assert call.recorded.item() is recorded
    assert call.absent.item() is not recorded
    assert call.deliberate.item() is deliberate


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"powered": False}, "power"),
        ({"linked": False}, "link"),
        ({"sound": False}, "fault"),
        ({"elsewhere": True}, "elsewhere"),
    ],
)
def test_a_cause_is_what_mends_the_absence(changes: dict, cause: str) -> None:
    for other in CAUSES:
        assert calls(**changes).without(other).recorded.item() is (other == cause)


def test_two_causes_together_are_neither_alone() -> None:
    call = calls(powered=False, elsewhere=True)
    assert not any(call.without(cause).recorded.item() for cause in CAUSES)


def test_an_excuse_takes_the_absence_away() -> None:
    call = replace(calls(powered=False, watched=False), excuses=True)
    assert not call.absent.item()
    assert not call.deliberate.item()
    assert call.without("power").deliberate.item(), "with power it would have been an absence"


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
        "link": replace(NEVER, name="link", entity=p.Entity.AREA),
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
    ],
)
def test_impossible_events_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(1.0, **changes)
