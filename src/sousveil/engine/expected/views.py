"""Person-days with at least one view, day by day on the path of power. Mean field.

A day's views are Poisson given the classes of effects: at equipped and unequipped sites apart,
never at their mean rate, and each day of each feeder with its own hours of supply. Single precision
carries the sums (seven digits).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, HOURS_PER_DAY, Floats, Ints
from sousveil.engine.expected.encounters import presence_classes
from sousveil.engine.expected.ledger import MEAN_FIELD
from sousveil.engine.expected.lines import Singles
from sousveil.engine.expected.prepare import Prepared
from sousveil.engine.expected.scene import Scene
from sousveil.processes import Encounter, Level
from sousveil.sameness import merged
from sousveil.tallies import Key

VIEWED = "viewed_person_days"
IDENTIFY = "identify"


@dataclass(frozen=True)
class OpenHours:
    """Hours of presence with the gate open, of every encounter by name.

    areas: (A',) areas where there is anything to encounter. plain, lit: by day type (A', F, D', K)
    hours of each day, and these times the daylight, for every distinct set of profiles. inverse:
    set of profiles of every group.
    """

    areas: Ints
    plain: Mapping[str, tuple[Singles, Singles]]
    lit: Mapping[str, tuple[Singles, Singles]]
    inverse: tuple[int, ...]


def covered_areas(encounters: Sequence[Encounter]) -> tuple[int, ...]:
    """Areas where there is anything to encounter."""
    somewhere = [process.rate.any(axis=1) for process in encounters]
    return tuple(np.flatnonzero(np.any(somewhere, axis=0)).tolist()) if somewhere else ()


def open_hours(
    prepared: Prepared, encounters: Sequence[Encounter], areas: tuple[int, ...]
) -> OpenHours:
    """Sum presence over the hours of every day and feeder; it knows no rate and no level."""
    groups = prepared.persons.shape[1]
    chosen = np.array(areas, dtype=np.int64)
    first, inverse = merged(np.zeros((1, groups)), *(p.profile.T for p in encounters))
    by_line: dict[int, list[Encounter]] = {}
    for process in encounters:
        by_line.setdefault(prepared.line(process.gate), []).append(process)
    plain: dict[str, tuple[Singles, Singles]] = {}
    lit: dict[str, tuple[Singles, Singles]] = {}
    for line, sharing in by_line.items():
        for which, target in ((False, plain), (True, lit)):
            target.update(_on_line(prepared, line, sharing, first, chosen, which))
    return OpenHours(chosen, plain, lit, tuple(inverse))


def _on_line(
    prepared: Prepared,
    line: int,
    sharing: Sequence[Encounter],
    first: list[int],
    areas: Ints,
    lit: bool,
) -> dict[str, tuple[Singles, Singles]]:
    """Open hours (times daylight) of the encounters on one line, in one product each day type."""
    light = prepared.calendar.light_singles
    share = light if lit else np.ones_like(light)
    profiles = np.concatenate([process.profile[first] for process in sharing]).astype(np.float32)
    by_kind: list[dict[str, Singles]] = []
    for kind, days in enumerate(prepared.calendar.by_type):
        hours = slice(kind * HOURS_PER_DAY, (kind + 1) * HOURS_PER_DAY)
        profile = np.ascontiguousarray(profiles[:, hours].T)
        always = (share[days] @ profile)[None, None]
        powered = always
        if line >= 0:
            bits = prepared.lines[line].singles[areas, :, days]
            powered = (np.multiply(bits, share[days], out=bits) if lit else bits) @ profile
        result: dict[str, Singles] = {}
        for place, process in enumerate(sharing):
            columns = slice(place * len(first), (place + 1) * len(first))
            on, off = _singles(process.gate.on, process.gate.off if line >= 0 else 0.0)
            passed = powered[..., columns] * (on - off)
            if off:
                passed = passed + always[..., columns] * off
            result[process.name] = passed.astype(np.float32, copy=False)
        by_kind.append(result)
    return {name: (by_kind[0][name], by_kind[1][name]) for name in by_kind[0]}


@dataclass(frozen=True)
class _Group:
    """An encounter with groups of the same rates and profiles merged.

    rate: (A', 1, 1, K). profile: set of profiles of each. classes: (16,) values of the effect.
    """

    process: Encounter
    rate: Singles
    profile: tuple[int, ...]
    classes: Floats

    def hazard(self, hours: OpenHours, level: Level, kind: int) -> Singles:
        """(A', F, D', K) views expected on each day of one type, where the class is 1."""
        night, more = _singles(level.night_share, level.day_share - level.night_share)
        result = hours.plain[self.process.name][kind] * night
        if more:
            result = result + hours.lit[self.process.name][kind] * more
        if self.profile != tuple(range(result.shape[-1])):
            result = result[..., list(self.profile)]
        return (result * self.rate).astype(np.float32, copy=False)


def enter_views(scene: Scene, encounters: Sequence[Encounter], hours: OpenHours) -> None:
    """Enter person-days in view at the widest level, and at the level "identify"."""
    if not encounters:
        scene.ledger.fixed(Key("", VIEWED), np.zeros_like(scene.persons), 0.0)
        return
    widest = {process.name: process.levels[0] for process in encounters}
    named = {p.name: level for p in encounters for level in p.levels if level.name == IDENTIFY}
    for outcome, levels in ((VIEWED, widest), (f"{VIEWED}:{IDENTIFY}", named)):
        if levels:
            share = viewed_share(scene.prepared, encounters, hours, levels)
            days = float(scene.prepared.days)
            # Upper bound of the chance part: as if all days of a person were alike.
            variance = float((scene.persons * share * (1.0 - share)).sum()) * days**2
            scene.ledger.fixed(Key("", outcome), scene.persons * share * days, variance, MEAN_FIELD)


def viewed_share(
    prepared: Prepared,
    encounters: Sequence[Encounter],
    hours: OpenHours,
    levels: Mapping[str, Level],
) -> Floats:
    """(A, G) share of person-days with a view at the given level of any encounter named."""
    groups = prepared.persons.shape[1]
    first, inverse = merged(np.array([hours.inverse]), *(p.rate for p in encounters))
    families: dict[object, list[_Group]] = {}
    one, every = _alike([p for p in encounters if p.name in levels], hours, first)
    for process in encounters:
        effect = process.effect
        name = None if effect is None else (effect.name, effect.entity)
        if process.name in levels:
            rate = process.rate[hours.areas[one]][:, None, None, first].astype(np.float32)
            profile = tuple(hours.inverse[group] for group in first)
            item = _Group(process, rate, profile, presence_classes(process))
            families.setdefault(name, []).append(item)
    weight = prepared.person_weight[hours.areas].astype(np.float32)[:, :, None, None]
    total = np.zeros((len(hours.areas), len(first)))
    for kind in (0, 1):
        spared = np.ones((1, 1, 1, 1), dtype=np.float32)
        for members in families.values():
            hazards = [item.hazard(hours, levels[item.process.name], kind) for item in members]
            spared = spared * _missed(hazards, [item.classes for item in members])
        seen = np.broadcast_to((1.0 - spared)[every], (*weight.shape[:2], *spared.shape[2:]))
        total += (seen * weight).sum(axis=(1, 2), dtype=np.float64)
    share = np.zeros((len(prepared.persons), groups))
    share[hours.areas] = total[:, inverse] / prepared.days
    return share


def _alike(
    encounters: Sequence[Encounter], hours: OpenHours, first: list[int]
) -> tuple[Ints, Ints]:
    """First of each class of areas that differ in nothing, and class of each area.

    Where no line of power reaches a sensor the hours are the same everywhere, and areas of equal
    rates are one area.
    """
    if not encounters:
        return np.arange(1), np.zeros(len(hours.areas), dtype=np.int64)
    both = [(*hours.plain[p.name], *hours.lit[p.name]) for p in encounters]
    if any(by_day.shape[0] > 1 for pairs in both for by_day in pairs):
        return np.arange(len(hours.areas)), np.arange(len(hours.areas))
    rates = [process.rate[hours.areas][:, first] for process in encounters]
    _, one, every = np.unique(
        np.concatenate(rates, axis=1), axis=0, return_index=True, return_inverse=True
    )
    return one, every.reshape(-1)


def _singles(*values: float) -> list[np.float32]:
    """Numbers in single precision, so that arrays stay so."""
    return [np.float32(value) for value in values]


def _missed(hazards: list[Singles], classes: list[Floats]) -> Singles:
    """Chance of no view by encounters of one effect, summed over its classes."""
    rows = np.stack(classes, axis=1)
    values, counts = np.unique(rows, axis=0, return_counts=True)
    result = np.zeros_like(hazards[0])
    hazard, part = np.empty_like(result), np.empty_like(result)
    for value, count in zip(values, counts.tolist(), strict=True):
        weight = np.float32(count / EFFECT_CLASSES)
        if not value.any():
            result += weight
            continue
        np.multiply(hazards[0], np.float32(value[0]), out=hazard)
        for other, factor in zip(hazards[1:], value[1:], strict=True):
            hazard += np.multiply(other, np.float32(factor), out=part)
        np.exp(np.negative(hazard, out=hazard), out=hazard)
        result += np.multiply(hazard, weight, out=hazard)
    return result
