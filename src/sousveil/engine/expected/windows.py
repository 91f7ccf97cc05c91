"""What happens within one window of a roll call: how many of its events could be recorded.

Given the class of watching, absences and deliberate absences of a window depend on the box, the
link and the power only through two counts: events with power, and events at which all was up. So
one forward recursion over the events gives these counts, with the states of link and fault, and
small tables turn them into flags. It was checked against the enumeration of all outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit

from sousveil.arrays import Floats, Ints
from sousveil.effects import class_means
from sousveil.processes import Effect, RollCall, Spell


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
        return _watching(process.watch_effect, process.watch, process.elsewhere, process.left_on)


@lru_cache(maxsize=16)
def _watching(effect: Effect, mean: float, elsewhere: float, left_on: float) -> Watching:
    """As `Watching.of`: what-ifs change the power far more often than habits."""
    watch = np.minimum(class_means(effect, mean), 1.0)
    on_alone = (1.0 - watch) * left_on
    return Watching(
        recorded=watch * (1.0 - elsewhere) + on_alone,
        deliberate=(1.0 - watch) * (1.0 - left_on),
        recorded_at_home=watch + on_alone,
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
    return _flag_table(recorded.tobytes(), events, threshold, excuse)


@lru_cache(maxsize=64)
def _flag_table(recorded: bytes, events: int, threshold: int, excuse: bool) -> Floats:
    """As `flag_table`: one member asks again and again, as power does not enter."""
    tail = at_least(1.0 - np.frombuffer(recorded), events)
    powered = np.arange(events + 1) if excuse else np.array([events])
    up = np.arange(events + 1)
    needed = np.clip(threshold - powered[:, None] + up[None, :], 0, events + 1)
    table = np.where(up[None, :] <= powered[:, None], tail[:, up[None, :], needed], 0.0)
    table.setflags(write=False)
    return table


def founded_table(deliberate: Floats, events: int, threshold: int, excuse: bool) -> Floats:
    """(16, V) chance that the deliberate absences alone reach the threshold."""
    return _founded_table(deliberate.tobytes(), events, threshold, excuse)


@lru_cache(maxsize=64)
def _founded_table(deliberate: bytes, events: int, threshold: int, excuse: bool) -> Floats:
    """As `founded_table`, for all who ask again."""
    tail = at_least(np.frombuffer(deliberate), events)
    powered = np.arange(events + 1) if excuse else np.array([events])
    table = tail[:, powered, min(threshold, events + 1)]
    table.setflags(write=False)
    return table


@njit(cache=True, nogil=True)
def counts(
    power: Floats, live: Floats, steps: Floats, kind: Ints, start: Floats, excuse: bool
) -> Floats:
    """(R, S0, S, V, U) joint probability of first and last state and of the counts.

    power: (R, n) chance of power at an event; live: (R, n) chance that nothing outside the chain
    stops the record; steps: (K, n - 1, S, S) and kind: (R,) which of them holds; start: (S,). V has
    one row unless powered events must be counted.
    """
    rows, events = power.shape
    states = len(start)
    result = np.zeros((rows, states, states, events + 1 if excuse else 1, events + 1))
    for row in range(rows):
        for first in range(states):
            joint = result[row, first]
            joint[first, 0, 0] = start[first]
            for event in range(events):
                if excuse:
                    _count_powered(joint, power[row, event], live[row, event])
                else:
                    _one_more(joint[0, 0], joint[0, 0], power[row, event] * live[row, event])
                if event + 1 < events and states > 1:
                    known = joint[:, :, : event + 2]  # no more events were recorded so far
                    _step(known, steps[kind[row], event])
    return result


@njit(cache=True, nogil=True)
def _one_more(values: Floats, into: Floats, chance: float) -> None:
    """Fill in (U,) chances of one more with a chance; `into` may be the values themselves."""
    for number in range(len(values) - 1, 0, -1):
        into[number] = values[number] * (1.0 - chance) + values[number - 1] * chance
    into[0] = values[0] * (1.0 - chance)


@njit(cache=True, nogil=True)
def _count_powered(joint: Floats, on: float, free: float) -> None:
    """One event more in (S, V, U): with power it counts, and in state 0 it may be recorded."""
    powered = np.zeros(joint.shape[2])
    for state in range(len(joint)):
        for number in range(joint.shape[1] - 1, -1, -1):
            powered[:] = 0.0
            if number:
                _one_more(joint[state, number - 1], powered, 0.0 if state else free)
            joint[state, number] = on * powered + (1.0 - on) * joint[state, number]


@njit(cache=True, nogil=True)
def _step(joint: Floats, step: Floats) -> None:
    """Move (S, V, U) on by the transitions (S, S) between states."""
    states, height, width = joint.shape
    before = np.empty(states)
    for powered in range(height):
        for up in range(width):
            for old in range(states):
                before[old] = joint[old, powered, up]
            for new in range(states):
                total = 0.0
                for old in range(states):
                    total += before[old] * step[old, new]
                joint[new, powered, up] = total


def distinct(codes: Ints) -> tuple[Ints, Ints]:
    """First index and inverse of the distinct rows of small non-negative integers (N, n)."""
    base = int(codes.max(initial=0)) + 1
    width = max(int(60 / np.log2(base)) if base > 1 else codes.shape[1], 1)
    numbers = [
        part @ (base ** np.arange(part.shape[1], dtype=np.int64))
        for part in (codes[:, first : first + width] for first in range(0, codes.shape[1], width))
    ]
    label = numbers[0]
    for number in numbers[1:]:
        before, own = (np.unique(one, return_inverse=True)[1] for one in (label, number))
        label = before.astype(np.int64) * (int(own.max(initial=0)) + 1) + own
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
