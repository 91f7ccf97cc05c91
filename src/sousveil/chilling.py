"""Chilling: acts not done for fear of being found out, as a monthly mean-field response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sousveil.arrays import MONTHS, Floats
from sousveil.counts import Count
from sousveil.engine.model import Model, makes_flags
from sousveil.processes import Act, Detection, Inspection, Sensitivity
from sousveil.quantity import quantity, setting, share
from sousveil.tallies import Key


@dataclass(frozen=True, kw_only=True)
class ChillingParameters:
    """Off unless a what-if switches it on: nobody has measured the elasticity."""

    elasticity: float = quantity(
        "1",
        "Acts fall by the factor exp(-elasticity times the perceived yearly risk of punishment).",
        absent=0.0,
        role="behaviour",
    )
    aware_share: float = share(
        "Share of people who know of the risk.", absent=1.0, role="behaviour"
    )
    punished_share: float = share(
        "Chance, as people see it, that a flag ends in punishment.", absent=1.0, role="behaviour"
    )
    enabled: bool = setting("Whether acts respond at all.", default=False)


def respond(parameters: ChillingParameters, model: Model, expected: Mapping[Key, Count]) -> Floats:
    """(A, M) share of the acts still done each month, all ones unless enabled.

    The first month knows no risk. Each later one answers the expected hazard of the month before:
    1 - aware + aware exp(-elasticity R), R = 1 - exp(-flags per adult and year x punished share),
    where the flags that have an act behind them have fallen with it. Every adult of an area
    perceives the same; crossings and bribes at the border do not respond.
    """
    result = np.ones((len(model.world.areas), MONTHS))
    if not parameters.enabled:
        return result
    from_acts, others = _hazards(model, expected)
    for month in range(1, MONTHS):
        hazard = from_acts * result[:, month - 1] + others
        risk = -np.expm1(-hazard * parameters.punished_share)
        answer = np.exp(-parameters.elasticity * risk)
        result[:, month] = 1.0 - parameters.aware_share * (1.0 - answer)
    return result


def thin(model: Model, month: Floats) -> Model:
    """Return the model with its acts thinned by (A, M) factors; itself where all are 1."""
    if (month >= 1.0).all():
        return model
    return replace(
        model,
        processes=tuple(
            replace(process, month=process.month * month)
            if isinstance(process, Act) and _responds(process)
            else process
            for process in model.processes
        ),
    )


def _responds(act: Act) -> bool:
    return act.sensitivity is not Sensitivity.BORDER


def _hazards(model: Model, expected: Mapping[Key, Count]) -> tuple[Floats, Floats]:
    """(A,) flags per adult and year that follow the acts that respond, and all others."""
    acts: tuple[Act, ...] = model.of(Act)
    responding = {act.name for act in acts if _responds(act)}
    follows = np.zeros(len(model.world.areas))
    stays = np.zeros_like(follows)
    for process in filter(makes_flags, model.processes):
        flags = sum(
            expected[Key(process.name, outcome)].by_area for outcome in ("founded", "unfounded")
        )
        child = isinstance(process, (Detection, Inspection)) and process.act in responding
        target = follows if child else stays
        target += flags
    adults = (model.world.people.by_group() * model.world.adults[None, :]).sum(axis=1)
    each = np.divide(1.0, adults, out=np.zeros_like(adults), where=adults > 0.0)
    return follows * each, stays * each
