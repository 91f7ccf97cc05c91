"""What `expected` needs of a world alone: hours by state of the power, people by feeder.

It is worked out once per world, as far as it is asked for, and may be handed to every model of that
world.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from sousveil.arrays import Floats, Ints
from sousveil.engine.expected.lines import Days, Line, Shared
from sousveil.engine.model import NAMED_WITHIN_DAYS
from sousveil.processes import Gate
from sousveil.world.model import People, World

_EXACT_LAYOUT_BELOW = 5_000
"""Units of an area up to which people are counted feeder by feeder; beyond, feeders differ by
less than one part in a thousand of the people and every unit counts the same."""


@dataclass(frozen=True, eq=False)
class Joint:
    """Hours in each joint state of some lines: by_month (J, A, M, S); year: (A, J, S)."""

    by_month: Floats
    year: Floats


@dataclass(frozen=True, eq=False)
class Prepared:
    """Sums over the forcing path of one world.

    persons, registered: (A, G) expected persons and registered adults. person_weight,
    household_weight: (A, F) shares of an area's persons and households on each feeder.
    slot_of_hour: (H,). lines: sums over the path of each line that know no person. shared: the
    share of persons with supply of *at least* the lines of some bits, by these bits. joint: hours
    in each joint state of some lines, by these lines. by_slot: hours of a line, and whether lit.
    """

    world: World
    persons: Floats
    registered: Floats
    person_weight: Floats
    household_weight: Floats
    slot_of_hour: Ints
    calendar: Days
    lines: tuple[Line, ...]
    shared: dict[int, Shared] = field(default_factory=dict[int, Shared])
    joint: dict[tuple[int, ...], Joint] = field(default_factory=dict[tuple[int, ...], Any])
    by_slot: dict[tuple[int, bool], Floats] = field(default_factory=dict[tuple[int, bool], Any])

    @property
    def days(self) -> int:
        """Days of the modelled year."""
        return len(self.calendar.order)

    def line(self, gate: Gate) -> int:
        """Index of the line of a gate, -1 for none."""
        return -1 if gate.line == "" else self.world.power.lines.index(gate.line)

    def at_least(self, state: int) -> Shared:
        """Supply of at least the lines of the bits of a state, which has one or more."""
        if state not in self.shared:
            members = [line.path for place, line in enumerate(self.lines) if state >> place & 1]
            both = reduce(np.bitwise_and, members)
            self.shared[state] = Shared(both, self.person_weight, self.calendar)
        return self.shared[state]

    def hours(self, state: int) -> Floats:
        """(A, M, S) hours in which at least the lines of the bits of a state have supply.

        Mean over persons' feeders; state 0 is all hours.
        """
        if state:
            return self.at_least(state).hours
        return np.repeat(self.calendar.hours, len(self.persons), axis=0)

    def state_hours(self, lines: tuple[int, ...]) -> Joint:
        """Hours in each joint state of some lines; bit i of a state is line `lines[i]`."""
        if lines not in self.joint:
            bits = [
                sum(1 << line for i, line in enumerate(lines) if state >> i & 1)
                for state in range(2 ** len(lines))
            ]
            exactly = np.stack([self.hours(state) for state in bits])
            for i in range(len(lines)):
                halves = exactly.reshape(-1, 2, 2**i, *exactly.shape[1:])
                halves[:, 0] -= halves[:, 1]
            year = np.ascontiguousarray(exactly.sum(axis=2).transpose(1, 0, 2))
            self.joint[lines] = Joint(exactly, year)
        return self.joint[lines]

    def slots(self, line: int, lit: bool) -> Floats:
        """(A, S) hours of the year (times light) with supply of a line, by slot.

        The line -1 is all hours.
        """
        if (line, lit) not in self.by_slot:
            self.by_slot[line, lit] = self._slots(line, lit)
        return self.by_slot[line, lit]

    def _slots(self, line: int, lit: bool) -> Floats:
        if line < 0:
            every = self.calendar.lit_slots if lit else self.calendar.open_slots
            return np.repeat(every, len(self.persons), axis=0)
        if not lit:
            return self.at_least(1 << line).open_slots
        by_feeder = self.lines[line].first_days[True][-1]
        return (by_feeder * self.person_weight[:, :, None]).sum(axis=1)

    def first_slots(self, line: int) -> tuple[Floats, Floats]:
        """(windows, A, F, S) hours of a line within the first days, by slot, and times the light.

        The line -1 is all hours: one area and one feeder stand for all.
        """
        plain, lit = self.calendar.first_days if line < 0 else self.lines[line].first_days
        return plain[: len(NAMED_WITHIN_DAYS)], lit[: len(NAMED_WITHIN_DAYS)]


def prepare(world: World, like: Prepared | None = None) -> Prepared:
    """Sum the forcing path of a world for every model of it.

    like: another world prepared; the days, lines and people that both have in common are shared.
    """
    people, feeders = world.people, world.power.feeders
    if like is not None and like.world.people is people and like.world.power.feeders == feeders:
        persons, households = like.person_weight, like.household_weight
    else:
        persons, households = feeder_weights(people, feeders)
    calendar = _calendar(world, like)
    lines = tuple(Line(on, calendar) for on in world.power.by_line)
    shared: dict[int, Shared] = {}
    joint: dict[tuple[int, ...], Joint] = {}
    if like is not None and like.world.power.lines == world.power.lines:
        pairs = list(zip(lines, like.lines, strict=True))
        kept = [line.same_as(known) for line, known in pairs]
        lines = tuple(
            known if same else line for same, (line, known) in zip(kept, pairs, strict=True)
        )
        moved = sum(1 << place for place, same in enumerate(kept) if not same)
        if np.array_equal(persons, like.person_weight):
            shared = {state: item for state, item in like.shared.items() if not state & moved}
            if calendar is like.calendar:
                joint = {
                    lines: item
                    for lines, item in like.joint.items()
                    if not any(moved >> line & 1 for line in lines)
                }
    return Prepared(
        world=world,
        persons=people.by_group(),
        registered=people.registered_by_group(),
        person_weight=persons,
        household_weight=households,
        slot_of_hour=world.calendar.slot_of_hour(),
        calendar=calendar,
        lines=lines,
        shared=shared,
        joint=joint,
    )


def _calendar(world: World, like: Prepared | None) -> Days:
    """The sorted days of a world: those of the other where they are the same."""
    if like is not None:
        mine, other = world.calendar, like.world.calendar
        pairs = (
            (mine.day_type, other.day_type),
            (mine.month, other.month),
            (world.daylight, like.world.daylight),
        )
        if all(np.array_equal(one, another) for one, another in pairs):
            return like.calendar
    return Days.of(world.calendar, world.daylight)


def feeder_weights(people: People, feeders: int) -> tuple[Floats, Floats]:
    """(A, F) shares of persons and of households on each feeder: unit i sits on feeder i mod F."""
    shape = (len(people.units), feeders)
    persons, households = np.zeros(shape), np.zeros(shape)
    for area, units in enumerate(people.units.tolist()):
        if units > _EXACT_LAYOUT_BELOW:
            persons[area] = households[area] = (units + feeders - 1 - np.arange(feeders)) // feeders
            continue
        every = np.arange(units + 1, dtype=np.int64)
        total = int(people.households[area])
        first_household = every * total // units
        first_person = first_household * int(people.persons[area]) // max(total, 1)
        feeder = every[:-1] % feeders
        households[area] = np.bincount(feeder, np.diff(first_household), feeders)
        persons[area] = np.bincount(feeder, np.diff(first_person), feeders)
    return _shares(persons), _shares(households)


def _shares(counts: Floats) -> Floats:
    """Rows that sum to 1; an empty area counts all feeders alike."""
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0.0, counts / np.maximum(total, 1.0), 1.0 / counts.shape[1])
