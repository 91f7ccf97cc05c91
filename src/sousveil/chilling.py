"""Chilling: acts not done for fear of being found out, as a monthly mean-field response."""

from __future__ import annotations

from dataclasses import dataclass

from sousveil.quantity import quantity, setting, share


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
