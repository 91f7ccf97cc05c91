"""Deployments of a mobile camera: published counts of faces, spread over those who may pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sousveil.arrays import HOURS_PER_YEAR, SLOTS
from sousveil.processes import Effect, Encounter, Entity, Level
from sousveil.quantity import keyed, quantities, quantity, setting

if TYPE_CHECKING:
    from sousveil.channels.base import Site

FACE = "face"
"""Level of a view that a system took as a face; `face_recognition.level` may name it."""


@dataclass(frozen=True, kw_only=True)
class DeploymentParameters:
    """Counted passers, where they are published; without deployments there are none."""

    per_year: float = quantity(
        "1/year",
        "Deployments at which the faces of passers are counted.",
        absent=0.0,
        role="state_lever",
    )
    faces: float = quantity(
        "view", "Faces that the system takes at a mean deployment.", absent=0.0, role="nature"
    )
    passing: Mapping[str, float] = quantities(
        "1",
        "Relative chance that people of a category pass, keyed margin.category.",
        by="category",
        absent=1.0,
        role="behaviour",
    )
    residents: Mapping[str, float] = quantities(
        "1",
        "Relative chance that residents of a settlement type pass.",
        by="settlement",
        absent=1.0,
        role="behaviour",
    )
    spread: float = quantity(
        "1",
        "Standard deviation of the logarithm by which people differ in how often they pass.",
        absent=0.0,
        role="behaviour",
    )
    where: str = setting(
        "Setting in which people pass.", default="street", choices=("street", "market", "station")
    )
    hours: Any = setting("Hours of day [from, to) of the deployments; empty: any.", default=())


def counted(parameters: DeploymentParameters, channel: str, site: Site) -> tuple[Encounter, ...]:
    """The encounter of counted passers: its expected total is deployments times faces.

    A person's rate is in proportion to presence in the setting at those hours, group by group.
    """
    if parameters.per_year * parameters.faces <= 0.0:
        return ()
    settlement = np.array(
        [keyed(parameters.residents, area.settlement, 1.0) for area in site.world.areas]
    )
    relative = np.where(site.world.civil, settlement, 0.0)[:, None]
    relative = relative * site.by_category(parameters.passing)[None, :]
    there = site.world.presence.get(parameters.where, np.zeros((site.shape[1], SLOTS)))
    profile = there * site.window(parameters.hours)[None, :]
    hours = profile @ site.slot_weights * HOURS_PER_YEAR
    chances = float((site.persons() * relative * hours[None, :]).sum())
    if chances <= 0.0:
        raise ValueError(
            f"channels.{channel}.deployments: nobody is in the setting {parameters.where} at "
            "the hours of the deployments"
        )
    spread = parameters.spread
    return (
        Encounter(
            name=f"{channel}.deployments",
            channel=channel,
            rate=relative * (parameters.per_year * parameters.faces / chances),
            profile=profile,
            levels=(Level("detect", 1.0, 1.0), Level(FACE, 1.0, 1.0)),
            effect=Effect(f"{channel}.passing", Entity.PERSON, "rate", spread) if spread else None,
        ),
    )
