"""Boxes where a verdict flips: found where they are, and never over what a state could set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil.ensemble.design import draws, points
from sousveil.ensemble.discovery import SEARCHED, discover, searched
from sousveil.ensemble.prim import boxes, telling
from sousveil.ensemble.unknowns import EVIDENCE, research_next, settled_by
from sousveil.quantity import ROLES
from sousveil.release import IDENTITY, release
from sousveil.scenario.load import load
from sousveil.scenario.model import Claim, Term
from sousveil.scenario.model import Test as Comparison
from unit.ensemble.fake import RULES, matrix

NOTICE = "channels.neighbourhood_unit.notice_per_reporter.private_talk"


def test_a_box_is_found_where_it_is() -> None:
    x = points(5, 1024, 1)
    yes = (x[:, 1] > 0.6) & (x[:, 3] < 0.5)
    found = boxes(x, yes)
    assert set(found[0].limits) == {1, 3}
    assert found[0].limits[1][0] == pytest.approx(0.6, abs=0.05)
    assert found[0].limits[3][1] == pytest.approx(0.5, abs=0.05)
    assert found[0].density > 0.95
    assert found[0].coverage > 0.85
    assert found[0].share == pytest.approx(0.2, abs=0.03)


def test_two_corners_are_two_boxes() -> None:
    x = points(3, 2048, 2)
    yes = np.asarray((x[:, :2] < 0.4).all(axis=1) | (x[:, :2] > 0.7).all(axis=1))
    found = boxes(x, yes)
    assert len(found) >= 2
    assert min(box.density for box in found[:2]) > 0.6


def test_chance_makes_no_box() -> None:
    x = points(6, 512, 3)
    lots = np.random.default_rng(1).random((20, 512)) < 0.3
    found = [boxes(x, yes) for yes in lots]
    assert sum(bool(some) for some in found) <= 3, "one in twenty, over all columns together"


def test_chance_makes_no_box_among_some_hundred_columns() -> None:
    """Twenty verdicts that hang on nothing: at one in twenty, three are 8 in 100 bad luck."""
    x = points(200, 64, 3)
    lots = np.random.default_rng(2).random((20, 64)) < 0.25
    assert sum(bool(boxes(x, yes)) for yes in lots) <= 3
    hangs = boxes(x, x[:, 150] > 0.75)
    assert set(hangs[0].limits) == {150}


@pytest.mark.parametrize("few", [(1.0, 2.0), (1.0, 2.0, 3.0), (5.0, 24.0)])
def test_a_quantity_with_few_values_is_restricted(few: tuple[float, ...]) -> None:
    """Two readings that are fixed, or a switch: one value, at either end, is a slice."""
    x = points(5, 512, 5)
    chance = np.random.default_rng(1).random(512)
    x[:, 0] = np.asarray(few)[(x[:, 0] * len(few)).astype(int)]
    for value in (few[0], few[-1]):
        (box, *_) = boxes(x, np.asarray((x[:, 0] == value) & (chance < 0.9)))
        assert dict(box.limits) == {0: (value, value)}
        assert box.coverage == 1.0
        assert box.density == pytest.approx(0.9, abs=0.05)


def test_one_value_that_many_runs_share_is_found_beside_a_range() -> None:
    x = points(4, 512, 6)
    x[:, 0] = np.where(x[:, 0] < 0.4, 24.0, 5 + 5 * x[:, 0])
    (box, *_) = boxes(x, np.asarray(x[:, 0] == 24.0))
    assert dict(box.limits) == {0: (24.0, 24.0)}


def test_a_large_slice_is_not_peeled_for_its_size() -> None:
    """A range tells most; the switch tells something too, but would cost a third of the yes."""
    x = points(3, 2048, 7)
    x[:, 1] = np.where(x[:, 1] < 0.5, 1.0, 2.0)
    chance = np.random.default_rng(2).random(2048)
    yes = np.asarray((x[:, 0] < 0.5) & (chance < np.where(x[:, 1] == 1.0, 1.0, 0.6)))
    (box, *_) = boxes(x, yes)
    assert set(box.limits) == {0}
    assert box.coverage > 0.9


def test_equal_values_come_in_no_order() -> None:
    """Runs in the order of the outcome: a column of one value, or two, tells nothing by that."""
    x = np.stack([np.ones(200), np.tile([1.0, 2.0], 100)], axis=1)
    yes = np.arange(200) < 100
    assert telling(x, yes).tolist() == []
    assert boxes(x, yes) == []


def test_a_column_tells_where_yes_and_no_lie_differently() -> None:
    x = points(4, 512, 4)
    middle = np.abs(x[:, 2] - 0.5) < 0.2
    assert telling(x, middle).tolist() == [2]
    assert telling(x, np.zeros(512, dtype=np.bool_)).tolist() == []
    assert telling(x[:, :0], middle).tolist() == []


def test_only_nature_and_behaviour_are_searched() -> None:
    assert set(SEARCHED) == set(ROLES) - {"state_lever", "safeguard"}
    for name in ("example", "north_korea"):
        scenario = load(name)
        paths = searched(scenario)
        assert paths
        assert {scenario.quantities[path].role for path in paths} <= set(SEARCHED)
        assert any(scenario.quantities[path].role == "state_lever" for path in scenario.uncertain)


def test_a_verdict_that_hangs_on_a_lever_alone_has_no_box() -> None:
    example = load("example")
    lever = "world.power.home_hours.hills"
    assert example.quantities[lever].role == "state_lever"
    for path, has_box in ((NOTICE, True), (lever, False)):
        drawn = draws(example, 512, 1)
        level = [draw.levels[path] for draw in drawn]
        claim = Claim(
            "C", "c", "", (Comparison(Term("harm", "", {}), None, 0.7, "higher", 0.0, False),),
            *("model", "", (), "", ""),
        )  # fmt: skip
        case = replace(example, claims=(claim,))
        found = discover(case, drawn, matrix({("harm", ""): level}), RULES, 1e6)
        frame = found.boxes.frame
        if has_box:
            assert frame["quantity"].to_list()[0] == NOTICE
            item = example.quantities[NOTICE].distribution
            assert item is not None
            assert frame["low"][0] == pytest.approx(item.quantile(0.7), rel=0.05)
        else:
            assert frame.is_empty()
        assert lever not in found.paths
        assert found.outcomes.frame.height == 512
        assert found.values.shape == (512, len(found.paths))


def test_what_would_settle_a_quantity_is_said_with_its_sources() -> None:
    example = load("example")
    assert set(EVIDENCE) == set(ROLES)
    words = settled_by(example.quantities["world.power.home_hours.valley"])
    assert "survey" in words
    assert "utility" in words
    report = example.quantities["channels.neighbourhood_unit.report_probability"]
    assert report.because in settled_by(report)
    rows = {name: [""] for name in IDENTITY} | {"measure": ["harm", "harm"][:1]}
    table = {**rows, "target": ["harm"], "quantity": [report.path], "statistic": ["narrowing"]}
    table |= {"label": ["quantity"], "low": [0.1], "value": [0.4], "high": [0.5], "members": [9]}
    import polars as pl

    frame = pl.DataFrame(table | {"stands_for": [1e6]})
    told = research_next(example, release(frame, RULES))
    assert told[0]["narrowing"] == {"harm": 0.4}
    assert told[0]["between"] == {"harm": [0.1, 0.5]}


def held(name: str, harm: Comparison | None, **words: str) -> Claim:
    tests = () if harm is None else (harm,)
    return Claim(name, "c", "", tests, words.get("verdict", "model"), "so", (), "", "")


MORE = Comparison(Term("harm", "", {}), None, 0.7, "higher", 0.0, absolute=False)


def test_of_each_claim_without_a_box_it_is_said_why() -> None:
    example = load("example")
    drawn = draws(example, 64, 1)
    other = replace(MORE, left=Term("harm", "safe", {}))
    never = replace(MORE, threshold=7.0)
    claims = (
        held("fact", MORE, verdict="fact"),
        held("untested", None),
        held("absent", other),
        held("never", never),
        held("noise", MORE),
    )
    level = [draw.levels["world.power.home_hours.hills"] for draw in drawn]
    found = discover(
        replace(example, claims=claims), drawn, matrix({("harm", ""): level}), RULES, 1e6
    )
    assert found.boxes.frame.is_empty()
    assert found.notes == (
        "fact is a matter of record: no range decides it",
        "untested has no test",
        "absent needs what-ifs or measures that this run does not have",
        "never holds in 0 of 64 members: too few to search",
        "noise: no box of nature and behaviour tells where it holds",
    )


def test_members_that_do_not_know_are_left_out_of_the_search() -> None:
    """The harm is unknown in half of the members: in no other does the claim fail."""
    example = load("example")
    drawn = draws(example, 512, 1)
    level = [draw.levels[NOTICE] for draw in drawn]
    harm = [value if number % 2 else float("nan") for number, value in enumerate(level)]
    always = replace(MORE, threshold=-1.0)
    case = replace(example, claims=(held("always", always), held("some", MORE)))
    found = discover(case, drawn, matrix({("harm", ""): harm}), RULES, 1e6)
    assert found.notes == (
        "always: 256 of 512 members left out, which do not know",
        "always fails in 0 of 256 members: too few to search",
        "some: 256 of 512 members left out, which do not know",
    )
    frame = found.boxes.frame
    assert frame["target"].unique().to_list() == ["some holds"]
    assert frame["members"].unique().to_list() == [256]
    assert frame["quantity"][0] == NOTICE
    assert found.outcomes.frame["value"].null_count() == 512
