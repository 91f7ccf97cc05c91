"""Acts: what is punished, as a scenario declares it, lowered to points with spell and marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sousveil.arrays import HOURS_PER_YEAR, MONTHS, Floats
from sousveil.crossings import (
    BorderMarks,
    bribe_marks,
    crossing,
    crossing_marks,
    deterrence,
    helped,
)
from sousveil.processes import NO_GATE, Act, Effect, Entity, Gate, Sensitivity
from sousveil.quantity import quantities, quantity, setting, share
from sousveil.sameness import same

if TYPE_CHECKING:
    from sousveil.channels.base import Site

WHO = ("adults", "everybody", "strip_adults", "guards")
PLACES = ("home", "work", "school", "street", "market", "station", "border")
PER = ("person", "household", "nation")


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
    place: str = setting(
        "Setting of presence.csv in which it is done, or border.", default="home", choices=PLACES
    )
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


def lower_acts(
    parameters: Mapping[str, ActParameters], site: Site, known: Mapping[str, Act] | None = None
) -> dict[str, Act]:
    """Every act of the scenario as a process, by name. known: those that are lowered already."""
    for name, act in parameters.items():
        _refuse(name, act, parameters)
    done = dict(known or {})
    for name, act in parameters.items():
        if name not in done and not act.bribes_of:
            done[name] = _lower(name, act, site)
    for name, act in parameters.items():
        if name not in done:
            parent = act.bribes_of
            done[name] = _lower_bribe(name, act, parameters[parent], done[parent], site)
    return {name: done[name] for name in parameters}


def unchanged(
    parameters: Mapping[str, ActParameters], others: Mapping[str, ActParameters]
) -> list[str]:
    """Names of the acts that are the same in another what-if, in the same world."""
    kept = {name for name, act in parameters.items() if same(others.get(name), act)}
    return [
        name
        for name in parameters
        if name in kept and (not parameters[name].bribes_of or parameters[name].bribes_of in kept)
    ]


def _refuse(name: str, act: ActParameters, parameters: Mapping[str, ActParameters]) -> None:
    if not act.right and not act.legitimate_aim:
        raise ValueError(
            f"acts.{name}: name the right that it exercises, or a legitimate_aim with its reason"
        )
    if act.bribes_of and not _marked(parameters.get(act.bribes_of)):
        raise ValueError(f"acts.{name}.bribes_of: {act.bribes_of!r} is no act with a border")


def _marked(act: ActParameters | None) -> bool:
    return act is not None and act.border.length_km > 0.0


def _lower(name: str, act: ActParameters, site: Site) -> Act:
    """An act, with the marks of a crossing where it has a border."""
    profile = _profile(act, site)
    lowered = Act(
        name=name,
        rate=_yearly(act, profile, site) / HOURS_PER_YEAR,
        profile=profile,
        month=np.ones((site.shape[0], MONTHS)),
        gate=site.gate(act.power_line, 1.0 - act.needs_grid * (1.0 - act.battery_share))
        if act.needs_grid > 0.0
        else NO_GATE,
        spell_hours=max(1, round(act.spell_hours)),
        place=act.place,
        right=act.right,
        legitimate_aim=act.legitimate_aim,
        sensitivity=_sensitivity(act),
        effect=_habit(name, act.effect_spread),
    )
    if not _marked(act):
        return lowered
    tables = crossing(act.border, _light(act, profile, site))
    line = _line(act.border, site)
    return replace(
        lowered,
        rate=lowered.rate * deterrence(act.border),
        marks=crossing_marks(tables, line, site.shape[0]),
        completes={"path": ("helped", "alone")},
    )


def _lower_bribe(
    name: str, act: ActParameters, parent: ActParameters, crossings: Act, site: Site
) -> Act:
    """A bribe at the border: one for each helped crossing, shared out evenly over the guards.

    Help is rarer where cameras have power, so the crossings' two chances of help become a gate.
    """
    tables = crossing(parent.border, _light(parent, crossings.profile, site))
    line = _line(parent.border, site)
    on, off = helped(tables, tables.covered_on), helped(tables, tables.covered_off)
    most = max(on, off) if line else on
    guards = _who("guards", site)
    total = float((crossings.rate * site.persons()).sum())
    count = float((guards * site.persons()).sum())
    if total > 0.0 and count <= 0.0:
        raise ValueError(f"acts.{name}: there are no guards; give world.people.guards")
    each = total * most / count if count > 0.0 else 0.0
    return replace(
        crossings,
        name=name,
        rate=each * guards,
        profile=site.even(np.tile(site.window(parent.hours), (site.shape[1], 1))),
        gate=Gate(line, on / most, off / most) if line and most > 0.0 else NO_GATE,
        spell_hours=max(1, round(act.spell_hours)),
        right=act.right,
        legitimate_aim=act.legitimate_aim,
        effect=_habit(name, act.effect_spread),
        marks=bribe_marks(tables, line, site.shape[0]),
        completes={},
    )


def _habit(name: str, spread: float) -> Effect | None:
    return Effect(f"act.{name}", Entity.PERSON, "rate", spread) if spread > 0.0 else None


def _line(border: BorderMarks, site: Site) -> str:
    return border.power_line if border.power_line in site.world.power.lines else ""


def _sensitivity(act: ActParameters) -> Sensitivity:
    if _marked(act) or act.place == "border":
        return Sensitivity.BORDER
    return Sensitivity.PROTECTED if act.right else Sensitivity.OPEN


def _profile(act: ActParameters, site: Site) -> Floats:
    """(G, S) mean 1 over the year: presence in the act's place within its hours, or even.

    A group that is never there then does not do it. A place where presence.csv has nobody (the
    border) tells nothing, and the hours decide alone.
    """
    window = np.tile(site.window(act.hours), (site.shape[1], 1))
    presence = site.world.presence.get(act.place)
    if act.profile == "even" or presence is None or not presence.any():
        return site.even(window)
    return site.even(presence * window)


def _light(act: ActParameters, profile: Floats, site: Site) -> float:
    """Share of the act's hours in daylight: by its yearly acts over all groups."""
    acts = (_who(act.who, site) * site.persons()).sum(axis=0) @ profile * site.slot_weights
    return float(acts @ site.dark(0.0) / acts.sum()) if acts.sum() > 0.0 else 1.0


def _who(who: str, site: Site) -> Floats:
    """(A, G) 1 for those who can do it, else 0."""
    civil, adults = site.world.civil, site.world.adults
    areas = {"guards": ~civil, "strip_adults": civil & site.world.strip}.get(who, civil)
    groups = np.ones_like(adults) if who == "everybody" else adults
    return (areas[:, None] & groups[None, :]).astype(np.float64)


def _yearly(act: ActParameters, profile: Floats, site: Site) -> Floats:
    """(A, G) acts a year by a person, before deterrence."""
    ever = (profile.max(axis=1) > 0.0).astype(np.float64)
    relative = (
        _who(act.who, site)
        * site.by_settlement(act.settlement_factor, 1.0)[:, None]
        * site.by_category(act.group_factor)[None, :]
        * ever[None, :]
    )
    rate = act.rate_per_year * act.rate_factor
    if act.per == "person":
        return rate * relative
    persons = site.persons()
    if act.per == "nation":
        doers = float((relative * persons).sum())
        if rate > 0.0 and doers <= 0.0:
            raise ValueError(f"an act of a national rate has nobody to do it ({act.who})")
        return rate * relative / doers if doers > 0.0 else relative
    doers_by_area = (_who(act.who, site) * persons).sum(axis=1)
    homes = np.divide(
        site.world.people.households,
        doers_by_area,
        out=np.zeros_like(doers_by_area),
        where=doers_by_area > 0.0,
    )
    return rate * relative * homes[:, None]
