"""The events engine: the hourly model in law, without the hours in which nothing happens.

One word says how many points of a process a person has in the year; each then falls on its place.
Everything after an event is the hourly engine's own code. Views of a sensor that no search looks at
are drawn as counts of the year; of the others only those that become probes are events, which
Poisson splitting allows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from sousveil.arrays import SLOTS, Floats
from sousveil.effects import class_means
from sousveil.engine.blocks import Progress, Sampled, run_blocks, sampled
from sousveil.engine.chance import Chance
from sousveil.engine.compiled import Compiled
from sousveil.engine.judge import Plain
from sousveil.engine.model import Model
from sousveil.engine.plan import plan, plan_clock
from sousveil.engine.planned import CountedPlan, Plan
from sousveil.engine.population import sampled_units
from sousveil.engine.tables import Clock
from sousveil.processes import Encounter, Level, Search
from sousveil.rng import Key, stream
from sousveil.world.model import World

BLOCK_UNITS = 512
"""Units of a block: some 48,000 persons, so that the work outweighs the walk."""

PROBE_BAND = 2.0**-8
"""First band of probes in that of the views: few views become probes, and what-ifs keep them."""


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
    """Sample a model event by event; arguments and result as in :func:`hourly.sample`."""
    if not (0 <= seed < 2**32 and 0 <= member < 2**32):
        raise ValueError(f"seed {seed}, member {member}: expected 0 to 4294967295 each")
    chance = partial(Compiled if compiled else Plain, yearly=True)
    return sample_by(chance, model, Key(seed, member), scale, threads, progress, block_units)


def sample_by(
    chance: Callable[[Key], Chance],
    model: Model,
    key: Key,
    scale: float,
    threads: int,
    progress: Progress | None,
    block_units: int,
) -> Sampled:
    """The same by any chance of the year."""
    integers = plan_events(model)
    people, feeders = model.world.people, model.world.power.on.shape[2]
    units = sampled_units(people, feeders, scale)
    blocks = [units[i : i + block_units] for i in range(0, len(units), block_units)]
    return sampled(integers, run_blocks(integers, chance(key), blocks, threads, progress))


def plan_events(model: Model) -> Plan:
    """The plan of a model whose encounters are split into probes and counts."""
    clock, counted = plan_clock(model.world), list[CountedPlan]()
    processes = {item.name: item for item in model.processes}
    for encounter in model.of(Encounter):
        if not _nested(encounter.levels):
            continue  # counts by level exclude one another only where levels are nested
        searches = [item for item in model.of(Search) if item.parent == encounter.name]
        if searches:
            processes |= {item.name: item for item in probed(encounter, searches)}
        else:
            del processes[encounter.name]
        counted.append(_counted(encounter, searches, model.world, clock))
    lowered = plan(replace(model, processes=tuple(processes.values())))
    return replace(lowered, keys=model.keys(), counted=tuple(counted))


def probed(encounter: Encounter, searches: list[Search]) -> tuple[Encounter | Search, ...]:
    """The views that become probes, as an encounter of their own, with its searches.

    With one search these are the views that reach its level and are probed; with several, those
    that reach the widest level of any. The bands stay, so that what-ifs share their candidates.
    """
    target, share = _target(encounter, searches)
    widest = encounter.levels[target]
    most = max(widest.day_share, widest.night_share)
    scale = 1.0 / most if most > 0.0 else 0.0
    levels = [replace(widest, name=level.name) for level in encounter.levels[:target]]
    levels += encounter.levels[target:]
    rescaled = tuple(
        Level(level.name, level.day_share * scale, level.night_share * scale) for level in levels
    )
    rate = encounter.rate * (most * share)
    band = encounter.band_per_hour * PROBE_BAND
    part = replace(encounter, rate=rate, levels=rescaled, band_per_hour=band)
    if len(searches) == 1:
        return part, replace(searches[0], probe_share=1.0)
    return part, *searches


def _target(encounter: Encounter, searches: list[Search]) -> tuple[int, float]:
    """The widest level that a search looks at, and the share of its views taken as events."""
    names = [level.name for level in encounter.levels]
    target = min(names.index(search.level) for search in searches)
    return target, searches[0].probe_share if len(searches) == 1 else 1.0


def _nested(levels: tuple[Level, ...]) -> bool:
    """Whether no level is larger than the one before, by day and by night."""
    pairs = list(zip(levels, levels[1:], strict=False))
    return all(a.day_share >= b.day_share and a.night_share >= b.night_share for a, b in pairs)


def _counted(
    encounter: Encounter, searches: list[Search], world: World, clock: Clock
) -> CountedPlan:
    """The views that are not events: their expected number by class, feeder and level."""
    shares = np.array([(level.day_share, level.night_share) for level in encounter.levels])
    if searches:
        target, taken = _target(encounter, searches)
        nearest = np.maximum(np.arange(len(shares)), target)
        shares = shares - taken * shares[nearest]
    exclusive = shares - np.vstack([shares[1:], np.zeros((1, 2))])
    hours = _hours(encounter, world, clock)  # (A, F, 2, S)
    by_slot = np.einsum("ld,afds->afls", np.maximum(exclusive, 0.0), hours)
    by_group = np.einsum("gs,afls->agfl", encounter.profile, by_slot)
    rate = (encounter.rate * encounter.equipped)[..., None]
    if encounter.effect is not None:
        rate = encounter.rate[..., None] * class_means(encounter.effect, encounter.equipped)
    means = rate[..., None, None] * by_group[:, :, None]
    return CountedPlan(
        encounter.name,
        stream(f"{encounter.name}.counts"),
        encounter.effect,
        tuple(level.name for level in encounter.levels),
        means.reshape(means.shape[0], -1, *means.shape[3:]),
    )


def _hours(encounter: Encounter, world: World, clock: Clock) -> Floats:
    """(A, F, 2, S) hours of the year by feeder, light (day, dark) and slot, thinned by the gate."""
    areas, feeders = world.power.on.shape[1:3]
    line = clock.line(encounter.gate.line)
    on = clock.supply[line] if line >= 0 else np.ones((1, clock.hours), dtype=np.uint8)
    chance = np.where(on > 0, encounter.gate.on, encounter.gate.off)
    light = np.stack([world.daylight, 1.0 - world.daylight])
    slots = (clock.slot[:, None] == np.arange(SLOTS)[None, :]).astype(np.float64)
    hours = np.stack([(chance * part) @ slots for part in light], axis=1)
    return np.broadcast_to(
        hours.reshape(-1, 2, SLOTS) if line < 0 else hours, (areas * feeders, 2, SLOTS)
    ).reshape(areas, feeders, 2, SLOTS)
