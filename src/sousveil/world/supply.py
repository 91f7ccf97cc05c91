"""Supply: at what hours the declared hours of power come, as chances; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sousveil.arrays import DAYS_PER_YEAR, HOURS_PER_DAY, Floats, Ints
from sousveil.quantity import keyed
from sousveil.world.model import Area, Calendar
from sousveil.world.parameters import PowerParameters

LINES = ("home", "state", "border")
EVENING = slice(18, 22)
_LEAST_WEIGHT = 1e-9
"""Hours of no weight still fill, last of all, where the declared hours leave no other room."""
_TINY = 1e-300
_MOST_FILLINGS = 256


@dataclass(frozen=True)
class Supply:
    """The supply of one line.

    K kinds of day: season by season, each without and with a speech. kind: (365,) kind of each day.
    lit, dark: (A, K, 24) chance of power in an hour of a day with supply, and of an outage day.
    outage: (A,) share of outage days. spell: (A,) mean length of their spells in days.
    """

    line: str
    kind: Ints
    lit: Floats
    dark: Floats
    outage: Floats
    spell: Floats

    def mean_hours(self) -> Floats:
        """(A,) expected hours of power a day over the year."""
        days = np.bincount(self.kind, minlength=self.lit.shape[1])
        outage = self.outage[:, None, None]
        chance = (1.0 - outage) * self.lit + outage * self.dark
        return (chance.sum(axis=2) @ days) / DAYS_PER_YEAR


def supplies(
    areas: tuple[Area, ...], calendar: Calendar, parameters: PowerParameters
) -> tuple[Supply, ...]:
    """Supply of every line whose hours are given, in the order home, state, border."""
    some, each = _kinds_of(areas)
    asked = _of_lines(some, calendar, parameters)
    if not asked:
        return ()
    found: list[Supply] = []
    for line, item in asked.items():
        chance = _filled(item).reshape(len(some), 2, -1, HOURS_PER_DAY)[each]
        outage, spell = item.outage[each], item.spell[each]
        found.append(Supply(line, calendar.kind_of_day, chance[:, 0], chance[:, 1], outage, spell))
    return tuple(found)


def supplied_lines(
    areas: tuple[Area, ...], calendar: Calendar, parameters: PowerParameters
) -> tuple[str, ...]:
    """Names of these lines, checked as `supplies` checks them, without their chances."""
    return tuple(_of_lines(_kinds_of(areas)[0], calendar, parameters))


def _kinds_of(areas: tuple[Area, ...]) -> tuple[tuple[Area, ...], list[int]]:
    """An area of each region and type of settlement, alike in all that counts here; and whose."""
    kinds = {(area.power_region, area.settlement): area for area in reversed(areas)}
    place = {kind: index for index, kind in enumerate(kinds)}
    return tuple(kinds.values()), [place[area.power_region, area.settlement] for area in areas]


def _of_lines(
    some: tuple[Area, ...], calendar: Calendar, parameters: PowerParameters
) -> dict[str, _Asked]:
    """What is asked of every line whose hours are given."""
    declared = {
        "home": parameters.home_hours,
        "state": parameters.state_hours,
        "border": parameters.border_hours,
    }
    return {
        line: _asked(line, _hours(line, hours, some, parameters), some, calendar, parameters)
        for line, hours in declared.items()
        if hours
    }


def _filled(asked: _Asked) -> Floats:
    """What `water_fill` gives, each different row once: kept, since most what-ifs fill the same."""
    kept = _fillings()
    if len(kept) > _MOST_FILLINGS:
        kept.clear()
    alike = asked.floor.tobytes() + asked.days.tobytes()
    weight = asked.weight.reshape(len(asked.hours), -1)
    own = np.column_stack([asked.hours, asked.outage, weight])
    label = [(row.tobytes(), alike) for row in own]
    first = {content: area for area, content in enumerate(label) if content not in kept}
    if first:
        kept.update(zip(first, water_fill(*asked.rows(list(first.values()))), strict=True))
    return np.concatenate([kept[content] for content in label]).reshape(len(label), -1)


@lru_cache(maxsize=1)
def _fillings() -> dict[tuple[bytes, bytes], Floats]:
    """Rows that were filled last in this process."""
    return {}


def water_fill(target: Floats, weight: Floats, size: Floats, floor: Floats) -> Floats:
    """Chances p = max(floor, min(1, c weight)) with the level c such that sum(p size) = target.

    target: (A,); weight, size, floor and the result: (A, N), size the hours of a year in a cell. A
    cell without weight gets its floor and no more. Where the floors alone exceed the target they
    shrink together. A higher target never lowers a chance.
    """
    from sousveil.world.filling import levels  # loads the compiler, which a check need not

    floors = (floor * size).sum(axis=1)
    floor = floor * (target / np.maximum(np.maximum(floors, target), _TINY))[:, None]
    level = levels(target, weight, size, floor)
    return np.maximum(floor, np.minimum(1.0, level[:, None] * weight))


def _hours(
    line: str, declared: Mapping[str, float], areas: tuple[Area, ...], parameters: PowerParameters
) -> Floats:
    """(A,) mean hours a day of a line in every area."""
    hours = np.array([keyed(declared, area.power_region, np.nan) for area in areas])
    if np.isnan(hours).any():
        region = areas[int(np.flatnonzero(np.isnan(hours))[0])].power_region
        raise ValueError(f"power.{line}_hours.{region}: missing (or give `other`)")
    share = np.clip(hours / HOURS_PER_DAY, 0.0, 1.0)
    if line == "home":
        factor = [keyed(parameters.settlement_factor, area.settlement, 1.0) for area in areas]
        share = _scale_odds(share, np.array(factor))
    return share * HOURS_PER_DAY


def _scale_odds(share: Floats, factor: Floats) -> Floats:
    """Shares with their odds multiplied: a ratio where they are small, and 1 stays 1."""
    scaled = share * factor
    return np.where(share >= 1.0, 1.0, scaled / (1.0 - share + scaled).clip(min=_TINY))


def _outage(
    line: str, hours: Floats, areas: tuple[Area, ...], parameters: PowerParameters
) -> tuple[Floats, Floats]:
    """(A,) share of outage days, and the mean length of a spell of them.

    Only homes have outage days of their own. Days cannot be dark that the declared hours need, and
    spells are never shorter than those of independent days: then more hours never darken a day.
    """
    declared = np.zeros(len(areas))
    if line == "home":
        declared = np.array([keyed(parameters.outage_days, a.power_region, 0.0) for a in areas])
    share = np.minimum(declared / DAYS_PER_YEAR, 1.0 - hours / HOURS_PER_DAY)
    share = np.minimum(share, 1.0 - _LEAST_WEIGHT)
    return share, np.maximum(parameters.outage_spell_days, 1.0 / (1.0 - share))


@lru_cache(maxsize=64)
def _refuse_unknown_seasons(
    factors: tuple[str, ...], regions: frozenset[str], seasons: tuple[str, ...]
) -> None:
    """A factor that names no line, season or region would be left unused without a word."""
    for key in factors:
        line, season, *region = key.split(".")
        if line not in LINES or season not in seasons or not set(region) <= regions:
            raise ValueError(
                f"world.power.season_factor.{key}: expected line.season or line.season.region, "
                f"with a line of {', '.join(LINES)} and a season of {', '.join(seasons)}"
            )


@lru_cache(maxsize=64)
def _season_factors(
    line: str, regions: tuple[str, ...], seasons: tuple[str, ...]
) -> list[list[tuple[str, str]]]:
    """Names of the factor of every region and season, its own one before that of all regions."""
    return [
        [(f"{line}.{season}.{region}", f"{line}.{season}") for season in seasons]
        for region in regions
    ]


def _weights(
    line: str, areas: tuple[Area, ...], calendar: Calendar, parameters: PowerParameters
) -> Floats:
    """(A, seasons, 24) relative supply of the hours of a day with supply, above zero."""
    factor, regions = parameters.season_factor, tuple(area.power_region for area in areas)
    _refuse_unknown_seasons(tuple(factor), frozenset(regions), calendar.seasons)
    names = _season_factors(line, regions, calendar.seasons)
    get = factor.get
    seasons = np.array([[get(own, get(common, 1.0)) for own, common in row] for row in names])
    hourly = np.ones(HOURS_PER_DAY)
    if line == "home":
        hourly[EVENING] = parameters.evening_weight
    weight = seasons[:, :, None] * hourly
    return np.maximum(weight, _LEAST_WEIGHT * max(float(weight.max()), 1.0))


def _floors(line: str, calendar: Calendar, parameters: PowerParameters) -> Floats:
    """(2 lit or dark, 2 without or with a speech, 24) chances that the slots hold at least."""
    floors = np.zeros((2, 2, HOURS_PER_DAY))
    if line == "home":
        floors[0][:, list(calendar.news_hours)] = parameters.news_slot
        speech = list(calendar.speech_hours)
        floors[:, 1, speech] = np.maximum(floors[:, 1, speech], parameters.speech_slot)
    return floors


@dataclass(frozen=True)
class _Asked:
    """What a line asks for.

    hours: (A,) a day. outage: (A,) share of outage days; spell: (A,) their mean length. weight:
    (A, seasons, 24) of the hours of a day with supply. floor: (2 lit or dark, 2 without or with a
    speech, 24). days: (K,) of the year by kind.
    """

    hours: Floats
    outage: Floats
    spell: Floats
    weight: Floats
    floor: Floats
    days: Ints

    def rows(self, areas: list[int]) -> tuple[Floats, Floats, Floats, Floats]:
        """What `water_fill` takes of some areas: (lit or dark, season, speech, 24) in a row."""
        shape = (len(areas), 2, self.weight.shape[1], 2, HOURS_PER_DAY)
        outage = self.outage[areas]
        lit_or_dark = np.stack([1.0 - outage, outage], axis=1).reshape(-1, 2, 1, 1, 1)
        size = self.days.reshape(1, 1, -1, 2, 1) * lit_or_dark
        weight = np.zeros(shape)
        weight[:, 0] = self.weight[areas][:, :, None, :]
        floor = self.floor[None, :, None]

        def flat(array: Floats) -> Floats:
            return np.broadcast_to(array, shape).reshape(len(areas), -1)

        return self.hours[areas] * DAYS_PER_YEAR, flat(weight), flat(size), flat(floor)


def _asked(
    line: str,
    hours: Floats,
    areas: tuple[Area, ...],
    calendar: Calendar,
    parameters: PowerParameters,
) -> _Asked:
    """What one line asks for."""
    outage, spell = _outage(line, hours, areas, parameters)
    weight = _weights(line, areas, calendar, parameters)
    floor = _floors(line, calendar, parameters)
    return _Asked(hours, outage, spell, weight, floor, calendar.days_of_kind)
