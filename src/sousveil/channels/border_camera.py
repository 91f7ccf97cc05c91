"""Border camera: cameras on guard posts that see crossings, and the guards who help them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sousveil.channels.base import Channel, Site
from sousveil.processes import Layer, Process
from sousveil.quantity import quantities, quantity, share


@dataclass(frozen=True, kw_only=True)
class BorderCameraParameters:
    """Who looks at the footage; whether a working camera is there belongs to the act's marks."""

    watched_local: float = share(
        "Share of the time that a camera watched at its post is looked at.",
        absent=0.0,
        role="state_lever",
    )
    watched_central: float = share(
        "Share of the time that a camera watched from a centre is looked at.",
        absent=0.0,
        role="state_lever",
    )
    attention: float = share(
        "Chance that a watcher notices what a watched camera shows.", absent=1.0, role="behaviour"
    )
    review_share: float = share(
        "Chance that stored footage of the act is looked at later.", absent=0.0, role="behaviour"
    )
    review_delay_days: float = quantity("day", "Days until then.", absent=0.0, role="behaviour")
    retention_days: float = quantity(
        "day", "Mean days that footage is kept; 0: nothing is kept.", absent=0.0, role="safeguard"
    )
    report_local: Mapping[str, float] = quantities(
        "1",
        "Chance that what was noticed at the post becomes a flag.",
        by="act",
        high=1,
        absent=1.0,
        role="behaviour",
    )
    report_central: Mapping[str, float] = quantities(
        "1",
        "Chance that what was noticed in the centre becomes a flag.",
        by="act",
        high=1,
        absent=1.0,
        role="behaviour",
    )
    bribed_share: float = share(
        "Chance that the watcher is bribed first.", absent=0.0, role="behaviour"
    )


def lower(parameters: BorderCameraParameters, site: Site) -> tuple[Process, ...]:
    """Detections of acts that carry the mark `covered`, by kind of footage."""
    raise NotImplementedError


CHANNEL = Channel(
    name="border_camera",
    title="Border cameras",
    layer=Layer.MACHINES,
    parameters=BorderCameraParameters,
    lower=lower,
    limits=(),
)
