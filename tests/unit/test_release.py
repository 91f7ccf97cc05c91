"""Each line of section 0 of the design that the gate can hold has its own test."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sousveil.processes import Sensitivity
from sousveil.release import (
    IDENTITY,
    KINDS,
    Judged,
    Released,
    ReleaseError,
    Rule,
    Rules,
    judge,
    release,
    release_again,
)

ALL = frozenset({"channel", "act", "category", "area", "group", "period"})
RULES = Rules(
    measures={
        "flags": Rule(frozenset({"channel", "act", "area", "group"})),
        "harm": Rule(frozenset({"area", "group"}), crossed=True),
        "precision": Rule(frozenset({"channel", "act"}), protected=False),
        "availability": Rule(frozenset({"category", "area", "period"}), profile=True),
        "crossings_change_share": Rule(frozenset(), Sensitivity.BORDER, contrast=True),
        "crossings": Rule(ALL, Sensitivity.BORDER),
        "anything": Rule(ALL, crossed=True, profile=True),
    },
    acts={
        "cross_border": Sensitivity.BORDER,
        "theft": Sensitivity.OPEN,
        "listening": Sensitivity.PROTECTED,
    },
    parents={"north_urban": "north", "north_rural": "north", "south_urban": "south"},
    closed=True,
)
OPEN_PLACE = dataclasses.replace(RULES, closed=False)
WORDS = {
    "measure": st.sampled_from(sorted(RULES.measures)),
    "what_if": st.sampled_from(["", "no_cameras"]),
    "channel": st.sampled_from(["", "street_camera"]),
    "act": st.sampled_from(["", "cross_border", "theft", "listening", "never_heard_of"]),
    "category": st.sampled_from(["", "link"]),
    "area": st.sampled_from(["", "north", "south", "north_urban", "north_rural", "post_17"]),
    "group": st.sampled_from(["", "sex.female", "sex.male", "age.adult"]),
    "period": st.sampled_from(["", "winter", "hour:03"]),
}
ROWS = st.lists(
    st.fixed_dictionaries(
        WORDS | {"stands_for": st.sampled_from([0.0, 999.0, 1000.0, 5e5, None, float("nan")])}
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: tuple(row[name] for name in IDENTITY),
)


def cell(numerator: Any = 6.0, denominator: Any = 3.0, **words: object) -> dict:
    value = numerator / denominator if numerator is not None and denominator else 2.0
    row = dict.fromkeys(IDENTITY, "") | {"measure": "flags"}
    row |= {"numerator": numerator, "denominator": denominator, "value": value}
    row |= {"chance_sd": 0.1, "stands_for": 1e6, "label": "exact", "unit": "1"}
    return row | words


def table(*rows: dict) -> pl.DataFrame:
    schema = dict.fromkeys(IDENTITY, pl.String) | dict.fromkeys(KINDS["cells"], pl.Float64)
    return pl.DataFrame(
        list(rows),
        schema=schema | {"label": pl.String, "unit": pl.String, "stands_for": pl.Float64},
    )


def halves(whole: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    words = (*IDENTITY, "label", "unit")
    return whole.select(words), whole.drop(words)


def passed(*rows: dict, rules: Rules = RULES) -> list[dict]:
    """What leaves; the same where the words were judged before the numbers."""
    whole = table(*rows)
    words, numbers = halves(whole)
    judged = judge(words, rules)
    found, again = release(whole, rules), judged.release(numbers)
    assert again.frame.equals(found.frame)
    assert again.notes == found.notes
    return found.frame.to_dicts()


# --- 0.1, 0.3: no column for a person or a position


@pytest.mark.parametrize("column", ["person", "name", "lat", "lon", "x", "site", "post", "hour"])
def test_a_column_that_no_kind_declares_is_refused(column: str) -> None:
    stranger = table(cell()).with_columns(pl.lit(1.0).alias(column))
    with pytest.raises(ReleaseError, match=f"unknown columns {column}"):
        release(stranger, RULES)


def test_a_column_less_is_refused() -> None:
    with pytest.raises(ReleaseError, match="columns are missing"):
        release(table(cell()).drop("stands_for"), RULES)


def test_a_measure_that_nobody_declared_is_refused() -> None:
    with pytest.raises(ReleaseError, match="no measure declares blind_spots"):
        release(table(cell(measure="blind_spots")), RULES)


# --- 0.5: only the gate makes a Released


def test_nobody_else_makes_a_released() -> None:
    frame = table(cell())
    with pytest.raises(TypeError, match="only sousveil"):
        Released(frame, "cells", {}, object())  # pyright: ignore[reportArgumentType]
    good = release(frame, RULES)
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(good, _table=frame)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(good)


def test_what_is_released_cannot_be_changed_afterwards() -> None:
    good = release(table(cell()), RULES)
    good.frame[0, "value"] = good.coded[0, "value"] = 99.0
    assert good.frame["value"].to_list() == good.coded["value"].to_list() == [2.0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        good.kind = "summary"  # pyright: ignore[reportAttributeAccessIssue]


def test_nobody_else_makes_a_judged_and_it_says_what_the_gate_saw() -> None:
    words, numbers = halves(table(cell(), cell(act="cross_border")))
    with pytest.raises(TypeError, match="only sousveil"):
        Judged(words, np.ones(2, dtype=bool), False, RULES, {}, object())  # type: ignore[arg-type]  # noqa: FBT003
    judged = judge(words, RULES)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(judged)
    # Whoever changes the frame afterwards changes nothing that leaves.
    words[0, "act"] = "cross_border"
    assert judged.release(numbers).frame["act"].to_list() == [""]
    assert judged.release(numbers).notes == {"border": 1}


def test_numbers_are_looked_at_in_every_table_of_judged_words() -> None:
    words, numbers = halves(table(cell(area="north"), cell()))
    judged = judge(words, RULES)
    few = numbers.with_columns(stands_for=pl.Series([999.0, 1e6]))
    assert judged.release(few).frame["value"].to_list() == [None, 2.0]
    assert judged.release(numbers).frame["value"].to_list() == [2.0, 2.0]
    with pytest.raises(ReleaseError, match="1 rows of numbers for 2 of words"):
        judged.release(numbers.head(1))
    with pytest.raises(ReleaseError, match="unknown columns lat"):
        judged.release(numbers.with_columns(lat=1.0))


def test_totals_do_not_leave_where_a_ratio_does() -> None:
    assert "numerator" not in release(table(cell()), RULES).frame.columns


# --- 0.5: drop or coarsen


def test_areas_of_a_closed_country_become_their_parents_by_sums_of_totals() -> None:
    fine = [cell(8.0, 2.0, area="north_urban"), cell(1.0, 7.0, area="north_rural")]
    rows = passed(*fine)
    assert [(row["area"], row["value"], row["stands_for"]) for row in rows] == [("north", 1.0, 2e6)]
    assert {row["area"] for row in passed(*fine, rules=OPEN_PLACE)} == {
        "north_urban",
        "north_rural",
    }


def test_totals_of_areas_add_up_to_their_parent() -> None:
    fine = [cell(8.0, None, area="north_urban"), cell(1.0, None, area="north_rural")]
    assert [(row["area"], row["value"]) for row in passed(*fine)] == [("north", 9.0)]


def test_a_parent_that_is_there_already_is_not_counted_twice() -> None:
    rows = passed(cell(area="north"), cell(area="north_urban"))
    assert [(row["area"], row["value"]) for row in rows] == [("north", 2.0)]


def test_a_fine_value_that_is_no_ratio_of_totals_is_dropped() -> None:
    assert passed(cell(None, None, area="north_urban")) == []


def test_a_place_that_no_scenario_names_never_leaves() -> None:
    assert passed(cell(area="post_17")) == []
    assert passed(cell(area="post_17"), rules=OPEN_PLACE) == []


def test_a_measure_leaves_only_by_the_dimensions_that_it_declares() -> None:
    assert passed(cell(measure="harm", channel="iptv")) == []
    assert passed(cell(measure="flags", area="north", group="sex.female")) == []
    assert len(passed(cell(measure="harm", area="north", group="sex.female"))) == 1


def test_hours_leave_only_as_a_national_profile() -> None:
    assert len(passed(cell(measure="availability", period="hour:03"))) == 1
    assert passed(cell(measure="availability", period="hour:03", area="north")) == []
    assert passed(cell(measure="flags", period="hour:03")) == []
    assert len(passed(cell(measure="availability", period="winter", area="north"))) == 1


# --- 0.5: suppress


def test_cells_of_fewer_than_1000_people_lose_their_value() -> None:
    small, large = passed(
        cell(measure="harm", area="north", group="sex.female", stands_for=999.0),
        cell(measure="harm", area="north", group="age.adult", stands_for=1000.0),
    )
    assert small["value"] is None
    assert small["chance_sd"] is None
    assert small["label"] == "suppressed"
    assert large["value"] == 2.0


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_a_cell_of_nobody_knows_how_many_people_loses_its_value(unknown: float | None) -> None:
    rows = passed(
        cell(group="class.a", stands_for=unknown),
        cell(group="class.b", stands_for=2_000.0),
        cell(group="class.c", stands_for=90_000.0),
    )
    assert [row["value"] for row in rows] == [None, None, 2.0]


def test_a_cell_suppressed_alone_takes_the_smallest_of_its_margin_with_it() -> None:
    rows = passed(
        cell(group="class.a", stands_for=500.0),
        cell(group="class.b", stands_for=2_000.0),
        cell(group="class.c", stands_for=90_000.0),
        cell(group="sex.female", stands_for=2_000.0),
        cell(stands_for=92_500.0),
    )
    assert [row["value"] for row in rows] == [None, None, 2.0, 2.0, 2.0]


# --- 0.6: border


def test_border_leaves_as_contrasts_of_the_whole_border_and_year_only() -> None:
    change: dict[str, Any] = {"measure": "crossings_change_share", "what_if": "no_cameras"}
    assert len(passed(cell(**change))) == 1
    assert passed(cell(**(change | {"what_if": ""}))) == []
    assert passed(cell(measure="crossings", what_if="no_cameras")) == []
    for finer in ({"area": "north"}, {"period": "winter"}, {"group": "sex.male"}, {"act": "theft"}):
        assert passed(cell(**(change | finer))) == []


def test_no_other_measure_speaks_of_a_border_act() -> None:
    assert passed(cell(act="cross_border"), cell(act="cross_border", what_if="no_cameras")) == []
    assert passed(cell(measure="anything", act="cross_border"), rules=OPEN_PLACE) == []


# --- 0.7: accurate repression is not success


def test_precision_is_not_stated_of_protected_acts() -> None:
    rows = passed(
        cell(measure="precision", act="listening"),
        cell(measure="precision", act="never_heard_of"),
        cell(measure="precision", act="theft"),
        cell(measure="precision"),
    )
    assert [row["act"] for row in rows] == ["theft"]


# --- whatever the table


@given(ROWS, st.booleans())
def test_what_leaves_keeps_every_line(rows: list[dict], closed: bool) -> None:
    rules = RULES if closed else OPEN_PLACE
    places = {"", "north", "south"} | (set() if closed else set(RULES.parents))
    for row in release(table(*(cell() | row for row in rows)), rules).frame.to_dicts():
        rule = rules.measures[row["measure"]]
        assert row["area"] in places
        assert {name for name in ALL if row[name]} <= rule.dimensions
        assert rule.crossed or not (row["area"] and row["group"])
        assert row["act"] != "cross_border"
        if row["value"] is not None:
            assert row["stands_for"] >= 1000
        if rule.sensitivity is Sensitivity.BORDER:
            assert row["what_if"]
            assert rule.contrast
            assert not any(row[name] for name in ALL)
        if row["period"].startswith("hour:"):
            assert not row["area"]
            assert not row["group"]


@given(ROWS)
def test_the_gate_changes_nothing_that_has_passed(rows: list[dict]) -> None:
    once = release(table(*(cell() | row for row in rows)), RULES).frame
    again = once.with_columns(
        pl.col("value").alias("numerator"), pl.lit(1.0).alias("denominator")
    ).select(table().columns)
    shown = ["value", *IDENTITY]
    assert release(again, RULES).frame.select(shown).equals(once.select(shown))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_passes_with_its_columns(kind: str) -> None:
    text = {"label", "unit", "statistic", "part", "driver"}
    columns = {name: ["x"] if name in text else [1.0] for name in KINDS[kind]}
    row = {name: [""] for name in IDENTITY} | columns | {"measure": ["flags"], "stands_for": [2e3]}
    released = release(pl.DataFrame(row), RULES)
    assert released.kind == kind
    assert released.frame.height == 1
    assert "flags" not in repr(released)


# --- A summary that is read back from a file


def summary(*rows: dict) -> pl.DataFrame:
    blank = dict.fromkeys(IDENTITY, "") | {"measure": "flags", "statistic": "median"}
    rest = {"part": "ignorance", "label": "exact", "value": 1.0, "unit": "1", "members": 8}
    return pl.DataFrame([blank | rest | row for row in rows])


def test_a_summary_read_back_passes_the_gate_again() -> None:
    table = summary({}, {"group": "sex.female", "value": None, "label": "suppressed"})
    again = release_again(table, RULES)
    assert again.frame.equals(table)
    assert dict(again.notes) == {}


def test_what_is_read_back_says_nothing_of_areas_or_the_border() -> None:
    table = summary(
        {},
        {"area": "north"},
        {"act": "cross_border"},
        {"measure": "crossings", "what_if": "no_cameras"},
        {"measure": "precision", "act": "listening"},
        {"measure": "crossings_change_share", "what_if": "no_cameras"},
        {"measure": "crossings_change_share", "what_if": "no_cameras", "period": "winter"},
    )
    kept = release_again(table, RULES).frame
    assert kept["measure"].to_list() == ["flags", "crossings_change_share"]
    assert set(kept["area"]) | set(kept["act"]) | set(kept["period"]) == {""}


@pytest.mark.parametrize(
    "table",
    [
        summary({}).with_columns(name=pl.lit("a person")),
        summary({}).drop("unit"),
        summary({}).with_columns(value=pl.lit("=1+1")),
        summary({"measure": "height"}),
    ],
)
def test_what_no_gate_wrote_is_not_read_back(table: pl.DataFrame) -> None:
    with pytest.raises(ReleaseError):
        release_again(table, RULES)
