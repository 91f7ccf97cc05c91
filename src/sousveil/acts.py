"""Acts: what is punished, as a scenario declares it, lowered to points with spell and marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sousveil.processes import Act
from sousveil.quantity import quantities, quantity, setting, share

if TYPE_CHECKING:
    from sousveil.channels.base import Site

WHO = ("adults", "everybody", "strip_adults", "guards")
PER = ("person", "household", "nation")


@dataclass(frozen=True, kw_only=True)
class BorderMarks:
    """Four marks of a crossing: covered by a working camera, kind of footage, path, deleted.

    They exist where `length_km` is above 0. Channels only read them; a what-if patches them here.
    """

    length_km: float = quantity("km", "Length of the border.", absent=0.0, role="nature")
    posts: float = quantity(
        "1", "Guard posts along the whole border.", absent=0.0, role="state_lever"
    )
    posts_with_cameras: float = share(
        "Share of guard posts that carry cameras.", absent=0.0, role="state_lever"
    )
    cameras_per_post: float = quantity(
        "1", "Cameras at a post that carries any.", absent=1.0, role="state_lever"
    )
    view_width_m: float = quantity(
        "m", "Length of border in view of one camera by day.", absent=0.0, role="nature"
    )
    night_factor: float = share(
        "Length in view in the dark relative to that by day.", absent=1.0, role="nature"
    )
    working_share: float = share("Share of border cameras that work.", absent=1.0, role="nature")
    backup_share: float = share(
        "Share of border cameras that run without grid supply.", absent=0.0, role="nature"
    )
    central_share: float = share(
        "Share of border cameras watched from a centre instead of by the guards.",
        absent=0.0,
        role="state_lever",
    )
    helped_share: float = share(
        "Share of attempts made with a paid guard where no camera is in view.",
        absent=0.0,
        role="behaviour",
    )
    bribery_drop: float = share(
        "Relative fall of that share in view of a camera whose footage nobody can delete.",
        absent=0.0,
        role="behaviour",
    )
    give_up_share: float = share(
        "Of those whom a guard no longer helps, share that gives up; the others go alone.",
        absent=0.0,
        role="behaviour",
    )
    turned_back_share: float = share(
        "Share of unhelped attempts given up because a camera is in view.",
        absent=0.0,
        role="behaviour",
    )
    deleted_local: float = share(
        "Chance that footage of a helped crossing is deleted where guards watch it themselves.",
        absent=0.0,
        role="behaviour",
    )
    deleted_central: float = share(
        "The same where it is watched from a centre.", absent=0.0, role="behaviour"
    )
    fence_deterrence: float = share(
        "Share of attempts that the fences prevent.", absent=0.0, role="state_lever"
    )
    shoot_order_deterrence: float = share(
        "Share of the remaining attempts that the order to shoot prevents.",
        absent=0.0,
        role="state_lever",
    )
    far_side_deterrence: float = share(
        "Share of the remaining attempts that controls beyond the border prevent.",
        absent=0.0,
        role="nature",
    )
    power_line: str = setting("Power line of the border cameras.", default="border")


@dataclass(frozen=True, kw_only=True)
class ActParameters:
    """How often an act is done, by whom, where and when, and which right it exercises."""

    rate_per_year: float = quantity(
        "1/year",
        "Times a year that the act is done where power never fails: by a person or household of "
        "`who` whose factors are 1, or by all of them together (`per`).",
        absent=0.0,
        role="behaviour",
    )
    rate_factor: float = quantity(
        "1", "Multiplier of the rate, for a bias or a trend of its own.", absent=1.0
    )
    group_factor: Mapping[str, float] = quantities(
        "1",
        "Relative rate of a category, keyed margin.category (sex.female).",
        by="category",
        absent=1.0,
        role="behaviour",
    )
    settlement_factor: Mapping[str, float] = quantities(
        "1", "Relative rate in a settlement type.", by="settlement", absent=1.0, role="behaviour"
    )
    effect_spread: float = quantity(
        "1",
        "Standard deviation of the logarithm of a person's own rate.",
        absent=0.0,
        role="behaviour",
    )
    needs_grid: float = share("Share of the acts that need electricity.", absent=0.0, role="nature")
    battery_share: float = share(
        "Of those, share that batteries or panels carry through an outage.",
        absent=0.0,
        role="nature",
    )
    spell_hours: float = quantity(
        "h", "Hours that the act stays in progress.", low=1, absent=1.0, role="behaviour"
    )
    border: BorderMarks = field(default_factory=BorderMarks)
    who: str = setting("Who can do it.", default="adults", choices=WHO)
    per: str = setting("Whose rate it is.", default="person", choices=PER)
    place: str = setting("Setting of presence.csv in which it is done, or border.", default="home")
    hours: Any = setting(
        "Hours of day [from, to) in which it is done; empty: the whole day.", default=()
    )
    profile: str = setting(
        "Whether within these hours it follows the presence in its place or is even.",
        default="presence",
        choices=("presence", "even"),
    )
    power_line: str = setting("Power line that it needs.", default="home")
    bribes_of: str = setting(
        "Name of the act whose helped crossings are the bribes that this act counts at the guards.",
        default="",
    )
    right: str = setting("Article of UDHR or ICCPR that it exercises.", default="")
    legitimate_aim: str = setting(
        "Where it exercises no right: the aim of punishing it, with the reason.", default=""
    )


def lower_acts(parameters: Mapping[str, ActParameters], site: Site) -> dict[str, Act]:
    """Every act of the scenario as a process, by name."""
    raise NotImplementedError
