"""Philox equals its authors' known answers, and words become thresholds as promised."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.rng import Key, happens, philox, refuse_clashes, stream, threshold, word

ONES = 0xFFFFFFFF
# Random123's kat_vectors, philox4x32 with 10 rounds: counter, key, answer.
KNOWN_ANSWERS = {
    "zeros": ((0,) * 4, (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    "ones": ((ONES,) * 4, (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    "pi": (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
}


@pytest.mark.parametrize("case", KNOWN_ANSWERS)
def test_philox_gives_the_known_answers(case: str) -> None:
    counter, key, answer = KNOWN_ANSWERS[case]
    c0, c1, c2, c3 = (np.array([part]) for part in counter)
    words = philox((c0, c1, c2, c3), Key(*key))
    assert [int(w[0]) for w in words] == list(answer)


def test_a_word_is_a_lane_of_its_block() -> None:
    key = Key(3, 4)
    entity, event = np.array([5, 6]), np.array([7, 8])
    for draw in range(8):
        lanes = philox((entity, event, np.array(9), np.array(draw // 4)), key)
        assert np.array_equal(word(key, 9, entity, event, draw), lanes[draw % 4])


def test_counters_broadcast() -> None:
    key = Key(0, 0)
    table = word(key, 1, np.arange(3)[:, None], np.arange(5)[None, :])
    assert table.shape == (3, 5)
    assert table[2, 4] == word(key, 1, np.array(2), np.array(4))


@pytest.mark.parametrize("part", ["seed", "member", "stream", "entity", "event", "page"])
def test_every_part_of_the_counter_matters(part: str) -> None:
    base = {"seed": 1, "member": 2, "stream": 3, "entity": 4, "event": 5, "page": 6}

    def block(values: dict[str, int]) -> list[int]:
        names = "entity", "event", "stream", "page"
        c0, c1, c2, c3 = (np.array(values[name]) for name in names)
        return [int(w) for w in philox((c0, c1, c2, c3), Key(values["seed"], values["member"]))]

    assert block(base) != block({**base, part: 99})


def test_thresholds_hold_their_ends() -> None:
    assert threshold(0.0) == 0
    assert threshold(1.0) == 2**32
    assert threshold(np.array([-0.1, 0.5, 1.1])).tolist() == [0, 2**31, 2**32]
    last = np.array([ONES], dtype=np.uint32)
    assert happens(last, 1.0).all()
    assert not happens(np.zeros(1, np.uint32), 0.0).any()


def test_streams_are_stable_and_clashes_refused() -> None:
    assert stream("people.person") == 0x2E3F1FFE, "a changed hash would change every result"
    seen: dict[int, str] = {}
    clash = ("", "")
    for number in range(300_000):
        name = f"s{number}"
        earlier = seen.setdefault(stream(name), name)
        if earlier != name:
            clash = earlier, name
            break
    assert clash[0], "300,000 names of 32 bits must clash"
    with pytest.raises(ValueError, match="share number"):
        refuse_clashes(clash)
    refuse_clashes(["a", "b", "a"])
