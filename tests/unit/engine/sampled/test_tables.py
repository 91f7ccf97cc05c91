"""Rates become points below a curve, whose realised rate is the rate again in both engines."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.effects import class_means
from sousveil.engine.sampled.judge import tails_of
from sousveil.engine.sampled.kernels.hours import (
    DAYS_OF_A_BLOCK,
    HOUR_BITS,
    LAYER_BITS,
    MOST_PLACES,
    PLACE_BITS,
    RATE_BITS,
    count_exactly,
    edges_of,
)
from sousveil.engine.sampled.kernels.low import BLOCKS_AT_ONCE
from sousveil.engine.sampled.plan import plan_clock
from sousveil.engine.sampled.tables import (
    MOST_AN_HOUR,
    Clock,
    Gating,
    Points,
    categories,
    inverse_cdf,
    plan_points,
)
from sousveil.processes import Entity
from sousveil.rng import WORD_RANGE, threshold
from support.jobs import make_clock, make_points, uneven
from support.models import AREAS, GROUPS, HABIT, flat, make_world, sloped, waves

CLOCK = plan_clock(make_world(days=7))
WEEK = make_clock(7 * 24)
FINE = 1 << 28
RATE, LAYER = 1 << RATE_BITS, 1 << LAYER_BITS
ROUNDED = MOST_PLACES / RATE
"""What the roundings of one layer add up to."""


def hourly_curve(points: Points, row: int, slot: int) -> int:
    """Rate of a row in a slot in 2^-40 an hour, in whole numbers without a limit."""
    rate = int(points.layers.rate[row])
    return rate * int(points.shape[points.group[row], slot]) // FINE


def hourly_rate(points: Points, row: int, slot: int) -> float:
    """Mean events of an hour of this slot that the integers of `hourly` give."""
    top = hourly_curve(points, row, slot)
    inside = [min(top - floor, LAYER) for floor in range(0, max(top, 1), LAYER)]
    return float(tails_of(np.array(inside, np.uint64)).sum()) / RATE


def yearly_rate(points: Points, row: int, slot: int) -> float:
    """Mean events of an hour of this slot that the integers of `events` give."""
    number, counts = points.year.tables
    place = number[row]
    cuts = counts.cuts[counts.offset[place] : counts.offset[place + 1]]
    mean = float(counts.first[place] + (1.0 - cuts / WORD_RANGE).sum())
    moments = points.year.moments
    words = np.diff(moments.cuts[moments.shape[row]].astype(np.float64))
    return mean * float(words[points.year.slot == slot].mean()) / WORD_RANGE


def both_rates(points: Points, slots: int = 48) -> list[np.ndarray]:
    """(rows, S) of either engine."""
    shape = len(points.group), slots
    return [
        np.array([rate(points, row, slot) for row, slot in np.ndindex(shape)]).reshape(shape)
        for rate in (hourly_rate, yearly_rate)
    ]


# --- Counts --------------------------------------------------------------------------------------


def some_rates() -> np.ndarray:
    """Rates of a layer: none, the least ones, whatever lies between, the whole of it."""
    between = np.random.default_rng(1).integers(0, LAYER, 300)
    small = 2 ** np.random.default_rng(2).integers(0, LAYER_BITS, 100) + np.arange(100) % 3
    return np.concatenate([np.arange(70), between, small, [LAYER - 1, LAYER]]).astype(np.uint64)


def test_the_tails_of_an_hour_have_the_law() -> None:
    from scipy.stats import poisson

    rates = some_rates()
    law = poisson.sf(np.arange(MOST_PLACES)[:, None], rates / RATE)
    tails = tails_of(rates)
    assert np.all(np.diff(tails.astype(np.int64), axis=0) <= 0)
    assert np.abs(tails / RATE - law).max() <= ROUNDED
    assert tails.sum(axis=0) / RATE == pytest.approx(rates / RATE, rel=1e-8, abs=ROUNDED)
    assert not tails[1:, rates < 2**17].any(), "of a rare event the second is rarer than 2^-40"
    assert poisson.sf(MOST_PLACES, LAYER / RATE) < 2.0**-RATE_BITS, "nothing is cut off"


def test_a_kernel_counts_by_these_tails_however_it_goes_about_it() -> None:
    rng = np.random.default_rng(3)
    for rate in some_rates():
        tails = tails_of(rate[None])[:, 0]
        edges = np.concatenate([tails, rate[None], [0, 1, LAYER - 1], rng.integers(0, LAYER, 9)])
        around = np.add.outer(np.array([-1, 0, 1]), edges.astype(np.int64)).reshape(-1)
        half, one, none = edges_of(rate)
        near = np.array([half, one, none], np.int64)[:, None] + np.arange(-2, 3)
        heights = np.unique(np.clip(np.concatenate([around, near.reshape(-1)]), 0, LAYER - 1))
        for height in heights.astype(np.uint64):
            wanted = int((height < tails).sum())
            assert count_exactly(rate, height) == wanted
            known = 0 if height >= none else 1 if half <= height < one else None
            assert known in (None, wanted)


# --- Rates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [1e-9, 1e-6, 1e-3, 0.01, 0.4, 3.0])
def test_layers_and_counts_add_up_to_the_rate_in_both_engines(unit: float) -> None:
    peak = unit * 8
    points = plan_points("x", Entity.PERSON, sloped(peak), waves(), CLOCK)
    wanted = (sloped(peak)[..., None] * waves()[None]).reshape(AREAS * GROUPS, -1)
    # A count of the year is rounded to words: half of one, over a quarter of the hours.
    year = 0.5 / WORD_RANGE / 42
    for found, least in zip(both_rates(points), (ROUNDED, max(1e-8 * peak, year)), strict=True):
        assert found == pytest.approx(wanted, rel=1e-6, abs=least)


@pytest.mark.parametrize("factor", [1e-3, 0.37, 1.0, 1.0000001, 2.0, 7.3, 300.0])
def test_a_rate_may_lie_anywhere(factor: float) -> None:
    points = make_points(0.02 * factor, uneven(), clock=WEEK)
    wanted = 0.02 * factor * uneven() * np.array([[1.0], [1 / 3]])
    for found in both_rates(points):
        # Heights end at 2^-40 an hour, counts of the year at a word.
        assert found == pytest.approx(wanted, rel=1e-6, abs=max(1e-8 * wanted.max(), 1e-10))


def test_an_effect_has_sixteen_rows_a_cell() -> None:
    rate = class_means(HABIT, sloped(0.02))
    points = plan_points("x", Entity.PERSON, rate, waves(), CLOCK, HABIT)
    wanted = rate[..., None] * waves()[None, :, None]
    for found in both_rates(points):
        assert found == pytest.approx(wanted.reshape(AREAS * GROUPS * 16, -1), rel=1e-6, abs=1e-9)


def test_a_run_reads_no_layer_that_it_does_not_need() -> None:
    rate = np.zeros((AREAS, GROUPS))
    assert not len(plan_points("x", Entity.PERSON, rate, waves(), CLOCK).layers.first)
    rate[1, 2] = 0.05
    profile = waves()
    profile[:, :12] = profile[:, 24:36] = 0.0
    points = plan_points("x", Entity.PERSON, rate, profile, CLOCK)
    assert np.flatnonzero(points.layers.rate).tolist() == [1 * GROUPS + 2]
    first = points.layers.first.astype(np.int64)
    assert min(first[first < 384] % 24) >= 12, "no morning"


@pytest.mark.parametrize("hours", [24, 7 * 24, 500, 8760])
@pytest.mark.parametrize("rate", [1e-9, 0.1, 2.3])
def test_every_hour_that_a_curve_reaches_is_drawn_once_and_no_empty_ones(
    rate: float, hours: int
) -> None:
    clock = make_clock(hours)
    points = make_points(rate, uneven(), clock=clock)
    slots = [max(hourly_curve(points, row, slot) for row in range(2)) for slot in range(48)]
    highest = np.array(slots)[clock.slot]
    layers, span = points.layers, DAYS_OF_A_BLOCK * 24
    assert len(layers.offset) == 1 + -(-max(slots) // LAYER)
    assert np.all(np.diff(layers.offset) % BLOCKS_AT_ONCE == 0)
    for layer, (begin, end) in enumerate(zip(layers.offset, layers.offset[1:], strict=False)):
        first = layers.first[begin:end].astype(np.int64)
        own = first[first < -(-hours // span) * span]
        assert len(first) - len(own) < BLOCKS_AT_ONCE, "only the last ones fill up"
        drawn = (own[:, None] + 24 * np.arange(DAYS_OF_A_BLOCK)).reshape(-1)
        assert len(np.unique(drawn)) == len(drawn)
        reached = np.flatnonzero(highest > layer * LAYER)
        assert set(reached.tolist()) <= set(drawn.tolist())
        useful = np.isin(drawn, reached).reshape(-1, DAYS_OF_A_BLOCK)
        assert useful.any(axis=1).all(), "a block that nobody needs"
        by_hour = np.zeros((2, -(-hours // span) * span), np.uint64)
        by_hour[:, :hours] = points.shape[:, clock.slot]
        of_blocks = by_hour[:, drawn].reshape(2, -1, DAYS_OF_A_BLOCK).max(axis=2)
        assert np.array_equal(layers.highest[:, begin : begin + len(own)], of_blocks)
        assert not layers.highest[:, begin + len(own) : end].any()
    assert layers.full == pytest.approx((points.shape / FINE)[:, clock.slot].sum(axis=1))


def test_the_numbers_of_hours_layers_and_places_lie_apart() -> None:
    points = make_points(float(MOST_AN_HOUR), clock=WEEK)
    layers = len(points.layers.offset) - 1
    assert layers << LAYER_BITS >= MOST_AN_HOUR << RATE_BITS
    assert layers << HOUR_BITS <= 1 << PLACE_BITS
    assert MOST_PLACES << PLACE_BITS == 2**32


def test_shapes_do_not_move_with_the_rate() -> None:
    low = plan_points("x", Entity.PERSON, sloped(0.015), waves(), CLOCK)
    high = plan_points("x", Entity.PERSON, sloped(0.9), waves(), CLOCK)
    assert low.stream == high.stream
    assert np.array_equal(low.shape, high.shape)
    assert np.array_equal(low.year.moments.cuts, high.year.moments.cuts)


# --- Refusals and small parts --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        (-0.1, "x: found a rate below 0"),
        (401.0, "x: found 80[0-9.]+ events an hour, expected at most 800"),
    ],
)
def test_impossible_rates_are_refused(rate: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_points("x", Entity.PERSON, flat(rate), waves(), CLOCK)


def test_a_profile_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="found a rate below 0"):
        plan_points("x", Entity.PERSON, flat(0.1), -waves(), CLOCK)


def test_categories_are_cut_in_order() -> None:
    cuts = inverse_cdf(np.array([0.25, 0.0, 0.75]))
    words = np.array([0, 2**30 - 1, 2**30, 2**32 - 1], dtype=np.uint32)
    assert categories(words, cuts).tolist() == [0, 0, 2, 2]


def test_a_gate_without_line_is_always_supplied() -> None:
    words = np.array([0, 2**31, 2**32 - 1], dtype=np.uint32)
    gate = Gating(-1, threshold(np.array([0.0, 0.5])))
    where = np.zeros(3, dtype=np.int64)
    assert gate.passes(CLOCK, words, where, where).tolist() == [True, False, False]
    assert not gate.is_open
    assert Gating(-1, threshold(np.array([0.0, 1.0]))).is_open


def test_a_gate_reads_the_supply_of_its_feeder() -> None:
    supply = np.eye(4, dtype=np.uint8)[None]
    clock = Clock(np.zeros(4, np.int64), np.zeros(4, np.int64), ("home",), supply)
    gate = Gating(0, threshold(np.array([0.0, 1.0])))
    feeder, hour = np.array([0, 1, 2, 3]), np.array([0, 0, 2, 3])
    assert gate.passes(clock, np.zeros(4, np.uint32), feeder, hour).tolist() == [1, 0, 1, 1]


def test_an_unknown_line_is_refused() -> None:
    with pytest.raises(ValueError, match="'sun'.*home, state"):
        CLOCK.line("sun")
