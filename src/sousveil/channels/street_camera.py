"""Street camera: cameras over streets and in workplaces and schools, and who looks at them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sousveil.arrays import Bools, Floats
from sousveil.channels.base import Channel, Site
from sousveil.deployments import DeploymentParameters, counted
from sousveil.optics import DORI, area, dori_range, mean_width
from sousveil.processes import Act, Detection, Effect, Encounter, Entity, Layer, Level, Process
from sousveil.quantity import keyed, quantities, quantity, setting, share


@dataclass(frozen=True, kw_only=True)
class StreetCameraParameters:
    """Optics, density and attention; how many cameras there are belongs to `world.stock`."""

    density_weight: Mapping[str, float] = quantities(
        "1",
        "Cameras per street space relative to other settlement types; none where left out. With "
        "any, the fields up to the angle of view are needed.",
        by="settlement",
        absent=0.0,
        role="state_lever",
    )
    people_per_built_km2: Mapping[str, float] = quantities(
        "person/km**2",
        "Residents per built-up land.",
        by="settlement",
        low=1,
        absent=np.inf,
        role="nature",
    )
    street_space_share: float = share(
        "Share of built-up land that is street.", absent=0.0, role="nature"
    )
    street_width_m: float = quantity(
        "m", "Width of a street, which caps the range of a camera.", absent=0.0, role="nature"
    )
    walking_speed: float = quantity(
        "km/h",
        "Mean speed of a person in the street, stops included.",
        absent=0.0,
        role="nature",
    )
    pixels: float = quantity("1", "Pixels across a picture.", low=1, absent=0.0, role="nature")
    view_angle: float = quantity(
        "degree", "Horizontal angle of view.", low=1, high=360, absent=0.0, role="nature"
    )
    deployments: DeploymentParameters = field(default_factory=DeploymentParameters)
    night_factor: Mapping[str, float] = quantities(
        "1",
        "Views of a level (detect, observe, recognise, identify) in the dark relative to daylight.",
        by="level",
        high=1,
        absent=1.0,
        role="nature",
        keys=tuple(DORI),
    )
    seconds_in_view: float = quantity(
        "s",
        "Time that a walker stays in view; 0: as long as it takes to walk through.",
        absent=0.0,
        role="nature",
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
        by="level",
        high=1,
        absent=0.0,
        role="nature",
        keys=tuple(DORI),
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
    act_level: str = setting(
        "Level that a view needs to show what somebody does in the street.",
        default="observe",
        choices=("detect", "observe", "recognise", "identify"),
    )
    power_line: str = setting("Power line of the cameras; empty: never without.", default="state")
    street_use: str = setting("Use in `world.stock` of the street cameras.", default="street")
    site_uses: Any = setting(
        "Mapping of a setting to the use in `world.stock` of its cameras.", default=None
    )


PUBLIC = ("street", "market", "station")
METRES_PER_KM = 1000.0
SECONDS_PER_HOUR = 3600.0


def lower(parameters: StreetCameraParameters, site: Site) -> tuple[Process, ...]:
    """Encounters of walkers, counted passers, views in rooms, acts in public that are noticed."""
    _refuse_half_a_camera(parameters)
    if "street" in parameters.views_per_hour:
        raise ValueError("channels.street_camera.views_per_hour: the street has no sites")
    walkers = (_walkers(parameters, site),) if _stands(parameters) else ()
    return (
        *walkers,
        *counted(parameters.deployments, "street_camera", site),
        *(_in_sites(setting_name, parameters, site) for setting_name in parameters.views_per_hour),
        *(_detection(act, parameters, site) for act in site.named_acts(parameters.visible)),
    )


def _stands(parameters: StreetCameraParameters) -> bool:
    """Whether cameras stand anywhere, besides those of deployments."""
    return any(weight > 0.0 for weight in parameters.density_weight.values())


def _refuse_half_a_camera(parameters: StreetCameraParameters) -> None:
    """Refuse cameras that stand somewhere and lack what says how much they see."""
    needed = ("people_per_built_km2", "street_space_share", "street_width_m", "walking_speed")
    needed = (*needed, "pixels", "view_angle")
    lacking = [name for name in needed if not getattr(parameters, name)]
    if _stands(parameters) and lacking:
        raise ValueError(
            f"channels.street_camera: cameras stand somewhere (density_weight), so give "
            f"{', '.join(lacking)}"
        )


def eligible(parameters: StreetCameraParameters, site: Site) -> Bools:
    """(A,) areas of residents whose settlement type has any cameras."""
    return site.world.civil & (site.by_settlement(parameters.density_weight) > 0.0)


def density(parameters: StreetCameraParameters, site: Site) -> Floats:
    """(A,) street cameras per km2 of street space, the stock shared out by weight."""
    built = site.world.people.persons / site.by_settlement(parameters.people_per_built_km2, np.inf)
    space = np.where(eligible(parameters, site), built * parameters.street_space_share, 0.0)
    weight = site.by_settlement(parameters.density_weight)
    total = float((weight * space).sum())
    cameras = site.world.stock.get(parameters.street_use, 0.0)
    return np.where(space > 0.0, weight, 0.0) * (cameras / total if total > 0.0 else 0.0)


def ranges(parameters: StreetCameraParameters) -> dict[str, float]:
    """Metres up to which each level holds, cut at the width of the street."""
    angle = math.radians(parameters.view_angle)
    return {
        level: min(dori_range(parameters.pixels, angle, needed), parameters.street_width_m)
        for level, needed in DORI.items()
    }


def street_levels(parameters: StreetCameraParameters) -> tuple[Level, ...]:
    """Levels as shares of the widest by day; in the dark each is thinned and stays nested."""
    angle, reach = math.radians(parameters.view_angle), ranges(parameters)
    widest = mean_width(reach["detect"], angle, parameters.zone)
    levels: list[Level] = []
    for name, radius in reach.items():
        day = mean_width(radius, angle, parameters.zone) / widest
        night = day * keyed(parameters.night_factor, name, 1.0)
        if levels:
            night = min(night, levels[-1].night_share)
        levels.append(Level(name, day, night))
    return tuple(levels)


def equipped(name: str, parameters: StreetCameraParameters, site: Site) -> float:
    """Share of the sites of a setting, in eligible areas, that have cameras.

    As declared, or from the stock of its use: cameras over cameras per site, over sites. The people
    of a site are those there at the busiest hour.
    """
    if name in parameters.equipped_share:
        return parameters.equipped_share[name]
    use = (parameters.site_uses or {}).get(name, name)
    uses = sorted(site.world.stock.keys() - {"total"})
    if uses and name in (parameters.site_uses or {}) and use not in uses:
        raise ValueError(
            f"channels.street_camera.site_uses: {use} is no use of world.stock, which has "
            f"{', '.join(uses)}"
        )
    with_cameras = site.world.stock.get(use, 0.0) / keyed(parameters.cameras_per_site, name, 1.0)
    persons = site.persons()[eligible(parameters, site)].sum(axis=0)
    people = float(persons @ site.world.presence[name].max(axis=1))
    sites = people / keyed(parameters.people_per_site, name, 1.0)
    return min(1.0, with_cameras / sites) if sites > 0.0 else 0.0


def _walkers(parameters: StreetCameraParameters, site: Site) -> Encounter:
    angle, reach = math.radians(parameters.view_angle), ranges(parameters)["detect"]
    width = mean_width(reach, angle, parameters.zone)
    speed = parameters.walking_speed * METRES_PER_KM
    rate = density(parameters, site) / METRES_PER_KM**2 * speed * width
    # Mean chord of the view, crossed at walking speed, unless people are known to stay longer.
    crossing = area(reach, angle, parameters.zone) / width / speed * SECONDS_PER_HOUR
    moving = [site.world.presence[name] for name in PUBLIC if _is_open(name, parameters, site)]
    spread = parameters.route_spread
    return Encounter(
        name="street_camera.street",
        channel="street_camera",
        rate=np.repeat(rate[:, None], site.shape[1], axis=1),
        profile=np.sum(moving, axis=0) if moving else np.zeros((site.shape[1], len(site.flat()))),
        levels=street_levels(parameters),
        gate=site.gate(parameters.power_line, parameters.backup_share),
        effect=Effect("street_camera.route", Entity.PERSON, "rate", spread) if spread else None,
        seconds_in_view=parameters.seconds_in_view or crossing,
    )


def _is_open(name: str, parameters: StreetCameraParameters, site: Site) -> bool:
    """Whether people walk through a setting, instead of staying in its sites."""
    return name in site.world.presence and name not in parameters.views_per_hour


def _in_sites(name: str, parameters: StreetCameraParameters, site: Site) -> Encounter:
    shares = [
        (level, keyed(parameters.site_level_share, level, 0.0))
        for level in DORI
        if level in parameters.site_level_share
    ]
    levels = [Level("detect", 1.0, 1.0)]
    for level, value in shares:
        nested = min(value, levels[-1].day_share)
        levels.append(Level(level, nested, nested))
    views = np.where(eligible(parameters, site), parameters.views_per_hour[name], 0.0)
    return Encounter(
        name=f"street_camera.{name}",
        channel="street_camera",
        rate=np.repeat(views[:, None], site.shape[1], axis=1),
        profile=site.world.presence[name],
        levels=tuple(levels),
        gate=site.gate(parameters.power_line, parameters.backup_share),
        effect=Effect(f"street_camera.sites.{name}", Entity.SITE, "share", 0.0),
        equipped=equipped(name, parameters, site),
        moving=False,
        seconds_in_view=parameters.site_seconds_in_view,
    )


def in_view(act: Act, parameters: StreetCameraParameters, site: Site) -> Floats:
    """(A,) chance that the place of an act is in view of a camera at that moment."""
    if act.place in parameters.equipped_share or act.place in parameters.views_per_hour:
        room = keyed(parameters.room_in_view, act.place, 1.0)
        share_seen = equipped(act.place, parameters, site) * room
        return np.where(eligible(parameters, site), share_seen, 0.0)
    if act.place not in PUBLIC:
        return np.zeros(site.shape[0])
    angle, reach = math.radians(parameters.view_angle), ranges(parameters)[parameters.act_level]
    seen = density(parameters, site) / METRES_PER_KM**2 * area(reach, angle, parameters.zone)
    return -np.expm1(-seen)


def attention(parameters: StreetCameraParameters) -> float:
    """Chance that somebody notices what a camera shows, live or later in stored footage."""
    live = parameters.watched_share * parameters.attention
    return live + (1.0 - live) * stored(parameters)


def stored(parameters: StreetCameraParameters) -> float:
    """Chance that footage is looked at later: asked for, still there, within reach."""
    if parameters.retention_days <= 0.0:
        return 0.0
    still_there = math.exp(-parameters.review_delay_days / parameters.retention_days)
    return parameters.review_share * still_there * parameters.central_access


def _detection(act: Act, parameters: StreetCameraParameters, site: Site) -> Detection:
    seen = parameters.visible[act.name] * attention(parameters)
    dark = keyed(parameters.night_factor, parameters.act_level, 1.0)
    return Detection(
        name=f"street_camera.{act.name}",
        channel="street_camera",
        act=act.name,
        notice=np.repeat((in_view(act, parameters, site) * seen)[:, None], site.shape[1], axis=1),
        by_slot=site.dark(dark if act.place in PUBLIC else 1.0),
        report=site.full(parameters.report),
        bribed=site.full(parameters.bribed_share),
        gate=site.gate(parameters.power_line, parameters.backup_share),
    )


CHANNEL = Channel(
    name="street_camera",
    title="Street and site cameras",
    layer=Layer.MACHINES,
    parameters=StreetCameraParameters,
    lower=lower,
    limits=(
        "A view with enough pixels is not a name, and nobody need have looked at it.",
        "Cameras stand at random in the street space of a settlement type; real ones "
        "stand where people are.",
        "An act that lasts is noticed only if it is in view at a given moment of its first hour.",
        "Acts in one equipped workplace are noticed independently of one another.",
        "How often a person is in view at a desk or in a classroom has no source.",
    ),
)
