"""Flags: from noticed to reported, and from reported to what becomes of the person.

All flags of a block are handled at once, whatever process raised them: each has its source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from sousveil.arrays import AnyArray, Bools, Ints, Words
from sousveil.engine.sampled.items import taken
from sousveil.engine.sampled.kernels.counts import fill_speaking
from sousveil.engine.sampled.planned import HandlingPlan, Reporting
from sousveil.engine.sampled.scene import Scene
from sousveil.engine.sampled.tables import MOST_HOURS
from sousveil.rng import stream


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


class Source(NamedTuple):
    """Whence flags come."""

    process: str
    channel: str


@dataclass(frozen=True)
class Noticed:
    """Acts that one process noticed. person: position. number: of the act.

    hour: of each, or a function that says those of some: few are reported.
    """

    by: Reporter
    person: AnyArray
    number: Words
    hour: AnyArray | Callable[[AnyArray], AnyArray]

    def flags(self, which: AnyArray) -> Flags:
        """Some of them as flags."""
        hour = self.hour(which) if callable(self.hour) else self.hour[which]
        at = self.person[which], hour, self.number[which]
        return raised(self.by.name, self.by.channel, at, np.ones(len(which), dtype=np.bool_))


@dataclass(frozen=True)
class Flags:
    """Flags as they are raised: number of their source, person, hour, number of the event.

    founded: caused by that act of that person. coincident: unfounded, though such an act happened.
    """

    sources: tuple[Source, ...]
    source: Ints
    person: Ints
    hour: Ints
    number: Words
    founded: Bools
    coincident: Bools

    def keep(self, mask: Bools) -> Flags:
        """The flags of the mask."""
        return Flags(
            self.sources,
            self.source[mask],
            self.person[mask],
            self.hour[mask],
            self.number[mask],
            self.founded[mask],
            self.coincident[mask],
        )


def raised(
    process: str,
    channel: str,
    at: tuple[AnyArray, AnyArray, Words],
    founded: Bools,
    coincident: Bools | None = None,
) -> Flags:
    """Flags of one process that nothing stopped on their way. at: person, hour, number of each."""
    if coincident is None:
        coincident = np.zeros(len(founded), dtype=np.bool_)
    source = np.zeros(len(founded), dtype=np.int64)
    person, hour = at[0].astype(np.int64), at[1].astype(np.int64)
    return Flags((Source(process, channel),), source, person, hour, at[2], founded, coincident)


def merged(parts: list[Flags]) -> Flags:
    """The flags of several processes."""
    before = np.cumsum([0, *(len(part.sources) for part in parts)])
    nothing = raised("", "", (_NOBODY, _NOBODY, _NOBODY.astype(np.uint32)), _NOBODY > 0)
    every = [*parts, nothing]
    return Flags(
        tuple(source for part in parts for source in part.sources),
        np.concatenate([part.source + first for part, first in zip(every, before, strict=True)]),
        np.concatenate([part.person for part in every]),
        np.concatenate([part.hour for part in every]),
        np.concatenate([part.number for part in every]),
        np.concatenate([part.founded for part in every]),
        np.concatenate([part.coincident for part in every]),
    )


_NOBODY = np.empty(0, dtype=np.int64)


def report(scene: Scene, noticed: list[Noticed]) -> Flags:
    """What is reported of what was noticed: some keep silent, some are bribed. All is founded."""
    view, flags = scene.block.persons, list[Flags]()
    for item in noticed:
        chain, tally = item.by.reporting, scene.tally(item.by.name, "noticed")
        words = scene.chance.lanes(chain.stream, taken(view.ids, item.person), item.number)
        speaks = np.empty(len(item.person), dtype=np.int64)
        n = fill_speaking(words[0], chain.report, view.cell, item.person, tally, speaks)
        speaks = speaks[:n]
        cell = view.cell[item.person[speaks]]
        bribed = words[1, speaks] < chain.bribed[cell]
        scene.count(item.by.name, "reporter_bribed", cell[bribed])
        flags.append(item.flags(speaks[~bribed]))
    return merged(flags)


def _count(scene: Scene, outcome: str, flags: Flags, mask: Bools | None = None) -> None:
    """Add one to the tally of each flag's process, of all or of those of a mask."""
    source, person = flags.source, flags.person
    if mask is not None:
        source, person = source[mask], person[mask]
    names = [source.process for source in flags.sources]
    scene.count_by(names, outcome, source, scene.block.persons.cell[person])


def settle(scene: Scene, handling: Mapping[str, HandlingPlan], flags: Flags) -> None:
    """Rule, review and settlement of all flags of a block; counts them and the persons wronged."""
    _count(scene, "reported", flags)
    kept, settled = _handled(scene, handling, flags)
    _count(scene, "dropped", flags, ~kept)
    staying, settled = flags.keep(kept), settled[kept]
    _count(scene, "founded", staying, staying.founded)
    _count(scene, "unfounded", staying, ~staying.founded)
    _count(scene, "coincident", staying, staying.coincident)
    _count(scene, "extorted", staying, settled)
    _count(scene, "cases", staying, ~settled)
    hurt = staying.keep(~staying.founded)
    channels = [source.channel for source in flags.sources]
    scene.count_once("", "persons_wronged", hurt.person)
    for channel in sorted(set(channels)):
        own = np.array([name == channel for name in channels])[hurt.source]
        scene.count_once(f"channel:{channel}", "persons_wronged", hurt.person[own])


def _handled(
    scene: Scene, handling: Mapping[str, HandlingPlan], flags: Flags
) -> tuple[Bools, Bools]:
    """Which flags stay, and which of them a payment settles."""
    view, size = scene.block.persons, len(flags.person)
    streams = np.array([stream(f"{source.process}.flag") for source in flags.sources])
    kept, settled = np.ones(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    if not size:
        return kept, settled
    words = scene.chance.lanes(streams[flags.source], view.ids[flags.person], flags.number)
    channels = np.array([source.channel for source in flags.sources])
    for channel in sorted(set(channels.tolist()) & set(handling)):
        plan, own = handling[channel], np.flatnonzero((channels == channel)[flags.source])
        person, word = flags.person[own], words[:, own]
        expires = plan.review[view.area[person]]  # cumulated: seen by a reviewer, or expired
        seen, lost = word[0] < expires[:, 0], word[0] < expires[:, 1]
        rejected = word[1] < plan.reject[flags.founded[own].astype(np.int64)]
        kept[own] = _partnered(plan, flags, own, channels) & ~np.where(seen, rejected, lost)
        settled[own] = word[2] < plan.bribe_exit[view.cell[person]]
    return kept, settled


def _partnered(plan: HandlingPlan, flags: Flags, own: Ints, channels: AnyArray) -> Bools:
    """Whether enough other channels flagged the same person near the hour of some flags."""
    if plan.partners_needed <= 0 or not len(own):
        return np.ones(len(own), dtype=np.bool_)
    partners = np.zeros(len(own), dtype=np.int64)
    mine, channel_of = channels[flags.source[own[0]]], channels[flags.source]
    start = flags.person[own] * MOST_HOURS
    first = start + np.maximum(flags.hour[own] - plan.rule_hours, 0)
    last = start + np.minimum(flags.hour[own] + plan.rule_hours, MOST_HOURS - 1)
    for channel in sorted(set(channels.tolist()) - {str(mine)}):
        theirs = channel_of == channel
        moment = np.sort(flags.person[theirs] * MOST_HOURS + flags.hour[theirs])
        partners += np.searchsorted(moment, last, side="right") > np.searchsorted(moment, first)
    return partners >= plan.partners_needed
