"""The chance part of ratios, medians, disparities and changes is what repeated runs show.

A small dense world, 300 seeds of the `events` engine on one path of power; every measure is worked
out of each run as a run's table is, and the variance of its values over the seeds is held against
the square of the deviation that the expected run states. False alarm 1e-6 a row, by the chi-square
law of a sample variance, widened by what the delta method leaves out (`SLACK`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

from sousveil import processes as p
from sousveil.engine.expected import know
from sousveil.engine.expected.joint import joint_of
from sousveil.engine.model import Model
from sousveil.engine.sampled import events
from sousveil.measures import measures
from sousveil.measuring.base import Context, sampled
from sousveil.measuring.table import tabulate
from sousveil.tallies import Key
from support.models import (
    flat,
    make_act,
    make_detection,
    make_encounters,
    make_inspections,
    make_model,
    make_roll_call,
    make_unprompted,
    make_world,
)

pytestmark = [pytest.mark.slow, pytest.mark.statistical]

SEEDS, MEMBER = 300, 3
LEAST, MOST = (float(chi2.ppf(share, SEEDS - 1) / (SEEDS - 1)) for share in (5e-7, 1 - 5e-7))
SLACK = 1.25
"""The delta method is a first order: variances of ratios may be so much larger or smaller."""
WORLD = make_world(scale=4)
ROW = ("measure", "channel", "act", "category", "group")


def watched(**changes: Any) -> tuple[p.Process, ...]:
    """An act with an effect of its own that neighbours, visits and a camera notice."""
    zeal = p.Effect("zeal", p.Entity.UNIT, "share", 3.0)
    eye = make_detection("eye", "camera", effect=None, gate=p.Gate("state", 0.9, 0.1))
    return (
        make_act(rate=0.02),
        replace(make_detection("informant", "unit", effect=zeal), **changes),
        eye,
        *make_inspections(),
    )


def faces() -> tuple[p.Process, ...]:
    street, office, match, wrong = make_encounters()
    street, office = (replace(item, seconds_in_view=600.0) for item in (street, office))
    listed = p.Trait("listed", p.Entity.PERSON, flat(0.3))
    return street, office, replace(match, listed=listed), replace(wrong, listed=listed)


MODELS = {
    "acts": make_model(WORLD, watched()),
    "less zeal": make_model(WORLD, watched(notice=flat(0.15))),
    "no eye": make_model(WORLD, tuple(item for item in watched() if item.name != "eye")),
    "fewer acts": make_model(
        WORLD,
        tuple(replace(i, rate=i.rate * 0.6) if isinstance(i, p.Act) else i for i in watched()),
    ),
    "calls": make_model(make_world(scale=12), (make_roll_call(), make_unprompted(0.002)), {}),
    "faces": make_model(WORLD, faces()),
    "spite": make_model(WORLD, (replace(make_unprompted(0.002), bribed=flat(0.0)),), {}),
}


def expected_context(model: Model, base: Context | None = None) -> Context:
    known = know(model)
    before = {} if base is None or base.joints is None else base.joints
    joints = {act.name: joint_of(known, act.name, before.get(act.name)) for act in model.of(p.Act)}
    name = "" if base is None else "other"
    return Context(
        name, model, known.values, model.world.people.by_group(), base=base, joints=joints
    )


def rows(context: Context, names: tuple[str, ...]) -> Mapping[tuple[str, ...], tuple[Any, Any]]:
    """Row of the whole place -> value and deviation."""
    table = tabulate([measures()[name] for name in names], context)
    number = range(len(table["measure"]))
    return {
        tuple(table[name][i] for name in ROW): (table["value"][i], table["chance_sd"][i])
        for i in number
        if not table["area"][i] and not table["period"][i]
    }


@cache
def runs(name: str) -> list[Mapping[Any, Any]]:
    every = [events.sample(MODELS[name], s, MEMBER).tallies.counts for s in range(SEEDS)]
    return [{key: value.astype(np.float64) for key, value in run.items()} for run in every]


def ratios(names: tuple[str, ...], model: str, base: str = "") -> dict[tuple[str, ...], float]:
    """Row -> variance over the seeds by what the expected run states."""
    before = expected_context(MODELS[base]) if base else None
    context = expected_context(MODELS[model], before)
    stated = rows(context, names)
    found: list[Mapping[tuple[str, ...], tuple[Any, Any]]] = []
    for number, counts in enumerate(runs(model)):
        old = None
        if before is not None:
            old = replace(before, counts=sampled(runs(base)[number]), joints=None)
        one = replace(context, counts=sampled(counts), joints=None, base=old)
        found.append(rows(one, names))
    result: dict[tuple[str, ...], float] = {}
    for row, (value, deviation) in stated.items():
        if value is None or (row[4] and row[0] != "disparity_ratio"):
            continue
        assert deviation is not None, row
        values = np.array([one[row][0] for one in found], dtype=float)
        if deviation == 0.0:
            assert np.allclose(values, value), row
            continue
        if row[0] == "disparity_ratio":
            values, deviation = np.log(values), deviation / value
        result[row] = float(values.var(ddof=1) / deviation**2)
    return result


def outside(found: Mapping[tuple[str, ...], float]) -> Mapping[tuple[str, ...], float]:
    """Ratios of variances that are not those of a sample of the stated one."""
    return {row: r for row, r in found.items() if not LEAST / SLACK < r < MOST * SLACK}


def of_measures(found: Mapping[tuple[str, ...], float]) -> set[str]:
    """The measures that were held against their runs: nothing judged is nothing shown."""
    return {row[0] for row in found}


SHARES = ("act_noticed_share", "unobserved_acts_share", "shapley_share")


def test_shares_of_acts_vary_as_stated() -> None:
    names = (*SHARES, "act_detection_probability")
    found = ratios(names, "acts")
    assert of_measures(found) == set(names)
    assert outside(found) == {}


@pytest.mark.parametrize("what_if", ["less zeal", "no eye", "fewer acts"])
def test_a_change_of_what_is_noticed_varies_by_the_events_that_differ(what_if: str) -> None:
    found = ratios(("noticed_change_share",), what_if, "acts")
    assert of_measures(found) == {"noticed_change_share"}
    assert outside(found) == {}


def test_disparities_and_cause_shares_vary_as_stated() -> None:
    names = ("disparity_ratio", "false_flags_cause_share")
    found = ratios(names, "calls")
    assert of_measures(found) == set(names)
    assert outside(found) == {}


def test_days_and_errors_of_a_search_vary_as_stated() -> None:
    names = (
        "days_to_first_named",
        "false_alerts_per_face",
        "false_share_of_alerts",
        "time_in_view_share",
        "disparity_ratio",
    )
    found = ratios(names, "faces")
    assert of_measures(found) == set(names)
    assert outside(found) == {}


def test_persons_affected_vary_as_persons_who_are_wronged() -> None:
    # Where every flag is unfounded and none is settled, the one count is the other.
    value, deviation = rows(expected_context(MODELS["spite"]), ("affected_persons",))[
        ("affected_persons", "", "", "", "")
    ]
    civil = MODELS["spite"].world.civil
    counts = np.array([run[Key("", "persons_wronged")][civil].sum() for run in runs("spite")])
    assert counts.mean() == pytest.approx(value, abs=4.9 * deviation / np.sqrt(SEEDS))
    assert LEAST < counts.var(ddof=1) / deviation**2 < MOST


def test_a_deviation_of_another_law_would_be_found() -> None:
    # As if a share varied by its numerator alone, and a change as two unrelated runs.
    context = expected_context(MODELS["acts"])
    ratio = ratios(("act_noticed_share",), "acts")["act_noticed_share", "", "media", "", ""]
    value, deviation = rows(context, ("act_noticed_share",))[
        "act_noticed_share", "", "media", "", ""
    ]
    done = context.count("media", "done")
    total = float(done.values[MODELS["acts"].world.civil].sum())
    plain = value * np.sqrt(done.variance) / total
    assert outside({("as if",): ratio * deviation**2 / plain**2})
