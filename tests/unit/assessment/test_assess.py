"""What stands in an assessment: the numbers of the run, open fields, and nothing that rates."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sousveil.assessment.assess import BY_MODEL, KINDS, OPEN, Assessment, assess
from sousveil.assessment.run_folder import open_run
from sousveil.report.layout import Grid
from sousveil.report.numbers import amount, spread
from sousveil.report.sections.front import NEVER
from sousveil.report.sections.safeguards import SHARPER
from unit.assessment.conftest import Edit
from unit.assessment.reading import texts

ONLY_THE_CONTROLLER = ("necessity", "proportionality", "consultation", "legal_basis", "governance")
RATING = re.compile(
    r"(?i)\bscor(e|es|ing)\b|\bpass(ed)?\b|\b(fail|failed|failure)\b|risk level|risk matrix|"
    r"\b(low|medium|high|unacceptable|acceptable|negligible|limited|maximum) risk\b|traffic light"
)
SAFEGUARD = "excuse_outages"


def made(folder: Path, kind: str = "dpia", **answers: str) -> Assessment:
    """An assessment; that of the run that nobody edits is made once."""
    if folder.name == "run" and not answers:
        return _made(folder, kind)
    return assess(open_run(folder), KINDS[kind], answers)


@lru_cache
def _made(folder: Path, kind: str) -> Assessment:
    return assess(open_run(folder), KINDS[kind], {})


def grids(assessment: Assessment, field: str) -> list[Grid]:
    found = next(item for item in assessment.fields if item.question.id == field)
    return [block for block in found.filled.blocks if isinstance(block, Grid)]


def value(folder: Path, statistic: str, part: str, **where: str) -> float:
    """One number of measures.parquet, at exactly these words."""
    table = pl.read_parquet(folder / "measures.parquet")
    names = ("measure", "what_if", "channel", "act", "category", "area", "group", "period")
    found = table.filter(
        (pl.col("statistic") == statistic)
        & (pl.col("part") == part)
        & pl.all_horizontal(pl.col(name) == where.get(name, "") for name in names)
    )
    assert found.height == 1
    return float(found["value"][0])


def ends(folder: Path, part: str, unit: str = "", **where: str) -> str:
    low, high = (value(folder, word, part, **where) for word in ("low", "high"))
    return spread(low, high, unit, signed=part == "paired")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_only_the_controller_knows_is_open_and_said_so(finished: Path, kind: str) -> None:
    found = made(finished, kind)
    state = {field.question.id: field.state for field in found.fields}
    assert {state[name] for name in ONLY_THE_CONTROLLER} == {OPEN}
    for field in found.fields:
        if not field.question.model:
            assert field.open
            assert not field.filled.lead
            assert not field.filled.blocks
    assert {state[name] for name in ("system", "frequency", "people", "harms")} == {BY_MODEL}
    assert found.mark == f"DRAFT: {found.open} fields open"
    for form, words in texts(found).items():
        assert found.mark in words, form
        assert words.lower().count(OPEN) >= found.open, form


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nothing_is_rated_and_the_line_is_printed(finished: Path, kind: str) -> None:
    for form, words in texts(made(finished, kind)).items():
        assert not RATING.search(words), f"{form}: {RATING.search(words)}"
        assert NEVER in words, form


def test_every_article_has_its_fields() -> None:
    law = {kind: {item.law for item in KINDS[kind].questions} for kind in KINDS}
    told = " ".join(law["fria"])
    assert all(f"27(1)({letter})" in told for letter in "abcdef")
    told = " ".join(law["dpia"])
    assert all(f"35(7)({letter})" in told for letter in "abcd")
    assert "LED Art. 27(2)" in told
    for kind in KINDS.values():
        names = [item.id for item in kind.questions]
        assert len(set(names)) == len(names)


def test_the_numbers_are_those_of_the_table(finished: Path) -> None:
    found = made(finished)
    rates = {row[0]: row for row in grids(found, "harms")[0].rows}
    where = {"measure": "harm"}
    assert rates["All harms"][1] == ends(finished, "ignorance", **where)
    assert rates["All harms"][2] == amount(value(finished, "median", "ignorance", **where), "")
    for place, part in enumerate(("environment", "chance", "monte_carlo"), 3):
        assert rates["All harms"][place] == ends(finished, part, **where)
    row = next(grid for grid in grids(found, "measures") if "Harms" in grid.caption).rows[0]
    assert row[0] == f"An outage is no absence ({SHARPER})"
    assert ends(finished, "ignorance", **where) in row[1]
    after = where | {"what_if": SAFEGUARD}
    assert ends(finished, "ignorance", **after) in row[2]
    assert row[3] == ends(finished, "paired", **after)
    group = {"measure": "false_flags", "group": "age.adult"}
    assert any(
        row[0] == "Adult (age)" and row[1] == ends(finished, "ignorance", **group)
        for grid in grids(found, "people")
        for row in grid.rows
    )


def test_what_only_sharpens_says_so_everywhere(finished: Path) -> None:
    for form, words in texts(made(finished)).items():
        assert SHARPER in words.lower(), form


def test_how_numbers_are_known_is_counted(finished: Path, edited: Edit) -> None:
    found = made(finished)
    counts = {kind: count for kind, count, _ in found.counts}
    assert counts == {
        "documented": 12,
        "derived": 2,
        "inferred": 1,
        "assumed": 4,
        "set by the user": 0,
    }
    assert not found.overrides


def test_what_a_user_set_by_hand_stands_in_front(edited: Edit) -> None:
    quantity: dict[str, Any] = {
        "path": "acts.private_talk.rate_per_year",
        "unit": "1/year",
        "kind": "assumed",
        "role": "behaviour",
        "by_user": True,
        "values": [3.0],
    }
    found = made(edited(quantities=[quantity]))
    assert found.overrides == (("acts.private_talk.rate_per_year", "3 a year"),)
    assert ("set by the user", 1) in [(kind, count) for kind, count, _ in found.counts]
    for form, words in texts(found).items():
        assert "acts.private_talk.rate_per_year" in words, form


def test_without_safeguards_the_field_is_open_with_its_reason(edited: Edit) -> None:
    found = made(edited(what_if_texts={}))
    field = next(item for item in found.fields if item.question.id == "measures")
    assert field.open
    assert "safeguard: true" in field.filled.missing


def test_the_load_of_reviewers_is_told_where_it_is_modelled(edited: Edit) -> None:
    assert next(f for f in made(edited()).fields if f.question.id == "oversight").open
    rows = [
        {"measure": "cases_per_reviewer_day", "statistic": word, "value": number, "unit": "1/day"}
        for word, number in (("low", 4.0), ("median", 7.0), ("high", 9.0))
    ]
    field = next(f for f in made(edited(rows[:0])).fields if f.question.id == "oversight")
    assert field.filled.missing
    folder = edited()
    table = pl.read_parquet(folder / "measures.parquet")
    table.filter(pl.col("measure") != "cases_per_reviewer_day").write_parquet(
        folder / "measures.parquet"
    )
    found = made(edited(rows))
    field = next(f for f in found.fields if f.question.id == "oversight")
    assert not field.open
    assert grids(found, "oversight")[0].rows[0][1:3] == ("4 to 9", "7")


def test_a_scenario_without_flags_is_not_said_to_do_no_harm(edited: Edit) -> None:
    folder = edited()
    table = pl.read_parquet(folder / "measures.parquet")
    flags = ("harm", "false_flags", "persons_wronged", "affected_persons", "coincident_flags")
    nought = pl.when(pl.col("measure").is_in(flags)).then(0.0).otherwise(pl.col("value"))
    table.with_columns(nought.alias("value")).write_parquet(folder / "measures.parquet")
    found = made(edited([]))
    field = next(item for item in found.fields if item.question.id == "harms")
    assert field.open
    assert not field.filled.blocks
    assert "not the same as no harm" in field.filled.missing


def test_the_year_is_the_one_that_the_run_took_as_its_base(edited: Edit) -> None:
    assert made(edited()).where == "Hollowmere, as of 2024"
    assert made(edited(base=["as_of_2018"])).where == "Hollowmere, as of 2018"


def test_an_answer_takes_the_place_of_the_mark(finished: Path) -> None:
    open_now = [field.question.id for field in made(finished).fields if field.open]
    found = made(finished, **dict.fromkeys(open_now, "An answer of the controller."))
    assert (found.open, found.mark) == (0, "")
    for form, words in texts(found).items():
        assert "DRAFT" not in words, form
        assert "An answer of the controller." in words, form


# --- Section 0, tried by somebody who made the hash fit again


def test_no_border_no_place_and_no_precision_leaves(edited: Edit) -> None:
    scene = {
        "place": "Hollowmere",
        "channels": ["border_camera", "iptv"],
        "acts": {},
        "sensitivities": {"crossing": "border", "private_talk": "protected"},
        "border_words": ["border"],
        "not_modelled": [],
    }
    rows = [
        {"measure": "harm", "act": "crossing"},
        {"measure": "harm", "area": "hollowmere"},
        {"measure": "false_flags", "area": "hollowmere", "group": "age.adult"},
        {"measure": "crossings_change_share", "what_if": SAFEGUARD},
        {"measure": "crossings_change_share"},
        {"measure": "positive_predictive_value", "act": "private_talk"},
        {"measure": "positive_predictive_value"},
        {"measure": "availability", "category": "border"},
        {"measure": "availability", "category": "border", "period": "hour:03"},
    ]
    for form, words in texts(made(edited(rows, scene=scene))).items():
        assert "12%" not in words, form
        assert "0.12" not in words, form


@pytest.mark.parametrize(
    "title",
    [
        "<script>alert(1)</script>",
        "=HYPERLINK('x')",
        "x\x00\x0b\x1b[31m\ud800",
        "12\u202e34",
        "a" * 100_000,
        "",
        "]]>&lt;",
    ],
)
def test_a_title_does_no_harm(edited: Edit, title: str) -> None:
    from sousveil.assessment.html import render

    found = made(edited(title=title))
    for form, words in texts(found).items():
        assert not re.search("[\x00\x0b\x1b\u202e]", words), form
    page = render(found)
    assert "<script" not in page
    assert "alert(1)</" not in page
    assert len(found.title) <= 300
