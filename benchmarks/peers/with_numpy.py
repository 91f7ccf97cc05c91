"""Model S with NumPy, an hour at a time, one thread: words straight from SFC64."""

from __future__ import annotations

import numpy as np

from benchmarks import law
from benchmarks.law import Case, Outcome
from benchmarks.peers import Run
from benchmarks.peers.crowd import WORD, Crowd


def prepare(case: Case, variant: str, seed: int) -> Run:
    """See :mod:`benchmarks.peers`."""
    crowd, generator = Crowd(case, WORD, np.uint32), np.random.SFC64(seed)

    def run() -> Outcome:
        for day in range(case.days):
            for time in law.AWAKE:
                raw = generator.random_raw(2 * case.persons).view(np.uint32)
                crowd.hour(24 * day + int(time), raw.reshape(4, -1))
        return crowd.outcome()

    return run
