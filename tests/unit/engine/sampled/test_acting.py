"""Acts, marks, detections and inspections, on draws that leave no choice."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.engine.sampled.acting import Done, VisitsMade, _inspected  # pyright: ignore
from sousveil.engine.sampled.blocks import no_tallies
from sousveil.engine.sampled.chance import Chance
from sousveil.engine.sampled.hourly import sample
from sousveil.engine.sampled.plan import plan
from sousveil.engine.sampled.population import make_block
from sousveil.engine.sampled.scene import Scene
from sousveil.rng import Key as RunKey
from sousveil.tallies import Key
from support.both import Both
from support.models import (
    AREAS,
    GROUPS,
    flat,
    make_act,
    make_detection,
    make_inspections,
    make_model,
    make_world,
    sloped,
)


def totals(model) -> dict[str, int]:
    tallies = sample(model, 2, 0).tallies
    return {str(key): tallies.total(key) for key in tallies.counts}


def test_an_act_that_needs_power_is_not_done_without() -> None:
    gate = p.Gate("home", 1.0, 0.0)
    assert totals(make_model(make_world(power=0.0), (make_act(gate=gate),)))["media/done"] == 0
    assert totals(make_model(make_world(power=1.0), (make_act(gate=gate),)))["media/done"] > 0


def test_chilling_moves_acts_from_done_to_forgone() -> None:
    world = make_world()
    free = totals(make_model(world, (make_act(),)))
    chilled = totals(make_model(world, (make_act(month=np.full((AREAS, 12), 0.3)),)))
    assert free["media/forgone"] == 0
    assert chilled["media/done"] + chilled["media/forgone"] == free["media/done"]
    assert chilled["media/forgone"] > chilled["media/done"] > 0


def test_marks_split_the_acts() -> None:
    found = totals(make_model(make_world(), (make_act(),)))
    for mark in ("place", "company"):
        parts = [n for name, n in found.items() if name.startswith(f"media/mark:{mark}:")]
        assert sum(parts) == found["media/done"]
    assert found["media/completed"] == (
        found["media/mark:company:alone"] + found["media/mark:company:family"]
    )


@pytest.mark.parametrize(("power", "category"), [(0.0, "outdoors"), (1.0, "indoors")])
def test_the_power_of_the_hour_chooses_the_table(power: float, category: str) -> None:
    place = p.Mark(
        "place", ("indoors", "outdoors"), (),
        np.tile([1.0, 0.0], (AREAS, 1)), np.tile([0.0, 1.0], (AREAS, 1)), "home",
    )  # fmt: skip
    act = make_act(marks=(place,), completes={}, gate=p.NO_GATE)
    found = totals(make_model(make_world(power=power), (act,)))
    assert found[f"media/mark:place:{category}"] == found["media/done"] > 0


def test_a_mark_reads_earlier_marks_and_areas() -> None:
    half = np.tile([0.5, 0.5], (AREAS, 1))
    first = p.Mark("first", ("a", "b"), (), half, half)
    second = p.Mark("second", ("c", "d"), (), half, half)
    table = np.zeros((AREAS, 2, 2, 4))
    for i in range(2):
        for j in range(2):
            table[:, j, i, 2 * i + j] = 1.0
    third = p.Mark("third", ("ac", "ad", "bc", "bd"), ("second", "first"), table, table)
    act = make_act(marks=(first, second, third), completes={})
    found = totals(make_model(make_world(), (act,)))
    assert min(found[f"media/mark:third:{name}"] for name in third.categories) > 0
    both = found["media/mark:third:ac"] + found["media/mark:third:ad"]
    assert both == found["media/mark:first:a"]
    both = found["media/mark:third:ac"] + found["media/mark:third:bc"]
    assert both == found["media/mark:second:c"]


def test_a_detection_sees_only_the_marks_that_it_names() -> None:
    sure = {"notice": flat(1.0), "by_slot": np.ones(48), "effect": None}
    eye = make_detection("eye", "camera", when={"company": ("others",)}, **sure)
    found = totals(make_model(make_world(), (make_act(), eye)))
    assert found["eye/noticed"] == found["media/mark:company:others"]
    assert found["media/pattern:1"] == found["eye/noticed"]
    assert found["media/pattern:0"] == found["media/completed"]


def test_the_slots_of_a_detection() -> None:
    night = (np.arange(48) % 24 < 6).astype(np.float64)
    eye = make_detection("eye", "camera", notice=flat(1.0), by_slot=night, effect=None)
    day = make_detection("day", "camera", notice=flat(1.0), by_slot=1.0 - night, effect=None)
    found = totals(make_model(make_world(), (make_act(), eye, day)))
    assert found["eye/noticed"] + found["day/noticed"] == found["media/done"]
    assert found["media/pattern:1"] == found["media/done"]


def test_patterns_name_channels_in_alphabetical_order() -> None:
    sure = {"notice": flat(1.0), "by_slot": np.ones(48), "effect": None}
    first = make_detection("z", "alpha", **sure)
    second = make_detection("a", "beta", when={"place": ("indoors",)}, **sure)
    found = totals(make_model(make_world(), (make_act(), second, first)))
    assert found["media/pattern:3"] == found["media/mark:place:indoors"]
    assert found["media/pattern:1"] == found["media/mark:place:outdoors"]


def inspected(
    find: float, visits: list[int], act_hour: int, findable: int, acts: int = 1
) -> list[int]:
    """Hours of the visits that find the acts of person 0, of a unit visited at these hours."""
    world = make_world()
    checks, _, night, _ = make_inspections()
    night = replace(night, find=find, findable_hours=findable, trace=1.0)
    lowered = plan(make_model(world, (make_act(), checks, night), {}))
    chance, moments = cast(Chance, Both(RunKey(1, 1), False)), np.array(visits, dtype=np.uint16)
    block = make_block(world, chance, np.array([0, 1]))
    scene = Scene(chance, lowered.clock, block, no_tallies(lowered))
    person = np.zeros(acts, dtype=np.uint32)
    hour, number = np.full(acts, act_hour, dtype=np.uint16), np.arange(acts, dtype=np.uint32)
    starts = np.full(len(block.persons.ids) + 1, acts)
    starts[0] = 0
    done = Done(person, hour, number, starts, ())
    # The visits of the first unit; the second has none.
    made = VisitsMade(np.array([0, len(visits), len(visits)]), moments)
    which, found = _inspected(scene, lowered.acts[0].inspections[0], done, made)
    assert len(which) == len(set(which.tolist())), "an act is noticed at most once"
    return found.tolist()


@pytest.mark.parametrize(
    ("visits", "found"),
    [
        ([], []),
        ([9], []),
        ([10], [10]),
        ([12], [12]),
        ([13], []),
        ([9, 11, 12], [11]),
        ([13, 14], []),
        ([12, 9, 11], [11]),
        ([12, 12, 12], [12]),
    ],
)
def test_a_visit_finds_within_the_findable_hours(visits: list[int], found: list[int]) -> None:
    assert inspected(1.0, visits, act_hour=10, findable=3) == found
    assert inspected(0.0, visits, act_hour=10, findable=3) == []


@pytest.mark.parametrize("find", [0.5, 0.02])
def test_the_nth_visit_finds_what_the_earlier_missed(find: float) -> None:
    # In no order, three in each of 60 hours: the n-th finds with (1 - find)^(n-1) find.
    order = np.random.Generator(np.random.PCG64(1)).permutation(np.repeat(np.arange(10, 70), 3))
    acts = 20_000
    found = np.array(inspected(find, order.tolist(), 10, 690, acts))
    missed = (1.0 - find) ** 3
    wanted = acts * (1.0 - missed) * missed ** np.arange(60)
    count = np.bincount(found - 10, minlength=60)
    dense = wanted > 20
    assert dense.sum() > 3
    z = (count - wanted)[dense] / np.sqrt(wanted * (1 - wanted / acts))[dense]
    assert np.all(np.abs(z) < 6.0)
    assert found.max() < 70


def test_more_visits_than_the_table_holds_find_no_more() -> None:
    # Of 3,000 visits the last 1,976 add nothing: 1 - (1 - 0.0005)^1024 is 0.4.
    acts, hours = 5_000, np.repeat(np.arange(10, 610), 5).tolist()
    found = inspected(0.0005, hours, 10, 690, acts)
    wanted = 1.0 - (1.0 - 0.0005) ** 1024
    assert abs(len(found) / acts - wanted) < 4.9 * np.sqrt(wanted * (1 - wanted) / acts)


def test_visits_end_with_the_year() -> None:
    assert inspected(1.0, [719], act_hour=700, findable=5_000) == [719]


def test_a_carrier_is_needed() -> None:
    stops, trace = make_inspections()[1], make_inspections()[3]
    nobody = replace(trace, carrier=p.Trait("phone", p.Entity.HOUSEHOLD, flat(0.0)))
    all_of_them = replace(trace, carrier=p.Trait("phone", p.Entity.HOUSEHOLD, flat(1.0)))
    world = make_world()
    assert totals(make_model(world, (make_act(), stops, nobody)))["trace/noticed"] == 0
    assert totals(make_model(world, (make_act(), stops, all_of_them)))["trace/noticed"] > 0


def test_one_visit_finds_in_several_households() -> None:
    # Everybody acts every hour, one visit a month to a unit: whoever is found is found with others.
    rate = np.zeros((AREAS, GROUPS))
    rate[:, 0] = 0.002
    visits = p.Visits("checks", p.Entity.UNIT, rate, np.ones(48))
    night = p.Inspection("night", "unit", "media", "checks", 1.0, 1, 1.0, flat(1.0), flat(0.0))
    act = make_act(rate=0.5, marks=(), completes={}, gate=p.NO_GATE, effect=None)
    found = totals(make_model(make_world(), (act, visits, night)))
    assert found["night/noticed"] > 5 * found["checks/visits"] > 0


def test_visits_are_tallied_once_per_unit() -> None:
    visits = replace(make_inspections()[0], rate=flat(0.05))
    tallies = sample(make_model(make_world(), (visits,)), 1, 0).tallies
    counts = tallies.counts[Key("checks", "visits")]
    assert counts[:, 0].sum() > 0
    assert counts[:, 1:].sum() == 0, "a unit has no group"
    persons = replace(make_inspections()[1], rate=sloped(0.05))
    counts = sample(make_model(make_world(), (persons,)), 1, 0).tallies.counts
    assert np.all(counts[Key("stops", "visits")] > 0)
