"""Roll calls: whose absence is recorded, whom it flags, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sousveil.arrays import Bools, Ints
from sousveil.engine.chance import LANES
from sousveil.engine.flagging import Reports, raised
from sousveil.engine.planned import RollCallPlan, SpellPlan
from sousveil.engine.points import effect_class, has_trait
from sousveil.engine.scene import Scene
from sousveil.processes import Entity
from sousveil.rng import WORD_RANGE, stream

_WATCH, _ELSEWHERE, _LEFT_ON = 0, 1, 2


@dataclass(frozen=True)
class Calls:
    """What happened at every event in every household with a box, (households, events) each."""

    watched: Bools
    elsewhere: Bools
    left_on: Bools
    powered: Bools
    linked: Bools
    sound: Bools
    excuses: bool

    @property
    def up(self) -> Bools:
        """The box could be recorded."""
        return self.powered & self.linked & self.sound

    @property
    def recorded(self) -> Bools:
        """Somebody was recorded."""
        tuned = (self.watched & ~self.elsewhere) | (~self.watched & self.left_on)
        return self.up & tuned

    @property
    def absent(self) -> Bools:
        """It counts as an absence."""
        return ~self.recorded & (self.powered if self.excuses else True)

    @property
    def deliberate(self) -> Bools:
        """It counts as an absence, and nobody wanted to watch."""
        return self.absent & ~self.watched & ~self.left_on

    def without(self, cause: str) -> Calls:
        """The same draws without one cause."""
        always, never = np.ones_like(self.powered), np.zeros_like(self.elsewhere)
        changes = {
            "power": {"powered": always},
            "link": {"linked": always},
            "fault": {"sound": always},
            "elsewhere": {"elsewhere": never},
        }
        return replace(self, **changes[cause])


def run_roll_call(scene: Scene, plan: RollCallPlan, causes: tuple[str, ...]) -> Reports:
    """Draw and count one roll call; returns its flags, on the registered adults."""
    has_box = has_trait(scene.chance, plan.box, scene.block)
    adult = scene.block.registered[has_box[scene.block.registered]]
    calls = _draw(scene, plan, adult)
    cell = scene.block.persons.cell[adult]
    scene.count(plan.name, "household_events", np.repeat(cell, len(plan.airings)))
    scene.count(plan.name, "recordable", cell[np.nonzero(calls.up)[0]])
    scene.count(plan.name, "recorded", cell[np.nonzero(calls.recorded)[0]])

    flagged = _reaches(plan, calls.absent)
    founded = _reaches(plan, calls.deliberate)
    for cause in causes:
        owed = flagged & ~founded & ~_reaches(plan, calls.without(cause).absent)
        scene.count(plan.name, f"cause:{cause}", cell[np.nonzero(owed)[0]])
    row, window = np.nonzero(flagged)
    ends = np.array([plan.airings[w[-1]].max() for w in plan.windows], dtype=np.int64)
    at = adult[row], ends[window], window.astype(np.uint32)
    return raised(plan.name, plan.channel, at, founded[row, window])


def _reaches(plan: RollCallPlan, absent: Bools) -> Bools:
    """(households, windows) whether the absences of the window reach the threshold."""
    counts = [absent[:, window].sum(axis=1) for window in plan.windows]
    if not counts:
        return np.zeros((len(absent), 0), dtype=np.bool_)
    return np.stack(counts, axis=1) >= plan.threshold


def _draw(scene: Scene, plan: RollCallPlan, adult: Ints) -> Calls:
    """All draws of the households of these registered adults."""
    chance, households = scene.chance, scene.block.views[Entity.HOUSEHOLD]
    household = households.of_person[adult]
    events = np.arange(len(plan.airings), dtype=np.uint32)
    words = chance.lanes(stream(plan.name), households.ids[household][:, None], events[None, :])
    kind = effect_class(chance, plan.watch_effect, scene.block)[adult]
    watched = words[_WATCH] < plan.watch[kind][:, None]
    return Calls(
        watched,
        words[_ELSEWHERE] < plan.elsewhere,
        words[_LEFT_ON] < plan.left_on,
        _powered(scene, plan, household),
        ~_down(scene, plan.link, adult),
        ~_down(scene, plan.fault, adult),
        plan.excuse_without_power,
    )


def _powered(scene: Scene, plan: RollCallPlan, household: Ints) -> Bools:
    """(households, events) whether any airing found power."""
    view = scene.block.views[Entity.HOUSEHOLD]
    events, most = plan.airings.shape
    powered = np.zeros((len(household), events), dtype=np.bool_)
    for airing in range(most):
        there = np.flatnonzero(plan.airings[:, airing] >= 0)
        shape = len(household), len(there)
        feeder = np.broadcast_to(view.feeder[household][:, None], shape).reshape(-1)
        hour = np.broadcast_to(plan.airings[there, airing], shape).reshape(-1)
        chances = plan.gate.chances[scene.clock.powered(plan.gate.line, feeder, hour)]
        if np.all((chances == 0) | (chances == WORD_RANGE)):  # the bit decides alone
            on = chances > 0
        else:
            ids = np.broadcast_to(view.ids[household][:, None], shape)
            number = np.broadcast_to(there.astype(np.uint32), shape)
            page = airing // LANES
            words = scene.chance.lanes(stream(f"{plan.name}.airing"), ids, number, page)
            on = words[airing % LANES].reshape(-1) < chances
        powered[:, there] |= on.reshape(shape)
    return powered


def _down(scene: Scene, spell: SpellPlan, adult: Ints) -> Bools:
    """(households, events) whether the chain of each household, or of its area, is down."""
    view = scene.block.views[spell.entity]
    events = np.arange(len(spell.down), dtype=np.uint32)
    words = scene.chance.lanes(spell.stream, view.ids[:, None], events[None, :])[0]
    down = np.zeros(words.shape, dtype=np.bool_)
    state = np.zeros(len(words), dtype=np.int64)
    for event in range(len(events)):
        down[:, event] = words[:, event] < spell.down[event, state]
        state = down[:, event].astype(np.int64)
    return down[view.of_person[adult]]
