"""What `expected` needs of a world alone: hours by state of the power, people by feeder.

It is worked out once per world and may be handed to every model of that world.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sousveil.arrays import HOURS_PER_DAY, MONTHS, SLOTS, Floats, Ints
from sousveil.engine.model import NAMED_WITHIN_DAYS
from sousveil.processes import Gate
from sousveil.world.model import People, World

Singles: TypeAlias = NDArray[np.float32]
_EXACT_LAYOUT_BELOW = 5_000
"""Units of an area up to which people are counted feeder by feeder; beyond, feeders differ by
less than one part in a thousand of the people and every unit counts the same."""


@dataclass(frozen=True)
class Prepared:
    """Sums over the forcing path of one world.

    persons, registered: (A, G) expected persons and registered adults. person_weight,
    household_weight: (A, F) shares of an area's persons and households on each feeder.
    hours: (J, A, M, S) hours in which *at least* the lines of the bits of j have supply (j = 0: all
    hours), mean over persons' feeders. open_slots, lit_slots: (L + 1, A, S) the same for each line
    (the last: all hours) over the year, and times the share of daylight.
    order: (D,) the days sorted by day type and month: the `working` ones first. up: (J, A, D, 24)
    the same share of persons by hour, bits: (L, A, F, D, 24) supply, both with days in that order.
    label, start: day type * 12 + month of every run of days in that order, and its first place.
    slot_of_hour: (H,). first_open, first_lit: (windows, L + 1, A, F, S) hours with supply of each
    line (the last: all hours) within the first days of `NAMED_WITHIN_DAYS`, and the same times the
    share of daylight.
    """

    world: World
    persons: Floats
    registered: Floats
    person_weight: Floats
    household_weight: Floats
    hours: Floats
    open_slots: Floats
    lit_slots: Floats
    up: Floats
    slot_of_hour: Ints
    bits: Singles
    order: Ints
    label: Ints
    start: Ints
    working: int
    first_open: Floats
    first_lit: Floats

    @property
    def days(self) -> int:
        """Days of the modelled year."""
        return len(self.order)

    def line(self, gate: Gate) -> int:
        """Index of the line of a gate, -1 for none."""
        return -1 if gate.line == "" else self.world.power.lines.index(gate.line)

    def binned(self, by_hour: Floats) -> Floats:
        """(..., M, S) sums of (..., D, 24), days in `order`, by month and slot."""
        return _binned(by_hour, self.label, self.start)


def prepare(world: World) -> Prepared:
    """Sum the forcing path of a world for every model of it."""
    calendar, people = world.calendar, world.people
    days = len(calendar.day_type)
    lines, areas, feeders, _ = world.power.on.shape
    person_weight, household_weight = feeder_weights(people, feeders)
    daylight = np.asarray(world.daylight, dtype=np.float64).reshape(days, HOURS_PER_DAY)
    labels = calendar.day_type * MONTHS + calendar.month
    order = np.argsort(labels, kind="stable")
    label, start = np.unique(labels[order], return_index=True)
    bits = world.power.on.reshape(lines, areas, feeders, days, HOURS_PER_DAY)[:, :, :, order]
    daylight = daylight[order]
    up = _at_least(bits, person_weight)
    hours = _binned(up, label, start)
    by_type = _one_hot(calendar.day_type[order], 2)
    windows = (by_type[None] * _first(order)[:, None, :]).astype(np.float32)
    singles = bits.astype(np.float32)
    each = [*(1 << line for line in range(lines)), 0]
    return Prepared(
        world=world,
        persons=people.by_group(),
        registered=people.registered_by_group(),
        person_weight=person_weight,
        household_weight=household_weight,
        hours=hours,
        open_slots=hours[each].sum(axis=2),
        lit_slots=(by_type @ (up[each] * daylight)).reshape(lines + 1, areas, SLOTS),
        up=up,
        slot_of_hour=calendar.slot_of_hour(),
        bits=singles,
        order=order,
        label=label,
        start=start,
        working=int(np.sum(calendar.day_type == 0)),
        first_open=_by_feeder(singles, windows, None),
        first_lit=_by_feeder(singles, windows, daylight.astype(np.float32)),
    )


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


def _one_hot(labels: Ints, count: int) -> Floats:
    """(count, D) one where the day carries the label."""
    return (labels[None, :] == np.arange(count)[:, None]).astype(np.float64)


def _first(day: Ints) -> Floats:
    """(windows, D) one within the first days of each window of interest."""
    return (day[None, :] < np.array(NAMED_WITHIN_DAYS)[:, None]).astype(np.float64)


def _binned(by_hour: Floats, label: Ints, start: Ints) -> Floats:
    """(..., M, S) sums over runs of days; `label` of a run is day type * 12 + month."""
    shape = by_hour.shape[:-2]
    sums = np.zeros((*shape, 2 * MONTHS, HOURS_PER_DAY))
    sums[..., label, :] = np.add.reduceat(by_hour, start, axis=-2)
    by_type = sums.reshape(*shape, 2, MONTHS, HOURS_PER_DAY)
    return np.swapaxes(by_type, -3, -2).reshape(*shape, MONTHS, SLOTS)


def _at_least(bits: NDArray[np.uint8], weight: Floats) -> Floats:
    """(J, A, D, 24) share of persons with supply of at least the lines of the bits of j."""
    lines, areas, feeders, days, hours = bits.shape
    up = np.empty((2**lines, areas, days, hours))
    up[0] = 1.0
    for state in range(1, 2**lines):
        members = [line for line in range(lines) if state >> line & 1]
        both = bits[members[0]]
        for line in members[1:]:
            both = both & bits[line]
        flat = both.reshape(areas, feeders, -1).astype(np.float64)
        up[state] = (weight[:, None, :] @ flat).reshape(areas, days, hours)
    return up


def _by_feeder(bits: Singles, windows: Singles, light: Singles | None) -> Floats:
    """(windows, L + 1, A, F, S) hours (times light) with supply of each line; last: all hours."""
    lines, areas, feeders, days, hours = bits.shape
    rows = windows.reshape(-1, windows.shape[-1])
    result = np.empty((len(windows), lines + 1, areas, feeders, SLOTS))
    for line in range(lines):
        summed = rows @ (bits[line] if light is None else bits[line] * light)
        by_window = summed.reshape(areas, feeders, len(windows), SLOTS)
        result[:, line] = np.moveaxis(by_window, 2, 0)
    always = np.ones((days, hours), dtype=np.float32) if light is None else light
    result[:, lines] = (rows @ always).reshape(len(windows), 1, 1, SLOTS)
    return result
