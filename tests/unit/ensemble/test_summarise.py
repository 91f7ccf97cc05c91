"""Ranges: quantiles, the four parts apart, paired differences, drivers and marks."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from sousveil import load
from sousveil.arrays import Floats
from sousveil.ensemble.drivers import Mark, assumed_share, correlations, drivers_table
from sousveil.ensemble.headlines import in_words, number
from sousveil.ensemble.matrix import Matrix, quantiles, ranks
from sousveil.ensemble.stages import frozen_tasks, member_draws
from sousveil.ensemble.study import Study, branches_of
from sousveil.ensemble.summarise import (
    Parts,
    blocks_of,
    inputs_not_findings,
    median_interval,
    summary,
)
from sousveil.release import IDENTITY, release
from unit.ensemble.fake import RULES, cells, matrix, released, row, uniform

KEY = ("harm", "", "", "", "", "", "", "")


def driven(
    members: Matrix,
    paths: tuple[str, ...],
    quantities: Floats,
    shares: dict[tuple[str, ...], float],
) -> tuple[pl.DataFrame, dict[tuple[str, ...], Mark]]:
    return drivers_table(members, paths, list(correlations(members, quantities)), shares)


def value(table: pl.DataFrame, part: str, statistic: str, what_if: str = "") -> float:
    words = {"part": part, "statistic": statistic, "what_if": what_if}
    return table.filter(**words)["value"].item()


def test_quantiles_leave_out_what_is_null() -> None:
    values = np.array([[1.0, np.nan], [3.0, np.nan], [2.0, 5.0], [np.nan, np.nan]])
    found, count = quantiles(values, (0.0, 0.5, 1.0))
    assert found[:, 0].tolist() == [1.0, 2.0, 3.0]
    assert found[:, 1].tolist() == [5.0, 5.0, 5.0]
    assert count.tolist() == [3, 1]
    assert np.isnan(quantiles(values[3:], (0.5,))[0]).all()
    some = uniform(40)[:, None]
    assert quantiles(some, (0.025,))[0].item() == pytest.approx(np.quantile(some, 0.025))


def test_members_whose_rows_differ_are_put_in_place() -> None:
    first = released(row("harm", 1.0), row("camera_stock", 2.0)).frame
    second = released(row("camera_stock", 4.0)).frame
    both = Matrix.of([first, second])
    assert np.isnan(both.values[1, 0])
    assert both.column(measure="camera_stock") == pytest.approx([2.0, 4.0])
    assert both.column(measure="nothing") is None


@pytest.mark.statistical
def test_the_interval_of_the_median_covers_it() -> None:
    samples = np.random.default_rng(5).lognormal(size=(64, 2000))
    low, high, _ = median_interval(samples)
    covered = ((low <= 1.0) & (high >= 1.0)).mean()
    assert 0.93 < covered < 0.99


def parts() -> Parts:
    values = np.linspace(0.0, 100.0, 41).tolist()
    members = matrix({("harm", ""): values, ("harm", "safe"): [v / 2 for v in values]})
    environment = matrix({("harm", ""): [49.0, 51.0]})
    central = released(row("harm", 50.0), row("harm", 25.0, "safe")).frame
    return Parts(members, central, released(row("harm", 0.0)).frame, environment, {KEY: 0.7})


def test_the_parts_of_an_interval_stay_apart() -> None:
    table = release(summary(blocks_of(parts())), RULES).frame
    assert value(table, "ignorance", "median") == 50
    assert value(table, "ignorance", "low") == pytest.approx(2.5)
    assert value(table, "ignorance", "high") == pytest.approx(97.5)
    assert value(table, "environment", "low") == pytest.approx(49.05)
    assert value(table, "chance", "high") == pytest.approx(50.196, abs=1e-3)
    assert value(table, "central", "mean") == 50
    assert value(table, "central", "value") == 0
    assert 30 < value(table, "monte_carlo", "low") < 50 < value(table, "monte_carlo", "high")
    assert value(table, "ignorance", "share") == 0.7


def test_what_was_never_seen_has_an_upper_bound() -> None:
    bound = value(summary(blocks_of(parts())), "central", "high")
    assert bound == 50, "no less than what is expected"
    rare = cells(row("harm", 0.01)).with_columns(chance_sd=pl.lit(0.1))
    table = summary(blocks_of(Parts(None, rare, released(row("harm", 0.0)).frame)))
    assert value(table, "central", "high") == pytest.approx(3.689, abs=1e-3)


def test_differences_are_paired() -> None:
    table = summary(blocks_of(parts()))
    assert value(table, "paired", "median", "safe") == pytest.approx(-25)
    assert value(table, "paired", "share_lower", "safe") == pytest.approx(40 / 41)


def test_what_rounding_alone_makes_differ_is_no_difference() -> None:
    base = [1000.0 + number for number in range(40)]
    crumbs = [value * (1.0 + sign * 2e-16) for value, sign in zip(base, [1, -1] * 20, strict=True)]
    assert crumbs != base
    members = matrix({("harm", ""): base, ("harm", "safe"): crumbs})
    table = summary(blocks_of(Parts(members, released(row("harm", 1.0)).frame)))
    found = [value(table, "paired", name, "safe") for name in ("low", "median", "high")]
    assert found == [0.0, 0.0, 0.0]
    assert value(table, "paired", "share_lower", "safe") == 0.0


def test_border_contrasts_are_not_subtracted_from_anything() -> None:
    values = {("crossings_change_share", "safe"): [0.1] * 5, ("harm", ""): [1.0] * 5}
    members = matrix(values)
    table = summary(blocks_of(Parts(members, released(row("harm", 1.0)).frame)))
    assert set(table.filter(measure="crossings_change_share")["part"]) == {
        "ignorance",
        "monte_carlo",
    }


def test_without_members_the_central_run_speaks() -> None:
    central = released(row("harm", 50.0), row("harm", 9.0, area="north")).frame
    table = summary(blocks_of(Parts(None, central)))
    assert set(table["part"]) == {"central", "chance"}
    assert table.filter(area="north", statistic="value")["value"].item() == 9


# --- Drivers


def test_ranks_share_ties_and_correlate_as_spearman() -> None:
    from scipy import stats

    x, y = uniform(30, 1), np.floor(uniform(30, 2) * 5)
    known: Any = stats.spearmanr(x, y)
    found = float(ranks(x[:, None])[:, 0] @ ranks(y[:, None])[:, 0])
    assert found == pytest.approx(known.statistic)
    constant = ranks(np.ones((30, 1)))
    assert not constant.any()


def test_the_strongest_driver_is_named_first_and_marks_carry_it() -> None:
    x, y = uniform(64, 1), uniform(64, 2)
    members = matrix({("harm", ""): (10 * x + y).tolist(), ("camera_stock", ""): x.tolist()})
    quantities = np.stack([y, x], axis=1)
    table, marks = driven(members, ("weak", "strong"), quantities, {KEY: 0.9})
    found = release(table, RULES).frame
    assert found.filter(measure="harm")["driver"].to_list() == ["strong", "weak"]
    assert marks[KEY].driven
    assert marks[KEY].driver == "strong"
    assert found.filter(measure="camera_stock").height == 0, "no harm, and no mark: nothing to say"
    (found,) = correlations(members, quantities)
    assert found.shape == (2, 2)


def test_a_what_if_is_judged_as_declared_and_has_a_driver_of_its_own() -> None:
    x, y = uniform(40, 1), uniform(40, 2)
    members = matrix({("harm", ""): x.tolist(), ("harm", "safe"): y.tolist()})
    quantities, safe = np.stack([x, y], axis=1), ("harm", "safe", *KEY[2:])
    table, marks = driven(members, ("x", "y"), quantities, {KEY: 0.9})
    assert (marks[safe].driver, marks[safe].share, marks[safe].driven) == ("y", 0.9, True)
    assert table.filter(what_if="safe")["driver"].to_list() == ["y"]
    _, marks = driven(members, ("x", "y"), quantities, {})
    assert not marks[safe].driven


def test_what_chance_alone_could_make_lead_is_not_named() -> None:
    noise, harm = uniform(64, 1), uniform(64, 2)
    members = matrix({("harm", "safe"): harm.tolist()})
    key = ("harm", "safe", *KEY[2:])
    table, marks = driven(members, ("noise",), noise[:, None], {key: 0.9})
    assert marks[key].driven
    assert marks[key].driver == ""
    assert table["driver"].to_list() == [""]
    assert table["assumed_share"].to_list() == [0.9]


def test_few_members_say_nothing_of_drivers() -> None:
    members = matrix({("harm", ""): [1.0, 2.0, 3.0]})
    table, marks = driven(members, ("a",), np.array([[1.0], [2.0], [3.0]]), {})
    assert (table.height, marks) == (0, {})


@pytest.mark.statistical
def test_the_share_of_assumed_quantities_is_their_total_effect() -> None:
    # y = 2 assumed + known, both uniform: the assumed one has four fifths of the variance.
    members = 512
    known, first, second = (uniform(members, seed) for seed in (1, 2, 3))
    before = matrix({("harm", ""): (2 * first + known).tolist()})
    after = matrix({("harm", ""): (2 * second + known).tolist()})
    assert assumed_share(before, after)[KEY] == pytest.approx(0.8, abs=0.08)
    same = assumed_share(before, before)
    assert same[KEY] == 0


@pytest.mark.statistical
def test_a_change_that_a_claim_tells_has_a_share_of_its_own() -> None:
    # A value of a what-if is judged by the base; a change has nothing else to be judged by.
    members = 512
    known, first, second = (uniform(members, seed) for seed in (1, 2, 3))
    names = ("crossings_change_share", "safe"), ("harm", "safe")
    before = matrix({name: (first + 2 * known).tolist() for name in names})
    after = matrix({name: (second + 2 * known).tolist() for name in names})
    (found,) = assumed_share(before, after).items()
    assert found == ((*names[0], *KEY[2:]), pytest.approx(0.2, abs=0.08))


@pytest.mark.parametrize(
    ("name", "branches"), [("north_korea", ("", "no_border_cameras")), ("example", ("",))]
)
def test_assumed_quantities_are_drawn_apart_under_what_ifs_whose_change_a_claim_tells(
    name: str, branches: tuple[str, ...]
) -> None:
    scenario = load(name)
    study = Study(scenario, 1, 4, branches_of(scenario, None))
    tasks = frozen_tasks(study, member_draws(study))
    assert [task.branches for task in tasks] == [branches] * 4
    alone = Study(scenario, 1, 4, branches_of(scenario, []))
    assert {task.branches for task in frozen_tasks(alone, member_draws(alone))} == {("",)}


def test_a_disparity_that_is_put_in_is_no_finding() -> None:
    key = ("disparity_ratio", *[""] * (len(IDENTITY) - 1))
    members = matrix({("disparity_ratio", ""): [1.0, 2.0], ("harm", ""): [1.0, 1.0]})
    central = released(row("disparity_ratio", 1.0), row("harm", 1.0)).frame
    table = inputs_not_findings(summary(blocks_of(Parts(members, central))), [key, KEY])
    assert set(table.filter(measure="disparity_ratio")["label"]) == {"input"}
    assert set(table.filter(measure="harm")["label"]) == {"exact"}


# --- Words


@pytest.mark.parametrize(
    ("low", "median", "high", "unit", "driven", "words"),
    [
        (0.031, 0.08, 0.42, "1", True, "3 to 40 %"),
        (0.031, 0.08, 0.042, "1", True, "3.1 to 4.2 %"),
        (0.031, 0.08, 0.42, "1", False, "8.0 % (3.1 to 42 %)"),
        (1234.0, 5678.0, 45678.0, "person", True, "1,000 to 50,000"),
        (2.0, 2.0, 2.0, "1", False, "200 %"),
        (-0.2, 0.0, 0.1, "1", True, "-20 to 10 %"),
    ],
)
def test_ranges_in_words(
    low: float, median: float, high: float, unit: str, driven: bool, words: str
) -> None:
    entry = {"low": low, "median": median, "high": high, "unit": unit}
    assert in_words(entry | {"assumption_driven": driven}) == words


def test_numbers_in_words() -> None:
    assert [number(v, 2) for v in (0.0, 123456.0, 0.00123)] == ["0", "120,000", "0.0012"]
