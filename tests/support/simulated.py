"""What a simulated card answers, in a process of its own: simulators are chosen at the start.

Prints one line for every thing that was compared; a difference ends it with an error.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np

from sousveil.arrays import Ints
from sousveil.engine.run import run_engine
from sousveil.engine.sampled.blocks import Sampled
from sousveil.engine.sampled.card import batches, open_card
from sousveil.engine.sampled.chance import Chance
from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.gpu import OnCard, chance_on
from sousveil.engine.sampled.judge import Plain
from sousveil.rng import Key, philox
from support.both import same
from support.family import make_member
from support.models import make_act, make_inspections, make_model, make_world
from support.parts import lower, run_part

KEY = Key(0xA4093822, 0x299F31D0)
DAYS = 4
MEMBERS = (2, 5, 11)
AT_ONCE = 400
"""Items of a batch, as if the card had little memory."""


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


class Cut(OnCard):
    """A card that takes a few items at once."""

    def _batches(self, sizes: Ints, tables: int) -> Iterator[slice]:
        return batches(np.ones_like(sizes), AT_ONCE)


class Three:
    """Answers as the card does; every answer of the kernels and of the judge must be the same."""

    def __init__(self, card: OnCard) -> None:
        self.card, self.key = card, card.key
        self.others = Compiled(card.key, yearly=True), Plain(card.key, yearly=True)
        self.asked: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        def ask(*args: Any, **options: Any) -> Any:
            found = getattr(self.card, name)(*args, **options)
            for other in self.others:
                wanted = getattr(other, name)(*args, **options)
                values = same(name, found, wanted)
            self.asked[name] = self.asked.get(name, 0) + values
            return found

        return ask


def words(card: OnCard) -> None:
    """Random123's published vectors, and words of many streams and pages."""
    vectors = [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (
            (2**32 - 1,) * 4,
            (2**32 - 1,) * 2,
            (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        ),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ]
    for (entity, event, stream, page), key, answer in vectors:
        chance = replace(card, key=Key(*key))
        found = chance.lanes(stream, np.array([entity]), np.array([event]), page)
        assert found[:, 0].tolist() == list(answer), found
    ids, events = np.arange(40)[:, None], np.arange(5)[None, :]
    streams = np.arange(200).reshape(40, 5)
    for stream in (77, streams):
        counter = ids, events, np.asarray(stream), np.asarray(3)
        same("words", card.lanes(stream, ids, events, 3), np.stack(philox(counter, card.key)))
    say("words: equal to Random123's vectors and to plain NumPy")


def everything(card: OnCard) -> None:
    """A model of every kind of process, and some with other options: each answer, and tallies."""
    chance = Three(Cut(card.key, card.card, card.kernels))
    act = make_act(marks=(), completes={}, effect=None)
    found = make_model(make_world(days=DAYS), (act, *make_inspections()))
    for model in (*map(make_member, MEMBERS), make_model(make_world(days=DAYS)), found):
        plan, units = lower(model, yearly=True), range(int(model.world.people.units.sum()))
        tallies = run_part(plan, cast(Chance, chance), units)
        assert tallies.sha256() == run_part(plan, Compiled(KEY, yearly=True), units).sha256()
    assert len(chance.asked) == 12, chance.asked
    assert min(chance.asked.values()) > 10, chance.asked
    say(f"answers: {chance.asked}")
    say(f"tallies: {tallies.sha256()}")


def by_name() -> None:
    """The engine by its name, on the device of its name."""
    model = make_model(make_world(days=1))
    found, wanted = (
        run_engine("events", model, *KEY, scale=0.2, device=device) for device in ("gpu", "cpu")
    )
    assert isinstance(found, Sampled)
    assert isinstance(wanted, Sampled)
    assert found.tallies.sha256() == wanted.tallies.sha256()
    say("run: equal on both devices")


def main() -> None:
    card = chance_on(open_card(), KEY)
    assert card.card.simulated
    words(card)
    everything(card)
    by_name()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
