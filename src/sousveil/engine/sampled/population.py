"""The people of a block of whole units: who they are follows from counters, nobody is stored.

A block holds its entities by local position 0, 1, 2...; `View.of_person` leads from a person to the
entity that it belongs to. A site is the unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sousveil.arrays import Bools, Ints, Words
from sousveil.engine.sampled.chance import Chance
from sousveil.engine.sampled.kernels.people import (
    People,
    fill_categories,
    fill_counted,
    fill_members,
    fill_people,
)
from sousveil.engine.sampled.tables import inverse_cdf
from sousveil.processes import Entity
from sousveil.rng import stream
from sousveil.world.model import People as PeopleOf
from sousveil.world.model import World

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


def sampled_units(people: PeopleOf, feeders: int, scale: float) -> Ints:
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
    people, feeders, groups = world.people, world.power.on.shape[2], len(world.groups)
    area, inside = _local(people.units, units)
    home, who = _members(people, area, inside)
    home_area = area[home.unit]
    home_ids = _before(people.households)[home_area] + home.inside
    keep = np.ones(len(who.ids), np.bool_) if only is None else np.isin(who.ids, only)
    group = _group(people, chance, who, home_ids[who.household] if _mixed(people) else None)
    unit_feeder = area * feeders + inside % feeders
    areas, everybody = np.arange(len(world.areas)), np.arange(keep.sum())

    def view(ids: Ints, area: Ints, feeder: Ints, of_person: Ints) -> View:
        counted = np.zeros(len(ids), dtype=np.bool_)
        fill_counted(of_person, keep, counted)
        of_kept = of_person if only is None else of_person[keep]
        return View(ids.astype(np.uint32), area, area * groups, feeder, counted, of_kept)

    def kept(values: Ints) -> Ints:
        return values if only is None else values[keep]

    views = {
        Entity.AREA: view(areas, areas, areas * feeders, who.area),
        Entity.UNIT: view(units, area, unit_feeder, who.unit),
        Entity.HOUSEHOLD: view(home_ids, home_area, unit_feeder[home.unit], who.household),
        Entity.PERSON: View(
            who.ids if only is None else who.ids[keep],
            kept(who.area),
            kept(who.area * groups + group),
            kept(unit_feeder[who.unit]),
            np.ones(len(everybody), dtype=np.bool_),
            everybody,
        ),
    }
    views[Entity.SITE] = views[Entity.UNIT]
    return Block(
        len(areas), groups, views, np.flatnonzero(who.first if only is None else who.first[keep])
    )


def _local(counts: Ints, ids: Ints) -> tuple[Ints, Ints]:
    """Area of global numbers, and their number within it."""
    ends = np.cumsum(counts)
    area = np.searchsorted(ends, ids, side="right")
    return area, ids - (ends - counts)[area]


def _before(counts: Ints) -> Ints:
    """How many stand in the areas before each."""
    return np.cumsum(counts) - counts


class Homes(NamedTuple):
    """The households of a block: position of the unit, number within the area."""

    unit: Ints
    inside: Ints


def _members(people: PeopleOf, area: Ints, inside: Ints) -> tuple[Homes, People]:
    """The households of some units, and their people: those of number `inside` of an area."""
    homes, persons = people.households, people.persons
    first = inside * homes[area] // people.units[area]
    last = (inside + 1) * homes[area] // people.units[area]
    home = Homes(*np.empty((2, int((last - first).sum())), dtype=np.int64))
    fill_members(first, last, *home)
    ends = last * persons[area] // homes[area]
    size = int((ends - first * persons[area] // homes[area]).sum())
    household, unit, of_area = np.empty((3, size), dtype=np.int64)
    who = People(np.empty(size, np.uint32), household, unit, of_area, np.empty(size, np.bool_))
    fill_people(home.inside, home.unit, area[home.unit], persons, homes, _before(persons), who)
    return home, who


def _mixed(people: PeopleOf) -> bool:
    """Whether households differ in the category that their members share."""
    return people.household_shares.shape[-1] > 1


def _group(people: PeopleOf, chance: Chance, who: People, home: Ints | None) -> Ints:
    """Group of every person: a category of its household and one of its own."""
    group = np.zeros(len(who.ids), dtype=np.int64)
    if home is not None:
        words = chance.lanes(stream(HOUSEHOLD_STREAM), home, 0)[_FIRST_LANE]
        cuts = inverse_cdf(people.household_shares)
        row = who.area if cuts.ndim > 1 else np.zeros(len(words), dtype=np.int64)
        fill_categories(words, np.atleast_2d(cuts), row, group)
        group *= len(people.first_shares)
    words = chance.lanes(stream(PERSON_STREAM), who.ids, 0)[_FIRST_LANE]
    own = np.stack([inverse_cdf(people.other_shares), inverse_cdf(people.first_shares)])
    fill_categories(words, own, who.first.astype(np.int64), group)
    return group
