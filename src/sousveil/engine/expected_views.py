"""Person-days with at least one view, day by day on the path of power. Mean field.

A day's views are Poisson given the classes of effects: at equipped and unequipped sites apart,
never at their mean rate, and each day of each feeder with its own hours of supply. Single precision
carries the sums (seven digits).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, HOURS_PER_DAY, Floats
from sousveil.engine.expected_encounters import presence_classes
from sousveil.engine.expected_ledger import MEAN_FIELD
from sousveil.engine.expected_prepare import Prepared, Singles
from sousveil.engine.expected_scene import Scene
from sousveil.processes import Encounter, Level
from sousveil.tallies import Key

VIEWED = "viewed_person_days"
IDENTIFY = "identify"


@dataclass(frozen=True)
class _Group:
    """An encounter with groups of the same rates and profile merged.

    rate: (A, 1, 1, K); classes: (16,) values of the effect. plain, lit: per day type the
    hours of a day's profile with the gate open (A, F, D', K), and these times the daylight.
    """

    process: Encounter
    rate: Singles
    classes: Floats
    plain: tuple[Singles, Singles]
    lit: tuple[Singles, Singles]

    def hazard(self, level: Level, kind: int) -> Singles:
        """(A, F, D', K) views expected on each day of one type, where the class is 1."""
        night, more = _singles(level.night_share, level.day_share - level.night_share)
        open_hours = self.plain[kind] * night
        hazard = (open_hours + self.lit[kind] * more) * self.rate
        return hazard.astype(np.float32, copy=False)


def enter_views(scene: Scene, encounters: Sequence[Encounter]) -> None:
    """Enter person-days in view at the widest level, and at the level "identify"."""
    if not encounters:
        scene.ledger.fixed(Key("", VIEWED), np.zeros_like(scene.persons), 0.0)
        return
    views = Views.of(scene.prepared, encounters)
    widest = {process.name: process.levels[0] for process in encounters}
    named = {p.name: level for p in encounters for level in p.levels if level.name == IDENTIFY}
    for outcome, levels in ((VIEWED, widest), (f"{VIEWED}:{IDENTIFY}", named)):
        if levels:
            share = views.share(levels)
            days = float(scene.prepared.days)
            # Upper bound of the chance part: as if all days of a person were alike.
            variance = float((scene.persons * share * (1.0 - share)).sum()) * days**2
            scene.ledger.fixed(Key("", outcome), scene.persons * share * days, variance, MEAN_FIELD)


@dataclass(frozen=True)
class Views:
    """Open hours of all encounters, day by day and feeder by feeder.

    inverse: merged class of every group. weight: (A, F, 1, 1) shares of persons. days: of the year.
    """

    groups: tuple[_Group, ...]
    inverse: list[int]
    weight: Singles
    days: int

    @classmethod
    def of(cls, prepared: Prepared, encounters: Sequence[Encounter]) -> Views:
        """Work out the open hours."""
        first, inverse = _merged_groups(encounters, prepared.persons.shape[1])
        by_line: dict[int, list[Encounter]] = {}
        for process in encounters:
            by_line.setdefault(prepared.line(process.gate), []).append(process)
        groups: list[_Group] = []
        for line, sharing in by_line.items():
            groups += _open_hours(prepared, line, sharing, first)
        weight = prepared.person_weight.astype(np.float32)[:, :, None, None]
        return cls(tuple(groups), inverse, weight, prepared.days)

    def share(self, levels: Mapping[str, Level]) -> Floats:
        """(A, G) share of person-days with a view at the given level of any encounter named."""
        families: dict[object, list[_Group]] = {}
        for item in self.groups:
            effect = item.process.effect
            name = None if effect is None else (effect.name, effect.entity)
            if item.process.name in levels:
                families.setdefault(name, []).append(item)
        total: Floats | float = 0.0
        for kind in (0, 1):
            spared: Singles | None = None
            for members in families.values():
                hazards = [item.hazard(levels[item.process.name], kind) for item in members]
                missed = _missed(hazards, [item.classes for item in members])
                spared = missed if spared is None else spared * missed
            assert spared is not None
            total = total + ((1.0 - spared) * self.weight).sum(axis=(1, 2), dtype=np.float64)
        return np.asarray(total)[:, self.inverse] / self.days


def _open_hours(
    prepared: Prepared, line: int, sharing: Sequence[Encounter], first: list[int]
) -> list[_Group]:
    """Encounters on one line: hours of their profiles with the gate open, in one product each."""
    areas, feeders = prepared.person_weight.shape
    light = np.asarray(prepared.world.daylight).reshape(-1, HOURS_PER_DAY)[prepared.order]
    light = light.astype(np.float32)
    profiles = np.concatenate([process.profile[first] for process in sharing]).astype(np.float32)
    sums: list[list[Singles]] = []
    for kind, days in ((0, slice(0, prepared.working)), (1, slice(prepared.working, None))):
        profile = np.ascontiguousarray(
            profiles[:, kind * HOURS_PER_DAY : (kind + 1) * HOURS_PER_DAY].T
        )
        bits = np.ones((1, 1, *light[days].shape), dtype=np.float32)
        both = [bits @ profile, (bits * light[days]) @ profile]
        if line >= 0:
            bits = prepared.bits[line, :, :, days]
            both += [bits @ profile, (bits * light[days]) @ profile]
        sums.append(both)
    result: list[_Group] = []
    for place, process in enumerate(sharing):
        columns = slice(place * len(first), (place + 1) * len(first))
        on, off = _singles(process.gate.on, process.gate.off)
        parts: list[list[Singles]] = [[], []]
        for both in sums:
            for which in (0, 1):
                always = both[which][..., columns]
                if line < 0:
                    shape = (areas, feeders, *always.shape[2:])
                    parts[which].append(np.broadcast_to(always * on, shape))
                else:
                    powered = both[which + 2][..., columns] * (on - off)
                    parts[which].append((powered + always * off).astype(np.float32, copy=False))
        rate = process.rate[:, None, None, first].astype(np.float32)
        plain, lit = ((part[0], part[1]) for part in parts)
        result.append(_Group(process, rate, presence_classes(process), plain, lit))
    return result


def _merged_groups(processes: Sequence[Encounter], groups: int) -> tuple[list[int], list[int]]:
    """First group of each class of groups that all encounters treat alike; class of each group."""
    known: dict[bytes, int] = {}
    first: list[int] = []
    inverse: list[int] = []
    for group in range(groups):
        parts = [p.rate[:, group].tobytes() + p.profile[group].tobytes() for p in processes]
        label = b"".join(parts)
        if label not in known:
            known[label] = len(first)
            first.append(group)
        inverse.append(known[label])
    return first, inverse


def _singles(*values: float) -> list[np.float32]:
    """Numbers in single precision, so that arrays stay so."""
    return [np.float32(value) for value in values]


def _missed(hazards: list[Singles], classes: list[Floats]) -> Singles:
    """Chance of no view by encounters of one effect, summed over its classes."""
    rows = np.stack(classes, axis=1)
    values, counts = np.unique(rows, axis=0, return_counts=True)
    result = np.zeros_like(hazards[0])
    for value, count in zip(values, counts.tolist(), strict=True):
        weight = np.float32(count / EFFECT_CLASSES)
        if not value.any():
            result += weight
            continue
        hazard = hazards[0] * np.float32(value[0])
        for other, factor in zip(hazards[1:], value[1:], strict=True):
            hazard = hazard + other * np.float32(factor)
        result += weight * np.exp(-hazard)
    return result
