"""Jobs for the kernels, built by hand."""

from __future__ import annotations

import numpy as np

from sousveil.engine.kernels import Job
from sousveil.engine.tables import poisson_thresholds
from sousveil.rng import Key, threshold

KEY = Key(123, 4_294_967_295)


def make_job(
    mean: float,
    entities: int = 600,
    quads: np.ndarray | None = None,
    power: bool = True,
    length: int = 8760,
) -> Job:
    """A band of this mean an hour over two rows and two feeders of a year."""
    hours = np.arange(length)
    blocks = np.arange(length // 4) if quads is None else quads
    supply = (np.stack([hours, hours + 1]) % 3 > 0).astype(np.uint8)
    return Job(
        key=np.array(KEY, dtype=np.uint32),
        streams=np.array([5, 4_000_000_000], dtype=np.uint32),
        numbers=np.array([7 << 24, 1 << 14], dtype=np.uint32),
        thresholds=poisson_thresholds(mean),
        quads=blocks.astype(np.uint32),
        entity=np.arange(entities, dtype=np.uint32) * 7,
        row=np.arange(entities) % 2,
        feeder=np.arange(entities) // 2 % 2,
        thin=threshold(np.linspace(0.0, 1.0, 96).reshape(2, 48)),
        chances=threshold(np.array([0.2, 1.0])),
        slot=hours % 48,
        supply=supply if power else supply[:0],
    )
