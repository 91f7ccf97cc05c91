"""Acts and what notices them: marks, detections at the moment, inspections afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import AnyArray, Bools, Halves, Ints, Words
from sousveil.engine.chance import key_words
from sousveil.engine.flagging import Noticed
from sousveil.engine.kernels.acts import Acts, Check, Eye
from sousveil.engine.kernels.counts import add_patterns
from sousveil.engine.planned import ActPlan, DetectionPlan, InspectionPlan, MarkPlan, When
from sousveil.engine.points import (
    Events,
    draw_points,
    draw_times,
    effect_class,
    has_trait,
    starts_of,
)
from sousveil.engine.scene import Scene
from sousveil.engine.tables import Points, categories


@dataclass(frozen=True)
class Done:
    """Acts that were done in a block, person by person.

    person: position, ascending; hour; number: of the event. starts: (P + 1,) first act of each
    person. marks: one array of categories a mark.
    """

    person: Words
    hour: Halves
    number: Words
    starts: Ints
    marks: tuple[Ints, ...]


@dataclass(frozen=True)
class VisitsMade:
    """The visits of a block, entity by entity. starts: (n + 1,) first visit of each; hour."""

    starts: Ints
    hour: Halves


def make_visits(scene: Scene, points: Points) -> VisitsMade:
    """Draw and count the visits of one name."""
    view = scene.block.views[points.entity]
    starts, hour = draw_times(scene.chance, points, scene.block, scene.clock)
    made = np.diff(starts) * view.counted
    np.add.at(scene.tally(points.name, "visits"), view.cell, made)
    return VisitsMade(starts, hour)


def done_within(done: Done, person: Ints, first: Ints, before: Ints) -> Bools:
    """Whether each of some persons did the act from an hour to before another."""
    counts = done.starts[person + 1] - done.starts[person]
    which = np.repeat(np.arange(len(person)), counts)
    inside = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    hour = done.hour[done.starts[person[which]] + inside]
    there = which[(first[which] <= hour) & (hour < before[which])]
    return np.bincount(there, minlength=len(person)) > 0


def run_act(
    scene: Scene, act: ActPlan, visits: Mapping[str, VisitsMade]
) -> tuple[Done, list[Noticed]]:
    """Draw an act with its marks and everything that notices it; count; return what is noticed."""
    done = _do(scene, act)
    pattern, found = (
        np.zeros(len(done.person), dtype=np.uint8 if act.patterns <= 256 else np.int64),
        list[Noticed](),
    )
    for detection in act.detections:
        noticed = _detected(scene, detection, done)
        pattern[noticed] |= 1 << detection.bit
        at = done.person[noticed], done.hour[noticed], done.number[noticed]
        found.append(Noticed(detection, *at))
    for inspection in act.inspections:
        noticed, hour = _inspected(scene, inspection, done, visits[inspection.visits])
        pattern[noticed] |= 1 << inspection.bit
        found.append(Noticed(inspection, done.person[noticed], hour, done.number[noticed]))
    _count_patterns(scene, act, done, pattern)
    return done, found


def _count_patterns(scene: Scene, act: ActPlan, done: Done, pattern: AnyArray) -> None:
    """Count the acts by who noticed them; most are noticed by nobody, and follow from the rest."""
    cell, seen = scene.block.persons.cell, np.zeros(len(done.starts) - 1, dtype=np.int64)
    cells = scene.block.areas * scene.block.groups
    counts = np.zeros((act.patterns, cells), dtype=np.int64)
    add_patterns(pattern, done.person, cell, counts, seen)
    for number in range(1, act.patterns):
        tally = scene.tally(act.name, f"pattern:{number}")
        tally += counts[number]
    unseen = np.diff(done.starts) - seen
    np.add.at(scene.tally(act.name, "pattern:0"), cell, unseen)
    if not act.completes:
        np.add.at(scene.tally(act.name, "completed"), cell, unseen)
        return
    completed = (pattern == 0) & _holds(act.completes, done)
    scene.count(act.name, "completed", cell[done.person[completed]])


def _do(scene: Scene, act: ActPlan) -> Done:
    """Events that pass the gate and the chilling, with their marks."""
    view, clock = scene.block.persons, scene.clock
    events = draw_points(scene.chance, act.points, scene.block, clock)
    if act.month is not None:
        index = view.area[events.row] * 12 + clock.month[events.hour]
        kept = events.spare < act.month[index]
        scene.count(act.name, "forgone", view.cell[events.row[~kept]])
        events = events.keep(kept)
    np.add.at(scene.tally(act.name, "done"), view.cell, events.counts)
    marks: list[Ints] = []
    for mark in act.marks:
        marks.append(_mark(scene, mark, events, marks))
        for number, category in enumerate(mark.categories):
            cell = view.cell[events.row[marks[-1] == number]]
            scene.count(act.name, f"mark:{mark.name}:{category}", cell)
    return Done(events.row, events.hour, events.number, starts_of(events.counts), tuple(marks))


def _mark(scene: Scene, mark: MarkPlan, events: Events, earlier: list[Ints]) -> Ints:
    """Category of one mark for every act."""
    view = scene.block.persons
    index = view.area[events.row]
    for number, size in zip(mark.given, mark.sizes, strict=True):
        index = index * size + earlier[number]
    power = scene.clock.powered(mark.line, view.feeder[events.row], events.hour)
    words = scene.chance.lanes(mark.stream, view.ids[events.row], events.number)[0]
    return categories(words, mark.cuts[power, index])


def _holds(conditions: When, done: Done) -> Bools:
    """Whether every act carries the wanted marks."""
    mask = np.ones(len(done.person), dtype=np.bool_)
    for number, accepted in conditions:
        mask &= accepted[done.marks[number]]
    return mask


def _some(scene: Scene, done: Done, able: Ints | None) -> Acts:
    """Acts as kernels read them, all or those at some positions."""
    ids = scene.block.persons.ids
    if able is None:
        return Acts(done.person, done.hour, done.number, ids)
    return Acts(done.person[able], done.hour[able], done.number[able], ids)


def _detected(scene: Scene, plan: DetectionPlan, done: Done) -> Ints:
    """Positions of the acts that a detection notices: eye, hour and power must all allow it."""
    view, clock = scene.block.persons, scene.clock
    able = np.flatnonzero(_holds(plan.when, done)) if plan.when else None
    notice = plan.notice[view.cell, 0]
    if plan.effect is not None:
        notice = plan.notice[view.cell, effect_class(scene.chance, plan.effect, scene.block)]
    eye = Eye(
        key_words(scene.chance.key),
        np.uint32(plan.stream),
        notice,
        view.feeder,
        plan.by_slot,
        clock.slot_bits,
        plan.gate.chances,
        clock.supply_of(plan.gate.line),
    )
    seen = scene.chance.noticed(_some(scene, done, able), eye)
    return seen if able is None else able[seen]


def _inspected(
    scene: Scene, plan: InspectionPlan, done: Done, visits: VisitsMade
) -> tuple[Ints, Ints]:
    """Positions of the acts that visits find, and the hour of the visit that does."""
    holder = scene.block.views[plan.entity].of_person
    most = np.minimum(np.diff(visits.starts), len(plan.find) - 1)
    limit = plan.find[most][holder]
    if plan.carrier is not None:
        limit = limit * has_trait(scene.chance, plan.carrier, scene.block)
    check = Check(
        key_words(scene.chance.key),
        np.uint32(plan.stream),
        np.uint64(plan.trace),
        plan.findable_hours,
        plan.find,
        limit,
        holder,
        visits.starts,
        visits.hour,
        scene.clock.hours,
    )
    return scene.chance.found(_some(scene, done, None), check)
