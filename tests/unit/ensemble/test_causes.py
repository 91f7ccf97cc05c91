"""Causes of the fall of arrivals: shares in closed form, the verdict, and what leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from sousveil.ensemble.api import study_of
from sousveil.ensemble.arriving import Drawn, changes_of
from sousveil.ensemble.causes import (
    MEASURE,
    NOT_SEPARABLE,
    RULE,
    Divided,
    additions,
    as_document,
    divide,
)
from sousveil.ensemble.rules import scenario_rules
from sousveil.ensemble.stages import member_draws
from sousveil.ensemble.study import Study
from sousveil.release import IDENTITY, Rules, release
from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL, Draw, Scenario
from sousveil.scenario.overrides import with_overrides

MARKS = "acts.cross_border.border."
FENCES, ORDER, FAR = (f"{MARKS}{name}_deterrence" for name in ("fence", "shoot_order", "far_side"))
PEOPLE = 26e6


@pytest.fixture(scope="module")
def korea() -> Scenario:
    return load("north_korea")


@pytest.fixture(scope="module")
def rules(korea: Scenario) -> Rules:
    return scenario_rules(study_of(korea, members=0))


def divided(study: Study, drawn: Sequence[Draw], rules: Rules, people: float) -> Divided | None:
    found = [changes_of(study, draw) for draw in drawn or (CENTRAL,)]
    return divide(study, found, rules, people)


def study(scenario: Scenario, causes: dict[str, tuple[str, ...]], members: int = 0) -> Study:
    declared = {name: {"title": name, "quantities": paths} for name, paths in causes.items()}
    settings = {**scenario.settings, "arrivals.causes": declared}
    return study_of(replace(scenario, settings=settings), members=members, what_ifs=["none"])


def shares(
    scenario: Scenario, causes: dict[str, tuple[str, ...]], rules: Rules
) -> dict[str, float]:
    found = divided(study(scenario, causes), (), rules, PEOPLE)
    assert found is not None
    rows = found.table.frame.filter(pl.col("statistic").is_in(["shapley", "total"]))
    return dict(rows.select("cause", "value").iter_rows())


def test_two_causes_that_multiply(korea: Scenario, rules: Rules) -> None:
    """With nobody on the way for years, v(ab) = v(a) v(b), so a gets (a - 1)(1 + b) / 2."""
    sure = with_overrides(korea, ["arrivals.direct_share=1"])
    found = shares(sure, {"fences": (FENCES,), "order": (ORDER,)}, rules)

    def kept(path: str) -> float:
        item = korea.quantities[path]
        return (1 - item.value(0.5, 0.5, 2021)) / (1 - item.value(0.5, 0.5, 2019))

    a, b = kept(FENCES), kept(ORDER)
    assert found["fences"] == pytest.approx((a - 1) * (1 + b) / 2)
    assert found["order"] == pytest.approx((b - 1) * (1 + a) / 2)
    assert found[""] == pytest.approx(a * b - 1)


def test_shares_add_up_whatever_the_causes(korea: Scenario, rules: Rules) -> None:
    causes = {"one": (FENCES, ORDER), "two": (FAR,), "three": ("arrivals.arrival_share",)}
    found = shares(korea, causes, rules)
    total = found.pop("")
    assert sum(found.values()) == pytest.approx(total)
    assert total < -0.5


def test_causes_of_the_same_numbers_have_the_same_share(korea: Scenario, rules: Rules) -> None:
    items = dict(korea.quantities)
    items[ORDER] = replace(items[FENCES], path=ORDER)
    twins = replace(korea, quantities=items)
    found = shares(twins, {"a": (FENCES,), "b": (ORDER,), "c": (FAR,)}, rules)
    assert found["a"] == pytest.approx(found["b"])
    assert found["a"] != pytest.approx(found["c"])


def test_what_did_not_move_has_no_share(korea: Scenario, rules: Rules) -> None:
    found = shares(korea, {"still": (f"{MARKS}bribery_drop",), "fences": (FENCES,)}, rules)
    assert found["still"] == 0.0
    assert found["fences"] == pytest.approx(found[""])


def test_additions_over_all_orders() -> None:
    worth = {frozenset(some): v for some, v in {"": 1.0, "a": 0.5, "b": 0.2, "ab": 0.1}.items()}
    assert additions(worth, "a") == pytest.approx((-0.5, -0.1))
    assert additions(worth, "b") == pytest.approx((-0.8, -0.4))


def test_one_overwhelming_cause_is_named_and_rivals_are_not_separable(
    korea: Scenario, rules: Rules
) -> None:
    overwhelming = study(korea, {"order": (ORDER,), "still": (f"{MARKS}bribery_drop",)}, 32)
    found = divided(overwhelming, member_draws(overwhelming), rules, PEOPLE)
    assert found is not None
    assert (found.verdict, found.leads) == ("order", 1.0)
    rivals = study(korea, {"order": (ORDER,), "far": (FAR,)}, 32)
    found = divided(rivals, member_draws(rivals), rules, PEOPLE)
    assert found is not None
    assert found.verdict == NOT_SEPARABLE


def test_an_end_at_which_nothing_is_known_names_no_cause(
    korea: Scenario, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    overwhelming = study(korea, {"order": (ORDER,), "still": (f"{MARKS}bribery_drop",)}, 32)
    changes = [changes_of(overwhelming, draw) for draw in member_draws(overwhelming)]
    monkeypatch.setattr(Drawn, "worth", lambda _: None)
    found = divide(overwhelming, changes, rules, PEOPLE)
    assert found is not None
    assert found.verdict == NOT_SEPARABLE
    assert {end for _, end in found.failing} == {"low", "high"}


def test_hardly_any_members_name_no_cause(korea: Scenario, rules: Rules) -> None:
    few = study(korea, {"order": (ORDER,), "still": (f"{MARKS}bribery_drop",)}, 8)
    found = divided(few, member_draws(few), rules, PEOPLE)
    assert found is not None
    assert (found.verdict, found.leads) == (NOT_SEPARABLE, 1.0)


def test_without_members_nothing_is_decided(korea: Scenario, rules: Rules) -> None:
    found = divided(study(korea, {"order": (ORDER,)}), (), rules, PEOPLE)
    assert found is not None
    assert found.verdict == NOT_SEPARABLE


def test_only_changes_of_the_whole_border_leave(korea: Scenario, rules: Rules) -> None:
    found = divided(study(korea, {"order": (ORDER,)}), (), rules, PEOPLE)
    assert found is not None
    frame = found.table.frame
    assert frame["what_if"].str.contains(" against 2019").all()
    split = [name for name in IDENTITY if name not in {"measure", "what_if"}]
    assert frame.select(pl.all_horizontal(pl.col(split) == "").all()).item()
    document = as_document(found)
    assert {row["statistic"] for row in document["rows"]} == {
        *("total", "shapley", "share", "least", "most", "modelled", "published")
    }
    gate = replace(rules, measures={**rules.measures, MEASURE: RULE})
    raw: dict[str, Any] = {name: frame[name] for name in frame.columns}
    whole = pl.DataFrame(raw).with_columns(stands_for=pl.lit(PEOPLE))
    assert release(whole, gate).frame.height == frame.height
    for name, word in (("what_if", ""), ("period", "winter"), ("category", "alone"), ("area", "x")):
        assert release(whole.with_columns(pl.lit(word).alias(name)), gate).frame.is_empty()


def test_a_scenario_without_arrivals_has_no_causes(rules: Rules) -> None:
    example = study_of(load("example"), members=0, what_ifs=["none"])
    assert divided(example, (), rules, PEOPLE) is None
