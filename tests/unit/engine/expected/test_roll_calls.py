"""Roll calls against the enumeration of every outcome, and what must hold whatever the numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.effects import class_means
from sousveil.engine.expected import expect
from sousveil.engine.expected.windows import distinct, link_paths, transition
from sousveil.tallies import Key
from unit.engine.expected.hamlet import HOURS, HOUSEHOLDS, hamlet, model, roll_call, totals

BATTERY = p.Gate("grid", 0.9, 0.3)
FAULT = p.Spell("fault", p.Entity.HOUSEHOLD, 0.2, 30.0)
LINK = p.Spell("link", p.Entity.AREA, 0.3, 15.0)
CAUSES = ("power", "link", "fault", "elsewhere")
HOME, AWAY, OFF, LEFT_ON = range(4)


def supply(seed: int) -> np.ndarray:
    """One feeder of random hours."""
    chance = np.random.default_rng(seed).random((1, 1, 1, HOURS)) < 0.5
    return chance.astype(np.uint8)


@dataclass(frozen=True)
class Outcomes:
    """All outcomes of a few events: weight of each, and what happened at each event (N, n)."""

    weight: np.ndarray
    linked: np.ndarray
    sound: np.ndarray
    powered: np.ndarray
    behaviour: np.ndarray

    def absences(self, excuse: bool, removed: str = "") -> tuple[np.ndarray, np.ndarray]:
        """Counts of absences and of deliberate ones, with one cause removed."""
        powered = np.ones_like(self.powered) if removed == "power" else self.powered
        up = powered.copy()
        if removed != "link":
            up = up & self.linked
        if removed != "fault":
            up = up & self.sound
        behaviour = np.where(
            (removed == "elsewhere") & (self.behaviour == AWAY), HOME, self.behaviour
        )
        absent = ~(up & np.isin(behaviour, (HOME, LEFT_ON)))
        deliberate = behaviour == OFF
        if excuse:
            absent, deliberate = absent & powered, deliberate & powered
        return absent.sum(axis=1), deliberate.sum(axis=1)


def enumerate_all(call: p.RollCall, events: list[int], bits: np.ndarray) -> Outcomes:
    """Every outcome of some events of a roll call, with its probability."""
    hours = np.array([call.events[event][0] for event in events], dtype=float)
    count = len(events)
    power = [
        1.0
        - np.prod([1.0 - (call.gate.on if bits[h] else call.gate.off) for h in call.events[event]])
        for event in events
    ]
    paths = np.array(list(product((0, 1), repeat=count)))  # 0: up, or powered

    def of_spell(spell: p.Spell) -> np.ndarray:
        share = np.array([1.0 - spell.down_share, spell.down_share])
        steps = transition(spell, np.diff(hours))
        weight = share[paths[:, 0]]
        for event in range(count - 1):
            weight = weight * steps[event][paths[:, event], paths[:, event + 1]]
        return weight

    lit = np.prod(np.where(paths == 0, power, 1.0 - np.array(power)), axis=1)
    acts = np.array(list(product(range(4), repeat=count)))
    chance = np.zeros(len(acts))
    for watch in class_means(call.watch_effect, call.watch):
        of_class = np.array(
            [
                watch * (1 - call.elsewhere),
                watch * call.elsewhere,
                (1 - watch) * (1 - call.left_on),
                (1 - watch) * call.left_on,
            ]
        )
        chance += np.prod(of_class[acts], axis=1) / 16
    grid = [
        index.reshape(-1)
        for index in np.indices((len(paths), len(paths), len(paths), len(acts)), dtype=np.int32)
    ]
    weight = of_spell(call.link)[grid[0]] * of_spell(call.fault)[grid[1]]
    weight = weight * lit[grid[2]] * chance[grid[3]]
    up = paths == 0
    return Outcomes(weight, up[grid[0]], up[grid[1]], up[grid[2]], acts[grid[3]])


def by_hand(outcomes: Outcomes, threshold: int, excuse: bool) -> dict[str, float]:
    """Probability of a flag, a founded flag, and of every cause."""
    absent, deliberate = outcomes.absences(excuse)
    flag, founded = absent >= threshold, deliberate >= threshold
    result = {
        "flag": float(outcomes.weight @ flag),
        "founded": float(outcomes.weight @ (flag & founded)),
    }
    for cause in CAUSES:
        without, _ = outcomes.absences(excuse, cause)
        vanishes = flag & ~founded & (without < threshold)
        result[cause] = float(outcomes.weight @ vanishes)
    return result


def random_call(world, seed: int, count: int, **changes) -> p.RollCall:
    """A roll call of `count` events at uneven hours in one window."""
    chance = np.random.default_rng(seed)
    hours = np.sort(chance.choice(np.arange(0, 400), size=count, replace=False))
    events = tuple((int(hour),) for hour in hours)
    call = roll_call(
        world,
        events=events,
        windows=(tuple(range(count)),),
        gate=BATTERY,
        watch=0.6,
        watch_effect=p.Effect("watching", p.Entity.HOUSEHOLD, "share", 1.5),
        elsewhere=0.25,
        left_on=0.15,
        fault=FAULT,
        link=LINK,
    )
    return replace(call, **changes)


@pytest.mark.parametrize("excuse", [False, True])
@pytest.mark.parametrize(("count", "threshold"), [(1, 1), (2, 1), (3, 2), (3, 3), (4, 2)])
def test_one_window_against_all_outcomes(count, threshold, excuse):
    bits = supply(count)
    world = hamlet(bits)
    call = random_call(world, count, count, threshold=threshold, excuse_without_power=excuse)
    expected = by_hand(enumerate_all(call, list(range(count)), bits[0, 0, 0]), threshold, excuse)
    found = totals(model(world, call))
    assert found["call/reported"] == pytest.approx(HOUSEHOLDS * expected["flag"], rel=1e-12)
    assert found["call/founded"] == pytest.approx(HOUSEHOLDS * expected["founded"], rel=1e-12)
    assert found["call/unfounded"] == pytest.approx(
        HOUSEHOLDS * (expected["flag"] - expected["founded"]), rel=1e-12
    )
    for cause in CAUSES:
        assert found[f"call/cause:{cause}"] == pytest.approx(
            HOUSEHOLDS * expected[cause], rel=1e-10, abs=1e-12
        ), cause


def test_an_event_of_several_airings_is_powered_at_any():
    bits = supply(11)
    world = hamlet(bits)
    call = random_call(world, 4, 3)
    call = replace(call, events=((5, 9), (30, 33, 60), (90,)))
    expected = by_hand(enumerate_all(call, [0, 1, 2], bits[0, 0, 0]), 2, False)
    found = totals(model(world, call))
    assert found["call/reported"] == pytest.approx(HOUSEHOLDS * expected["flag"], rel=1e-12)


@pytest.mark.parametrize("excuse", [False, True])
def test_variance_of_one_household_over_two_windows(excuse):
    """Fault, link and class last from window to window; one household leaves no other pair."""
    bits = supply(21)
    world = hamlet(bits)
    people = replace(
        world.people, persons=np.array([3]), households=np.array([1]), units=np.array([1])
    )
    world = replace(world, people=people)
    call = random_call(world, 9, 4, threshold=1, excuse_without_power=excuse)
    call = replace(call, windows=((0, 1), (2, 3)))
    outcomes = enumerate_all(call, [0, 1, 2, 3], bits[0, 0, 0])
    parts = [Outcomes(outcomes.weight, *cut(outcomes, window)) for window in ((0, 1), (2, 3))]
    counts = {"reported": np.zeros(len(outcomes.weight)), "founded": np.zeros(len(outcomes.weight))}
    for part in parts:
        absent, deliberate = part.absences(excuse)
        counts["reported"] += absent >= 1
        counts["founded"] += deliberate >= 1
    counts["unfounded"] = counts["reported"] - counts["founded"]
    found = expect(model(world, call))
    for name, values in counts.items():
        mean = outcomes.weight @ values
        assert found[Key("call", name)].values.sum() == pytest.approx(mean, rel=1e-12)
        variance = outcomes.weight @ values**2 - mean**2
        assert found[Key("call", name)].variance == pytest.approx(variance, rel=1e-10), name


def cut(outcomes: Outcomes, window: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """What happened at some of the events."""
    where = list(window)
    every = (outcomes.linked, outcomes.sound, outcomes.powered, outcomes.behaviour)
    return tuple(values[:, where] for values in every)


def test_households_of_an_area_share_the_link():
    """Everybody watches and only the link fails: all households are flagged, or none."""
    world = hamlet()
    call = roll_call(world, watch=1.0, link=LINK, threshold=1)
    call = replace(call, events=call.events[:1], windows=((0,),))
    found = expect(model(world, call))[Key("call", "reported")]
    assert found.values.sum() == pytest.approx(0.3 * HOUSEHOLDS)
    assert found.variance == pytest.approx(0.3 * 0.7 * HOUSEHOLDS**2)


def test_recorded_events_and_their_variance():
    world = hamlet(0.0)
    call = roll_call(world, watch=0.6, left_on=0.5, elsewhere=0.1, link=LINK, gate=BATTERY)
    found = expect(model(world, call))
    up = 4 * 0.3 * 0.7
    recorded = 0.6 * 0.9 + 0.4 * 0.5
    assert found[Key("call", "household_events")].values.sum() == pytest.approx(4 * HOUSEHOLDS)
    assert found[Key("call", "household_events")].variance == pytest.approx(0.0)
    assert found[Key("call", "recordable")].values.sum() == pytest.approx(up * HOUSEHOLDS)
    assert found[Key("call", "recorded")].values.sum() == pytest.approx(up * recorded * HOUSEHOLDS)
    apart = np.abs(np.subtract.outer(np.arange(4.0), np.arange(4.0))) * 24.0
    shared = 0.21 * np.exp(-apart / (15.0 * 0.7)).sum() * 0.3**2
    own = 4 * (0.3 * 0.7 - 0.7 * 0.3**2)
    expected = HOUSEHOLDS * own + HOUSEHOLDS**2 * shared
    assert found[Key("call", "recordable")].variance == pytest.approx(expected)


def test_less_power_means_more_flags_and_none_of_them_founded():
    flags, founded = [], []
    world = hamlet(0.0)
    for supplied in (1.0, 0.9, 0.5):
        found = totals(model(world, roll_call(world, gate=p.Gate("grid", 1.0, supplied))))
        flags.append(found["call/reported"])
        founded.append(found["call/founded"])
    assert flags[0] < flags[1] < flags[2]
    assert founded == pytest.approx([founded[0]] * 3)


def test_excusing_events_without_power_leaves_no_flag_that_power_caused():
    world = hamlet(0.5)
    gate = p.Gate("grid", 1.0, 0.0)
    without, excused = (
        totals(model(world, roll_call(world, gate=gate, excuse_without_power=excuse)))
        for excuse in (False, True)
    )
    assert without["call/cause:power"] > 0.0
    assert excused["call/cause:power"] == 0.0
    assert excused["call/reported"] < without["call/reported"]
    powered = hamlet(1.0)
    same = [
        totals(model(powered, roll_call(powered, gate=gate, excuse_without_power=excuse)))
        for excuse in (False, True)
    ]
    assert same[0]["call/reported"] == pytest.approx(same[1]["call/reported"])


def test_nobody_is_flagged_where_all_watch_and_nothing_fails():
    world = hamlet()
    found = totals(model(world, roll_call(world, watch=1.0)))
    assert found["call/reported"] == 0.0
    assert found["call/recorded"] == pytest.approx(4 * HOUSEHOLDS)
    assert found["channel:television/persons_wronged"] == 0.0


def test_persons_wronged_follow_the_fault_over_windows():
    """A fault that lasts for ever flags the same households in every window."""
    world = hamlet()
    for_ever = p.Spell("fault", p.Entity.HOUSEHOLD, 0.25, 1e9)
    call = roll_call(world, watch=1.0, fault=for_ever, threshold=1)
    call = replace(call, windows=((0, 1), (2, 3)))
    found = totals(model(world, call))
    assert found["call/unfounded"] == pytest.approx(2 * 0.25 * HOUSEHOLDS)
    assert found["channel:television/persons_wronged"] == pytest.approx(0.25 * HOUSEHOLDS)


def test_the_flag_falls_on_the_registered_adult():
    world = hamlet(groups=2)
    call = roll_call(world, watch=0.0)
    found = expect(model(world, call))
    assert found[Key("call", "reported")].values == pytest.approx(np.full((1, 2), HOUSEHOLDS / 2))
    assert found[Key("", "persons_wronged")].values.sum() <= HOUSEHOLDS


def test_distinct_rows_of_any_width():
    rows = np.random.default_rng(1).integers(0, 3, (500, 45))
    rows[250:] = rows[:250]
    index, inverse = distinct(rows)
    assert len(index) == len(np.unique(rows, axis=0))
    assert np.array_equal(rows[index][inverse], rows)


def test_link_paths_of_long_windows_change_twice_at_most():
    assert len(link_paths(4)) == 16
    paths = link_paths(20)
    assert np.abs(np.diff(paths, axis=1)).sum(axis=1).max() <= 2
    assert len(np.unique(paths, axis=0)) == len(paths)


def test_a_window_of_thirty_events_still_has_a_variance():
    world = hamlet(0.7)
    events = tuple((20 * i,) for i in range(30))
    call = roll_call(world, events=events, windows=(tuple(range(30)),), threshold=12, link=LINK)
    found = expect(model(world, call))[Key("call", "reported")]
    flagged = found.values.sum() / HOUSEHOLDS
    assert found.variance > 5.0 * HOUSEHOLDS * flagged * (1.0 - flagged), "the link is shared"


@pytest.mark.parametrize("windows", [(), ((),)])
def test_a_roll_call_without_windows_records_and_flags_nobody(windows: tuple[tuple[int, ...], ...]):
    world = hamlet(0.7)
    call = roll_call(world, windows=windows, link=LINK, fault=FAULT)
    found = expect(model(world, call))
    with_windows = expect(model(world, replace(call, windows=((0, 1, 2, 3),))))
    recorded = Key("call", "recorded")
    assert found[recorded].values.sum() == with_windows[recorded].values.sum() > 0.0
    for outcome in ("reported", "unfounded", "cause:power"):
        value = found[Key("call", outcome)]
        assert value.values.sum() == 0.0
        assert value.variance == 0.0
    assert found[Key("", "persons_wronged")].values.sum() == 0.0
