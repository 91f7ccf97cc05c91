"""Model S in other people's tools: each file a tool, each checked against the exact expectations.

A peer is a module with `prepare(case, variant, seed)`: it sets up and compiles, and returns the run
to be timed, a function without arguments that gives an :class:`benchmarks.law.Outcome`. All skip
the hours at which everybody sleeps, and none splits its counts by day.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.law import Case, Outcome

Run = Callable[[], Outcome]


@dataclass(frozen=True)
class Peer:
    """A tool and one way to use it.

    module: its file here. needs: package that it imports. distribution: its name on the index.
    guess: person-hours a second that it may reach, to choose how many days it can run.
    """

    name: str
    module: str
    needs: str
    distribution: str
    variant: str = ""
    guess: float = 1e7
    small: bool = False

    @property
    def present(self) -> bool:
        """Whether its package is installed."""
        return importlib.util.find_spec(self.needs) is not None

    def prepare(self, case: Case, seed: int) -> Run:
        """Its run of a case, ready to be timed."""
        module = importlib.import_module(f"benchmarks.peers.{self.module}")
        return module.prepare(case, self.variant, seed)


PEERS = (
    Peer("NumPy", "with_numpy", "numpy", "numpy", guess=2e7),
    Peer("polars", "with_polars", "polars", "polars", guess=1e7),
    Peer("JAX, own 32-bit hash", "with_jax", "jax", "jax", "hash", 6e7),
    Peer("JAX, threefry", "with_jax", "jax", "jax", "threefry2x32", 2.5e7),
    Peer("JAX, rbg", "with_jax", "jax", "jax", "rbg", 2e7),
    Peer("Mesa", "with_mesa", "mesa", "mesa", guess=1e6),
    Peer("mesa-frames", "with_mesa_frames", "mesa_frames", "mesa-frames", guess=8e6),
    Peer("Starsim", "with_starsim", "starsim", "starsim", guess=1.5e7),
)
