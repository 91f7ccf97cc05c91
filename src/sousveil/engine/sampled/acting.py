"""Acts and what notices them: marks, detections at the moment, inspections afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sousveil.arrays import AnyArray, Bools, Halves, Ints, Thresholds, Words
from sousveil.engine.sampled.chance import key_words
from sousveil.engine.sampled.flagging import Noticed
from sousveil.engine.sampled.items import hour_words, numbers_of, some_named, starts_of
from sousveil.engine.sampled.kernels.acts import Acts, Check, Eye
from sousveil.engine.sampled.kernels.counts import add_up
from sousveil.engine.sampled.planned import ActPlan, DetectionPlan, InspectionPlan, MarkPlan, When
from sousveil.engine.sampled.points import (
    Events,
    draw_points,
    effect_class,
    entities_of,
    has_trait,
)
from sousveil.engine.sampled.scene import Scene
from sousveil.engine.sampled.tables import Points, categories


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

    def ask(self, person: AnyArray, number: Words) -> tuple[Halves, Bools]:
        """Hours of some acts, by person and place, and which of them were done: all."""
        return self.hour[self.starts[person] + number], np.ones(len(number), dtype=np.bool_)


@dataclass(frozen=True)
class History:
    """Who did an act when. counts: (P,) acts of every person. ask: as in `Done`."""

    counts: Ints
    ask: Callable[[AnyArray, Words], tuple[Halves, Bools]]

    @cached_property
    def starts(self) -> Ints:
        """(P + 1,) first act of each person."""
        return starts_of(self.counts)


@dataclass(frozen=True)
class VisitsMade:
    """The visits of a block, entity by entity. starts: (n + 1,) first visit of each.

    hour: of each, or None where `words` say it: (H + 1,) cuts of words, by hour.
    """

    starts: Ints
    hour: Halves | None
    words: Words = field(default_factory=lambda: np.empty(0, np.uint32))
    cuts: Thresholds = field(default_factory=lambda: np.empty(0, np.uint64))

    def hours_of(self, words: Words) -> Halves:
        """The hours in which some words fall."""
        return (np.searchsorted(self.cuts, words, side="right") - 1).astype(np.uint16)

    @cached_property
    def hours(self) -> Halves:
        """The hours of all visits."""
        return self.hours_of(self.words) if self.hour is None else self.hour


def make_visits(scene: Scene, points: Points) -> VisitsMade:
    """Draw and count the visits of one name, hour by hour."""
    room = scene.chance.events(points, entities_of(scene.chance, points, scene.block), scene.clock)
    made = VisitsMade(starts_of(room.counts), room.hour)
    _count_visits(scene, points, room.counts)
    return made


def number_visits(scene: Scene, points: Points) -> VisitsMade:
    """The same by number: words that say when."""
    chance, at = scene.chance, entities_of(scene.chance, points, scene.block)
    counts = chance.numbers(numbers_of(points, at, chance.key))
    _count_visits(scene, points, counts)
    starts, cuts = starts_of(counts), points.year.moments.cuts[0]
    return VisitsMade(starts, None, hour_words(chance, points, at.ids, starts), cuts)


def _count_visits(scene: Scene, points: Points, counts: Ints) -> None:
    view = scene.block.views[points.entity]
    scene.add(points.name, "visits", view.cell, counts * view.counted)


def done_within(history: History, person: Ints, first: Ints, before: Ints) -> Bools:
    """Whether each of some persons did the act from an hour to before another."""
    which, number = some_named(history.starts, person)
    hour, done = history.ask(person[which], number)
    there = which[done & (first[which] <= hour) & (hour < before[which])]
    return np.bincount(there, minlength=len(person)) > 0


def run_act(
    scene: Scene, act: ActPlan, visits: Mapping[str, VisitsMade]
) -> tuple[History, list[Noticed]]:
    """Draw an act with its marks and everything that notices it; count; return what is noticed."""
    done = _do(scene, act)
    pattern, found = (
        np.zeros(len(done.person), dtype=np.uint8 if act.patterns <= 256 else np.int64),
        list[Noticed](),
    )
    for detection in act.detections:
        noticed = _detected(scene, detection, done)
        pattern[noticed] |= 1 << detection.bit
        at = done.person[noticed], done.number[noticed], done.hour[noticed]
        found.append(Noticed(detection, *at))
    for inspection in act.inspections:
        noticed, hour = _inspected(scene, inspection, done, visits[inspection.visits])
        pattern[noticed] |= 1 << inspection.bit
        found.append(Noticed(inspection, done.person[noticed], done.number[noticed], hour))
    counts, cell = np.diff(done.starts), scene.block.persons.cell
    noticed = np.flatnonzero(pattern)
    cells = scene.block.areas * scene.block.groups
    which = pattern[noticed].astype(np.int64) * cells + cell[done.person[noticed]]
    seen = np.bincount(which, minlength=act.patterns * cells).reshape(act.patterns, cells)
    count_patterns(scene, act, seen, counts, cell)
    if act.completes:
        completed = (pattern == 0) & _holds(act.completes, done)
        scene.count(act.name, "completed", cell[done.person[completed]])
    return History(counts, done.ask), found


def count_patterns(scene: Scene, act: ActPlan, seen: Ints, counts: Ints, cell: Ints) -> None:
    """Count the acts by who noticed them; most are noticed by nobody, and follow from the rest.

    seen: (patterns, A * G). counts, cell: (n,) acts of some persons, and cells.
    """
    done = np.zeros(seen.shape[1], dtype=np.int64)
    add_up(done, cell, counts)
    unseen = done - seen.sum(axis=0)
    sums = {"done": done, "pattern:0": unseen}
    sums |= {f"pattern:{number}": seen[number] for number in range(1, act.patterns)}
    if not act.completes:
        sums["completed"] = unseen
    for outcome, each in sums.items():
        tally = scene.tally(act.name, outcome)
        tally += each


def _do(scene: Scene, act: ActPlan) -> Done:
    """Events that pass the gate and the chilling, with their marks."""
    view, clock = scene.block.persons, scene.clock
    events = draw_points(scene.chance, act.points, scene.block, clock)
    if act.month is not None:
        index = view.area[events.row] * 12 + clock.month[events.hour]
        kept = events.spare < act.month[index]
        scene.count(act.name, "forgone", view.cell[events.row[~kept]])
        events = events.keep(kept)
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
        visits.hours,
        scene.clock.hours,
    )
    return scene.chance.found(_some(scene, done, None), check)
