"""Flags: from reported over rule, review and settlement to founded, unfounded and cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from types import MappingProxyType
from typing import NamedTuple, TypeGuard

import numpy as np
from numba import njit

from sousveil.arrays import HOURS_PER_DAY, MONTHS, Floats
from sousveil.engine.expected.alike import distinct_classes, merged
from sousveil.engine.expected.lattice import act_classes
from sousveil.engine.expected.ledger import EXACT, MEAN_FIELD
from sousveil.engine.expected.lines import Days
from sousveil.engine.expected.scene import Scene, chances
from sousveil.engine.expected.subsets import acts_by_month
from sousveil.engine.model import FLAG_OUTCOMES
from sousveil.processes import Act, Handling, Unprompted
from sousveil.tallies import Key

_READ_DAYS = 24
"""Days of the year at which the chance of a coincident act is read."""


class Raised(NamedTuple):
    """The reported flags of one process, and what their variance follows from.

    founded, unfounded: (A, G) reported flags of either kind. bribed: (A, G) flags that a bribed
    reporter never made. own (by "founded" and "unfounded"), clump: as in the ledger. excess: (A,)
    by "founded", "unfounded" and "all", for flags of households; "link" is what areas share of the
    unfounded ones. same_act: other channels -> chance
    (A, G) that they report the same act. coincident: (A, G) chance that an unfounded flag meets
    such an act.
    """

    name: str
    channel: str
    founded: Floats | None
    unfounded: Floats | None
    bribed: Floats | None = None
    own: Mapping[str, Floats] | None = None
    clump: Floats | None = None
    excess: Mapping[str, Floats] | None = None
    same_act: Mapping[str, Floats] = MappingProxyType({})
    coincident: Floats | None = None

    def reported(self) -> Floats:
        """(A, G) all reported flags."""
        parts = [part for part in (self.founded, self.unfounded) if part is not None]
        return parts[0] if len(parts) == 1 else parts[0] + parts[1]


@dataclass(frozen=True)
class Partners:
    """(A, G) reported flags of every channel, of which rules ask."""

    scene: Scene
    reported: Mapping[str, Floats]
    _alone: dict[tuple[str, int], Floats] = field(default_factory=dict[tuple[str, int], Floats])

    @classmethod
    def of(cls, scene: Scene, flags: Sequence[Raised]) -> Partners:
        """Add up the flags of every channel."""
        result: dict[str, Floats] = {}
        for item in flags:
            result[item.channel] = result.get(item.channel, 0.0) + item.reported()
        return cls(scene, result)

    def alone(self, channel: str, window: int) -> Floats:
        """(A, G) chance that a channel does not flag a person within so many hours."""
        if (channel, window) not in self._alone:
            persons, total = self.scene.persons, self.reported[channel]
            rate = np.divide(total, persons, out=np.zeros_like(total), where=persons > 0)
            self._alone[channel, window] = np.exp(-rate * window / self.scene.hours)
        return self._alone[channel, window]


def has_rule(handling: Handling | None) -> TypeGuard[Handling]:
    """Whether flags of other channels decide."""
    return handling is not None and handling.partners_needed > 0


def enter_flags(scene: Scene, items: Sequence[Raised], partners: Partners) -> dict[str, Floats]:
    """Enter the outcomes of some processes; by process, the chance that an unfounded flag stays.

    The chance is (A, G), or (A, 1) where no rule looks at persons.
    """
    return {item.name: _enter_outcomes(scene, item, partners) for item in items}


def _rule(scene: Scene, handling: Handling, item: Raised, others: Partners) -> Floats:
    """(A, G) chance that enough other channels flag the same person in time: mean field.

    Others that see the same act are counted by their joint chance, all else at its mean rate; the
    channels are then taken as independent.
    """
    window = 2 * handling.rule_hours + 1
    needed = handling.partners_needed
    fewer: list[Floats] = [np.ones_like(scene.persons)]  # chance of exactly 0, 1, 2... partners
    for channel in others.reported:
        if channel == item.channel:
            continue
        alone = others.alone(channel, window)
        flagged = 1.0 - alone * (1.0 - item.same_act.get(channel, np.zeros(1)))
        longer = [count * (1.0 - flagged) for count in fewer] + [np.zeros_like(alone)]
        for partners, count in enumerate(fewer[: needed - 1]):
            longer[partners + 1] = longer[partners + 1] + count * flagged
        fewer = longer[:needed]
    return np.clip(1.0 - np.sum(fewer, axis=0), 0.0, 1.0)


def _enter_outcomes(scene: Scene, item: Raised, partners: Partners) -> Floats:
    """Enter every outcome of the flags of one process; give what `enter_flags` says."""
    handling = scene.handling(item.channel)
    keep, leave = (scene.everywhere, scene.everywhere), scene.nobody
    if handling is not None:
        keep, leave = handling.stays, handling.bribe_exit
    if has_rule(handling):
        passes = _rule(scene, handling, item, partners)
        keep = passes * keep[0], passes * keep[1]
    founded = _outcomes("founded", item.founded, keep[0], leave)
    unfounded = _outcomes("unfounded", item.unfounded, keep[1], leave)
    if item.bribed is not None:
        founded["reporter_bribed"] = item.bribed
    if item.coincident is not None:
        unfounded["coincident"] = unfounded["unfounded"] * item.coincident
    keys, labels = _keys(item.name), _labels(has_rule(handling), item.coincident is not None)
    if scene.ledger.variances:
        for key, label in zip(keys, labels, strict=True):
            _enter(scene, item, key, (founded.get(key.outcome), unfounded.get(key.outcome)), label)
    else:
        means = _together(founded, unfounded)
        scene.ledger.plain(keys, [means.get(key.outcome, scene.nobody) for key in keys], labels)
    return keep[1]


@lru_cache(maxsize=1024)
def _keys(process: str) -> tuple[Key, ...]:
    """The outcomes of the flags of a process."""
    return tuple(Key(process, outcome) for outcome in FLAG_OUTCOMES)


@cache
def _labels(ruled: bool, by_chance: bool) -> tuple[str, ...]:
    """Labels of these outcomes, under a rule or not, and where some meet an act by chance."""
    labels = dict.fromkeys(FLAG_OUTCOMES, MEAN_FIELD if ruled else EXACT)
    labels |= {"reported": EXACT, "reporter_bribed": EXACT}
    labels["coincident"] = MEAN_FIELD if by_chance else EXACT
    return tuple(labels.values())


def _outcomes(kind: str, made: Floats | None, keep: Floats, leave: Floats) -> dict[str, Floats]:
    """What becomes of the reported flags of one kind."""
    if made is None:
        return {}
    dropped, stayed, extorted, cases = _settled(made, keep, leave)
    return {
        "reported": made,
        "dropped": dropped,
        kind: stayed,
        "extorted": extorted,
        "cases": cases,
    }


@njit(cache=True, nogil=True)
def _settled(made: Floats, keep: Floats, leave: Floats) -> Floats:
    """(4, A, G) flags (A, G) that are dropped, stay, end in an extortion, and become cases.

    keep, leave: (A, G), or (A, 1) where all groups are alike.
    """
    areas, groups = made.shape
    result = np.empty((4, areas, groups))
    for area in range(areas):
        for group in range(groups):
            stayed = made[area, group] * keep[area, group if keep.shape[1] > 1 else 0]
            left = leave[area, group if leave.shape[1] > 1 else 0]
            result[0, area, group] = max(made[area, group] - stayed, 0.0)
            result[1, area, group] = stayed
            result[2, area, group] = stayed * left
            result[3, area, group] = stayed * (1.0 - left)
    return result


def _together(founded: dict[str, Floats], unfounded: dict[str, Floats]) -> dict[str, Floats]:
    """Outcomes of flags of both kinds."""
    if not (founded and unfounded):
        return founded or unfounded
    both = founded.keys() & unfounded.keys()
    return founded | unfounded | {name: founded[name] + unfounded[name] for name in both}


def _enter(
    scene: Scene, item: Raised, key: Key, parts: tuple[Floats | None, Floats | None], label: str
) -> None:
    """Enter one outcome, of which so many are founded and so many unfounded."""
    founded, unfounded = parts
    mean = scene.nobody if founded is None else founded
    if unfounded is not None:
        mean = unfounded if founded is None else founded + unfounded
    founded = scene.nobody if founded is None else founded
    unfounded = scene.nobody if unfounded is None else unfounded
    if item.excess is not None:
        variance = float(mean.sum()) + _beyond_poisson(item, item.excess, founded, unfounded)
        tied = (item.excess["link"], unfounded) if "link" in item.excess else None
        scene.ledger.fixed(key, mean, max(variance, 0.0), label, tied)
    else:
        own = None if item.own is None else _mixed(item.own, founded, unfounded)
        scene.ledger.points(key, mean, own, item.clump, label)


def _beyond_poisson(
    item: Raised, excess: Mapping[str, Floats], founded: Floats, unfounded: Floats
) -> float:
    """Variance of flags of households beyond their mean, when only a part of each kind counts.

    Thinning by independent chances scales the second factorial cumulants: founded with founded,
    unfounded with unfounded, and the pairs of one of each.
    """
    assert item.founded is not None
    assert item.unfounded is not None
    totals = [item.founded.sum(axis=1), item.unfounded.sum(axis=1)]
    right = excess["founded"] * totals[0] ** 2
    wrong = excess["unfounded"] * totals[1] ** 2
    cross = excess["all"] * (totals[0] + totals[1]) ** 2 - right - wrong
    shares = [
        np.divide(part.sum(axis=1), total, out=np.zeros_like(total), where=total > 0.0)
        for part, total in zip((founded, unfounded), totals, strict=True)
    ]
    every = shares[0] ** 2 * right + shares[1] ** 2 * wrong + shares[0] * shares[1] * cross
    return float(every.sum())


def _mixed(own: Mapping[str, Floats], founded: Floats, unfounded: Floats) -> Floats:
    """What persons share in flags of both kinds: a person has the one or the other."""
    if "unfounded" not in own:
        return own["founded"]
    right, wrong = founded.sum(axis=1), unfounded.sum(axis=1)
    both = np.maximum(right + wrong, 1e-100)
    result = np.where((right > wrong)[None], own["founded"], own["unfounded"])
    result[0] = (own["founded"][0] * right**2 + own["unfounded"][0] * wrong**2) / both**2
    return np.maximum(result, 0.0)


def unprompted(scene: Scene, process: Unprompted, share: Floats | None) -> Raised:
    """Flags without a parent act; share: (A, G) of them that meet such an act all the same."""
    made = scene.persons * process.rate * scene.hours
    return Raised(
        name=process.name,
        channel=process.channel,
        founded=None,
        unfounded=made * (1.0 - process.bribed),
        bribed=made * process.bribed,
        coincident=share,
    )


def coincident(scene: Scene, act: Act, window: int) -> Floats:
    """(A, G) chance that a person did the act in the hours before a flag: mean field.

    Acts run at the mean rate of their month; flags come at any time of the year.
    """
    prepared = scene.prepared
    line = prepared.line(act.gate)
    lines = () if line < 0 else (line,)
    by_state = prepared.state_hours(lines).by_month
    first, inverse = merged(act.rate, act.profile.T)
    gate = chances(line, lines, act.gate)
    total = acts_by_month(
        by_state, gate, act.month, act.rate.take(first, axis=1), act.profile[first]
    )
    one, where = merged(total)  # many areas and kinds are alike
    reading = prepared.calendar.kept(("read", window), partial(_windows, prepared.calendar, window))
    classes = np.ones(1) if act.effect is None else act_classes(act)
    values, counts = distinct_classes(classes[:, None])
    missed = np.multiply.outer(reading @ total[:, one], -values[:, 0])  # (days, rows, classes)
    share = 1.0 - np.exp(missed, out=missed).mean(axis=0) @ (counts / counts.sum())
    return share[where].reshape(scene.areas, -1)[:, inverse]


def _windows(calendar: Days, window: int) -> Floats:
    """(days, M + 1) weights that read what running totals gain in the hours before a flag."""
    days = np.concatenate([[0.0], np.cumsum(np.bincount(calendar.month, minlength=MONTHS))])
    number = len(calendar.order)
    end = (np.arange(_READ_DAYS) + 0.5) * number / _READ_DAYS
    start = np.maximum(end - window / HOURS_PER_DAY, 0.0)
    return _read(days, end) - _read(days, start)


def _read(days: Floats, at: Floats) -> Floats:
    """(N, M + 1) weights that read running totals, known at the ends of months, between them."""
    month = np.clip(np.searchsorted(days, at, side="right") - 1, 0, len(days) - 2)
    part = (at - days[month]) / np.maximum(days[month + 1] - days[month], 1e-12)
    weights = np.zeros((len(at), len(days)))
    weights[np.arange(len(at)), month] = 1.0 - part
    weights[np.arange(len(at)), month + 1] = part
    return weights
