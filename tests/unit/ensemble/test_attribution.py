"""Shapley values of small games known by heart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sousveil
from sousveil.ensemble.orders import shapley, subsets

NOWHERE = dict.fromkeys("channel act category area group period".split(), "")


def test_gloves() -> None:
    # Two left gloves, one right: a pair is worth 1; the right one is scarce.
    def worth(some: frozenset[str]) -> float:
        return float("right" in some and len(some) > 1)

    found = shapley(["left", "other_left", "right"], worth)
    assert found == pytest.approx({"left": 1 / 6, "other_left": 1 / 6, "right": 2 / 3})


def test_values_add_up_to_the_whole() -> None:
    names = ["a", "b", "c", "d"]
    found = shapley(names, lambda some: float(len(some) ** 2))
    assert sum(found.values()) == pytest.approx(16)
    assert len(set(map(round, found.values()))) == 1


def test_every_subset_once() -> None:
    assert len(subsets("abcd")) == 16
    assert subsets("ab") == [(), ("a",), ("b",), ("a", "b")]


def test_shares_of_harm_add_up_and_hang_on_no_chilling(tmp_path: Path) -> None:
    found = [
        sousveil.run(
            "example",
            0,
            what_ifs=["none"],
            engine="expected",
            studies=["attribution"],
            set_values=values,
            threads=1,
            out=tmp_path / str(len(values)),
        )
        for values in ([], ["chilling.enabled=true", "chilling.elasticity=3"])
    ]
    off, on = (result.read("harm").filter(part="central")["value"].item() for result in found)
    # Fear moves the harm by far: acts forgone are a part of it.
    assert on > 10 * off
    plain, feared = (result.attribution for result in found)
    assert plain is not None
    assert feared is not None
    assert feared.equals(plain)
    assert plain["value"].sum() == pytest.approx(off)
    # One number each, labelled as the harm itself is.
    assert set(plain["members"]) == {1}
    (label,) = found[0].measures.filter(
        measure="harm", what_if="", part="central", statistic="value", **NOWHERE
    )["label"]
    assert set(plain["label"]) == {label}


def test_a_share_is_as_sure_as_its_least_sure_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sousveil.ensemble import attribution

    whole = attribution._harm

    def doubtful(frame: pl.DataFrame) -> dict[str, Any]:
        row = whole(frame)
        return row | ({"label": "mean_field"} if row["value"] > 21_000 else {})

    monkeypatch.setattr(attribution, "_harm", doubtful)
    words: dict[str, Any] = {"engine": "expected", "studies": ["attribution"], "threads": 1}
    result = sousveil.run("example", 0, what_ifs=["none"], out=tmp_path, **words)
    assert result.attribution is not None
    assert set(result.attribution["label"]) == {"mean_field"}
