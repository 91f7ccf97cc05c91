"""Tallies: 64-bit integer counts by area and group, declared by name, mergeable in any order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sousveil.arrays import Ints


class Key(NamedTuple):
    """Name of one tally: the process (or act, or "") and what is counted there.

    A tuple, because keys are hashed by the thousand.
    """

    process: str
    outcome: str

    def __str__(self) -> str:
        """Write the key as it stands in files."""
        return f"{self.process}/{self.outcome}"


@dataclass
class Tallies:
    """Counts by key, each (A, G) int64. They only grow."""

    areas: int
    groups: int
    counts: dict[Key, Ints] = field(default_factory=dict[Key, Ints])

    def declare(self, keys: Iterable[Key]) -> None:
        """Make sure that the keys exist, so that an empty run reports zeros and not gaps."""
        for key in keys:
            if key not in self.counts:
                self.counts[key] = np.zeros((self.areas, self.groups), dtype=np.int64)

    def add(self, key: Key, area: Ints, group: Ints, count: Ints | int = 1) -> None:
        """Add `count` (scalar or one per entry) at each (area, group) pair."""
        self.declare([key])
        np.add.at(self.counts[key], (area, group), count)

    def merge(self, other: Tallies) -> None:
        """Add another run's tallies into this one."""
        self.declare(other.counts)
        for key, value in other.counts.items():
            self.counts[key] += value

    def total(self, key: Key) -> int:
        """Sum over areas and groups."""
        return int(self.counts[key].sum())

    def sha256(self) -> str:
        """Hash over all keys and counts in the order of the keys; equal runs have equal hashes."""
        digest = hashlib.sha256()
        for key in sorted(self.counts):
            digest.update(str(key).encode())
            digest.update(self.counts[key].astype("<i8").tobytes())
        return digest.hexdigest()


def as_floats(counts: Mapping[Key, Ints]) -> dict[Key, np.ndarray]:
    """Counts as float64 arrays, for measures."""
    return {key: value.astype(np.float64) for key, value in counts.items()}
