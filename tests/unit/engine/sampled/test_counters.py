"""No counter of chance serves two purposes, and the words of different ones never repeat."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from sousveil.arrays import Words
from sousveil.engine.sampled.judge import Plain
from sousveil.engine.sampled.kernels.hours import (
    DAYS_OF_A_BLOCK,
    HOUR_BITS,
    WORDS,
)
from sousveil.engine.sampled.kernels.lanes import fill_lanes
from sousveil.engine.sampled.kernels.low import BLOCKS_AT_ONCE, BYTES
from sousveil.engine.sampled.tables import MOST_HOURS
from sousveil.rng import Key, stream
from support.family import MEMBERS, make_member
from support.parts import lower, run_part

KEEPSAKES = {"effect_class", "has_trait", "_group", "_sound", "_item_words"}
"""Who asks for what an entity or item is, and may ask again: the same answer each time."""
BY_LANE = {"_powered", "numbers"}
"""Who asks for the same four words again, to read another of them."""
COUNTERS = 10**8 if os.environ.get("SOUSVEIL_ALL_WORDS") else 10**7
"""Counters that are compared; all of them need 2 GB and half a minute."""


@dataclass(frozen=True)
class Watched(Plain):
    """The judge, which notes who draws which counters: (stream, page, entity, event)."""

    drawn: dict[str, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))

    def lanes(self, stream: Any, entity: Any, event: Any, page: int = 0) -> Words:
        """See Plain; every line that asks is a purpose of its own."""
        caller = sys._getframe(1)
        name = caller.f_code.co_name
        purpose = name if name in KEEPSAKES | BY_LANE else f"{name}, line {caller.f_lineno}"
        rows = np.broadcast_arrays(*map(np.asarray, (stream, page, entity, event)))
        counters = np.stack([row.reshape(-1).astype(np.uint32) for row in rows], axis=1)
        self.drawn[purpose].append(counters)
        return super().lanes(stream, entity, event, page)


@pytest.mark.slow
@pytest.mark.parametrize("yearly", [False, True])
def test_no_counter_serves_two_purposes(yearly: bool) -> None:
    purposes: set[str] = set()
    for number in range(MEMBERS):
        model, chance = make_member(number), Watched(Key(number, 0), yearly)
        units = range(int(model.world.people.units.sum()))
        run_part(lower(model, yearly), chance, units)
        every = np.concatenate([once(name, parts) for name, parts in chance.drawn.items()])
        if len(np.unique(packed(every))) < len(every):
            pytest.fail(f"member {number}: {shared(chance.drawn)}")
        purposes |= set(chance.drawn)
    assert len(purposes) > 12, purposes


def packed(counters: np.ndarray) -> np.ndarray:
    """(n,) one value for each row of four words."""
    return np.ascontiguousarray(counters).view([("", np.uint32)] * 4).reshape(-1)


def once(name: str, parts: list[np.ndarray]) -> np.ndarray:
    """The counters of a purpose, once each where it may ask again."""
    every = np.concatenate(parts)
    return np.unique(every, axis=0) if name in KEEPSAKES | BY_LANE else every


def shared(drawn: dict[str, list[np.ndarray]]) -> str:
    """Which purposes share counters, or which repeats its own."""
    owners: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for name, parts in drawn.items():
        for row in once(name, parts).tolist():
            owners[tuple(row)].append(name)
    return str(sorted({tuple(names) for names in owners.values() if len(names) > 1}))


def test_a_shared_counter_would_be_found() -> None:
    chance = Watched(Key(1, 1))
    chance.lanes(5, np.arange(3), 0)
    chance.lanes(5, np.array([7, 2]), 0)
    assert len(chance.drawn) == 2
    assert "line" in shared(chance.drawn)


# --- One stream: which numbers name what ---------------------------------------------------------


def test_the_numbers_of_one_stream_lie_apart() -> None:
    # By the hour: bytes and words have pages of their own; an event is its hour, layer and place.
    assert len({0, BYTES, WORDS}) == 3
    assert 1 << HOUR_BITS > MOST_HOURS + 2 * 24 * DAYS_OF_A_BLOCK + BLOCKS_AT_ONCE
    # By the year: page 0 counts the items, and other pages hold their words.


# --- Words ---------------------------------------------------------------------------------------


def blocks(size: int) -> list[tuple[str, int, np.ndarray, np.ndarray]]:
    """Counters as engines use them, some `size` in all: stream, page, entities, events."""
    part = size // 8
    hours, persons = 8760, part // 8760
    grid = np.arange(persons * hours)
    people, hour = grid // hours, grid % hours
    n = np.arange(size - 4 * persons * hours - 3 * part)
    pages = (BYTES, WORDS)
    return [
        *[(name, page, people, hour) for name in ("media", "street") for page in pages],
        ("media", 0, np.arange(part) // 50, np.arange(part) % 50 + (3 << 24)),
        ("media.report", 0, np.arange(part) // 50, np.arange(part) % 50 + (3 << 24)),
        ("street", 0, np.arange(part), np.full(part, 2**32 - 1)),
        ("trait.listed", 0, n, np.zeros(len(n), dtype=np.int64)),
    ]


@pytest.mark.slow
def test_no_two_counters_have_the_same_words() -> None:
    # Among 1e8 pairs of words 2.7e-4 equal ones are expected, among 1e7 2.7e-6.
    key, found, n = np.array([20261123, 7], np.uint32), np.empty(COUNTERS, np.uint64), 0
    for name, page, entity, event in blocks(COUNTERS):
        for first in range(0, len(entity), 1 << 20):
            who, what = (a[first : first + (1 << 20)].astype(np.uint32) for a in (entity, event))
            out = np.empty((4, len(who)), np.uint32)
            fill_lanes(key, np.uint32(stream(name)), np.uint32(page), who, what, out)
            pairs = out[0].astype(np.uint64)
            found[n : n + len(who)] = (pairs << np.uint64(32)) | out[1]
            n += len(who)
    assert n == COUNTERS
    found.sort()
    assert int((found[1:] == found[:-1]).sum()) == 0
    # Sorted, they lie as evenly as chance has it: by their high bits, 4096 of them.
    edges = np.arange(1, 4096, dtype=np.uint64) << np.uint64(52)
    count = np.diff([0, *np.searchsorted(found, edges), COUNTERS])
    chi = ((count - COUNTERS / 4096) ** 2).sum() / (COUNTERS / 4096)
    assert abs(chi - 4095) < 4.9 * np.sqrt(2 * 4095)
