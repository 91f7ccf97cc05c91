"""The parts of the events engine: logarithms, jumps, counts, and the split of encounters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.engine import kernels
from sousveil.engine.chance import Compiled, CompiledJumps, PlainJumps, jumps_of
from sousveil.engine.counting import count_tables
from sousveil.engine.events import plan_events, probed, sample
from sousveil.engine.tables import log_table, minus_log
from sousveil.rng import WORD_RANGE, threshold
from sousveil.tallies import Key
from support.jobs import KEY, make_job
from support.models import flat, make_encounters, make_model, make_world

ENDS = np.array([0, 1, 2, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1], dtype=np.uint32)
WORDS = np.concatenate(
    [ENDS, np.random.Generator(np.random.PCG64(1)).integers(0, 2**32, 20_000).astype(np.uint32)]
)
STREET, SCHOOL, MATCH, _ = make_encounters()


def test_the_logarithm_is_close_and_falls_with_the_word() -> None:
    true = -np.log((WORDS + 0.5) / 2**32)
    found = minus_log(WORDS) / 2**56
    assert np.abs(found - true).max() < 1e-8
    assert np.abs(found / true - 1).max() < 1e-4, "short gaps, too"
    assert np.all(np.diff(minus_log(np.sort(WORDS)).astype(np.int64)) <= 0)


def test_the_compiled_logarithm_is_the_same() -> None:
    out = np.empty(len(WORDS), np.uint64)
    kernels.minus_logs(WORDS, log_table(), out)
    assert np.array_equal(out, minus_log(WORDS))


@pytest.mark.parametrize("power", [True, False])
@pytest.mark.parametrize("mean", [1e-9, 1e-5, 0.003, 0.2, 3.0, 60.0])
@pytest.mark.parametrize("quads", [None, np.array([0, 7, 59])])
def test_jumps_equal_their_judge(mean: float, quads: np.ndarray | None, power: bool) -> None:
    hours = 8760 if mean < 0.1 else 240  # the judge takes one step a candidate
    job = make_job(mean, 10 if mean > 1 else 1500, quads, power, hours)
    plain, compiled = PlainJumps(KEY).events(job), CompiledJumps(KEY).events(job)
    for one, other in zip(plain, compiled, strict=True):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


@pytest.mark.parametrize("mean", [2e-6, 0.002, 0.3, 20.0])
def test_jumps_are_a_poisson_process(mean: float) -> None:
    entities = int(min(40_000 / (8760 * mean), 200_000)) + 1
    job = make_job(mean, entities, power=False)._replace(thin=np.full((2, 48), 2**32, np.uint64))
    found = CompiledJumps(KEY).events(job)
    wanted = entities * 8760 * mean
    assert abs(len(found.hour) - wanted) < 5 * np.sqrt(wanted)
    by_time = np.bincount(found.hour // 876, minlength=10)
    assert np.all(np.abs(by_time - wanted / 10) < 5 * np.sqrt(wanted / 10))
    names = found.position * 2**32 + found.number
    assert len(np.unique(names)) == len(names), "every event has its own number"
    by_entity = np.bincount(found.position, minlength=entities)
    if entities > 100:
        spread = 5 * np.sqrt(2 / entities + 1 / wanted)
        assert by_entity.var() / by_entity.mean() == pytest.approx(1.0, abs=spread)


def test_a_kernel_out_of_room_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job(1.0, 5)
    whole = CompiledJumps(KEY).events(job)
    monkeypatch.setattr("sousveil.engine.chance._ROOM_AT_LEAST", -int(0.95 * 8760 * 5))
    for one, other in zip(whole, CompiledJumps(KEY).events(job), strict=True):
        assert np.array_equal(one, other)


def test_the_first_word_of_a_year() -> None:
    jumps = jumps_of(make_job(1e-5, 1))
    first = int(jumps.first)
    total = int(jumps.hazard[0]) * 8760
    gaps = minus_log(np.array([first - 1, first], dtype=np.uint32)) >> jumps.hazard[1]
    assert gaps[0] >= total > gaps[1]
    assert 1 - first / 2**32 == pytest.approx(1 - np.exp(-8760e-5), rel=1e-4)


def test_counts_have_the_law() -> None:
    means = np.array([0.0, 1e-6, 0.01, 0.7, 12.0, 400.0, 9000.0])
    tables = count_tables(means)
    for row, mean in enumerate(means):
        cuts = tables.cuts[tables.offset[row] : tables.offset[row + 1]].astype(np.float64)
        survival = 1 - cuts / WORD_RANGE  # P(count > first + j)
        assert tables.first[row] + survival.sum() == pytest.approx(mean, rel=1e-6, abs=1e-7)
        above = np.arange(len(cuts)) * 2 + 1 + 2 * tables.first[row]
        square = (above * survival).sum() + tables.first[row] ** 2
        assert square - mean**2 == pytest.approx(mean, rel=1e-4, abs=1e-6)


def test_counts_are_read_by_the_inverse() -> None:
    tables = count_tables(np.array([0.0, 2.5, 700.0]))
    row = np.repeat(np.arange(3), len(WORDS))
    words, out = np.tile(WORDS, 3), np.empty(3 * len(WORDS), np.int64)
    kernels.fill_counts(words, row, tables, out)
    for number in range(3):
        cuts = tables.cuts[tables.offset[number] : tables.offset[number + 1]]
        wanted = tables.first[number] + np.searchsorted(cuts, WORDS, side="right")
        assert np.array_equal(out[row == number], wanted)
    assert not out[row == 0].any()


def test_probes_are_the_share_of_the_views_that_are_probed() -> None:
    part, search = probed(STREET, [MATCH])
    assert isinstance(part, p.Encounter)
    assert isinstance(search, p.Search)
    assert search.probe_share == 1.0
    level = {item.name: item for item in part.levels}["identify"]
    assert part.rate * level.day_share == pytest.approx(STREET.rate * 0.2 * MATCH.probe_share)
    assert part.rate * level.night_share == pytest.approx(STREET.rate * 0.05 * MATCH.probe_share)
    assert part.levels[0].day_share == level.day_share, "who reaches it, reaches the wider ones"
    assert part.band_per_hour == STREET.band_per_hour


def test_two_searches_share_the_views_of_the_wider_level() -> None:
    other = replace(MATCH, name="other", level="recognise")
    part, *searches = probed(STREET, [MATCH, other])
    assert isinstance(part, p.Encounter)
    assert searches == [MATCH, other]
    assert part.rate * part.levels[0].day_share == pytest.approx(STREET.rate * 0.5)


def test_views_and_probes_add_up_to_the_encounters() -> None:
    # Probes are certain or impossible: either way the same number of views is expected.
    world = make_world(scale=4)
    totals = []
    for share in (0.0, 0.5, 1.0):
        search = replace(MATCH, probe_share=share)
        tallies = sample(make_model(world, (replace(STREET, effect=None), search)), 1, 0).tallies
        totals.append([tallies.total(Key("street", level.name)) for level in STREET.levels])
    for part in totals[1:]:
        # Two Poisson counts differ by 5 sqrt(2 n) at most.
        assert np.all(np.abs(np.subtract(part, totals[0])) < 5 * np.sqrt(2 * np.array(totals[0])))


def test_levels_that_are_not_nested_are_sampled_one_by_one() -> None:
    levels = p.Level("all", 1.0, 1.0), p.Level("night", 0.0, 1.0), p.Level("day", 1.0, 0.0)
    model = make_model(make_world(), (replace(STREET, levels=levels), SCHOOL))
    plan = plan_events(model)
    assert [item.name for item in plan.counted] == ["school"]
    assert [item.name for item in plan.encounters] == ["street"]


def test_a_search_without_its_encounter_is_refused() -> None:
    with pytest.raises(ValueError, match="its parent street is not"):
        plan_events(make_model(make_world(), (SCHOOL, MATCH)))


def test_a_fixed_thinning_is_the_same_for_both_engines() -> None:
    job = make_job(0.5, 50)._replace(thin=threshold(flat(0.3)[:2, :1] * np.ones(48)))
    hourly, jumps = Compiled(KEY).events(job), CompiledJumps(KEY).events(job)
    assert abs(len(hourly.hour) - len(jumps.hour)) < 5 * np.sqrt(2 * len(hourly.hour))
