"""Draws on the entities of a block: points in time, traits, classes of effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Bools, Halves, Ints, Words
from sousveil.engine.sampled.chance import Chance, Entities
from sousveil.engine.sampled.kernels.counts import fill_below, fill_classes
from sousveil.engine.sampled.population import Block
from sousveil.engine.sampled.tables import Clock, Marked, Points
from sousveil.processes import Effect, Entity
from sousveil.rng import stream

_CLASS_BITS = EFFECT_CLASSES.bit_length() - 1


@dataclass(frozen=True)
class Events:
    """Points that happened, n of them, with power.

    row: position of the entity in its view, ascending. hour: of the year. number: name of the
    event. spare: a word of each that nothing has read yet. counts: of every entity of the view.
    """

    row: Words
    hour: Halves
    number: Words
    spare: Words
    counts: Ints

    def __len__(self) -> int:
        """How many."""
        return len(self.row)

    def keep(self, mask: Bools | Ints) -> Events:
        """The events of a mask or of some positions."""
        row = self.row[mask]
        counts = np.bincount(row, minlength=len(self.counts))
        return Events(row, self.hour[mask], self.number[mask], self.spare[mask], counts)


def draw_points(chance: Chance, points: Points, block: Block, clock: Clock) -> Events:
    """The events of a process in a block, entity by entity: of its rate, and with its power."""
    return Events(*chance.events(points, entities_of(chance, points, block), clock))


def entities_of(chance: Chance, points: Points, block: Block) -> Entities:
    """The entities of a process in a block."""
    view = block.views[points.entity]
    return Entities(view.ids, rows_of(chance, points, block), view.feeder)


def rows_of(chance: Chance, points: Points, block: Block) -> Ints:
    """Row of every entity in the tables of a process."""
    cell = block.views[points.entity].cell
    if points.effect is None:
        return cell
    return cell * EFFECT_CLASSES + effect_class(chance, points.effect, block)


def effect_class(chance: Chance, effect: Effect, block: Block) -> Ints:
    """Class of an effect for every person of the block, 0 to 15."""
    known = block.drawn.get(effect.name)
    if known is None:
        view = block.views[effect.entity]
        words = chance.lanes(stream(f"effect.{effect.name}"), view.ids, 0)[0]
        known = np.empty(len(view.of_person), dtype=np.int64)
        fill_classes(words, view.of_person, _CLASS_BITS, known)
        block.drawn[effect.name] = known
    return known


def has_trait(chance: Chance, trait: Marked, block: Block) -> Bools:
    """Whether every person of the block has a trait, its own or that of its household or unit."""
    view = block.views[trait.entity]
    words = chance.lanes(trait.stream, view.ids, 0)[0]
    marked = np.empty(len(words), dtype=np.bool_)
    fill_below(words, trait.chances, view.cell, marked)
    return marked if trait.entity is Entity.PERSON else marked[view.of_person]
