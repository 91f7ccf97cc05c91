"""One member: a draw becomes worlds, models and counts, base and what-ifs on shared forcings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import numpy as np

from sousveil.chilling import respond, thin
from sousveil.counts import Count
from sousveil.engine.expected import Known, Prepared, know, prepare
from sousveil.engine.expected.joint import Joint, joint_of
from sousveil.engine.model import Model
from sousveil.ensemble.bench import Ground, bench
from sousveil.ensemble.study import BASE, Branch, Study, Task
from sousveil.lowering import Ready, lower
from sousveil.measures import measures
from sousveil.measuring.base import Context
from sousveil.procedure import BaseReports, assemble, base_reports
from sousveil.processes import Act
from sousveil.sameness import same
from sousveil.scenario.countries import is_open
from sousveil.scenario.model import CENTRAL, Scenario
from sousveil.scenario.parameters import Parameters, resolve
from sousveil.tallies import Key
from sousveil.workload import Queue, queues_of, serve, workload
from sousveil.world.build import build, shares_power
from sousveil.world.model import World

_ground = attrgetter(
    *("areas", "groups", "people", "daylight"),
    *("calendar.day_type", "calendar.month", "calendar.season"),
)
Report = Callable[[int, int], None]
"""Called with the parts of a sampled run done, and their number."""


class Expecting:
    """The expected engine for one member, which copies what two models have in common.

    variances: whether to give them too; only the central run has a use for them. persons: whether
    anybody asks for what counts persons once. like: what is known of a model on the same forcings;
    the base of this member takes its place. twin: what is known of the same branch of another task.
    """

    def __init__(self, variances: bool, persons: bool, ground: Ground, like: Known | None) -> None:
        """Begin with what is known."""
        self._variances, self._persons = variances, persons
        self._ready = [(ground.world, ground.prepared)]
        self.supplied: list[tuple[Parameters, Known]] = []
        self.like = like
        self.twin: Known | None = None

    def meet(self, ground: Ground) -> None:
        """Take over what is prepared of the world of a branch."""
        self._ready.append((ground.world, ground.prepared))

    def keep(self, parameters: Parameters, known: Known, again: bool) -> None:
        """Keep what a branch with a supply of its own found, if another one has that supply too."""
        if again:
            self.supplied.append((parameters, known))
        # Besides the base's and such worlds none is kept: most what-ifs have none or their own.
        kept = {id(item.prepared) for _, item in self.supplied}
        self._ready = [
            pair for place, pair in enumerate(self._ready) if not place or id(pair[1]) in kept
        ]

    def prepared(self, world: World) -> Prepared:
        """What every model of this world shares."""
        for known, found in self._ready:
            if same_ground(known, world):
                return found
        supplied = [found for known, found in self._ready if known.power is world.power]
        made = prepare(world, supplied[0] if supplied else self._ready[0][1])
        self._ready.append((world, made))
        return made

    def __call__(self, model: Model, persons: bool = True) -> Known:
        """What is known of a model. persons: also of what counts a person once, if asked for."""
        ready, power = self.prepared(model.world), model.world.power
        supplied = [item for _, item in self.supplied if item.model.world.power is power]
        likes = [*supplied, *(item for item in (self.like, self.twin) if item is not None)]
        return know(model, ready, persons and self._persons, self._variances, likes)


def same_ground(one: World, other: World) -> bool:
    """Whether what is prepared of one world holds for the other: stock and presence may differ."""
    return one.power is other.power and same(_ground(one), _ground(other))


@dataclass(frozen=True)
class Built:
    """The base of a member: what its what-ifs share with it."""

    parameters: Parameters
    world: World
    ready: Ready
    reports: BaseReports


@dataclass(frozen=True)
class Outcome:
    """One branch of one member. digest: hash of its tallies, "" where nothing was sampled."""

    context: Context
    digest: str


def outcomes(
    study: Study,
    task: Task,
    threads: int = 1,
    report: Report | None = None,
) -> Iterator[Outcome]:
    """The branches of a task in order, the base first: contrasts are taken against it."""
    wanted = [branch for branch in study.branches if branch.name in task.branches]
    parameters = resolve(study.scenario, task.draw, study.base)
    kept = bench(study.digest)
    ground = kept.base_ground(study, task, parameters)
    central = task.member == 0
    like = kept.likes.get(BASE) if central else None
    expecting = Expecting(task.kind == "central", _counts_persons(task), ground, like)
    built = build_base(parameters, ground.world, expecting, kept.ready if central else None)
    kept.ready = built.ready if central else kept.ready
    base: Context | None = None
    matrix, least = matrix_of(study.scenario), finest(study.scenario)
    every = [(Branch(BASE, ()), parameters)]
    every += [
        (item, resolve(study.scenario, task.draw, (*study.base, *item.what_ifs)))
        for item in wanted
        if item.name != BASE
    ]
    again = shared_supplies([item for _, item in every])
    for number, (branch, full) in enumerate(every):
        world = _world_of(study, task, built, (branch.name, full), expecting)
        expecting.twin = kept.likes.get(branch.name) if central and branch.what_ifs else None
        parameters = _asked(full, task)
        known, queues = _settled(parameters, world, built, expecting)
        kept.keep(task, branch.name, full, known)
        expecting.keep(full, known, number in again)
        if base is None:
            expecting.like = known
        model = known.model
        counts, persons, digest = _counts(study, task, known, threads, report)
        context = Context(
            what_if=branch.name,
            model=model,
            counts=counts,
            persons=persons,
            matrix=matrix,
            workload=workload(parameters.procedure, queues),
            base=base,
            finest=least,
            joints=_joints(task, known, base),
        )
        base = base or context
        yield Outcome(context, digest)


def _counts_persons(task: Task) -> bool:
    """Whether a task asks for any measure that counts persons once."""
    every = measures()
    return any(every[name].counts_persons for name in task.measures or every)


def build_base(
    parameters: Parameters, world: World, expecting: Expecting, like: Ready | None = None
) -> Built:
    """The base's parameters, world and reports; the reports anchor every what-if.

    like: acts and channels of another base, from which equal ones are taken over.
    """
    ready = lower(parameters, world, like)
    free = assemble(parameters, world, None, ready)
    known = expecting(free, persons=False)
    # The base differs from it by its anchor alone.
    expecting.like = known
    reports = base_reports(free, known.values, parameters, ready)
    return Built(parameters, world, ready, reports)


def free_model(study: Study) -> Model:
    """The central model before its reports are anchored: for what depends on names alone."""
    parameters = resolve(study.scenario, CENTRAL, study.base)
    world = build(study.scenario.tables, parameters.world, parameters.year, study.seed, 0)
    return assemble(parameters, world, None)


def shared_supplies(every: Sequence[Parameters]) -> set[int]:
    """Places of those that are the first with a supply that another one has too, not the base's."""
    base, result = every[0], set[int]()
    firsts: list[int] = []
    for place, item in enumerate(every):
        if _shares_supply(base, item):
            continue
        first = next((known for known in firsts if _shares_supply(every[known], item)), None)
        if first is None:
            firsts.append(place)
        else:
            result.add(first)
    return result


def _shares_supply(one: Parameters, other: Parameters) -> bool:
    """Whether two what-ifs have one path of power."""
    return one.year == other.year and shares_power(one.world, other.world)


def _world_of(
    study: Study, task: Task, built: Built, what: tuple[str, Parameters], expecting: Expecting
) -> World:
    """The world of a branch, by its name and parameters: an earlier one's, as far as it may be."""
    name, parameters = what
    known = [(built.parameters, built.world)]
    known += [(earlier, item.model.world) for earlier, item in expecting.supplied]
    known = [pair for pair in known if _shares_supply(pair[0], parameters)]
    for earlier, world in known:
        if earlier.world == parameters.world:
            return world
    ground = bench(study.digest).ground(task, name, parameters)
    if ground is not None:
        expecting.meet(ground)
        return ground.world
    power = known[0][1].power if known else None
    tables, year = study.scenario.tables, parameters.year
    return build(tables, parameters.world, year, study.seed, task.member, power)


def _asked(parameters: Parameters, task: Task) -> Parameters:
    """The parameters with the channels that a task leaves, and with chilling as it wants it."""
    if not task.chilling:
        parameters = replace(parameters, chilling=replace(parameters.chilling, enabled=False))
    if task.only is None:
        return parameters
    left = {name: item for name, item in parameters.channels.items() if name in task.only}
    gone = tuple(name for name in parameters.channels if name not in task.only)
    return replace(parameters, channels=left, removed=(*parameters.removed, *gone))


def _settled(
    parameters: Parameters, world: World, built: Built, expecting: Expecting
) -> tuple[Known, dict[str, Queue]]:
    """What is known of the model with chilling and review capacity at work, and its reviews."""
    ready = lower(parameters, world, built.ready)
    known = expecting(assemble(parameters, world, built.reports, ready))
    chilled = thin(known.model, respond(parameters.chilling, known.model, known.values))
    if chilled is not known.model:
        known = expecting(chilled)
    queues = queues_of(parameters.procedure, known.model, known.values)
    served = serve(known.model, queues)
    if served is known.model:
        return known, queues
    known = expecting(served)
    return known, queues_of(parameters.procedure, served, known.values)


def _counts(
    study: Study,
    task: Task,
    known: Known,
    threads: int,
    report: Report | None,
) -> tuple[Mapping[Key, Count], Any, str]:
    """Counts for the full population, persons (A, G), and the hash of what was sampled."""
    model = known.model
    if task.engine == "expected":
        return known.values, model.world.people.by_group(), ""
    from sousveil.engine.run import run_engine

    run: Any = run_engine(
        task.engine, model, study.seed, task.member, study.scale, threads, report, study.device
    )
    weight = run.weight[:, None]
    counts = {
        key: Count(value * weight, np.nan, "sampled") for key, value in run.tallies.counts.items()
    }
    return counts, run.persons * weight, run.tallies.sha256()


def _joints(task: Task, known: Known, base: Context | None) -> dict[str, Joint] | None:
    """How the patterns of every act vary together, where variances are known."""
    if task.engine != "expected" or not known.variances:
        return None
    before = {} if base is None or base.joints is None else base.joints
    acts = [act.name for act in known.model.of(Act)]
    return {act: joint_of(known, act, before.get(act)) for act in acts}


def matrix_of(scenario: Scenario) -> dict[str, dict[str, str]]:
    """Act -> channel -> state: modelled, cannot_see or not_modelled."""
    return {
        act: {channel: state for channel, (state, _note) in row.items()}
        for act, row in scenario.matrix.items()
    }


def finest(scenario: Scenario) -> str:
    """The finest area that results may name: the parent in a closed country, or where declared."""
    declared = scenario.settings.get("world.people.results_by", "area")
    return "parent" if is_closed(scenario) else str(declared)


def is_closed(scenario: Scenario) -> bool:
    """Whether the country is closed: it is, unless it is on the shipped list of open ones."""
    return not is_open(scenario.country)


def joint_digest(digests: list[str]) -> str:
    """Hash of the hashes in order; "" where nothing was sampled."""
    if not any(digests):
        return ""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
