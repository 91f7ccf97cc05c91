"""Persons wronged at least once in the year: by channel and by any channel. Mean field.

A person is spared by each channel independently, given the forcing; within a channel effects are
summed over their classes and feeders are averaged last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Floats
from sousveil.engine.expected_encounters import Wrong
from sousveil.engine.expected_flags import Raised
from sousveil.engine.expected_ledger import EXACT, MEAN_FIELD
from sousveil.engine.expected_rollcalls import Calls
from sousveil.engine.expected_scene import Scene
from sousveil.engine.expected_spread import unflagged
from sousveil.engine.model import makes_flags
from sousveil.processes import Act, Unprompted, Visits
from sousveil.tallies import Key


@dataclass
class _Spared:
    """Chances to be spared by a channel: anybody (A, F, G), and registered adults besides (A,).

    ties: squared coefficients of variation (4, A) of persons wronged by one process that persons
    share, each with the (A,) mean of these persons.
    """

    anybody: Floats
    registered: Floats
    ties: list[tuple[Floats, Floats]] = field(default_factory=list[tuple[Floats, Floats]])


def enter_persons_wronged(
    scene: Scene,
    stays: Mapping[str, Floats],
    wrongs: Sequence[Wrong],
    calls: Sequence[tuple[Calls, Mapping[str, Floats]]],
    raised: Mapping[str, Raised],
) -> None:
    """Enter persons with at least one unfounded flag that stays."""
    channels = sorted(
        {
            p.channel
            for p in scene.model.processes
            if not isinstance(p, (Act, Visits)) and makes_flags(p)
        }
    )
    everyone = _empty(scene)
    label = EXACT
    for channel in channels:
        spared = _empty(scene)
        own_label = EXACT  # a channel that raises no unfounded flag wrongs nobody
        for process in scene.model.processes:
            if isinstance(process, Unprompted) and process.channel == channel:
                chance = process.rate * (1.0 - process.bribed) * stays[process.name]
                spared.anybody = spared.anybody * np.exp(-chance * scene.hours)[:, None, :]
                own_label = MEAN_FIELD
        mine = [w for w in wrongs if w.process.channel == channel and w.process.flags]
        if mine:
            spared.anybody = spared.anybody * _spared_by_search(mine, stays)
            spared.ties += [_tie(raised[w.process.name], scene, w.listed) for w in mine]
            own_label = MEAN_FIELD
        for item, excess in calls:
            if item.process.channel == channel:
                _add_roll_call(scene, spared, item, excess, stays[item.process.name])
                own_label = MEAN_FIELD
        label = MEAN_FIELD if own_label == MEAN_FIELD else label
        everyone.anybody = everyone.anybody * spared.anybody
        everyone.registered = everyone.registered * spared.registered
        everyone.ties += spared.ties
        _enter(scene, Key(f"channel:{channel}", "persons_wronged"), spared, own_label)
    _enter(scene, Key("", "persons_wronged"), everyone, label)


def _empty(scene: Scene) -> _Spared:
    feeders = scene.prepared.person_weight.shape[1]
    areas, groups = scene.persons.shape
    return _Spared(np.ones((areas, feeders, groups)), np.ones(areas))


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
        result = result * (listed + (1.0 - listed) * _no_alert(members, stays, prone))
    return np.asarray(result)


def _no_alert(members: list[Wrong], stays: Mapping[str, Floats], prone: object) -> Floats:
    """(A, F, G) chance of no wrong alert that stays, for persons not listed."""
    by_effect: dict[object, list[Wrong]] = {}
    for item in members:
        effect = item.parent_effect
        name = None if effect is None else (effect.name, effect.entity)
        by_effect.setdefault(name, []).append(item)
    lists = np.concatenate([item.wrong for item in members])
    classes = 1 if np.all(lists == lists[:, :1]) else EFFECT_CLASSES
    spared = np.ones((classes, *members[0].hazard.shape))
    for effect, sharing in by_effect.items():
        # (P, A, F, G) alerts that stay in each class of proneness, at class value 1 of views.
        hazards = [
            (w.hazard * stays[w.process.name][:, None, :]) * w.wrong.T[:classes, None, None, :]
            for w in sharing
        ]
        rows = np.stack([w.presence for w in sharing], axis=1)
        if effect is not None and effect == prone and classes > 1:
            together = [
                h * row[:, None, None, None] for h, row in zip(hazards, rows.T, strict=True)
            ]
            spared *= np.exp(-np.sum(together, axis=0))
            continue
        values, counts = np.unique(rows, axis=0, return_counts=True)
        missed = np.zeros_like(spared)
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            hazard = hazards[0] * value[0]
            for other, factor in zip(hazards[1:], value[1:], strict=True):
                hazard = hazard + other * factor
            missed += count / len(rows) * np.exp(-hazard)
        spared *= missed
    return spared.mean(axis=0)


def _add_roll_call(
    scene: Scene, spared: _Spared, item: Calls, excess: Mapping[str, Floats], stays: Floats
) -> None:
    """Take one roll call into account: it wrongs registered adults alone."""
    registered = scene.prepared.registered
    total = np.maximum(registered.sum(axis=1), 1e-300)
    mean_stays = (stays * registered).sum(axis=1) / total
    box = item.process.box.share[:, 0]
    clean = 1.0 - box * (1.0 - unflagged(scene, item, mean_stays))
    spared.registered = spared.registered * clean
    variation = np.zeros((4, scene.areas))
    if "link" in excess:
        variation[3] = excess["link"]
    wronged = registered.sum(axis=1) * (1.0 - clean)
    with_box = np.divide(1.0 - clean, box, out=np.zeros_like(box), where=box > 0.0)
    spared.ties.append((variation * _damping(with_box) ** 2, wronged))


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


def _enter(scene: Scene, key: Key, spared: _Spared, label: str) -> None:
    """Enter the persons who are not spared."""
    weight = scene.prepared.person_weight[:, :, None]
    anybody = (spared.anybody * weight).sum(axis=1)
    registered = scene.prepared.registered
    others = scene.persons - registered
    clean = others * anybody + registered * anybody * spared.registered[:, None]
    mean = np.maximum(scene.persons - clean, 0.0)
    own = np.ones((4, scene.areas))
    if scene.ledger.variances and spared.ties:
        everybody = np.maximum(scene.persons.sum(axis=1), 1e-300)
        wronged = np.maximum(mean.sum(axis=1), 1e-300)
        for variation, part in spared.ties:
            # Only persons whom nothing else wrongs make a difference.
            alone = (everybody - wronged) / np.maximum(everybody - part, 1e-300)
            own[1:] += variation[1:] * (part * np.minimum(alone, 1.0) / wronged) ** 2
    scene.ledger.points(key, mean, own, label=label, once=True)
