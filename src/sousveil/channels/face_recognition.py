"""Face recognition: views of named channels against a watch-list, and footage in a register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sousveil.channels.base import Channel, Site
from sousveil.processes import Layer, Process
from sousveil.quantity import quantities, quantity, setting, share


@dataclass(frozen=True, kw_only=True)
class FaceRecognitionParameters:
    """An error model: nothing here reads a picture."""

    rule: str = setting(
        "How FPIR follows from the size of a list.",
        choices=("independent", "measured", "normalised"),
    )
    watchlist: float = quantity(
        "person", "People on the list that is searched live.", absent=0.0, role="state_lever"
    )
    listed_present: float = share(
        "Share of them who live among the people of the model.", absent=1.0, role="nature"
    )
    listed_factor: Mapping[str, float] = quantities(
        "1",
        "Relative share listed in a category, keyed margin.category.",
        by="category",
        absent=1.0,
        role="state_lever",
    )
    live_share: float = share(
        "Share of the cameras of `probes` that run a live search.", absent=0.0, role="state_lever"
    )
    probe_quality: float = share(
        "Chance that a view of `level` gives a usable probe.", absent=1.0, role="nature"
    )
    miss_rate: float = share(
        "Chance that a listed person's probe returns no hit (FNIR).", absent=0.0, role="nature"
    )
    false_match_rate: float = share(
        "Chance that two people's pictures match (FMR), for the rule `independent`.",
        absent=0.0,
        role="nature",
    )
    false_alert_rate: float = share(
        "Chance that a probe of somebody not listed gives an alert (FPIR), whatever the size of "
        "the list, for the rule `normalised`.",
        absent=0.0,
        role="nature",
    )
    measured: Mapping[str, float] = quantities(
        "1",
        "FPIR by size of list (keys are sizes), for the rule `measured`; between and beyond "
        "the sizes it is read on logarithmic scales.",
        by="free",
        high=1,
        absent=0.0,
        role="nature",
    )
    false_match_factor: Mapping[str, float] = quantities(
        "1",
        "Relative chance of a false match in a category, keyed margin.category.",
        by="category",
        absent=1.0,
        role="nature",
    )
    same_category_factor: Mapping[str, float] = quantities(
        "1",
        "How much likelier a false match is inside a category of a margin (sex) than across.",
        by="free",
        absent=1.0,
        role="nature",
    )
    proneness_spread: float = quantity(
        "1",
        "Standard deviation of the logarithm by which people differ in being mistaken.",
        absent=0.0,
        role="nature",
    )
    enrolled_share: float = share(
        "Share of adults whose picture is in the register.", absent=0.0, role="state_lever"
    )
    register_searches_per_day: float = quantity(
        "1/day", "Searches of footage in the register.", absent=0.0, role="state_lever"
    )
    register_acted_share: float = share(
        "Chance that a wrong return of the register becomes a flag.", absent=1.0, role="behaviour"
    )
    probes: Any = setting("List of the channels whose views are probes.", default=())
    level: str = setting("Level of a view that can be a probe.", default="identify")
    live_flags: bool = setting("Whether a live alert is a flag.", default=True)


def lower(parameters: FaceRecognitionParameters, site: Site) -> tuple[Process, ...]:
    """Live searches, one for each channel of `probes`, and wrong returns of the register."""
    raise NotImplementedError


CHANNEL = Channel(
    name="face_recognition",
    title="Face recognition",
    layer=Layer.MACHINES,
    parameters=FaceRecognitionParameters,
    lower=lower,
    limits=(),
)
