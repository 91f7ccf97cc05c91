"""Border guard: a guard's own eyes on those who cross without his help."""

from __future__ import annotations

from dataclasses import dataclass

from sousveil.channels.base import Channel, Site
from sousveil.processes import Detection, Layer, Process
from sousveil.quantity import share


@dataclass(frozen=True, kw_only=True)
class BorderGuardParameters:
    """How often an unpaid guard notices a crossing."""

    notice: float = share(
        "Chance that a guard notices somebody who crosses alone, by day.", role="behaviour"
    )
    night_factor: float = share(
        "That chance in the dark relative to daylight.", absent=1.0, role="behaviour"
    )
    report: float = share(
        "Chance that what was noticed becomes a flag.", absent=1.0, role="behaviour"
    )
    bribed_share: float = share(
        "Chance that the guard is bribed on the spot.", absent=0.0, role="behaviour"
    )


def lower(parameters: BorderGuardParameters, site: Site) -> tuple[Process, ...]:
    """Detections of acts whose mark `path` is alone."""
    return tuple(
        Detection(
            name=f"border_guard.{act.name}",
            channel="border_guard",
            act=act.name,
            notice=site.full(parameters.notice),
            by_slot=site.dark(parameters.night_factor),
            report=site.full(parameters.report),
            bribed=site.full(parameters.bribed_share),
            when={"path": ("alone",)},
        )
        for act in site.acts.values()
        if any(mark.name == "path" for mark in act.marks)
    )


CHANNEL = Channel(
    name="border_guard",
    title="Border guards",
    layer=Layer.PEOPLE,
    parameters=BorderGuardParameters,
    lower=lower,
    limits=(
        "Guards do not patrol: how densely they stand enters only through the chance to notice.",
        "A guard who is paid on the spot counts as an extortion; one paid beforehand is "
        "the helped path.",
    ),
)
