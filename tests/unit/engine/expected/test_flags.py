"""From a report to a case: rule, review, settlement; and flags that meet an act by chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.effects import class_means
from sousveil.engine.expected import expect
from sousveil.tallies import Key
from unit.engine.expected.hamlet import (
    HOURS,
    PERSONS,
    act,
    detection,
    full,
    hamlet,
    handling,
    model,
    totals,
)

DONE = PERSONS * 0.01 * HOURS


def test_a_flag_is_dropped_settled_or_becomes_a_case():
    world = hamlet()
    rules = {
        "neighbour": handling(
            world,
            reviewed=np.array([0.5]),
            expired=np.array([0.2]),
            reject_founded=0.1,
            bribe_exit=full(world, 0.4),
        )
    }
    ear = detection(
        world, "ear", "neighbour", 0.5, report=full(world, 0.6), bribed=full(world, 0.25)
    )
    found = totals(model(world, act(world), ear, rules=rules))
    reports = DONE * 0.5 * 0.6
    stays = 1 - 0.2 - 0.5 * 0.1
    assert found["ear/reporter_bribed"] == pytest.approx(reports * 0.25)
    assert found["ear/reported"] == pytest.approx(reports * 0.75)
    assert found["ear/founded"] == pytest.approx(reports * 0.75 * stays)
    assert found["ear/dropped"] == pytest.approx(reports * 0.75 * (1 - stays))
    assert found["ear/extorted"] == pytest.approx(reports * 0.75 * stays * 0.4)
    assert found["ear/cases"] == pytest.approx(reports * 0.75 * stays * 0.6)
    assert found["ear/unfounded"] == 0.0
    assert found["channel:neighbour/persons_wronged"] == 0.0


def test_a_safeguard_of_no_strength_changes_nothing():
    world = hamlet()
    items = (act(world), detection(world, "ear", "neighbour", 0.5))
    without = totals(model(world, *items))
    idle = totals(model(world, *items, rules={"neighbour": handling(world)}))
    assert idle == pytest.approx(without)


def test_two_channels_must_agree_on_the_same_act():
    """A rule with partners: the other channel reports the same act, or the person otherwise."""
    world = hamlet()
    rules = {"neighbour": handling(world, partners_needed=1, rule_hours=0)}
    rare = act(world, rate=1e-7)
    items = (
        rare,
        detection(world, "ear", "neighbour", 0.5),
        detection(world, "eye", "camera", 0.3),
    )
    found = expect(model(world, *items, rules=rules))
    reported = found[Key("ear", "reported")].values.sum()
    assert found[Key("ear", "founded")].values.sum() == pytest.approx(0.3 * reported, rel=1e-4)
    assert found[Key("ear", "founded")].label == "mean_field"
    assert found[Key("ear", "reported")].label == "exact"
    assert found[Key("eye", "founded")].values.sum() == pytest.approx(
        found[Key("eye", "reported")].values.sum()
    )


def test_a_longer_window_lets_more_pass():
    world = hamlet()
    kept = []
    for hours in (0, 24, 240):
        rules = {"neighbour": handling(world, partners_needed=1, rule_hours=hours)}
        items = (
            act(world),
            detection(world, "ear", "neighbour", 0.1),
            detection(world, "eye", "camera", 0.1),
        )
        kept.append(totals(model(world, *items, rules=rules))["ear/founded"])
    assert kept == sorted(kept)
    assert kept[0] < kept[2]


def test_a_rule_that_needs_more_partners_than_there_are_stops_all():
    world = hamlet()
    rules = {"neighbour": handling(world, partners_needed=2, rule_hours=HOURS)}
    items = (
        act(world),
        detection(world, "ear", "neighbour", 0.5),
        detection(world, "eye", "camera", 0.5),
    )
    found = totals(model(world, *items, rules=rules))
    assert found["ear/founded"] == pytest.approx(0.0, abs=1e-9)
    assert found["ear/dropped"] == pytest.approx(found["ear/reported"])


def spite(world, hours, allegation="act"):
    rate = full(world, 1e-3)
    return p.Unprompted("spite", "neighbour", allegation, rate, full(world, 0.0), hours)


def test_a_denunciation_is_coincident_by_base_rate():
    world = hamlet()
    found = expect(model(world, act(world), spite(world, 10)))
    share = 1 - np.exp(-0.01 * 10)
    flags = found[Key("spite", "unfounded")].values.sum()
    assert flags == pytest.approx(PERSONS * 1e-3 * HOURS)
    coincident = found[Key("spite", "coincident")]
    assert coincident.values.sum() == pytest.approx(flags * share, rel=0.01)
    assert coincident.label == "mean_field"


def test_coincidence_sums_over_the_classes_of_the_act():
    world = hamlet()
    habit = p.Effect("habit", p.Entity.PERSON, "rate", 1.0)
    item = model(world, act(world, rate=0.1, effect=habit), spite(world, 10))
    found = totals(item)
    share = (1 - np.exp(-class_means(habit))).mean()
    assert found["spite/coincident"] == pytest.approx(found["spite/unfounded"] * share, rel=0.02)


def test_an_allegation_that_is_no_act_is_never_coincident():
    world = hamlet()
    found = totals(model(world, act(world), spite(world, 10, "conspiracy")))
    assert found["spite/coincident"] == 0.0


def test_variance_of_a_homogeneous_count_is_its_mean():
    world = hamlet()
    found = expect(model(world, act(world), detection(world, "ear", "neighbour", 0.5)))
    for outcome in ("noticed", "reported", "founded"):
        item = found[Key("ear", outcome)]
        assert item.variance == pytest.approx(item.values.sum()), outcome


def test_variance_of_drawn_groups():
    """Two groups of other rates: who belongs to which is drawn, person by person."""
    world = hamlet(groups=2)
    rate = np.array([[0.0, 0.02]])
    found = expect(model(world, replace(act(world), rate=rate)))
    done = found[Key("act", "done")]
    mean = 0.02 * HOURS
    assert done.variance == pytest.approx(done.values.sum() + PERSONS * mean**2 / 4)


@pytest.mark.parametrize(
    ("entity", "members"),
    [
        (p.Entity.PERSON, 1.0),
        (p.Entity.HOUSEHOLD, 3.0),
        (p.Entity.UNIT, 30.0),
        (p.Entity.AREA, 120.0),
    ],
)
def test_variance_of_an_effect_by_whom_it_belongs_to(entity, members):
    world = hamlet()
    habit = p.Effect("habit", entity, "rate", 0.7)
    done = expect(model(world, act(world, effect=habit)))[Key("act", "done")]
    each = 0.01 * HOURS
    spread = (class_means(habit) ** 2).mean() - 1.0
    between = PERSONS / members * (members * each) ** 2 * spread
    assert done.variance == pytest.approx(PERSONS * each + between)
