"""Acts and what notices them: marks, detections at the moment, inspections afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import Bools, Ints, Words
from sousveil.engine.flagging import Reports, report
from sousveil.engine.planned import ActPlan, DetectionPlan, InspectionPlan, MarkPlan, When
from sousveil.engine.points import Events, draw_points, effect_class, has_trait
from sousveil.engine.scene import Scene
from sousveil.engine.tables import MOST_HOURS, Points, categories


@dataclass(frozen=True)
class Done:
    """Acts that were done in a block.

    person: position; hour; both ascending. number: of the event. marks: one array of categories a
    mark.
    """

    person: Ints
    hour: Ints
    number: Words
    marks: tuple[Ints, ...]


@dataclass(frozen=True)
class VisitsMade:
    """The visits of a block, sorted. moment: position of the entity * 2^14 + hour."""

    moment: Ints
    hour: Ints


def make_visits(scene: Scene, points: Points) -> VisitsMade:
    """Draw and count the visits of one name."""
    events = draw_points(scene.chance, points, scene.block, scene.clock)
    view = scene.block.views[points.entity]
    mine = view.counted[events.row]
    scene.count(points.name, "visits", view.cell[events.row[mine]])
    order = np.argsort(events.row * MOST_HOURS + events.hour, kind="stable")
    row, hour = events.row[order], events.hour[order]
    return VisitsMade(row * MOST_HOURS + hour, hour)


def run_act(
    scene: Scene, act: ActPlan, visits: Mapping[str, VisitsMade]
) -> tuple[Done, list[Reports]]:
    """Draw an act with its marks and everything that notices it; count; return the reports."""
    done = _do(scene, act)
    cell = scene.block.persons.cell[done.person]
    pattern = np.zeros(len(cell), dtype=np.int64)
    reports: list[Reports] = []
    for detection in act.detections:
        noticed = _detected(scene, detection, done)
        pattern[noticed] |= 1 << detection.bit
        at = done.person[noticed], done.hour[noticed], done.number[noticed]
        scene.count(detection.name, "noticed", cell[noticed])
        reports.append(report(scene, detection, at))
    for inspection in act.inspections:
        noticed, hour = _inspected(scene, inspection, done, visits[inspection.visits])
        pattern[noticed] |= 1 << inspection.bit
        at = done.person[noticed], hour, done.number[noticed]
        scene.count(inspection.name, "noticed", cell[noticed])
        reports.append(report(scene, inspection, at))
    for bits in range(act.patterns):
        scene.count(act.name, f"pattern:{bits}", cell[pattern == bits])
    completed = (pattern == 0) & _holds(act.completes, done)
    scene.count(act.name, "completed", cell[completed])
    return done, reports


def _do(scene: Scene, act: ActPlan) -> Done:
    """Events that pass the gate and the chilling, with their marks."""
    view, clock = scene.block.persons, scene.clock
    events = draw_points(scene.chance, act.points, scene.block, clock)
    # In order, because whatever searches a sorted list asks in order faster.
    events = events.keep(np.argsort(events.row * MOST_HOURS + events.hour, kind="stable"))
    if act.month is not None:
        index = view.area[events.row] * 12 + clock.month[events.hour]
        kept = events.spare < act.month[index]
        scene.count(act.name, "forgone", view.cell[events.row[~kept]])
        events = events.keep(kept)
    scene.count(act.name, "done", view.cell[events.row])
    marks: list[Ints] = []
    for mark in act.marks:
        marks.append(_mark(scene, mark, events, marks))
        for number, category in enumerate(mark.categories):
            cell = view.cell[events.row[marks[-1] == number]]
            scene.count(act.name, f"mark:{mark.name}:{category}", cell)
    return Done(events.row, events.hour, events.number, tuple(marks))


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


def _detected(scene: Scene, plan: DetectionPlan, done: Done) -> Ints:
    """Positions of the acts that a detection notices: eye, hour and power must all allow it."""
    view, clock = scene.block.persons, scene.clock
    able = np.flatnonzero(_holds(plan.when, done))
    person, hour = done.person[able], done.hour[able]
    words = scene.chance.lanes(plan.stream, view.ids[person], done.number[able])
    column = 0
    if plan.effect is not None:
        column = effect_class(scene.chance, plan.effect, scene.block)[person]
    seen = words[0] < plan.notice[view.cell[person], column]
    seen &= words[1] < plan.by_slot[clock.slot[hour]]
    seen &= plan.gate.passes(clock, words[2], view.feeder[person], hour)
    return able[seen]


def _inspected(
    scene: Scene, plan: InspectionPlan, done: Done, visits: VisitsMade
) -> tuple[Ints, Ints]:
    """Positions of the acts that visits find, and the hour of the visit that does."""
    view = scene.block.persons
    words = scene.chance.lanes(plan.stream, view.ids[done.person], done.number)
    findable = words[0] < plan.trace
    if plan.carrier is not None:
        findable &= has_trait(scene.chance, plan.carrier, scene.block)[done.person]
    able = np.flatnonzero(findable)
    person, hour = done.person[able], done.hour[able]
    holder = scene.block.views[plan.entity].of_person[person] * MOST_HOURS
    end = np.minimum(hour + plan.findable_hours, scene.clock.hours)
    first = np.searchsorted(visits.moment, holder + hour)
    count = np.searchsorted(visits.moment, holder + end) - first
    met = np.flatnonzero(count)
    able, first, count = able[met], first[met], count[met]
    # One word decides which visit would find it: the n-th with chance 1 - (1 - find)^n by then.
    needed = np.searchsorted(plan.find, words[1, able], side="right")
    found = needed <= count
    return able[found], visits.hour[(first + needed - 1)[found]]
