"""Roll calls: flags of households by cause, recorded events, persons flagged at least once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Floats, Ints
from sousveil.engine.expected.flags import Raised
from sousveil.engine.expected.scene import Scene
from sousveil.engine.expected.windows import (
    Chain,
    Watching,
    correlation,
    counts,
    distinct,
    flag_table,
    founded_table,
)
from sousveil.engine.model import CAUSES
from sousveil.processes import RollCall
from sousveil.tallies import Key


@dataclass(frozen=True)
class Batch:
    """Windows of one length that share tables.

    windows: (W,) their places in order of time. power: (R, n) chance of power at the events of
    every distinct pattern; gaps: (K, n - 1) hours between events, by kind of window, and kind: (R,)
    of the pattern; row: (A, F, W) pattern of a window.
    """

    windows: Ints
    events: int
    power: Floats
    gaps: Floats
    kind: Ints
    row: Ints


@dataclass(frozen=True)
class Tables:
    """Of every pattern of a batch: joint chances of first and last state.

    every: (R, S0, S). flagged, founded: (R, 16, S0, S). counted: (R, V, U) chances of the counts of
    events, whatever the states.
    """

    every: Floats
    flagged: Floats
    founded: Floats
    counted: Floats


@dataclass(frozen=True)
class Calls:
    """A roll call on the path of a world: power at its events, batches of windows, tables."""

    process: RollCall
    watching: Watching
    chain: Chain
    hour: Floats
    power: Floats
    batches: tuple[Batch, ...]
    tables: tuple[Tables, ...]
    flagged: Floats
    founded: Floats
    boxes: Floats
    """(A,) households with a box."""


def solve(scene: Scene, process: RollCall) -> Calls:
    """Work out the windows of a roll call."""
    first = [airings[0] for airings in process.events]
    hour = np.array(first, dtype=np.float64)
    power, code = _power(scene, process)
    batches = _batches(process, power, code)
    watching, chain = Watching.of(process), Chain.of((process.link, process.fault))
    tables = tuple(_tables(process, watching, chain, batch) for batch in batches)
    weight = scene.prepared.household_weight
    flagged, founded = np.zeros(scene.areas), np.zeros(scene.areas)
    for batch, table in zip(batches, tables, strict=True):
        flagged += _over_windows(batch, weight, table.flagged.sum(axis=(2, 3)).mean(axis=1))
        founded += _over_windows(batch, weight, table.founded.sum(axis=(2, 3)).mean(axis=1))
    boxes = scene.people.households * process.box.share[:, 0]
    return Calls(process, watching, chain, hour, power, batches, tables, flagged, founded, boxes)


def _power(scene: Scene, process: RollCall) -> tuple[Floats, Ints]:
    """(A, F, E) chance of power at any airing of each event, and the number of powered airings."""
    prepared, gate = scene.prepared, process.gate
    path = prepared.world.power
    airings = np.array([hour for event in process.events for hour in event], dtype=np.int64)
    sizes = np.array([len(event) for event in process.events])
    line = prepared.line(gate)
    if line < 0:
        supplied = np.ones((scene.areas, path.feeders, len(airings)), dtype=np.int64)
    else:
        supplied = path.by_line[line][:, :, airings].astype(np.int64)
    begins = np.cumsum(sizes) - sizes
    lit = np.add.reduceat(supplied, begins, axis=2)
    number = np.arange(sizes.max(initial=0) + 1)
    dark = ((1.0 - gate.on) ** number)[lit] * ((1.0 - gate.off) ** number)[sizes - lit]
    return 1.0 - dark, lit


def _batches(process: RollCall, power: Floats, code: Ints) -> tuple[Batch, ...]:
    """Group windows by length, and patterns of power that are the same."""
    result: list[Batch] = []
    for outline in _outlines(process.events, process.windows):
        events = outline.member.shape[1]
        codes = code[:, :, outline.member]  # (A, F, W, n)
        kinds = np.broadcast_to(outline.kind[:, None], (*codes.shape[:3], 1))
        flat = np.concatenate([codes, kinds], axis=3).reshape(-1, events + 1)
        index, inverse = distinct(flat)
        row = inverse.reshape(codes.shape[:3])
        chosen = power[:, :, outline.member].reshape(-1, events)[index]
        kind = outline.kind[index % len(outline.places)]
        result.append(Batch(outline.places, events, chosen, outline.gaps, kind, row))
    return tuple(result)


class _Outline(NamedTuple):
    """Windows of one length: their places (W,), events (W, n) and kind (W,); gaps by kind."""

    places: Ints
    member: Ints
    kind: Ints
    gaps: Floats


@lru_cache(maxsize=64)
def _outlines(
    events: tuple[tuple[int, ...], ...], windows: tuple[tuple[int, ...], ...]
) -> tuple[_Outline, ...]:
    """Windows by length; of a kind are those whose events have as many airings, as far apart."""
    by_length: dict[int, list[int]] = {}
    for place, window in enumerate(windows):
        by_length.setdefault(len(window), []).append(place)
    hour = np.array([airings[0] for airings in events], dtype=np.int64)
    sizes = np.array([len(airings) for airings in events])
    result: list[_Outline] = []
    for length, places in by_length.items():
        if length:
            member = np.array([windows[place] for place in places])
            gaps = np.diff(hour[member], axis=1)
            outline = np.concatenate([gaps, sizes[member]], axis=1)
            rows, kind = np.unique(outline, axis=0, return_inverse=True)
            apart = rows[:, : length - 1].astype(np.float64)
            result.append(_Outline(np.array(places), member, kind.reshape(-1), apart))
    return tuple(result)


def _tables(process: RollCall, watching: Watching, chain: Chain, batch: Batch) -> Tables:
    """Chances of flags of every pattern of a batch, by first and last state of the spells."""
    excuse = process.excuse_without_power
    joint = counts(
        batch.power,
        np.ones_like(batch.power),
        chain.transitions(batch.gaps),
        batch.kind,
        chain.stationary,
        excuse,
    )
    flags = flag_table(watching.recorded, batch.events, process.threshold, excuse)
    deliberate = founded_table(watching.deliberate, batch.events, process.threshold, excuse)
    shape = (len(joint), len(chain.stationary), len(chain.stationary), EFFECT_CLASSES)
    flat = joint.reshape(*shape[:3], -1)
    flagged = np.moveaxis(flat @ flags.reshape(EFFECT_CLASSES, -1).T, 3, 1)
    founded = np.moveaxis(joint.sum(axis=4) @ deliberate.T, 3, 1)
    return Tables(flat.sum(axis=3), flagged, founded, joint.sum(axis=(1, 2)))


def _over_windows(batch: Batch, weight: Floats, by_row: Floats) -> Floats:
    """(A,) sums over the windows of a value of the patterns, mean over feeders."""
    return (by_row[batch.row].sum(axis=2) * weight).sum(axis=1)


def cause_flags(scene: Scene, calls: Calls, cause: str) -> Floats:
    """(A,) flags of a household with a box that vanish when one cause is removed.

    A flag with the cause removed is a flag without: fewer absences. And a founded flag stays, as
    deliberate absences have no cause. So the difference of the two chances is what vanishes. Only
    power differs under the rule that excuses events without power: removing it adds events.
    """
    if cause == "power" and calls.process.excuse_without_power:
        return np.zeros(scene.areas)
    left = np.zeros(scene.areas)
    for batch, tables in zip(calls.batches, calls.tables, strict=True):
        rate = _flag_rate(calls, batch, tables, cause)
        left += _over_windows(batch, scene.prepared.household_weight, rate)
    return np.maximum(calls.flagged - left, 0.0)


def _flag_rate(calls: Calls, batch: Batch, tables: Tables, cause: str) -> Floats:
    """(R,) chance of a flag with one cause removed."""
    process, excuse = calls.process, calls.process.excuse_without_power
    kept = [
        spell for name, spell in (("link", process.link), ("fault", process.fault)) if name != cause
    ]
    recorded = calls.watching.recorded
    if cause == "elsewhere":
        recorded = calls.watching.recorded_at_home
    table = flag_table(recorded, batch.events, process.threshold, excuse).mean(axis=0)
    counted = tables.counted  # who watches elsewhere changes no supply, link or box
    if cause != "elsewhere":
        chain, power, kind = Chain.of(kept), batch.power, batch.kind
        if cause == "power":  # the same in all windows of a kind
            power, kind = np.ones((len(batch.gaps), batch.events)), np.arange(len(batch.gaps))
        steps = chain.transitions(batch.gaps)
        joint = counts(power, np.ones_like(power), steps, kind, chain.stationary, excuse)
        counted = joint.sum(axis=(1, 2))
        counted = counted[batch.kind] if cause == "power" else counted
    return (counted * table).sum(axis=(1, 2))


def enter_roll_call(scene: Scene, calls: Calls, excess: dict[str, Floats]) -> Raised:
    """Enter recorded events and causes, and give the flags.

    excess: (A,) by tally, from `expected_spread`; empty where no variances are wanted.
    """
    process, ledger = calls.process, scene.ledger
    registered = scene.prepared.registered * process.box.share[:, :1]
    flags = Raised(
        name=process.name,
        channel=process.channel,
        founded=registered * calls.founded[:, None],
        unfounded=registered * np.maximum(calls.flagged - calls.founded, 0.0)[:, None],
        excess={
            part: excess.get(part, np.zeros(scene.areas))
            for part in ("all", "founded", "unfounded", "link")
        },
    )
    for cause in CAUSES:
        mean = registered * cause_flags(scene, calls, cause)[:, None]
        ledger.counted(Key(process.name, f"cause:{cause}"), mean, excess.get(f"cause:{cause}"))
        if ledger.variances and flags.unfounded is not None:
            left, beyond = flags.unfounded - mean, excess.get(f"without:{cause}")
            ledger.counted(Key(process.name, f"without:{cause}"), left, beyond)
    if ledger.variances and flags.unfounded is not None:
        wrong = Key(process.name, "raised_unfounded")
        ledger.counted(wrong, flags.unfounded, excess.get("unfounded"))
    _enter_events(scene, calls, registered)
    return flags


def _enter_events(scene: Scene, calls: Calls, registered: Floats) -> None:
    """Enter household events, and those that could be and were recorded."""
    process, weight = calls.process, scene.prepared.household_weight
    events, up_if_powered = float(len(process.events)), _up(process)
    up = (calls.power.sum(axis=2) * weight).sum(axis=1) * up_if_powered
    seen = up * float(calls.watching.recorded.mean())
    means = np.full(scene.areas, events), up, seen
    spreads = (np.nan,) * 3
    if scene.ledger.variances:
        spreads = _spreads_of_events(scene, calls, up, seen)
    names = ("household_events", "recordable", "recorded")
    for name, mean, spread in zip(names, means, spreads, strict=True):
        scene.ledger.fixed(Key(process.name, name), registered * mean[:, None], spread)


def _up(process: RollCall) -> float:
    """Chance that box and link are up."""
    return (1.0 - process.fault.down_share) * (1.0 - process.link.down_share)


def _spreads_of_events(
    scene: Scene, calls: Calls, up: Floats, seen: Floats
) -> tuple[float, float, float]:
    """Variances of household events, and of those that could be and were recorded.

    up, seen: (A,) means of a household with a box.
    """
    process, weight = calls.process, scene.prepared.household_weight
    once = (calls.power**2 * weight[..., None]).sum(axis=(1, 2))
    recorded = calls.watching.recorded
    households = scene.people.households.astype(np.float64)
    box = process.box.share[:, 0]
    pairs = _pairs_of_events(scene, calls)

    def variance(mean: Floats, share: float, square: float) -> float:
        """Of a total over areas; `share`, `square`: first two moments of being recorded if up."""
        second = square * (pairs.both - once * _up(process)) + mean
        own = households * (box * second - (box * mean) ** 2)
        return float((own + (households**2 - households) * (box * share) ** 2 * pairs.link).sum())

    none = float((households * box * (1.0 - box) * float(len(process.events)) ** 2).sum())
    spread = variance(seen, float(recorded.mean()), float((recorded**2).mean()))
    return none, variance(up, 1.0, 1.0), spread


@dataclass(frozen=True)
class _Pairs:
    """Second moments over pairs of events, (A,): of all that must be up, and of the link alone."""

    both: Floats
    link: Floats


def _pairs_of_events(scene: Scene, calls: Calls) -> _Pairs:
    """Sums over pairs of events of the power at both times their joint chances."""
    process = calls.process
    apart = np.abs(calls.hour[:, None] - calls.hour[None, :])
    ok, linked = 1.0 - process.fault.down_share, 1.0 - process.link.down_share
    fault = ok**2 + ok * (1.0 - ok) * correlation(process.fault, apart)
    link = linked * (1.0 - linked) * correlation(process.link, apart)
    weight = scene.prepared.household_weight
    both = ((calls.power @ (fault * (link + linked**2))) * calls.power).sum(axis=2)
    mean = (calls.power * weight[..., None]).sum(axis=1)
    shared = ((mean @ link) * mean).sum(axis=1) * ok**2
    return _Pairs((both * weight).sum(axis=1), shared)
