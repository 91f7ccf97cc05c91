"""Persons wronged at least once in the year: by channel and by any channel. Mean field.

A person is spared by each channel independently, given the forcing; within a channel effects are
summed over their classes and feeders are averaged last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Floats, Ints
from sousveil.engine.expected.alike import distinct_classes, merged
from sousveil.engine.expected.encounters import Wrong
from sousveil.engine.expected.flags import Raised
from sousveil.engine.expected.ledger import EXACT, MEAN_FIELD
from sousveil.engine.expected.rollcalls import Calls
from sousveil.engine.expected.scene import Scene
from sousveil.engine.expected.spread import unflagged
from sousveil.processes import RollCall, Search, Unprompted
from sousveil.tallies import Key

Wronging: TypeAlias = Search | RollCall | Unprompted


@dataclass(frozen=True)
class Sources:
    """What may wrong a person; stays: by process, chance that an unfounded flag stays.

    (A, G), or (A, 1) where it is the same for all groups.
    """

    stays: Mapping[str, Floats]
    wrongs: Sequence[Wrong]
    calls: Sequence[Called]
    raised: Mapping[str, Raised]


@dataclass(frozen=True)
class Called:
    """A roll call, and what its flags have in common (by `expected_spread`)."""

    calls: Calls
    excess: Mapping[str, Floats]


@dataclass(frozen=True)
class Spared:
    """Chances to be spared by a channel.

    anybody: (A, F, G), or (A, 1, G) where feeders are alike. boxes: roll calls, each with its
    chance (A, 16) by class of watching to leave a household with a box unflagged. ties: squared
    coefficients of variation (4, A) of the persons wronged by one process, each with the (A,) mean
    of these persons.
    """

    anybody: Floats
    boxes: tuple[tuple[RollCall, Floats], ...]
    ties: tuple[tuple[Floats, Floats], ...]
    label: str


def wronging(scene: Scene) -> dict[str, list[Wronging]]:
    """Channels that can flag, in alphabetical order, with the processes that may be wrong to.

    What follows from an act alone is founded.
    """
    return {
        channel: [item for item in items if isinstance(item, (Search, RollCall, Unprompted))]
        for channel, items in scene.model.flagging.items()
    }


def enter_channel(scene: Scene, channel: str, sources: Sources) -> Spared:
    """Enter the persons wronged by one channel."""
    anybody = np.ones_like(scene.persons)[:, None, :]
    ties: list[tuple[Floats, Floats]] = []
    boxes: list[tuple[RollCall, Floats]] = []
    label = EXACT  # a channel that raises no unfounded flag wrongs nobody
    for process in scene.model.of(Unprompted):
        if process.channel == channel:
            chance = process.rate * (1.0 - process.bribed) * sources.stays[process.name]
            anybody = anybody * np.exp(-chance * scene.hours)[:, None, :]
            label = MEAN_FIELD
    mine = [w for w in sources.wrongs if w.process.channel == channel and w.process.flags]
    if mine:
        anybody = anybody * _spared_by_search(mine, sources.stays)
        if scene.ledger.variances:
            ties += [_tie(sources.raised[w.process.name], scene, w.listed) for w in mine]
        label = MEAN_FIELD
    for item in sources.calls:
        if item.calls.process.channel == channel:
            box, tie = _by_roll_call(scene, item, sources.stays[item.calls.process.name])
            boxes.append(box)
            ties.append(tie)
            label = MEAN_FIELD
    spared = Spared(anybody, tuple(boxes), tuple(ties), label)
    _enter(scene, Key(f"channel:{channel}", "persons_wronged"), spared)
    return spared


def enter_any_channel(scene: Scene, channels: Sequence[Spared]) -> None:
    """Enter the persons wronged by any channel: channels are independent given the forcing."""
    anybody = np.ones(1)
    for item in channels:
        anybody = anybody * item.anybody
    label = MEAN_FIELD if any(item.label == MEAN_FIELD for item in channels) else EXACT
    every = Spared(
        anybody if anybody.ndim == 3 else np.ones((scene.areas, 1, 1)),
        tuple(box for item in channels for box in item.boxes),
        tuple(tie for item in channels for tie in item.ties),
        label,
    )
    _enter(scene, Key("", "persons_wronged"), every)


def _spared_by_search(wrongs: Sequence[Wrong], stays: Mapping[str, Floats]) -> Floats:
    """(A, F, G) chance that no wrong alert of a channel's searches stays.

    Searches of one proneness and one list are worked out together, others apart.
    """
    families: dict[tuple[object, str], list[Wrong]] = {}
    for item in wrongs:
        prone = item.process.proneness
        name = None if prone is None else (prone.name, prone.entity)
        families.setdefault((name, item.process.listed.name), []).append(item)
    result: Floats | float = 1.0
    for (prone, _), members in families.items():
        listed = members[0].listed[:, None, :]
        # Where nobody passes a camera nobody is alerted.
        passed = np.flatnonzero(np.any([item.hazard.any(axis=(1, 2)) for item in members], axis=0))
        unhurt = np.ones_like(members[0].hazard)
        unhurt[passed] = _no_alert(members, stays, prone, passed)
        result = result * (listed + (1.0 - listed) * unhurt)
    return np.asarray(result)


def _no_alert(
    members: list[Wrong], stays: Mapping[str, Floats], prone: object, areas: Ints
) -> Floats:
    """(A', F, G) chance of no wrong alert that stays, for persons not listed, in some areas."""
    chosen = [w.hazard[areas] * stays[w.process.name][areas, None, :] for w in members]
    first, inverse = merged(*chosen, *(w.wrong.T for w in members))
    staying = {id(w): hazard[..., first] for w, hazard in zip(members, chosen, strict=True)}
    by_effect: dict[object, list[Wrong]] = {}
    for item in members:
        effect = item.parent_effect
        name = None if effect is None else (effect.name, effect.entity)
        by_effect.setdefault(name, []).append(item)
    lists = np.concatenate([item.wrong for item in members])
    classes = 1 if np.all(lists == lists[:, :1]) else EFFECT_CLASSES
    spared = np.ones((classes, *chosen[0].shape[:2], len(first)))
    for effect, sharing in by_effect.items():
        # (P, A, F, K) alerts that stay in each class of proneness, at class value 1 of views.
        hazards = [staying[id(w)] * w.wrong.T[:classes, None, None, first] for w in sharing]
        rows = np.stack([w.presence for w in sharing], axis=1)
        if effect is not None and effect == prone and classes > 1:
            together = [
                h * row[:, None, None, None] for h, row in zip(hazards, rows.T, strict=True)
            ]
            spared *= np.exp(-np.sum(together, axis=0))
            continue
        values, counts = distinct_classes(rows)
        missed, part = np.zeros_like(spared), np.empty_like(spared)
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            np.multiply(hazards[0], -value[0], out=part)
            for other, factor in zip(hazards[1:], value[1:], strict=True):
                part -= other * factor
            np.exp(part, out=part)
            missed += np.multiply(part, count / len(rows), out=part)
        spared *= missed
    return spared.mean(axis=0)[..., inverse]


def _by_roll_call(
    scene: Scene, item: Called, stays: Floats
) -> tuple[tuple[RollCall, Floats], tuple[Floats, Floats]]:
    """Chance by class that one roll call spares a box, and what persons share in it."""
    process = item.calls.process
    registered = scene.prepared.registered
    total = np.maximum(registered.sum(axis=1), 1e-300)
    clean = unflagged(scene, item.calls, (stays * registered).sum(axis=1) / total)
    variation = np.zeros((4, scene.areas))
    if "link" in item.excess:
        variation[3] = item.excess["link"]
    share = 1.0 - clean.mean(axis=1)
    wronged = registered.sum(axis=1) * process.box.share[:, 0] * share
    return (process, clean), (variation * _damping(share) ** 2, wronged)


def _spared_with_boxes(scene: Scene, boxes: Sequence[tuple[RollCall, Floats]]) -> Floats:
    """(A,) chance that no roll call wrongs a registered adult.

    Roll calls of one box are heard in the same households, and those of one effect by the same
    habits.
    """
    by_box: dict[object, dict[object, list[tuple[RollCall, Floats]]]] = {}
    for process, clean in boxes:
        effect = process.watch_effect
        families = by_box.setdefault((process.box.name, process.box.entity), {})
        families.setdefault((effect.name, effect.entity), []).append((process, clean))
    result = np.ones(scene.areas)
    for families in by_box.values():
        unhurt, share = np.ones(scene.areas), np.zeros(scene.areas)
        for members in families.values():
            together = np.prod([clean for _, clean in members], axis=0)
            unhurt = unhurt * together.mean(axis=1)
            share = members[0][0].box.share[:, 0]
        result = result * (1.0 - share * (1.0 - unhurt))
    return result


def _damping(share: Floats) -> Floats:
    """How persons wronged follow flags: many flags on one person count once."""
    inside = np.clip(share, 1e-12, 1.0 - 1e-12)
    return -(1.0 - inside) * np.log1p(-inside) / inside


def _tie(flags: Raised, scene: Scene, listed: Floats) -> tuple[Floats, Floats]:
    """What persons share in being wronged by a search, and how many they are, about."""
    alerts = np.zeros(scene.areas) if flags.unfounded is None else flags.unfounded.sum(axis=1)
    own = np.ones((4, scene.areas)) if flags.own is None else flags.own["unfounded"]
    exposed = np.maximum((scene.persons * (1.0 - listed)).sum(axis=1), 1e-300)
    share = -np.expm1(-alerts / exposed)
    return (own - 1.0) * _damping(share) ** 2, exposed * share


def _enter(scene: Scene, key: Key, spared: Spared) -> None:
    """Enter the persons who are not spared."""
    weight = scene.prepared.person_weight[:, :, None]
    anybody = (spared.anybody * weight).sum(axis=1)
    registered = scene.prepared.registered
    with_boxes = _spared_with_boxes(scene, spared.boxes)[:, None]
    clean = (scene.persons - registered) * anybody + registered * anybody * with_boxes
    mean = np.maximum(scene.persons - clean, 0.0)
    own = np.ones((4, scene.areas))
    if scene.ledger.variances and spared.ties:
        everybody = np.maximum(scene.persons.sum(axis=1), 1e-100)
        wronged = np.maximum(mean.sum(axis=1), 1e-100)
        for variation, part in spared.ties:
            # Only persons whom nothing else wrongs make a difference.
            alone = (everybody - wronged) / np.maximum(everybody - part, 1e-100)
            share = np.clip(part / wronged, 0.0, 1.0) * np.clip(alone, 0.0, 1.0)
            own[1:] += variation[1:] * share**2
    scene.ledger.points(key, mean, own, label=spared.label, once=True)
