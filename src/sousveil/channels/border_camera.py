"""Border camera: cameras on guard posts that see crossings, and the guards who help them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sousveil.channels.base import Channel, Site
from sousveil.processes import Act, Detection, Layer, Process
from sousveil.quantity import keyed, quantities, quantity, share


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
    stored = kept(parameters)
    watched = {"local": parameters.watched_local, "central": parameters.watched_central}
    reports = {"local": parameters.report_local, "central": parameters.report_central}
    return tuple(
        Detection(
            name=f"border_camera.{act.name}.{footage}",
            channel="border_camera",
            act=act.name,
            notice=site.full(seen(live * parameters.attention, stored)),
            by_slot=site.flat(),
            report=site.full(keyed(reports[footage], act.name, 1.0)),
            bribed=site.full(parameters.bribed_share),
            when=conditions(act, footage),
        )
        for act in site.acts.values()
        if any(mark.name == "covered" for mark in act.marks)
        for footage, live in watched.items()
    )


def kept(parameters: BorderCameraParameters) -> float:
    """Chance that stored footage of an act is looked at before it is overwritten."""
    if parameters.retention_days <= 0.0:
        return 0.0
    still_there = math.exp(-parameters.review_delay_days / parameters.retention_days)
    return parameters.review_share * still_there


def seen(live: float, stored: float) -> float:
    """Noticed live, or else in the stored footage."""
    return live + (1.0 - live) * stored


def conditions(act: Act, footage: str) -> dict[str, tuple[str, ...]]:
    """Marks with which a camera can see the act: in view, undeleted, and not given up."""
    wanted = {
        "covered": ("yes",),
        "footage": (footage,),
        "path": ("helped", "alone"),
        "deleted": ("no",),
    }
    carried = {mark.name for mark in act.marks}
    return {name: categories for name, categories in wanted.items() if name in carried}


CHANNEL = Channel(
    name="border_camera",
    title="Border cameras",
    layer=Layer.MACHINES,
    parameters=BorderCameraParameters,
    lower=lower,
    limits=(
        "Where a working camera looks is one share of the whole border, with neither "
        "place nor post.",
        "Deleted footage is lost for live watchers too: who deletes it is taken to be the "
        "one who watches.",
        "That people never try because of cameras is only in `turned_back_share` of the "
        "act's border.",
    ),
)
