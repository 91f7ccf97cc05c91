"""The tasks of a run, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sousveil.ensemble.design import SECOND, assumed, at_ends, draws, redrawn
from sousveil.ensemble.study import BASE, Study, Task
from sousveil.ensemble.verdicts import terms_of
from sousveil.measures import measures
from sousveil.scenario.causes import OUTSIDE
from sousveil.scenario.model import CENTRAL, Draw

ENVIRONMENTS = 16
"""Draws of the forcings at central quantities."""
FROZEN_MEMBERS = 128
"""Members of the pick-freeze that tells assumed quantities from the others."""


def all_branches(study: Study) -> tuple[str, ...]:
    """Names of every branch."""
    return tuple(branch.name for branch in study.branches)


def central_task(study: Study, engine: str) -> Task:
    """The central run: every quantity at its median, forcings number 0."""
    if engine == "expected":
        return Task("central", 0, 0, branches=all_branches(study))
    return Task("sampled", 0, 0, branches=study.sampled, engine=engine)


def member_draws(study: Study) -> tuple[Draw, ...]:
    """The draw of every member, in order."""
    return draws(study.scenario, study.members, study.seed, study.method)


def member_tasks(study: Study, drawn: Sequence[Draw], finished: Iterable[int]) -> list[Task]:
    """Members that are not finished yet."""
    done = set(finished)
    return [
        Task("member", number, number, draw, all_branches(study), study.engine)
        for number, draw in enumerate(drawn, start=1)
        if number not in done
    ]


def environment_tasks(study: Study) -> list[Task]:
    """The base at central quantities, on the forcings of the first members."""
    count = min(ENVIRONMENTS, study.members)
    return [Task("environment", number, number) for number in range(1, count + 1)]


def arrivals_tasks(study: Study, drawn: Sequence[Draw]) -> list[Task]:
    """Arrivals of every draw, the central one where there are no members."""
    if not study.scenario.settings.get("arrivals.series"):
        return []
    every = enumerate(drawn or (CENTRAL,), start=1)
    return [Task("arrivals", number, number, draw, ()) for number, draw in every]


def contrast_branches(study: Study) -> tuple[str, ...]:
    """What-ifs of which a claim tells a change against the base."""
    contrasts = {name for name, measure in measures().items() if measure.contrast}
    terms = [term for claim in study.scenario.claims for term in terms_of(claim)]
    wanted = {term.what_if for term in terms if term.measure in contrasts}
    return tuple(branch.name for branch in study.branches if branch.name in wanted - {BASE})


def frozen_tasks(study: Study, drawn: Sequence[Draw]) -> list[Task]:
    """The first members again, their assumed quantities drawn anew and all others held.

    The base, and the what-ifs of whose changes claims speak: a change rests on its own.
    """
    paths = assumed(study.scenario)
    if not paths:
        return []
    count = min(FROZEN_MEMBERS, len(drawn))
    branches = (BASE, *contrast_branches(study))
    others = draws(study.scenario, count, study.seed, study.method, SECOND)
    return [
        Task("frozen", number, number, redrawn(draw, other, paths, study.scenario), branches)
        for number, (draw, other) in enumerate(zip(drawn[:count], others, strict=True), start=1)
    ]


def end_tasks(
    study: Study, what_ifs: Sequence[str], measures: Sequence[str]
) -> list[tuple[str, str, Task]]:
    """(path, "low" | "high", task): each assumed quantity at its ends, all others central."""
    found: list[tuple[str, str, Task]] = []
    names = tuple(dict.fromkeys((BASE, *what_ifs)))
    for path in assumed(study.scenario):
        if path.startswith(OUTSIDE):
            continue
        for end, draw in zip(
            ("low", "high"), at_ends(study.scenario.quantities[path]), strict=True
        ):
            task = Task("end", len(found) + 1, 0, draw, names, measures=tuple(measures))
            found.append((path, end, task))
    return found
