"""Workload: how many flags the reviewers of an area can serve, and what expires unseen.

Capacity enters as a mean-field: from *expected* flags, arriving evenly over the year. The chance of
the queue itself is not modelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sousveil.arrays import DAYS_PER_YEAR, Floats
from sousveil.counts import Count
from sousveil.engine.model import Model
from sousveil.processes import Handling
from sousveil.quantity import keyed
from sousveil.tallies import Key

if TYPE_CHECKING:
    from sousveil.procedure import ProcedureParameters


ENDLESS = 1.0e12
"""Demand over capacity where nobody reviews anything: finite, so that waits stay numbers."""


@dataclass(frozen=True)
class Workload:
    """Review of a channel's flags over the whole country and year.

    sent: flags sent to review. served, expired: shares of them. delay_days: mean wait of a flag.
    cases_per_officer_day: flags of all channels sent to review, for each officer and day; 0 where
    officers are not limited.
    """

    sent: float
    served: float
    expired: float
    delay_days: float
    cases_per_officer_day: float


@dataclass(frozen=True)
class Queue:
    """The same by area, each (A,)."""

    sent: Floats
    served: Floats
    expired: Floats
    delay_days: Floats


def serve(model: Model, queues: Mapping[str, Queue]) -> Model:
    """Return the model with the review that its officers can do; itself where that is all of it."""
    if all((queue.served >= 1.0).all() for queue in queues.values()):
        return model
    handling = {
        name: replace(
            item,
            reviewed=item.reviewed * queues[name].served,
            expired=item.reviewed * queues[name].expired,
        )
        for name, item in model.handling.items()
    }
    return replace(model, handling=handling)


def workload(procedure: ProcedureParameters, queues: Mapping[str, Queue]) -> dict[str, Workload]:
    """Channel -> its workload, from the queues of a model before or after `serve`."""
    sent = {name: float(queue.sent.sum()) for name, queue in queues.items()}
    each = sum(sent.values()) / (procedure.officers * DAYS_PER_YEAR) if procedure.officers else 0.0
    return {name: _whole(queue, sent[name], each) for name, queue in queues.items()}


def _whole(queue: Queue, sent: float, each: float) -> Workload:
    """Workload of a channel of which so many flags are sent to review."""
    if sent <= 0.0:
        return Workload(sent, 1.0, 0.0, 0.0, each)
    served, expired, delay_days = (
        float(by_area @ queue.sent) / sent
        for by_area in (queue.served, queue.expired, queue.delay_days)
    )
    return Workload(sent, served, expired, delay_days, each)


def queues_of(
    procedure: ProcedureParameters, model: Model, expected: Mapping[Key, Count]
) -> dict[str, Queue]:
    """Queue of every channel's flags, from a model before or after `serve` and its expected values.

    Officers are spread over the areas of residents by population, and guards wait as long as the
    mean of the country. The queue is one, first come first served: where more comes than can be
    served, waits grow until flags expire; from then on only capacity over demand is served.
    """
    if not any(handling.has_review for handling in model.handling.values()):
        none, all_ = np.zeros(len(model.world.areas)), np.ones(len(model.world.areas))
        return dict.fromkeys(model.handling, Queue(none, all_, none, none))
    sent = {name: _sent(name, model, expected) for name in model.handling}
    demand = sum(sent.values(), start=np.zeros(len(model.world.areas)))
    each = _per_officer_day(procedure, demand, model)
    load = _ratio(each, np.full_like(each, procedure.cases_per_officer_day))
    kept = {name: keyed(procedure.retention_days, name, 0.0) for name in sent}
    waits = {days: _wait(load, days) for days in set(kept.values())}
    return {name: Queue(sent[name], *waits[kept[name]]) for name in sent}


def _per_officer_day(procedure: ProcedureParameters, demand: Floats, model: Model) -> Floats:
    """(A,) flags sent to review for each officer and day; zero where officers are not limited."""
    if procedure.officers <= 0.0:
        return np.zeros_like(demand)
    civil = model.world.civil
    people = np.where(civil, model.world.people.persons, 0.0)
    officers = procedure.officers * people / people.sum()
    mean = demand.sum() / (procedure.officers * DAYS_PER_YEAR)
    return np.where(civil, _ratio(demand, officers * DAYS_PER_YEAR), mean)


def _wait(load: Floats, retention_days: float) -> tuple[Floats, Floats, Floats]:
    """(A,) shares served and expired and the mean wait in days, from demand over capacity.

    The wait of an arrival grows by `load` - 1 days a day, up to the retention. A flag that finds
    less than that before it is served in its turn, even after the end of the year.
    """
    load = np.minimum(load, ENDLESS)
    excess = np.maximum(load - 1.0, 0.0)
    kept = retention_days if retention_days > 0.0 else np.inf
    until = np.minimum(_ratio(np.full_like(excess, kept), excess), DAYS_PER_YEAR)
    inverse = np.minimum(_ratio(np.ones_like(load), load), 1.0)
    served = (until + (DAYS_PER_YEAR - until) * inverse) / DAYS_PER_YEAR
    longest = np.minimum(excess * DAYS_PER_YEAR, kept)
    wait = (excess * until**2 / 2.0 + (DAYS_PER_YEAR - until) * longest) / DAYS_PER_YEAR
    return served, 1.0 - served, wait


def _ratio(upper: Floats, lower: Floats) -> Floats:
    """Ratio, infinite where only the lower is zero and zero where both are."""
    endless = np.where(upper > 0.0, np.inf, 0.0)
    return np.divide(upper, lower, out=endless, where=lower > 0.0)


def _sent(channel: str, model: Model, expected: Mapping[Key, Count]) -> Floats:
    """(A,) flags a year that stand after the rule and are sent to review."""
    handling = model.handling[channel]
    total = np.zeros(len(model.world.areas))
    if not handling.has_review:
        return total
    for process in model.flagging.get(channel, ()):
        total += _standing(process.name, handling, expected)
    return total * (handling.reviewed + handling.expired)


def _standing(name: str, handling: Handling, expected: Mapping[Key, Count]) -> Floats:
    """(A,) flags that the rule lets through: what stays after review over the share that stays.

    Where nothing stays, the rule cannot be told from the review, and every report counts.
    """
    result = np.zeros(len(handling.reviewed))
    for outcome, stays in zip(("founded", "unfounded"), handling.stays, strict=True):
        if (stays <= 0.0).any():
            return expected[Key(name, "reported")].by_area
        result += expected[Key(name, outcome)].by_area / stays[:, 0]
    return result
