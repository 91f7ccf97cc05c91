"""The path of power: supply of every line, area, feeder and hour, drawn once and then frozen."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

from sousveil.arrays import (
    DAYS_PER_YEAR,
    HOURS_PER_DAY,
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
from sousveil.world.supply import LINES, Supply, supplied_lines, supplies

Array = TypeVar("Array", Bits, Floats)
_LANES = 4
_MOST_KEPT = 2**26
"""Bytes up to which lines are kept for the what-ifs of a member."""
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
    if not declared:
        on = np.empty((0, len(areas), feeders, HOURS_PER_YEAR), dtype=np.uint8)
        return PowerPath((), on, np.empty((0, len(areas), MONTHS, SLOTS)))
    lines = [_line(supply, feeders, calendar, key) for supply in declared]
    return PowerPath(
        lines=tuple(supply.line for supply in declared),
        by_line=tuple(on for on, _ in lines),
        hours=np.stack([hours for _, hours in lines]),
    )


def lit_path(areas: tuple[Area, ...], calendar: Calendar, parameters: PowerParameters) -> PowerPath:
    """Every hour of every declared line with supply, for a trial that draws nothing."""
    lines = supplied_lines(areas, calendar, parameters)
    days = np.zeros((MONTHS, SLOTS // HOURS_PER_DAY))
    np.add.at(days, (calendar.month, calendar.day_type), 1.0)
    hours = np.repeat(days, HOURS_PER_DAY, axis=1)
    feeders = int(parameters.feeders)
    return PowerPath(
        lines=lines,
        by_line=np.broadcast_to(np.uint8(1), (len(lines), len(areas), feeders, HOURS_PER_YEAR)),
        hours=np.broadcast_to(hours, (len(lines), len(areas), MONTHS, SLOTS)),
    )


def _line(supply: Supply, feeders: int, calendar: Calendar, key: Key) -> tuple[Bits, Floats]:
    """Supply (A, F, H) and hours (A, M, S) of a line: kept for what-ifs that leave it alone."""
    arrays = (supply.kind, supply.lit, supply.dark, supply.outage, supply.spell)
    drawn = (supply.line, feeders, *(array.tobytes() for array in arrays))
    days = (calendar.day_type.tobytes(), calendar.month.tobytes())
    on = _kept(key, drawn, lambda: _draw_line(supply, feeders, key))
    return on, _kept(key, (*drawn, *days), lambda: _hours_of(on, calendar))


def _kept(key: Key, label: object, work: Callable[[], Array]) -> Array:
    """What is worked out for one member, once while there is room for it."""
    kept = _kept_lines(key)
    if label not in kept:
        made = work()
        if sum(array.nbytes for array in kept.values()) + made.nbytes > _MOST_KEPT:
            kept.clear()
        kept[label] = made
    return kept[label]


@lru_cache(maxsize=1)
def _kept_lines(key: Key) -> dict[object, Any]:
    """The lines drawn for one member, and their hours."""
    return {}


def supplied_hours(on: Bits, calendar: Calendar) -> Floats:
    """(L, A, M, S) hours with supply by month and slot, mean over feeders."""
    return np.stack([_hours_of(line, calendar) for line in np.ascontiguousarray(on)])


def _hours_of(on: Bits, calendar: Calendar) -> Floats:
    """(A, M, S) the same of one line."""
    from sousveil.world.drawing import hours_by_slot  # loads the compiler, which a check need not

    return hours_by_slot(on, calendar.day_type, calendar.month, MONTHS, SLOTS) / on.shape[1]


def words_in_order(key: Key, name: str, entities: Ints, count: int) -> Words:
    """(entities, count) words of a stream: four successive events share a block."""
    blocks = np.arange(-(-count // _LANES))
    lanes = philox(
        (entities[:, None], blocks[None, :], np.asarray(stream(name)), np.asarray(0)), key
    )
    return np.stack(lanes, axis=-1).reshape(len(entities), -1)[:, :count]


def _draw_line(supply: Supply, feeders: int, key: Key) -> Bits:
    """(A, F, H) supply of one line."""
    from sousveil.world.drawing import draw_hours  # loads the compiler

    dark = outage_days(supply, key).astype(np.uint8)
    chance = np.stack([threshold(supply.lit), threshold(supply.dark)], axis=1)
    number = stream(f"power.{supply.line}.hour")
    return draw_hours(chance, dark, supply.kind, feeders, number, key.seed, key.member)


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
