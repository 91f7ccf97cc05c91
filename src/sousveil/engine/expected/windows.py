"""What happens within one window of a roll call: how many of its events could be recorded.

Given the class of watching, absences and deliberate absences of a window depend on the box, the
link and the power only through two counts: events with power, and events at which all was up. So
one forward recursion over the events gives these counts, with the states of link and fault, and
small tables turn them into flags. It was checked against the enumeration of all outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import AnyArray, Floats, Ints
from sousveil.effects import class_means
from sousveil.processes import RollCall, Spell


@dataclass(frozen=True)
class Chain:
    """Independent two-state spells read together; state 0 is "all up".

    stationary: (S,). spells with a share of zero down are left out.
    """

    spells: tuple[Spell, ...]
    stationary: Floats

    @classmethod
    def of(cls, spells: Sequence[Spell]) -> Chain:
        """Combine spells."""
        kept = tuple(spell for spell in spells if spell.down_share > 0.0)
        stationary = np.ones(1)
        for spell in kept:
            both = np.array([1.0 - spell.down_share, spell.down_share])
            stationary = np.multiply.outer(stationary, both).reshape(-1)
        return cls(kept, stationary)

    def transitions(self, hours: Floats) -> Floats:
        """(..., S, S) exact transition probabilities over some hours."""
        result = np.ones((*hours.shape, 1, 1))
        for spell in self.spells:
            step = transition(spell, hours)
            size = result.shape[-1]
            product = result[..., :, None, :, None] * step[..., None, :, None, :]
            result = product.reshape(*hours.shape, 2 * size, 2 * size)
        return result


def correlation(spell: Spell, hours: Floats) -> Floats:
    """Correlation of a two-state spell with itself some hours later."""
    if spell.mean_down_hours <= 0.0 or spell.down_share >= 1.0:
        return (hours == 0.0).astype(np.float64)
    return np.exp(-hours / (spell.mean_down_hours * (1.0 - spell.down_share)))


def transition(spell: Spell, hours: Floats) -> Floats:
    """(..., 2, 2) transition probabilities between up (0) and down (1)."""
    memory = correlation(spell, hours)[..., None, None]
    settled = np.array([1.0 - spell.down_share, spell.down_share])
    return memory * np.eye(2) + (1.0 - memory) * settled


@dataclass(frozen=True)
class Watching:
    """Per class of watching (16,): recorded when all is up, deliberately absent, elsewhere."""

    recorded: Floats
    deliberate: Floats
    recorded_at_home: Floats

    @classmethod
    def of(cls, process: RollCall) -> Watching:
        """Classes of a roll call."""
        watch = np.minimum(class_means(process.watch_effect, process.watch), 1.0)
        left_on = (1.0 - watch) * process.left_on
        return cls(
            recorded=watch * (1.0 - process.elsewhere) + left_on,
            deliberate=(1.0 - watch) * (1.0 - process.left_on),
            recorded_at_home=watch + left_on,
        )


def at_least(chance: Floats, trials: int) -> Floats:
    """(16, trials + 1, trials + 2) P(at least j successes of n), indices class, n, j."""
    exactly = np.zeros((len(chance), trials + 1, trials + 1))
    exactly[:, 0, 0] = 1.0
    for n in range(1, trials + 1):
        exactly[:, n] = exactly[:, n - 1] * (1.0 - chance)[:, None]
        exactly[:, n, 1:] += exactly[:, n - 1, :-1] * chance[:, None]
    tail = np.cumsum(exactly[..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([tail, np.zeros_like(tail[..., :1])], axis=-1)


def flag_table(recorded: Floats, events: int, threshold: int, excuse: bool) -> Floats:
    """(16, V, U) chance of a flag for V events with power (one row: all) and U with all up.

    Absent are all powered events that were not up, and each that was up unless it is recorded.
    """
    tail = at_least(1.0 - recorded, events)
    powered = np.arange(events + 1) if excuse else np.array([events])
    up = np.arange(events + 1)
    needed = np.clip(threshold - powered[:, None] + up[None, :], 0, events + 1)
    table = tail[:, up[None, :], needed]
    return np.where(up[None, :] <= powered[:, None], table, 0.0)


def founded_table(deliberate: Floats, events: int, threshold: int, excuse: bool) -> Floats:
    """(16, V) chance that the deliberate absences alone reach the threshold."""
    tail = at_least(deliberate, events)
    powered = np.arange(events + 1) if excuse else np.array([events])
    return tail[:, powered, min(threshold, events + 1)]


def counts(power: Floats, live: Floats, steps: Floats, start: Floats, excuse: bool) -> Floats:
    """(R, S0, S, V, U) joint probability of first and last state and of the counts.

    power: (R, n) chance of power at an event; live: (R, n) chance that nothing outside the chain
    stops the record; steps: (R, n - 1, S, S); start: (S,). V has one row unless powered events
    must be counted.
    """
    rows, events = power.shape
    states = len(start)
    joint = np.zeros((rows, states, states, events + 1 if excuse else 1, events + 1))
    joint[:, np.arange(states), np.arange(states), 0, 0] = start
    for event in range(events):
        on = power[:, event, None, None, None]
        free = live[:, event, None, None, None]
        if excuse:
            powered = np.zeros_like(joint)
            powered[..., 1:, :] = joint[..., :-1, :]
            powered[:, :, 0] = _one_more(powered[:, :, 0], free)
            joint = on[..., None] * powered + (1.0 - on[..., None]) * joint
        else:
            joint[:, :, 0] = _one_more(joint[:, :, 0], on * free)
        if event + 1 < events and states > 1:
            joint = np.einsum("rijvu,rjk->rikvu", joint, steps[:, event])
    return joint


def _one_more(values: Floats, chance: Floats) -> Floats:
    """Move a share one place up along the last axis."""
    result = values * (1.0 - chance)
    result[..., 1:] += values[..., :-1] * chance
    return result


def distinct(codes: Ints) -> tuple[Ints, Ints]:
    """First index and inverse of the distinct rows of small non-negative integers (N, n)."""
    base = int(codes.max(initial=0)) + 1
    width = max(int(60 / np.log2(base)) if base > 1 else codes.shape[1], 1)
    label = np.zeros(len(codes), dtype=np.int64)
    for first in range(0, codes.shape[1], width):
        part = codes[:, first : first + width]
        number = part @ (base ** np.arange(part.shape[1], dtype=np.int64))
        pairs: AnyArray = np.unique(number, return_inverse=True)[1].astype(np.int64)
        label = label * (int(pairs.max(initial=0)) + 1) + pairs
        label = np.unique(label, return_inverse=True)[1].astype(np.int64)
    _, index, inverse = np.unique(label, return_index=True, return_inverse=True)
    return index.astype(np.int64), inverse.astype(np.int64)


def link_paths(events: int) -> Ints:
    """(Q, n) up (1) or down (0) at every event; of long windows those with two changes at most."""
    if events <= 8:
        return np.arange(2**events)[:, None] >> np.arange(events)[None, :] & 1
    paths: list[Ints] = []
    for first in range(events):
        for last in range(first, events):
            path = np.zeros(events, dtype=np.int64)
            path[first : last + 1] = 1
            paths += [path, 1 - path]
    return np.unique(np.stack(paths), axis=0)
