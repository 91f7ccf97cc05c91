"""Arrivals abroad: an observation model of crossings, outside the engine.

arrivals_y = s_y sum_l w_l crossings_(y-l): of those who crossed l years before a year y the share
w_l is due in it, and of those due the share s_y arrives. Crossings are the completed ones of the
model, in closed form, with the mean supply of power instead of a path of it (mean field); visits
and the habits of watchers are left out. Only ratios between years are of use to a caller.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from sousveil.acts import ActParameters
from sousveil.arrays import HOURS_PER_DAY, Bools, Floats, Ints
from sousveil.channels.base import Site
from sousveil.crossings import deterrence
from sousveil.engine.model import Model
from sousveil.procedure import assemble
from sousveil.processes import Act, Detection, Gate, Sensitivity
from sousveil.quantity import quantity, setting, share
from sousveil.remembered import remembered
from sousveil.world.model import World
from sousveil.world.supply import LINES, supplies

if TYPE_CHECKING:
    from sousveil.scenario.parameters import Parameters

ONLY_ATTEMPTS = (
    *("rate_per_year", "rate_factor"),
    *("border.fence_deterrence", "border.shoot_order_deterrence", "border.far_side_deterrence"),
)
"""Fields of an act that change how many attempts there are, and nothing about an attempt."""
LEAST: Final = 1.0e-3
"""Where a smaller share of the crossings is noticed, nobody watches."""


@dataclass(frozen=True, kw_only=True)
class ArrivalsParameters:
    """Crossings seen from abroad, years later; nothing is said of them unless a series is named."""

    direct_share: float = share(
        "Of those who arrive in the end, share that goes on at once and arrives in the year of the "
        "crossing.",
        absent=1.0,
        role="behaviour",
    )
    stay_years: float = quantity(
        "year",
        "Mean time that the others stay on the way; stays end at an even rate.",
        low=0.01,
        absent=1.0,
        role="behaviour",
    )
    arrival_share: float = share(
        "Share of those due in a year who arrive, by year of arrival.", absent=1.0, role="nature"
    )
    series: str = setting("Name of the published series of arrivals in series.csv.", default="")
    first_year: int = setting("Year that the change is counted from.", default=0)
    last_year: int = setting("Year that the change is counted to.", default=0)
    causes: Any = setting(
        "Mapping of a cause to its title and its quantities: what moved with the years.",
        default=None,
    )
    claim: str = setting("Claim of the scenario that the division belongs to.", default="")


def lag_shares(direct: float, stay: float, years: int) -> Floats:
    """(years + 1,) shares of those who crossed l years before a year, of all who are due in it.

    The last is what is left: everybody who crossed earlier. Crossings are even over a year and
    stays are exponential, so w_0 = 1 - m (1 - exp(-1/m)) and w_l = m (1 - exp(-1/m))^2
    exp(-(l - 1) / m) of those who stay, m their mean stay in years.
    """
    ended = -math.expm1(-1.0 / stay)
    later = stay * ended**2 * np.exp(-np.arange(max(years - 1, 0)) / stay)
    found = np.zeros(years + 1)
    found[0] = direct + (1.0 - direct) * (1.0 - stay * ended) if years else 1.0
    found[1:years] = (1.0 - direct) * later
    found[years] = max(0.0, 1.0 - float(found[:years].sum()))
    return found


def due(levels: Sequence[float], shares: Floats) -> float:
    """Those due in a year. levels: crossings of that year, the year before ... and of all before.

    The last level stands for every earlier year, as the last share does.
    """
    return float(shares @ np.asarray(levels, dtype=np.float64))


@dataclass(frozen=True)
class Border:
    """Where crossings are counted: the acts that complete one, and the channels that watch them."""

    world: World
    acts: tuple[str, ...]
    channels: tuple[str, ...]


def border_of(model: Model) -> Border:
    """The border of a model: its acts of class border that are crossings."""
    acts = tuple(
        act.name
        for act in model.of(Act)
        if act.sensitivity is Sensitivity.BORDER
        and act.completes
        and act.rate[model.world.civil].any()
    )
    watching = {d.channel: None for d in model.of(Detection) if d.act in acts}
    return Border(model.world, acts, tuple(watching))


def attempts(act: ActParameters) -> float:
    """How many crossings are attempted, relative to where nothing deters."""
    return act.rate_per_year * act.rate_factor * deterrence(act.border)


def completed(parameters: Parameters, border: Border) -> Mapping[str, float | None]:
    """Act -> completed crossings for each unit of `attempts`; None where nobody watches.

    Without a watcher, or with one who notices next to nothing, all crossings succeed, and a change
    against another year would give their chance of success away.
    """
    few = replace(
        parameters,
        acts={name: parameters.acts[name] for name in border.acts},
        channels={n: parameters.channels[n] for n in border.channels if n in parameters.channels},
    )
    model = assemble(few, border.world)
    supply = _supply(parameters.world.power, border.world)
    found: dict[str, float | None] = {}
    for act in model.of(Act):
        free, done = _free_and_completed(model, act, supply)
        unit = attempts(few.acts[act.name])
        watched = done < free * (1.0 - LEAST)
        found[act.name] = done / unit if watched and unit > 0.0 else (None if unit > 0.0 else 0.0)
    return found


@remembered(1)
def _supply(power: Any, world: World) -> Mapping[str, Floats]:
    """Line -> (A,) share of the hours with supply, for lines that only the border may need."""
    others = {f"{line}_hours": {} for line in LINES if line != "border"}
    lines = supplies(world.areas, world.calendar, replace(power, **others))
    return {supply.line: supply.mean_hours() / HOURS_PER_DAY for supply in lines}


def _free_and_completed(
    model: Model, act: Act, supply: Mapping[str, Floats]
) -> tuple[float, float]:
    """Crossings with marks that complete them, and of these those that nobody notices."""
    site = Site(model.world, {}, 0)
    # Most areas have no border: nobody's hours there need be looked at.
    here: Bools = np.asarray(act.rate.any(axis=1))
    weights = act.rate[here][:, :, None] * act.profile[None] * site.persons()[here][:, :, None]
    weights = weights * site.slot_weights
    line = next((mark.line for mark in act.marks if mark.line), "")
    lit = supply.get(line, np.ones(len(model.world.areas)))
    children = tuple(d for d in model.of(Detection) if d.act == act.name)
    marks = tuple((mark.name, mark.categories) for mark in act.marks)
    ways = _ways(marks, _words(act.completes), tuple(_words(child.when) for child in children))
    free = done = 0.0
    for on, share_of_hours in ((True, lit), (False, 1.0 - lit)):
        level = np.zeros(len(here))
        level[here] = weights.sum(axis=(1, 2))
        level = level * _open(act.gate, on, line) * share_of_hours
        missed = [
            1.0 - child.notice[here][:, :, None] * child.by_slot * _open(child.gate, on, line)
            for child in children
        ]
        unseen: dict[tuple[int, ...], Floats] = {}
        for chance, seers in zip(_chances(act, ways, on), ways.seers, strict=True):
            if not chance.any():
                continue
            if seers not in unseen:
                unseen[seers] = np.ones(len(here))
                unseen[seers][here] = _unseen([missed[i] for i in seers], weights)
            free += float(level @ chance)
            done += float(level @ (chance * unseen[seers]))
    return free, done


@dataclass(frozen=True)
class Ways:
    """Combinations of marks that complete an act.

    places: mark -> (C,) places of its categories. seers: of each the detections that can see it.
    """

    places: Mapping[str, Ints]
    seers: tuple[tuple[int, ...], ...]


Wanted: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Categories by mark."""


def _words(wanted: Mapping[str, tuple[str, ...]]) -> Wanted:
    return tuple(wanted.items())


@lru_cache(maxsize=16)
def _ways(every: Wanted, completes: Wanted, children: tuple[Wanted, ...]) -> Ways:
    """The ways through the marks of an act, by words alone; children: what each can see."""
    names = [name for name, _ in every]
    found = [
        marks
        for words in product(*(categories for _, categories in every))
        if _holds(completes, marks := dict(zip(names, words, strict=True)))
    ]
    return Ways(
        {n: np.array([of.index(marks[n]) for marks in found], dtype=np.int64) for n, of in every},
        tuple(
            tuple(place for place, wanted in enumerate(children) if _holds(wanted, marks))
            for marks in found
        ),
    )


def _chances(act: Act, ways: Ways, on: bool) -> Floats:
    """(C, A) chance of each combination in hours with or without supply."""
    chance = np.ones((len(act.rate), len(ways.seers)))
    for mark in act.marks:
        table = mark.table_on if on else mark.table_off
        places = (*(ways.places[name] for name in mark.given), ways.places[mark.name])
        chance = chance * table[(slice(None), *places)]
    return np.ascontiguousarray(chance.T)


def _unseen(missed: Sequence[Floats], weights: Floats) -> Floats:
    """(A,) chance that nobody notices, over the hours and groups of an act."""
    stays = np.ones_like(weights)
    for each in missed:
        stays = stays * each
    total = weights.sum(axis=(1, 2))
    kept = (stays * weights).sum(axis=(1, 2))
    return np.divide(kept, total, out=np.ones_like(total), where=total > 0.0)


def _open(gate: Gate, on: bool, line: str) -> float:
    """Share that a gate lets through; one on a line that is not the border's counts as open."""
    return gate.on if on or gate.line != line else gate.off


def _holds(wanted: Wanted, marks: Mapping[str, str]) -> bool:
    return all(marks.get(name) in categories for name, categories in wanted)
