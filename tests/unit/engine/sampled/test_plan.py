"""A model that contradicts itself is refused in one line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.engine.model import Model
from sousveil.engine.sampled.plan import plan
from support.models import (
    AREAS,
    ZEAL,
    make_act,
    make_detection,
    make_encounters,
    make_inspections,
    make_model,
    make_world,
)

WORLD = make_world(days=7)


def bad(*items: p.Process) -> Model:
    return make_model(WORLD, items, {})


HALF = np.tile([0.5, 0.5], (AREAS, 1))
VISITS = next(item for item in make_inspections() if isinstance(item, p.Visits))
CASES = {
    "its parent media is not": bad(make_detection("eye", "camera")),
    "its visits 'stops' are not": bad(make_act(), make_inspections()[3]),
    "no level 'name'": bad(make_encounters()[0], replace(make_encounters()[2], level="name")),
    "its parent street is not": bad(make_encounters()[2]),
    "no mark company with nobody": bad(
        make_act(), make_detection("eye", "camera", when={"company": ("alone", "nobody")})
    ),
    "no mark weather": bad(make_act(), make_detection("eye", "camera", when={"weather": ()})),
    "depends on later": bad(
        make_act(marks=(p.Mark("m", ("a", "b"), ("later",), HALF, HALF),), completes={})
    ),
    "effect zeal: two processes give it different entities": bad(
        make_act(effect=replace(ZEAL, entity=p.Entity.AREA, form="rate")),
        make_detection("eye", "camera"),
    ),
    "power line 'sun'": bad(make_act(gate=p.Gate("sun"))),
    "visits go to persons": bad(replace(VISITS, entity=p.Entity.AREA)),
}


@pytest.mark.parametrize("message", CASES)
def test_a_contradiction_is_refused(message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        plan(CASES[message])
    assert "\n" not in str(caught.value)


def test_a_path_of_another_length_is_refused() -> None:
    power = replace(WORLD.power, by_line=WORLD.power.on[..., :-24])
    model = make_model(replace(WORLD, power=power), (make_act(),))
    with pytest.raises(ValueError, match="144 hours, the calendar 168"):
        plan(model)
