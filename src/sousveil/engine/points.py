"""Draws on the entities of a block: points in time, traits, classes of effects, categories.

An event's number is hour + 2^14 (place in its hour + 2^10 band): with its entity it names the event
in every later draw. Of the words of the process's own stream the first thins, the second asks the
power, the third is left to the process.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Bools, Ints, Words
from sousveil.engine.chance import LANES, Chance
from sousveil.engine.population import Block, View
from sousveil.engine.tables import MOST_HOURS, MOST_IN_AN_HOUR, Band, Clock, Marked, Points
from sousveil.processes import Effect
from sousveil.rng import stream

THIN, POWER, SPARE = 0, 1, 2
"""Lanes of the words of an event."""


@dataclass(frozen=True)
class Events:
    """Points that happened, n of them.

    row: position of the entity in its view. hour: of the year. number: name of the event. words:
    (4, n) of the process's own stream.
    """

    row: Ints
    hour: Ints
    number: Words
    words: Words

    def __len__(self) -> int:
        """How many."""
        return len(self.row)

    def keep(self, mask: Bools) -> Events:
        """The events of the mask."""
        return Events(self.row[mask], self.hour[mask], self.number[mask], self.words[:, mask])


def draw_points(chance: Chance, points: Points, block: Block, clock: Clock) -> Events:
    """The events of a process in a block, thinned to its rate; gates come later."""
    view, rows = block.views[points.entity], rows_of(chance, points, block)
    parts = [_draw_band(chance, points, band, (view, rows), clock) for band in points.bands]
    if not parts:
        none = np.empty(0, dtype=np.int64)
        return Events(none, none, none.astype(np.uint32), np.empty((LANES, 0), np.uint32))
    return Events(
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.hour for part in parts]),
        np.concatenate([part.number for part in parts]),
        np.concatenate([part.words for part in parts], axis=1),
    )


def rows_of(chance: Chance, points: Points, block: Block) -> Ints:
    """Row of every entity in the tables of a process."""
    cell = block.views[points.entity].cell
    if points.effect is None:
        return cell
    return cell * EFFECT_CLASSES + effect_class(chance, points.effect, block)


def effect_class(chance: Chance, effect: Effect, block: Block) -> Ints:
    """Class of an effect for every person of the block, 0 to 15."""
    view = block.views[effect.entity]
    words = chance.lanes(stream(f"effect.{effect.name}"), view.ids, 0)[0]
    return (words >> np.uint32(28)).astype(np.int64)[view.of_person]


def has_trait(chance: Chance, trait: Marked, block: Block) -> Bools:
    """Whether every person of the block has a trait, its own or that of its household or unit."""
    view = block.views[trait.entity]
    words = chance.lanes(trait.stream, view.ids, 0)[0]
    return (words < trait.chances[view.cell])[view.of_person]


def _draw_band(
    chance: Chance, points: Points, band: Band, where: tuple[View, Ints], clock: Clock
) -> Events:
    """Candidates of one band, thinned. where: the view and the row of each of its entities."""
    view, rows = where
    wanted = np.flatnonzero(band.wanted[rows])
    position, hour, count = chance.candidates(
        band.stream, view.ids[wanted], band.quads, band.thresholds
    )
    row, number = wanted[position], hour + band.number * MOST_HOURS * MOST_IN_AN_HOUR
    if len(count) and count.max() > 1:
        place = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        row, hour, number = (np.repeat(column, count) for column in (row, hour, number))
        number = number + place * MOST_HOURS
    number = number.astype(np.uint32)
    words = chance.lanes(points.stream, view.ids[row], number)
    stays = words[THIN] < band.thin[rows[row], clock.slot[hour]]
    return Events(row, hour, number, words).keep(stays)
