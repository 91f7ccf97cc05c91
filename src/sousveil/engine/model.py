"""What an engine is given: one world, all processes, the handling of flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias, TypeGuard, TypeVar, cast

from sousveil.processes import (
    Act,
    Detection,
    Encounter,
    Handling,
    Inspection,
    Layer,
    Process,
    RollCall,
    Search,
    Unprompted,
    Visits,
)
from sousveil.rng import refuse_clashes
from sousveil.tallies import Key
from sousveil.world.model import World

FLAG_OUTCOMES = (
    "reported",
    "reporter_bribed",
    "dropped",
    "founded",
    "unfounded",
    "coincident",
    "extorted",
    "cases",
)
Kind = TypeVar("Kind")
Flagging: TypeAlias = Search | RollCall | Detection | Inspection | Unprompted
_FLAGGING = frozenset({RollCall, Detection, Inspection, Unprompted})
CAUSES = ("power", "link", "fault", "elsewhere")
NAMED_WITHIN_DAYS = (30, 365)


@dataclass(frozen=True)
class Model:
    """A lowered what-if, ready for any engine.

    layers: channel -> who watches. handling: channel -> Handling.
    """

    world: World
    processes: tuple[Process, ...]
    handling: Mapping[str, Handling]
    layers: Mapping[str, Layer]

    def __post_init__(self) -> None:
        """Refuse two processes of one name, and two streams of one number."""
        _refuse_twice(tuple(process.name for process in self.processes))

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """The processes of one kind, in order."""
        return cast("tuple[Kind, ...]", self._of_kind.get(kind, ()))

    @cached_property
    def _of_kind(self) -> Mapping[type, tuple[Process, ...]]:
        found: dict[type, list[Process]] = {}
        for process in self.processes:
            found.setdefault(type(process), []).append(process)
        return {kind: tuple(processes) for kind, processes in found.items()}

    def watchers(self, act: str) -> tuple[str, ...]:
        """Channels that can notice an act, by alphabet: the bits of its patterns, lowest first."""
        return self._watchers.get(act, ())

    @cached_property
    def _watchers(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for process in (*self.of(Detection), *self.of(Inspection)):
            found.setdefault(process.act, set()).add(process.channel)
        return {act: tuple(sorted(names)) for act, names in found.items()}

    @cached_property
    def flagging(self) -> Mapping[str, tuple[Flagging, ...]]:
        """The processes that can flag a person, by channel in alphabetical order."""
        return by_channel(self.processes)

    def flagging_channels(self) -> tuple[str, ...]:
        """Channels that can flag a person, in alphabetical order."""
        return tuple(self.flagging)

    def keys(self) -> tuple[Key, ...]:
        """Every tally that a run of this model declares."""
        keys = [Key("", "persons"), Key("", "persons_wronged")]
        for process in self.processes:
            keys.extend(self._keys_of(process))
        for channel in self.flagging_channels():
            keys.append(Key(f"channel:{channel}", "persons_wronged"))
        return tuple(keys)

    def _keys_of(self, process: Process) -> list[Key]:
        name = process.name
        keys = [Key(name, outcome) for outcome in FLAG_OUTCOMES] if makes_flags(process) else []
        if isinstance(process, Encounter):
            keys += [Key(name, level.name) for level in process.levels]
        elif isinstance(process, Search):
            keys += [Key(name, outcome) for outcome in ("probes", "named", "wrong")]
            keys += [Key(name, f"persons_named_{days}") for days in NAMED_WITHIN_DAYS]
        elif isinstance(process, RollCall):
            keys += [
                Key(name, outcome) for outcome in ("household_events", "recordable", "recorded")
            ]
            keys += [Key(name, f"cause:{cause}") for cause in CAUSES]
        elif isinstance(process, Act):
            keys += [Key(name, outcome) for outcome in ("done", "forgone", "completed")]
            keys += [Key(name, f"pattern:{bits}") for bits in range(2 ** len(self.watchers(name)))]
            keys += [
                Key(name, f"mark:{mark.name}:{category}")
                for mark in process.marks
                for category in mark.categories
            ]
        elif isinstance(process, (Detection, Inspection)):
            keys.append(Key(name, "noticed"))
        elif isinstance(process, Visits):
            keys.append(Key(name, "visits"))
        return keys


def makes_flags(process: Process) -> TypeGuard[Flagging]:
    """Whether a process can flag a person."""
    kind = type(process)
    return kind in _FLAGGING or (kind is Search and cast(Search, process).flags)


def by_channel(processes: Iterable[Process]) -> dict[str, tuple[Flagging, ...]]:
    """The processes that can flag a person, by channel in alphabetical order."""
    found: dict[str, list[Flagging]] = {}
    for process in processes:
        if makes_flags(process):
            found.setdefault(process.channel, []).append(process)
    return {name: tuple(found[name]) for name in sorted(found)}


@lru_cache(maxsize=64)
def _refuse_twice(names: tuple[str, ...]) -> None:
    """Refuse two processes of one name, and two streams of one number."""
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"two processes are named {', '.join(twice)}: give each its own name")
    refuse_clashes(names)
