"""Person-days with at least one view, day by day on the path of power. Mean field.

A day's views are Poisson given the classes of effects: at equipped and unequipped sites apart,
never at their mean rate, and each day of each feeder with its own hours of supply. Single precision
carries the sums (seven digits).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import EFFECT_CLASSES, Floats, Ints, Singles, Words
from sousveil.engine.expected.alike import distinct_classes, merged
from sousveil.engine.expected.encounters import presence_classes
from sousveil.engine.expected.ledger import MEAN_FIELD
from sousveil.engine.expected.paths import days_with_a_view
from sousveil.engine.expected.prepare import Prepared
from sousveil.engine.expected.scene import Scene
from sousveil.processes import Encounter, Level
from sousveil.tallies import Key

VIEWED = "viewed_person_days"
IDENTIFY = "identify"


def enter_views(scene: Scene, encounters: Sequence[Encounter]) -> None:
    """Enter person-days in view at the widest level, and at the level "identify"."""
    if not encounters:
        scene.ledger.fixed(Key("", VIEWED), scene.nobody, 0.0)
        return
    widest = {process.name: process.levels[0] for process in encounters}
    named = {p.name: level for p in encounters for level in p.levels if level.name == IDENTIFY}
    for outcome, levels in ((VIEWED, widest), (f"{VIEWED}:{IDENTIFY}", named)):
        if levels:
            share = viewed_share(scene.prepared, encounters, levels)
            days = float(scene.prepared.days)
            # Upper bound of the chance part: as if all days of a person were alike.
            variance = float((scene.persons * share * (1.0 - share)).sum()) * days**2
            scene.ledger.fixed(Key("", outcome), scene.persons * share * days, variance, MEAN_FIELD)


def viewed_share(
    prepared: Prepared, encounters: Sequence[Encounter], levels: Mapping[str, Level]
) -> Floats:
    """(A, G) share of person-days with a view at the given level of any encounter named."""
    families: dict[object, list[Encounter]] = {}
    for process in encounters:
        effect = process.effect
        name = None if effect is None else (effect.name, effect.entity)
        if process.name in levels:
            families.setdefault(name, []).append(process)
    chosen = [process for members in families.values() for process in members]
    covered = np.flatnonzero(np.any([process.rate.any(axis=1) for process in chosen], axis=0))
    first, inverse = merged(*(np.vstack([p.rate, p.profile.T]) for p in chosen))
    rate = np.stack([process.rate[covered][:, first] for process in chosen])
    ground = _ground(prepared, chosen, covered, rate)
    hours = _Hours.of(prepared, [(process, levels[process.name]) for process in chosen])
    profile = np.stack([process.profile[first] for process in chosen])
    values, weights = _classes(list(families.values()))
    sizes = [len(members) for members in families.values()]
    days = days_with_a_view(
        ground.path,
        ground.places,
        prepared.calendar.order,
        prepared.calendar.working,
        ground.share,
        hours.line,
        hours.gate,
        hours.counted,
        hours.table,
        profile.astype(np.float32),
        np.ascontiguousarray(rate[:, ground.one], dtype=np.float32),
        values,
        weights,
        np.concatenate([[0], np.cumsum(sizes)]),
    )
    share = np.zeros((len(prepared.persons), len(inverse)))
    share[covered] = days[ground.every][:, inverse] / prepared.days
    return share


@dataclass(frozen=True)
class _Ground:
    """The supply of the areas where there is anything to encounter.

    path: (L, A, F, D) of the lines that are looked at. places: (A',) of the areas in it. share:
    (A', F) of persons. one: (A',) first of each class of covered areas that differ in nothing.
    every: class of each covered area.
    """

    path: Words
    places: Ints
    share: Floats
    one: Ints
    every: Ints


def _ground(
    prepared: Prepared, encounters: Sequence[Encounter], covered: Ints, rate: Floats
) -> _Ground:
    """The supply that encounters look at; rate: (E, A', K).

    Where no line of power reaches a sensor the hours are the same everywhere, and areas of equal
    rates are one area.
    """
    lines = _lines(prepared, encounters)
    if lines:
        paths = [prepared.lines[line].path for line in lines]
        path = np.stack(paths) if len(paths) > 1 else paths[0][None]
        every = np.arange(len(covered))
        return _Ground(path, covered, prepared.person_weight[covered], every, every)
    rows = np.concatenate(list(rate), axis=1)  # none where nobody is ever in view
    _, one, every = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    none = np.zeros((1, 1, 1, prepared.days), dtype=np.uint32)
    places = np.zeros(len(one), dtype=np.int64)
    return _Ground(none, places, np.ones((len(one), 1)), one, every.reshape(-1))


def _lines(prepared: Prepared, encounters: Sequence[Encounter]) -> list[int]:
    """Lines of power that encounters look at."""
    return sorted({prepared.line(process.gate) for process in encounters} - {-1})


@dataclass(frozen=True)
class _Hours:
    """Tables of hours that count, once for all encounters that count alike.

    table: (E,) place of each. line, gate, counted: of each table, as `days_with_a_view` takes them.
    """

    table: Ints
    line: Ints
    gate: Singles
    counted: Singles

    @classmethod
    def of(cls, prepared: Prepared, encounters: Sequence[tuple[Encounter, Level]]) -> _Hours:
        """The tables of encounters at a level."""
        tables: dict[tuple[int, float, float, float, float], int] = {}
        table: list[int] = []
        lines = _lines(prepared, [process for process, _ in encounters])
        for process, level in encounters:
            line, gate = prepared.line(process.gate), process.gate
            place, without = (0, gate.on) if line < 0 else (lines.index(line), gate.off)
            label = place, without, gate.on, level.night_share, level.day_share
            table.append(tables.setdefault(label, len(tables)))
        light = prepared.calendar.light.T
        counted = [night + (day - night) * light for _, _, _, night, day in tables]
        return cls(
            table=np.array(table),
            line=np.array([line for line, *_ in tables]),
            gate=np.array([gate for _, *gate, _, _ in tables], dtype=np.float32),
            counted=np.array(counted, dtype=np.float32),
        )


def _classes(families: Sequence[Sequence[Encounter]]) -> tuple[Singles, Singles]:
    """Values (E, C) of the classes of effects, and weights (families, C) of the distinct ones."""
    values = np.zeros((sum(map(len, families)), EFFECT_CLASSES), dtype=np.float32)
    weights = np.zeros((len(families), EFFECT_CLASSES), dtype=np.float32)
    done = 0
    for number, members in enumerate(families):
        rows = np.stack([presence_classes(process) for process in members], axis=1)
        distinct, counts = distinct_classes(rows)
        values[done : done + len(members), : len(counts)] = distinct.T
        weights[number, : len(counts)] = counts / EFFECT_CLASSES
        done += len(members)
    return values, weights
