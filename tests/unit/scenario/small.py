"""A small declared system for tests: sections of a few fields, and scenarios built by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sousveil.quantity import Distribution, Location, Quantity, quantities, quantity, setting, share
from sousveil.scenario.model import Scenario, WhatIf
from sousveil.scenario.sections import Declared


@dataclass(frozen=True)
class Power:
    hours: Mapping[str, float] = quantities(
        "h/day", "Hours of supply.", by="region", high=24, absent=24.0
    )
    weight: float = quantity("1", "Evening weight.", absent=1.0)
    lines: tuple[str, ...] = setting("Names of lines.", default=("home",))


@dataclass(frozen=True)
class World:
    people: float = quantity("person", "People.", low=1000)
    margins: Mapping[str, float] = quantities("1", "Shares.", by="category", high=1)
    power: Power = field(default_factory=Power)


@dataclass(frozen=True)
class Act:
    rate: float = quantity("1/year", "Acts in a year.", role="behaviour")
    place: str = setting("Where it happens.", default="home", choices=("home", "street"))


@dataclass(frozen=True)
class Eye:
    density: float = quantity("camera/km**2", "Cameras.", role="state_lever")
    noticed: float = share("Share noticed.", absent=0.5)


@dataclass(frozen=True)
class Nothing:
    delay: float = quantity("day", "Delay.", absent=3.0)


CLASSES = Declared(World, Act, MappingProxyType({"eye": Eye, "ear": Eye}), Nothing, Nothing)


def fixed(path: str, *values: float, form: str = "fixed", **more: Any) -> Quantity:
    here = Location("scenario.yaml", 1, 1)
    distribution = Distribution(form, values) if values else None
    plain = (path, "1", "assumed", "nature", "country", (), "", "a test", "", here, distribution)
    return Quantity(*plain, **more)


def what_if(name: str, **more: Any) -> WhatIf:
    plain: dict[str, Any] = {
        "title": name,
        "reason": "a test",
        "sources": (),
        "safeguard": False,
        "sharpens_only": False,
        "inherit": (),
        "set": {},
        "set_settings": {},
        "scale": {},
        "remove": (),
        "year": None,
    }
    return WhatIf(name=name, **{**plain, **more})


def scenario(*quantities_: Quantity, what_ifs: tuple[WhatIf, ...] = (), **more: Any) -> Scenario:
    plain: dict[str, Any] = {
        "name": "small",
        "title": "Small",
        "country": "XXX",
        "place": "Nowhere",
        "format": 1,
        "year": 2024,
        "folder": Path(),
        "hash": "0",
        "settings": {},
        "acts": ("talk",),
        "channels": ("eye",),
        "tables": {},
        "sources": {},
        "claims": (),
        "checks": (),
        "matrix": {},
        "headlines": (),
        "warnings": (),
    }
    return Scenario(
        quantities={item.path: item for item in quantities_},
        what_ifs={item.name: item for item in what_ifs},
        **{**plain, **more},
    )


BASE = (
    fixed("world.people", 5000),
    fixed("world.margins.age.adult", 0.7),
    fixed("world.margins.age.child", 0.3),
    fixed("world.power.hours.north", 4, 12, form="uniform", high=24.0),
    fixed("world.power.hours.south", 10),
    fixed("acts.talk.rate", 6),
    fixed("channels.eye.density", 2),
)
