"""By the year: numbers and hours have the law, and what nobody asks for is not drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from sousveil import processes as p
from sousveil.engine.expected import expect
from sousveil.engine.sampled import events, hourly
from sousveil.engine.sampled.attendance import binomial_tables, plan_attendance
from sousveil.engine.sampled.chance import Entities
from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.events import plan_events
from sousveil.engine.sampled.items import numbers_of, starts_of, times_of
from sousveil.engine.sampled.judge import Plain
from sousveil.engine.sampled.kernels.asked import GUIDE_BITS, Counts, Items, Seek, Times
from sousveil.engine.sampled.yearly import count_tables, lay_hours
from sousveil.rng import WORD_RANGE, threshold
from support.jobs import GATED, KEY, make_clock, make_entities, make_points, uneven
from support.models import (
    everything,
    flat,
    make_act,
    make_encounters,
    make_inspections,
    make_model,
    make_roll_call,
    make_unprompted,
    make_world,
)

CLOCK = make_clock()
NEVER = p.Spell("never", p.Entity.HOUSEHOLD, 0.0, 1.0)
SEEDS, MOST_DEVIATION, VARIANCE_RATIO = 24, 4.9, (0.14, 3.2)


def tails(counts: Counts, row: int) -> np.ndarray:
    """P(count > first + j) of one distribution."""
    return 1.0 - counts.cuts[counts.offset[row] : counts.offset[row + 1]] / WORD_RANGE


# --- Distributions -------------------------------------------------------------------------------


def test_a_guide_leads_to_the_first_count_that_a_word_may_mean() -> None:
    counts = count_tables(np.array([0.0, 1e-4, 0.3, 7.0, 60.0, 3000.0]))
    cells = np.arange(64, dtype=np.int64) << 26
    for row in range(6):
        cuts = counts.cuts[counts.offset[row] : counts.offset[row + 1]]
        wanted = np.searchsorted(cuts >> 26, cells >> 26, side="left")
        assert np.array_equal(counts.guide[row], wanted)
        assert counts.lowest[row] == (cuts[0] if len(cuts) else WORD_RANGE - 1)


@pytest.mark.parametrize("number", [0, 1, 31, 32, 730])
@pytest.mark.parametrize("share", [0.0, 1e-6, 0.3, 0.97, 1.0])
def test_binomial_counts_have_the_law(number: int, share: float) -> None:
    counts = binomial_tables(np.array([7, number]), np.array([0.5, share]))
    found, first = tails(counts, 1), int(counts.first[1])
    law = binom.sf(np.arange(first, first + len(found)), number, share)
    assert np.abs(found - law).max(initial=0.0) < 1.5 / WORD_RANGE
    assert first + found.sum() == pytest.approx(number * share, abs=(number + 1) / WORD_RANGE)
    assert first + len(found) <= number


@pytest.mark.parametrize("hours", [24, 168, 8760, 8784, 16_384])
@pytest.mark.parametrize("name", ["flat", "uneven", "rare", "one hour", "never"])
def test_words_cover_the_hours_by_their_shape(hours: int, name: str) -> None:
    profile = {"flat": np.ones((2, 48)), "uneven": uneven()}.get(name, np.zeros((2, 48)))
    profile[:, 0] += {"rare": 1.0, "one hour": 1.0}.get(name, 0.0)
    profile[:, 1:] += 1e-6 if name == "rare" else 0.0
    slot = make_clock(hours).slot
    light = np.linspace(0.5, 1.0, hours)
    number, cuts, guide = lay_hours(profile, slot, light)
    for group in range(2):
        weight = profile[group, slot] * light
        own = cuts[number[group]].astype(np.float64)
        if name != "never":
            assert np.abs(np.diff(own) / WORD_RANGE - weight / weight.sum()).max() < 1 / WORD_RANGE
        words = np.arange(1 << GUIDE_BITS) << (32 - GUIDE_BITS)
        wanted = np.searchsorted(own, words, side="right") - 1
        assert np.array_equal(guide[number[group]], np.minimum(wanted, hours - 1))


# --- Kernels and judge ---------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [1e-6, 1e-3, 0.05])
def test_items_are_those_of_the_judge(rate: float) -> None:
    points, at = make_points(rate, profile=uneven(), gate=GATED), make_entities(700)
    plain, compiled = Plain(KEY, yearly=True), Compiled(KEY, yearly=True)
    asked = numbers_of(points, at, KEY)
    counts = plain.numbers(asked)
    assert np.array_equal(counts, compiled.numbers(asked))
    starts = starts_of(counts)
    items = Items(asked.key, asked.stream, np.uint32(5), at.ids, starts)
    assert np.array_equal(plain.items(items), compiled.items(items))
    limit = threshold(np.resize([0.0, 0.01, 0.6, 1.0], 700))
    for one, other in zip(plain.picked(items, limit), compiled.picked(items, limit), strict=True):
        assert np.array_equal(one, other)
    times = times_of(points, at, CLOCK, KEY)
    placed = plain.placed(times, starts)
    for one, other in zip(placed, compiled.placed(times, starts), strict=True):
        assert np.array_equal(one, other)
    everybody = plain.picked(items, threshold(np.ones(700)))
    hour, kept = compiled.hours(times, everybody.person, everybody.number)
    assert np.array_equal(hour, placed.hour)
    assert np.array_equal(kept, placed.kept)


def sought(visits: list[int], act: int, hours: int, find: float) -> tuple[np.ndarray, np.ndarray]:
    """Places and hours of what visits in these hours find of 400 acts in one hour."""
    entity, starts = np.array([3], np.uint32), np.array([0, 400])
    key = np.array(KEY, np.uint32)
    _, cuts, _ = lay_hours(np.ones((1, 48)), CLOCK.slot)
    words = (cuts[0][visits] + np.uint64(7)).astype(np.uint32)
    seek = Seek(
        Items(key, np.uint32(9), np.uint32(0), entity, starts),
        np.array([WORD_RANGE], np.uint64),
        np.uint64(WORD_RANGE),
        times_of(make_points(0.1), Entities(entity, *np.zeros((2, 1), np.int64)), CLOCK, KEY),
        np.full(400, act, np.uint16),
        np.ones(400, np.uint8),
        words,
        np.array([0, len(visits)]),
        np.zeros(1, np.int64),
        cuts[0],
        threshold(1.0 - (1.0 - find) ** np.arange(1025.0)),
        hours,
    )
    one, other = (chance(KEY, yearly=True).sought(seek) for chance in (Plain, Compiled))
    for column, same in zip(one, other, strict=True):
        assert np.array_equal(column, same)
    return other.number, np.searchsorted(cuts[0], other.word, side="right") - 1


@pytest.mark.parametrize(
    ("visits", "found"),
    [
        ([], []), ([9], []), ([10], [10]), ([12], [12]), ([13], []), ([9, 11, 12], [11]),
        ([13, 14], []), ([12, 9, 11], [11]), ([12, 12, 12], [12]),
    ],
)  # fmt: skip
def test_a_visit_finds_within_the_findable_hours(visits: list[int], found: list[int]) -> None:
    number, hours = sought(visits, 10, 3, 1.0)
    assert number.tolist() == (list(range(400)) if found else [])
    assert set(hours.tolist()) == set(found)


def test_the_nth_visit_finds_what_the_earlier_missed() -> None:
    _, hours = sought([700, 12, 11, 10, 9], 10, 8760, 0.5)
    found = np.array([np.count_nonzero(hours == hour) for hour in (9, 10, 11, 12, 700)])
    wanted = 400 * np.array([0.0, 0.5, 0.25, 0.125, 0.0625])
    assert np.all(np.abs(found - wanted) < 5 * np.sqrt(wanted) + 1e-9), found


# --- What is drawn as counts ---------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.003, 0.05])
def test_an_act_that_nothing_watches_asks_for_no_hour(
    rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("nobody reads an hour")

    for name in ("hours", "placed", "items", "picked"):
        monkeypatch.setattr(Compiled, name, refuse)
    act = make_act(rate=rate, marks=(), completes={}, gate=p.NO_GATE)
    model = make_model(make_world(), (act,), {})
    tallies = events.sample(model, 1, 0).tallies
    done = {key.outcome: tallies.total(key) for key in tallies.counts if key.process == "media"}
    assert done["done"] == done["completed"] == done["pattern:0"] > 0


@pytest.mark.parametrize(
    ("changes", "by_number"),
    [
        ({}, True),
        ({"threshold": 1}, False),
        ({"fault": p.Spell("fault", p.Entity.HOUSEHOLD, 0.1, 9.0)}, False),
        ({"link": p.Spell("link", p.Entity.AREA, 0.1, 9.0)}, False),
        ({"gate": p.Gate("home", 0.9, 0.2)}, False),
        ({"gate": p.Gate("", 0.7, 0.7)}, True),
    ],
)
def test_a_roll_call_is_numbers_where_nothing_tells_its_events_apart(
    changes: dict, by_number: bool
) -> None:
    plan = plan_events(make_model(make_world(), (silent(**changes),), {}))
    assert len(plan.attended) == by_number
    assert len(plan.roll_calls) == (not by_number)
    if by_number:
        assert plan_attendance(plan.attended[0].call) is not None


def silent(**changes: object) -> p.RollCall:
    """A roll call of 70 evenings that can flag nobody."""
    call = make_roll_call(
        events=tuple((24 * day + hour,) for day in range(30) for hour in (19, 20))[:50],
        windows=((0,), (3,)),
        threshold=2,
        gate=p.Gate("home", 0.8, 0.0),
        fault=NEVER,
        link=replace(NEVER, name="link", entity=p.Entity.AREA),
    )
    return replace(call, **changes)  # type: ignore[arg-type]


def models() -> dict[str, tuple[p.Process, ...]]:
    """What moved: acts without marks, with and without power, chilled, found; probes; calls."""
    act = make_act("talk", 0.02, marks=(), completes={}, effect=None)
    chilled = replace(act, name="travel", month=np.tile(np.linspace(1.0, 0.2, 12), (3, 1)))
    visits, *_ = make_inspections()
    found = [
        p.Inspection("search", "unit", "talk", visits.name, 0.8, 30, 0.4, flat(0.6), flat(0.2)),
        p.Inspection("again", "cell", "travel", visits.name, 1.0, 60, 0.1, flat(0.5), flat(0.0)),
    ]
    street, _, match, _ = make_encounters()
    nearest = replace(match, level=street.levels[-1].name)
    return {
        "acts": (act, chilled, visits, *found, replace(make_unprompted(), allegation="talk")),
        "probes": (street, nearest),
        "calls": (silent(), silent(name="unit", gate=p.Gate("", 0.7, 0.7))),
    }


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.parametrize("name", models())
@pytest.mark.parametrize("engine", [events.sample, hourly.sample])
def test_what_is_drawn_by_number_has_the_law(name: str, engine) -> None:
    model = make_model(make_world(scale=8), models()[name])
    wanted, judged = expect(model), 0
    runs = [engine(model, seed, 5).tallies for seed in range(SEEDS)]
    for key in runs[0].counts:
        value = wanted[key]
        totals = np.array([run.total(key) for run in runs], dtype=np.float64)
        mean = float(value.values.sum())
        if value.label != "exact" or mean * SEEDS < 100.0 or value.variance == 0.0:
            continue
        judged += 1
        deviation = (totals.mean() - mean) / np.sqrt(value.variance / SEEDS)
        ratio = totals.var(ddof=1) / value.variance
        assert abs(deviation) < MOST_DEVIATION, f"{key}: {deviation}"
        assert VARIANCE_RATIO[0] < ratio < VARIANCE_RATIO[1], f"{key}: variance {ratio}"
    assert judged > 3


def test_everything_that_moved_is_in_the_plan() -> None:
    plan = plan_events(make_model(make_world(days=3), everything(make_world(days=3))))
    assert plan.yearly
    assert plan.counted
    assert isinstance(times_of(make_points(0.1), make_entities(2), CLOCK, KEY), Times)
