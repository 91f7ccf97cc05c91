"""From noticed to reported to case: shares, rules and losses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.engine.sampled.flagging import Flags, merged, raised
from sousveil.engine.sampled.flagging import _partnered as partnered  # pyright: ignore[reportPrivateUsage]
from sousveil.engine.sampled.hourly import sample
from sousveil.engine.sampled.plan import plan
from sousveil.tallies import Key
from support.models import (
    flat,
    make_act,
    make_detection,
    make_handling,
    make_model,
    make_unprompted,
    make_world,
)

WORLD = make_world()
NOTHING = np.zeros(3)
PLAIN = make_handling(
    reviewed=NOTHING, expired=NOTHING, reject_founded=0.0, reject_unfounded=0.0,
    bribe_exit=flat(0.0),
)  # fmt: skip


def counts(handling: p.Handling | None, *extra: p.Process) -> dict[str, dict[str, int]]:
    """Tallies of an act seen by neighbours, and of denunciations."""
    sure = make_detection(
        "eye", "street", notice=flat(1.0), by_slot=np.ones(48), report=flat(1.0), bribed=flat(0.0),
        effect=None,
    )  # fmt: skip
    spite = replace(make_unprompted(), bribed=flat(0.0))
    items = (make_act(marks=(), completes={}), sure, spite, *extra)
    same = {} if handling is None else {"street": handling, "unit": handling}
    model = make_model(WORLD, items, same)
    tallies = sample(model, 5, 0).tallies
    result: dict[str, dict[str, int]] = {}
    for key in tallies.counts:
        result.setdefault(key.process, {})[key.outcome] = tallies.total(key)
    return result


@pytest.mark.parametrize("handling", [None, PLAIN])
def test_nothing_is_lost_without_handling(handling: p.Handling | None) -> None:
    found = counts(handling)
    assert found["eye"]["noticed"] == found["media"]["done"] > 100
    assert found["eye"]["cases"] == found["eye"]["founded"] == found["eye"]["noticed"]
    assert found["spite"]["cases"] == found["spite"]["unfounded"] == found["spite"]["reported"]
    assert found["media"]["pattern:1"] == found["media"]["done"]
    assert found["media"]["completed"] == 0


def test_every_flag_has_one_end() -> None:
    found = counts(make_handling())
    for name in ("eye", "spite"):
        flags = found[name]
        staying = flags["founded"] + flags["unfounded"]
        assert flags["reported"] == flags["dropped"] + staying
        assert staying == flags["extorted"] + flags["cases"]
        assert min(flags["dropped"], flags["extorted"], flags["cases"]) > 0


def test_reviewers_reject_what_they_see_and_expiry_drops_the_rest() -> None:
    all_seen = replace(PLAIN, reviewed=np.ones(3), reject_founded=0.0, reject_unfounded=1.0)
    found = counts(all_seen)
    assert found["spite"]["dropped"] == found["spite"]["reported"]
    assert found["eye"]["dropped"] == 0
    expired = counts(replace(PLAIN, reviewed=NOTHING, expired=np.ones(3)))
    assert expired["eye"]["dropped"] == expired["eye"]["reported"]
    assert expired["channel:unit"]["persons_wronged"] == expired[""]["persons_wronged"] == 0


def test_a_bribed_reporter_raises_no_flag() -> None:
    bribed = make_detection("greedy", "unit", notice=flat(1.0), by_slot=np.ones(48),
                            report=flat(1.0), bribed=flat(1.0), effect=None)  # fmt: skip
    found = counts(PLAIN, bribed)
    assert found["greedy"]["reporter_bribed"] == found["greedy"]["noticed"] > 0
    assert found["greedy"]["reported"] == 0


def test_a_denunciation_is_coincident_when_the_act_was_done_before() -> None:
    found = counts(PLAIN)
    assert 0 < found["spite"]["coincident"] < found["spite"]["unfounded"]
    always = replace(make_unprompted(), name="later", coincident_hours=10_000)
    never = replace(make_unprompted(), name="never", coincident_hours=0)
    other = replace(make_unprompted(), name="other", allegation="something else")
    found = counts(PLAIN, always, never, other)
    assert found["later"]["coincident"] > found["spite"]["coincident"]
    assert found["never"]["coincident"] == found["other"]["coincident"] == 0


def flags_of(channel: str, *flags: tuple[int, int]) -> Flags:
    """Flags of a channel at (person, hour)."""
    person, hour = np.array(flags, dtype=np.int64).reshape(-1, 2).T
    at = person, hour, hour.astype(np.uint32)
    return raised(channel, channel, at, np.zeros(len(person), dtype=np.bool_))


def stay(rule: p.Handling, mine: Flags, *others: Flags) -> list[bool]:
    """Which of some flags of the channel `unit` have the partners that its rule wants."""
    handling = plan(make_model(WORLD, (make_unprompted(),), {"unit": rule})).handling["unit"]
    every, own = merged([mine, *others]), np.arange(len(mine.person))
    channels = np.array([source.channel for source in every.sources])
    return partnered(handling, every, own, channels).tolist()


@pytest.mark.parametrize(
    ("needed", "others", "kept"),
    [
        (0, [], True),
        (1, [], False),
        (1, [("a", (0, 105))], True),
        (1, [("a", (0, 106))], False),
        (1, [("a", (0, 95))], True),
        (1, [("a", (0, 94))], False),
        (1, [("a", (1, 100))], False),
        (2, [("a", (0, 100)), ("a", (0, 101))], False),
        (2, [("a", (0, 100)), ("b", (0, 101))], True),
    ],
)
def test_partners_are_other_channels_within_the_window(needed, others, kept) -> None:
    rule = make_handling(partners_needed=needed, rule_hours=5)
    others = [flags_of("unit", (0, 101)), *(flags_of(name, flag) for name, flag in others)]
    assert stay(rule, flags_of("unit", (0, 100)), *others) == [kept]


def test_a_window_stays_within_its_person() -> None:
    rule = make_handling(partners_needed=1, rule_hours=50_000)
    mine = flags_of("unit", (0, 719), (1, 0), (2, 5))
    assert stay(rule, mine, flags_of("a", (1, 719), (3, 0))) == [False, True, False]


def test_persons_wronged_are_counted_once() -> None:
    found = counts(PLAIN, replace(make_unprompted(0.01), name="more", channel="street"))
    by_channel = (
        found["channel:unit"]["persons_wronged"],
        found["channel:street"]["persons_wronged"],
    )
    assert max(by_channel) <= found[""]["persons_wronged"] <= sum(by_channel)
    assert found[""]["persons_wronged"] <= found[""]["persons"]
    assert found["spite"]["unfounded"] > by_channel[0] > 0


def test_where_a_flag_falls() -> None:
    model = make_model(WORLD, (make_unprompted(0.01),), {})
    tallies = sample(model, 1, 0).tallies
    flags = tallies.counts[Key("spite", "cases")]
    assert np.all(flags[tallies.counts[Key("", "persons")] == 0] == 0)
    assert np.all(flags.sum(axis=1) > 0)
