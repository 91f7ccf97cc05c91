"""The chance of ratios and changes: by the delta method, from variances in closed form.

A ratio T / B has the variance of (T - R B) / B, R its value. Where T and B count the same acts,
that follows from how the patterns of the act vary together; where a part of B is counted, T thins
B. A change between what-ifs runs on the same numbers, so that it varies by the events that differ:
|b - a| of two rates in every cell of area and group, which is a lower bound where a what-if adds
some and takes others away. Source: Cochran 1977, "Sampling Techniques", section 2.11 (ratios).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sousveil.arrays import Floats
from sousveil.measuring.base import Context
from sousveil.tallies import Key

if TYPE_CHECKING:
    from sousveil.engine.expected.joint import Joint

Weights: TypeAlias = Mapping[tuple[str, str], float]
"""A sum of counts: (process, outcome) -> its weight."""
PATTERN, DONE = "pattern:", "done"


@dataclass(frozen=True, eq=False)
class Acts:
    """One act of a run of which the variances are known."""

    joint: Joint

    @staticmethod
    def of(context: Context, act: str) -> Acts | None:
        """The act in a run, None where variances are not known."""
        joint = (context.joints or {}).get(act)
        return None if joint is None else Acts(joint)

    @property
    def means(self) -> Floats:
        """(P, A, G) acts of residents by pattern."""
        return self.joint.means

    @property
    def totals(self) -> Floats:
        """(P,) of the country."""
        return self.joint.totals

    def variance(self, weights: Floats) -> float:
        """Of a weighed sum of patterns."""
        shared = self.joint.shared(self.joint)
        return float(weights**2 @ self.totals + weights @ shared @ weights)

    def ratio(self, top: Floats, bottom: Floats) -> float:
        """Variance of the ratio of two weighed sums of patterns."""
        whole = float(bottom @ self.totals)
        if not whole > 0.0:
            return np.nan
        return self.variance(top - float(top @ self.totals) / whole * bottom) / whole**2

    def thinned(self, kept: Floats) -> float:
        """Variance of the share of acts of which each pattern keeps one with a chance (P,)."""
        done = float(self.totals.sum())
        if not done > 0.0:
            return np.nan
        drawn = float((kept * (1.0 - kept)) @ self.totals) / done**2
        return self.ratio(kept, np.ones_like(kept)) + drawn


def ratio_of(context: Context, top: Weights, bottom: Weights) -> float:
    """Variance of a ratio of two sums; nan where it is not known."""
    act = _one_act(top, bottom)
    if act is not None:
        acts = Acts.of(context, act)
        return np.nan if acts is None else acts.ratio(_row(acts, top), _row(acts, bottom))
    above, below = (_total(context, weights) for weights in (top, bottom))
    if not below > 0.0:
        return np.nan
    share = above / below
    if set(top) <= set(bottom):
        rest = {name: top.get(name, 0.0) - share * weight for name, weight in bottom.items()}
        spread = _spread(context, rest) + _of_alerts(context, rest)
        least = sum(weight**2 * _total(context, {name: 1.0}) for name, weight in rest.items())
    else:
        # Of a whole a part is counted, process by process: what both share scales with it.
        spread, least = 0.0, above * (1.0 - 2.0 * share) + share**2 * below
        for process in dict.fromkeys(name for name, _ in bottom):
            part, whole = (_of(weights, process) for weights in (top, bottom))
            all_of = _total(context, whole)
            kept = _total(context, part) / all_of if all_of > 0.0 else 0.0
            spread += _spread(context, part)
            spread += (share**2 - 2.0 * share * kept) * _spread(context, whole)
    return max(spread, least) / below**2


def _of(weights: Weights, process: str) -> Weights:
    """The counts of one process."""
    return {name: weight for name, weight in weights.items() if name[0] == process}


def _of_alerts(context: Context, weights: Weights) -> float:
    """What right and wrong alerts of a search have in common: the faces that were searched."""
    result = 0.0
    # In order: a set of words has another one in every process, and sums another last digit.
    for process in dict.fromkeys(name for name, _ in weights):
        faces = context.counts.get(Key(process, "probes"))
        searched = _total(context, {(process, "probes"): 1.0})
        if faces is None or faces.weighed is None or not searched > 0.0:
            continue
        some = [
            weight * _total(context, {name: 1.0}) / searched
            for name, weight in _of(weights, process).items()
        ]
        shared = float(faces.weighed(np.ones((1, *faces.values.shape)), True)[0])  # noqa: FBT003
        result += (sum(some) ** 2 - sum(each**2 for each in some)) * shared
    return result


def change_of(
    now: tuple[Context, Weights, Weights], then: tuple[Context, Weights, Weights]
) -> float:
    """Variance of the quotient of a ratio in a what-if and in its base, on the same numbers."""
    sides: list[tuple[Acts, Floats, Floats]] = []
    for context, top, bottom in (now, then):
        act = _one_act(top, bottom)
        acts = None if act is None else Acts.of(context, act)
        if acts is None:
            return np.nan
        sides.append((acts, _row(acts, top), _row(acts, bottom)))
    (one, top, bottom), (other, old_top, old_bottom) = sides
    sums = [float(row @ acts.totals) for acts, *rows in sides for row in rows]
    if min(sums[1:]) <= 0.0:
        return np.nan
    same = _alike(one, top, other, old_top) and _alike(one, bottom, other, old_bottom)
    if same or sums[0] <= 0.0:
        return 0.0
    slope = top / sums[0] - bottom / sums[1]
    old_slope = old_top / sums[2] - old_bottom / sums[3]
    both = float(slope @ one.joint.shared(other.joint) @ old_slope)
    both += _common(one, top, other, old_top) / (sums[0] * sums[2])
    both += _common(one, bottom, other, old_bottom) / (sums[1] * sums[3])
    both -= _common(one, top, other, old_bottom) / (sums[0] * sums[3])
    both -= _common(one, bottom, other, old_top) / (sums[1] * sums[2])
    logs = one.variance(slope) + other.variance(old_slope) - 2.0 * both
    return max(logs, 0.0) * (sums[0] * sums[3] / (sums[1] * sums[2])) ** 2


def _alike(one: Acts, row: Floats, other: Acts, old_row: Floats) -> bool:
    """Whether two sums are equal in every cell: on the same numbers no event differs."""
    mine, theirs = (np.tensordot(r, a.means, axes=1) for r, a in ((row, one), (old_row, other)))
    return bool(np.allclose(mine, theirs, rtol=1e-9, atol=0.0))


def _common(one: Acts, row: Floats, other: Acts, old_row: Floats) -> float:
    """Events that both sums count: of acts done in both runs, those that the fuller one has."""
    mine, theirs = (np.tensordot(r, a.means, axes=1) for r, a in ((row, one), (old_row, other)))
    done, before = one.means.sum(axis=0), other.means.sum(axis=0)
    kept = np.divide(np.minimum(done, before), done, out=np.zeros_like(done), where=done > 0.0)
    stay = np.divide(np.minimum(done, before), before, out=np.zeros_like(done), where=before > 0.0)
    return float(np.minimum(mine * kept, theirs * stay).sum())


def _one_act(top: Weights, bottom: Weights) -> str | None:
    """The act of which both sums count patterns; None where they count anything else."""
    names = [*top, *bottom]
    alike = all(what == DONE or what.startswith(PATTERN) for _, what in names)
    acts = {name for name, _ in names}
    return acts.pop() if alike and len(acts) == 1 else None


def _row(acts: Acts, weights: Weights) -> Floats:
    """(P,) weights of the patterns."""
    row = np.zeros(len(acts.means))
    for (_, what), weight in weights.items():
        if what == DONE:
            row += weight
        else:
            row[int(what.removeprefix(PATTERN))] += weight
    return row


def _total(context: Context, weights: Weights) -> float:
    """A weighed sum of counts of residents."""
    civil = context.world.civil[:, None]
    return sum(float((context.count(*n).values * civil).sum()) * w for n, w in weights.items())


def _spread(context: Context, weights: Weights) -> float:
    """Variance of a weighed sum of counts that are taken as independent."""
    return sum(context.count(*name).variance * weight**2 for name, weight in weights.items())


def of_cells(context: Context, parts: Sequence[tuple[str, str]], weights: Floats) -> Floats:
    """(K,) variances of a sum of counts over cells with weights (K, A, G); nan where not known."""
    result = np.zeros(len(weights))
    for part in parts:
        law = context.count(*part).weighed
        result += np.nan if law is None else law(weights, False)  # noqa: FBT003
    return result
