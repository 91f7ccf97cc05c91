"""How the time of the events engine grows with persons, hours, channels and members."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks import ours
from benchmarks.law import Case
from benchmarks.watch import timed
from sousveil.engine.model import Model
from sousveil.engine.run import run_engine

CHANNELS = (
    ("reports", ("informant",)),
    ("and conduct, border", ("informant", "conduct", "border")),
    ("and broadcasts", ("informant", "conduct", "border", "broadcast")),
    ("and streets with flags", ()),
)
"""What model S is run with, one step after another; () is everything."""


def only(model: Model, names: tuple[str, ...]) -> Model:
    """A model with some of its processes; all of them where none is named."""
    kept = tuple(item for item in model.processes if not names or item.name in names)
    return replace(model, processes=kept)


def growth(persons: int, threads: int, repeats: int = 2, engine: str = "events") -> dict[str, Any]:
    """Seconds by what grows: lists of (label, seconds), each the least of its repeats."""

    def seconds(model: Model, members: int = 1) -> float:
        def work() -> None:
            for member in range(members):
                run_engine(engine, model, 1, member, 1.0, threads)

        return min(timed(work)[0] for _ in range(repeats))

    seconds(ours.make_model(Case(2_000, 7)))  # compiles
    sizes = [persons // 4 // 200 * 200, persons // 2 // 200 * 200, persons]
    year = ours.make_model(Case(persons, 365))
    return {
        "engine": engine,
        "persons": [(f"{n:,}", seconds(ours.make_model(Case(n, 365)))) for n in sizes],
        "hours": [
            (f"{24 * days:,}", seconds(ours.make_model(Case(persons, days))))
            for days in (91, 182, 365)
        ],
        "channels": [(label, seconds(only(year, names))) for label, names in CHANNELS],
        "members": [(str(n), seconds(year, n)) for n in (1, 2, 4)],
    }
