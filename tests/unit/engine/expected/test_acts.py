"""Acts and what notices them, against closed forms worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.arrays import MONTHS
from sousveil.effects import class_means
from sousveil.engine.expected import expect, noticed_by_subset
from sousveil.tallies import Key
from unit.engine.expected.hamlet import (
    DAYS,
    FEEDERS,
    HOURS,
    LINE,
    PERSONS,
    UNITS,
    WITHOUT,
    act,
    detection,
    full,
    hamlet,
    inspection,
    model,
    totals,
    visits,
)

ZEAL = p.Effect("zeal", p.Entity.UNIT, "share", 1.0)
DONE = PERSONS * 0.01 * HOURS


def test_one_channel_is_rate_times_hours_times_its_probability():
    world = hamlet()
    found = totals(model(world, act(world), detection(world, "eye", "camera", 0.3)))
    assert found["act/done"] == pytest.approx(DONE)
    assert found["eye/noticed"] == pytest.approx(0.3 * DONE)
    assert found["act/pattern:0"] == pytest.approx(0.7 * DONE)
    assert found["act/completed"] == pytest.approx(0.7 * DONE)
    assert found["act/noticed:machines"] == pytest.approx(0.3 * DONE)
    assert found["act/noticed:people"] == 0.0


def test_two_channels_miss_independently_and_patterns_add_up():
    world = hamlet()
    items = (
        act(world),
        detection(world, "eye", "camera", 0.3),
        detection(world, "ear", "neighbour", 0.2),
    )
    found = totals(model(world, *items))
    assert found["act/pattern:0"] == pytest.approx(0.7 * 0.8 * DONE)
    assert found["act/pattern:3"] == pytest.approx(0.3 * 0.2 * DONE)
    assert sum(found[f"act/pattern:{bits}"] for bits in range(4)) == pytest.approx(DONE, rel=1e-13)
    shares = noticed_by_subset(model(world, *items), "act")
    assert shares[frozenset()] == 0.0
    assert shares[frozenset({"camera", "neighbour"})] == pytest.approx(1.0 - 0.7 * 0.8)
    assert shares[frozenset({"neighbour"})] == pytest.approx(0.2)


def test_two_processes_of_a_channel_are_one_channel():
    world = hamlet()
    items = (act(world), *(detection(world, name, "camera", 0.5) for name in ("one", "two")))
    found = totals(model(world, *items))
    assert found["act/pattern:1"] == pytest.approx(0.75 * DONE)


def test_power_of_the_same_hour_is_not_a_product_of_means():
    """Supply in 37 % of hours, an act that needs it, a camera that needs it: 0.37 and not 0.14."""
    chance = np.random.default_rng(3).random((1, 1, FEEDERS, HOURS)) < 0.37
    world = hamlet(chance)
    wanted = act(world, gate=LINE)
    found = totals(model(world, wanted, detection(world, "eye", "camera", 1.0, gate=LINE)))
    supply = chance.mean()
    assert found["act/done"] == pytest.approx(supply * DONE)
    assert found["eye/noticed"] == pytest.approx(supply * DONE)
    assert found["line:grid/hours"] == pytest.approx(supply * HOURS)


def test_an_act_without_power_is_never_noticed_by_a_powered_channel():
    world = hamlet(0.5)
    dark = act(world, gate=WITHOUT)
    found = totals(model(world, dark, detection(world, "eye", "camera", 1.0, gate=LINE)))
    assert found["act/done"] == pytest.approx(0.5 * DONE)
    assert found["eye/noticed"] == 0.0


def test_without_power_no_camera_notices_and_batteries_bridge():
    world = hamlet(0.0)
    blind = model(world, act(world), detection(world, "eye", "camera", 1.0, gate=LINE))
    assert totals(blind)["eye/noticed"] == 0.0
    battery = p.Gate("grid", 1.0, 0.4)
    kept = model(world, act(world), detection(world, "eye", "camera", 1.0, gate=battery))
    assert totals(kept)["eye/noticed"] == pytest.approx(0.4 * DONE)


def test_hour_of_day_links_profile_power_and_attention():
    """Acts at night, supply by day, a watcher who sleeps: sums over hours, one by one."""
    chance = np.random.default_rng(5)
    profile = chance.random((1, 48))
    by_slot = chance.random(48)
    supply = (chance.random((1, 1, FEEDERS, HOURS)) < 0.4).astype(np.uint8)
    world = hamlet(supply)
    slot = world.calendar.slot_of_hour()
    item = model(
        world,
        act(world, profile=profile),
        detection(world, "eye", "camera", 0.5, by_slot=by_slot, gate=LINE),
    )
    by_hand = (profile[0, slot] * by_slot[slot] * supply[0, 0].mean(axis=0)).sum()
    assert totals(item)["eye/noticed"] == pytest.approx(PERSONS * 0.01 * 0.5 * by_hand)


def test_detections_that_share_an_effect_are_averaged_together():
    world = hamlet()
    items = (
        act(world),
        detection(world, "one", "first", 0.3, effect=ZEAL),
        detection(world, "two", "second", 0.2, effect=ZEAL),
    )
    first, second = class_means(ZEAL, 0.3), class_means(ZEAL, 0.2)
    found = totals(model(world, *items), variances=False)
    assert found["act/pattern:3"] == pytest.approx(DONE * (first * second).mean())
    assert found["act/pattern:0"] == pytest.approx(DONE * ((1 - first) * (1 - second)).mean())
    other = replace(ZEAL, name="other")
    apart = (*items[:2], replace(items[2], effect=other))
    assert totals(model(world, *apart))["act/pattern:3"] == pytest.approx(DONE * 0.06)


def test_an_effect_on_the_rate_shared_with_a_detection():
    world = hamlet()
    habit = p.Effect("zeal", p.Entity.UNIT, "rate", 0.8)
    items = (act(world, effect=habit), detection(world, "one", "first", 0.3, effect=ZEAL))
    found = totals(model(world, *items))
    rates = class_means(habit)
    assert found["act/done"] == pytest.approx(DONE)
    assert found["one/noticed"] == pytest.approx(DONE * (rates * class_means(ZEAL, 0.3)).mean())


def test_a_visit_in_time_finds_and_none_is_seen_past_the_end():
    world = hamlet()
    item = model(world, act(world), visits(world, 0.1), inspection(world, "check", "guard", 5, 0.4))
    left = np.minimum(5, HOURS - np.arange(HOURS))
    chance = (1.0 - np.exp(-0.4 * 0.1 * left)).mean()
    found = totals(item)
    assert found["check/noticed"] == pytest.approx(DONE * chance)
    assert found["visits/visits"] == pytest.approx(UNITS * 0.1 * HOURS)


def test_an_inspection_keeps_its_correlation_with_power():
    """Acts need supply, visits come by profile: the sum runs over the hours of the year."""
    chance = np.random.default_rng(8)
    supply = (chance.random((1, 1, FEEDERS, HOURS)) < 0.4).astype(np.uint8)
    world = hamlet(supply)
    profile = chance.random(48) * 2.0
    item = model(
        world,
        act(world, gate=LINE),
        visits(world, 0.1, profile=profile),
        inspection(world, "check", "guard", 30, 0.4, trace=0.5),
    )
    by_hour = profile[world.calendar.slot_of_hour()]
    covered = np.array([by_hour[h : h + 30].sum() for h in range(HOURS)])
    chance_of = 1.0 - np.exp(-0.04 * covered)
    by_hand = (supply[0, 0].mean(axis=0) * chance_of).sum() * PERSONS * 0.01 * 0.5
    assert totals(item)["check/noticed"] == pytest.approx(by_hand)


def test_visits_find_only_in_those_whom_they_come_to():
    """Persons are visited by group: three kinds of people, two inspections, one act."""
    world = hamlet(groups=3)
    often, seldom = (full(world, rate) for rate in (0.02, 0.003))
    often[:, 0] = seldom[:, 1] = 0.0
    items = (
        act(world),
        replace(visits(world, 0.0, p.Entity.PERSON), rate=often),
        replace(visits(world, 0.0, p.Entity.PERSON), name="rounds", rate=seldom),
        inspection(world, "check", "guard", 5, 0.4),
        inspection(world, "tour", "army", 40, 0.7, visits="rounds"),
    )
    values = expect(model(world, *items))
    persons, both = world.people.by_group(), np.zeros(3)
    for group in range(3):
        chances = [
            1.0 - np.exp(-find * rate[0, group] * np.minimum(hours, HOURS - np.arange(HOURS)))
            for rate, find, hours in ((often, 0.4, 5), (seldom, 0.7, 40))
        ]
        both[group] = persons[0, group] * 0.01 * (chances[0] * chances[1]).sum()
        for name, chance in zip(("check", "tour"), chances, strict=True):
            alone = persons[0, group] * 0.01 * chance.sum()
            assert values[Key(name, "noticed")].values[0, group] == pytest.approx(alone)
    assert both[0] == both[1] == 0.0 < both[2]
    assert values[Key("act", "pattern:3")].values[0] == pytest.approx(both)


def test_inspections_that_share_visits_are_not_independent():
    world = hamlet()
    item = model(
        world,
        act(world),
        visits(world, 0.1),
        inspection(world, "short", "guard", 3, 0.4),
        inspection(world, "long", "police", 8, 0.6),
    )
    chance = np.random.default_rng(2)
    early, late = chance.poisson(0.3, 2_000_000), chance.poisson(0.5, 2_000_000)
    both = ((1 - 0.6**early) * (1 - 0.4 ** (early + late))).mean()
    independent = (1 - np.exp(-0.4 * 0.3)) * (1 - np.exp(-0.6 * 0.8))
    found = totals(item)["act/pattern:3"] / DONE
    assert found == pytest.approx(both, rel=0.03)
    assert found > 1.3 * independent


def test_one_carrier_is_asked_once():
    world = hamlet()
    phone = p.Trait("phone", p.Entity.PERSON, full(world, 0.3))
    checks = [
        inspection(world, name, name, HOURS, 1.0, carrier=phone, visits=f"visits_{name}")
        for name in ("one", "two")
    ]
    often = [visits(world, 50.0, name=f"visits_{name}") for name in ("one", "two")]
    found = totals(model(world, act(world), *often, *checks))
    assert found["act/pattern:3"] == pytest.approx(0.3 * DONE)
    assert found["act/pattern:0"] == pytest.approx(0.7 * DONE)


def marked(world):
    """Two marks, the second after the first; the first depends on supply."""
    place = p.Mark(
        "place", ("in", "out"), (), np.array([[0.7, 0.3]]), np.array([[0.2, 0.8]]), "grid"
    )
    table = np.array([[[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]]])
    return place, p.Mark("with", ("nobody", "one", "many"), ("place",), table, table)


def test_marks_are_enumerated_jointly_with_power():
    world = hamlet(0.25)
    place, company = marked(world)
    item = model(
        world,
        act(world, marks=(place, company), completes={"with": ("nobody", "one")}),
        detection(world, "eye", "camera", 0.5, gate=LINE, when={"place": ("out",)}),
        detection(world, "ear", "neighbour", 0.4, when={"with": ("many",)}),
    )
    expected: dict[str, float] = {}
    expected.update(dict.fromkeys(("eye", "ear", "both", "none", "out", "many"), 0.0))
    for lit, where, many in product((0, 1), (0, 1), (0, 1)):
        share = 0.25 if lit else 0.75
        table = (place.table_on if lit else place.table_off)[0]
        crowd = company.table_on[0, where, 2]
        weight = share * table[where] * (crowd if many else 1.0 - crowd)
        eye, ear = 0.5 * lit * where, 0.4 * many
        expected["eye"] += weight * eye
        expected["ear"] += weight * ear
        expected["both"] += weight * eye * ear
        expected["none"] += weight * (1 - eye) * (1 - ear) * (1 - many)
        expected["out"] += weight * where
        expected["many"] += weight * many
    found = totals(item)
    for key, name in (
        ("eye/noticed", "eye"),
        ("ear/noticed", "ear"),
        ("act/pattern:3", "both"),
        ("act/completed", "none"),
        ("act/mark:place:out", "out"),
        ("act/mark:with:many", "many"),
    ):
        assert found[key] == pytest.approx(DONE * expected[name]), key


def test_chilled_acts_are_forgone_and_do_not_move_the_base():
    world = hamlet()
    month = np.linspace(1.0, 0.4, MONTHS)[None, :]
    days = np.bincount(world.calendar.month, minlength=MONTHS)
    eye = detection(world, "eye", "camera", 0.3)
    chilled = model(world, act(world, month=month), eye)
    found = totals(chilled)
    assert found["act/base"] == pytest.approx(DONE)
    assert found["act/done"] == pytest.approx(DONE * (month[0] @ days) / DAYS)
    assert found["act/forgone"] == pytest.approx(DONE - found["act/done"])
    assert noticed_by_subset(chilled, "act")[frozenset({"camera"})] == pytest.approx(0.3)


def test_reach_counts_who_could_notice():
    world = hamlet(0.5)
    half = np.where(np.arange(48) % 24 < 12, 1.0, 0.0)
    item = model(
        world,
        act(world),
        detection(world, "ear", "neighbour", 0.01, by_slot=half),
        detection(world, "eye", "camera", 0.9),
    )
    assert totals(item)["act/reach"] == pytest.approx(0.5 * DONE)


def test_twice_the_people_are_twice_the_counts():
    once, twice = (totals(rich(scale)) for scale in (1, 2))
    skipped = ("line:grid/hours",)
    for key, value in once.items():
        if key not in skipped:
            assert twice[key] == pytest.approx(2.0 * value, rel=1e-12), key


def rich(scale: int):
    """A model with most kinds of process."""
    chance = np.random.default_rng(1).random((1, 1, FEEDERS, HOURS)) < 0.6
    world = hamlet(chance, groups=2, scale=scale)
    return model(
        world,
        act(world, gate=LINE, effect=p.Effect("habit", p.Entity.PERSON, "rate", 0.6)),
        detection(world, "ear", "neighbour", 0.2, effect=ZEAL),
        detection(world, "eye", "camera", 0.2, gate=LINE),
        visits(world, 0.01),
        inspection(world, "check", "neighbour", 6, 0.4),
        p.Unprompted("spite", "neighbour", "act", full(world, 1e-4), full(world, 0.1)),
    )


@pytest.mark.parametrize("layers", [("camera",), ("neighbour",), ("camera", "neighbour")])
def test_more_channels_never_notice_less(layers):
    world = hamlet()
    every = [detection(world, name, name, 0.3) for name in layers]
    fewer = totals(model(world, act(world), *every[:-1]))["act/pattern:0"]
    assert totals(model(world, act(world), *every))["act/pattern:0"] < fewer
