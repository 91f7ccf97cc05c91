"""Person-days with at least one view, day by day on the path of power. Mean field.

A day's views are Poisson given the classes of effects: at equipped and unequipped sites apart,
never at their mean rate, and each day of each feeder with its own hours of supply. Single precision
carries the sums (seven digits).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, HOURS_PER_DAY, Floats
from sousveil.engine.expected_encounters import presence_classes
from sousveil.engine.expected_ledger import MEAN_FIELD
from sousveil.engine.expected_prepare import Prepared, Singles
from sousveil.engine.expected_scene import Scene
from sousveil.processes import Encounter, Level
from sousveil.tallies import Key

IDENTIFY = "identify"


@dataclass(frozen=True)
class _Seen:
    """An encounter at one level, with groups of the same rates and profile merged.

    rate: (A, K); profile: (K, 2, 24); classes: (16,) values of the effect.
    """

    process: Encounter
    level: Level
    rate: Singles
    profile: Singles
    classes: Floats


def enter_views(scene: Scene, encounters: Sequence[Encounter]) -> None:
    """Enter person-days in view at the widest level, and at the level "identify"."""
    widest = [(process, process.levels[0]) for process in encounters]
    named = [(p, level) for p in encounters for level in p.levels if level.name == IDENTIFY]
    for outcome, chosen in (
        ("viewed_person_days", widest),
        (f"viewed_person_days:{IDENTIFY}", named),
    ):
        if not chosen:
            if outcome == "viewed_person_days":
                scene.ledger.fixed(Key("", outcome), np.zeros_like(scene.persons), 0.0)
            continue
        share = viewed_share(scene.prepared, chosen)
        days = float(scene.prepared.days)
        # Upper bound of the chance part: as if all days of a person were alike.
        variance = float((scene.persons * share * (1.0 - share)).sum()) * days**2
        scene.ledger.fixed(Key("", outcome), scene.persons * share * days, variance, MEAN_FIELD)


def viewed_share(prepared: Prepared, chosen: Sequence[tuple[Encounter, Level]]) -> Floats:
    """(A, G) share of person-days with at least one view by any of the encounters."""
    groups = prepared.persons.shape[1]
    first, inverse = _merged_groups([process for process, _ in chosen], groups)
    seen = [_merge(process, level, first) for process, level in chosen]
    families: dict[object, list[int]] = {}
    for place, item in enumerate(seen):
        effect = item.process.effect
        name = None if effect is None else (effect.name, effect.entity)
        families.setdefault(name, []).append(place)
    weight = prepared.person_weight.astype(np.float32)[:, :, None, None]
    total = np.zeros((len(prepared.persons), len(first)))
    light = np.asarray(prepared.world.daylight).reshape(-1, HOURS_PER_DAY)[prepared.order]
    supplied = _Supplied(prepared, light.astype(np.float32), {})
    for kind, days in ((0, slice(0, prepared.working)), (1, slice(prepared.working, None))):
        hazards = [supplied.hazard(item, kind, days) for item in seen]
        if hazards[0].shape[2] == 0:
            continue
        missed = np.ones_like(hazards[0])
        for places in families.values():
            missed *= _missed([hazards[p] for p in places], [seen[p].classes for p in places])
        total += ((1.0 - missed) * weight).sum(axis=(1, 2), dtype=np.float64)
    return (total / prepared.days)[:, inverse]


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


def _merge(process: Encounter, level: Level, first: list[int]) -> _Seen:
    return _Seen(
        process,
        level,
        process.rate[:, first].astype(np.float32),
        process.profile[first].reshape(len(first), 2, HOURS_PER_DAY).astype(np.float32),
        presence_classes(process),
    )


@dataclass(frozen=True)
class _Supplied:
    """Supply by day and hour times the share of views that reach a level, kept by what it needs."""

    prepared: Prepared
    light: Singles
    known: dict[tuple[int, float, float, int], Singles]

    def hazard(self, item: _Seen, kind: int, days: slice) -> Singles:
        """(A, F, D', K) views expected on each day of one type, where the class is 1."""
        gate, level = item.process.gate, item.level
        line, (on, off) = self.prepared.line(gate), _singles(gate.on, gate.off)
        night, more = _singles(level.night_share, level.day_share - level.night_share)
        reach: Singles = night + more * self.light[days]
        profile = item.profile[:, kind].T  # (24, K)
        lit = (reach @ profile)[None, None]  # (1, 1, D', K)
        rate = item.rate[:, None, None, :]
        if line < 0:
            areas, feeders = self.prepared.person_weight.shape
            return np.broadcast_to(lit * on * rate, (areas, feeders, *lit.shape[2:]))
        key = (line, level.day_share, level.night_share, kind)
        if key not in self.known:
            bits = self.prepared.bits[line, :, :, days]
            plain = level.day_share == 1.0 == level.night_share
            self.known[key] = bits if plain else bits * reach
        powered = self.known[key] @ profile
        if gate.off != 0.0:
            powered = off * lit + (on - off) * powered
            on = np.float32(1.0)
        return (powered * (on * rate)).astype(np.float32, copy=False)


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
