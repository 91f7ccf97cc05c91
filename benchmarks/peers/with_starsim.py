"""Model S with Starsim: a module with four streams of common random numbers, an hour a step."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

os.environ.setdefault("STARSIM_INSTALL_FONTS", "0")

import starsim as ss

from benchmarks import law
from benchmarks.law import Case, Outcome
from benchmarks.peers import Run
from benchmarks.peers.crowd import Crowd


class Surveillance(ss.Module):
    """Everything that model S counts."""

    def __init__(self, case: Case) -> None:
        """Prepare the thresholds and the four draws."""
        super().__init__(name="surveillance")
        self.crowd, self.case = Crowd(case, 1.0, np.float32), case
        self.place, self.sight = ss.random(name="place"), ss.random(name="sight")
        self.told, self.rare = ss.random(name="told"), ss.random(name="rare")

    def step(self) -> None:
        """One hour; those at which everybody sleeps draw nothing."""
        hour = int(self.ti)
        if hour >= self.case.hours or hour % 24 not in law.AWAKE:
            return
        everybody = self.sim.people.auids
        draws = (self.place, self.sight, self.told, self.rare)
        self.crowd.hour(hour, [draw.rvs(everybody) for draw in draws])


def prepare(case: Case, variant: str, seed: int) -> Run:
    """See :mod:`benchmarks.peers`. An hour is called a day: its calendar plays no part."""
    module: Any = Surveillance(case)
    people = ss.People(n_agents=case.persons)
    sim = ss.Sim(
        people=people,
        modules=module,
        dt=ss.days(1),
        start=ss.days(0),
        dur=ss.days(case.hours),
        rand_seed=seed,
        verbose=0,
        copy_inputs=False,
    )
    sim.init()

    def run() -> Outcome:
        sim.run()
        return module.crowd.outcome()

    return run
