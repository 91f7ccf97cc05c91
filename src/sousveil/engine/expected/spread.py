"""Over a year of windows: how flags of one household and of one area hang together.

A household keeps its class of watching and its fault from window to window, and an area shares its
link. Forward recursions over the windows give the first two moments of flags of a household, those
of the mean of an area given the path of its link, and the chance to stay without a flag.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import EFFECT_CLASSES, Floats, Ints
from sousveil.engine.expected.ledger import LEVELS
from sousveil.engine.expected.rollcalls import Batch, Calls, cause_flags
from sousveil.engine.expected.scene import Scene
from sousveil.engine.expected.windows import (
    Chain,
    counts,
    distinct,
    flag_table,
    founded_table,
    link_paths,
    transition,
)
from sousveil.engine.model import CAUSES
from sousveil.processes import Entity

_PARTS = ("all", "founded", "unfounded")


def unflagged(scene: Scene, calls: Calls, stays: Floats) -> Floats:
    """(A, 16) chance, by class of watching, of no unfounded flag that stays, for a box all year.

    stays: (A,) chance that such a flag stays. Mean over feeders window by window: mean field.
    """
    start, weight = calls.chain.stationary, scene.prepared.household_weight
    every = [_conditional(table.every, start) for table in calls.tables]
    unfounded = [_conditional(table.flagged - table.founded, start) for table in calls.tables]
    unfounded = [np.ascontiguousarray(np.moveaxis(given, 1, 3)) for given in unfounded]
    vector = np.repeat(np.tile(start, (scene.areas, 1))[:, :, None], EFFECT_CLASSES, axis=2)
    for (number, inside), between in zip(_order(calls), _between(calls, calls.chain), strict=True):
        row = calls.batches[number].row[:, :, inside]
        _through(vector, weight, row, every[number], unfounded[number], stays, between)
    return vector.sum(axis=1)


@njit(cache=True, nogil=True)
def _through(
    vector: Floats,
    weight: Floats,
    row: Ints,
    every: Floats,
    unfounded: Floats,
    stays: Floats,
    between: Floats,
) -> None:
    """Carry chances (A, S, 16) by state, of no flag so far, through a window and to the next.

    weight, row: (A, F) share of a feeder, and its pattern of power. every: (R, S, S), unfounded:
    (R, S, S, 16) of a pattern. between: (S, S).
    """
    areas, states, classes = vector.shape
    none, after = np.empty((states, states, classes)), np.empty((states, classes))
    for area in range(areas):
        none[:] = 0.0
        for feeder in range(weight.shape[1]):
            kind, share = row[area, feeder], weight[area, feeder]
            for first in range(states):
                for last in range(states):
                    own, lost, moved = none[first, last], unfounded[kind, first, last], every[kind]
                    for number in range(classes):
                        own[number] += share * (moved[first, last] - stays[area] * lost[number])
        after[:] = 0.0
        for first in range(states):
            for last in range(states):
                for number in range(classes):
                    after[last, number] += vector[area, first, number] * none[first, last, number]
        vector[area] = 0.0
        for first in range(states):
            for last in range(states):
                for number in range(classes):
                    vector[area, last, number] += after[first, number] * between[first, last]


def expected_spread(scene: Scene, calls: Calls) -> dict[str, Floats]:
    """(A,) variance beyond the mean per squared mean, of flags by part and by cause."""
    first, second = _moments(scene, calls)  # (A, 3, 16)
    means = _link_means(scene, calls)
    shared = _link_variances(scene, calls, means)
    households = scene.people.households.astype(np.float64)
    box = calls.process.box.share[:, 0]
    pairs = _effect_pairs(scene, calls, households)
    result: dict[str, Floats] = {}
    expected = first.mean(axis=2)
    square = second.mean(axis=2)
    for place, part in enumerate(_PARTS):
        mean = expected[:, place]
        by_class = first[:, place].var(axis=1)
        own = households * (box * square[:, place] - (box * mean) ** 2)
        both = (households**2 - households) * shared[part] + pairs * by_class
        result[part] = _beyond(own + both * box**2, households * box * mean)
    repeated = _ratio(square[:, 2] - expected[:, 2], expected[:, 2] ** 2)
    for cause in CAUSES:
        vanish = cause_flags(scene, calls, cause)
        for part, mean in (("cause", vanish), ("without", expected[:, 2] - vanish)):
            own = households * (box * (mean + repeated * mean**2) - (box * mean) ** 2)
            both = (households**2 - households) * shared[f"{part}:{cause}"] * box**2
            result[f"{part}:{cause}"] = _beyond(own + both, households * box * mean)
    result["link"] = _ratio(shared["unfounded"], expected[:, 2] ** 2)
    return result


def _beyond(variance: Floats, mean: Floats) -> Floats:
    """Variance beyond a Poisson count's, per squared mean."""
    return _ratio(variance - mean, mean**2)


def _ratio(over: Floats, under: Floats) -> Floats:
    return np.divide(over, under, out=np.zeros_like(over), where=under > 0.0)


def _effect_pairs(scene: Scene, calls: Calls, households: Floats) -> Floats:
    """(A,) ordered pairs of households that share the class of watching."""
    level = LEVELS[calls.process.watch_effect.entity]
    if level < LEVELS[Entity.UNIT]:
        return np.zeros_like(households)
    entities = scene.count(calls.process.watch_effect.entity)
    return households**2 / np.maximum(entities, 1.0) - households


def _order(calls: Calls) -> list[tuple[int, int]]:
    """Batch and place in it of every window, in order of time."""
    entries = [
        (calls.hour[calls.process.windows[place][0]], number, inside)
        for number, batch in enumerate(calls.batches)
        for inside, place in enumerate(batch.windows.tolist())
    ]
    return [(number, inside) for _, number, inside in sorted(entries)]


def _between(calls: Calls, chain: Chain) -> Floats:
    """(windows, S, S) transitions from the last event of a window to the first of the next."""
    windows = [
        calls.process.windows[int(calls.batches[number].windows[inside])]
        for number, inside in _order(calls)
    ]
    first = np.array([calls.hour[window[0]] for window in windows])
    last = np.array([calls.hour[window[-1]] for window in windows])
    apart = np.append(first[1:], last[-1:]) - last
    return chain.transitions(np.maximum(apart, 0.0))


def _conditional(joint: Floats, start: Floats) -> Floats:
    """Joint chances (..., S0, S) of first and last state, given the first."""
    return joint / np.where(start > 0.0, start, 1.0)[:, None]


def _mean_tables(scene: Scene, calls: Calls) -> tuple[Floats, Floats, Floats]:
    """Transitions (A, W, S, S), and with a flag or a founded flag (A, W, 16, S, S), by area."""
    order = _order(calls)
    states, areas = len(calls.chain.stationary), scene.areas
    every = np.zeros((areas, len(order), states, states))
    flagged = np.zeros((areas, len(order), EFFECT_CLASSES, states, states))
    founded = np.zeros_like(flagged)
    weight = scene.prepared.household_weight
    for number, (batch, table) in enumerate(zip(calls.batches, calls.tables, strict=True)):
        where = [place for place, (which, _) in enumerate(order) if which == number]
        inside = [order[place][1] for place in where]
        for source, target in (
            (table.every, every),
            (table.flagged, flagged),
            (table.founded, founded),
        ):
            given = _conditional(source, calls.chain.stationary)
            for feeder in range(weight.shape[1]):
                share = weight[:, feeder].reshape(-1, *[1] * given.ndim)
                target[:, where] += share * given[batch.row[:, feeder, inside]]
    return every, flagged, founded


def _moments(scene: Scene, calls: Calls) -> tuple[Floats, Floats]:
    """(A, 3, 16) first and second moment of flags of a household: all, founded, unfounded."""
    every, flagged, founded = _mean_tables(scene, calls)
    states = len(calls.chain.stationary)
    zero = np.tile(calls.chain.stationary, (scene.areas, 1, 1, 1))  # (A, 1, 1, S)
    one = np.zeros((scene.areas, len(_PARTS), EFFECT_CLASSES, 1, states))
    two = np.zeros_like(one)
    zero = zero[:, :, None]
    for step, between in zip(range(every.shape[1]), _between(calls, calls.chain), strict=True):
        move = every[:, step, None, None]
        hit = np.stack(
            [flagged[:, step], founded[:, step], flagged[:, step] - founded[:, step]], axis=1
        )
        two = (two @ move + (2.0 * one + zero) @ hit) @ between
        one = (one @ move + zero @ hit) @ between
        zero = zero @ move @ between
    return one.sum(axis=(3, 4)), two.sum(axis=(3, 4))


def _link_means(scene: Scene, calls: Calls) -> list[tuple[Floats, Floats, dict[str, Floats]]]:
    """Of each batch: link paths (Q, n), their log chances (W, Q), mean flags (A, W, Q) by tally."""
    result: list[tuple[Floats, Floats, dict[str, Floats]]] = []
    if calls.process.link.down_share <= 0.0:
        return result
    weight = scene.prepared.household_weight
    for batch in calls.batches:
        paths = link_paths(batch.events)
        by_row = _by_path(calls, batch, paths)
        means = {
            tally: np.einsum("afwq,af->awq", values[batch.row], weight)
            for tally, values in by_row.items()
        }
        result.append((paths.astype(np.float64), _path_chances(calls, batch, paths), means))
    return result


def _path_chances(calls: Calls, batch: Batch, paths: Ints) -> Floats:
    """(W, Q) chance of a link path from its first state on; they sum to 1 for each first state."""
    link = calls.process.link
    gaps = batch.gaps[batch.kind[batch.row[0, 0]]]  # (W, n - 1)
    steps = transition(link, gaps)  # state 0 is up
    states = 1 - paths
    chance = np.ones((len(gaps), len(paths)))
    for event in range(batch.events - 1):
        chance = chance * steps[:, event][:, states[:, event], states[:, event + 1]]
    for first in (0, 1):
        begins = paths[:, 0] == first
        chance[:, begins] /= chance[:, begins].sum(axis=1, keepdims=True)
    return chance


def _by_path(calls: Calls, batch: Batch, paths: Ints) -> dict[str, Floats]:
    """(R, Q) chance of a flag of every pattern of power given the link path, by tally."""
    process, excuse = calls.process, calls.process.excuse_without_power
    recorded, events, threshold = calls.watching.recorded, batch.events, process.threshold
    table = flag_table(recorded, events, threshold, excuse).mean(axis=0)
    home = flag_table(calls.watching.recorded_at_home, events, threshold, excuse).mean(axis=0)
    deliberate = founded_table(calls.watching.deliberate, events, threshold, excuse).mean(axis=0)
    fault, sound = Chain.of((process.fault,)), Chain.of(())
    ones = np.ones_like(paths)

    base = _counted(batch, paths, batch.power, fault, excuse)
    flagged = (base * table).sum(axis=(2, 3))
    founded = (base.sum(axis=3) * deliberate).sum(axis=2)
    removed = {
        "power": (_counted(batch, paths, np.ones_like(batch.power), fault, excuse), table),
        "link": (_counted(batch, ones, batch.power, fault, excuse), table),
        "fault": (_counted(batch, paths, batch.power, sound, excuse), table),
        "elsewhere": (base, home),
    }
    result = {"all": flagged, "founded": founded, "unfounded": flagged - founded}
    for cause, (joint, chosen) in removed.items():
        vanishes = np.maximum(flagged - (joint * chosen).sum(axis=(2, 3)), 0.0)
        skip = cause == "power" and excuse
        vanishes = np.zeros_like(flagged) if skip else vanishes
        result[f"cause:{cause}"] = vanishes
        result[f"without:{cause}"] = result["unfounded"] - vanishes
    return result


def _counted(batch: Batch, paths: Ints, power: Floats, chain: Chain, excuse: bool) -> Floats:
    """(R, Q, V, U) counts of a window of every pattern given the link path."""
    rows, paths_count = len(power), len(paths)
    live = np.broadcast_to(paths[None], (rows, *paths.shape)).reshape(-1, batch.events)
    chance = np.repeat(power, paths_count, axis=0)
    if not excuse:
        chance, live = chance * live, np.ones_like(live)
    kind = np.repeat(batch.kind, paths_count)
    codes = [np.unique(values, return_inverse=True)[1] for values in (chance, live, kind)]
    every = [code.reshape(len(chance), -1).astype(np.int64) for code in codes]
    index, inverse = distinct(np.concatenate(every, axis=1))
    joint = counts(
        chance[index],
        live[index].astype(np.float64),
        chain.transitions(batch.gaps),
        kind[index],
        chain.stationary,
        excuse,
    ).sum(axis=(1, 2))
    return joint[inverse].reshape(rows, paths_count, *joint.shape[1:])


def _link_variances(
    scene: Scene, calls: Calls, means: list[tuple[Floats, Floats, dict[str, Floats]]]
) -> dict[str, Floats]:
    """(A,) variance over link paths of an area's mean flags per household with a box, by tally."""
    tallies = [*_PARTS, *(f"{part}:{cause}" for part in ("cause", "without") for cause in CAUSES)]
    if not means:
        return {tally: np.zeros(scene.areas) for tally in tallies}
    chain = Chain.of((calls.process.link,))
    shape = (scene.areas, len(tallies), 1, 2)
    zero = np.tile(chain.stationary, (scene.areas, 1, 1, 1))
    one, two = np.zeros(shape), np.zeros(shape)
    order = _order(calls)
    for (number, inside), between in zip(order, _between(calls, chain), strict=True):
        paths, chances, by_tally = means[number]
        ends = _first_and_last(paths)  # (Q, 2, 2)
        weighed = chances[inside][:, None, None] * ends
        value = np.stack([by_tally[tally][:, inside] for tally in tallies], axis=1)  # (A, T, Q)
        move = weighed.sum(axis=0)
        once = np.tensordot(value, weighed, axes=1)
        squared = np.tensordot(value**2, weighed, axes=1)
        two = (two @ move + 2.0 * one @ once + zero @ squared) @ between
        one = (one @ move + zero @ once) @ between
        zero = zero @ move @ between
    mean, square = one.sum(axis=(2, 3)), two.sum(axis=(2, 3))
    variance = np.maximum(square - mean**2, 0.0)
    return {tally: variance[:, place] for place, tally in enumerate(tallies)}


def _first_and_last(paths: Floats) -> Floats:
    """(Q, 2, 2) one at the first and last state of a link path; state 0 is up."""
    result = np.zeros((len(paths), 2, 2))
    down = 1 - paths.astype(np.int64)
    result[np.arange(len(paths)), down[:, 0], down[:, -1]] = 1.0
    return result
