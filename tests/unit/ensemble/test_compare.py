"""Two runs side by side: paired where they can be, told in words that name what was changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

import sousveil
from sousveil.ensemble.compare import compare_folders
from sousveil.ensemble.differences import as_html, told
from sousveil.ensemble.study import Refused

CHANGED = "channels.iptv.watch_share"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    def make(name: str, **words: Any) -> Any:
        given: dict[str, Any] = {"members": 8, "what_ifs": ["excuse_outages"], "threads": 1}
        out = tmp_path_factory.mktemp(name)
        return sousveil.run("example", engine="expected", out=out, **(given | words))

    return make


def test_runs_of_which_one_fixes_a_quantity_are_paired(run: Callable[..., Any]) -> None:
    a, b = run("a"), run("b", set_values=[f"{CHANGED}=0.5"])
    found = sousveil.compare(a, b)
    assert found.paired
    assert found.quantities == {CHANGED: ("beta 0.8, 0.9, 1", "fixed 0.5, by the user")}
    by_hand = []
    for number in range(1, 9):
        (one,), (other,) = (r.folder.glob(f"members/{number:06d}-*.parquet") for r in (a, b))
        pair = [
            pl.read_parquet(path)
            .filter(
                (pl.col("measure") == "harm")
                & pl.all_horizontal(
                    pl.col(*"what_if channel act category area group period".split()) == ""
                )
            )["value"]
            .item()
            for path in (one, other)
        ]
        by_hand.append(pair[1] - pair[0])
    (harm,) = [
        row
        for row in found.national().iter_rows(named=True)
        if row["measure"] == "harm"
        and not any(row[name] for name in ("what_if", "channel", "act", "category", "period"))
    ]
    assert harm["difference"] == pytest.approx(np.median(by_hand))
    assert harm["low"] == pytest.approx(np.quantile(by_hand, 0.025))
    lines = list(told(found, "A", "B"))
    assert lines[0] == "B minus A (paired, member by member)"
    assert lines[2] == f"  {CHANGED}: beta 0.8, 0.9, 1 -> fixed 0.5, by the user"
    base = lines[lines.index("base run, whole place") + 1 :]
    assert base[0].startswith("  true_flags: ")
    assert "difference" in base[0]
    assert len({line.split(": ")[1] for line in base[:5]}) == 5, "nothing is told twice"
    assert "<td>" in as_html(found)
    assert CHANGED in found._repr_html_()


def test_another_seed_is_said_not_to_be_paired(run: Callable[..., Any]) -> None:
    a, b = run("c"), run("d", seed=2)
    found = sousveil.compare(a, b)
    assert not found.paired
    assert "the seeds differ" in next(iter(told(found, "A", "B")))
    assert found.quantities == {}


def test_a_run_equals_itself(run: Callable[..., Any]) -> None:
    a = run("e")
    lines = list(told(sousveil.compare(a, a), "A", "A"))
    assert lines.count("  no measure differs") == 2
    assert "  no quantity" in lines


def test_one_value_is_read_with_the_parts_of_its_range(run: Callable[..., Any]) -> None:
    result = run("f")
    found = result.read("false_flags", channel="iptv")
    assert set(found["part"]) >= {"ignorance", "environment", "chance", "monte_carlo", "central"}
    assert [name for name in found.columns if name in {"low", "median", "high"}] == [
        *("low", "median", "high")
    ]
    row = found.row(by_predicate=pl.col("part") == "ignorance", named=True)
    assert row["low"] < row["median"] < row["high"]
    with pytest.raises(Refused, match="no value of measure harm, channel nobody"):
        result.read("harm", channel="nobody")
    with pytest.raises(Refused, match="colour: a value is told by channel"):
        result.read("harm", colour="red")
    assert repr(result) == "<Result of example: 8 members, seed 1>"


def test_a_member_that_one_side_lost_moves_no_other(run: Callable[..., Any]) -> None:
    a, b = run("whole"), run("lossy")
    (lost,) = b.folder.glob("members/000003-*.parquet")
    lost.unlink()
    found = compare_folders(a.folder, b.folder)
    assert found.paired
    assert (found.table["difference"].drop_nulls() == 0.0).all()
    assert found.table["members"].max() == 7
    for path in b.folder.glob("members/*.parquet"):
        path.unlink()
    with pytest.raises(Refused, match="holds no members"):
        compare_folders(a.folder, b.folder)
