"""What every step of a block is given: chance, the clock, the people, and where to count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import AnyArray, Ints
from sousveil.engine.sampled.chance import Chance
from sousveil.engine.sampled.kernels.counts import add_up
from sousveil.engine.sampled.population import Block
from sousveil.engine.sampled.tables import Clock
from sousveil.tallies import Key, Tallies


@dataclass(frozen=True)
class Scene:
    """One block at work. Only the tallies change."""

    chance: Chance
    clock: Clock
    block: Block
    tallies: Tallies

    def count(self, process: str, outcome: str, cell: Ints) -> None:
        """Add one to a tally for every entry of `cell` (area * G + group)."""
        if len(cell):
            shape = self.tallies.areas, self.tallies.groups
            counts = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
            self.tallies.counts[Key(process, outcome)] += counts

    def count_once(self, process: str, outcome: str, person: AnyArray) -> None:
        """Add one to a tally for every person that occurs among some. person: positions."""
        if len(person):
            there = np.zeros(len(self.block.persons.cell), dtype=np.bool_)
            there[person] = True
            self.count(process, outcome, self.block.persons.cell[there])

    def add(self, process: str, outcome: str, cell: Ints, counts: Ints) -> None:
        """Add the count of every entry of `cell` to a tally."""
        add_up(self.tally(process, outcome), cell, counts)

    def count_by(self, processes: Sequence[str], outcome: str, source: Ints, cell: Ints) -> None:
        """Add one to a tally of a process, by its number, for every entry of `cell`."""
        for number, counts in self._counts(source, cell):
            tally = self.tally(processes[number], outcome)
            tally += counts

    def _counts(self, kind: Ints, cell: Ints) -> Iterator[tuple[int, Ints]]:
        """Every kind that occurs, with its counts by cell."""
        if len(kind):
            cells = self.tallies.areas * self.tallies.groups
            counts = np.bincount(kind * cells + cell, minlength=(int(kind.max()) + 1) * cells)
            counts = counts.reshape(-1, cells)
            for number in np.flatnonzero(counts.any(axis=1)).tolist():
                yield number, counts[number]

    def tally(self, process: str, outcome: str) -> Ints:
        """The cells of a tally, to add to."""
        return self.tallies.counts[Key(process, outcome)].reshape(-1)
