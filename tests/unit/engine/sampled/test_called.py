"""Whose absence counts, and what each cause has done: the kernel of roll calls and its judge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sousveil.engine.model import CAUSES
from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.judge import Plain
from sousveil.engine.sampled.kernels.calls import MOST_IN_A_WINDOW, Called, Calls
from sousveil.rng import threshold
from support.jobs import KEY

NEVER, ALWAYS = np.uint64(0), np.uint64(2**32)
HALF = np.uint64(2**31)
CHANCES = Plain(KEY), Compiled(KEY)


def make_calls(n: int = 1, events: int = 1, **changes: Any) -> Calls:
    """Households of two feeders that watch at home, with everything in order.

    By default all events are one window, and one absence is enough.
    """
    normal = {
        "key": np.array(KEY, dtype=np.uint32),
        "streams": np.array([7, 8, 9], dtype=np.uint32),
        "ids": np.arange(n, dtype=np.uint32),
        "kind": np.arange(n) % 16,
        "feeder": np.arange(n) % 2,
        "faults": np.arange(n, dtype=np.uint32),
        "exchange": np.arange(n) // 10,
        "watch": np.full(16, ALWAYS),
        "elsewhere": NEVER,
        "left_on": NEVER,
        "odds": np.full((2, 1, events), ALWAYS),
        "linked": np.ones((n // 10 + 1, events), dtype=np.uint8),
        "down": np.empty((0, 2), dtype=np.uint64),
        "offset": np.array([0, events]),
        "members": np.arange(events),
        "threshold": np.uint64(1),
        "excuses": False,
    }
    return Calls(**{**normal, **changes})


def powered(*events: int) -> np.ndarray:
    """(2, 1, E) odds of events with and without power."""
    return np.tile(np.array(events)[None, None, :], (2, 1, 1)).astype(np.uint64) * ALWAYS


def called(calls: Calls) -> Called:
    """What comes of a roll call, by the judge and the kernel alike."""
    one, other = (chance.called(calls) for chance in CHANCES)
    for left, right in zip(one, other, strict=True):
        assert left.dtype == right.dtype
        assert np.array_equal(left, right)
    return other


def outcome(**changes: Any) -> tuple[bool, bool, bool, list[str]]:
    """Of one household at one event: recorded, flagged, founded, and the causes of the flag."""
    found = called(make_calls(1, 1, **changes))
    causes = [cause for n, cause in enumerate(CAUSES) if found.counts[0, 2 + n]]
    return bool(found.counts[0, 1]), len(found.row) == 1, bool(found.founded.any()), causes


NOT_WATCHING = {"watch": np.full(16, NEVER)}
AWAY, LEFT_ON = {"elsewhere": ALWAYS}, {"left_on": ALWAYS}
DARK = {"odds": np.full((2, 1, 1), NEVER)}
CUT_OFF = {"linked": np.zeros((1, 1), dtype=np.uint8)}
BROKEN = {"down": np.array([[ALWAYS, ALWAYS]])}
EXCUSED = {"excuses": True}


@pytest.mark.parametrize(
    ("changes", "recorded", "founded", "causes"),
    [
        ({}, True, False, []),
        (AWAY, False, False, ["elsewhere"]),
        (NOT_WATCHING, False, True, []),
        (NOT_WATCHING | AWAY, False, True, []),
        (NOT_WATCHING | LEFT_ON, True, False, []),
        (NOT_WATCHING | AWAY | LEFT_ON, True, False, []),
        (AWAY | LEFT_ON, False, False, ["elsewhere"]),
        (DARK, False, False, ["power"]),
        (CUT_OFF, False, False, ["link"]),
        (BROKEN, False, False, ["fault"]),
        (NOT_WATCHING | DARK, False, True, []),
        (NOT_WATCHING | LEFT_ON | DARK, False, False, ["power"]),
        (NOT_WATCHING | LEFT_ON | BROKEN, False, False, ["fault"]),
        (DARK | AWAY, False, False, []),
        (DARK | CUT_OFF, False, False, []),
        (CUT_OFF | BROKEN, False, False, []),
        (BROKEN | AWAY, False, False, []),
        (EXCUSED | CUT_OFF, False, False, ["link"]),
        (EXCUSED | AWAY, False, False, ["elsewhere"]),
        (EXCUSED | NOT_WATCHING, False, True, []),
    ],
)
def test_recorded_founded_and_cause(
    changes: dict[str, Any], recorded: bool, founded: bool, causes: list[str]
) -> None:
    assert outcome(**changes) == (recorded, not recorded, founded, causes)


@pytest.mark.parametrize("changes", [{}, NOT_WATCHING, AWAY, CUT_OFF, BROKEN])
def test_an_excuse_takes_every_absence_without_power_away(changes: dict[str, Any]) -> None:
    assert outcome(**DARK, **EXCUSED, **changes) == (False, False, False, [])


def test_what_could_be_recorded_needs_power_link_and_box() -> None:
    for changes in (DARK, CUT_OFF, BROKEN):
        assert called(make_calls(1, 1, **changes)).counts[0, 0] == 0
    for changes in ({}, AWAY, NOT_WATCHING):
        assert called(make_calls(1, 1, **changes)).counts[0, 0] == 1


def test_a_cause_is_owed_only_what_falls_below_the_threshold_without_it() -> None:
    # Two events without power, one without link; two absences flag: power and not link did it.
    odds = powered(*[0, 0, 1, 1])
    linked = np.array([[1, 1, 0, 1]], dtype=np.uint8)
    calls = make_calls(1, 4, odds=odds, linked=linked, threshold=np.uint64(2))
    assert called(calls).counts[0].tolist() == [1, 1, 1, 0, 0, 0]
    # With three to flag, either cause taken away saves the household: shares may overlap.
    calls = calls._replace(threshold=np.uint64(3))
    assert called(calls).counts[0].tolist() == [1, 1, 1, 1, 0, 0]
    assert not len(called(calls._replace(threshold=np.uint64(4))).row)


def test_founded_needs_enough_deliberate_absences() -> None:
    # Watching is certain for kind 0 only; three dark events bring kind 0 over the threshold.
    watch = np.full(16, NEVER)
    watch[0] = ALWAYS
    odds = powered(*[0, 0, 0, 1])
    found = called(make_calls(2, 4, watch=watch, odds=odds, threshold=np.uint64(3)))
    assert found.row.tolist() == [0, 1]
    assert found.founded.tolist() == [0, 1]
    assert found.counts[:, 2].tolist() == [1, 0], "what is founded is owed to no cause"


def test_windows_may_overlap_and_leave_gaps() -> None:
    odds = powered(*[1, 0, 0, 1, 0, 1])
    windows = [(0, 1), (1, 2, 3), (2, 4), (5,), (1, 2, 4)]
    calls = make_calls(
        2,
        6,
        odds=odds,
        offset=np.cumsum([0, *map(len, windows)]),
        members=np.concatenate(windows),
        threshold=np.uint64(2),
    )
    found = called(calls)
    assert found.row.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.window.tolist() == [1, 2, 4] * 2
    assert found.counts[:, 2].tolist() == [3, 3]


def test_a_roll_call_without_windows_or_households_flags_nobody() -> None:
    nothing = {"offset": np.array([0]), "members": np.empty(0, np.int64)}
    found = called(make_calls(3, 2, **nothing, **NOT_WATCHING))
    assert not len(found.row)
    assert found.counts[:, 0].tolist() == [2, 2, 2]
    assert called(make_calls(0, 2)).counts.shape == (0, 6)


def test_the_longest_window_still_holds_its_sums() -> None:
    most = MOST_IN_A_WINDOW
    every = {"odds": powered(*[0] * most), "watch": np.full(16, NEVER)}
    found = called(make_calls(2, most, threshold=np.uint64(most), **every))
    assert found.founded.tolist() == [1, 1]
    found = called(make_calls(2, most, threshold=np.uint64(most), odds=every["odds"]))
    assert found.founded.tolist() == [0, 0]
    assert found.counts[:, 2:].tolist() == [[1, 0, 0, 0]] * 2


# --- Chance --------------------------------------------------------------------------------------


def uncertain(n: int, events: int, airings: int, **changes: Any) -> Calls:
    """Everything by chance: power, watching, faults, links of an area or of each household."""
    chance = np.random.Generator(np.random.PCG64(events * airings))
    odds = threshold(chance.random((2, airings, events)))
    kind = chance.random(odds.shape)
    odds[kind < 0.1], odds[kind > 0.9] = ALWAYS, NEVER  # not every event has as many airings
    normal = {
        "watch": threshold(np.linspace(0.0, 1.0, 16)),
        "elsewhere": threshold(0.2),
        "left_on": threshold(0.1),
        "odds": odds,
        "linked": (chance.random((n // 10 + 1, events)) < 0.8).astype(np.uint8),
        "down": threshold(np.tile([0.1, 0.8], (events, 1))),
        "threshold": np.uint64(2),
    }
    return make_calls(n, events, **{**normal, **changes})


@pytest.mark.parametrize("excuses", [False, True])
@pytest.mark.parametrize("airings", [1, 2, 5, 11])
@pytest.mark.parametrize("events", [1, 4, 30])
def test_the_kernel_equals_its_judge(events: int, airings: int, excuses: bool) -> None:
    pairs = [(i, j) for i in range(0, events, 3) for j in (i + 1, i + 5) if j <= events]
    windows = {
        "offset": np.cumsum([0, *[j - i for i, j in pairs]]),
        "members": np.concatenate([np.arange(i, j) for i, j in pairs]),
    }
    for by in (
        {},
        {"exchange": np.arange(200) % 21},
        {"faults": np.arange(200, dtype=np.uint32) // 9},
    ):
        for need in (1, 2):
            calls = uncertain(
                200, events, airings, excuses=excuses, threshold=np.uint64(need), **windows, **by
            )
            found = called(calls)
            assert found.counts[:, 0].any()
            assert len(found.row) > 0 or need == 2


def test_power_is_that_of_the_own_feeder() -> None:
    odds = powered(1, 0, 1)
    odds[1] = NEVER
    assert called(make_calls(4, 3, odds=odds)).counts[:, 0].tolist() == [2, 0, 2, 0]


def test_households_do_not_feel_their_neighbours() -> None:
    whole = uncertain(200, 12, 3)
    some = np.array([2, 77, 199])
    each = {
        name: getattr(whole, name)[some] for name in ("ids", "kind", "feeder", "faults", "exchange")
    }
    assert np.array_equal(called(whole._replace(**each)).counts, called(whole).counts[some])


@pytest.mark.parametrize(("airings", "wanted"), [(1, 0.5), (2, 0.75), (5, 31 / 32), (6, 63 / 64)])
def test_any_airing_of_an_event_will_do(airings: int, wanted: float) -> None:
    n, events = 400, 40
    calls = make_calls(n, events, odds=np.full((2, airings, events), HALF))
    share = called(calls).counts[:, 1].sum() / (n * events)
    assert abs(share - wanted) < 4.9 * np.sqrt(wanted * (1 - wanted) / (n * events))


def test_faults_last_as_their_chain_says() -> None:
    # Up to down 0.1, down to up 0.2: a third of the events, and twice in a row 0.8 of these.
    n, events = 300, 200
    down = threshold(np.vstack([[1 / 3, 1 / 3], np.tile([0.1, 0.8], (events - 1, 1))]))
    pairs = np.stack([np.arange(events - 1), np.arange(1, events)], axis=1).reshape(-1)
    calls = make_calls(
        n,
        events,
        down=down,
        offset=np.arange(events) * 2,
        members=pairs,
        threshold=np.uint64(2),
    )
    found = called(calls)
    up = found.counts[:, 0].sum() / (n * events)
    # A chain of correlation 0.7: the variance of its mean is 17 / 3 times that of a coin.
    spread = np.sqrt(2 / 9 * 17 / 3 / (n * events))
    assert abs(up - 2 / 3) < 4.9 * spread
    both = len(found.row) / (n * (events - 1))
    assert both == pytest.approx(1 / 3 * 0.8, abs=4.9 * spread)
    # Whoever shares a box shares its faults.
    shared = called(calls._replace(faults=np.zeros(n, np.uint32))).counts[:, 0]
    assert len(set(shared.tolist())) == 1
