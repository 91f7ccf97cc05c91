"""Encounters, searches, persons named and person-days in view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.arrays import SLOTS
from sousveil.effects import class_means
from sousveil.engine.expected import expect, prepare
from sousveil.tallies import Key
from unit.engine.expected.hamlet import (
    DAYS,
    FEEDERS,
    HOURS,
    LINE,
    PERSONS,
    full,
    hamlet,
    handling,
    model,
    totals,
)

LEVELS = (p.Level("detect", 1.0, 0.5), p.Level("identify", 0.4, 0.1))
SITES = p.Effect("sites", p.Entity.SITE, "share", 0.0)
PRONE = p.Effect("prone", p.Entity.PERSON, "rate", 0.8)


def encounter(world, name="street", rate=0.02, **changes):
    plain = p.Encounter(
        name, "camera", full(world, rate), np.ones((len(world.groups), SLOTS)), LEVELS
    )
    return replace(plain, **changes)


def search(world, **changes):
    listed = p.Trait("listed", p.Entity.PERSON, full(world, 0.25))
    plain = p.Search("match", "camera", "street", "identify", 0.5, listed, 0.8, 0.01)
    return replace(plain, **changes)


def test_areas_that_differ_in_nothing_are_seen_alike_and_others_are_not():
    """Away from power lines, areas of one rate are worked out once, each with its own number."""
    world = hamlet(np.ones((1, 3, FEEDERS, HOURS)))
    rate = np.array([[0.02], [0.05], [0.02]])
    together = expect(model(world, replace(encounter(world), rate=rate)))
    found = together[Key("", "viewed_person_days")].values[:, 0]
    for area, value in enumerate(rate[:, 0]):
        alone = expect(model(hamlet(), encounter(hamlet(), rate=value)))
        assert found[area] == alone[Key("", "viewed_person_days")].values.sum()


def test_levels_follow_the_daylight():
    world = hamlet()
    found = totals(model(world, encounter(world, seconds_in_view=36.0)))
    everything = PERSONS * 0.02 * HOURS
    assert found["street/detect"] == pytest.approx(everything * 0.75)
    assert found["street/identify"] == pytest.approx(everything * 0.25)
    assert found["street/in_view_hours"] == pytest.approx(everything * 0.75 / 100)


def test_power_and_daylight_meet_in_the_same_hour():
    """Supply in the dark hours alone: nothing is seen at the levels of day."""
    dark = hamlet(np.broadcast_to(1.0 - hamlet().daylight, (1, 1, FEEDERS, HOURS)))
    found = totals(model(dark, encounter(dark, gate=LINE)))
    assert found["street/identify"] == pytest.approx(PERSONS * 0.02 * HOURS * 0.5 * 0.1)


@pytest.mark.parametrize("gate", [p.NO_GATE, LINE], ids=["no line", "a line"])
def test_a_camera_that_nobody_passes_sees_nobody(gate):
    """With a line of power and without: no area is covered at all."""
    world = hamlet()
    found = expect(model(world, encounter(world, rate=0.0, gate=gate)))
    for outcome in ("viewed_person_days", "viewed_person_days:identify"):
        assert found[Key("", outcome)].values.sum() == 0.0
    assert found[Key("street", "detect")].values.sum() == 0.0


def test_equipped_sites_scale_the_mean_and_spread_the_variance():
    world = hamlet()
    rooms = encounter(world, "rooms", effect=SITES, equipped=0.25, moving=False)
    found = expect(model(world, rooms))[Key("rooms", "detect")]
    mean = PERSONS * 0.02 * HOURS * 0.75 * 0.25
    assert found.values.sum() == pytest.approx(mean)
    classes = class_means(SITES, 0.25) / 0.25
    between = (mean**2 / 4) * ((classes**2).mean() - 1.0)  # four units
    assert found.variance == pytest.approx(mean + between)


def test_named_and_wrong_alerts():
    world = hamlet(groups=2)
    item = model(
        world,
        encounter(world),
        search(world, proneness=PRONE, factor=np.array([1.0, 3.0])),
    )
    views = 0.02 * HOURS * 0.25
    found = expect(item)
    assert found[Key("match", "probes")].values.sum() == pytest.approx(PERSONS * views * 0.5)
    assert found[Key("match", "named")].values.sum() == pytest.approx(
        PERSONS * 0.25 * views * 0.5 * 0.8
    )
    wrong = found[Key("match", "wrong")].values[0]
    assert wrong[0] == pytest.approx(PERSONS / 2 * 0.75 * views * 0.5 * 0.01)
    assert wrong[1] == pytest.approx(3.0 * wrong[0])
    assert found[Key("match", "listed")].values.sum() == pytest.approx(PERSONS * 0.25)
    assert found[Key("match", "reported")].values.sum() == pytest.approx(
        found[Key("match", "named")].values.sum() + wrong.sum()
    )


def test_a_wrong_alert_is_never_more_than_certain():
    world = hamlet()
    item = model(world, encounter(world), search(world, wrong=0.6, proneness=PRONE))
    capped = np.minimum(class_means(PRONE, 0.6), 1.0).mean()
    views = PERSONS * 0.02 * HOURS * 0.25 * 0.5
    assert totals(item)["match/wrong"] == pytest.approx(views * 0.75 * capped)


def test_proneness_that_is_the_effect_of_the_route_is_averaged_with_it():
    world = hamlet()
    item = model(world, encounter(world, effect=PRONE), search(world, proneness=PRONE))
    squared = (class_means(PRONE) ** 2).mean()
    views = PERSONS * 0.02 * HOURS * 0.25 * 0.5
    assert totals(item)["match/wrong"] == pytest.approx(views * 0.75 * 0.01 * squared)


def test_persons_named_once_by_site_and_feeder():
    on = np.zeros((1, 1, FEEDERS, HOURS))
    on[0, 0, 0] = 1.0  # one feeder has all the power
    world = hamlet(on)
    item = model(
        world,
        encounter(world, gate=LINE, effect=SITES, equipped=0.25),
        search(world),
    )
    hazard = 0.02 * HOURS * 0.25 * 0.5 * 0.8
    seen = (1.0 - np.exp(-hazard * class_means(SITES, 0.25))).mean()
    found = expect(item)[Key("match", "persons_named_365")]
    assert found.values.sum() == pytest.approx(PERSONS * 0.25 * 0.5 * seen, rel=1e-6)
    assert found.label == "mean_field"


def test_person_days_in_view_mix_sites_and_streets_day_by_day():
    chance = np.random.default_rng(4).random((1, 1, FEEDERS, HOURS)) < 0.3
    world = hamlet(chance)
    level = (p.Level("view", 1.0, 1.0),)
    item = model(
        world,
        encounter(world, gate=LINE, levels=level),
        encounter(
            world, "rooms", 0.05, gate=LINE, levels=level, effect=SITES, equipped=0.5, moving=False
        ),
    )
    hours = chance.reshape(FEEDERS, DAYS, 24).sum(axis=2)
    street, rooms = 0.02 * hours, 0.05 * hours
    share = 0.5 * (1 - np.exp(-street)) + 0.5 * (1 - np.exp(-street - rooms))
    found = expect(item)[Key("", "viewed_person_days")].values.sum()
    assert found == pytest.approx(PERSONS * DAYS * share.mean(), rel=1e-6)
    assert found < PERSONS * DAYS * (1 - np.exp(-(street + 0.5 * rooms).mean()))


def test_persons_wronged_by_search_and_denunciation():
    world = hamlet()
    spite = p.Unprompted("spite", "neighbour", "act", full(world, 1e-3), full(world, 0.2))
    rules = {"camera": handling(world, reviewed=np.array([0.5]), reject_unfounded=0.6)}
    item = model(world, encounter(world), search(world, wrong=0.3), spite, rules=rules)
    found = totals(item)
    alerts = 0.02 * HOURS * 0.25 * 0.5 * 0.3 * (1 - 0.5 * 0.6)
    camera = 0.75 * (1 - np.exp(-alerts))
    neighbour = 1 - np.exp(-1e-3 * HOURS * 0.8)
    assert found["channel:camera/persons_wronged"] == pytest.approx(PERSONS * camera, rel=1e-6)
    assert found["channel:neighbour/persons_wronged"] == pytest.approx(PERSONS * neighbour)
    either = 1 - (1 - camera) * (1 - neighbour)
    assert found["/persons_wronged"] == pytest.approx(PERSONS * either, rel=1e-6)
    assert found["spite/reporter_bribed"] == pytest.approx(PERSONS * 1e-3 * HOURS * 0.2)


def test_a_prepared_world_may_be_shared_and_must_be_its_own():
    world, other = hamlet(), hamlet(0.5)
    item = model(world, encounter(world))
    ready = prepare(world)
    assert expect(item, ready)[Key("street", "detect")] is not None
    with pytest.raises(ValueError, match="another world"):
        expect(item, prepare(other))


def test_parts_that_are_not_wanted_are_left_out():
    world = hamlet()
    item = model(world, encounter(world), search(world))
    found = expect(item, persons=False, variances=False)
    assert np.isnan(found[Key("street", "detect")].variance)
    assert found[Key("", "persons_wronged")].label == "unavailable"
    assert set(item.keys()) <= set(found)
    assert Key("", "viewed_person_days") not in found
