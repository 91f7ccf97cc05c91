"""Model S with Mesa: an object for every person, stepped one after another."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from benchmarks import law
from benchmarks.law import Case, Outcome, outcome
from benchmarks.peers import Run


class Person(mesa.Agent):
    """Somebody, with what does not change."""

    def __init__(self, model: Any, cell: int, listed: bool, boxed: bool) -> None:
        """Remember what does not change."""
        super().__init__(model)
        county, self.group = divmod(cell, law.GROUPS)
        self.cell, self.county = cell, county
        self.listed, self.boxed, self.hurt = listed, boxed, False
        self.sighted = float(law.SIGHTED[law.ZONE[county]])
        self.flag = self.sighted * (law.NAMED if listed else law.WRONG)
        self.at_border = bool(law.ZONE[county] == 2)

    def step(self) -> None:
        """One awake hour."""
        model: Any = self.model
        draw, counts, cell = model.draw, model.counts, self.cell
        place, sight, told, rare = draw(), draw(), draw(), draw()
        powered = model.powered[self.county]
        if place < model.street[self.group]:
            if powered and sight < self.sighted:
                counts[0][cell] += 1
                if sight < self.flag:
                    counts[1 if self.listed else 2][cell] += 1
                    self.hurt = self.hurt or not self.listed
            if told < law.TOLD_STREET:
                counts[5][cell] += 1
            if self.at_border and rare < law.BORDER:
                counts[7][cell] += 1
        elif place < model.out[self.group]:
            if told < law.TOLD_WORK:
                counts[5][cell] += 1
        else:
            if model.broadcast and powered and self.boxed:
                counts[3 if sight < law.VIEWED else 4][cell] += 1
            if told < law.TOLD_HOME:
                counts[5][cell] += 1
            if rare < law.CONDUCT:
                counts[6][cell] += 1


class Country(mesa.Model):
    """Model S."""

    def __init__(self, case: Case, seed: int) -> None:
        """Set everybody up."""
        super().__init__(seed=seed)
        self.case, self.hour = case, 0
        self.draw = self.random.random
        self.counts = [[0] * law.CELLS for _ in law.CHANNELS]
        traits = zip(case.cell.tolist(), case.listed.tolist(), case.boxed.tolist(), strict=True)
        for cell, listed, boxed in traits:
            Person(self, cell, listed, boxed)

    def step(self) -> None:
        """One awake hour of everybody."""
        time = self.hour % 24
        self.street = law.STREET[:, time].tolist()
        self.out = (law.STREET + law.WORK)[:, time].tolist()
        self.powered = self.case.power[:, self.hour].tolist()
        self.broadcast = time in law.BROADCASTS
        self.agents.do("step")


def prepare(case: Case, variant: str, seed: int) -> Run:
    """See :mod:`benchmarks.peers`."""
    country = Country(case, seed)

    def run() -> Outcome:
        for day in range(case.days):
            for time in law.AWAKE:
                country.hour = 24 * day + int(time)
                country.step()
        people: Any = country.agents
        hurt = np.array([person.hurt for person in people])
        return outcome(case, np.array(country.counts).T, hurt)

    return run
