"""The path of power: what is drawn, and that counters alone decide it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sousveil.rng import Key, refuse_clashes, threshold, word
from sousveil.rng import stream as stream_number
from sousveil.world import power
from sousveil.world.areas import build_areas
from sousveil.world.calendar import build_calendar
from sousveil.world.model import PowerPath
from sousveil.world.power import (
    STREAMS,
    draw_path,
    lit_path,
    outage_days,
    supplied_hours,
    words_in_order,
)
from sousveil.world.supply import supplies
from unit.world.country import CALENDAR, area_rows, people_parameters, power_parameters

AREAS = build_areas(area_rows(), people_parameters())[0]
CALENDAR_2024 = build_calendar(CALENDAR, 2024)
SEEDS = range(24)
SAFE = 4.9
"""Standard deviations that chance exceeds once in a million tests."""


def path(seed: int = 1, member: int = 0, **changes: Any) -> PowerPath:
    return draw_path(AREAS, CALENDAR_2024, power_parameters(**changes), seed, member)


def test_the_same_counters_give_the_same_bits_and_others_do_not() -> None:
    first = path(seed=0, member=7)
    assert first.on.tobytes() == path(seed=0, member=7).on.tobytes()
    assert first.on.tobytes() != path(seed=1, member=7).on.tobytes()
    assert first.on.tobytes() != path(seed=0, member=8).on.tobytes()


def test_a_line_is_drawn_alike_alone_and_beside_others() -> None:
    together = path()
    alone = path(home_hours={}, border_hours={})
    assert alone.lines == ("state",)
    assert (alone.on[0] == together.on[together.lines.index("state")]).all()


def test_a_line_kept_from_another_what_if_is_the_one_drawn_anew() -> None:
    path()
    kept = path(border_hours={"other": 24.0})
    power._kept_lines.cache_clear()
    anew = path(border_hours={"other": 24.0})
    assert kept.on.tobytes() == anew.on.tobytes()
    assert kept.hours.tobytes() == anew.hours.tobytes()
    assert anew.on.tobytes() != path().on.tobytes()


def test_an_area_is_drawn_alike_whatever_areas_follow_it() -> None:
    # No factor by region: one that names no region of the place is refused.
    parameters = power_parameters(season_factor={"home.winter": 0.6, "state.good": 1.1})
    fewer = draw_path(AREAS[:3], CALENDAR_2024, parameters, 1, 0)
    whole = draw_path(AREAS, CALENDAR_2024, parameters, 1, 0)
    assert (fewer.on == whole.on[:, :3]).all()


@pytest.mark.parametrize("key", ["home.wintr", "hom.winter", "home.winter.est", "home.winter.a.b"])
def test_a_factor_for_nothing_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="season_factor"):
        draw_path(AREAS, CALENDAR_2024, power_parameters(season_factor={key: 0.5}), 1, 0)


def test_words_are_those_of_the_documented_counters() -> None:
    key, entities, events = Key(5, 6), np.array([0, 3]), np.arange(10)
    found = words_in_order(key, "power.home.hour", entities, 10)
    number = stream_number("power.home.hour")
    expected = word(key, number, entities[:, None], events // 4, events % 4)
    assert (found == expected).all()
    refuse_clashes(STREAMS)


def test_an_hour_is_on_iff_its_word_is_below_its_threshold() -> None:
    # The plain reading of the declaration, hour by hour, for one area and feeder.
    supply = supplies(AREAS, CALENDAR_2024, power_parameters())[0]
    area, feeder, feeders = 2, 3, 4
    dark = outage_days(supply, Key(1, 0))[area]
    words = words_in_order(Key(1, 0), "power.home.hour", np.array([area * feeders + feeder]), 8760)[
        0
    ]
    bits = path().on[0, area, feeder]
    for hour in range(8760):
        day, of_day = divmod(hour, 24)
        chance = (supply.dark if dark[day] else supply.lit)[area, supply.kind[day], of_day]
        assert bits[hour] == (int(words[hour]) < int(threshold(chance)))


def test_full_supply_is_never_off_and_no_supply_never_on() -> None:
    full = {"other": 24.0}
    assert path(home_hours=full, state_hours=full, border_hours=full).on.all()
    none = {"other": 0.0}
    assert not path(home_hours=none, state_hours=none, border_hours=none).on.any()


@pytest.mark.statistical
def test_hours_on_given_the_outage_days_are_as_declared_over_24_seeds() -> None:
    # Given the outage days, bits are independent: the variance is the sum of p (1 - p).
    parameters = power_parameters()
    for index, supply in enumerate(supplies(AREAS, CALENDAR_2024, parameters)):
        found, mean, variance = (np.zeros(len(AREAS)) for _ in range(3))
        for seed in SEEDS:
            dark = outage_days(supply, Key(seed, 0))
            chances = np.where(
                dark[:, :, None], supply.dark[:, supply.kind], supply.lit[:, supply.kind]
            ).reshape(len(AREAS), -1)
            only = {"home", "state", "border"} - {supply.line}
            bare = replace(parameters, **{f"{line}_hours": {} for line in only})
            found += draw_path(AREAS, CALENDAR_2024, bare, seed, 0).on[0].sum(axis=(1, 2))
            mean += parameters.feeders * chances.sum(axis=1)
            variance += parameters.feeders * (chances * (1 - chances)).sum(axis=1)
        assert (np.abs(found - mean) < SAFE * np.sqrt(variance)).all(), index


@pytest.mark.statistical
@pytest.mark.parametrize("spell", [1.0, 3.0, 14.0])
def test_outage_days_have_their_share_and_spells_over_24_seeds(spell: float) -> None:
    supply = supplies(AREAS, CALENDAR_2024, power_parameters(outage_spell_days=spell))[0]
    drawn = np.stack([outage_days(supply, Key(seed, 0)) for seed in SEEDS])
    for area, share in enumerate(supply.outage):
        # Two-state chain: the variance of a mean is inflated by (1 + r) / (1 - r).
        stay = 1 - 1 / supply.spell[area]
        enter = share / (supply.spell[area] * (1 - share))
        inflation = (1 + stay - enter) / (1 - stay + enter)
        deviation = np.sqrt(share * (1 - share) * inflation / drawn[:, area].size)
        assert abs(drawn[:, area].mean() - share) < SAFE * deviation
        days = drawn[:, area]
        stayed = (days[:, 1:] & days[:, :-1]).sum()
        chances = days[:, :-1].sum()
        assert abs(stayed - chances * stay) <= SAFE * np.sqrt(chances * stay * (1 - stay)) + 1e-9


@pytest.mark.statistical
def test_the_news_has_its_slot_on_days_with_supply_over_24_seeds() -> None:
    parameters = power_parameters(state_hours={}, border_hours={}, news_slot=0.9, speech_slot=0.0)
    supply = supplies(AREAS, CALENDAR_2024, parameters)[0]
    lit_evenings = on = 0
    for seed in SEEDS:
        lit = ~outage_days(supply, Key(seed, 0))
        bits = draw_path(AREAS, CALENDAR_2024, parameters, seed, 0).on[0]
        news = bits.reshape(len(AREAS), 4, 365, 24)[:, :, :, 20]
        on += int(news.transpose(0, 2, 1)[lit].sum())
        lit_evenings += 4 * int(lit.sum())
        assert not news.transpose(0, 2, 1)[~lit].any()
    assert abs(on - 0.9 * lit_evenings) < SAFE * np.sqrt(lit_evenings * 0.09)


def test_the_hours_of_supply_are_counted_from_the_path() -> None:
    drawn = path()
    assert drawn.hours.shape == (3, len(AREAS), 12, 48)
    assert drawn.hours.sum(axis=(2, 3)) == pytest.approx(drawn.on.sum(axis=3).mean(axis=2))
    # One cell by hand: line 2, area 1, month 4, slot 30.
    hours = (CALENDAR_2024.month_of_hour() == 4) & (CALENDAR_2024.slot_of_hour() == 30)
    assert drawn.hours[2, 1, 4, 30] == drawn.on[2, 1][:, hours].sum() / 4


def test_a_trial_has_supply_in_every_hour() -> None:
    lit, drawn = lit_path(AREAS, CALENDAR_2024, power_parameters()), path()
    assert (lit.lines, lit.on.shape, lit.on.all()) == (drawn.lines, drawn.on.shape, True)
    assert np.array_equal(lit.hours, supplied_hours(lit.on, CALENDAR_2024))


def test_without_any_line_there_are_no_hours_of_supply() -> None:
    drawn = path(home_hours={}, state_hours={}, border_hours={})
    assert drawn.on.shape == (0, len(AREAS), 4, 8760)
    assert drawn.hours.shape == (0, len(AREAS), 12, 48)


def test_words_that_are_not_kept_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = path(seed=4)
    monkeypatch.setattr("sousveil.world.power._MOST_KEPT", 0)
    assert (path(seed=4).on == kept.on).all()
