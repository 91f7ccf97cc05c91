"""One hour of model S over whole arrays of NumPy, whoever draws the numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import law
from benchmarks.law import Case, Outcome, outcome

WORD = 2.0**32


class Crowd:
    """Every person's thresholds, and the counts so far.

    one: what a draw is compared with at chance 1: 2^32 for words, 1 for floats.
    """

    def __init__(self, case: Case, one: float, dtype: Any) -> None:
        """Turn chances into thresholds of the draws."""
        self.case = case
        self.group = case.group

        def scaled(chance: Any) -> Any:
            return np.minimum(np.round(chance * one) if one > 1.0 else chance, one - 1e-9).astype(
                dtype
            )

        self.street = scaled(law.STREET)
        self.out = scaled(law.STREET + law.WORK)
        sighted = law.SIGHTED[law.ZONE][case.county]
        self.sighted = scaled(sighted)
        self.flag = scaled(sighted * np.where(case.listed, law.NAMED, law.WRONG))
        self.told = [scaled(np.array(p)) for p in (law.TOLD_HOME, law.TOLD_WORK, law.TOLD_STREET)]
        self.conduct, self.border = scaled(np.array(law.CONDUCT)), scaled(np.array(law.BORDER))
        self.viewed = scaled(np.array(law.VIEWED))
        self.at_border = law.ZONE[case.county] == 2
        self.counts = np.zeros((law.CELLS, len(law.CHANNELS)), np.int64)
        self.hurt = np.zeros(case.persons, np.bool_)

    def hour(self, hour: int, draws: Any) -> None:
        """Count one awake hour. draws: four arrays (N,)."""
        case, time = self.case, hour % 24
        place, sight, told, rare = draws
        street = place < self.street[self.group, time]
        home = place >= self.out[self.group, time]
        powered = case.power[case.county, hour] > 0
        seen = street & powered & (sight < self.sighted)
        flagged = seen & (sight < self.flag)
        wrong = flagged & ~case.listed
        self._add(0, seen)
        self._add(1, flagged & case.listed)
        self._add(2, wrong)
        self.hurt |= wrong
        if time in law.BROADCASTS:
            box = home & powered & case.boxed
            views = box & (sight < self.viewed)
            self._add(3, views)
            self._add(4, box & ~views)
        limit = np.where(home, self.told[0], np.where(street, self.told[2], self.told[1]))
        self._add(5, told < limit)
        self._add(6, home & (rare < self.conduct))
        self._add(7, street & self.at_border & (rare < self.border))

    def _add(self, channel: int, mask: Any) -> None:
        """Count where a channel saw something."""
        cells = self.case.cell[np.flatnonzero(mask)]
        self.counts[:, channel] += np.bincount(cells, minlength=law.CELLS)

    def outcome(self) -> Outcome:
        """What was counted."""
        return outcome(self.case, self.counts, self.hurt)
