"""Rates become points below a curve, whose realised rate is the rate again in both engines."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.effects import class_means
from sousveil.engine.judge import tails_of
from sousveil.engine.kernels.hours import (
    BLOCKS_AT_ONCE,
    DAYS_OF_A_BLOCK,
    HOUR_BITS,
    LAYER_BITS,
    MOST_PLACES,
    PLACE_BITS,
    RATE_BITS,
    count_below,
    count_exactly,
)
from sousveil.engine.plan import plan_clock
from sousveil.engine.tables import (
    MOST_AN_HOUR,
    MOST_BANDS,
    NO_HOUR,
    PLACES,
    Band,
    Clock,
    Gating,
    Points,
    categories,
    inverse_cdf,
    lay_places,
    plan_points,
    poisson_cuts,
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


def words_below(band: Band, spread: int, ceiling: int) -> int:
    """How many of the 2^32 words give a height below a ceiling, exactly."""
    shift = (band.upper - band.lower).bit_length() - 1 - 32
    steps = -(-(ceiling - band.lower) // (1 << shift))
    return min(max(-(-(steps * FINE) // spread), 0), WORD_RANGE)


def curve(points: Points, row: int, slot: int) -> int:
    """Height of the curve, in whole numbers without a limit."""
    return int(points.peak[row]) * int(points.shape[points.group[row], slot]) // FINE


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
    places, total = points.places, 0.0
    weight = int(places.weight[slot])
    if not weight:
        return 0.0
    top = -(-curve(points, row, slot) * places.fullest // weight)
    for band in points.bands[: int(points.reach[row])]:
        mean = float((1.0 - band.a_year / WORD_RANGE).sum()) * weight / PLACES
        total += mean * words_below(band, band.year_spread, min(top, band.upper)) / WORD_RANGE
    return total


def both_rates(points: Points, slots: int = 48) -> list[np.ndarray]:
    """(rows, S) of either engine."""
    shape = len(points.peak), slots
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
        square = int(rate) ** 2 >> RATE_BITS
        near = np.array([square, int(rate) - square])[:, None] + np.arange(-70, 71)
        heights = np.unique(np.clip(np.concatenate([around, near.reshape(-1)]), 0, LAYER - 1))
        for height in heights.astype(np.uint64):
            wanted = int((height < tails).sum())
            assert count_below(rate, height) == count_exactly(rate, height) == wanted


@pytest.mark.parametrize("mean", [1e-10, 8e-6, 1e-3, 0.3, 7.0, 400.0, 25_000.0])
def test_poisson_cuts_have_the_law_and_no_lower_mean(mean: float) -> None:
    from scipy.stats import poisson

    cuts, realised = poisson_cuts(mean)
    tails = 1.0 - cuts / WORD_RANGE  # P(count > j)
    assert np.all(np.diff(cuts.astype(np.int64)) >= 0), "a count is found by halving"
    assert tails.sum() == pytest.approx(realised, rel=1e-12)
    # A mean of n cuts is rounded n times, by half a word at most; a count that is almost certain
    # (from a mean of some twenty on) lacks a word each.
    certain = np.count_nonzero(cuts == 1)
    assert realised >= mean * (1 - 1e-15) - certain / WORD_RANGE
    assert realised <= mean + (len(cuts) / 2 + 2) / WORD_RANGE
    assert realised == pytest.approx(mean, rel=1e-9, abs=2 / WORD_RANGE)
    law = poisson.sf(np.arange(len(cuts)), mean)
    assert np.abs(tails - law)[1:].max(initial=0.0) <= 1.5 / WORD_RANGE
    assert abs(tails[0] - law[0]) <= (len(cuts) / 2 + 2) / WORD_RANGE
    assert poisson.sf(len(cuts), mean) < 1 / WORD_RANGE, "nothing is cut off that a word would tell"
    square = ((2 * np.arange(len(cuts)) + 1) * tails).sum()
    if mean > 1e-3:
        assert square - realised**2 == pytest.approx(mean, rel=1e-5)


# --- Bands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [1e-9, 1e-6, 1e-3, 0.01, 0.4, 3.0])
def test_bands_add_up_to_the_rate_in_both_engines(unit: float) -> None:
    peak = unit * 8
    points = plan_points("x", Entity.PERSON, sloped(peak), waves(), unit, CLOCK)
    wanted = (sloped(peak)[..., None] * waves()[None]).reshape(AREAS * GROUPS, -1)
    for found, least in zip(both_rates(points), (ROUNDED, 1e-8 * peak), strict=True):
        assert found == pytest.approx(wanted, rel=1e-6, abs=least)
    assert len(points.bands) == 5, "0 to 1, 2, 4, 8, 16"


@pytest.mark.parametrize("factor", [1e-3, 0.37, 1.0, 1.0000001, 2.0, 7.3, 300.0])
def test_a_rate_may_lie_anywhere_in_its_bands(factor: float) -> None:
    points = make_points(0.02 * factor, 0.02, uneven(), clock=WEEK)
    wanted = 0.02 * factor * uneven() * np.array([[1.0], [1 / 3]])
    for found in both_rates(points):
        # Heights end at 2^-32 of the first band, or at 2^-40 an hour.
        assert found == pytest.approx(wanted, rel=1e-6, abs=max(1e-8 * wanted.max(), 1e-10))


def test_an_effect_has_sixteen_rows_a_cell() -> None:
    rate = class_means(HABIT, sloped(0.02))
    points = plan_points("x", Entity.PERSON, rate, waves(), 0.01, CLOCK, HABIT)
    wanted = rate[..., None] * waves()[None, :, None]
    for found in both_rates(points):
        assert found == pytest.approx(wanted.reshape(AREAS * GROUPS * 16, -1), rel=1e-6, abs=1e-9)


def test_a_run_reads_no_band_that_it_does_not_need() -> None:
    rate = np.zeros((AREAS, GROUPS))
    assert not plan_points("x", Entity.PERSON, rate, waves(), 0.01, CLOCK).bands
    rate[1, 2] = 0.05
    profile = waves()
    profile[:, :12] = profile[:, 24:36] = 0.0
    points = plan_points("x", Entity.PERSON, rate, profile, 0.01, CLOCK)
    assert np.flatnonzero(points.reach).tolist() == [1 * GROUPS + 2]
    assert points.reach.max() == len(points.bands)
    lower = [band.lower for band in points.bands]
    assert lower[-1] < points.peak.max() <= points.bands[-1].upper
    first = points.layers.first.astype(np.int64)
    assert min(first[first < 384] % 24) >= 12, "no morning"


@pytest.mark.parametrize("hours", [24, 7 * 24, 500, 8760])
@pytest.mark.parametrize("rate", [1e-9, 0.1, 2.3])
def test_every_hour_that_a_curve_reaches_is_drawn_once_and_no_empty_ones(
    rate: float, hours: int
) -> None:
    clock = make_clock(hours)
    points = make_points(rate, 0.2, uneven(), clock=clock)
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
    assert layers.full == pytest.approx((points.shape / FINE)[:, clock.slot].sum(axis=1))


def test_the_numbers_of_hours_layers_and_places_lie_apart() -> None:
    points = make_points(float(MOST_AN_HOUR), clock=WEEK)
    layers = len(points.layers.offset) - 1
    assert layers << LAYER_BITS >= MOST_AN_HOUR << RATE_BITS
    assert layers << HOUR_BITS <= 1 << PLACE_BITS
    assert MOST_PLACES << PLACE_BITS == 2**32


def test_bands_do_not_move_with_the_rate() -> None:
    low = plan_points("x", Entity.PERSON, sloped(0.015), waves(), 0.01, CLOCK)
    high = plan_points("x", Entity.PERSON, sloped(0.9), waves(), 0.01, CLOCK)
    assert len(high.bands) > len(low.bands)
    assert low.stream == high.stream
    assert np.array_equal(low.places.hour, high.places.hour)
    assert np.array_equal(low.shape, high.shape)
    for one, other in zip(low.bands, high.bands, strict=False):
        assert (one.lower, one.upper) == (other.lower, other.upper)
        assert one.year_spread == other.year_spread
        assert np.array_equal(one.a_year, other.a_year)


def test_the_expected_points_of_a_year() -> None:
    points = make_points(0.3, 0.1, clock=WEEK)
    in_full_hours = PLACES / points.places.fullest
    wanted = [in_full_hours * width for width in (0.0, 0.1, 0.2, 0.4)]
    assert points.a_year == pytest.approx(wanted, rel=1e-6)


# --- Places --------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [24, 168, 8760, 8784, 16_384])
@pytest.mark.parametrize("name", ["flat", "uneven", "rare", "one hour"])
def test_places_cover_the_hours_by_their_shape(hours: int, name: str) -> None:
    shape = np.ones(48)
    if name == "uneven":
        shape = uneven().max(axis=0) / 12.0
    elif name == "rare":
        shape[1:] = 1e-6
    elif name == "one hour":
        shape[1:] = 0.0
    slot = make_clock(hours).slot
    places = lay_places(shape, slot)
    filled = places.hour[places.hour != NO_HOUR]
    count = np.bincount(filled, minlength=hours)
    assert np.array_equal(count, places.weight.astype(np.int64)[slot])
    assert len(places.hour) == PLACES
    assert filled.max() < hours
    # No hour has fewer places than its share of the fullest: else its points would not suffice.
    used = shape * (np.bincount(slot, minlength=48) > 0)
    assert np.all(places.weight >= used * places.fullest)
    assert np.all(places.weight < used * places.fullest + 1)
    assert places.fullest >= 3
    if name == "one hour":
        assert set(slot[filled].tolist()) == {0}


def test_a_process_that_never_happens_has_no_place() -> None:
    places = lay_places(np.zeros(48), WEEK.slot)
    assert np.all(places.hour == NO_HOUR)
    assert not places.weight.any()


# --- Refusals and small parts --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "unit", "message"),
    [
        (-0.1, 0.1, "x: found a rate below 0"),
        (0.1, 0.0, "x: band_per_hour is 0, expected a rate above 0 and up to 800"),
        (0.1, -1.0, "x: band_per_hour is -1, expected a rate above 0 and up to 800"),
        (0.1, 801.0, "x: band_per_hour is 801, expected a rate above 0 and up to 800"),
        (401.0, 1.0, "x: found 80[0-9.]+ events an hour, expected at most 800"),
        (2.0**MOST_BANDS * 1e-5, 1e-5, "x: .* an hour needs too many bands of 1e-05"),
    ],
)
def test_impossible_rates_are_refused(rate: float, unit: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_points("x", Entity.PERSON, flat(rate), waves(), unit, CLOCK)


def test_a_profile_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="found a rate below 0"):
        plan_points("x", Entity.PERSON, flat(0.1), -waves(), 0.1, CLOCK)


def test_the_highest_band_that_fits_keeps_its_heights() -> None:
    points = make_points(2e-5 * 2.0 ** (MOST_BANDS - 1), 2e-5, clock=WEEK)
    assert len(points.bands) == MOST_BANDS
    for found in both_rates(points):
        assert found[0] == pytest.approx(2e-5 * 2.0 ** (MOST_BANDS - 1), rel=1e-6)
    # What kernels multiply must stay below 2^64.
    highest = points.bands[-1].lower + (
        points.bands[-1].year_spread * WORD_RANGE // FINE << MOST_BANDS - 2
    )
    assert highest * 4096 < 2**64
    assert (int(points.peak.max()) >> 16) * FINE < 2**64


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
