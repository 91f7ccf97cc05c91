"""People passing sensors: encounters by level, and the searches of usable pictures."""

from __future__ import annotations

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, AnyArray, Bools, Thresholds, Words
from sousveil.engine.model import NAMED_WITHIN_DAYS
from sousveil.engine.sampled.chance import key_words
from sousveil.engine.sampled.flagging import Flags, raised
from sousveil.engine.sampled.kernels.acts import Acts, Match
from sousveil.engine.sampled.kernels.counts import look_up
from sousveil.engine.sampled.planned import EncounterPlan, SearchPlan
from sousveil.engine.sampled.points import Events, draw_points, effect_class, has_trait
from sousveil.engine.sampled.scene import Scene
from sousveil.rng import WORD_RANGE


def run_encounter(scene: Scene, plan: EncounterPlan) -> list[Flags]:
    """Draw and count the encounters of one process; returns the flags of its searches."""
    view = scene.block.persons
    events = draw_points(scene.chance, plan.points, scene.block, scene.clock)
    flags: list[Flags] = []
    for number, name in enumerate(plan.level_names):
        # One word for all levels: a nearer view is a view.
        views = events
        if np.any(plan.levels[number] < WORD_RANGE):
            views = events.keep(events.spare < plan.levels[number, events.hour])
        scene.add(plan.name, name, view.cell, views.counts)
        for search in plan.searches:
            if search.level == number:
                flags += _search(scene, search, views)
    return flags


def _search(scene: Scene, plan: SearchPlan, views: Events) -> list[Flags]:
    """Compare usable pictures with the list; a wrong alert falls on the passer-by."""
    view, chance = scene.block.persons, scene.chance
    listed, odds = alert_odds(scene, plan)
    match = Match(key_words(chance.key), np.uint32(plan.stream), np.uint64(plan.probe), odds)
    seen = Acts(views.row, views.hour, views.number, view.ids)
    probes, alert = chance.alerted(seen, match)
    scene.add(plan.name, "probes", view.cell, probes)
    return count_alerts(
        scene, plan, (views.row[alert], views.hour[alert], views.number[alert]), listed
    )


def alert_odds(scene: Scene, plan: SearchPlan) -> tuple[Bools, Thresholds]:
    """Who is on the list, and the threshold of an alert for a probe of each person."""
    view, chance = scene.block.persons, scene.chance
    listed, odds = has_trait(chance, plan.listed, scene.block), plan.wrong[view.cell, 0]
    if plan.proneness is not None:
        look_up(plan.wrong, view.cell, effect_class(chance, plan.proneness, scene.block), odds)
    odds[listed] = plan.hit
    return listed, odds


def count_alerts(
    scene: Scene, plan: SearchPlan, at: tuple[AnyArray, AnyArray, Words], listed: Bools
) -> list[Flags]:
    """Count alerts; returns them as flags, if they are. at: person, hour, number of each."""
    person, hour, _ = at
    right, cell = listed[person], scene.block.persons.cell
    scene.count(plan.name, "named", cell[person[right]])
    scene.count(plan.name, "wrong", cell[person[~right]])
    _count_named(scene, plan.name, person[right], hour[right])
    return [raised(plan.name, plan.channel, at, right)] if plan.flags else []


def _count_named(scene: Scene, name: str, person: AnyArray, hour: AnyArray) -> None:
    """Count the persons named at least once within the days that are asked for."""
    for days in NAMED_WITHIN_DAYS:
        scene.count_once(name, f"persons_named_{days}", person[hour < days * HOURS_PER_DAY])
