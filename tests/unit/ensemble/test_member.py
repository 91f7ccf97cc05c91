"""One member: what-ifs share the base's forcings, copy what is the same, and pass the gate."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import sousveil
from sousveil.engine.expected import know
from sousveil.ensemble import member
from sousveil.ensemble.api import study_of
from sousveil.ensemble.bench import bench
from sousveil.ensemble.member import Outcome, is_closed, outcomes
from sousveil.ensemble.rules import scenario_rules
from sousveil.ensemble.stages import central_task, end_tasks, member_draws, member_tasks
from sousveil.ensemble.study import BASE, Study, Task
from sousveil.ensemble.work import do, packed, unpacked
from sousveil.measures import measures
from sousveil.measuring.table import tabulate


@pytest.fixture(scope="module")
def study() -> Study:
    return study_of(sousveil.load("example"), members=2, engine="expected")


@pytest.fixture(scope="module")
def first(study: Study) -> Task:
    return member_tasks(study, member_draws(study), [])[0]


def values(outcome: Outcome) -> list[Any]:
    return tabulate(measures().values(), outcome.context)["value"].to_list()


def test_copying_from_the_base_changes_no_bit(
    study: Study, first: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = [values(outcome) for outcome in outcomes(study, first)]
    monkeypatch.setattr(member, "know", lambda m, p, n, v, *_: know(m, p, n, v))
    plain = [values(outcome) for outcome in outcomes(study, first)]
    for one, other in zip(copied, plain, strict=True):
        assert np.array_equal(np.array(one, float), np.array(other, float), equal_nan=True)


def test_what_ifs_with_one_supply_share_it_and_change_no_bit() -> None:
    names = ["reliable_power", "machines_only", "working_border_cameras", "full_digital"]
    whole = study_of(sousveil.load("north_korea"), members=1, engine="expected", what_ifs=names)
    task = member_tasks(whole, member_draws(whole), [])[0]
    beside = list(outcomes(whole, task))
    paths = [outcome.context.world.power for outcome in beside]
    assert paths[1] is paths[2] is paths[4]
    assert len({id(path) for path in paths}) == 3
    for name, outcome in zip(names, beside[1:], strict=True):
        alone = list(outcomes(whole, replace(task, branches=(name,))))[1]
        one, other = (np.array(values(item), float) for item in (outcome, alone))
        assert np.array_equal(one, other, equal_nan=True), name


def test_what_an_earlier_task_worked_out_changes_no_bit_of_a_later_one(study: Study) -> None:
    names = [branch.name for branch in study.branches]
    low, high = (task for _, _, task in end_tasks(study, names, [])[:2])
    low, high = replace(low, measures=None), replace(high, measures=None)
    bench.cache_clear()
    after = [[values(outcome) for outcome in outcomes(study, task)] for task in (low, high, low)]
    bench.cache_clear()
    alone = [values(outcome) for outcome in outcomes(study, low)]
    for one, other in zip(after[-1], alone, strict=True):
        assert np.array_equal(np.array(one, float), np.array(other, float), equal_nan=True)


def test_a_what_if_that_leaves_power_alone_has_the_same_path(study: Study, first: Task) -> None:
    found = {item.context.what_if: item.context for item in outcomes(study, first)}
    base = found.pop("")
    assert found
    assert any(other.world.power is base.world.power for other in found.values())
    assert all(other.base is base for other in found.values())


def test_a_member_goes_with_its_last_reference(study: Study, first: Task) -> None:
    """No run refers to itself: else its arrays would wait for the collector, member by member."""
    left: list[weakref.ref[Any]] = []
    gc.disable()
    try:
        for outcome in outcomes(study, first):
            values(outcome)
            left += [weakref.ref(outcome.context), weakref.ref(outcome.context.world)]
        del outcome
        assert left
        assert not any(item() for item in left)
    finally:
        gc.enable()


def test_members_differ_in_draw_and_in_forcings(study: Study) -> None:
    one, two = member_tasks(study, member_draws(study), [])
    assert one.draw != two.draw
    paths = [next(iter(outcomes(study, task))).context.world.power.on for task in (one, two)]
    assert not np.array_equal(paths[0], paths[1])
    assert member_tasks(study, member_draws(study), [1, 2]) == []


def test_a_study_travels_to_a_worker_and_back(study: Study, first: Task) -> None:
    twin = unpacked(packed(study))
    assert twin.identity == study.identity
    assert twin.scenario.quantities == study.scenario.quantities
    here, there = (do(item, Path(), replace(first, kind="end")) for item in (study, twin))
    assert here.pre_gate == there.pre_gate


def test_ends_take_one_quantity_at_a_time(study: Study) -> None:
    tasks = end_tasks(study, ("",), ("harm",))
    assert tasks
    assert all(len(task.draw.levels) == 1 for _, _, task in tasks)
    receipt = do(study, Path(), tasks[0][2])
    assert receipt.frame is not None
    assert set(receipt.frame["measure"]) == {"harm"}


def test_the_gate_knows_the_acts_and_the_areas(study: Study) -> None:
    rules = scenario_rules(study)
    assert set(study.scenario.acts) <= set(rules.acts)
    assert rules.closed == is_closed(study.scenario)
    assert set(rules.measures) == set(measures())


def test_what_a_worker_sends_back_has_passed_the_gate(study: Study) -> None:
    receipt = do(study, Path(), central_task(study, "expected"))
    assert receipt.frame is not None
    assert "numerator" not in receipt.frame.columns
    parents = {area["parent"] for area in study.scenario.tables["areas"].rows}
    assert set(receipt.frame["area"]) <= parents | {""}


def test_a_measure_alone_is_what_it_is_among_all_others() -> None:
    """A task that asks for few measures leaves out what they do not read, and nothing else."""
    study = study_of(sousveil.load("north_korea"), members=0, engine="expected")
    task = Task("end", 1, 0, branches=(BASE, "no_cameras"))
    whole = do(study, Path(), task).frame
    assert whole is not None
    assert set(measures()) - set(whole["measure"]) <= {"backlog_days", "cases_per_reviewer_day"}
    # Nobody asks such a task for chance: it has some where a central run went before it.
    words = [name for name in whole.columns if name not in {"value", "chance_sd"}]
    for name in measures():
        alone = do(study, Path(), replace(task, measures=(name,))).frame
        assert alone is not None
        among = whole.filter(pl.col("measure") == name)
        assert alone.select(words).equals(among.select(words), null_equal=True), name
        # Sums of many columns at once may round otherwise than those of few.
        found, wanted = (table["value"].fill_null(np.nan).to_numpy() for table in (alone, among))
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-12, err_msg=name)
