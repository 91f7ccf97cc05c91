"""The plan of a run: a model becomes integers; units and probabilities end here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from sousveil.arrays import SLOTS, Floats, Ints, Thresholds
from sousveil.effects import class_means
from sousveil.engine.model import Model
from sousveil.engine.sampled.kernels.calls import MOST_IN_A_WINDOW
from sousveil.engine.sampled.planned import (
    ActPlan,
    DetectionPlan,
    EncounterPlan,
    HandlingPlan,
    InspectionPlan,
    MarkPlan,
    Plan,
    Reporting,
    RollCallPlan,
    SearchPlan,
    SpellPlan,
    UnpromptedPlan,
    When,
)
from sousveil.engine.sampled.tables import (
    MOST_HOURS,
    Clock,
    Points,
    inverse_cdf,
    plan_gate,
    plan_points,
    plan_trait,
)
from sousveil.processes import (
    Act,
    Detection,
    Effect,
    Encounter,
    Entity,
    Gate,
    Handling,
    Inspection,
    Mark,
    RollCall,
    Search,
    Spell,
    Unprompted,
    Visits,
)
from sousveil.rng import refuse_clashes, stream, threshold
from sousveil.world.model import World

_MOST_VISITS = 1024
"""Visits in one findable time beyond which the chance to be found stays as it is."""


def plan(model: Model) -> Plan:
    """Turn a model into integers; a ValueError says in one line where it contradicts itself."""
    world, clock = model.world, plan_clock(model.world)
    _refuse_two_meanings(model)
    visits = {item.name: _visits(item, world, clock) for item in model.of(Visits)}
    done = Plan(
        world,
        clock,
        model.keys(),
        tuple(_act(act, model, visits, clock) for act in model.of(Act)),
        visits,
        tuple(_encounter(item, model, clock) for item in model.of(Encounter)),
        tuple(_roll_call(item, clock) for item in model.of(RollCall)),
        tuple(_unprompted(item, model, clock) for item in model.of(Unprompted)),
        {channel: _handling(handling) for channel, handling in model.handling.items()},
    )
    refuse_clashes(_streams(model, done))
    return done


def plan_clock(world: World) -> Clock:
    """Slot, month and supply of every hour."""
    slot = world.calendar.slot_of_hour()
    lines, areas, feeders, hours = world.power.on.shape
    if len(slot) != hours or hours > MOST_HOURS:
        raise ValueError(f"the power path has {hours} hours, the calendar {len(slot)}")
    supply = np.ascontiguousarray(world.power.on).reshape(lines, areas * feeders, hours)
    return Clock(slot, world.calendar.month_of_hour(), world.power.lines, supply)


def _visits(item: Visits, world: World, clock: Clock) -> Points:
    if item.entity is Entity.AREA:
        raise ValueError(f"{item.name}: visits go to persons, households, units or sites")
    profile = np.broadcast_to(item.profile, (len(world.groups), len(item.profile)))
    rate = item.rate
    if item.entity is not Entity.PERSON:  # all others live in group 0
        rate = np.where(np.arange(rate.shape[1]) == 0, rate, 0.0)
    return plan_points(item.name, item.entity, rate, profile, clock)


def _act(act: Act, model: Model, visits: Mapping[str, Points], clock: Clock) -> ActPlan:
    rate = act.rate if act.effect is None else class_means(act.effect, act.rate)
    watchers = model.watchers(act.name)
    bits = {channel: bit for bit, channel in enumerate(watchers)}
    return ActPlan(
        act.name,
        plan_points(
            act.name,
            Entity.PERSON,
            rate,
            act.profile,
            clock,
            act.effect,
            act.gate,
        ),  # fmt: skip
        None if np.all(act.month >= 1.0) else threshold(act.month.reshape(-1)),
        tuple(_mark(act, number, clock) for number in range(len(act.marks))),
        _when(act.name, act.marks, act.completes),
        2 ** len(watchers),
        tuple(
            _detection(item, act, bits[item.channel], clock)
            for item in model.of(Detection)
            if item.act == act.name
        ),
        tuple(
            _inspection(item, bits[item.channel], visits)
            for item in model.of(Inspection)
            if item.act == act.name
        ),
    )


def _mark(act: Act, number: int, clock: Clock) -> MarkPlan:
    mark, names = act.marks[number], [earlier.name for earlier in act.marks[:number]]
    unknown = [name for name in mark.given if name not in names]
    if unknown:
        raise ValueError(f"{act.name}: mark {mark.name} depends on {unknown[0]}, not drawn before")
    given = tuple(names.index(name) for name in mark.given)
    own = len(mark.categories)
    cuts = [inverse_cdf(t.reshape(-1, own)) for t in (mark.table_off, mark.table_on)]
    return MarkPlan(
        mark.name,
        mark.categories,
        stream(f"{act.name}.mark.{mark.name}"),
        given,
        tuple(len(act.marks[earlier].categories) for earlier in given),
        clock.line(mark.line),
        np.stack(cuts),
    )


def _when(owner: str, marks: tuple[Mark, ...], wanted: Mapping[str, tuple[str, ...]]) -> When:
    """Conditions on marks, by number."""
    by_name = {mark.name: number for number, mark in enumerate(marks)}
    conditions: list[tuple[int, np.ndarray]] = []
    for name, accepted in wanted.items():
        known = marks[by_name[name]].categories if name in by_name else ()
        wrong = [category for category in accepted if category not in known]
        if name not in by_name or wrong:
            raise ValueError(f"{owner}: no mark {name} with {', '.join(wrong) or 'categories'}")
        conditions.append((by_name[name], np.array([c in accepted for c in known])))
    return tuple(conditions)


def _reporting(name: str, report: Floats, bribed: Floats) -> Reporting:
    chances = threshold(report.reshape(-1)), threshold(bribed.reshape(-1))
    return Reporting(stream(f"{name}.report"), *chances)


def _by_class(effect: Effect | None, mean: Floats) -> Thresholds:
    """(A * G, 1 or 16) thresholds of a probability, by class of its effect."""
    values = mean[..., None] if effect is None else class_means(effect, mean)
    return threshold(values.reshape(-1, values.shape[-1]))


def _detection(item: Detection, act: Act, bit: int, clock: Clock) -> DetectionPlan:
    return DetectionPlan(
        item.name,
        item.channel,
        bit,
        stream(item.name),
        _when(item.name, act.marks, item.when),
        item.effect,
        _by_class(item.effect, item.notice),
        threshold(item.by_slot),
        plan_gate(item.gate, clock),
        _reporting(item.name, item.report, item.bribed),
    )


def _inspection(item: Inspection, bit: int, visits: Mapping[str, Points]) -> InspectionPlan:
    if item.visits not in visits:
        raise ValueError(f"{item.name}: its visits {item.visits!r} are not in the model")
    found: Floats = 1.0 - np.power(1.0 - item.find, np.arange(_MOST_VISITS + 1.0))
    return InspectionPlan(
        item.name,
        item.channel,
        bit,
        stream(item.name),
        item.visits,
        visits[item.visits].entity,
        None if item.carrier is None else plan_trait(item.carrier),
        threshold(item.trace),
        item.findable_hours,
        threshold(found),
        _reporting(item.name, item.report, item.bribed),
    )


def _encounter(item: Encounter, model: Model, clock: Clock) -> EncounterPlan:
    rate = item.rate * item.equipped
    if item.effect is not None:
        rate = item.rate[..., None] * class_means(item.effect, item.equipped)
    daylight = model.world.daylight
    shares = [daylight * v.day_share + (1.0 - daylight) * v.night_share for v in item.levels]
    names = tuple(level.name for level in item.levels)
    return EncounterPlan(
        item.name,
        plan_points(
            item.name,
            Entity.PERSON,
            rate,
            item.profile,
            clock,
            item.effect,
            item.gate,
        ),  # fmt: skip
        names,
        threshold(np.array(shares)),
        tuple(
            _search(child, names, model.world)
            for child in model.of(Search)
            if child.parent == item.name
        ),
    )


def _search(item: Search, levels: tuple[str, ...], world: World) -> SearchPlan:
    if item.level not in levels:
        raise ValueError(f"{item.name}: {item.parent} has no level {item.level!r}")
    mean = np.array(item.wrong)
    by_class = mean[None] if item.proneness is None else class_means(item.proneness, mean)
    factor = np.ones(len(world.groups)) if item.factor is None else item.factor
    wrong = threshold(factor[:, None] * by_class[None, :])
    return SearchPlan(
        item.name,
        item.channel,
        stream(item.name),
        levels.index(item.level),
        threshold(item.probe_share),
        plan_trait(item.listed),
        threshold(item.hit),
        np.tile(wrong, (len(world.areas), 1)),
        item.proneness,
        item.flags,
    )


def _roll_call(item: RollCall, clock: Clock) -> RollCallPlan:
    most = max((len(event) for event in item.events), default=0)
    airings = np.full((len(item.events), most), -1, dtype=np.int64)
    for number, event in enumerate(item.events):
        airings[number, : len(event)] = event
    first = airings[:, 0] if most else np.empty(0, dtype=np.int64)
    if not all(item.windows):
        raise ValueError(f"{item.name}: a window without events")
    if any(len(window) > MOST_IN_A_WINDOW for window in item.windows):
        raise ValueError(f"{item.name}: a window of more than {MOST_IN_A_WINDOW} events")
    if np.any(first < 0) or np.any(airings >= clock.hours) or np.any(np.diff(first) < 0):
        raise ValueError(f"{item.name}: events need airings, in order of time, within the year")
    return RollCallPlan(
        item.name,
        item.channel,
        plan_trait(item.box),
        airings,
        tuple(np.array(window, dtype=np.int64) for window in item.windows),
        item.threshold,
        _odds(item.gate, airings, clock),
        threshold(class_means(item.watch_effect, item.watch)),
        item.watch_effect,
        threshold(item.elsewhere),
        threshold(item.left_on),
        _spell(item.name, item.fault, first),
        _spell(item.name, item.link, first),
        item.excuse_without_power,
    )


def _odds(gate: Gate, airings: Ints, clock: Clock) -> Thresholds:
    """(A * F, most, E) thresholds of an airing to find power, 0 where there is none."""
    gating = plan_gate(gate, clock)
    feeders = clock.supply.shape[1]
    bit = np.ones((feeders, *airings.shape), dtype=np.uint8)
    if gating.line >= 0:
        bit = clock.supply[gating.line][:, np.maximum(airings, 0)]
    odds = np.where(airings >= 0, gating.chances[bit], 0).astype(np.uint64)
    if not airings.size:
        return np.zeros((feeders, 1, len(airings)), dtype=np.uint64)
    return np.ascontiguousarray(odds.transpose(0, 2, 1))


def _spell(owner: str, spell: Spell, hours: Ints) -> SpellPlan:
    """The two-state chain at these hours: rates down to up 1 / m, up to down d / (m (1 - d))."""
    share, mean = spell.down_share, spell.mean_down_hours
    down = np.full((len(hours), 2), share)
    if 0.0 < share < 1.0 and mean > 0.0:
        memory = np.exp(-np.diff(hours) / (mean * (1.0 - share)))
        down[1:, 0] = share * (1.0 - memory)
        down[1:, 1] = share + (1.0 - share) * memory
    return SpellPlan(stream(f"{owner}.{spell.name}"), spell.entity, threshold(down))


def _unprompted(item: Unprompted, model: Model, clock: Clock) -> UnpromptedPlan:
    flat = np.ones((item.rate.shape[1], SLOTS))
    acts = {act.name for act in model.of(Act)}
    return UnpromptedPlan(
        item.name,
        item.channel,
        plan_points(item.name, Entity.PERSON, item.rate, flat, clock),
        item.allegation if item.allegation in acts else "",
        item.coincident_hours,
        threshold(item.bribed.reshape(-1)),
    )


def _handling(item: Handling) -> HandlingPlan:
    return HandlingPlan(
        item.partners_needed,
        item.rule_hours,
        threshold(np.stack([item.reviewed, item.reviewed + item.expired], axis=-1)),
        threshold(np.array([item.reject_unfounded, item.reject_founded])),
        threshold(item.bribe_exit.reshape(-1)),
    )


def _effects(model: Model) -> list[Effect]:
    """Every effect that a process names."""
    fields = ("effect", "proneness", "watch_effect")
    found = [getattr(item, field, None) for item in model.processes for field in fields]
    return [effect for effect in found if isinstance(effect, Effect)]


def _refuse_two_meanings(model: Model) -> None:
    """Refuse a shared effect of two entities, and children without their parent."""
    entity: dict[str, Entity] = {}
    for effect in _effects(model):
        if entity.setdefault(effect.name, effect.entity) is not effect.entity:
            raise ValueError(f"effect {effect.name}: two processes give it different entities")
    parents = {item.name for item in model.processes}
    for item in model.processes:
        parent = ""
        if isinstance(item, (Detection, Inspection)):
            parent = item.act
        elif isinstance(item, Search):
            parent = item.parent
        if parent and parent not in parents:
            raise ValueError(f"{item.name}: its parent {parent} is not in the model")


def _streams(model: Model, done: Plan) -> Iterable[str]:
    """Every stream name of the run."""
    yield from {f"effect.{effect.name}" for effect in _effects(model)}
    yield from ("people.household", "people.person")
    for item in model.processes:
        yield from (item.name, f"{item.name}.report", f"{item.name}.flag")
        if isinstance(item, Act):
            yield from (f"{item.name}.mark.{mark.name}" for mark in item.marks)
        elif isinstance(item, RollCall):
            yield from (f"{item.name}.{spell.name}" for spell in (item.fault, item.link))
            yield from (f"{item.name}.airing", f"trait.{item.box.name}")
        elif isinstance(item, Encounter):
            yield f"{item.name}.counts"
        elif isinstance(item, Search):
            yield f"trait.{item.listed.name}"
        elif isinstance(item, Inspection) and item.carrier is not None:
            yield f"trait.{item.carrier.name}"
