"""Encounters by number: a person's views of the year as Poisson counts, one word a level.

Given the path of power, the views of a person that reach a level and none nearer are a Poisson
count, whose mean is a sum over hours. So the count is drawn at once, by the inverse of its
distribution. Probes of a search are such a count, too; of them only those that give an alert have
an hour.
"""

from __future__ import annotations

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Halves, Ints, Words
from sousveil.engine.sampled.chance import LANES, key_words
from sousveil.engine.sampled.flagging import Flags
from sousveil.engine.sampled.items import items_of, starts_of
from sousveil.engine.sampled.kernels.asked import Counts, Numbers, Times
from sousveil.engine.sampled.kernels.counts import fill_rows
from sousveil.engine.sampled.passing import alert_odds, count_alerts
from sousveil.engine.sampled.planned import CountedPlan, ProbesPlan
from sousveil.engine.sampled.points import effect_class
from sousveil.engine.sampled.scene import Scene

_HOUR = 1
"""Page of the words for the hour of a probe, and for power the next; two more for each new try."""


def count_encounters(scene: Scene, plan: CountedPlan) -> list[Flags]:
    """Draw and count the views of one process, level by level; returns the flags of its search."""
    row, flags = _rows(scene, plan), list[Flags]()
    nearer: Ints | None = None
    if plan.probes is not None:
        nearer, flags = _probes(scene, plan.probes, row)
    for level in reversed(range(len(plan.level_names))):
        page, lane = divmod(level, LANES)
        own = _numbers(scene, plan.stream, (page, lane), row, plan.levels[level])
        nearer = own if nearer is None else nearer + own
        scene.add(plan.name, plan.level_names[level], scene.block.persons.cell, nearer)
    return flags


def _rows(scene: Scene, plan: CountedPlan) -> Ints:
    """Row of every person in the tables of a process."""
    view, feeders = scene.block.persons, scene.clock.supply.shape[1] // scene.block.areas
    columns, column = 1, np.zeros(len(view.ids), dtype=np.int64)
    if plan.effect is not None:
        columns, column = EFFECT_CLASSES, effect_class(scene.chance, plan.effect, scene.block)
    if columns == feeders == 1:
        return view.cell
    row = np.empty(len(column), dtype=np.int64)
    fill_rows(view.cell, column, view.feeder, (columns, feeders), row)
    return row


def _numbers(
    scene: Scene, stream: int, where: tuple[int, int], row: Ints, table: tuple[Ints, Counts]
) -> Ints:
    """Counts of everybody by the words of a page and lane."""
    key, ids = key_words(scene.chance.key), scene.block.persons.ids
    page, lane = where
    return scene.chance.numbers(
        Numbers(key, np.uint32(stream), np.uint32(page), lane, ids, row, *table)
    )


def _probes(scene: Scene, plan: ProbesPlan, row: Ints) -> tuple[Ints, list[Flags]]:
    """Probes of everybody, and the flags of the alerts among them."""
    view, chance, search = scene.block.persons, scene.chance, plan.search
    counts = _numbers(scene, plan.stream, (0, 0), row, (plan.distribution, plan.counts))
    scene.add(search.name, "probes", view.cell, counts)
    listed, odds = alert_odds(scene, search)
    who = np.flatnonzero(counts)
    items = items_of(search.stream, 0, view.ids[who], starts_of(counts[who]), chance.key)
    alert = chance.picked(items, odds[who])
    person = who[alert.person].astype(np.uint32)
    at = person, _hours(scene, plan, person, alert.number), alert.number
    return counts, count_alerts(scene, search, at, listed)


def _hours(scene: Scene, plan: ProbesPlan, person: Words, number: Words) -> Halves:
    """Hours of some probes: tried again until there is power in them."""
    view, clock = scene.block.persons, scene.clock
    line = -1 if plan.gate.is_open else plan.gate.line
    times = Times(
        key_words(scene.chance.key), np.uint32(plan.stream), np.empty(0, np.uint32), view.ids,
        view.cell, plan.moments, view.feeder, plan.gate.chances, clock.supply_of(line),
    )  # fmt: skip
    hour, left, page = np.zeros(len(person), dtype=np.uint16), np.arange(len(person)), _HOUR
    while len(left):
        times = times._replace(pages=np.array([page, page + 1], dtype=np.uint32))
        found, kept = scene.chance.hours(times, person[left], number[left])
        hour[left] = found
        left, page = left[kept == 0], page + 2
    return hour
