"""Procedure: what happens to flags, and how a model is put together from acts and channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sousveil.quantity import quantities, quantity

CHANNEL = "free"
"""These mappings are keyed by channel; "other" stands for every channel that is not named."""


@dataclass(frozen=True, kw_only=True)
class ProcedureParameters:
    """From flag to case. Mappings are keyed by channel name; "other" stands for the rest."""

    partners_needed: Mapping[str, float] = quantities(
        "1",
        "Other channels that must flag the same person before a flag counts.",
        by=CHANNEL,
        absent=0.0,
        role="safeguard",
    )
    rule_hours: Mapping[str, float] = quantities(
        "h",
        "Hours before and after, within which those other flags count.",
        by=CHANNEL,
        absent=0.0,
        role="safeguard",
    )
    review_share: Mapping[str, float] = quantities(
        "1",
        "Share of flags sent to a human reviewer before anything happens.",
        by=CHANNEL,
        high=1,
        absent=0.0,
        role="safeguard",
    )
    reject_founded: Mapping[str, float] = quantities(
        "1",
        "Chance that a reviewer drops a founded flag.",
        by=CHANNEL,
        high=1,
        absent=0.0,
        role="behaviour",
    )
    reject_unfounded: Mapping[str, float] = quantities(
        "1",
        "Chance that a reviewer drops an unfounded flag.",
        by=CHANNEL,
        high=1,
        absent=0.0,
        role="behaviour",
    )
    retention_days: Mapping[str, float] = quantities(
        "day",
        "Days after which a flag that nobody has reviewed is dropped; 0: it waits for ever.",
        by=CHANNEL,
        absent=0.0,
        role="safeguard",
    )
    bribe_exit: Mapping[str, float] = quantities(
        "1",
        "Chance that a flag is settled by a payment and never becomes a case.",
        by=CHANNEL,
        high=1,
        absent=0.0,
        role="behaviour",
    )
    bribe_factor: Mapping[str, float] = quantities(
        "1",
        "Relative chance of such a payment in a category, keyed margin.category.",
        by="category",
        absent=1.0,
        role="behaviour",
    )
    officers: float = quantity(
        "person", "Officers who review flags; 0: as many as are needed.", absent=0.0
    )
    cases_per_officer_day: float = quantity(
        "1/day", "Flags that an officer reviews in a day.", absent=1.0, role="behaviour"
    )
