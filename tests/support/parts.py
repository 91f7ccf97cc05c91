"""Parts of a run, whoever works on them: units of a model, or some of their persons alone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sousveil.engine.model import Model
from sousveil.engine.sampled.blocks import no_tallies, run_block
from sousveil.engine.sampled.chance import Chance
from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.events import plan_events
from sousveil.engine.sampled.plan import plan
from sousveil.engine.sampled.planned import Plan
from sousveil.engine.sampled.population import make_block
from sousveil.rng import Key
from sousveil.tallies import Tallies


def lower(model: Model, yearly: bool) -> Plan:
    """The plan of an engine: `events` if yearly, else `hourly`."""
    return plan_events(model) if yearly else plan(model)


def run_part(
    integers: Plan, chance: Chance, units: Iterable[int], persons: np.ndarray | None = None
) -> Tallies:
    """The tallies of some units in one block, or of some of their persons alone."""
    tallies = no_tallies(integers)
    block = make_block(integers.world, chance, np.array(sorted(units), dtype=np.int64), persons)
    run_block(integers, chance, block, tallies)
    return tallies


def run_parts(model: Model, key: Key, yearly: bool, parts: Iterable[Iterable[int]]) -> Tallies:
    """The sum over parts, each a block of its own."""
    integers, chance = lower(model, yearly), Compiled(key, yearly)
    total = no_tallies(integers)
    for part in parts:
        total.merge(run_part(integers, chance, part))
    return total
