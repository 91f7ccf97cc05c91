"""The queries of the page on members, run as they stand on a small run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sousveil
from sousveil.ensemble.store import members_of, read_member
from sousveil.release import IDENTITY

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/query_the_members.md"
MEMBERS = 6
LIMIT = 20_000


def blocks(language: str) -> list[str]:
    found = re.findall(rf"(?ms)^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"))
    assert found
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `runs/example-1` is; two members of a longer run lie in it too."""
    here = tmp_path_factory.mktemp("query")
    words: dict[str, Any] = {"what_ifs": ["reliable_power"], "engine": "expected", "threads": 1}
    words |= {"out": here / "runs/example-1"}
    sousveil.run("example", MEMBERS + 2, **words)
    sousveil.run("example", MEMBERS, resume=True, **words)
    assert len(members_of(here / "runs/example-1")) == MEMBERS + 2
    return here


@pytest.fixture(scope="module")
def harms(place: Path) -> dict[str, list[float]]:
    """What-if -> the harm in each member, read one by one."""
    found: dict[str, list[float]] = {}
    for item in members_of(place / "runs/example-1")[:MEMBERS]:
        for row in read_member(item.path).iter_rows(named=True):
            if row["measure"] == "harm" and not any(row[name] for name in IDENTITY[2:]):
                found.setdefault(row["what_if"], []).append(row["value"])
    return found


def expected(harms: dict[str, list[float]]) -> list[tuple[str, float, int]]:
    return [
        (name, sum(value > LIMIT for value in values) / MEMBERS, MEMBERS)
        for name, values in sorted(harms.items())
    ]


def test_polars_gives_shares_and_paired_differences(
    place: Path, harms: dict[str, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    told: dict[str, Any] = {}
    for block in blocks("python"):
        exec(block, told)
    assert told["shares"].rows() == expected(harms)
    assert 0 < told["shares"]["share"].max() < 1, "a value that tells members apart"
    pairs = zip(harms["reliable_power"], harms[""], strict=True)
    differences = pl.Series([after - before for after, before in pairs])
    assert told["lower"].rows() == [
        ("", 0.0),
        ("reliable_power", pytest.approx(differences.median())),
    ]


def test_duckdb_gives_the_same_shares(
    place: Path, harms: dict[str, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb: Any = pytest.importorskip("duckdb", reason="comes with lock-dev.txt")
    monkeypatch.chdir(place)
    (query,) = blocks("sql")
    found = duckdb.sql(query.replace("<= 128", f"<= {MEMBERS}")).fetchall()
    assert found == expected(harms)


def test_the_page_names_the_columns_that_a_member_has(place: Path) -> None:
    path = members_of(place / "runs/example-1")[0].path
    text = PAGE.read_text(encoding="utf-8")
    for name in read_member(path).columns:
        assert f"`{name}`" in text, name
