"""Acts and channels lowered for one world; what another what-if leaves alone is taken over.

A what-if that is given the same acts, the same parameters of a channel and the same people in the
same places gets the very processes of the other one, so that nobody need compare them again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sousveil.acts import lower_acts
from sousveil.channels import channels
from sousveil.channels.base import Routine, Site
from sousveil.processes import Handling, Process
from sousveil.sameness import same
from sousveil.world.model import World

if TYPE_CHECKING:
    from sousveil.scenario.parameters import Parameters

_GROUND = ("areas", "groups", "people", "presence", "calendar", "daylight_slots", "stock")
"""All that a channel may look at in a world, besides the names of its lines."""


@dataclass(frozen=True, eq=False)
class Lowered:
    """One channel: its processes, and where its reports come from, if it has reports."""

    processes: tuple[Process, ...]
    routine: Routine | None
    _kept: dict[str, tuple[object, tuple[Process, ...]]] = field(default_factory=dict[str, Any])

    def kept(
        self, name: str, of: object, work: Callable[[], Sequence[Process]]
    ) -> tuple[Process, ...]:
        """What is made of the channel and of one other thing: made once, while that is the same."""
        found = self._kept.get(name)
        if found is None or found[0] is not of:
            found = (of, tuple(work()))
            self._kept[name] = found
        return found[1]


@dataclass(frozen=True, eq=False)
class Ready:
    """Acts (in the site) and channels of one what-if in its world, by name in alphabetical order.

    handling: of channels, as far as it was asked for.
    """

    parameters: Parameters
    site: Site
    channels: Mapping[str, Lowered]
    handling: dict[str, Handling]


def lower(parameters: Parameters, world: World, like: Ready | None = None) -> Ready:
    """Lower every act and channel; like: another what-if, from which equal parts are taken."""
    if like is not None and not _same_ground(parameters, world, like):
        like = None
    site = Site(world, {}, parameters.year)
    if like is not None and like.parameters.acts == parameters.acts:
        site = replace(site, acts=like.site.acts)
    else:
        site = replace(site, acts=lower_acts(parameters.acts, site))
    known: Mapping[str, Lowered] = {}
    if like is not None and site.acts is like.site.acts:
        known = {
            name: channel
            for name, channel in like.channels.items()
            if like.parameters.channels[name] == parameters.channels.get(name)
        }
    return Ready(
        parameters,
        site,
        {
            name: known[name] if name in known else _lowered(name, parameters, site)
            for name in sorted(parameters.channels)
        },
        {} if like is None or like.parameters.procedure != parameters.procedure else like.handling,
    )


def _lowered(name: str, parameters: Parameters, site: Site) -> Lowered:
    """One channel lowered."""
    channel, own = channels()[name], parameters.channels[name]
    routine = None if channel.routine is None else channel.routine(own, site)
    return Lowered(channel.lower(own, site), routine)


def _same_ground(parameters: Parameters, world: World, like: Ready) -> bool:
    """Whether channels find in a world what they found in another one."""
    other = like.site.world
    if like.parameters.year != parameters.year or other.power.lines != world.power.lines:
        return False
    return all(same(getattr(other, name), getattr(world, name)) for name in _GROUND)
