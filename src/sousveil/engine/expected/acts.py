"""Acts: done, forgone, completed, noticed by every pattern of channels, raised as flags."""

from __future__ import annotations

from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

import numpy as np

from sousveil.arrays import AnyArray, Bools, Floats, Ints
from sousveil.engine.expected.flags import Raised, has_rule
from sousveil.engine.expected.lattice import (
    Child,
    Frames,
    Watched,
    act_classes,
    done_with_marks,
    frames,
    noticed_by_all,
    of_everybody,
    watched,
)
from sousveil.engine.expected.ledger import EXACT, shared, variation
from sousveil.engine.expected.scene import Scene
from sousveil.engine.expected.sharing import Sharing
from sousveil.engine.expected.subsets import exactly
from sousveil.processes import Act, Detection, Entity, Inspection, Layer, Visits
from sousveil.tallies import Key


class Noticed(NamedTuple):
    """What was worked out for one act.

    all_of, exact: (2^n, A, K) acts noticed by all of, and by exactly, each subset, of one person of
    each kind. done: (A, G) acts of everybody; singles: (n, A, G) those that each child notices,
    whoever else does.
    """

    item: Watched
    seen: Frames
    all_of: Floats
    exact: Floats
    done: Floats
    singles: Floats
    channels: tuple[str, ...]

    def patterns(self) -> Ints:
        """(2^n,) pattern of channels of each subset of children."""
        return _patterns(_bits(self))


def children_of(scene: Scene, act: Act) -> tuple[Child, ...]:
    """Detections and inspections of an act, in the order of the model."""
    return scene.children.get(act.name, ())


def reporters_of(scene: Scene, act: Act) -> tuple[Child, ...]:
    """Those of them that are people."""
    layers = scene.model.layers
    return tuple(c for c in children_of(scene, act) if layers.get(c.channel) == Layer.PEOPLE)


def act_inputs(scene: Scene, act: Act, children: tuple[Child, ...]) -> list[object]:
    """All on which the values of an act depend: who may notice it, their visits and layers."""
    visits = [scene.visits[c.visits] for c in children if isinstance(c, Inspection)]
    layers = [scene.model.layers.get(child.channel) for child in children]
    return [act, *children, *visits, *layers]


def act_lines(act: Act, children: tuple[Child, ...]) -> set[str]:
    """Names of the power lines that an act, its marks and its detections look at."""
    gates = [act.gate, *(child.gate for child in children if isinstance(child, Detection))]
    return {gate.line for gate in gates} | {mark.line for mark in act.marks}


def noticed(scene: Scene, act: Act, month: Floats) -> Noticed:
    """Work an act out under monthly factors (A, M)."""
    item = watched(scene, act, children_of(scene, act))
    seen = frames(scene, item, month)
    all_of = noticed_by_all(scene, item, seen)
    done_and_singles = [0, *(1 << place for place in range(len(item.children)))]
    counts = of_everybody(scene, item, all_of[done_and_singles])
    channels = scene.model.watchers(act.name)
    return Noticed(item, seen, all_of, exactly(all_of), counts[0], counts[1:], channels)


def enter_act(scene: Scene, act: Act) -> tuple[Noticed, Sharing]:
    """Enter every value of an act but its reach and its flags; `raised` makes these of it."""
    result = noticed(scene, act, act.month)
    ledger = scene.ledger
    done = result.done
    own = _own_of_rate(scene, act)
    base = _before_chilling(scene, result)
    ledger.points(Key(act.name, "done"), done, own)
    ledger.points(Key(act.name, "base"), base, own)
    forgone = scene.nobody if base is done else np.maximum(base - done, 0.0)
    ledger.points(Key(act.name, "forgone"), forgone, own)
    _enter_marks(scene, result, own)
    sharing = Sharing.of(scene, result.item, done, result.singles)
    _enter_patterns(scene, result, sharing)
    for place, child in enumerate(result.item.children):
        shape = sharing.shape([frozenset({place})], [])
        ledger.points(Key(child.name, "noticed"), result.singles[place], *shape)
    return result, sharing


def _enter_patterns(scene: Scene, result: Noticed, sharing: Sharing) -> None:
    """Enter acts by the channels that noticed them, and by their layers."""
    act, ledger = result.item.act, scene.ledger
    numbers = 2 ** len(result.channels)
    hits = _bits_by_layer(tuple(map(scene.model.layers.get, result.channels)))
    own = _bits(result)
    summed = _chosen(own, numbers, hits) @ result.exact.reshape(len(result.exact), -1)
    values = of_everybody(scene, result.item, summed.reshape(-1, *result.exact.shape[1:]))
    keys = _pattern_keys(act.name, numbers)
    if not ledger.variances:
        ledger.plain(keys, values, repeat(EXACT))
        _enter_completed(scene, result, values[0], (None, None))
        return
    for bits in range(numbers):
        shape = sharing.shape(*pattern_families(result, bits))
        ledger.points(keys[bits], values[bits], *shape)
        if bits == 0:
            _enter_completed(scene, result, values[bits], shape)
    for key, hit, value in zip(keys[numbers:], hits, values[numbers:], strict=True):
        someone = frozenset(i for i, bit in enumerate(own) if bit & hit)
        ledger.points(key, value, *sharing.shape([someone] if someone else [], []))


@lru_cache(maxsize=64)
def _pattern_keys(act: str, numbers: int) -> tuple[Key, ...]:
    """Acts by each pattern of channels, and by layers."""
    patterns = [Key(act, f"pattern:{bits}") for bits in range(numbers)]
    return (*patterns, *(Key(act, f"noticed:{layer.value}") for layer in Layer))


def _bits(result: Noticed) -> tuple[int, ...]:
    """Pattern bit of every child."""
    return tuple(1 << result.channels.index(child.channel) for child in result.item.children)


@lru_cache(maxsize=64)
def _patterns(own: tuple[int, ...]) -> Ints:
    """(2^n,) pattern of channels of each subset of children with some bits."""
    masks = np.arange(2 ** len(own))
    result = np.zeros_like(masks)
    for place, bit in enumerate(own):
        result |= np.where(masks >> place & 1, bit, 0)
    result.setflags(write=False)
    return result


@lru_cache(maxsize=64)
def _chosen(own: tuple[int, ...], numbers: int, hits: tuple[int, ...]) -> Floats:
    """(patterns + layers, 2^n) one for subsets of a pattern, and for those that hit a layer."""
    patterns = _patterns(own)
    rows = [patterns == bits for bits in range(numbers)] + [patterns & hit > 0 for hit in hits]
    result = np.array(rows, dtype=np.float64)
    result.setflags(write=False)
    return result


def pattern_families(
    result: Noticed, bits: int
) -> tuple[list[frozenset[int]], list[frozenset[int]]]:
    """Children by channel: of the channels in a pattern, and of those not in it."""
    own = _bits(result)
    families = [
        frozenset(place for place, bit in enumerate(own) if bit == 1 << i)
        for i in range(len(result.channels))
    ]
    hit = [family for i, family in enumerate(families) if bits >> i & 1]
    return hit, [family for i, family in enumerate(families) if not bits >> i & 1]


def _own_of_rate(scene: Scene, act: Act) -> Floats:
    """What persons share in the rate of an act."""
    if act.effect is None or not scene.ledger.variances:
        return scene.ledger.nothing
    return shared(scene.areas, [(act.effect.entity, variation(act_classes(act)))])


def _before_chilling(scene: Scene, result: Noticed) -> Floats:
    """(A, G) acts that were wanted and possible, before chilling thinned them."""
    item = result.item
    if result.seen.plain:
        return result.done
    return done_with_marks(scene, item, scene.prepared.state_hours(item.lines).year)[0]


@lru_cache(maxsize=64)
def _bits_by_layer(layers: tuple[Layer | None, ...]) -> tuple[int, ...]:
    """Pattern bits of the channels of each layer, from the layers of the channels."""
    return tuple(sum(1 << i for i, own in enumerate(layers) if own == layer) for layer in Layer)


def _enter_completed(
    scene: Scene, result: Noticed, unnoticed: Floats, shape: tuple[Floats | None, Floats | None]
) -> None:
    """Enter acts that nobody noticed and whose marks complete them."""
    act = result.item.act
    if act.completes:
        passing = noticed_by_all(scene, result.item, result.seen, act.completes)
        unnoticed = of_everybody(scene, result.item, exactly(passing)[:1])[0]
    scene.ledger.points(Key(act.name, "completed"), unnoticed, *shape)


def _enter_marks(scene: Scene, result: Noticed, own: Floats) -> None:
    """Enter the number of acts with every category of every mark."""
    item = result.item
    if not item.act.marks:
        return
    values = done_with_marks(scene, item, result.seen.weights[0], item.marks.singly())
    names = [(mark.name, category) for mark in item.act.marks for category in mark.categories]
    for (mark, category), value in zip(names, values, strict=True):
        scene.ledger.points(Key(item.act.name, f"mark:{mark}:{category}"), value, own)


def enter_reach(scene: Scene, act: Act, people: tuple[Child, ...]) -> None:
    """Enter acts within reach of at least one human reporter.

    Within reach of a detection: its gate is open, somebody is there (a chance of the hour), the
    marks allow it and notice is not zero. Within reach of visits: one comes while there is
    something to find.
    """
    within = scene.nobody
    if people:
        item = watched(scene, act, people, reach=True)
        reached = noticed_by_all(scene, item, frames(scene, item, act.month))
        someone = np.maximum(reached[:1] - exactly(reached)[:1], 0.0)
        within = of_everybody(scene, item, someone)[0]
    scene.ledger.points(Key(act.name, "reach"), within, _own_of_rate(scene, act))


def raised(scene: Scene, act: Act, result: Noticed, sharing: Sharing) -> list[Raised]:
    """The flags that follow from what was noticed of an act."""
    flags: list[Raised] = []
    for place, child in enumerate(children_of(scene, act)):
        reported = result.singles[place] * child.report
        own, clump = sharing.shape([frozenset({place})], [])
        flags.append(
            Raised(
                name=child.name,
                channel=child.channel,
                founded=reported * (1.0 - child.bribed),
                unfounded=None,
                bribed=reported * child.bribed,
                own=None if own is None else {"founded": own},
                clump=clump,
                same_act=_partners(scene, result, children_of(scene, act), place),
            )
        )
    return flags


def _partners(
    scene: Scene, result: Noticed, children: tuple[Child, ...], place: int
) -> dict[str, Floats]:
    """Chance that each other channel reports the same act too, where the channel has a rule."""
    child = children[place]
    if not has_rule(scene.handling(child.channel)):
        return {}
    value, missed = result.all_of[1 << place], dict[str, Floats]()
    for other, partner in enumerate(children):
        if partner.channel == child.channel:
            continue
        both = result.all_of[1 << place | 1 << other]
        joint = np.divide(both, value, out=np.zeros_like(value), where=value > 0.0)
        joint = joint[:, result.item.kind]
        not_reported = 1.0 - joint * partner.report * (1.0 - partner.bribed)
        missed[partner.channel] = missed.get(partner.channel, np.ones(1)) * not_reported
    return {channel: 1.0 - chance for channel, chance in missed.items()}


def enter_visits(scene: Scene, visits: Visits) -> None:
    """Enter the number of visits; those to units and households stand in the first group."""
    slots: Bools | AnyArray = scene.prepared.slot_of_hour
    year = float(visits.profile[slots].sum())
    if visits.entity is Entity.PERSON:
        scene.ledger.points(Key(visits.name, "visits"), scene.persons * visits.rate * year)
        return
    mean = np.zeros_like(scene.persons)
    mean[:, 0] = scene.count(visits.entity) * visits.rate[:, 0] * year
    scene.ledger.fixed(Key(visits.name, "visits"), mean, float(mean.sum()))
