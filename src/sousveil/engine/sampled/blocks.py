"""The walk over blocks of whole units: one block at work, and many on threads.

Blocks are independent and tallies are integers, so neither the size of the blocks, nor their order,
nor the threads can change a sum.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import Floats, Ints
from sousveil.engine.model import CAUSES
from sousveil.engine.sampled.acting import History, done_within, make_visits, number_visits, run_act
from sousveil.engine.sampled.attendance import count_calls
from sousveil.engine.sampled.calling import run_roll_call
from sousveil.engine.sampled.chance import Chance
from sousveil.engine.sampled.counting import count_encounters
from sousveil.engine.sampled.flagging import Flags, Noticed, merged, raised, report, settle
from sousveil.engine.sampled.passing import run_encounter
from sousveil.engine.sampled.planned import Plan, UnpromptedPlan
from sousveil.engine.sampled.points import draw_points
from sousveil.engine.sampled.population import Block, make_block
from sousveil.engine.sampled.scene import Scene
from sousveil.engine.sampled.sparing import run_by_number
from sousveil.tallies import Key, Tallies

Progress = Callable[[int, int], None]
"""Called with the blocks done and their total, from whichever thread finished one."""


@dataclass(frozen=True)
class Sampled:
    """A sampled run. persons: (A, G) simulated. weight: (A,) persons for whom each one stands."""

    tallies: Tallies
    persons: Ints
    weight: Floats


def run_block(plan: Plan, chance: Chance, block: Block, tallies: Tallies) -> None:
    """Count everything that happens in one block."""
    scene = Scene(chance, plan.clock, block, tallies)
    scene.count("", "persons", block.persons.cell)
    visit = number_visits if plan.yearly else make_visits
    visits = {name: visit(scene, points) for name, points in plan.visits.items()}
    noticed: list[Noticed] = []
    done: dict[str, History] = {}
    for act in plan.acts:
        run = run_by_number if plan.yearly and not act.marks else run_act
        done[act.name], found = run(scene, act, visits)
        noticed += found
    flags = [report(scene, noticed)]
    for encounter in plan.encounters:
        flags += run_encounter(scene, encounter)
    for counted in plan.counted:
        flags += count_encounters(scene, counted)
    flags += [run_roll_call(scene, item, CAUSES) for item in plan.roll_calls]
    for attended in plan.attended:
        count_calls(scene, attended)
    flags += [_denounce(scene, item, done) for item in plan.unprompted]
    settle(scene, plan.handling, merged(flags))


def no_tallies(plan: Plan) -> Tallies:
    """Every tally of a plan, at zero."""
    tallies = Tallies(len(plan.world.areas), len(plan.world.groups))
    tallies.declare(plan.keys)
    return tallies


def run_blocks(
    plan: Plan, chance: Chance, blocks: list[Ints], threads: int, progress: Progress | None
) -> Tallies:
    """The sum over blocks, each given by the global numbers of its units."""
    total = no_tallies(plan)
    queue, lock, stopped = iter(blocks), threading.Lock(), threading.Event()
    finished = 0

    def work() -> None:
        nonlocal finished
        mine = no_tallies(plan)
        while not stopped.is_set() and (units := _next(queue, lock)) is not None:
            run_block(plan, chance, make_block(plan.world, chance, units), mine)
            with lock:
                finished += 1
                if progress is not None:
                    progress(finished, len(blocks))
        with lock:
            total.merge(mine)

    if threads <= 1:
        work()
        return total
    with ThreadPoolExecutor(threads) as pool:
        workers = [pool.submit(work) for _ in range(threads)]
        try:
            for worker in as_completed(workers):
                worker.result()
        finally:
            stopped.set()  # neither an error nor an interrupt waits for the rest of the run
    return total


def sampled(plan: Plan, tallies: Tallies) -> Sampled:
    """A run with its weights: what a simulated person of each area stands for."""
    persons = tallies.counts[Key("", "persons")]
    simulated = persons.sum(axis=1)
    weight = np.ones(len(simulated), dtype=np.float64)
    np.divide(plan.world.people.persons, simulated, out=weight, where=simulated > 0)
    return Sampled(tallies, persons, weight)


def _next(queue: Iterator[Ints], lock: threading.Lock) -> Ints | None:
    """The units of the next block, or None."""
    with lock:
        return next(queue, None)


def _denounce(scene: Scene, plan: UnpromptedPlan, done: dict[str, History]) -> Flags:
    """Draw flags without a parent act; some are bribed away, some happen to be true."""
    view = scene.block.persons
    events = draw_points(scene.chance, plan.points, scene.block, scene.clock)
    bribed = events.spare < plan.bribed[view.cell[events.row]]
    scene.count(plan.name, "reporter_bribed", view.cell[events.row[bribed]])
    events = events.keep(~bribed)
    coincident = np.zeros(len(events), dtype=np.bool_)
    if plan.allegation:
        acts, hour = done[plan.allegation], events.hour.astype(np.int64)
        coincident = done_within(acts, events.row.astype(np.int64), hour - plan.hours, hour)
    unfounded = np.zeros(len(events), dtype=np.bool_)
    at = events.row, events.hour, events.number
    return raised(plan.name, plan.channel, at, unfounded, coincident)
