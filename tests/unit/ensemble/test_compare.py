"""Two runs side by side: paired where they can be, told in words that name what was changed."""

from __future__ import annotations

import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import sousveil
from sousveil.ensemble.compare import _blocks, compare_folders
from sousveil.ensemble.differences import as_html, told
from sousveil.ensemble.matrix import Matrix
from sousveil.ensemble.study import Refused
from sousveil.release import IDENTITY

CHANGED = "channels.iptv.watch_share"


SWITCH = "channels.iptv.excuse_without_power"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    def make(name: str, **words: Any) -> Any:
        given: dict[str, Any] = {"members": 8, "what_ifs": ["excuse_outages"], "threads": 1}
        out = tmp_path_factory.mktemp(name)
        given["engine"] = "expected"
        return sousveil.run("example", out=out, **(given | words))

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
    assert found.differing == {"seed": ("1", "2")}


def test_a_run_equals_itself(run: Callable[..., Any]) -> None:
    a = run("e")
    lines = list(told(sousveil.compare(a, a), "A", "A"))
    assert lines.count("  no measure differs") == 2
    assert "  nothing that moves a number" in lines


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


def test_whatever_moves_a_number_is_named(run: Callable[..., Any], tmp_path: Path) -> None:
    a = run("plain", members=2)
    switched = sousveil.compare(a, run("switched", members=2, set_values=[f"{SWITCH}=true"]))
    assert switched.differing == {SWITCH: ("left out", "true")}
    assert switched.paired
    # Another size of the same change: the what-if has the name that it had.
    example = sousveil.load("example")
    here = shutil.copytree(example.folder, tmp_path / "example")
    text = (here / "scenario.yaml").read_text(encoding="utf-8")
    (here / "scenario.yaml").write_text(
        text.replace("set: {channels.iptv.excuse_without_power: true}", "remove: [iptv]"),
        encoding="utf-8",
    )
    given = {"members": 2, "what_ifs": ["excuse_outages"], "engine": "expected", "threads": 1}
    other = sousveil.run(here, out=tmp_path / "other", **given)
    assert sousveil.compare(a, other).differing == {
        "what-if excuse_outages": (f"set {SWITCH} true", "remove iptv")
    }
    # The people of a place are rows of a table.
    areas = (here / "areas.csv").read_text(encoding="utf-8")
    (here / "areas.csv").write_text(areas.replace("8000", "8500"), encoding="utf-8")
    peopled = sousveil.run(here, out=tmp_path / "peopled", **given)
    assert list(sousveil.compare(other, peopled).differing) == ["content of areas"]


def test_another_year_is_named(run: Callable[..., Any]) -> None:
    words: dict[str, Any] = {"members": 2, "what_ifs": ["none"]}
    found = sousveil.compare(run("now", **words), run("then", as_of=2018, **words))
    year = sousveil.load("example").year
    assert found.differing["base"] == (f"{year}, as declared", "as_of_2018")
    assert found.differing["what-if as_of_2018"] == ("not run", "year 2018")


def test_of_two_engines_it_is_said_which_range_holds_chance(run: Callable[..., Any]) -> None:
    words: dict[str, Any] = {"members": 2, "what_ifs": ["none"]}
    a, b = run("by expected", **words), run("by events", engine="events", scale=0.5, **words)
    found = sousveil.compare(a, b)
    assert found.differing["engine of the members"] == ("expected", "events")
    assert found.differing["scale"] == ("1.0", "0.5")
    lines = list(told(found, "A", "B"))
    assert any("by events, so its values include chance" in line for line in lines)
    assert "include chance" in as_html(found)


def test_leftovers_of_a_longer_run_are_not_compared(run: Callable[..., Any]) -> None:
    a = run("long", members=6, what_ifs=["none"])
    words: dict[str, Any] = {"what_ifs": ["none"], "engine": "expected", "threads": 1}
    b = sousveil.run(
        "example", 3, out=run("short", members=6, **words).folder, resume=True, **words
    )
    assert len(list(b.folder.glob("members/*.parquet"))) == 6
    for pair in ((a, b), (b, a), (b, b)):
        assert sousveil.compare(*pair).table["members"].max() == 3


def test_memory_does_not_grow_with_the_members(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, members = 3_000, 200
    index = pl.DataFrame(
        {name: [f"{n}" if name == "area" else "" for n in range(rows)] for name in IDENTITY}
    ).with_columns(label=pl.lit("exact"), unit=pl.lit("1"), stands_for=pl.lit(5000.0))
    generator = np.random.default_rng(1)
    left = Matrix(index, generator.random((members, rows)))
    right = Matrix(index[::-1], left.values[:, ::-1] + generator.random((members, rows)))
    whole = pl.concat(_blocks(left, right, paired=True))
    monkeypatch.setattr("sousveil.ensemble.matrix.AT_ONCE", members * 64)
    _ = left.places, right.places
    tracemalloc.start()
    try:
        parts = pl.concat(_blocks(left, right, paired=True))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert parts.equals(whole)
    assert peak < left.values.nbytes / 2
    by_hand = np.median(right.values[:, ::-1] - left.values, axis=0)
    assert parts["difference"].to_numpy() == pytest.approx(by_hand)
