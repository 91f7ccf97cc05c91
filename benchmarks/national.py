"""The national scenario: one member, every channel, central values, one engine."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.watch import peak_mib, timed
from sousveil.engine.expected import expect
from sousveil.engine.model import Model
from sousveil.engine.run import run_engine
from sousveil.procedure import assemble, base_reports
from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL
from sousveil.scenario.parameters import resolve
from sousveil.world.build import build


def model_of(name: str) -> Model:
    """The base of a scenario at its central values, with the reports that anchor it."""
    scenario = load(name)
    parameters = resolve(scenario, CENTRAL, ())
    world = build(scenario.tables, parameters.world, parameters.year, 1, 0)
    free = assemble(parameters, world, None)
    values = expect(free, persons=False, variances=False)
    return assemble(parameters, world, base_reports(free, values, parameters))


def national(
    engine: str, scale: float, threads: int, repeats: int = 1, name: str = "north_korea"
) -> dict[str, Any]:
    """Time one member. executed: person-hours of the persons simulated, for a sampled run."""
    setup, model = timed(lambda: model_of(name))
    work = partial(run_engine, engine, model, 1, 0, scale, threads)
    if engine != "expected":
        run_engine(engine, model, 1, 0, 1e-5, threads)  # compiles
    before = peak_mib()
    runs = [timed(work) for _ in range(repeats)]
    found: Any = runs[-1][1]
    sampled = engine != "expected"
    persons = int(found.persons.sum()) if sampled else int(model.world.people.persons.sum())
    return {
        "name": name,
        "engine": engine,
        "scale": scale,
        "setup": setup,
        "seconds": min(seconds for seconds, _ in runs),
        "persons": persons,
        "hours": len(model.world.calendar.month) * 24,
        "processes": len(model.processes),
        "before_mib": before,
        "peak_mib": peak_mib(),
        "sha256": found.tallies.sha256() if sampled else "",
    }
