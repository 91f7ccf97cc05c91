"""The benchmarks compare like with like: ours and every peer meet the same exact expectations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks import law, limits, ours, speed, tell
from benchmarks.law import Case
from benchmarks.peers import PEERS, Peer

from sousveil import rng
from sousveil.engine.expected import expect
from sousveil.engine.sampled import events, hourly
from sousveil.tallies import Key

GATE = 4.9
SMALL = Case(persons=4_000, days=3)


@pytest.mark.filterwarnings("default")  # what other people's packages warn of is theirs
@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peer_meets_the_exact_expectations(peer: Peer) -> None:
    if not peer.present:
        pytest.skip(f"{peer.distribution} is not installed: make bench installs it")
    found = peer.prepare(SMALL, 11)()
    assert found.counts.sum() > 0
    distances = law.judge(SMALL, found)
    assert set(distances) == {*law.CHANNELS, "wronged"}
    assert all(abs(z) < GATE for z in distances.values()), distances


def test_the_expectations_are_those_of_the_published_country_year() -> None:
    # The totals that the reference model states for 26 million persons and the power of seed 1.
    stated = {
        "S": 407_949_179,
        "FF": 403_870,
        "I": 183_498_640,
        "X": 7_523_672,
        "B": 26_306,
        "V": 727_118_157,
        "D": 484_745_438,
    }
    case = Case(26_000_000, 365)
    people = np.tile(130_000 * law.GROUP_SHARES, (law.COUNTIES, 1))
    means = law.expectations(case.power, people, law.LISTED * people, law.BOXED * people)
    assert {name: round(means[name].sum()) for name in stated} == stated


def test_the_chances_of_an_hour_are_whole() -> None:
    everywhere = law.STREET + law.WORK + law.HOME
    assert np.allclose(everywhere[:, law.AWAKE], 1.0)
    assert np.all(everywhere[:, [23, 0, 1, 2, 3, 4, 5]] == 0.0)
    assert law.STREET[2, 10] == pytest.approx(0.14)
    assert np.all(law.STREET[:, [7, 8, 18]] == 0.35)


def test_our_model_has_exactly_the_expectations_of_the_law() -> None:
    values = expect(ours.make_model(SMALL))
    stated = ours.expected_totals(SMALL)
    on = values[ours.BOXES_ON].values.sum()
    assert on - values[ours.KEYS["V"]].values.sum() == pytest.approx(stated["D"], rel=1e-12)
    for name, key in ours.KEYS.items():
        # Who is wronged is a mean field there, and Poisson where the law says yes or no.
        near = 1e-4 if name == "wronged" else 1e-12
        assert values[key].values.sum() == pytest.approx(stated[name], rel=near), name


def test_our_variances_are_those_of_the_expected_engine() -> None:
    values = expect(ours.make_model(SMALL))
    stated = ours.variances(SMALL, ours.expected_totals(SMALL))
    for name, key in ours.KEYS.items():
        assert stated[name] == pytest.approx(values[key].variance, rel=0.02), name


@pytest.mark.parametrize("engine", [hourly, events], ids=["hourly", "events"])
def test_our_engines_meet_the_exact_expectations(engine: object) -> None:
    run = engine.sample(ours.make_model(SMALL), 5, 0)  # type: ignore[attr-defined]
    distances = ours.judge(SMALL, run)
    assert run.tallies.total(Key("", "persons")) == SMALL.persons
    assert all(abs(z) < GATE for z in distances.values()), distances


def test_a_wrong_chance_is_found_out() -> None:
    run = hourly.sample(ours.make_model(SMALL), 5, 0)
    twice = {key: 2 * counts for key, counts in run.tallies.counts.items()}
    run.tallies.counts.update(twice)
    assert max(abs(z) for z in ours.judge(SMALL, run).values()) > GATE


def test_peers_are_absent_without_a_failure() -> None:
    nowhere = Peer("nobody", "with_nobody", "a_package_that_is_not", "nobody")
    assert not nowhere.present


def a_row(name: str, effective: float, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": name,
        "version": "1.0",
        "hours": 24,
        "seconds": 0.5,
        "cpu": 0.9,
        "executed": 1e6,
        "effective": effective,
        "peak_mib": 100.0,
        "distances": {"S": -1.0, "V": 2.0},
        "right": True,
    }
    return row | changes


FOUND: dict[str, Any] = {
    "machine": {
        "date": "2024-01-01",
        "processor": "an abacus",
        "threads": 2,
        "python": "3.11",
        "system": "Linux",
        "load": 0.1,
    },
    "persons": 1_000,
    "quick": True,
    "model_s": [
        a_row("Sousveil, events", 8e9),
        a_row("Sousveil, hourly", 8e8),
        a_row("NumPy", 2e7),
        a_row("Mesa", 1e6, right=False),
        {"name": "JAX, rbg", "failed": "jax is not installed"},
    ],
    "limit": {"words_one_thread": 2.4e9, "words_all_threads": 4.2e9, "by_eight": 4.9e9},
    "growth": {"failed": "no answer", "crowd": 200},
    "national": [{"engine": "events", "scale": 1.0, "failed": "no answer"}],
}


def test_the_table_gives_ratios_and_names_who_is_wrong_or_absent() -> None:
    text = tell.markdown(FOUND)
    assert "| NumPy | 1.0 | 24 | 0.50 | 0.90 | 20.0 | 2.00 | 400 | 40.0 | 100 | 2.0 |" in text
    assert "**2.0: wrong**" in text
    assert "| JAX, rbg | jax is not installed |" in text


def test_results_go_between_the_marks_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, chart = tmp_path / "speed.md", tmp_path / "speed.svg"
    page.write_text(f"before\n{tell.START}\nold\n{tell.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(tell, "PAGE", page)
    monkeypatch.setattr(tell, "CHART", chart)
    for _ in range(2):
        tell.into_docs(FOUND, tell.markdown(FOUND))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before")
    assert text.endswith("after\n")
    assert "old" not in text
    assert text.count("### Model S") == 1
    assert "<svg" in chart.read_text(encoding="utf-8")


def test_a_slow_tool_runs_fewer_days_and_never_less_than_one() -> None:
    wanted = speed.options(1e5, quick=True, threads=1)
    assert wanted.persons == 100_000
    assert wanted.days(1.0) == 1
    assert wanted.days(1e12) == 365
    assert speed.options(1_234, quick=False, threads=1).persons == 1_200


def test_both_limits_sum_the_words_of_philox() -> None:
    blocks, first = 64, 7
    key = np.uint32(1), np.uint32(2)
    counter = np.arange(blocks), np.array(first), np.array(0), np.array(0)
    words = np.stack(rng.philox(counter, rng.Key(1, 2))).astype(np.uint64)
    mixed = np.bitwise_xor.reduce(words, axis=0)
    assert limits.BY_LOOP(np.uint32(first), blocks, *key) == mixed.sum() % 2**32
    assert limits.BY_EIGHT(np.uint32(first), blocks, *key) % 2**32 == mixed[::8].sum() % 2**32


def test_words_of_the_hourly_engine_are_counted_from_its_plan() -> None:
    drawn = limits.drawn_by_hourly(ours.make_model(SMALL))
    # The hours awake of whole blocks of sixteen days: of sightings, reports, conduct; the border is
    # for a tenth. Blocks fill up to multiples of sixteen.
    awake = 17 * 16 * -(-SMALL.days // 16) * SMALL.persons
    assert 3.1 * awake <= drawn.hours < 3.1 * awake * (1 + 16 / 17)
    assert drawn.for_bytes == drawn.hours / 4
    # One byte in 256 is low of a rare process, nine of the busiest; each asks for four words.
    assert 4 * drawn.hours / 256 < drawn.for_the_rest < 4 * drawn.hours * 9 / 256


def test_the_page_has_the_marks() -> None:
    root = Path(__file__).resolve().parents[2]
    text = (root / tell.PAGE).read_text(encoding="utf-8")
    assert text.count(tell.START) == text.count(tell.END) == 1
