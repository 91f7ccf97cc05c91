"""Compiled sums over a path, against the same written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from sousveil.engine.expected import paths
from sousveil.engine.expected.lines import Days
from sousveil.world.model import Calendar
from unit.engine.expected.hamlet import DAYS, HOURS

WORKING = 2 * DAYS // 3
days_of: Any = paths.days_of
exponential: Any = njit(lambda value: paths._exp(value))


@pytest.mark.parametrize("value", [0.0, -1e-8, -0.3466, -0.5, -1.0, -13.7, -50.0, -86.9])
def test_the_exponential_is_right_to_seven_digits(value: float) -> None:
    single = np.float32(value)
    assert exponential(single) == pytest.approx(np.exp(np.float64(single)), rel=1.5e-7)


def test_the_exponential_is_right_on_a_fine_grid() -> None:
    grid = np.linspace(-20.0, 0.0, 20_001).astype(np.float32)
    found = np.array([exponential(value) for value in grid])
    assert np.abs(found / np.exp(grid.astype(np.float64)) - 1.0).max() < 1.5e-7


def test_far_below_zero_the_exponential_is_nothing_and_no_error() -> None:
    assert 0.0 <= exponential(np.float32(-1e9)) < 1e-37


def days_with_a_view(on: Any, *others: Any) -> Any:
    """Days with a view on the supply of each line, hour by hour."""
    return paths.days_with_a_view(np.stack([days_of(line) for line in on]), *others)


def random_case(seed: int) -> dict[str, Any]:
    """Two families (of two encounters and of one), two tables of hours on two lines."""
    draw = np.random.default_rng(seed)

    def singles(*shape: int) -> Any:
        return draw.random(shape).astype(np.float32)

    return {
        "on": (draw.random((2, 3, 2, HOURS)) < 0.4).astype(np.uint8),
        "places": np.array([2, 0]),
        "order": np.argsort(draw.random(DAYS) < 0.3, kind="stable"),
        "working": WORKING,
        "share": np.array([[0.25, 0.75], [0.5, 0.5]]),
        "line": np.array([1, 0]),
        "gate": singles(2, 2),
        "counted": singles(2, 24, DAYS),
        "table": np.array([0, 1, 1]),
        "profile": singles(3, 2, 48),
        "rate": singles(3, 2, 2) * np.float32(0.05),
        "values": singles(3, 16),
        "weights": np.full((2, 16), 1.0 / 16.0, dtype=np.float32),
        "first": np.array([0, 2, 3]),
    }


def test_days_with_a_view_are_sums_over_the_path_hour_by_hour() -> None:
    case = random_case(1)
    found = days_with_a_view(*case.values())
    for area, place in enumerate(case["places"]):
        for kind in range(2):
            days = 0.0
            for feeder, part in enumerate(case["share"][area]):
                spared = np.ones(DAYS)
                for family in range(2):
                    members = range(case["first"][family], case["first"][family + 1])
                    hazards = [hazard(case, item, area, place, feeder, kind) for item in members]
                    spared *= sum(
                        np.exp(
                            -sum(
                                case["values"][item, number] * own
                                for item, own in zip(members, hazards, strict=True)
                            )
                        )
                        for number in range(16)
                    ) / np.float64(16)
                days += part * (1.0 - spared).sum()
            assert found[area, kind] == pytest.approx(days, rel=1e-6)


def hazard(case: dict[str, Any], item: int, area: int, place: int, feeder: int, kind: int) -> Any:
    """(D,) views expected of one encounter, in double precision."""
    table = case["table"][item]
    supply = case["on"][case["line"][table], place, feeder].reshape(DAYS, 24)[case["order"]]
    without, with_supply = case["gate"][table].astype(np.float64)
    opened = np.where(supply == 1, with_supply, without) * case["counted"][table].T
    rest = np.arange(DAYS) >= WORKING
    profile = case["profile"][item, kind].reshape(2, 24)[rest.astype(int)]
    return case["rate"][item, area, kind] * (opened * profile).sum(axis=1)


def test_who_is_seen_all_day_every_day_is_not_seen_more_often_than_there_are_days() -> None:
    case = random_case(2) | {"rate": np.full((3, 2, 2), 1e4, dtype=np.float32)}
    case["values"] = np.ones((3, 16), dtype=np.float32)
    case["gate"] = np.ones((2, 2), dtype=np.float32)
    found = days_with_a_view(*case.values())
    assert np.all(found <= DAYS)
    assert np.allclose(found, DAYS, rtol=1e-12)


def a_path(feeders: int) -> tuple[Any, Any, Any]:
    """Supply (2, F, H), weights of feeders that sum to 1, and days in some order."""
    draw = np.random.default_rng(feeders)
    on = (draw.random((2, feeders, HOURS)) < 0.4).astype(np.uint8)
    weight = draw.random((2, feeders))
    return on, weight / weight.sum(axis=1, keepdims=True), draw.permutation(DAYS)


def test_feeders_with_one_supply_are_viewed_as_one_feeder() -> None:
    case = random_case(4)
    case["on"][:, :, 1] = case["on"][:, :, 0]
    found = days_with_a_view(*case.values())
    one = case | {"on": case["on"][:, :, :1].copy(), "share": np.ones((2, 1))}
    assert np.allclose(found, days_with_a_view(*one.values()), rtol=1e-14)
    case["on"][1, 0, 1, 5] ^= 1
    other = days_with_a_view(*case.values())
    assert (other[1] != found[1]).all()
    assert np.array_equal(other[0], found[0])


def test_a_day_is_a_word_with_a_bit_for_every_hour() -> None:
    on, _, _ = a_path(3)
    found = days_of(on)
    assert found.shape == (2, 3, DAYS)
    for hour in range(24):
        assert np.array_equal(found >> hour & 1, on[:, :, hour::24])
    assert found.max() < 2**24


def test_hours_of_the_first_days_are_counted_plain_and_times_light() -> None:
    on, _, order = a_path(3)
    light = np.random.default_rng(3).random((DAYS, 24))
    light[:, :5] = 0.0
    plain, lit = paths.within_first_days(
        days_of(on), order, WORKING, light, np.array([10, 30, DAYS])
    )
    by_day = on.reshape(2, 3, DAYS, 24)[:, :, order].astype(np.float64)
    for place, window in enumerate((10, 30, DAYS)):
        for first, days in ((0, slice(0, WORKING)), (24, slice(WORKING, None))):
            inside = (order < window)[days]
            own = by_day[:, :, days][:, :, inside]
            slots = slice(first, first + 24)
            assert np.array_equal(plain[place, ..., slots], own.sum(axis=2))
            written_out = (own * light[days][inside]).sum(axis=2)
            assert np.allclose(lit[place, ..., slots], written_out, rtol=1e-13)


@pytest.mark.parametrize("alike", [True, False])
def test_views_by_feeder_are_sums_over_slots(alike: bool) -> None:
    draw = np.random.default_rng(8)
    every, every_lit = draw.random((2, 2, 1, 1, 48))
    places = (1, 1) if alike else (3, 2)
    supplied, lit = draw.random((2, 2, *places, 48))
    profile, rate = draw.random((4, 48)), draw.random((3, 4))
    rate[1] = 0.0
    found = paths.views_by_feeder(
        every, every_lit, supplied, lit, 0.2, 0.9, 0.3, 0.7, profile, rate, 2
    )
    plain = 0.2 * (every - supplied) + 0.9 * supplied
    light = 0.2 * (every_lit - lit) + 0.9 * lit
    seen = np.broadcast_to(0.3 * plain + 0.4 * light, (2, 3, 2, 48)) @ profile.T
    assert np.allclose(found, seen * rate[:, None, :], rtol=1e-13)


def test_hours_by_label_are_sums_of_shares_over_days() -> None:
    on, weight, order = a_path(3)
    sizes = np.random.default_rng(6).multinomial(DAYS, np.full(12, 1.0 / 12.0))
    sizes[3] += sizes[4]
    sizes[4] = 0
    ends = np.cumsum(sizes)
    found = paths.hours_by_label(days_of(on), weight, order, ends)
    by_day = (on * weight[..., None]).sum(axis=1).reshape(2, DAYS, 24)[:, order]
    for number, (end, size) in enumerate(zip(ends, sizes, strict=True)):
        own = by_day[:, end - size : end].sum(axis=1)
        assert np.allclose(found[:, number], own, rtol=1e-13)


def test_a_month_with_more_days_than_a_byte_counts_is_refused() -> None:
    months = np.zeros(12, np.int64)
    for days, fits in ((255, True), (256, False)):
        nothing = np.zeros(days, np.int64)
        calendar = Calendar(2024, nothing, nothing, months, ("all",))
        if fits:
            hours = Days.of(calendar, np.ones(24 * days)).hours
            assert hours.sum() == 24 * days
            continue
        with pytest.raises(ValueError, match="256 days of one type, expected 255 at most"):
            Days.of(calendar, np.ones(24 * days))
