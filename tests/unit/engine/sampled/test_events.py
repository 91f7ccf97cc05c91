"""The events engine: counts of views, and the split of encounters into probes and counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import poisson

from sousveil import processes as p
from sousveil.effects import class_means
from sousveil.engine.sampled import hourly
from sousveil.engine.sampled.blocks import no_tallies
from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.counting import count_encounters
from sousveil.engine.sampled.events import plan_events, probed, sample
from sousveil.engine.sampled.judge import Plain
from sousveil.engine.sampled.plan import plan_clock
from sousveil.engine.sampled.points import effect_class
from sousveil.engine.sampled.population import make_block
from sousveil.engine.sampled.scene import Scene
from sousveil.engine.sampled.yearly import count_tables
from sousveil.rng import WORD_RANGE, stream
from sousveil.rng import Key as RunKey
from sousveil.tallies import Key
from support.models import flat, make_encounters, make_model, make_world

STREET, SCHOOL, MATCH, _ = make_encounters()


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


def means_by_hour(item: p.Encounter, model) -> np.ndarray:
    """(A, G, C, F, levels) views that reach a level and none nearer, summed hour by hour."""
    world = model.world
    clock = plan_clock(world)
    on = np.moveaxis(world.power.on[world.power.lines.index(item.gate.line)], 2, 0)  # (H, A, F)
    chance = np.where(on > 0, item.gate.on, item.gate.off)
    shares = [
        world.daylight * level.day_share + (1 - world.daylight) * level.night_share
        for level in item.levels
    ]
    exclusive = np.array(shares) - np.array([*shares[1:], np.zeros(clock.hours)])
    rate = (item.rate * item.equipped)[..., None]
    if item.effect is not None:
        rate = item.rate[..., None] * class_means(item.effect, item.equipped)
    hours = np.einsum("hg,haf,lh->agfl", item.profile[:, clock.slot].T, chance, exclusive)
    return rate[..., None, None] * hours[:, :, None]


def counts_by_law(item: p.Encounter, key: RunKey, model) -> dict[str, np.ndarray]:
    """(A, G) views by level, each a Poisson quantile of one word, worked out person by person."""
    world, chance, means = model.world, Plain(key), means_by_hour(item, model)
    units = np.arange(world.people.units.sum())
    block = make_block(world, chance, units)
    view, groups, feeders = block.persons, block.groups, world.power.on.shape[2]
    kind = np.zeros(len(view.ids), dtype=np.int64)
    if item.effect is not None:
        kind = effect_class(chance, item.effect, block)
    nearer, found = np.zeros(len(view.ids), dtype=np.int64), dict[str, np.ndarray]()
    for level in reversed(range(len(item.levels))):
        own = means[view.area, view.cell % groups, kind, view.feeder % feeders, level]
        words = chance.lanes(stream(f"{item.name}.counts"), view.ids, 0, level // 4)[level % 4]
        nearer = nearer + poisson.ppf((words + 0.5) / WORD_RANGE, own).astype(np.int64)
        cells = np.bincount(view.cell, weights=nearer, minlength=len(world.areas) * groups)
        found[item.levels[level].name] = cells.reshape(-1, groups).astype(np.int64)
    return found


@pytest.mark.parametrize("levels", [1, 3, 6])
@pytest.mark.parametrize("item", [STREET, SCHOOL, replace(STREET, rate=flat(30.0), effect=None)])
def test_counts_are_quantiles_of_one_word_a_level(item: p.Encounter, levels: int) -> None:
    shares = np.linspace(1.0, 0.1, levels)
    nested = tuple(p.Level(f"level{n}", day, day / 2) for n, day in enumerate(shares.tolist()))
    item = replace(item, levels=nested)
    model, key = make_model(make_world(), (item,)), RunKey(5, 6)
    plan = plan_events(model)
    tallies = no_tallies(plan)
    chance = Compiled(key, yearly=True)
    block = make_block(model.world, chance, np.arange(10))
    count_encounters(Scene(chance, plan.clock, block, tallies), plan.counted[0])
    for name, counts in counts_by_law(item, key, model).items():
        found = tallies.counts[Key(item.name, name)]
        # A word on the very edge of a cut may fall to either side: one view of some thousands.
        assert np.abs(found - counts).sum() <= 1
        assert counts.sum() > 100


def test_probes_are_the_share_of_the_views_that_are_probed() -> None:
    part, search = probed(STREET, [MATCH])
    assert isinstance(part, p.Encounter)
    assert isinstance(search, p.Search)
    assert search.probe_share == 1.0
    level = {item.name: item for item in part.levels}["identify"]
    assert part.rate * level.day_share == pytest.approx(STREET.rate * 0.2 * MATCH.probe_share)
    assert part.rate * level.night_share == pytest.approx(STREET.rate * 0.05 * MATCH.probe_share)
    assert part.levels[0].day_share == level.day_share, "who reaches it, reaches the wider ones"


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


@pytest.mark.parametrize("compiled", [True, False])
def test_no_more_processes_than_the_hourly_engine_have_tallies(compiled: bool) -> None:
    model = make_model(make_world(days=3))
    one, other = (
        engine(model, 1, 0, compiled=compiled).tallies for engine in (sample, hourly.sample)
    )
    assert set(one.counts) == set(other.counts) == set(model.keys())


@pytest.mark.parametrize(("seed", "member"), [(-1, 0), (0, -1), (2**32, 0), (0, 2**32)])
def test_a_seed_out_of_range_is_refused(seed: int, member: int) -> None:
    with pytest.raises(ValueError, match="0 to 4294967295"):
        sample(make_model(make_world(days=1)), seed, member)
