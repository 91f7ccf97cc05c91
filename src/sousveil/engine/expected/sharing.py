"""How acts noticed vary with what persons share: effects, traits of carriers, visits.

Only variances need this. Each effect is followed over its classes one at a time, at the mean share
of acts that every child notices in an area.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Floats
from sousveil.effects import class_means
from sousveil.engine.expected.lattice import Watched, act_classes, sharing
from sousveil.engine.expected.ledger import LEVELS, shared, variation
from sousveil.engine.expected.scene import Scene
from sousveil.engine.expected.visits import clumping, visit_rates
from sousveil.processes import Effect, Entity, Inspection, Trait

_MOST = 1.0 - 1e-9


@dataclass(frozen=True)
class Sharing:
    """How the number noticed by each child moves with classes and visits.

    share: (n, A) part of the acts that each child notices. effects: a name, an entity and, by child
    (-1 for the act), the relative values (A, 16) of its classes. clumps: level, child and extra
    variance (A,) of every inspection.
    """

    share: Floats
    effects: tuple[tuple[str, Entity, dict[int, Floats]], ...]
    clumps: tuple[tuple[int, int, Floats], ...]
    known: dict[tuple[frozenset[int], int], Floats] = field(default_factory=dict[Any, Floats])

    @classmethod
    def of(cls, scene: Scene, item: Watched, done: Floats, singles: Floats) -> Sharing:
        """Average classes over the groups of an area, by acts done.

        done: (A, G) acts. singles: (n, A, G) those that each child notices.
        """
        if not scene.ledger.variances:
            return cls(np.zeros((0, scene.areas)), (), ())
        total = np.maximum(done.sum(axis=1), 1e-300)
        share = np.minimum(singles.sum(axis=2) / total, _MOST)
        effects = [
            (name, entity, {place: _by_area(scene, item, place, done) for place in members})
            for (name, entity), members in sharing(item).items()
        ]
        effects += _carriers(item, done)
        clumps = tuple(_clump(scene, item, place, done) for place in item.inspections)
        return cls(share, tuple(effects), clumps)

    @property
    def nothing(self) -> bool:
        """Whether persons share nothing, or nobody asked."""
        return not (self.effects or self.clumps)

    def shape(
        self, hit: list[frozenset[int]], missed: list[frozenset[int]]
    ) -> tuple[Floats | None, Floats | None]:
        """What persons share in a pattern, and how far visits make it clump.

        The pattern: some child of every `hit` family noticed, and none of the `missed` ones.
        """
        if self.nothing:
            return None, None
        areas = self.share.shape[1]
        factors: list[tuple[Entity, Floats]] = []
        for effect, (_, entity, _) in enumerate(self.effects):
            factors.append((entity, variation(self._product(effect, hit, missed))))
        clump = np.zeros((3, areas))
        for level, place, value in self.clumps:
            clump[level] += value * self.slope(place, hit, missed) ** 2
        return shared(areas, factors), clump

    def classes(
        self, effect: int, hit: list[frozenset[int]], missed: list[frozenset[int]]
    ) -> Floats:
        """(A, 16) relative values of the classes of one effect in a pattern."""
        return _relative(self._product(effect, hit, missed))

    def _product(
        self, effect: int, hit: list[frozenset[int]], missed: list[frozenset[int]]
    ) -> Floats:
        """(A, 16) chance of a pattern, by class of one effect, for a person of mean rate."""
        members = self.effects[effect][2]
        product = members.get(-1, np.ones((self.share.shape[1], EFFECT_CLASSES)))
        for family in hit:
            product = product * (1.0 - self._missed(family, effect))
        for family in missed:
            product = product * self._missed(family, effect)
        return product

    def slope(self, place: int, hit: list[frozenset[int]], missed: list[frozenset[int]]) -> Floats:
        """(A,) by how much a pattern grows, relatively, where one inspection finds more."""
        for family in hit:
            if place in family:
                others = self._missed(family - {place}, -1)[:, 0]
                any_of = np.maximum(1.0 - others * (1.0 - self.share[place]), 1e-300)
                return np.asarray(self.share[place] * others / any_of)
        if any(place in family for family in missed):
            return np.asarray(-self.share[place] / (1.0 - self.share[place]))
        return np.zeros(self.share.shape[1])

    def _missed(self, family: frozenset[int], effect: int) -> Floats:
        """(A, 16) chance that no child of a family notices, by class of one effect (-1: none)."""
        if (family, effect) not in self.known:
            members = self.effects[effect][2] if effect >= 0 else {}
            result = np.ones((self.share.shape[1], EFFECT_CLASSES))
            for place in family:
                classes = members.get(place, 1.0)
                result = result * np.clip(1.0 - self.share[place][:, None] * classes, 0.0, 1.0)
            self.known[family, effect] = result
        return self.known[family, effect]


def _by_area(scene: Scene, item: Watched, place: int, done: Floats) -> Floats:
    """(A, 16) relative values of the classes of an effect, mean over groups by acts done."""
    values = None if place < 0 else item.classes[place]
    if values is None:
        return np.broadcast_to(act_classes(item.act), (scene.areas, EFFECT_CLASSES))
    return _relative((values[:, item.kind] * done[..., None]).sum(axis=1))


def _relative(weighed: Floats) -> Floats:
    """Classes (A, 16) divided by their mean."""
    mean = weighed.mean(axis=1, keepdims=True)
    return np.divide(weighed, mean, out=np.ones_like(weighed), where=mean > 0.0)


def _carriers(item: Watched, done: Floats) -> list[tuple[str, Entity, dict[int, Floats]]]:
    """Traits of carriers, read as effects of yes or no."""
    traits: dict[str, tuple[Trait, list[int]]] = {}
    for place in item.inspections:
        child = item.children[place]
        if isinstance(child, Inspection) and child.carrier is not None:
            traits.setdefault(child.carrier.name, (child.carrier, []))[1].append(place)
    result: list[tuple[str, Entity, dict[int, Floats]]] = []
    for trait, places in traits.values():
        mean = (trait.share * done).sum(axis=1) / np.maximum(done.sum(axis=1), 1e-300)
        either = Effect(trait.name, trait.entity, "share", 0.0)
        classes = _relative(class_means(either, np.clip(mean, 0.0, 1.0)))
        result.append((trait.name, trait.entity, dict.fromkeys(places, classes)))
    return result


def _clump(scene: Scene, item: Watched, place: int, done: Floats) -> tuple[int, int, Floats]:
    """Extra variance because one visit finds several acts."""
    child = item.children[place]
    assert isinstance(child, Inspection)
    visits = scene.visits[child.visits]
    rates = np.broadcast_to(visit_rates(visits), done.shape)
    heaviest = np.argmax(done, axis=1)
    rate = rates[np.arange(scene.areas), heaviest]
    density = done.sum(axis=0) @ item.act.profile
    clump = clumping(scene.prepared, child, visits, rate, density)
    return LEVELS[visits.entity], place, clump
