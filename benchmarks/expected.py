"""The expected engine on the national model: a world prepared, all of it, and a what-if on top."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from sousveil.engine.expected import expect, know, prepare
from sousveil.procedure import assemble, base_reports
from sousveil.processes import RollCall
from sousveil.scenario.load import load
from sousveil.scenario.model import Draw
from sousveil.scenario.parameters import resolve
from sousveil.world.build import build

REPEATS = 20


def milliseconds(work: Callable[[], object]) -> float:
    """Least processor time of some repeats."""
    times: list[float] = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000.0 * min(times)


def main() -> None:
    """Print milliseconds of one core."""
    scenario = load("north_korea")
    parameters = resolve(scenario, Draw({}, {}), ())
    world = build(scenario.tables, parameters.world, parameters.year, 1, 0)
    ready = prepare(world)
    free = assemble(parameters, world, None)
    model = assemble(parameters, world, base_reports(free, expect(free, ready), parameters))
    base = know(model, ready)
    stricter = replace(
        model,
        processes=tuple(
            replace(item, threshold=item.threshold + 1) if isinstance(item, RollCall) else item
            for item in model.processes
        ),
    )
    print(f"prepare                    {milliseconds(lambda: prepare(world)):6.1f} ms")
    print(f"expect                     {milliseconds(lambda: expect(model, ready)):6.1f} ms")
    means = milliseconds(lambda: expect(model, ready, variances=False))
    print(f"expect, means              {means:6.1f} ms")
    linear = milliseconds(lambda: expect(model, ready, persons=False, variances=False))
    print(f"expect, means without persons {linear:3.1f} ms")
    other = milliseconds(lambda: expect(stricter, ready, variances=False, like=base))
    print(f"a what-if on one channel   {other:6.1f} ms")
