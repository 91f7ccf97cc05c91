"""The path of power: supply of every line, area, feeder and hour, drawn once and then frozen."""

from __future__ import annotations

import numpy as np

from sousveil.arrays import (
    DAYS_PER_YEAR,
    HOURS_PER_YEAR,
    MONTHS,
    SLOTS,
    Bits,
    Bools,
    Floats,
    Ints,
    Words,
)
from sousveil.rng import Key, philox, stream, threshold
from sousveil.world.model import Area, Calendar, PowerPath
from sousveil.world.parameters import PowerParameters
from sousveil.world.supply import LINES, Supply, supplies

_LANES = 4
STREAMS = tuple(f"power.{line}.{clock}" for line in LINES for clock in ("day", "hour"))
"""Names of all streams that this part of the world may draw from."""


def draw_path(
    areas: tuple[Area, ...], calendar: Calendar, parameters: PowerParameters, seed: int, member: int
) -> PowerPath:
    """Draw the supply of every declared line.

    An hour's word depends on seed, member, line, area, feeder and hour alone: two what-ifs share
    it, so that more declared hours (outage days the same) light a superset of the hours.
    """
    key, feeders = Key(seed, member), int(parameters.feeders)
    declared = supplies(areas, calendar, parameters)
    on = np.empty((len(declared), len(areas), feeders, HOURS_PER_YEAR), dtype=np.uint8)
    for index, supply in enumerate(declared):
        on[index] = _draw_line(supply, feeders, key)
    lines = tuple(supply.line for supply in declared)
    return PowerPath(lines=lines, on=on, joint=joint_hours(on, calendar))


def joint_hours(on: Bits, calendar: Calendar) -> Floats:
    """(A, M, J, S) hours by month, joint state of the lines and slot, mean over feeders."""
    lines, areas, feeders, _ = on.shape
    states = 2**lines
    shape = (areas, MONTHS, states, SLOTS)
    state = np.zeros((areas, feeders, HOURS_PER_YEAR), dtype=np.int32)
    for line in range(lines):
        state += on[line].astype(np.int32) << line
    month = calendar.month_of_hour() * (states * SLOTS)
    cell = (month + calendar.slot_of_hour()).astype(np.int32)
    first = (np.arange(areas) * (MONTHS * states * SLOTS)).astype(np.int32)
    index = state * np.int32(SLOTS) + cell + first[:, None, None]
    counts = np.bincount(index.reshape(-1), minlength=int(np.prod(shape)))
    return counts.reshape(shape) / feeders


def words_in_order(key: Key, name: str, entities: Ints, count: int) -> Words:
    """(entities, count) words of a stream: four successive events share a block."""
    blocks = np.arange(-(-count // _LANES))
    lanes = philox(
        (entities[:, None], blocks[None, :], np.asarray(stream(name)), np.asarray(0)), key
    )
    return np.stack(lanes, axis=-1).reshape(len(entities), -1)[:, :count]


def _draw_line(supply: Supply, feeders: int, key: Key) -> Bits:
    """(A, F, H) supply of one line."""
    areas = len(supply.outage)
    dark = outage_days(supply, key)
    chance = np.stack([threshold(supply.lit), threshold(supply.dark)], axis=1)
    limits = chance[np.arange(areas)[:, None], dark.astype(np.intp), supply.kind[None, :]]
    hours = np.empty((areas, feeders, HOURS_PER_YEAR), dtype=np.uint8)
    # One area at a time: its words then stay in the processor's cache.
    for area in range(areas):
        entities = area * feeders + np.arange(feeders)
        words = words_in_order(key, f"power.{supply.line}.hour", entities, HOURS_PER_YEAR)
        hours[area] = words < limits[area].reshape(-1)
    return hours


def outage_days(supply: Supply, key: Key) -> Bools:
    """(A, 365) days of outage: a stationary two-state chain over the days of each area."""
    areas = len(supply.outage)
    if not supply.outage.any():
        return np.zeros((areas, DAYS_PER_YEAR), dtype=np.bool_)
    words = words_in_order(key, f"power.{supply.line}.day", np.arange(areas), DAYS_PER_YEAR)
    enter = words < threshold(supply.outage / (supply.spell * (1.0 - supply.outage)))[:, None]
    stay = words < threshold(1.0 - 1.0 / supply.spell)[:, None]
    dark = enter.copy()
    dark[:, 0] = words[:, 0] < threshold(supply.outage)
    for day in range(1, DAYS_PER_YEAR):
        dark[:, day] |= dark[:, day - 1] & stay[:, day]
    return dark
