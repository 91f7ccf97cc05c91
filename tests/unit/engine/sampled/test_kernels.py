"""The kernels of words and points equal the NumPy judge to the bit, and have the law."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sousveil.engine.sampled import compiled
from sousveil.engine.sampled.chance import Entities
from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.judge import Plain
from sousveil.engine.sampled.kernels.lanes import fill_lanes, rank
from sousveil.engine.sampled.kernels.points import Room
from sousveil.engine.sampled.tables import Clock, Points
from sousveil.processes import NO_GATE, Gate
from support.jobs import GATED, KEY, make_clock, make_entities, make_points, uneven

IDS = np.array([0, 1, 5, 4_294_967_295], dtype=np.uint32)
CLOCK = make_clock()
MOST_DEVIATION = 4.9
"""Standard deviations; a false alarm in a million tests."""


def drawn(points: Points, at: Entities, yearly: bool, clock: Clock = CLOCK) -> tuple[Room, Room]:
    """The events of a process by the judge and by the kernel."""
    return (
        Plain(KEY, yearly).events(points, at, clock),
        Compiled(KEY, yearly).events(points, at, clock),
    )


def names(room: Room) -> np.ndarray:
    """One number for each event of a process."""
    return room.position.astype(np.int64) * 2**32 + room.number


def assert_equal(one: Room, other: Room) -> None:
    for left, right in zip(one, other, strict=True):
        assert left.dtype == right.dtype
        assert np.array_equal(left, right)


# --- Words ---------------------------------------------------------------------------------------


def test_the_kernel_gives_the_known_answer() -> None:
    out = np.empty((4, 1), np.uint32)
    counter = np.array([0x243F6A88], np.uint32), np.array([0x85A308D3], np.uint32)
    key = np.array([0xA4093822, 0x299F31D0], np.uint32)
    fill_lanes(key, np.uint32(0x13198A2E), np.uint32(0x03707344), *counter, out)
    assert out[:, 0].tolist() == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


@pytest.mark.parametrize("page", [0, 3])
def test_lanes_are_equal(page: int) -> None:
    events = np.arange(7, dtype=np.uint32)
    for entity, event in ((IDS[:, None], events[None, :]), (IDS, 0), (IDS[:0], 0)):
        plain = Plain(KEY).lanes(77, entity, event, page)
        found = Compiled(KEY).lanes(77, entity, event, page)
        assert plain.dtype == found.dtype == np.uint32
        assert np.array_equal(plain, found)


def test_a_rank_is_the_number_of_cuts_at_or_below() -> None:
    cuts = np.array([0, 7, 7, 9, 2**32 - 1, 2**32], dtype=np.uint64)
    words = np.array([0, 6, 7, 8, 9, 2**32 - 2, 2**32 - 1], dtype=np.uint32)
    for low in range(3):
        found = [rank.py_func(cuts, low, 6, word) for word in words]
        assert found == np.searchsorted(cuts[low:], words, side="right").tolist()


# --- Points --------------------------------------------------------------------------------------


@pytest.mark.parametrize("gate", [GATED, NO_GATE, Gate("", 0.5, 0.5), Gate("home", 0.0, 1.0)])
@pytest.mark.parametrize("yearly", [False, True])
@pytest.mark.parametrize(
    ("rate", "entities"),
    [(3e-8, 100), (1e-5, 300), (0.003, 300), (0.05, 60), (0.2, 50), (3.0, 6), (60.0, 2)],
)
def test_events_are_equal(rate: float, entities: int, yearly: bool, gate: Gate) -> None:
    for profile in (None, uneven()):
        points = make_points(rate, profile, gate)
        plain, found = drawn(points, make_entities(entities), yearly)
        assert_equal(plain, found)
        assert len(plain.hour) > 0 or rate < 1e-4


@pytest.mark.parametrize("yearly", [False, True])
@pytest.mark.parametrize("hours", [24, 48, 16_384])
def test_events_of_shorter_and_longer_years_are_equal(hours: int, yearly: bool) -> None:
    clock = make_clock(hours)
    points = make_points(0.02, uneven(), GATED, clock)
    assert_equal(*drawn(points, make_entities(300), yearly, clock))


@pytest.mark.parametrize("yearly", [False, True])
def test_no_entities_and_no_rates_give_no_events(yearly: bool) -> None:
    never = make_points(1e-13)  # less than the integers of an hour can tell
    for points, size in ((make_points(0.1), 0), (make_points(0.0), 9), (never, 9)):
        plain, found = drawn(points, make_entities(size), yearly)
        assert_equal(plain, found)
        assert len(found.hour) == 0


@pytest.mark.parametrize("yearly", [False, True])
def test_the_last_entities_have_events_too(yearly: bool) -> None:
    points, most = make_points(0.01), 2**32 - 7 * 39 - 1
    plain, found = drawn(points, make_entities(40, first=most), yearly)
    assert_equal(plain, found)
    assert set(found.position.tolist()) == set(range(40))


@pytest.mark.parametrize("yearly", [False, True])
def test_entities_do_not_feel_their_neighbours(yearly: bool) -> None:
    points, at = make_points(0.002, uneven(), GATED), make_entities(600)
    whole = Compiled(KEY, yearly).events(points, at, CLOCK)
    some = np.array([3, 255, 256, 257, 511, 599])
    part = Compiled(KEY, yearly).events(
        points, Entities(at.ids[some], at.row[some], at.feeder[some]), CLOCK
    )
    mine = np.isin(whole.position, some)
    assert len(part.hour) > 20
    assert np.array_equal(some[part.position], whole.position[mine])
    assert np.array_equal(part.counts, whole.counts[some])
    for column in ("hour", "number", "spare"):
        assert np.array_equal(getattr(part, column), getattr(whole, column)[mine])


@pytest.mark.parametrize("yearly", [False, True])
def test_events_stand_by_entity_and_each_has_its_number(yearly: bool) -> None:
    found = Compiled(KEY, yearly).events(make_points(0.3), make_entities(80), CLOCK)
    assert np.all(np.diff(found.position) >= 0)
    assert len(np.unique(names(found))) == len(found.hour) > 100_000
    assert np.array_equal(np.bincount(found.position, minlength=80), found.counts)
    if not yearly:
        assert np.array_equal(found.number & np.uint32(2**15 - 1), found.hour)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2])
def test_a_kernel_out_of_room_tries_again(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    points, at = make_points(0.5, gate=GATED), make_entities(50)
    whole = Compiled(KEY).events(points, at, CLOCK)
    tries: list[int] = []
    filled = getattr(compiled, "_filled")  # noqa: B009 (pyright: private on purpose)
    fill_room = getattr(compiled, "new_room")  # noqa: B009

    def watched_room(size: int, *rest: Any) -> Room:
        tries.append(size)
        return fill_room(size, *rest)

    monkeypatch.setattr(compiled, "new_room", watched_room)
    monkeypatch.setattr(compiled, "_filled", lambda likely, *rest: filled(likely * share, *rest))
    assert_equal(whole, Compiled(KEY).events(points, at, CLOCK))
    assert len(tries) > 1, tries
    assert tries[1] == 2 * tries[0]


# --- The law -------------------------------------------------------------------------------------


def assert_poisson(count: np.ndarray, mean: float) -> None:
    """Judge the mean and variance of independent counts."""
    n = len(count)
    assert n * mean > 1_000, "too few for the normal law"
    deviation = (count.mean() - mean) / np.sqrt(mean / n)
    assert abs(deviation) < MOST_DEVIATION, deviation
    # Variance of a sample variance of Poisson counts: (m + 2 m^2 n / (n - 1)) / n.
    spread = np.sqrt((mean + 2 * mean**2 * n / (n - 1)) / n)
    assert abs(count.var(ddof=1) - mean) / spread < MOST_DEVIATION


@pytest.mark.parametrize("yearly", [False, True])
@pytest.mark.parametrize(
    ("rate", "entities"),
    [(4e-6, 200_000), (0.01, 2_000), (0.8, 60)],
)
def test_events_are_a_poisson_process(rate: float, entities: int, yearly: bool) -> None:
    found = Compiled(KEY, yearly).events(make_points(rate), make_entities(entities), CLOCK)
    of_entity = np.bincount(found.position, minlength=entities)
    assert_poisson(of_entity[::2], 8760 * rate)
    assert_poisson(of_entity[1::2], 8760 * rate / 3)
    upper = found.position % 2 == 0
    if rate > 1e-3:
        hours = np.bincount(
            (found.position[upper].astype(np.int64) // 2) * 8760 + found.hour[upper],
            minlength=entities // 2 * 8760,
        )
        assert_poisson(hours, rate)
    # Neither the weeks nor the hours of the day have favourites.
    assert_poisson(
        np.bincount(found.hour[upper] // 168, minlength=52)[:52], 168 * entities / 2 * rate
    )
    assert_poisson(np.bincount(found.hour[upper] % 24, minlength=24), 365 * entities / 2 * rate)


@pytest.mark.parametrize("yearly", [False, True])
def test_the_shape_of_the_week_and_power_take_their_shares(yearly: bool) -> None:
    entities, rate = 3_000, 0.02
    points = make_points(rate, uneven(), GATED)
    found = Compiled(KEY, yearly).events(points, make_entities(entities), CLOCK)
    hour = np.arange(8760)
    for row, share in ((0, 1.0), (1, 1 / 3)):
        for feeder in range(2):
            mine = (found.position % 2 == row) & (found.position // 2 % 2 == feeder)
            count = np.bincount(found.hour[mine], minlength=8760)
            chance = np.where(CLOCK.supply[0, feeder] > 0, 1.0, 0.2)
            wanted = entities / 4 * rate * share * uneven()[row, CLOCK.slot] * chance
            assert not count[wanted == 0.0].any()
            for slot in range(48):
                for supplied in (0, 1):
                    cell = (hour % 48 == slot) & (CLOCK.supply[0, feeder] == supplied)
                    if wanted[cell].sum() > 30:
                        z = (count[cell].sum() - wanted[cell].sum()) / np.sqrt(wanted[cell].sum())
                        assert abs(z) < 6.0, "of some 200 cells, 1e-6 together with Poisson's skew"


@pytest.mark.parametrize("yearly", [False, True])
def test_a_spare_word_has_not_been_read(yearly: bool) -> None:
    # Among events that passed height, place and power, the spare word is as good as new.
    points = make_points(0.05, uneven(), GATED)
    found = Compiled(KEY, yearly).events(points, make_entities(2_000), CLOCK)
    n = len(found.spare)
    assert n > 100_000
    parts = np.bincount(found.spare >> np.uint32(28), minlength=16)
    chi = ((parts - n / 16) ** 2 / (n / 16)).sum()
    assert chi < 54.0, "15 degrees of freedom, 1e-6 x 3"
    late = found.hour > 4380
    split = abs(found.spare[late].mean() - found.spare[~late].mean()) / 2**32
    assert split < MOST_DEVIATION * np.sqrt(1 / 12 * (1 / late.sum() + 1 / (~late).sum()))


@pytest.mark.parametrize("factor", [1.5, 0.5, 90.0])
@pytest.mark.parametrize("yearly", [False, True])
def test_a_higher_rate_keeps_every_event(yearly: bool, factor: float) -> None:
    chance, at = Compiled(KEY, yearly), make_entities(300)
    one, other = (
        chance.events(make_points(rate, uneven(), GATED), at, CLOCK)
        for rate in (0.004, 0.004 * factor)
    )
    few, many = sorted((one, other), key=lambda room: len(room.hour))
    order = np.argsort(names(many))[np.searchsorted(np.sort(names(many)), names(few))]
    assert np.array_equal(names(many)[order], names(few))
    assert np.array_equal(many.hour[order], few.hour)
    assert np.array_equal(many.spare[order], few.spare)
    assert len(few.hour) < len(many.hour)


@pytest.mark.parametrize("yearly", [False, True])
def test_more_power_keeps_every_event(yearly: bool) -> None:
    chance, at = Compiled(KEY, yearly), make_entities(300)
    few, many = (
        chance.events(make_points(0.004, uneven(), gate), at, CLOCK) for gate in (GATED, NO_GATE)
    )
    assert set(names(few).tolist()) < set(names(many).tolist())
