"""The sampled engines on the national model: processor seconds for some people and a year."""

from __future__ import annotations

import time
from collections.abc import Callable

from sousveil.engine.expected import expect
from sousveil.engine.sampled import events, hourly
from sousveil.engine.sampled.blocks import Sampled
from sousveil.procedure import assemble, base_reports
from sousveil.scenario.load import load
from sousveil.scenario.model import Draw
from sousveil.scenario.parameters import resolve
from sousveil.world.build import build

THREADS = 2


def main() -> None:
    """Print wall and processor seconds of each engine, its kernels compiled before."""
    scenario = load("north_korea")
    parameters = resolve(scenario, Draw({}, {}), ())
    world = build(scenario.tables, parameters.world, parameters.year, 1, 0)
    free = assemble(parameters, world, None)
    model = assemble(parameters, world, base_reports(free, expect(free), parameters))
    engines: list[tuple[str, Callable[..., Sampled], float]] = [
        ("hourly", hourly.sample, 1 / 500),
        ("events", events.sample, 1 / 100),
    ]
    for name, sample, scale in engines:
        sample(model, 1, 0, 1 / 20_000)
        wall, processor = time.perf_counter(), time.process_time()
        persons = int(sample(model, 1, 0, scale, THREADS).persons.sum())
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        each = 1e6 * processor / persons
        print(
            f"{name}: {persons} persons, {wall:.1f} s on {THREADS} threads, "
            f"{processor:.1f} s of processor, {each:.0f} microseconds a person and year"
        )
