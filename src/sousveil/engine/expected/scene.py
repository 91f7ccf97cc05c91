"""What every part of `expected` looks at: the model, its prepared world, hours by power state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, Floats
from sousveil.engine.expected.ledger import Ledger
from sousveil.engine.expected.prepare import Prepared
from sousveil.engine.model import Model
from sousveil.processes import Act, Detection, Entity, Gate, Handling, Inspection, Visits
from sousveil.world.model import People


@dataclass(frozen=True)
class Scene:
    """One model in its prepared world, and the ledger that takes its values.

    acts, visits: by name. children: what may notice an act, by its name, in the order of the model.
    """

    model: Model
    prepared: Prepared
    ledger: Ledger
    acts: Mapping[str, Act]
    visits: Mapping[str, Visits]
    children: Mapping[str, tuple[Detection | Inspection, ...]]

    @property
    def persons(self) -> Floats:
        """(A, G) expected persons."""
        return self.prepared.persons

    @cached_property
    def nobody(self) -> Floats:
        """(A, G) zeros."""
        return np.zeros_like(self.persons)

    @cached_property
    def everywhere(self) -> Floats:
        """(A, 1) ones."""
        return np.ones((self.areas, 1))

    @property
    def people(self) -> People:
        """Persons, households and units."""
        return self.prepared.world.people

    @property
    def areas(self) -> int:
        """Number of areas."""
        return len(self.prepared.persons)

    @property
    def hours(self) -> int:
        """Hours of the modelled year."""
        return self.prepared.days * HOURS_PER_DAY

    def handling(self, channel: str) -> Handling | None:
        """What happens to flags of a channel; None lets everything pass."""
        return self.model.handling.get(channel)

    def count(self, entity: Entity) -> Floats:
        """(A,) entities of a kind in each area."""
        people = self.people
        counts = {
            Entity.PERSON: people.persons,
            Entity.HOUSEHOLD: people.households,
            Entity.UNIT: people.units,
            Entity.SITE: people.units,
            Entity.AREA: np.ones(self.areas),
        }
        return counts[entity].astype(np.float64)

    def lines_of(self, gates: Iterable[Gate]) -> tuple[int, ...]:
        """Lines that some gates look at, ascending."""
        return tuple(sorted({self.prepared.line(gate) for gate in gates} - {-1}))


def chances(line: int, lines: tuple[int, ...], gate: Gate) -> Floats:
    """(J,) chance to pass a gate in each joint state of `lines`; bit i is line `lines[i]`."""
    return _chances(-1 if line < 0 else lines.index(line), len(lines), gate.off, gate.on)


@lru_cache(maxsize=64)
def _chances(place: int, lines: int, off: float, on: float) -> Floats:
    """As `chances`, by the place of the line: few gates differ, and they are asked for often."""
    states = np.arange(2**lines)
    supplied = states >= 0 if place < 0 else states >> place & 1 == 1
    result = np.where(supplied, on, off)
    result.setflags(write=False)
    return result
