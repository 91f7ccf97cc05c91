"""Chilling is off unless asked for, thins and never adds, and leaves the border alone."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.chilling import ChillingParameters, respond, thin
from sousveil.engine.model import makes_flags
from sousveil.procedure import assemble
from sousveil.processes import Act, Detection, Inspection
from unit.channels.village import world
from unit.test_procedure import parameters, told

WORLD = world()
MODEL = assemble(parameters(), WORLD)
ON = ChillingParameters(elasticity=2.0, punished_share=0.3, aware_share=0.8, enabled=True)


def test_off_is_the_same_model() -> None:
    for off in (
        ChillingParameters(elasticity=2.0),
        ChillingParameters(enabled=True, elasticity=0.0),
    ):
        factors = respond(off, MODEL, told(MODEL, 100.0))
        assert (factors == 1.0).all()
        assert thin(MODEL, factors) is MODEL


def test_the_first_month_knows_nothing_and_the_second_answers_it() -> None:
    factors = respond(ON, MODEL, told(MODEL, 100.0))
    assert (factors[:, 0] == 1.0).all()
    flags = sum(makes_flags(process) for process in MODEL.processes) * 2 * 3 * 100.0
    adults = WORLD.people.by_group()[0, :2].sum()
    risk = 1 - np.exp(-flags / adults * 0.3)
    assert factors[0, 1] == pytest.approx(1 - 0.8 * (1 - np.exp(-2 * risk)))


def test_later_months_feel_fewer_flags() -> None:
    factors = respond(ON, MODEL, told(MODEL, 100.0))
    assert (factors[:, 2] > factors[:, 1]).all()
    assert (factors <= 1.0).all()
    assert (factors > 0.0).all()
    border = sum(
        isinstance(p, Detection | Inspection) and p.act in ("cross_border", "take_bribe")
        for p in MODEL.processes
    )
    assert border, "flags that stay are among them"


def test_without_risk_nobody_is_chilled() -> None:
    assert (respond(ON, MODEL, told(MODEL, 0.0)) == 1.0).all()


def test_more_elastic_people_do_less() -> None:
    weak = respond(ON, MODEL, told(MODEL, 100.0))
    strong = respond(
        ChillingParameters(elasticity=3.0, punished_share=0.3, aware_share=0.8, enabled=True),
        MODEL,
        told(MODEL, 100.0),
    )
    assert (strong[:, 1] < weak[:, 1]).all()


def test_the_border_does_not_respond() -> None:
    factors = respond(ON, MODEL, told(MODEL, 100.0))
    chilled = {act.name: act.month for act in thin(MODEL, factors).of(Act)}
    assert np.array_equal(chilled["foreign_media"], factors)
    assert (chilled["cross_border"] == 1.0).all()
    assert (chilled["take_bribe"] == 1.0).all()
