"""The hourly engine: brute force, hour by hour; the executable definition of the model.

Every hour of every entity is drawn: a byte, and where it is low a word, say how high the lowest
point of a process lies in that hour; those below the curve of its cell, slot and class are events,
as far as the power of its feeder and hour and chilling let them, with words of their own. A judge
in plain NumPy and compiled kernels give the same bits.
"""

from __future__ import annotations

import numpy as np

from sousveil.arrays import Ints
from sousveil.engine.model import Model
from sousveil.engine.sampled.blocks import (
    Progress,
    Sampled,
    no_tallies,
    run_block,
    run_blocks,
    sampled,
)
from sousveil.engine.sampled.chance import Chance
from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.judge import Plain
from sousveil.engine.sampled.plan import plan
from sousveil.engine.sampled.population import make_block, sampled_units
from sousveil.rng import Key

BLOCK_UNITS = 128
"""Units of a block: some 12,000 persons, so that the work outweighs the walk."""


def sample(
    model: Model,
    seed: int,
    member: int,
    scale: float = 1.0,
    threads: int = 1,
    progress: Progress | None = None,
    *,
    block_units: int = BLOCK_UNITS,
    compiled: bool = True,
) -> Sampled:
    """Sample a model hour by hour.

    scale: share of the units of each area, at least one. compiled: False runs the NumPy judge,
    which gives the same bits slowly.
    """
    chance = _chance(seed, member, compiled)
    integers = plan(model)
    people, feeders = model.world.people, model.world.power.on.shape[2]
    units = sampled_units(people, feeders, scale)
    blocks = [units[i : i + block_units] for i in range(0, len(units), block_units)]
    return sampled(integers, run_blocks(integers, chance, blocks, threads, progress))


def sample_some(
    model: Model,
    seed: int,
    member: int,
    units: Ints,
    persons: Ints | None = None,
    *,
    compiled: bool = True,
) -> Sampled:
    """Sample some units alone, or some persons of them, by global number.

    Runs over parts add up to the run over the whole: the ground of threads, clusters and tests.
    """
    chance = _chance(seed, member, compiled)
    integers = plan(model)
    block = make_block(model.world, chance, np.sort(units), persons)
    tallies = no_tallies(integers)
    run_block(integers, chance, block, tallies)
    return sampled(integers, tallies)


def _chance(seed: int, member: int, compiled: bool) -> Chance:
    """The source of words for one member."""
    if not (0 <= seed < 2**32 and 0 <= member < 2**32):
        raise ValueError(f"seed {seed}, member {member}: expected 0 to 4294967295 each")
    return (Compiled if compiled else Plain)(Key(seed, member))
