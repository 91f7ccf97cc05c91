"""Tallies grow, merge in any order and hash the same."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sousveil.tallies import Key, Tallies

KEYS = (Key("a", "done"), Key("b", "flags"))


def one(seed: int) -> Tallies:
    rng = np.random.default_rng(seed)
    tallies = Tallies(areas=3, groups=2)
    tallies.declare(KEYS)
    for key in KEYS:
        n = int(rng.integers(0, 20))
        tallies.add(key, rng.integers(0, 3, n), rng.integers(0, 2, n), rng.integers(0, 9, n))
    return tallies


def merged(parts: list[Tallies]) -> Tallies:
    whole = Tallies(areas=3, groups=2)
    for part in parts:
        whole.merge(part)
    return whole


@given(st.permutations(range(6)))
def test_merging_in_any_order_gives_the_same_hash(order: list[int]) -> None:
    assert merged([one(i) for i in order]).sha256() == merged([one(i) for i in range(6)]).sha256()


def test_repeated_places_add_up() -> None:
    tallies = Tallies(areas=2, groups=2)
    tallies.add(KEYS[0], np.array([0, 0, 1]), np.array([1, 1, 0]), 2)
    assert tallies.counts[KEYS[0]].tolist() == [[0, 4], [2, 0]]
    assert tallies.total(KEYS[0]) == 6


def test_the_hash_moves_with_one_count_and_with_a_name() -> None:
    base = one(1)
    moved = one(1)
    moved.counts[KEYS[0]][0, 0] += 1
    renamed = Tallies(3, 2, {Key("c", "done"): base.counts[KEYS[0]], KEYS[1]: base.counts[KEYS[1]]})
    assert len({base.sha256(), moved.sha256(), renamed.sha256()}) == 3


def test_a_declared_key_is_zero_and_stays_what_it_was() -> None:
    tallies = one(2)
    before = tallies.counts[KEYS[0]].copy()
    tallies.declare(KEYS)
    assert (tallies.counts[KEYS[0]] == before).all()
