"""Arrivals as an observation model: lags in closed form, and crossings as the engine has them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import sousveil
from sousveil.arrivals import border_of, completed, due, lag_shares
from sousveil.ensemble.api import study_of
from sousveil.ensemble.arriving import Drawn, Trial
from sousveil.ensemble.member import free_model
from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL, Scenario
from sousveil.scenario.parameters import resolve


@pytest.fixture(scope="module")
def korea() -> Scenario:
    return load("north_korea")


@pytest.mark.parametrize("stay", [0.3, 1.0, 4.0])
def test_lags_are_the_exponential_stay_of_crossings_even_over_a_year(stay: float) -> None:
    days = (np.arange(200_000) + 0.5) / 200_000  # when in its year somebody crosses
    by_count = [
        float(
            np.mean(np.exp(-(np.maximum(lag - days, 0)) / stay) - np.exp(-(lag + 1 - days) / stay))
        )
        for lag in range(4)
    ]
    found = lag_shares(0.0, stay, 4)
    assert found[:4] == pytest.approx(by_count, rel=1e-4)
    assert found.sum() == pytest.approx(1.0)
    mixed = lag_shares(0.25, stay, 4)
    assert mixed[0] == pytest.approx(0.25 + 0.75 * found[0])
    assert mixed[1:] == pytest.approx(0.75 * found[1:])


def test_the_last_share_stands_for_all_earlier_years() -> None:
    assert lag_shares(0.5, 2.0, 0) == pytest.approx([1.0])
    few, many = lag_shares(0.2, 3.0, 2), lag_shares(0.2, 3.0, 9)
    assert few[2] == pytest.approx(many[2:].sum())
    assert due([10.0, 4.0, 4.0], few) == pytest.approx(10 * few[0] + 4 * (1 - few[0]))


def test_crossings_agree_with_the_expected_engine(korea: Scenario) -> None:
    """The engine has a path of power and the hours of the guards; here there are means."""
    study = study_of(korea, members=0, what_ifs=["none"])
    border = border_of(free_model(study))
    assert border.acts == ("cross_border",)
    assert set(border.channels) == {"border_camera", "border_guard"}
    frame = sousveil.expected(korea, what_ifs=["as_of_2019", "no_border_cameras"])
    engine = dict(
        frame.filter(frame["measure"] == "crossings_change_share")
        .select("what_if", "value")
        .iter_rows()
    )

    def level(**words: object) -> float:
        found = resolve(korea, CENTRAL, **words)  # pyright: ignore[reportArgumentType]
        share = completed(found, border)["cross_border"]
        act = found.acts["cross_border"]
        from sousveil.arrivals import attempts

        assert share is not None
        return share * attempts(act)

    base = level()
    assert level(year=2019) / base - 1 == pytest.approx(engine["as_of_2019"], rel=0.01)
    without = level(what_ifs=("no_border_cameras",))
    assert without / base - 1 == pytest.approx(engine["no_border_cameras"], rel=0.05)


def test_where_nobody_watches_nothing_is_said(korea: Scenario) -> None:
    study = study_of(korea, members=0, what_ifs=["none"])
    border = border_of(free_model(study))
    alone = replace(border, channels=())
    assert completed(resolve(korea, CENTRAL), alone) == {"cross_border": None}
    causes = {"fences": ("acts.cross_border.border.fence_deterrence",)}
    assert Drawn(Trial(korea, alone, causes, 2019, 2021), CENTRAL).worth() is None


def test_arrivals_of_two_years_by_hand(korea: Scenario) -> None:
    study = study_of(korea, members=0, what_ifs=["none"])
    fence, way = "acts.cross_border.border.fence_deterrence", "arrivals.arrival_share"
    trial = Trial(
        korea, border_of(free_model(study)), {"fences": (fence,), "way": (way,)}, 2019, 2021
    )
    worth = Drawn(trial, CENTRAL).worth()
    assert worth is not None

    def of(path: str, year: int) -> float:
        return korea.quantities[path].value(0.5, math.nan, year)

    kept = (1 - of(fence, 2021)) / (1 - of(fence, 2019))
    w = lag_shares(of("arrivals.direct_share", 2021), of("arrivals.stay_years", 2021), 2)
    fences = (w[0] + w[1]) * kept + w[2]
    ways = of(way, 2021) / of(way, 2019)
    wanted = {(): 1.0, ("fences",): fences, ("way",): ways, ("fences", "way"): fences * ways}
    assert worth == pytest.approx({frozenset(some): value for some, value in wanted.items()})
