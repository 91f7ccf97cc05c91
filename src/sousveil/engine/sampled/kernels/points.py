"""The events of a process, as kernels write them."""

from __future__ import annotations

from typing import NamedTuple

from sousveil.arrays import Halves, Ints, Words


class Room(NamedTuple):
    """Room for the events that a kernel finds.

    position of the entity, hour, number, spare word: one of each. counts: (n,) of every entity.
    """

    position: Words
    hour: Halves
    number: Words
    spare: Words
    counts: Ints
