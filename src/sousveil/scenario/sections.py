"""The sections of a scenario and the classes that declare their fields; fields are found by path.

World, acts, channels, procedure, chilling and arrivals lie above this package, so their classes are
looked up by name when a scenario is loaded: nothing is registered here, and a new channel needs no
edit.
"""

from __future__ import annotations

import dataclasses
import importlib
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sousveil.quantity import FIELD, FieldSpec


@dataclass(frozen=True)
class Slot:
    """One declared field of a section: a quantity, a mapping of quantities, or a setting.

    hint: its annotated type. default: its value when left out (`required` when it may not be).
    """

    name: str
    spec: FieldSpec
    hint: Any
    default: Any
    required: bool


@dataclass(frozen=True)
class Section:
    """A parameter class: its slots and its nested sections, by name, in declared order."""

    cls: type[Any]
    members: Mapping[str, Slot | Section]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots that stand directly in it."""
        return tuple(item for item in self.members.values() if isinstance(item, Slot))


@dataclass(frozen=True, eq=False)
class Declared:
    """The class of every section. channels: every channel that exists, by name."""

    world: type[Any]
    act: type[Any]
    channels: Mapping[str, type[Any]]
    procedure: type[Any]
    chilling: type[Any]
    arrivals: type[Any] | None = None

    def sections(self, acts: tuple[str, ...], channels: tuple[str, ...]) -> dict[str, Section]:
        """Return the section at each path, in the order of a scenario's file."""
        found = {"world": describe(self.world)}
        found |= {f"acts.{name}": describe(self.act) for name in acts}
        found |= {f"channels.{name}": describe(self.channels[name]) for name in channels}
        found |= {"procedure": describe(self.procedure), "chilling": describe(self.chilling)}
        # Last: the design of an ensemble follows the order of the quantities.
        found |= {"arrivals": describe(self.arrivals)} if self.arrivals else {}
        return found


@dataclass(frozen=True)
class Found:
    """What a path means: the slot, the path of its field, and the key after it ("*": every key)."""

    slot: Slot
    field_path: str
    key: str


@lru_cache(maxsize=1)
def declared() -> Declared:
    """Return the classes of this installation."""
    channels = importlib.import_module("sousveil.channels").channels()
    return Declared(
        world=importlib.import_module("sousveil.world.parameters").WorldParameters,
        act=importlib.import_module("sousveil.acts").ActParameters,
        channels=MappingProxyType({name: item.parameters for name, item in channels.items()}),
        procedure=importlib.import_module("sousveil.procedure").ProcedureParameters,
        chilling=importlib.import_module("sousveil.chilling").ChillingParameters,
        arrivals=importlib.import_module("sousveil.arrivals").ArrivalsParameters,
    )


@lru_cache(maxsize=256)
def describe(cls: type[Any]) -> Section:
    """Read the declaration of a parameter class; a field without a spec is itself a section."""
    hints = typing.get_type_hints(cls)
    members: dict[str, Slot | Section] = {}
    for item in dataclasses.fields(cls):
        spec = item.metadata.get(FIELD)
        hint = hints[item.name]
        if spec is not None:
            required = (
                item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
            )
            default = None if required or spec.form == "quantities" else item.default
            members[item.name] = Slot(item.name, spec, hint, default, required)
        elif dataclasses.is_dataclass(hint):
            members[item.name] = describe(typing.cast("type[Any]", hint))
        else:
            raise TypeError(f"{cls.__name__}.{item.name}: declare it with the helpers of quantity")
    return Section(cls, MappingProxyType(members))


def walk(section: Section, path: str) -> Iterator[tuple[str, Slot]]:
    """Every slot below a section with its path, depth first, in declared order."""
    for name, member in section.members.items():
        if isinstance(member, Slot):
            yield f"{path}.{name}", member
        else:
            yield from walk(member, f"{path}.{name}")


def every(sections: Mapping[str, Section]) -> Iterator[Section]:
    """Every section and nested section."""
    for section in sections.values():
        yield section
        nested = {name: item for name, item in section.members.items() if isinstance(item, Section)}
        yield from every(nested)


def find(sections: Mapping[str, Section], path: str) -> Found | None:
    """Return what a path names, or None; a key of a mapping may itself contain dots."""
    for start, section in sections.items():
        if path.startswith(start + "."):
            return _descend(section, start, path[len(start) + 1 :])
    return None


def _descend(section: Section, start: str, rest: str) -> Found | None:
    name, _, deeper = rest.partition(".")
    member = section.members.get(name)
    if member is None:
        return None
    here = f"{start}.{name}"
    if isinstance(member, Section):
        return _descend(member, here, deeper) if deeper else None
    keyed = member.spec.form == "quantities"
    if keyed != bool(deeper):
        return None
    return Found(member, here, deeper)


def paths(sections: Mapping[str, Section]) -> list[str]:
    """Every path that can be named, mapping fields with a final `.*`: what a message suggests."""
    return [
        f"{path}.*" if slot.spec.form == "quantities" else path
        for start, section in sections.items()
        for path, slot in walk(section, start)
    ]
