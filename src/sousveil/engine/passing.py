"""People passing sensors: encounters by level, and the searches of usable pictures."""

from __future__ import annotations

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, AnyArray
from sousveil.engine.flagging import Flags, raised
from sousveil.engine.model import NAMED_WITHIN_DAYS
from sousveil.engine.planned import EncounterPlan, SearchPlan
from sousveil.engine.points import Events, draw_points, effect_class, has_trait
from sousveil.engine.scene import Scene


def run_encounter(scene: Scene, plan: EncounterPlan) -> list[Flags]:
    """Draw and count the encounters of one process; returns the flags of its searches."""
    view = scene.block.persons
    events = draw_points(scene.chance, plan.points, scene.block, scene.clock)
    cell, reports = view.cell[events.row], list[Flags]()
    for number, name in enumerate(plan.level_names):
        # One word for all levels: a nearer view is a view.
        reached = events.spare < plan.levels[number, events.hour]
        scene.count(plan.name, name, cell[reached])
        for search in plan.searches:
            if search.level == number:
                reports += _search(scene, search, events.keep(reached))
    return reports


def _search(scene: Scene, plan: SearchPlan, views: Events) -> list[Flags]:
    """Compare usable pictures with the list; a wrong alert falls on the passer-by."""
    view, chance = scene.block.persons, scene.chance
    words = chance.lanes(plan.stream, view.ids[views.row], views.number)
    probed = words[0] < plan.probe
    person, hour, number = views.row[probed], views.hour[probed], views.number[probed]
    scene.count(plan.name, "probes", view.cell[person])
    group, column = view.cell[person] % scene.block.groups, np.zeros_like(person)
    if plan.proneness is not None:
        column = effect_class(chance, plan.proneness, scene.block)[person]
    listed = has_trait(chance, plan.listed, scene.block)[person]
    alert = words[1, probed] < np.where(listed, plan.hit, plan.wrong[group, column])
    scene.count(plan.name, "named", view.cell[person[alert & listed]])
    scene.count(plan.name, "wrong", view.cell[person[alert & ~listed]])
    _count_named(scene, plan.name, person[alert & listed], hour[alert & listed])
    if not plan.flags:
        return []
    at = person[alert], hour[alert], number[alert]
    return [raised(plan.name, plan.channel, at, listed[alert])]


def _count_named(scene: Scene, name: str, person: AnyArray, hour: AnyArray) -> None:
    """Count the persons named at least once within the days that are asked for."""
    for days in NAMED_WITHIN_DAYS:
        named = np.unique(person[hour < days * HOURS_PER_DAY])
        scene.count(name, f"persons_named_{days}", scene.block.persons.cell[named])
