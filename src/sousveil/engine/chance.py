"""Where the engines get their words: the plain NumPy judge and the compiled kernels, equal bits.

A word is a function of (key, stream, entity, event, lane) and of nothing else, so that neither
order, nor threads, nor blocks can touch a result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sousveil.arrays import AnyArray, Ints, Words
from sousveil.engine import kernels
from sousveil.rng import Key, philox

LANES = 4
_ROWS_AT_ONCE = 512
_ROOM_AT_LEAST = 1 << 16


class Chance(Protocol):
    """The two questions that an engine asks of chance."""

    def lanes(self, stream: int, entity: AnyArray, event: AnyArray | int, page: int = 0) -> Words:
        """(4, n) words of each (entity, event)."""
        ...

    def candidates(
        self, stream: int, entity: Words, quads: Words, thresholds: Words
    ) -> tuple[Ints, Ints, Ints]:
        """Position of the entity, hour and count of every hour with a candidate, in that order.

        entity: (n,). quads: blocks of four hours to look at. thresholds: falling Poisson thresholds
        of one hour; a word below the first c of them means c candidates.
        """
        ...


@dataclass(frozen=True)
class Plain:
    """The judge: NumPy only, slow, nothing to distrust."""

    key: Key

    def lanes(self, stream: int, entity: AnyArray, event: AnyArray | int, page: int = 0) -> Words:
        """(4, n) words of each (entity, event)."""
        counter = np.asarray(entity), np.asarray(event), np.asarray(stream), np.asarray(page)
        return np.stack(philox(counter, self.key))

    def candidates(
        self, stream: int, entity: Words, quads: Words, thresholds: Words
    ) -> tuple[Ints, Ints, Ints]:
        """See :class:`Chance`."""
        parts: list[tuple[Ints, Ints, Ints]] = []
        for start in range(0, len(entity), _ROWS_AT_ONCE):
            rows = entity[start : start + _ROWS_AT_ONCE]
            words = self.lanes(stream, rows[:, None], quads[None, :])
            words = np.moveaxis(words, 0, 2).reshape(len(rows), -1)
            row, column = np.nonzero(words < thresholds[0])
            hour = LANES * quads.astype(np.int64)[column // LANES] + column % LANES
            count = np.sum(words[row, column][:, None] < thresholds[None, :], axis=1)
            parts.append((row + start, hour, count.astype(np.int64)))
        return _joined(parts)


@dataclass(frozen=True)
class Compiled:
    """The kernels."""

    key: Key

    def lanes(self, stream: int, entity: AnyArray, event: AnyArray | int, page: int = 0) -> Words:
        """(4, n) words of each (entity, event)."""
        entities, events = np.broadcast_arrays(entity, event)
        out = np.empty((LANES, entities.size), dtype=np.uint32)
        kernels.fill_lanes(
            self._key(),
            np.uint32(stream),
            np.uint32(page),
            np.ascontiguousarray(entities, dtype=np.uint32).reshape(-1),
            np.ascontiguousarray(events, dtype=np.uint32).reshape(-1),
            out,
        )
        return out.reshape(LANES, *entities.shape)

    def candidates(
        self, stream: int, entity: Words, quads: Words, thresholds: Words
    ) -> tuple[Ints, Ints, Ints]:
        """See :class:`Chance`."""
        hours = LANES * len(quads)
        likely = len(entity) * hours * (int(thresholds[0]) / 2**32)
        room = hours + _ROOM_AT_LEAST + int(1.05 * likely)
        parts: list[tuple[Ints, Ints, Ints]] = []
        start = 0
        while start < len(entity) and hours:
            found = np.empty((3, room), dtype=np.int64)
            n, start = kernels.fill_candidates(
                self._key(), np.uint32(stream), entity, quads, thresholds, start, found
            )
            parts.append((found[0, :n], found[1, :n], found[2, :n]))
        return _joined(parts)

    def _key(self) -> Words:
        return np.array(self.key, dtype=np.uint32)


def _joined(parts: list[tuple[Ints, Ints, Ints]]) -> tuple[Ints, Ints, Ints]:
    """One answer out of the answers of successive entities."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        empty = np.empty(0, dtype=np.int64)
        return empty, empty, empty
    rows, hours, counts = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return rows, hours, counts
