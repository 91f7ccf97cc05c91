"""What a process keeps between the tasks of a study.

Tasks on the central forcings differ in one quantity at a time: most of what one of them works out
is what the last one worked out, world by world and part by part. Tables of all tasks of a kind have
the very same words, of which the gate judges once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import polars as pl

from sousveil.engine.expected import Known, Prepared, prepare
from sousveil.ensemble.study import BASE, Study, Task
from sousveil.lowering import Ready
from sousveil.release import Judged, Rules, judge
from sousveil.scenario.parameters import Parameters
from sousveil.world.build import build
from sousveil.world.model import World


@dataclass(frozen=True)
class Ground:
    """A world with what is prepared of it, by what it was built from."""

    parameters: Any
    year: int
    world: World
    prepared: Prepared

    def is_of(self, parameters: Parameters) -> bool:
        """Whether these parameters give the same world, on the same forcings."""
        return self.year == parameters.year and self.parameters == parameters.world


@dataclass
class Bench:
    """Grounds and what is known, by branch, and the acts and channels of the last base.

    words: the last that the gate judged, and by which rules.
    """

    grounds: dict[str, Ground] = field(default_factory=dict[str, Ground])
    likes: dict[str, Known] = field(default_factory=dict[str, Known])
    ready: Ready | None = None
    words: tuple[pl.DataFrame, Rules, Judged] | None = None

    def judged(self, words: pl.DataFrame, rules: Rules) -> Judged:
        """What the gate says of words, known for the very same frame and equal rules."""
        if self.words is None or self.words[0] is not words or self.words[1] != rules:
            self.words = words, rules, judge(words, rules)
        return self.words[2]

    def base_ground(self, study: Study, task: Task, parameters: Parameters) -> Ground:
        """The world of a base, built anew unless it is kept."""
        found = self.ground(task, BASE, parameters)
        if found is not None:
            return found
        world = build(
            study.scenario.tables, parameters.world, parameters.year, study.seed, task.member
        )
        made = Ground(parameters.world, parameters.year, world, prepare(world))
        # A member's world is its own; that of the central forcings comes again and again.
        if task.member == 0:
            self.grounds[BASE] = made
        return made

    def ground(self, task: Task, branch: str, parameters: Parameters) -> Ground | None:
        """The world that is kept of a branch, if it is this one."""
        found = self.grounds.get(branch) if task.member == 0 else None
        return found if found is not None and found.is_of(parameters) else None

    def keep(self, task: Task, branch: str, parameters: Parameters, known: Known) -> None:
        """Keep what is known of a branch: of the base, and of the few of a task at an end."""
        if task.member != 0 or (branch != BASE and task.kind != "end"):
            return
        self.likes[branch] = known
        if self.ground(task, branch, parameters) is None:
            world, year = known.model.world, parameters.year
            self.grounds[branch] = Ground(parameters.world, year, world, known.prepared)


@lru_cache(maxsize=1)
def bench(digest: str) -> Bench:
    """The bench of one study in this process."""
    return Bench()
