"""Acts noticed by every subset of what may notice them, given power, hour and marks.

For a subset of the children of an act, the expected number of acts that *all* of them notice is one
sum over month, slot and joint power state of hours x profile x the gates of the act and of every
child in the same hour: never a product of means. From these the numbers noticed by exactly a subset
follow by inclusion and exclusion (Moebius inversion).

Groups for which an act and all that may notice it are alike are one kind of people. Numbers are
worked out for one person of each kind, and counted for the persons of a group at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, SLOTS, Floats, Ints
from sousveil.effects import class_means
from sousveil.engine.expected.alike import merged
from sousveil.engine.expected.finding import enter_found_hours, sets_of
from sousveil.engine.expected.marks import Marks, joint_marks, mark_lines
from sousveil.engine.expected.scene import Scene, chances
from sousveil.engine.expected.subsets import counts_of_subsets, of_groups
from sousveil.engine.expected.visits import finder, rates_of
from sousveil.processes import Act, Detection, Entity, Gate, Inspection

Child = Detection | Inspection


class Watched(NamedTuple):
    """An act with all that may notice it, and the power lines on which either depends.

    kinds: (K,) a group of each kind of people. kind: (G,) kind of every group. rate: (A, K) acts
    per hour at profile 1. notice: (n, A, K) chance to be noticed by each child apart from hour,
    power, marks and visits. classes: of each child with an effect, its (A, K, 16) values, else
    None. detections, inspections: places of either among the children.
    """

    act: Act
    children: tuple[Child, ...]
    lines: tuple[int, ...]
    marks: Marks
    kinds: Ints
    kind: Ints
    rate: Floats
    notice: Floats
    classes: tuple[Floats | None, ...]
    detections: list[int]
    inspections: list[int]
    reach: bool


class Frames(NamedTuple):
    """Hours that count for the subsets of inspections of an act.

    weights: (N, A, J, S) hours of the year times monthly factors and the chance that all of a
    subset find the act; the first are those of no inspection. place: (2^i, K) which of them holds
    for a subset and a kind of people, -1 where not all of a subset ever come. plain: whether all
    months are alike.
    """

    weights: Floats
    place: Ints
    plain: bool


def watched(scene: Scene, act: Act, children: tuple[Child, ...], reach: bool = False) -> Watched:
    """Gather what the counts of an act need; `reach` asks only whether a child could notice."""
    gates = [act.gate, *(c.gate for c in children if isinstance(c, Detection))]
    lines = tuple(sorted({*scene.lines_of(gates), *mark_lines(scene.prepared, act)}))
    kinds, kind = _kinds(scene, act, children)
    notice = np.empty((len(children), scene.areas, len(kinds)))
    classes: list[Floats | None] = []
    effects = [act.effect, *(c.effect for c in children if isinstance(c, Detection))]
    named = [(effect.name, effect.entity) for effect in effects if effect is not None]
    for mean, child in zip(notice, children, strict=True):
        by_class = None
        if isinstance(child, Inspection):
            mean[:] = child.trace
        elif reach:
            np.greater(child.notice[:, kinds], 0.0, out=mean)
        else:
            child.notice.take(kinds, axis=1, out=mean, mode="clip")
            # The classes are dear: means alone need them only where an effect is shared or cut.
            effect = child.effect
            if effect is not None and (
                scene.ledger.variances
                or effect.form == "rate"
                or named.count((effect.name, effect.entity)) > 1
            ):
                by_class = np.minimum(class_means(effect, mean), 1.0)
                mean[:] = by_class.mean(axis=-1)
        classes.append(by_class)
    return Watched(
        act=act,
        children=children,
        lines=lines,
        marks=joint_marks(scene.prepared, act, lines),
        kinds=kinds,
        kind=kind,
        rate=act.rate.take(kinds, axis=1),
        notice=notice,
        classes=tuple(classes),
        detections=[i for i, child in enumerate(children) if isinstance(child, Detection)],
        inspections=[i for i, child in enumerate(children) if isinstance(child, Inspection)],
        reach=reach,
    )


def _kinds(scene: Scene, act: Act, children: tuple[Child, ...]) -> tuple[Ints, Ints]:
    """A group of each kind of people, and the kind of every group."""
    by_group = [act.rate, act.profile.T]
    for child in children:
        if isinstance(child, Detection):
            by_group.append(child.notice)
            continue
        visits = scene.visits[child.visits]
        if visits.entity is Entity.PERSON:
            by_group.append(visits.rate)
        if child.carrier is not None and child.carrier.entity is Entity.PERSON:
            by_group.append(child.carrier.share)
    return merged(*by_group)


def frames(scene: Scene, item: Watched, month: Floats) -> Frames:
    """Hours that count for every subset of inspections, under monthly factors (A, M)."""
    find = 1.0 if item.reach else None
    inspections = [child for child in item.children if isinstance(child, Inspection)]
    visits = [scene.visits[child.visits] for child in inspections]
    sets = sets_of(
        tuple(finder(*pair, find) for pair in zip(inspections, visits, strict=True)),
        tuple(rates_of(own, item.kinds) for own in visits),
        len(item.kinds),
    )
    plain = bool((month == 1.0).all())
    hours = scene.prepared.state_hours(item.lines)
    weights = np.empty((1 + sets.count, *hours.year.shape))
    if plain:
        weights[0] = hours.year
    else:
        weights[0] = (hours.by_month * month[:, :, None]).sum(axis=2).transpose(1, 0, 2)
    if sets.count:
        factor = None if plain else month
        enter_found_hours(scene.prepared, item.lines, factor, sets, weights[1:])
    return Frames(weights, sets.place, plain)


def noticed_by_all(
    scene: Scene,
    item: Watched,
    seen: Frames,
    when: Mapping[str, tuple[str, ...]] | None = None,
) -> Floats:
    """(2^n, A, K) acts (with marks `when`) that all children of the bits of the index notice.

    Those of one person of each kind.
    """
    detections = [child for child in item.children if isinstance(child, Detection)]
    counts = counts_of_subsets(
        seen.weights,
        seen.place,
        np.array([_gate(scene, item, own.gate) for own in (item.act, *detections)]),
        _marks_pass(item, detections, when or {}),
        _by_slot(item, detections),
        item.act.profile[item.kinds],
        item.rate,
        item.notice,
        *_carried(item),
        np.array(item.inspections, dtype=np.int64),
        np.array(item.detections, dtype=np.int64),
    )
    return counts * _shared_effects(item) if any(c is not None for c in item.classes) else counts


def of_everybody(scene: Scene, item: Watched, values: Floats) -> Floats:
    """(N, A, G) counts of all persons, from those of one of each kind (N, A, K)."""
    return of_groups(values, item.kind, scene.persons)


def done_with_marks(
    scene: Scene, item: Watched, weights: Floats, filters: Floats | None = None
) -> Floats:
    """(n, A, G) acts whose marks pass each filter (n, combinations), whoever notices them."""
    act = item.act
    chosen = item.marks.allowed({})[None, :] if filters is None else filters
    gate = _gate(scene, item, act.gate)
    probability = item.marks.probability(chosen).transpose(1, 2, 0) * gate  # (A, n, J)
    counts = (probability @ weights) @ act.profile.T
    return counts.transpose(1, 0, 2) * (scene.persons * act.rate)


def _gate(scene: Scene, item: Watched, gate: Gate) -> Floats:
    """(J,) chance to pass a gate in each joint state of the lines of an act."""
    return chances(scene.prepared.line(gate), item.lines, gate)


def _by_slot(item: Watched, detections: Sequence[Detection]) -> Floats:
    """(d, S) factors of the hours of each detection."""
    factors = np.empty((len(detections), SLOTS))
    for place, child in enumerate(detections):
        factors[place] = child.by_slot > 0.0 if item.reach else child.by_slot
    return factors


def _marks_pass(
    item: Watched, detections: Sequence[Detection], when: Mapping[str, tuple[str, ...]]
) -> Floats:
    """(J or 1, A, 2^d) chance of marks that all detections of a subset can notice, and `when`."""
    if not item.act.marks:
        return np.ones((1, len(item.act.rate), 2 ** len(detections)))
    whens = (when, *(child.when for child in detections))
    return item.marks.probability(item.marks.all_allowed(whens))


def _carried(item: Watched) -> tuple[Floats, Ints]:
    """(n, A, K) shares of persons who carry what a child looks for; who looked for it, (n,) bits.

    What two inspections look for is asked for once, by the earlier one.
    """
    share, asked = np.ones(item.notice.shape), np.zeros(len(item.children), dtype=np.int64)
    looking: dict[str, int] = {}
    for place, child in enumerate(item.children):
        if isinstance(child, Inspection) and child.carrier is not None:
            of_person = child.carrier.entity is Entity.PERSON
            share[place] = child.carrier.share[:, item.kinds if of_person else slice(1)]
            asked[place] = looking.get(child.carrier.name, 0)
            looking[child.carrier.name] = int(asked[place]) | 1 << place
    return share, asked


def sharing(item: Watched) -> dict[tuple[str, Entity], list[int]]:
    """Effects by name and entity, with the children that carry them; -1 stands for the act."""
    result: dict[tuple[str, Entity], list[int]] = {}
    if item.act.effect is not None:
        result.setdefault((item.act.effect.name, item.act.effect.entity), []).append(-1)
    for place, child in enumerate(item.children):
        if isinstance(child, Detection) and item.classes[place] is not None and child.effect:
            result.setdefault((child.effect.name, child.effect.entity), []).append(place)
    return result


def act_classes(act: Act) -> Floats:
    """(16,) multipliers of the rate of an act."""
    if act.effect is None:
        return np.ones(EFFECT_CLASSES)
    return class_means(act.effect, 1.0)


def _shared_effects(item: Watched) -> Floats:
    """(2^n, A, K) what a shared effect adds to the product of means, over its classes."""
    result = np.ones((2 ** len(item.children), *item.rate.shape))
    masks = np.arange(len(result))
    for members in sharing(item).values():
        if len(members) < 2:
            continue
        relative = {-1: np.broadcast_to(act_classes(item.act), (*item.rate.shape, 16))}
        for place in members:
            values = None if place < 0 else item.classes[place]
            if values is not None:
                mean = item.notice[place][..., None]
                relative[place] = np.divide(
                    values, mean, out=np.ones_like(values), where=mean > 0.0
                )
        inside = np.zeros_like(masks)
        for place in members:
            inside |= masks & (1 << place) if place >= 0 else 0
        for subset in np.unique(inside):
            product = np.ones(EFFECT_CLASSES)
            for place in members:
                if place < 0 or subset >> place & 1:
                    product = product * relative[place]
            result[inside == subset] *= product.mean(axis=-1)
    return result
