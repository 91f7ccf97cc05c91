"""Encounters with sensors by level, and the searches of a live list that they feed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Floats, Ints
from sousveil.effects import class_means
from sousveil.engine.expected.alike import distinct_classes, merged
from sousveil.engine.expected.flags import Raised
from sousveil.engine.expected.ledger import MEAN_FIELD, alone, shared, variation
from sousveil.engine.expected.paths import views_by_feeder
from sousveil.engine.expected.prepare import Prepared
from sousveil.engine.expected.scene import Scene
from sousveil.engine.model import NAMED_WITHIN_DAYS
from sousveil.processes import Effect, Encounter, Entity, Level, Search
from sousveil.tallies import Key

SECONDS_PER_HOUR = 3_600.0


def presence_classes(process: Encounter) -> Floats:
    """(16,) values of `equipped` in the classes of an encounter's effect."""
    return _presence(process.effect, process.equipped)


@lru_cache(maxsize=256)
def _presence(effect: Effect | None, equipped: float) -> Floats:
    """(16,) values of a share in the classes of an effect on it."""
    if effect is None:
        result = np.full(EFFECT_CLASSES, equipped)
    else:
        result = class_means(effect, equipped)
    result.setflags(write=False)
    return result


def open_slots(prepared: Prepared, process: Encounter, level: Level) -> Floats:
    """(A, S) hours of the year, by slot, that count at a level: power and daylight on the path."""
    line = prepared.line(process.gate)
    gate = process.gate

    def passed(lit: bool) -> Floats:
        everything = prepared.slots(-1, lit)
        if line < 0:
            return gate.on * everything
        supplied = prepared.slots(line, lit)
        return gate.off * (everything - supplied) + gate.on * supplied

    dark, bright = level.night_share, level.day_share - level.night_share
    result = dark * passed(lit=False)
    return result + bright * passed(lit=True) if bright else result


def own_of(scene: Scene, process: Encounter) -> Floats:
    """What persons share in the rate of an encounter."""
    if process.effect is None or not scene.ledger.variances:
        return scene.ledger.nothing
    return shared(scene.areas, [(process.effect.entity, variation(presence_classes(process)))])


def enter_encounter(scene: Scene, process: Encounter) -> None:
    """Enter the encounters of every level, and the hours in view at the widest."""
    own = own_of(scene, process)
    level_rate = scene.persons * process.rate * presence_classes(process).mean()
    slots = np.stack([open_slots(scene.prepared, process, level) for level in process.levels])
    for level, counted in zip(process.levels, slots @ process.profile.T, strict=True):
        scene.ledger.points(Key(process.name, level.name), level_rate * counted, own)
    hours = process.seconds_in_view / SECONDS_PER_HOUR
    widest = level_rate * (slots[0] @ process.profile.T)
    scene.ledger.points(Key(process.name, "in_view_hours"), widest, own, scale=hours)


@dataclass(frozen=True)
class Wrong:
    """Wrong alerts of one search, for the count of persons wronged.

    hazard: (A, F, G) yearly alerts of a person not listed where both class values are 1.
    presence: (16,) values by class of the encounter's effect. wrong: (G, 16) by class of proneness.
    listed: (A, G).
    """

    process: Search
    parent_effect: Effect | None
    hazard: Floats
    presence: Floats
    wrong: Floats
    listed: Floats


def wrong_classes(process: Search, groups: int) -> Floats:
    """(G, 16) chance of a wrong alert at a probe, by class of proneness."""
    factor = np.ones(groups) if process.factor is None else process.factor
    if process.proneness is None:
        by_class = np.full(EFFECT_CLASSES, process.wrong)
    else:
        by_class = class_means(process.proneness, process.wrong)
    return np.minimum(factor[:, None] * by_class[None, :], 1.0)


def enter_search(scene: Scene, process: Search, parent: Encounter) -> tuple[Raised | None, Wrong]:
    """Enter probes, alerts and persons named; give the flags and what persons wronged need."""
    level = next(item for item in parent.levels if item.name == process.level)
    persons, groups = scene.persons, scene.persons.shape[1]
    presence = presence_classes(parent)
    listed = np.broadcast_to(
        process.listed.share if _by_person(process) else process.listed.share[:, :1], persons.shape
    )
    counted = open_slots(scene.prepared, parent, level) @ parent.profile.T
    views = parent.rate * counted * process.probe_share
    wrong = wrong_classes(process, groups)
    same = parent.effect is not None and _same(parent.effect, process.proneness)
    mean_wrong = (wrong * presence if same else wrong * presence.mean()).mean(axis=1)
    named = persons * listed * views * presence.mean() * process.hit
    alerts = persons * (1.0 - listed) * views * mean_wrong
    own = own_of(scene, parent)
    own_named = own * _picked(scene, process, listed, named)
    own_wrong = own * _picked(scene, process, 1.0 - listed, alerts)
    if process.proneness is not None and scene.ledger.variances:
        weight = alerts.sum(axis=0) / max(float(alerts.sum()), 1e-300)
        prone = [(process.proneness.entity, float(variation(wrong) @ weight))]
        own_wrong = own_wrong * shared(scene.areas, prone)
    ledger = scene.ledger
    ledger.points(Key(process.name, "probes"), persons * views * presence.mean(), own)
    ledger.points(Key(process.name, "named"), named, own_named)
    ledger.points(Key(process.name, "wrong"), alerts, own_wrong)
    ledger.points(Key(process.name, "listed"), persons * listed, once=True)
    hazards = feeder_hazards(scene.prepared, parent, level) * process.probe_share
    _enter_named(scene, process, parent, hazards, listed)
    parts = {"founded": own_named, "unfounded": own_wrong}
    raised = Raised(process.name, process.channel, named, alerts, own=parts)
    flags = raised if process.flags else None
    return flags, Wrong(process, parent.effect, hazards[-1], presence, wrong, listed)


def _by_person(process: Search) -> bool:
    return process.listed.entity is Entity.PERSON


def _same(first: Effect, second: Effect | None) -> bool:
    """Whether two effects are one: same name and entity."""
    return second is not None and (first.name, first.entity) == (second.name, second.entity)


def _picked(scene: Scene, process: Search, share: Floats, weight: Floats) -> Floats:
    """What entities share because only those with (or without) the trait count."""
    if not scene.ledger.variances:
        return scene.ledger.nothing
    inverse = np.divide(1.0, share, out=np.ones_like(share), where=share > 0.0)
    total = np.maximum(weight.sum(axis=1), 1e-300)
    mean = np.where(weight.sum(axis=1) > 0.0, (inverse * weight).sum(axis=1) / total, 1.0)
    return shared(scene.areas, [(process.listed.entity, mean - 1.0)])


def passing(process: Encounter) -> Ints:
    """Areas where anybody comes into view at all."""
    return np.flatnonzero(process.rate.any(axis=1))


def feeder_hazards(prepared: Prepared, process: Encounter, level: Level) -> Floats:
    """(windows, A, F, G) views of a person at a level within the first days, at class value 1."""
    line, gate = prepared.line(process.gate), process.gate
    return views_by_feeder(
        *prepared.first_slots(-1),
        *prepared.first_slots(line),
        gate.on if line < 0 else gate.off,
        gate.on,
        level.night_share,
        level.day_share,
        process.profile,
        process.rate,
        prepared.person_weight.shape[1],
    )


def _enter_named(
    scene: Scene, process: Search, parent: Encounter, hazards: Floats, listed: Floats
) -> None:
    """Enter listed persons named at least once within the first days, feeder by feeder.

    hazards: (windows, A, F, G) probes of a person at class value 1.
    """
    rows, counts = distinct_classes(presence_classes(parent)[:, None])
    values, weights = rows[:, 0], counts.astype(np.float64)
    candidates, there = scene.persons * listed, passing(parent)
    first, inverse = merged(parent.rate, parent.profile.T)
    hazards = hazards[:, there][..., first, None] * process.hit
    share = scene.prepared.person_weight[there, :, None, None]
    named = -np.expm1(hazards * -values)  # (windows, A', F, K, classes)
    by_kind = (named * share).sum(axis=2)
    means = np.zeros((len(by_kind), *candidates.shape))
    means[:, there] = candidates[there] * (by_kind @ weights / EFFECT_CLASSES)[..., inverse]
    for place, (days, by_class) in enumerate(zip(NAMED_WITHIN_DAYS, by_kind, strict=True)):
        own = None
        if scene.ledger.variances:
            every = np.zeros((*candidates.shape, len(values)))
            every[there] = by_class[:, inverse]
            own = _once_shared(scene, parent, candidates[..., None] * every, weights)
        key = Key(process.name, f"persons_named_{days}")
        scene.ledger.points(key, means[place], own, label=MEAN_FIELD, once=True)


def _once_shared(scene: Scene, parent: Encounter, by_class: Floats, weights: Floats) -> Floats:
    """What persons share in being named at all, through the classes of the encounter."""
    if parent.effect is None:
        return alone(scene.areas)
    total = by_class.sum(axis=1)
    mean = (total @ weights) / EFFECT_CLASSES
    square = (total**2 @ weights) / EFFECT_CLASSES
    ratio = np.divide(square, mean**2, out=np.ones_like(mean), where=mean > 0.0)
    return shared(scene.areas, [(parent.effect.entity, np.maximum(ratio - 1.0, 0.0))])
