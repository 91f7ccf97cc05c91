"""Flags: from noticed to reported, and from reported to what becomes of the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sousveil.arrays import Bools, Ints, Words
from sousveil.engine.planned import HandlingPlan, Reporting
from sousveil.engine.scene import Scene
from sousveil.engine.tables import MOST_HOURS, categories
from sousveil.rng import stream

_REVIEWED, _EXPIRED = 0, 1


class Reporter(Protocol):
    """A process that notices acts and may report them."""

    @property
    def name(self) -> str:
        """Name of the process."""
        ...

    @property
    def channel(self) -> str:
        """Its channel."""
        ...

    @property
    def reporting(self) -> Reporting:
        """From noticed to reported."""
        ...


@dataclass(frozen=True)
class Reports:
    """Flags of one process in a block, as they are raised: person, hour, number of the event.

    founded: caused by that act of that person. coincident: unfounded, though such an act happened.
    """

    process: str
    channel: str
    person: Ints
    hour: Ints
    number: Words
    founded: Bools
    coincident: Bools

    def keep(self, mask: Bools) -> Reports:
        """The flags of the mask."""
        return Reports(
            self.process,
            self.channel,
            self.person[mask],
            self.hour[mask],
            self.number[mask],
            self.founded[mask],
            self.coincident[mask],
        )


def raised(process: str, channel: str, at: tuple[Ints, Ints, Words], founded: Bools) -> Reports:
    """Flags that nothing stops on their way. at: person, hour, number of each."""
    return Reports(process, channel, *at, founded, np.zeros(len(founded), dtype=np.bool_))


def report(scene: Scene, source: Reporter, at: tuple[Ints, Ints, Words]) -> Reports:
    """What is reported of what was noticed: some keep silent, some are bribed. All is founded."""
    chain, person = source.reporting, at[0]
    cell, ids = scene.block.persons.cell[person], scene.block.persons.ids[person]
    words = scene.chance.lanes(chain.stream, ids, at[2])
    speaks = words[0] < chain.report[cell]
    bribed = words[1] < chain.bribed[cell]
    scene.count(source.name, "reporter_bribed", cell[speaks & bribed])
    founded = np.ones(len(person), dtype=np.bool_)
    return raised(source.name, source.channel, at, founded).keep(speaks & ~bribed)


def settle(scene: Scene, handling: Mapping[str, HandlingPlan], reports: list[Reports]) -> None:
    """Rule, review and settlement of all flags of a block; counts them and the persons wronged."""
    wronged: dict[str, Bools] = {}
    nobody = np.zeros(len(scene.block.persons.ids), dtype=np.bool_)
    for flags in reports:
        scene.count(flags.process, "reported", scene.block.persons.cell[flags.person])
        staying = _handle(scene, handling.get(flags.channel), flags, reports)
        hurt = wronged.setdefault(flags.channel, nobody.copy())
        hurt[staying.person[~staying.founded]] = True
    for channel, persons in wronged.items():
        scene.count(f"channel:{channel}", "persons_wronged", scene.block.persons.cell[persons])
    anybody = np.logical_or.reduce([nobody, *wronged.values()])
    scene.count("", "persons_wronged", scene.block.persons.cell[anybody])


def _handle(
    scene: Scene, plan: HandlingPlan | None, flags: Reports, reports: list[Reports]
) -> Reports:
    """Count what becomes of the flags of one process; returns those that stay."""
    view = scene.block.persons
    if plan is None:
        staying, settled = flags, np.zeros(len(flags.person), dtype=np.bool_)
    else:
        kept = _partnered(plan, flags, reports)
        words = scene.chance.lanes(
            stream(f"{flags.process}.flag"), view.ids[flags.person], flags.number
        )
        path = categories(words[0], plan.review[view.area[flags.person]])
        rejected = words[1] < plan.reject[flags.founded.astype(np.int64)]
        kept &= (path != _EXPIRED) & ~((path == _REVIEWED) & rejected)
        scene.count(flags.process, "dropped", view.cell[flags.person[~kept]])
        staying = flags.keep(kept)
        settled = words[2, kept] < plan.bribe_exit[view.cell[staying.person]]
    cell = view.cell[staying.person]
    scene.count(flags.process, "founded", cell[staying.founded])
    scene.count(flags.process, "unfounded", cell[~staying.founded])
    scene.count(flags.process, "coincident", cell[staying.coincident])
    scene.count(flags.process, "extorted", cell[settled])
    scene.count(flags.process, "cases", cell[~settled])
    return staying


def _partnered(plan: HandlingPlan, flags: Reports, reports: list[Reports]) -> Bools:
    """Whether enough other channels flagged the same person near that hour."""
    if plan.partners_needed <= 0:
        return np.ones(len(flags.person), dtype=np.bool_)
    partners = np.zeros(len(flags.person), dtype=np.int64)
    for channel in {other.channel for other in reports} - {flags.channel}:
        moments = [r.person * MOST_HOURS + r.hour for r in reports if r.channel == channel]
        moment = np.sort(np.concatenate(moments))
        start = flags.person * MOST_HOURS
        first = start + np.maximum(flags.hour - plan.rule_hours, 0)
        last = start + np.minimum(flags.hour + plan.rule_hours, MOST_HOURS - 1)
        partners += np.searchsorted(moment, last, side="right") > np.searchsorted(moment, first)
    return partners >= plan.partners_needed
