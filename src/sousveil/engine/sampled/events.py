"""The events engine: the hourly model in law, without the hours that nobody asks for.

One word says how many items of a process a person has in the year: acts, views, probes, visits.
What feeds nothing but counts is drawn no further. An item has an hour, by a word of its own, once
something may notice it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from sousveil.arrays import SLOTS, Floats
from sousveil.effects import class_means
from sousveil.engine.model import Model
from sousveil.engine.sampled.attendance import plan_attendance
from sousveil.engine.sampled.blocks import Progress, Sampled, run_blocks, sampled
from sousveil.engine.sampled.chance import Chance
from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.judge import Plain
from sousveil.engine.sampled.kernels.asked import Moments
from sousveil.engine.sampled.kernels.counts import add_hours
from sousveil.engine.sampled.plan import plan, plan_clock
from sousveil.engine.sampled.planned import CountedPlan, EncounterPlan, Plan, ProbesPlan
from sousveil.engine.sampled.population import sampled_units
from sousveil.engine.sampled.tables import Clock
from sousveil.engine.sampled.yearly import distributions, lay_hours
from sousveil.processes import Encounter, Level, Search
from sousveil.rng import Key, stream
from sousveil.world.model import World

BLOCK_UNITS = 512
"""Units of a block: some 48,000 persons, so that the work outweighs the walk."""
_LIGHT = 2.0**30
"""Parts of an hour in which daylight is summed up: whole ones, whose sum has no order."""


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
    """The plan of a model whose encounters are numbers, as far as their searches allow."""
    clock, processes = plan_clock(model.world), {item.name: item for item in model.processes}
    split, single = list[tuple[Encounter, list[Search]]](), set[str]()
    for encounter in model.of(Encounter):
        searches = [item for item in model.of(Search) if item.parent == encounter.name]
        nested = _nested(encounter.levels)
        if nested:  # else counts by level would not exclude one another
            split.append((encounter, searches))
        if not nested or not _by_number(encounter, searches):
            single.add(encounter.name)
            if nested:
                processes |= {item.name: item for item in probed(encounter, searches)}
    lowered = plan(replace(model, processes=tuple(processes.values())))
    known = {item.name: item for item in lowered.encounters}
    calls = [(call, plan_attendance(call)) for call in lowered.roll_calls]
    return replace(
        lowered,
        keys=model.keys(),
        encounters=tuple(item for item in lowered.encounters if item.name in single),
        counted=tuple(
            _counted(encounter, searches, model.world, clock, known)
            for encounter, searches in split
        ),
        roll_calls=tuple(call for call, plan in calls if plan is None),
        attended=tuple(plan for _, plan in calls if plan is not None),
        yearly=True,
    )


def _by_number(encounter: Encounter, searches: list[Search]) -> bool:
    """Whether no probe need be told from another: none, or of one search at the nearest level."""
    nearest = encounter.levels[-1].name if encounter.levels else ""
    return not searches or [item.level for item in searches] == [nearest]


def probed(encounter: Encounter, searches: list[Search]) -> tuple[Encounter | Search, ...]:
    """The views that become probes, as an encounter of their own, with its searches.

    With one search these are the views that reach its level and are probed; with several, those
    that reach the widest level of any.
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
    part = replace(encounter, rate=rate, levels=rescaled)
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
    encounter: Encounter,
    searches: list[Search],
    world: World,
    clock: Clock,
    lowered: Mapping[str, EncounterPlan],
) -> CountedPlan:
    """The views that are no events, and the probes among them where these are numbers, too."""
    shares = np.array([(level.day_share, level.night_share) for level in encounter.levels])
    taken = np.zeros(2)
    if searches:
        target, share = _target(encounter, searches)
        nearest = np.maximum(np.arange(len(shares)), target)
        taken = share * shares[-1]
        shares = shares - share * shares[nearest]
    exclusive = np.maximum(shares - np.vstack([shares[1:], np.zeros((1, 2))]), 0.0)
    means = _means(encounter, world, clock)
    probes = None
    if searches and _by_number(encounter, searches):
        plans = lowered[encounter.name]
        light = np.stack([world.daylight, 1.0 - world.daylight])
        shape, cuts, guide = lay_hours(encounter.profile, clock.slot, taken @ light)
        probes = ProbesPlan(
            plans.searches[0],
            plans.points.stream,
            *distributions(means @ taken),
            Moments(np.tile(shape, len(world.areas)), cuts, guide),
            plans.points.gate,
        )
    return CountedPlan(
        encounter.name,
        stream(f"{encounter.name}.counts"),
        encounter.effect,
        tuple(level.name for level in encounter.levels),
        tuple(distributions(means @ own) for own in exclusive),
        probes,
    )


def _means(encounter: Encounter, world: World, clock: Clock) -> Floats:
    """(A * G * C * F, 2) expected encounters of a person by class and feeder, by day and night."""
    by_slot = _hours(encounter, world, clock)  # (A, F, 2, S)
    by_group = np.einsum("gs,afds->agfd", encounter.profile, by_slot, optimize=True)
    rate = (encounter.rate * encounter.equipped)[..., None]
    if encounter.effect is not None:
        rate = encounter.rate[..., None] * class_means(encounter.effect, encounter.equipped)
    return (rate[..., None, None] * by_group[:, :, None]).reshape(-1, 2)


def _hours(encounter: Encounter, world: World, clock: Clock) -> Floats:
    """(A, F, 2, S) hours of the year by feeder, light (day, dark) and slot, thinned by the gate."""
    areas, feeders = world.power.on.shape[1:3]
    gate = encounter.gate
    light = np.floor(world.daylight * _LIGHT + 0.5).astype(np.int64)
    every = supplied = np.zeros((1, 2, SLOTS), np.int64)
    add_hours(np.ones((1, clock.hours), np.uint8), clock.slot, light, every)
    if gate.line:
        supplied = np.zeros((areas * feeders, 2, SLOTS), np.int64)
        add_hours(clock.supply_of(clock.line(gate.line)), clock.slot, light, supplied)
    by_light = gate.on * supplied + gate.off * (every - supplied)
    by_light[:, 0] /= _LIGHT
    by_light[:, 1] -= by_light[:, 0]
    hours = np.broadcast_to(np.maximum(by_light, 0.0), (areas * feeders, 2, SLOTS))
    return hours.reshape(areas, feeders, 2, SLOTS)
