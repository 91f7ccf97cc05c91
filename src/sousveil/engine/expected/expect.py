"""The `expected` engine: closed-form means and variances of every tally, without chance.

Everything is conditional on the drawn forcing path of the world (power, daylight, calendar);
effects are summed over their sixteen classes, marks over all combinations, power hour by hour.
Labels:

- `exact`: given the path. All counts that are linear in independent events: encounters, probes,
  alerts, acts and their patterns, flags and cases without a rule over channels, roll calls and
  their causes, visits.
- `mean_field`: persons (named, wronged, viewed), coincident flags, and what a rule over several
  channels lets through.
- `unavailable`: not worked out, because the caller did without (nan).

Besides the keys of the model it gives, by process or act:

- `<encounter>/in_view_hours`: hours in view at the widest level, from `seconds_in_view`.
- `<search>/listed`: persons on the list.
- `<act>/base`: acts wanted and possible before chilling; `<act>/noticed:people|machines|mixed`:
  acts noticed by at least one channel of that layer; `<act>/reach`: acts within reach of at least
  one human reporter.
- `/viewed_person_days`, `/viewed_person_days:identify`: person-days with at least one view at the
  widest level and at "identify".
- `<roll call>/raised_unfounded`, `/without:<cause>`: with variances only: unfounded flags before
  anybody handles them, and those of them that do not vanish with a cause.
- `line:<line>/hours`: hours of the year with supply, mean over an area's persons (the same in every
  group; not to be summed).

Variances are those of the total over areas and groups, by the law of total variance: Poisson
counts, drawn groups, effects and traits by the entity that keeps them, visits that find several
acts, links and habits that last over the windows of a roll call. Where several causes meet in one
pattern they are followed one at a time. Windows of more than eight events know link paths with two
changes at most. The variance of person-days in view is an upper bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from sousveil.arrays import MONTHS, Floats
from sousveil.counts import Count
from sousveil.engine.expected.acts import (
    act_inputs,
    act_lines,
    children_of,
    enter_act,
    enter_reach,
    enter_visits,
    noticed,
    raised,
    reporters_of,
)
from sousveil.engine.expected.encounters import Wrong, enter_encounter, enter_search
from sousveil.engine.expected.flags import (
    Partners,
    Raised,
    coincident,
    enter_flags,
    has_rule,
    unprompted,
)
from sousveil.engine.expected.known import REPORTING, Known, Parts, fits, usable
from sousveil.engine.expected.lattice import of_everybody
from sousveil.engine.expected.ledger import Ledger
from sousveil.engine.expected.persons import (
    Called,
    Sources,
    Spared,
    enter_any_channel,
    enter_channel,
    wronging,
)
from sousveil.engine.expected.prepare import Prepared, prepare
from sousveil.engine.expected.rollcalls import enter_roll_call, solve
from sousveil.engine.expected.scene import Scene
from sousveil.engine.expected.spread import expected_spread
from sousveil.engine.expected.views import enter_views
from sousveil.engine.model import Model
from sousveil.processes import (
    Act,
    Detection,
    Encounter,
    Inspection,
    Process,
    RollCall,
    Search,
    Unprompted,
    Visits,
)
from sousveil.tallies import Key


def expect(
    model: Model,
    prepared: Prepared | None = None,
    persons: bool = True,
    variances: bool = True,
    like: Known | None = None,
) -> dict[Key, Count]:
    """Mean, variance and label of every tally of a model, and of the keys listed above.

    prepared: `prepare(world)`, to be shared by all models of one world. persons: whether to
    work out what counts persons once (wronged, viewed). variances: else they are nan. like: what is
    known of another model; parts that both have in common are copied, to the bit.
    """
    return know(model, prepared, persons, variances, () if like is None else (like,)).values


def know(
    model: Model,
    prepared: Prepared | None = None,
    persons: bool = True,
    variances: bool = True,
    likes: Sequence[Known] = (),
) -> Known:
    """As `expect`, with all that another model may copy (see `like` there).

    likes: what is known of other models, to be asked in turn.
    """
    scene = _scene(model, prepared, variances)
    known = [usable(item, scene.prepared, variances) for item in likes]
    parts = Parts(scene.ledger, [item for item in known if item is not None])
    persons_of = partial(scene.ledger.fixed, Key("", "persons"), scene.persons, 0.0)
    parts.make("persons", [], persons_of)
    for line in scene.prepared.world.power.lines:
        parts.make(f"line:{line}", [], partial(_enter_line, scene, line), lines=[line])
    found = _Found({}, [], [])
    for process in model.processes:
        if not isinstance(process, (Detection, Inspection)):  # they stand with their acts
            _enter_process(scene, parts, process, found)
    stays = _enter_flags(scene, parts, found)
    if persons:
        _enter_persons(scene, parts, found, stays)
    for key in () if persons else tuple(model.keys()):
        if key.outcome == "persons_wronged":
            scene.ledger.missing(key)
    scene.ledger.close()
    values = dict(scene.ledger.values)
    for part in parts.made.values():
        values |= part.values
    return Known(model, scene.prepared, persons, variances, parts.made, values)


@dataclass
class _Found:
    """What the processes gave so far; flags: by the process or the act that they come from."""

    flags: dict[str, Sequence[Raised]]
    wrongs: list[Wrong]
    calls: list[Called]


def _enter_process(scene: Scene, parts: Parts, process: Process, found: _Found) -> None:
    """Enter one process, or copy it."""
    part = f"process:{process.name}"
    if isinstance(process, Encounter):
        work = partial(enter_encounter, scene, process)
        parts.make(part, [process], work, lines=[process.gate.line])
    elif isinstance(process, Visits):
        parts.make(part, [process], partial(enter_visits, scene, process))
    elif isinstance(process, Search):
        parent = next(p for p in scene.model.of(Encounter) if p.name == process.parent)
        work = partial(enter_search, scene, process, parent)
        flags, wrong = parts.make(part, [process, parent], work, lines=[parent.gate.line])
        found.wrongs.append(wrong)
        found.flags |= {} if flags is None else {process.name: [flags]}
    elif isinstance(process, RollCall):
        work = partial(_roll_call, scene, process)
        flags, called = parts.make(part, [process], work, lines=[process.gate.line])
        found.calls.append(called)
        found.flags[process.name] = [flags]
    elif isinstance(process, Unprompted):
        act = scene.acts.get(process.allegation)
        share = None if act is None else _coincident(scene, parts, act, process.coincident_hours)
        work = partial(unprompted, scene, process, share)
        lines = [] if act is None else [act.gate.line]
        found.flags[process.name] = [parts.make(part, [process, act], work, lines=lines)]
    elif isinstance(process, Act):
        children = children_of(scene, process)
        rules = [has_rule(scene.handling(child.channel)) for child in children]
        inputs, lines = act_inputs(scene, process, children), act_lines(process, children)
        work = partial(_enter_act, scene, parts, process, rules)
        found.flags[process.name] = parts.make(
            f"act:{process.name}", [*inputs, *rules], work, lines=lines
        )


def _enter_act(scene: Scene, parts: Parts, act: Act, rules: Sequence[bool]) -> Sequence[Raised]:
    """Enter an act part by part: where its reports alone differ, little is made anew."""
    children, people = children_of(scene, act), reporters_of(scene, act)
    inputs, lines = act_inputs(scene, act, people), act_lines(act, people)
    work = partial(enter_reach, scene, act, people)
    parts.make(f"reach:{act.name}", inputs, work, REPORTING, lines=lines)
    inputs, lines = act_inputs(scene, act, children), act_lines(act, children)
    part = f"process:{act.name}"
    made = parts.make(part, inputs, partial(enter_act, scene, act), REPORTING, lines=lines)
    work = partial(raised, scene, act, *made)
    return parts.make(f"flags of:{act.name}", [*children, *rules], work, after=[part])


def _coincident(scene: Scene, parts: Parts, act: Act, window: int) -> Floats:
    """What `coincident` gives, once for all processes that allege an act."""
    work = partial(coincident, scene, act, window)
    return parts.make(f"coincident:{act.name}:{window}", [act], work, lines=[act.gate.line])


def _roll_call(scene: Scene, process: RollCall) -> tuple[Raised, Called]:
    """Work one roll call out."""
    solved = solve(scene, process)
    excess = expected_spread(scene, solved) if scene.ledger.variances else {}
    return enter_roll_call(scene, solved, excess), Called(solved, excess)


def _enter_flags(scene: Scene, parts: Parts, found: _Found) -> dict[str, Floats]:
    """Enter the outcomes of all flags; give the chances that unfounded ones stay."""
    flags = list(chain.from_iterable(found.flags.values()))
    handling = {item.name: scene.handling(item.channel) for item in flags}
    ruled = any(map(has_rule, handling.values()))
    partners = Partners.of(scene, flags if ruled else ())
    processes = {process.name: process for process in scene.model.processes}
    stays: dict[str, Floats] = {}
    for source, items in found.flags.items():
        rules = [handling[item.name] for item in items]
        stays |= parts.make(
            f"flags:{source}",
            [*(processes[item.name] for item in items), *rules],
            partial(enter_flags, scene, items, partners),
            after=[f"process:{source}"],
            allowed=not any(map(has_rule, rules)),
        )
    return stays


def _enter_persons(scene: Scene, parts: Parts, found: _Found, stays: Mapping[str, Floats]) -> None:
    """Enter what counts persons once."""
    encounters = scene.model.of(Encounter)
    lines = [process.gate.line for process in encounters]
    parts.make("views", encounters, partial(enter_views, scene, encounters), lines=lines)
    by_name = {item.name: item for item in chain.from_iterable(found.flags.values())}
    sources = Sources(stays, found.wrongs, found.calls, by_name)
    channels = wronging(scene)
    spared: list[Spared] = []
    for channel, processes in channels.items():
        handling = scene.handling(channel)
        seen = [p.name for p in processes if isinstance(p, (Search, RollCall))]
        after = [f"process:{name}" for name in seen]
        if has_rule(handling):
            after += [f"flags:{process.name}" for process in processes]
        work = partial(enter_channel, scene, channel, sources)
        inputs = [*processes, handling] if processes else []
        spared.append(parts.make(f"wronged:{channel}", inputs, work, after=after))
    after = [f"wronged:{channel}" for channel in channels]
    parts.make("wronged", list(channels), partial(enter_any_channel, scene, spared), after=after)


def noticed_by_subset(
    model: Model, act: str, prepared: Prepared | None = None
) -> dict[frozenset[str], float]:
    """Chance that an act anywhere in the country is noticed by at least one channel of a set.

    For every subset of the channels that watch the act; acts count as before chilling, so that the
    weights of areas and hours are those of the wanted acts. It is what Shapley shares start from.
    """
    scene = _scene(model, prepared, variances=False)
    everywhere = np.ones((scene.areas, MONTHS))
    result = noticed(scene, scene.acts[act], everywhere)
    total = float(result.done.sum())
    every = of_everybody(scene, result.item, result.exact).sum(axis=(1, 2))
    exact = every / total if total > 0.0 else np.zeros(len(every))
    patterns = result.patterns()
    shares: dict[frozenset[str], float] = {}
    for bits in range(2 ** len(result.channels)):
        chosen = frozenset(c for i, c in enumerate(result.channels) if bits >> i & 1)
        shares[chosen] = float(exact[patterns & bits > 0].sum())
    return shares


def _scene(model: Model, prepared: Prepared | None, variances: bool) -> Scene:
    """The model in its prepared world."""
    ready = prepare(model.world) if prepared is None else prepared
    if not fits(ready, model.world):
        raise ValueError("prepared: found that of another world, expected prepare(model.world)")
    children: dict[str, list[Detection | Inspection]] = {}
    for process in model.processes:
        if isinstance(process, (Detection, Inspection)):
            children.setdefault(process.act, []).append(process)
    return Scene(
        model=model,
        prepared=ready,
        ledger=Ledger(model.world.people, ready.persons, variances),
        acts={act.name: act for act in model.of(Act)},
        visits={visits.name: visits for visits in model.of(Visits)},
        children={act: tuple(items) for act, items in children.items()},
    )


def _enter_line(scene: Scene, line: str) -> None:
    """Enter the hours of supply of a line."""
    place = scene.prepared.world.power.lines.index(line)
    hours = scene.prepared.hours(1 << place).sum(axis=(1, 2))
    mean = np.repeat(hours[:, None], scene.persons.shape[1], axis=1)
    scene.ledger.fixed(Key(f"line:{line}", "hours"), mean, 0.0)
