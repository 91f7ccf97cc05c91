"""Neither threads, blocks, order, processes nor single persons change a bit of the tallies.

Twenty small models hold every process, option and entity between them; each runs in every layout.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from multiprocessing import get_context
from typing import cast, get_args

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.engine.model import Model
from sousveil.engine.sampled import events, hourly
from sousveil.engine.sampled.blocks import no_tallies
from sousveil.engine.sampled.chance import Chance
from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.population import make_block
from sousveil.processes import Entity
from sousveil.rng import Key
from sousveil.tallies import Tallies
from support.both import Both
from support.family import MEMBERS, make_member
from support.parts import lower, run_part, run_parts

SAMPLE = {True: events.sample, False: hourly.sample}
PROCESSES = 4
BY_THE_YEAR = {"numbers", "items", "picked", "placed", "hours", "sought"}
"""What only `events` asks of chance."""


def key_of(number: int) -> Key:
    """Keys at both ends of their range, too."""
    return Key((number * 2_654_435_761) % 2**32, (0, 3, 2**32 - 1)[number % 3])


def units_of(model: Model) -> np.ndarray:
    return np.arange(model.world.people.units.sum())


def work(number: int, yearly: bool, units: list[int]) -> tuple[int, Tallies]:
    """What another process does: a part of a member; with the number of that process."""
    return os.getpid(), run_parts(make_member(number), key_of(number), yearly, [units])


@pytest.fixture(scope="module")
def others() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        yield pool


def by_processes(pool: ProcessPoolExecutor, number: int, yearly: bool, parts: int) -> str:
    """Hash of a member whose units are shared out to other processes."""
    units = units_of(make_member(number))
    tasks = [pool.submit(work, number, yearly, units[n::parts].tolist()) for n in range(parts)]
    total = no_tallies(lower(make_member(number), yearly))
    for task in tasks:
        pid, tallies = task.result()
        assert pid != os.getpid()
        total.merge(tallies)
    return total.sha256()


def person_by_person(model: Model, key: Key, yearly: bool) -> str:
    """Hash of the sum of runs of one person each."""
    integers, chance = lower(model, yearly), Compiled(key, yearly)
    views = make_block(model.world, chance, units_of(model)).views
    unit = views[Entity.UNIT].ids[views[Entity.UNIT].of_person]
    total = no_tallies(integers)
    for person, home in zip(views[Entity.PERSON].ids.tolist(), unit.tolist(), strict=True):
        total.merge(run_part(integers, chance, [home], np.array([person])))
    return total.sha256()


@pytest.mark.slow
@pytest.mark.parametrize("yearly", [True, False])
@pytest.mark.parametrize("number", range(MEMBERS))
def test_twelve_layouts_give_the_same_bits(
    number: int, yearly: bool, others: ProcessPoolExecutor
) -> None:
    model, key = make_member(number), key_of(number)
    units = units_of(model)
    chance = np.random.Generator(np.random.PCG64(number))
    shuffled = np.array_split(chance.permutation(units), min(5, len(units)))

    def sampled(threads: int, block_units: int) -> str:
        run = SAMPLE[yearly](model, *key, threads=threads, block_units=block_units)
        return run.tallies.sha256()

    wanted = sampled(1, len(units))
    found = {f"blocks of {size}": sampled(1, size) for size in (1, 7, 64)}
    found |= {f"{threads} threads": sampled(threads, 2) for threads in (1, 2, 8)}
    found["shuffled"] = run_parts(model, key, yearly, shuffled).sha256()
    found |= {
        f"{parts} processes": by_processes(others, number, yearly, parts) for parts in (1, 2, 4)
    }
    found["single persons"] = person_by_person(model, key, yearly)
    assert {name for name, value in found.items() if value != wanted} == set()
    assert len(found) + 1 == 12


@pytest.mark.parametrize("yearly", [True, False])
def test_every_answer_of_the_kernels_is_that_of_the_judge(yearly: bool) -> None:
    asked: dict[str, int] = {}
    for number in range(MEMBERS):
        model, key = make_member(number), key_of(number)
        both = Both(key, yearly)
        tallies = run_part(lower(model, yearly), cast(Chance, both), units_of(model).tolist())
        assert tallies.sha256() == SAMPLE[yearly](model, *key).tallies.sha256()
        asked = {name: asked.get(name, 0) + n for name, n in both.asked.items()} | {
            name: n for name, n in asked.items() if name not in both.asked
        }
    questions = {name for name in vars(Chance) if not name.startswith("_")} - {"key"}
    wanted = questions if yearly else questions - BY_THE_YEAR
    assert {name for name, n in asked.items() if n > 500} == wanted


def test_the_family_holds_every_process_option_and_entity() -> None:
    models = [make_member(number) for number in range(MEMBERS)]
    items = [item for model in models for item in model.processes]
    assert {type(item) for item in items} == set(get_args(p.Process))
    effects = [
        value
        for item in items
        for field in fields(item)
        if isinstance(value := getattr(item, field.name), p.Effect)
    ]
    assert {(e.form, e.entity) for e in effects} == {
        (f, e) for f in ("rate", "share") for e in Entity
    }
    assert {0.0, np.inf} < {effect.spread for effect in effects}
    acts, looks = of(items, p.Act), of(items, p.Inspection)
    gates = {item.gate for item in (*acts, *of(items, p.Detection), *of(items, p.Encounter))}
    assert {gate.line for gate in gates} == {"", "home", "state"}
    assert {(gate.on > gate.off, gate.off > 0.0) for gate in gates} >= {(True, True), (False, True)}
    assert {item.effect is None for item in acts} == {True, False}
    assert {bool(np.all(item.month == 1.0)) for item in acts} == {True, False}
    assert {bool(item.when) for item in of(items, p.Detection)} == {True, False}
    assert {item.entity for item in of(items, p.Visits)} == {
        Entity.PERSON, Entity.HOUSEHOLD, Entity.UNIT,
    }  # fmt: skip
    assert {item.carrier.entity for item in looks if item.carrier} == {
        Entity.PERSON, Entity.HOUSEHOLD, Entity.UNIT, Entity.SITE,
    }  # fmt: skip
    assert {item.find for item in looks} == {0.0, 0.02, 0.4, 1.0}
    assert max(item.findable_hours for item in looks) > 8760
    calls = of(items, p.RollCall)
    assert {len(item.events[0]) for item in calls} == {1, 3, 7}
    assert {item.excuse_without_power for item in calls} == {True, False}
    assert {item.fault.down_share > 0.0 for item in calls} == {True, False}
    assert any(len(set(sum(item.windows, ()))) < len(sum(item.windows, ())) for item in calls)
    assert {item.factor is None for item in of(items, p.Search)} == {True, False}
    assert {item.flags for item in of(items, p.Search)} == {True, False}
    assert {len(of(model.processes, p.Search)) for model in models} == {0, 1, 2}
    assert {item.allegation for item in of(items, p.Unprompted)} == {"media", "listed"}
    handling = [item for model in models for item in model.handling.values()]
    assert {item.partners_needed for item in handling} == {0, 1, 2}
    assert any(set(model.flagging_channels()) - set(model.handling) for model in models)


def of(items, kind):
    """The processes of one kind."""
    return [item for item in items if isinstance(item, kind)]
