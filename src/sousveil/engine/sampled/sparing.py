"""Acts by number: how many a person did, and when, only of those that something may notice.

Whether a detection or an inspection may notice an act, its own word says, before anybody asks when
the act was done. So an act that nothing looks at is a count, and few of the others have an hour.
Acts with marks are left to :mod:`sousveil.engine.sampled.acting`: each mark asks for the hour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from sousveil.arrays import AnyArray, Bits, Halves, Ints, Thresholds, Words
from sousveil.engine.sampled.acting import History, VisitsMade, count_patterns
from sousveil.engine.sampled.chance import Entities, Picked
from sousveil.engine.sampled.flagging import Noticed
from sousveil.engine.sampled.items import (
    busy,
    items_of,
    keep,
    named,
    numbers_of,
    spare_words,
    taken,
    times_of,
)
from sousveil.engine.sampled.kernels.asked import Items, Seek, Times
from sousveil.engine.sampled.kernels.counts import (
    fill_limits,
    look_up,
    mark_patterns,
    take_patterns,
)
from sousveil.engine.sampled.planned import ActPlan, DetectionPlan, InspectionPlan
from sousveil.engine.sampled.points import effect_class, entities_of, has_trait
from sousveil.engine.sampled.scene import Scene
from sousveil.rng import WORD_RANGE

_AFTER = 1
"""Page of a detection's further words; page 0 picks."""


@dataclass(frozen=True)
class Deeds:
    """The acts of one name in a block, by those who did any.

    who, cell: (n,) positions of these persons, and cells; at: themselves. starts: (n + 1,) first
    act of each, kept or not. hour, kept: of all acts, where power or chilling asked; else empty.
    """

    act: ActPlan
    scene: Scene
    who: Ints
    cell: Ints
    at: Entities
    starts: Ints
    hour: Halves
    kept: Bits

    @property
    def times(self) -> Times:
        """When they were done, as kernels read it."""
        return times_of(self.act.points, self.at, self.scene.clock, self.scene.chance.key)

    def items(self, stream: int) -> Items:
        """Their words in a stream, as kernels read them."""
        return items_of(stream, 0, self.at.ids, self.starts, self.scene.chance.key)

    def when(self, person: AnyArray, number: Words) -> Halves:
        """Hours of some acts. person: place in `who`."""
        if len(self.hour):
            return self.hour[self.starts[person] + number]
        return self.scene.chance.hours(self.times, person, number)[0]

    def ask(self, person: AnyArray, number: Words) -> tuple[Halves, AnyArray]:
        """Hours of some acts, and which of them were done. person: position."""
        place = np.searchsorted(self.who, person).astype(np.uint32)
        hour = self.when(place, number)
        if not len(self.kept):
            return hour, np.ones(len(hour), dtype=np.bool_)
        return hour, self.kept[self.starts[place] + number] > 0

    def picked(self, stream: int, limit: Thresholds) -> Picked:
        """Acts that were done, whose word in a stream lies below the limit of their person."""
        picked = self.scene.chance.picked(self.items(stream), limit)
        if not len(self.kept):
            return picked
        return keep(picked, np.flatnonzero(self.kept[self.starts[picked.person] + picked.number]))


def run_by_number(
    scene: Scene, act: ActPlan, visits: Mapping[str, VisitsMade]
) -> tuple[History, list[Noticed]]:
    """What :func:`sousveil.engine.sampled.acting.run_act` does, for an act without marks."""
    everybody = entities_of(scene.chance, act.points, scene.block)
    every = scene.chance.numbers(numbers_of(act.points, everybody, scene.chance.key))
    cells = scene.block.areas * scene.block.groups
    seen, found = np.zeros((act.patterns, cells), dtype=np.int64), list[Noticed]()
    times = times_of(act.points, everybody, scene.clock, scene.chance.key)
    if act.month is None and not len(times.supply) and act.patterns == 1:
        count_patterns(scene, act, seen, every, scene.block.persons.cell)
        return History(every, partial(_ask, scene, times)), found
    deeds, counts = _do(scene, act, everybody, every)
    parts: list[Picked] = []
    kind: type[np.integer[Any]] = np.uint8 if act.patterns <= 256 else np.int64
    pattern: AnyArray = np.zeros(int(deeds.starts[-1]) if act.patterns > 1 else 0, dtype=kind)
    for detection in act.detections:
        parts.append(_detected(scene, detection, deeds))
        hour = partial(_hours_of, deeds, parts[-1])
        found.append(_noticed(detection, deeds, parts[-1], hour, pattern))
    for inspection in act.inspections:
        made = visits[inspection.visits]
        parts.append(_inspected(scene, inspection, deeds, made))
        hour = partial(_hours_found, made, parts[-1])
        found.append(_noticed(inspection, deeds, parts[-1], hour, pattern))
    for part in parts:
        take_patterns(pattern, deeds.starts, part.person, part.number, deeds.cell, seen)
    count_patterns(scene, act, seen, counts, deeds.cell)
    return History(every, deeds.ask), found


def _noticed(
    by: DetectionPlan | InspectionPlan,
    deeds: Deeds,
    seen: Picked,
    hour: Callable[[AnyArray], Halves],
    pattern: AnyArray,
) -> Noticed:
    """Acts that a process noticed, marked so in their patterns."""
    mark_patterns(pattern, deeds.starts, seen.person, seen.number, 1 << by.bit)
    return Noticed(by, taken(deeds.who, seen.person), seen.number, hour)


def _ask(scene: Scene, times: Times, person: AnyArray, number: Words) -> tuple[Halves, AnyArray]:
    """Hours of some acts of which all were done. person: position."""
    hour = scene.chance.hours(times, person.astype(np.uint32), number)[0]
    return hour, np.ones(len(hour), dtype=np.bool_)


def _do(scene: Scene, act: ActPlan, everybody: Entities, every: Ints) -> tuple[Deeds, Ints]:
    """The acts, and how many each of those who did any did. every: (P,) before power and all."""
    chance, clock = scene.chance, scene.clock
    who, at, starts = busy(everybody, every)
    counts, cell = np.diff(starts), taken(scene.block.persons.cell, who)
    nothing = np.empty(0, np.uint16), np.empty(0, np.uint8)
    deeds = Deeds(act, scene, who, cell, at, starts, *nothing)
    if act.month is None and not len(deeds.times.supply):
        return deeds, counts
    placed = chance.placed(deeds.times, starts)
    kept, counts = placed.kept, placed.counts
    if act.month is not None:
        person, _ = named(starts)
        index = scene.block.persons.area[who[person]] * 12 + clock.month[placed.hour]
        stays = spare_words(chance, act.points, at.ids, starts) < act.month[index]
        forgone = person[(kept > 0) & ~stays]
        scene.count(act.name, "forgone", cell[forgone])
        kept = kept * stays
        counts = counts - np.bincount(forgone, minlength=len(counts))
    return replace(deeds, hour=placed.hour, kept=kept), counts


def _hours_of(deeds: Deeds, seen: Picked, which: AnyArray) -> Halves:
    """Hours of some of the acts that were seen."""
    return deeds.when(seen.person[which], seen.number[which])


def _hours_found(visits: VisitsMade, seen: Picked, which: AnyArray) -> Halves:
    """Hours of the visits that found some of the acts that were seen."""
    return visits.hours_of(seen.word[which])


def _detected(scene: Scene, plan: DetectionPlan, deeds: Deeds) -> Picked:
    """The acts that a detection notices: eye, hour and power must all allow it."""
    clock, chance, limit = scene.clock, scene.chance, np.empty(len(deeds.who), dtype=np.uint64)
    if plan.effect is None:
        limit = plan.notice[deeds.cell, 0]
    else:
        column = taken(effect_class(chance, plan.effect, scene.block), deeds.who)
        look_up(plan.notice, deeds.cell, column, limit)
    seen = deeds.picked(plan.stream, limit)
    if plan.gate.is_open and np.all(plan.by_slot == WORD_RANGE):
        return seen
    hour = deeds.when(seen.person, seen.number).astype(np.int64)
    words = chance.lanes(plan.stream, deeds.at.ids[seen.person], seen.number, _AFTER)
    sees = words[0] < plan.by_slot[clock.slot[hour]]
    sees &= plan.gate.passes(clock, words[1], deeds.at.feeder[seen.person], hour)
    return keep(seen, np.flatnonzero(sees))


def _inspected(scene: Scene, plan: InspectionPlan, deeds: Deeds, visits: VisitsMade) -> Picked:
    """The acts that visits find, with the words of the visits that do."""
    holder, chance = taken(scene.block.views[plan.entity].of_person, deeds.who), scene.chance
    limit = np.empty(len(holder), np.uint64)
    fill_limits(visits.starts, plan.find, holder, limit)
    if plan.carrier is not None:
        limit *= taken(has_trait(chance, plan.carrier, scene.block), deeds.who)
    return chance.sought(
        Seek(
            deeds.items(plan.stream), limit, np.uint64(plan.trace), deeds.times, deeds.hour,
            deeds.kept, visits.words, visits.starts, holder, visits.cuts, plan.find,
            plan.findable_hours,
        )
    )  # fmt: skip
