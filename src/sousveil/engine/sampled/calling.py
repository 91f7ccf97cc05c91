"""Roll calls: whose absence is recorded, whom it flags, and why."""

from __future__ import annotations

import numpy as np

from sousveil.arrays import Bools, Ints
from sousveil.engine.sampled.chance import key_words
from sousveil.engine.sampled.flagging import Flags, raised
from sousveil.engine.sampled.kernels.calls import Calls
from sousveil.engine.sampled.planned import RollCallPlan, SpellPlan
from sousveil.engine.sampled.points import effect_class, has_trait
from sousveil.engine.sampled.scene import Scene
from sousveil.processes import Entity
from sousveil.rng import stream


def run_roll_call(scene: Scene, plan: RollCallPlan, causes: tuple[str, ...]) -> Flags:
    """Draw and count one roll call; returns its flags, on the registered adults."""
    has_box = has_trait(scene.chance, plan.box, scene.block)
    adult = scene.block.registered[has_box[scene.block.registered]]
    called = scene.chance.called(_calls(scene, plan, adult))
    cell = scene.block.persons.cell[adult]
    events = np.full(len(cell), len(plan.airings))
    np.add.at(scene.tally(plan.name, "household_events"), cell, events)
    outcomes = ("recordable", "recorded", *(f"cause:{cause}" for cause in causes))
    for number, outcome in enumerate(outcomes):
        np.add.at(scene.tally(plan.name, outcome), cell, called.counts[:, number])
    ends = np.array([plan.airings[w[-1]].max() for w in plan.windows], dtype=np.int64)
    at = adult[called.row], ends[called.window], called.window.astype(np.uint32)
    return raised(plan.name, plan.channel, at, called.founded.astype(np.bool_))


def _calls(scene: Scene, plan: RollCallPlan, adult: Ints) -> Calls:
    """The roll call of the households of these registered adults, as kernels read it."""
    chance = scene.chance
    view = scene.block.views[Entity.HOUSEHOLD]
    household, faulty = view.of_person[adult], scene.block.views[plan.fault.entity]
    streams = [stream(plan.name), stream(f"{plan.name}.airing"), plan.fault.stream]
    lengths = [len(window) for window in plan.windows]
    nothing = np.empty(0, dtype=np.int64)
    return Calls(
        key=key_words(chance.key),
        streams=np.array(streams, dtype=np.uint32),
        ids=view.ids[household],
        kind=effect_class(chance, plan.watch_effect, scene.block)[adult],
        feeder=view.feeder[household],
        faults=faulty.ids[faulty.of_person[adult]],
        exchange=scene.block.views[plan.link.entity].of_person[adult],
        watch=plan.watch,
        elsewhere=np.uint64(plan.elsewhere),
        left_on=np.uint64(plan.left_on),
        odds=plan.odds,
        linked=(~_down(scene, plan.link)).astype(np.uint8),
        down=plan.fault.down if plan.fault.down.any() else plan.fault.down[:0],
        offset=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]),
        members=np.concatenate([nothing, *plan.windows]),
        threshold=np.uint64(plan.threshold),
        excuses=plan.excuse_without_power,
    )


def _down(scene: Scene, spell: SpellPlan) -> Bools:
    """(entities, events) whether the chain of each is down."""
    view, events = scene.block.views[spell.entity], len(spell.down)
    down = np.zeros((len(view.ids), events), dtype=np.bool_)
    if not spell.down.any():
        return down
    numbers = np.arange(events)
    words = scene.chance.lanes(spell.stream, view.ids[:, None], numbers[None, :])[0]
    state = np.zeros(len(words), dtype=np.int64)
    for event in range(events):
        down[:, event] = words[:, event] < spell.down[event, state]
        state = down[:, event].astype(np.int64)
    return down
