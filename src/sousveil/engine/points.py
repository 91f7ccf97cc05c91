"""Draws on the entities of a block: points in time, traits, classes of effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Bools, Ints, Words
from sousveil.engine.chance import Chance, joined
from sousveil.engine.kernels import Job, Room
from sousveil.engine.population import Block, View
from sousveil.engine.tables import MOST_HOURS, MOST_IN_AN_HOUR, Band, Clock, Marked, Points
from sousveil.processes import Effect
from sousveil.rng import stream


@dataclass(frozen=True)
class Events:
    """Points that happened, n of them, with power.

    row: position of the entity in its view. hour: of the year. number: name of the event. spare: a
    word of each that nothing has read yet.
    """

    row: Ints
    hour: Ints
    number: Words
    spare: Words

    def __len__(self) -> int:
        """How many."""
        return len(self.row)

    def keep(self, mask: Bools | Ints) -> Events:
        """The events of a mask or of some positions."""
        return Events(self.row[mask], self.hour[mask], self.number[mask], self.spare[mask])


def draw_points(chance: Chance, points: Points, block: Block, clock: Clock) -> Events:
    """The events of a process in a block: of its rate, and with its power."""
    where = block.views[points.entity], rows_of(chance, points, block)
    rooms = [_draw_band(chance, points, band, where, clock) for band in points.bands]
    return Events(*joined(rooms))


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
) -> Room:
    """The events of one band. where: the view and the row of each of its entities."""
    view, rows = where
    wanted = np.flatnonzero(band.wanted[rows])
    job = Job(
        key=np.array(chance.key, dtype=np.uint32),
        streams=np.array([band.stream, points.stream], dtype=np.uint32),
        numbers=np.array([band.number * MOST_HOURS * MOST_IN_AN_HOUR, MOST_HOURS], dtype=np.uint32),
        thresholds=band.thresholds,
        quads=band.quads,
        entity=view.ids[wanted],
        row=rows[wanted],
        feeder=view.feeder[wanted],
        thin=band.thin,
        chances=points.gate.chances,
        slot=clock.slot,
        supply=clock.supply_of(points.gate.line),
    )
    found = chance.events(job)
    return found._replace(position=wanted[found.position])
