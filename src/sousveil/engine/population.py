"""The people of a block of whole units: who they are follows from counters, nobody is stored.

A block holds its entities by local position 0, 1, 2...; `View.of_person` leads from a person to the
entity that it belongs to. A site is the unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sousveil.arrays import Bools, Ints, Words
from sousveil.engine.chance import Chance
from sousveil.engine.tables import categories, inverse_cdf
from sousveil.processes import Entity
from sousveil.rng import stream
from sousveil.world.model import People, World

HOUSEHOLD_STREAM = "people.household"
PERSON_STREAM = "people.person"
_FIRST_LANE = 0


@dataclass(frozen=True)
class View:
    """The entities of one kind in a block.

    ids: (n,) global numbers, the counters of chance. area: (n,). cell: (n,) area * G + group, with
    group 0 for whoever is no person. feeder: (n,) area * F + feeder. counted: (n,) whether this
    block tallies them (not when it holds but some persons of a unit and not its first).
    of_person: (P,) position here of the entity of every person of the block.
    """

    ids: Words
    area: Ints
    cell: Ints
    feeder: Ints
    counted: Bools
    of_person: Ints


@dataclass(frozen=True)
class Block:
    """Whole units with their households and persons.

    registered: positions of the registered adults. drawn: classes of effects, by name, that were
    drawn already: many processes ask for the same.
    """

    areas: int
    groups: int
    views: Mapping[Entity, View]
    registered: Ints
    drawn: dict[str, Ints] = field(default_factory=dict[str, Ints])

    @property
    def persons(self) -> View:
        """The persons."""
        return self.views[Entity.PERSON]


def sampled_units(people: People, feeders: int, scale: float) -> Ints:
    """Global numbers of the units of a run: of each area its share, at least one, evenly spaced.

    The spacing runs within each feeder: unit i sits on feeder i mod F, so that a plain step of a
    multiple of F would put every sampled unit on one feeder.
    """
    if not 0.0 < scale <= 1.0:
        raise ValueError(f"scale: found {scale}, expected a share above 0 and up to 1")
    parts: list[Ints] = []
    offset = 0
    for units in people.units.tolist():
        wanted = min(units, max(1, round(scale * units)))
        k = np.arange(wanted, dtype=np.int64)
        feeder, turn = k % feeders, k // feeders
        there = -((feeder - units) // feeders)  # units on that feeder, rounded up
        taken = -((feeder - wanted) // feeders)
        parts.append(np.sort(feeder + feeders * (turn * there // np.maximum(taken, 1))) + offset)
        offset += units
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def make_block(world: World, chance: Chance, units: Ints, only: Ints | None = None) -> Block:
    """The block of these units (global numbers, ascending), or of some of their persons alone.

    only: global numbers of the persons to keep. Every unit and household stays, so that shared
    visits stay shared, but each is counted only where its first person is kept.
    """
    people = world.people
    area, inside = _local(people.units, units)
    first, last = _span(inside, people.households[area], people.units[area])
    household_unit, household_inside = _members(first, last)
    household_area = area[household_unit]
    first, last = _span(
        household_inside, people.persons[household_area], people.households[household_area]
    )
    person_household, person_inside = _members(first, last)
    person_area = household_area[person_household]
    is_first = np.diff(person_household, prepend=-1) > 0
    household_ids = _global(people.households, household_area, household_inside)
    person_ids = _global(people.persons, person_area, person_inside)
    keep = np.ones(len(person_ids), np.bool_) if only is None else np.isin(person_ids, only)
    homes = household_ids[person_household]
    group = _group(world.people, chance, person_area, homes, person_ids, is_first)
    person_unit, feeders = household_unit[person_household], world.power.on.shape[2]
    unit_feeder = area * feeders + inside % feeders
    groups, areas, everybody = len(world.groups), np.arange(len(world.areas)), np.arange(keep.sum())

    def view(ids: Ints, area: Ints, feeder: Ints, of_person: Ints) -> View:
        counted = np.zeros(len(ids), dtype=np.bool_)
        counted[of_person[keep & (np.diff(of_person, prepend=-1) > 0)]] = True
        here = ids.astype(np.uint32)
        return View(here, area, area * groups, feeder, counted, of_person[keep])

    views = {
        Entity.AREA: view(areas, areas, areas * feeders, person_area),
        Entity.UNIT: view(units, area, unit_feeder, person_unit),
        Entity.HOUSEHOLD: view(
            household_ids, household_area, unit_feeder[household_unit], person_household
        ),
        Entity.PERSON: View(
            person_ids[keep].astype(np.uint32),
            person_area[keep],
            (person_area * groups + group)[keep],
            unit_feeder[person_unit][keep],
            np.ones(len(everybody), dtype=np.bool_),
            everybody,
        ),
    }
    views[Entity.SITE] = views[Entity.UNIT]
    return Block(len(areas), groups, views, np.flatnonzero(is_first[keep]))


def _local(counts: Ints, ids: Ints) -> tuple[Ints, Ints]:
    """Area of global numbers, and their number within it."""
    ends = np.cumsum(counts)
    area = np.searchsorted(ends, ids, side="right")
    return area, ids - (ends - counts)[area]


def _global(counts: Ints, area: Ints, inside: Ints) -> Ints:
    """Global number of the `inside`-th entity of an area."""
    before = np.cumsum(counts) - counts
    return before[area] + inside


def _span(index: Ints, members: Ints, holders: Ints) -> tuple[Ints, Ints]:
    """First member of holder `index` and the first beyond it: floor(i M / N) on."""
    return index * members // holders, (index + 1) * members // holders


def _members(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Position of the holder and number of every member of the spans."""
    sizes = last - first
    holder = np.repeat(np.arange(len(first)), sizes)
    start = np.cumsum(sizes) - sizes
    return holder, np.arange(len(holder)) - start[holder] + first[holder]


def _group(
    people: People, chance: Chance, area: Ints, household: Ints, person: Ints, is_first: Bools
) -> Ints:
    """Group of every person: a category of its household and one of its own."""
    words = chance.lanes(stream(HOUSEHOLD_STREAM), household, 0)
    cuts = inverse_cdf(people.household_shares)
    shared = categories(words[_FIRST_LANE], cuts[area] if cuts.ndim > 1 else cuts)
    words = chance.lanes(stream(PERSON_STREAM), person, 0)
    own = np.where(
        is_first,
        categories(words[_FIRST_LANE], inverse_cdf(people.first_shares)),
        categories(words[_FIRST_LANE], inverse_cdf(people.other_shares)),
    )
    return shared * len(people.first_shares) + own
