"""Roll calls that can flag nobody, by number: how many events record a household.

Where no window is long enough for its absences, only sums are read of a roll call. Where, besides,
neither box nor link is ever down, events differ in nothing but power, so that the sums of a
household are binomial.
"""

from __future__ import annotations

import numpy as np

from sousveil.arrays import Floats, Ints, Thresholds
from sousveil.engine.sampled.chance import key_words
from sousveil.engine.sampled.kernels.asked import Counts, Numbers
from sousveil.engine.sampled.planned import AttendancePlan, RollCallPlan
from sousveil.engine.sampled.points import effect_class, has_trait
from sousveil.engine.sampled.scene import Scene
from sousveil.engine.sampled.yearly import pack, span_of
from sousveil.processes import Entity
from sousveil.rng import WORD_RANGE, stream, threshold

_PART = 32
"""Binomial counts of n are drawn as those of n // 32 times 32 and of the rest: few tables do."""


def plan_attendance(call: RollCallPlan) -> AttendancePlan | None:
    """A roll call by number, or None where its events must be told from one another."""
    chance = 1.0 - np.prod(1.0 - call.odds / WORD_RANGE, axis=1)  # (feeders, E)
    likely = np.unique(chance[chance > 0.0])
    flags = any(len(window) >= call.threshold for window in call.windows)
    if flags or call.fault.down.any() or call.link.down.any() or len(likely) > 1:
        return None
    events, up = np.unique((chance > 0.0).sum(axis=1), return_inverse=True)
    share = np.stack([call.elsewhere, call.left_on]) / WORD_RANGE
    watch = call.watch / WORD_RANGE
    tuned = watch * (1.0 - share[0]) + (1.0 - watch) * share[1]
    tuned, kinds = np.unique(tuned, return_inverse=True)
    return AttendancePlan(
        call,
        up.reshape(-1).astype(np.int64),
        binomial_tables(events, np.full(len(events), likely[0] if len(likely) else 0.0)),
        kinds.reshape(-1).astype(np.int64),
        _by_kind(np.arange(_PART), tuned),
        _by_kind(np.arange(0, len(call.airings) + 1, _PART), tuned),
    )


def _by_kind(numbers: Ints, share: Floats) -> Counts:
    """Binomial counts of some numbers by kind of class, kind by kind."""
    return binomial_tables(np.tile(numbers, len(share)), np.repeat(share, len(numbers)))


def binomial_tables(number: Ints, share: Floats) -> Counts:
    """The distributions of binomial counts of these numbers and chances, as cuts of a word."""
    first, size = span_of(number * share, number * share * (1.0 - share))
    rows = _cuts(number, share, first, np.minimum(size, number + 1 - first))
    first = first + np.count_nonzero(rows == 0, axis=1)
    return pack(first, [np.where(rows > 0, rows, np.uint64(WORD_RANGE))])


def _cuts(number: Ints, share: Floats, first: Ints, size: Ints) -> Thresholds:
    """(n, k) thresholds of P(N <= first + j), 1 from the number of each on."""
    from scipy.special import gammaln, xlog1py, xlogy  # scipy costs a while: who needs it pays

    count = first[:, None] + np.arange(int(size.max(initial=0)))[None, :]
    n, logs = number[:, None], gammaln(np.arange(int(number.max(initial=0)) + 1) + 1.0)
    left = np.maximum(n - count, 0)
    ways = logs[n] - logs[np.minimum(count, n)] - logs[left] + xlogy(count, share[:, None])
    mass = np.where(count <= n, np.exp(ways + xlog1py(left, -share[:, None])), 0.0)
    return np.where(count < n, threshold(np.cumsum(mass, axis=1)), np.uint64(WORD_RANGE))


def count_calls(scene: Scene, plan: AttendancePlan) -> None:
    """Draw and count a roll call: three words a household with a box."""
    chance, view, call = scene.chance, scene.block.views[Entity.HOUSEHOLD], plan.call
    has_box = has_trait(chance, call.box, scene.block)
    adult = scene.block.registered[has_box[scene.block.registered]]
    household, cell = view.of_person[adult], scene.block.persons.cell[adult]

    def drawn(lane: int, row: Ints, counts: Counts) -> Ints:
        key, who = key_words(chance.key), np.uint32(stream(call.name))
        every = np.arange(len(counts.first))
        ids = view.ids[household]
        return chance.numbers(Numbers(key, who, np.uint32(0), lane, ids, row, every, counts))

    kind = plan.kinds[effect_class(chance, call.watch_effect, scene.block)[adult]]
    most = len(call.airings)
    up = drawn(0, plan.up[view.feeder[household]], plan.recordable)
    seen = drawn(1, kind * (most // _PART + 1) + up // _PART, plan.in_parts)
    seen = seen + drawn(2, kind * _PART + up % _PART, plan.singly)
    events = np.full(len(cell), len(call.airings))
    for outcome, counts in (("household_events", events), ("recordable", up), ("recorded", seen)):
        scene.add(call.name, outcome, cell, counts)
