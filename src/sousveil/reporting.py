"""Reports by people: who notices reports with some chance, and routine leaves room for so many.

What neighbours and colleagues have in common: factors by act and category, zeal that differs from
one circle to the next, bribes, false reports, and the routine to which reports are held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sousveil.arrays import DAYS_PER_YEAR, Floats
from sousveil.processes import Act, Detection, Effect, Entity
from sousveil.quantity import keyed, quantities, quantity, setting, share

if TYPE_CHECKING:
    from sousveil.channels.base import Site

WEEKS_PER_YEAR = DAYS_PER_YEAR / 7


@dataclass(frozen=True)
class Routine:
    """How many reports people's routine leaves room for, and the share of them that is false.

    room: (A,) reports a year, true and false, that name a person; infinite where nothing is said
    about it. held: whether reports are held to that room. false_share: of all reports, in the base
    run.
    weights: act -> weight among false allegations (empty: as the true reports). by_group: (G,)
    relative chance of being denounced.
    """

    room: Floats
    held: bool
    false_share: float
    weights: Mapping[str, float]
    by_group: Floats


@dataclass(frozen=True, kw_only=True)
class ReportingParameters:
    """How what people noticed becomes a report, and how many reports there is room for."""

    report_probability: float = share("Chance that what was noticed is reported.", role="behaviour")
    report_factor: Mapping[str, float] = quantities(
        "1", "Relative chance of a report by act.", by="act", absent=1.0, role="behaviour"
    )
    report_factor_by_category: Mapping[str, float] = quantities(
        "1",
        "Relative chance of being reported in a category, keyed margin.category.",
        by="category",
        absent=1.0,
        role="behaviour",
    )
    zeal_concentration: float = quantity(
        "1",
        "Concentration of the Beta by which units or workplaces differ in zeal; 0: all alike.",
        absent=0.0,
        role="behaviour",
    )
    bribed_share: float = share(
        "Chance that the one who reports is bribed first.", absent=0.0, role="behaviour"
    )
    false_report_share: float = share(
        "Share of all reports that are made without an act, in the base run.",
        absent=0.0,
        role="behaviour",
    )
    denounced: Mapping[str, float] = quantities(
        "1",
        "Weight of an act among the false allegations; none: in proportion to what is reported.",
        by="act",
        absent=0.0,
        role="behaviour",
    )
    routine_reports_per_week: float = quantity(
        "1/week",
        "Routine reports of a unit or cell; 0: reports are not held to them.",
        absent=0.0,
        role="behaviour",
    )
    naming_share: float = share(
        "Share of routine reports that name a person.", absent=0.0, role="behaviour"
    )
    report_anchor: bool = setting(
        "Whether true and false reports together are held to the routine reports of the base run.",
        default=True,
    )


def reported(act: str, parameters: ReportingParameters, site: Site, trend: float = 1.0) -> Floats:
    """(A, G) chance that what was noticed is reported, cut at 1. trend: a factor for every act."""
    factor = keyed(parameters.report_factor, act, 1.0) * trend
    by_group = site.by_category(parameters.report_factor_by_category)
    chance = parameters.report_probability * factor * by_group
    return np.tile(np.minimum(chance, 1.0), (site.shape[0], 1))


def reporting(
    channel: str,
    act: Act,
    notice: Floats,
    circle: Entity,
    parameters: ReportingParameters,
    site: Site,
    trend: float = 1.0,
) -> Detection:
    """The detection of an act by people who may report it.

    notice: (A,) chance that somebody of the circle notices it; zeal differs from circle to circle.
    """
    zeal = Effect(f"{channel}.zeal", circle, "share", parameters.zeal_concentration)
    return Detection(
        name=f"{channel}.{act.name}",
        channel=channel,
        act=act.name,
        notice=site.full(1.0) * site.world.civil[:, None] * notice[:, None],
        by_slot=site.flat(),
        report=reported(act.name, parameters, site, trend),
        bribed=site.full(parameters.bribed_share),
        effect=zeal if parameters.zeal_concentration > 0.0 else None,
        anchored=True,
    )


def routine_of(circles: Floats, parameters: ReportingParameters, site: Site) -> Routine:
    """Room for reports that name a person: circles x weekly reports x share that names one.

    circles: (A,) units or cells that make routine reports.
    """
    weekly = parameters.routine_reports_per_week
    each = weekly * WEEKS_PER_YEAR * parameters.naming_share if weekly > 0.0 else np.inf
    return Routine(
        room=circles * each,
        held=parameters.report_anchor,
        false_share=parameters.false_report_share,
        weights=parameters.denounced,
        by_group=site.by_category(parameters.report_factor_by_category),
    )
