"""Acts and channels lowered for one world; what another what-if leaves alone is taken over.

A what-if that is given the same parameters of an act or a channel, and the same people in the same
places, gets the very processes of the other one, so that nobody need compare them again. A channel
must also find the same acts and cameras: those that it looked at are remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import is_
from typing import TYPE_CHECKING, Any, TypeVar

from sousveil.acts import lower_acts, unchanged
from sousveil.channels import channels
from sousveil.channels.base import Routine, Site
from sousveil.processes import Act, Handling, Process
from sousveil.sameness import same
from sousveil.world.model import World

if TYPE_CHECKING:
    from sousveil.scenario.parameters import Parameters

Item = TypeVar("Item")
_GROUND = ("areas", "groups", "people", "presence", "calendar", "daylight_slots")
"""All that acts and channels may look at in a world, besides the names of its lines and cameras."""


class Looked(Mapping[str, Item]):
    """A mapping that remembers what somebody looked at in it."""

    def __init__(self, items: Mapping[str, Item]) -> None:
        """Nobody has looked yet."""
        self._items = items
        self._names: set[str] = set()

    def __getitem__(self, name: str) -> Item:
        """One item, remembered even where there is none."""
        self._names.add(name)
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        """All names: whoever walks over them looks at everything."""
        self._names.update(self._items)
        return iter(self._items)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._items)

    def finds(self, other: Mapping[str, Item]) -> bool:
        """Whether another mapping holds the same of all that was looked at."""
        if other is self._items:
            return True
        if len(self._names) >= len(self._items) and other.keys() != self._items.keys():
            return False
        return all(same(self._items.get(name), other.get(name)) for name in self._names)


@dataclass(frozen=True, eq=False)
class Lowered:
    """One channel: its processes, and where its reports come from, if it has reports.

    acts, stock: those of its world, with what it looked at.
    """

    processes: tuple[Process, ...]
    routine: Routine | None
    acts: Looked[Act]
    stock: Looked[float]
    _kept: dict[str, tuple[tuple[object, ...], tuple[Process, ...]]] = field(
        default_factory=dict[str, Any]
    )

    def kept(
        self, name: str, of: tuple[object, ...], work: Callable[[], Iterable[Process]]
    ) -> tuple[Process, ...]:
        """What is made of the channel and of other things: made once, while these are the same."""
        found = self._kept.get(name)
        if found is None or len(found[0]) != len(of) or not all(map(is_, found[0], of)):
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
    acts, known = parameters.acts, dict[str, Lowered]()
    before: Mapping[str, Act] = {}
    if like is not None:
        before = {name: like.site.acts[name] for name in unchanged(acts, like.parameters.acts)}
    site = Site(world, {}, parameters.year)
    site = replace(site, acts=lower_acts(acts, site, before))
    if like is not None:
        if like.site.acts.keys() == before.keys() == acts.keys():
            site = replace(site, acts=like.site.acts)
        known = {
            name: channel
            for name, channel in like.channels.items()
            if same(like.parameters.channels[name], parameters.channels.get(name))
            and channel.acts.finds(site.acts)
            and channel.stock.finds(world.stock)
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
    acts, stock = Looked(site.acts), Looked(site.world.stock)
    site = replace(site, acts=acts, world=site.world.with_stock(stock))
    routine = None if channel.routine is None else channel.routine(own, site)
    return Lowered(channel.lower(own, site), routine, acts, stock)


def _same_ground(parameters: Parameters, world: World, like: Ready) -> bool:
    """Whether channels find in a world what they found in another one."""
    other = like.site.world
    if like.parameters.year != parameters.year or other.power.lines != world.power.lines:
        return False
    return all(same(getattr(other, name), getattr(world, name)) for name in _GROUND)
