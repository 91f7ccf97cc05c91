"""Street camera: cameras over streets and in workplaces and schools, and who looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sousveil.channels.base import Channel, Site
from sousveil.processes import Layer, Process
from sousveil.quantity import quantities, quantity, setting, share


@dataclass(frozen=True, kw_only=True)
class StreetCameraParameters:
    """Optics, density and attention; how many cameras there are belongs to `world.stock`."""

    density_weight: Mapping[str, float] = quantities(
        "1",
        "Cameras per street space relative to other settlement types; none where left out.",
        by="settlement",
        role="state_lever",
    )
    people_per_built_km2: Mapping[str, float] = quantities(
        "person/km**2", "Residents per built-up land.", by="settlement", low=1, role="nature"
    )
    street_space_share: float = share("Share of built-up land that is street.", role="nature")
    street_width_m: float = quantity(
        "m", "Width of a street, which caps the range of a camera.", role="nature"
    )
    walking_speed: float = quantity(
        "km/h", "Mean speed of a person in the street, stops included.", role="nature"
    )
    pixels: float = quantity("1", "Pixels across a picture.", low=1, role="nature")
    view_angle: float = quantity(
        "degree", "Horizontal angle of view.", low=1, high=360, role="nature"
    )
    night_factor: Mapping[str, float] = quantities(
        "1",
        "Views of a level (detect, observe, recognise, identify) in the dark relative to daylight.",
        by="free",
        high=1,
        absent=1.0,
        role="nature",
    )
    seconds_in_view: float = quantity(
        "s", "Time that a walker stays in view.", absent=0.0, role="nature"
    )
    route_spread: float = quantity(
        "1",
        "Standard deviation of the logarithm of what people's routes meet.",
        absent=0.0,
        role="behaviour",
    )
    people_per_site: Mapping[str, float] = quantities(
        "person",
        "People who use one site of a setting (work, school).",
        by="setting",
        low=1,
        absent=1.0,
        role="nature",
    )
    cameras_per_site: Mapping[str, float] = quantities(
        "camera",
        "Cameras in a site that has any.",
        by="setting",
        low=1,
        absent=1.0,
        role="state_lever",
    )
    equipped_share: Mapping[str, float] = quantities(
        "1",
        "Share of the sites of a setting that have cameras; instead of a stock of that use.",
        by="setting",
        high=1,
        absent=0.0,
        role="state_lever",
    )
    views_per_hour: Mapping[str, float] = quantities(
        "1/h",
        "Views of a person in an equipped site; none where left out.",
        by="setting",
        absent=0.0,
        role="nature",
    )
    site_level_share: Mapping[str, float] = quantities(
        "1",
        "Share of those views that reach a level (observe, recognise, identify).",
        by="free",
        high=1,
        absent=0.0,
        role="nature",
    )
    site_seconds_in_view: float = quantity(
        "s", "Time in view for each of those views.", absent=0.0, role="nature"
    )
    room_in_view: Mapping[str, float] = quantities(
        "1",
        "Share of an equipped site's space in view.",
        by="setting",
        high=1,
        absent=1.0,
        role="nature",
    )
    visible: Mapping[str, float] = quantities(
        "1",
        "Chance that a picture of the act shows what it is; acts left out are not seen.",
        by="act",
        high=1,
        absent=0.0,
        role="nature",
    )
    watched_share: float = share(
        "Share of cameras that somebody watches live.", absent=0.0, role="state_lever"
    )
    attention: float = share(
        "Chance that a watcher notices what a watched camera shows.", absent=1.0, role="behaviour"
    )
    review_share: float = share(
        "Chance that stored footage of an act is looked at later.", absent=0.0, role="behaviour"
    )
    review_delay_days: float = quantity("day", "Days until then.", absent=0.0, role="behaviour")
    retention_days: float = quantity(
        "day", "Mean days that footage is kept; 0: nothing is kept.", absent=0.0, role="safeguard"
    )
    central_access: float = share(
        "Share of footage that can be fetched.", absent=1.0, role="state_lever"
    )
    report: float = share(
        "Chance that what was noticed becomes a flag.", absent=1.0, role="behaviour"
    )
    bribed_share: float = share(
        "Chance that the watcher is bribed first.", absent=0.0, role="behaviour"
    )
    backup_share: float = share(
        "Share of cameras that run without grid supply.", absent=0.0, role="nature"
    )
    zone: str = setting(
        "Shape of the field of view.", default="sector", choices=("sector", "triangle")
    )
    power_line: str = setting("Power line of the cameras; empty: never without.", default="state")
    street_use: str = setting("Use in `world.stock` of the street cameras.", default="street")
    site_uses: Any = setting(
        "Mapping of a setting to the use in `world.stock` of its cameras.", default=None
    )


def lower(parameters: StreetCameraParameters, site: Site) -> tuple[Process, ...]:
    """Encounters of walkers, views in fixed settings, and acts in public that somebody notices."""
    raise NotImplementedError


CHANNEL = Channel(
    name="street_camera",
    title="Street and site cameras",
    layer=Layer.MACHINES,
    parameters=StreetCameraParameters,
    lower=lower,
    limits=(),
)
