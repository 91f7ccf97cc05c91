"""Procedure: what happens to flags, and how a model is put together from acts and channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from sousveil.arrays import HOURS_PER_YEAR, Floats
from sousveil.channels import channels
from sousveil.channels.base import Routine, Site
from sousveil.counts import Count
from sousveil.engine.model import Model, by_channel
from sousveil.lowering import Lowered, Ready, lower
from sousveil.processes import (
    Detection,
    Encounter,
    Handling,
    Inspection,
    Process,
    Search,
    Unprompted,
)
from sousveil.quantity import keyed, quantities, quantity
from sousveil.tallies import Key
from sousveil.world.model import World

if TYPE_CHECKING:
    from sousveil.scenario.parameters import Parameters

CHANNEL = "channel"
"""These mappings are keyed by channel; "other" stands for every channel that is not named."""


@dataclass(frozen=True, kw_only=True)
class ProcedureParameters:
    """From flag to case. Mappings are keyed by channel name; "other" stands for the rest."""

    partners_needed: Mapping[str, float] = quantities(
        "1",
        "Other channels that must flag the same person before a flag counts.",
        by=CHANNEL,
        absent=0.0,
        role="safeguard",
    )
    rule_hours: Mapping[str, float] = quantities(
        "h",
        "Hours before and after, within which those other flags count.",
        by=CHANNEL,
        absent=0.0,
        role="safeguard",
    )
    review_share: Mapping[str, float] = quantities(
        "1",
        "Share of flags sent to a human reviewer before anything happens.",
        by=CHANNEL,
        high=1,
        absent=0.0,
        role="safeguard",
    )
    reject_founded: Mapping[str, float] = quantities(
        "1",
        "Chance that a reviewer drops a founded flag.",
        by=CHANNEL,
        high=1,
        absent=0.0,
        role="behaviour",
    )
    reject_unfounded: Mapping[str, float] = quantities(
        "1",
        "Chance that a reviewer drops an unfounded flag.",
        by=CHANNEL,
        high=1,
        absent=0.0,
        role="behaviour",
    )
    retention_days: Mapping[str, float] = quantities(
        "day",
        "Days after which a flag that nobody has reviewed is dropped; 0: it waits for ever.",
        by=CHANNEL,
        absent=0.0,
        role="safeguard",
    )
    bribe_exit: Mapping[str, float] = quantities(
        "1",
        "Chance that a flag is settled by a payment and never becomes a case.",
        by=CHANNEL,
        high=1,
        absent=0.0,
        role="behaviour",
    )
    bribe_factor: Mapping[str, float] = quantities(
        "1",
        "Relative chance of such a payment in a category, keyed margin.category.",
        by="category",
        absent=1.0,
        role="behaviour",
    )
    officers: float = quantity(
        "person", "Officers who review flags; 0: as many as are needed.", absent=0.0
    )
    cases_per_officer_day: float = quantity(
        "1/day", "Flags that an officer reviews in a day.", absent=1.0, role="behaviour"
    )


@dataclass(frozen=True)
class BaseReports:
    """What the base run says about people's reports; every what-if keeps it.

    anchor: channel -> (A,) factor on its reports, where they are held. denunciations, unheld:
    channel -> act -> (A, G) false reports a year by a person, with the anchor and without it.
    """

    anchor: Mapping[str, Floats]
    denunciations: Mapping[str, Mapping[str, Floats]]
    unheld: Mapping[str, Mapping[str, Floats]]


def assemble(
    parameters: Parameters,
    world: World,
    base: BaseReports | None = None,
    ready: Ready | None = None,
) -> Model:
    """Put acts, channels and handling together for one what-if.

    base: what `base_reports` made of the base run; without it nothing is anchored and nobody is
    denounced, which is the model that `base_reports` itself is made from. ready: what `lower` made
    of the same parameters and world; else it is done here.
    """
    ready = lower(parameters, world) if ready is None else ready
    own = {
        name: channel.kept("anchored", (base,), partial(_anchored, name, channel, base))
        for name, channel in ready.channels.items()
    }
    encounters = tuple(p for each in own.values() for p in each if isinstance(p, Encounter))
    processes: list[Process] = list(ready.site.acts.values())
    for name, channel in ready.channels.items():
        live = partial(_with_parents, own[name], encounters)
        processes += channel.kept("live", (own[name], *encounters), live)
    for name, channel in ready.channels.items():
        spoken = partial(_denunciations, name, channel, base, ready.site)
        processes += channel.kept("denunciations", (base,), spoken)
    flagging = by_channel(processes)
    for name in flagging.keys() - ready.handling.keys():
        ready.handling[name] = _handling(name, parameters.procedure, ready.site)
    return Model(
        world=world,
        processes=tuple(processes),
        handling={name: ready.handling[name] for name in flagging},
        layers={name: channels()[name].layer for name in ready.channels},
    )


def base_reports(
    model: Model,
    expected: Mapping[Key, Count],
    parameters: Parameters,
    ready: Ready | None = None,
) -> BaseReports:
    """Anchor and denunciations from the expected values of the base, assembled without them.

    Reports, true and false, are held to the room of people's routine, by settlement type: the
    anchor is min(1, room x (1 - f) / expected reports). False ones are the share f of all reports.
    ready: as in `assemble`.
    """
    ready = lower(parameters, model.world) if ready is None else ready
    site = ready.site
    anchor: dict[str, Floats] = {}
    held: dict[str, dict[str, Floats]] = {}
    unheld: dict[str, dict[str, Floats]] = {}
    for name, channel in ready.channels.items():
        routine = channel.routine
        if routine is None:
            continue
        free = _reports(model, expected, name)
        total = sum(free.values(), start=np.zeros(site.shape[0]))
        anchor[name] = _anchor(total, routine, site)
        kept = {act: value * anchor[name] for act, value in free.items()}
        held[name] = _false_reports(kept, routine, site)
        unheld[name] = _false_reports(free, routine, site)
    return BaseReports(anchor, held, unheld)


def _with_parents(
    processes: Sequence[Process], encounters: Sequence[Encounter]
) -> Iterator[Process]:
    """Give every live search to each encounter of the channel that it names."""
    for process in processes:
        if not isinstance(process, Search):
            yield process
            continue
        if process.parent not in channels():
            raise ValueError(f"{process.name}: {process.parent!r} is no channel")
        for parent in encounters:
            if parent.channel != process.parent:
                continue
            if process.level not in {level.name for level in parent.levels}:
                continue  # no view of this encounter is good enough for a probe
            ending = parent.name.partition(".")[2]
            yield replace(process, name=f"{process.name}.{ending}", parent=parent.name)


def _reports(model: Model, expected: Mapping[Key, Count], channel: str) -> dict[str, Floats]:
    """Act -> (A,) expected reports a year of a channel, before any anchor."""
    result: dict[str, Floats] = {}
    for process in model.processes:
        if _is_report(process, channel):
            value = expected[Key(process.name, "reported")].by_area
            result[process.act] = result.get(process.act, 0.0) + value
    return result


def _is_report(process: Process, channel: str) -> TypeGuard[Detection | Inspection]:
    """Whether a process is people's report of an act, as an official check is not."""
    watches = isinstance(process, (Detection, Inspection))
    return watches and process.anchored and process.channel == channel


def _anchor(reports: Floats, routine: Routine, site: Site) -> Floats:
    """(A,) factor on reports, the same in all areas of a settlement type."""
    kinds = np.array([area.settlement for area in site.world.areas])
    result = np.ones(site.shape[0])
    for kind in set(kinds.tolist()):
        here = kinds == kind
        room = routine.room[here].sum() * (1.0 - routine.false_share)
        if reports[here].sum() > room:
            result[here] = room / reports[here].sum()
    return result


def _false_reports(
    reports: Mapping[str, Floats], routine: Routine, site: Site
) -> dict[str, Floats]:
    """Act -> (A, G) false reports a year by a person: f / (1 - f) of the true ones of an area."""
    if routine.false_share >= 1.0:
        raise ValueError("false_report_share is 1: a share of all reports must leave some true")
    ratio = routine.false_share / (1.0 - routine.false_share)
    false = ratio * sum(reports.values(), start=np.zeros(site.shape[0]))
    relative = site.adults_only(np.ones(site.shape[0])) * routine.by_group[None, :]
    exposed = (relative * site.persons()).sum(axis=1)
    result: dict[str, Floats] = {}
    for act in _denounced(reports, routine):
        mine = ratio * reports[act] if not routine.weights else false * _weight(act, routine)
        each = np.divide(mine, exposed, out=np.zeros_like(mine), where=exposed > 0.0)
        result[act] = relative * each[:, None]
    return result


def _denounced(acts: Mapping[str, Any], routine: Routine) -> tuple[str, ...]:
    return tuple(routine.weights) or tuple(acts)


def _weight(act: str, routine: Routine) -> float:
    total = sum(routine.weights.values())
    return routine.weights[act] / total if total > 0.0 else 0.0


def _anchored(channel: str, lowered: Lowered, base: BaseReports | None) -> tuple[Process, ...]:
    """The processes of a channel, its reports held to the room of people's routine."""
    if base is None or lowered.routine is None or not lowered.routine.held:
        return lowered.processes
    factor = base.anchor[channel][:, None]
    return tuple(
        replace(item, report=item.report * factor) if _is_report(item, channel) else item
        for item in lowered.processes
    )


def _denunciations(
    channel: str, lowered: Lowered, base: BaseReports | None, site: Site
) -> list[Process]:
    """False reports, as many as in the base."""
    if base is None or lowered.routine is None:
        return []
    rates = (base.denunciations if lowered.routine.held else base.unheld)[channel]
    return [
        Unprompted(
            name=f"{channel}.denunciation.{act}",
            channel=channel,
            allegation=act,
            rate=rate / HOURS_PER_YEAR,
            bribed=site.full(0.0),
        )
        for act, rate in rates.items()
    ]


def _handling(channel: str, procedure: ProcedureParameters, site: Site) -> Handling:
    """Handling of a channel's flags while there are officers enough."""
    leave = keyed(procedure.bribe_exit, channel, 0.0) * site.by_category(procedure.bribe_factor)
    return Handling(
        partners_needed=round(keyed(procedure.partners_needed, channel, 0.0)),
        rule_hours=round(keyed(procedure.rule_hours, channel, 0.0)),
        reviewed=np.full(site.shape[0], keyed(procedure.review_share, channel, 0.0)),
        expired=np.zeros(site.shape[0]),
        reject_founded=keyed(procedure.reject_founded, channel, 0.0),
        reject_unfounded=keyed(procedure.reject_unfounded, channel, 0.0),
        bribe_exit=np.tile(np.minimum(leave, 1.0), (site.shape[0], 1)),
    )
