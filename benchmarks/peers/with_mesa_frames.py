"""Model S with mesa-frames: one set of agents in a polars frame, stepped by its model."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, ModelDF

from benchmarks import law
from benchmarks.law import Case, Outcome, outcome
from benchmarks.peers import Run
from benchmarks.peers.with_polars import add, channels, draws, frame_of


class People(AgentSetPolars):
    """Everybody; a flag in error stays with its person."""

    def __init__(self, model: Any, case: Case) -> None:
        """Add all persons at once."""
        super().__init__(model)
        people = frame_of(case).rename({"person": "unique_id"})
        self.add(people.with_columns(hurt=pl.lit(False)))

    def step(self) -> None:
        """One awake hour."""
        model: Any = self.model
        columns = draws(model.case, model.hour, model.bits)
        places, events = channels(model.hour % 24)
        self.agents = (
            self.agents.with_columns(pl.Series(name, column) for name, column in columns.items())
            .with_columns(places)
            .with_columns(events)
            .with_columns(hurt=pl.col("hurt") | pl.col("FF"))
        )
        happened = self.agents.filter(pl.any_horizontal(law.CHANNELS))
        add(model.counts, happened.select("cell", *law.CHANNELS))


class Country(ModelDF):
    """Model S."""

    def __init__(self, case: Case, seed: int) -> None:
        """Set everybody up."""
        super().__init__(seed)
        self.case, self.hour, self.bits = case, 0, np.random.SFC64(seed)
        self.counts = np.zeros((law.CELLS, len(law.CHANNELS)), np.int64)
        self.people = People(self, case)
        self.agents += self.people


def prepare(case: Case, variant: str, seed: int) -> Run:
    """See :mod:`benchmarks.peers`."""
    country = Country(case, seed)

    def run() -> Outcome:
        for day in range(case.days):
            for time in law.AWAKE:
                country.hour = 24 * day + int(time)
                country.step()
        people: Any = country.get_agents_of_type(People).agents
        return outcome(case, country.counts, people.sort("unique_id")["hurt"].to_numpy())

    return run
