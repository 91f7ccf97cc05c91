"""Parts that two models share are copied: the same numbers to the bit, and less work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.engine.expected import Known, expect, know, prepare
from sousveil.engine.model import Model
from sousveil.sameness import same
from support.models import everything, make_handling, make_model, make_roll_call, make_world, sloped

WORLD = make_world()
READY = prepare(WORLD)
BASE = make_model(WORLD)


def changed(name: str, **fields: object) -> Model:
    """The base with one process changed."""
    items = tuple(
        replace(item, **fields) if item.name == name else item for item in everything(WORLD)
    )
    return make_model(WORLD, items)


def without(channel: str) -> Model:
    """The base without one channel."""
    items = tuple(
        item
        for item in everything(WORLD)
        if isinstance(item, (p.Act, p.Visits)) or item.channel != channel
    )
    return make_model(WORLD, items)


def handled(**fields: object) -> Model:
    """The base with another procedure at one channel."""
    rules = {**BASE.handling, "unit": make_handling(**fields)}
    return make_model(WORLD, None, rules)


CHANGES: dict[str, Callable[[], Model]] = {
    "nothing": lambda: make_model(make_world()),
    "an act": lambda: changed("media", spell_hours=3, rate=sloped(0.006)),
    "what follows a notice": lambda: changed("informant", report=np.full((3, 4), 0.1)),
    "visits": lambda: changed("checks", profile=np.ones(48)),
    "a camera": lambda: changed("street", equipped=0.5),
    "a search": lambda: changed("match", wrong=0.01),
    "a roll call": lambda: changed("broadcast", threshold=2),
    "denunciations": lambda: changed("spite", coincident_hours=200),
    "no unit": lambda: without("unit"),
    "no camera": lambda: without("handset"),
    "another roll call": lambda: make_model(
        WORLD, (*everything(WORLD), make_roll_call(name="second", excuse_without_power=True))
    ),
    "review": lambda: handled(reject_unfounded=0.9),
    "a rule": lambda: handled(partners_needed=1, rule_hours=48),
}


@pytest.fixture(scope="module")
def known() -> Known:
    return know(BASE, READY)


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_copied_equals_what_is_made_to_the_bit(known: Known, change: str):
    model = CHANGES[change]()
    anew = expect(model, READY)
    shared = expect(model, READY, like=known)
    assert list(anew) == list(shared)
    for key, value in anew.items():
        assert np.array_equal(value.values, shared[key].values), key
        assert value.variance == shared[key].variance, key
        assert value.label == shared[key].label, key


def test_an_unchanged_part_is_not_made_again(known: Known):
    again = know(changed("broadcast", threshold=2), READY, likes=(known,))
    before = {str(key): value for key, value in known.values.items()}
    copied = {str(key) for key, value in again.values.items() if value is before.get(str(key))}
    assert {"media/done", "informant/cases", "street/detect", "match/wrong"} <= copied
    assert not any(name.startswith("broadcast/") for name in copied)
    assert "/persons_wronged" not in copied
    assert "channel:face/persons_wronged" in copied


def test_another_path_shares_nothing(known: Known):
    world = make_world(seed=8)
    model = make_model(world)
    alone = expect(model, prepare(world))
    shared = expect(model, prepare(world), like=known)
    assert all(np.array_equal(value.values, shared[key].values) for key, value in alone.items())


def test_a_line_that_changes_leaves_the_others_alone(known: Known):
    power = WORLD.power
    supply = power.on.copy()
    supply[1] = 1  # the state line, which the street camera uses and the school does not
    world = replace(WORLD, power=replace(power, by_line=supply))
    model, ready = make_model(world), prepare(world)
    alone = expect(model, ready)
    shared = expect(model, ready, like=known)
    assert all(np.array_equal(value.values, shared[key].values) for key, value in alone.items())
    assert all(value.variance == shared[key].variance for key, value in alone.items())
    before = {str(key): value for key, value in known.values.items()}
    copied = {str(key) for key, value in shared.items() if value is before.get(str(key))}
    assert {"school/detect", "travel/done", "broadcast/reported"} <= copied
    assert not {"street/detect", "media/done"} & copied


def test_a_prepared_world_fits_one_that_is_equal():
    assert expect(make_model(make_world()), READY)
    with pytest.raises(ValueError, match="another world"):
        expect(make_model(make_world(scale=2)), READY)


def test_frozen_values_are_compared_by_what_they_hold():
    first, second = everything(WORLD), everything(make_world())
    assert same(first, second)
    assert not same(first[0], replace(second[0], spell_hours=9))
    assert same(first[0], replace(second[0], spell_hours=9), frozenset({"spell_hours"}))
    assert not same({"a": 1}, {"a": 1, "b": 2})
    assert not same((1, 2), (1, 2, 3))
    assert not same(1, 1.0)


def test_of_two_models_each_part_comes_from_one_that_has_it(known: Known):
    quieter = changed("informant", report=np.full((3, 4), 0.1))
    two = know(quieter, READY)
    model = replace(quieter, handling={**BASE.handling, "unit": make_handling(reject_founded=0.5)})
    shared = know(model, READY, likes=(known, two))
    for key, value in expect(model, READY).items():
        assert np.array_equal(shared.values[key].values, value.values), key
        assert shared.values[key].variance == value.variance, key
    for part, source in (("flags of:media", two), ("process:media", two), ("views", known)):
        assert shared.parts[part].values is source.parts[part].values


def test_an_act_is_copied_with_all_that_was_made_for_it(known: Known):
    model = replace(BASE, handling={**BASE.handling, "unit": make_handling(reject_founded=0.5)})
    shared = know(model, READY, likes=(known,))
    inside = known.parts["act:media"].inside
    assert inside == ("reach:media", "process:media", "flags of:media")
    for part in ("act:media", *inside):
        assert shared.parts[part].values is known.parts[part].values
