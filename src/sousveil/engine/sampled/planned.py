"""The records of a plan: every kind of process in integers, as the engines read it.

A threshold table over cells has A * G rows, row area * G + group; over cells and classes of an
effect it has sixteen columns (one without an effect).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sousveil.arrays import Bools, Ints, Thresholds
from sousveil.engine.sampled.kernels.asked import Counts, Moments
from sousveil.engine.sampled.tables import Clock, Gating, Marked, Points
from sousveil.processes import Effect, Entity
from sousveil.tallies import Key
from sousveil.world.model import World

When: TypeAlias = tuple[tuple[int, Bools], ...]
"""Marks that must hold: number of the mark, and which of its categories will do."""


@dataclass(frozen=True)
class Reporting:
    """From noticed to flag: thresholds (A * G,) of the report and of the bribe before it."""

    stream: int
    report: Thresholds
    bribed: Thresholds


@dataclass(frozen=True)
class MarkPlan:
    """One mark. given: numbers of earlier marks. sizes: their categories.

    cuts: (2, A * product of sizes, K - 1), without and with power on `line`.
    """

    name: str
    categories: tuple[str, ...]
    stream: int
    given: tuple[int, ...]
    sizes: tuple[int, ...]
    line: int
    cuts: Thresholds


@dataclass(frozen=True)
class DetectionPlan:
    """A detection. bit: of its channel in the patterns. notice: (A * G, 1 or 16). by_slot: (S,)."""

    name: str
    channel: str
    bit: int
    stream: int
    when: When
    effect: Effect | None
    notice: Thresholds
    by_slot: Thresholds
    gate: Gating
    reporting: Reporting


@dataclass(frozen=True)
class InspectionPlan:
    """An inspection. find: (n + 1,) chance that so many visits find; the last for all more."""

    name: str
    channel: str
    bit: int
    stream: int
    visits: str
    entity: Entity
    carrier: Marked | None
    trace: Thresholds
    findable_hours: int
    find: Thresholds
    reporting: Reporting


@dataclass(frozen=True)
class ActPlan:
    """An act with its children. month: (A * 12,) chilling, None where it never bites."""

    name: str
    points: Points
    month: Thresholds | None
    marks: tuple[MarkPlan, ...]
    completes: When
    patterns: int
    detections: tuple[DetectionPlan, ...]
    inspections: tuple[InspectionPlan, ...]


@dataclass(frozen=True)
class SearchPlan:
    """A search. level: number of the encounter's. wrong: (A * G, 1 or 16) by class of proneness."""

    name: str
    channel: str
    stream: int
    level: int
    probe: Thresholds
    listed: Marked
    hit: Thresholds
    wrong: Thresholds
    proneness: Effect | None
    flags: bool


@dataclass(frozen=True)
class EncounterPlan:
    """An encounter with its searches. levels: (levels, H) threshold by hour, after its daylight."""

    name: str
    points: Points
    level_names: tuple[str, ...]
    levels: Thresholds
    searches: tuple[SearchPlan, ...]


@dataclass(frozen=True)
class ProbesPlan:
    """The views that become probes of one search, all at the nearest level.

    distribution, counts: as in `CountedPlan`. moments: when they happen, before the gate.
    """

    search: SearchPlan
    stream: int
    distribution: Ints
    counts: Counts
    moments: Moments
    gate: Gating


@dataclass(frozen=True)
class CountedPlan:
    """Encounters by number: how many a person has in the year.

    A person's row is (cell * C + class) * F + feeder, by class of the effect (C = 16, or 1
    without). levels: of each the number of the distribution of every row, and the distributions, of
    the views that reach it and none nearer and are no probes.
    """

    name: str
    stream: int
    effect: Effect | None
    level_names: tuple[str, ...]
    levels: tuple[tuple[Ints, Counts], ...]
    probes: ProbesPlan | None


@dataclass(frozen=True)
class SpellPlan:
    """A two-state chain read at events. down: (events, 2) chance to be down after up, after down.

    In the first row both are the stationary share.
    """

    stream: int
    entity: Entity
    down: Thresholds


@dataclass(frozen=True)
class RollCallPlan:
    """A roll call.

    airings: (E, most) hours, -1 where there is none. odds: (feeders, most, E) thresholds of finding
    power, 0 where there is no airing.
    """

    name: str
    channel: str
    box: Marked
    airings: Ints
    windows: tuple[Ints, ...]
    threshold: int
    odds: Thresholds
    watch: Thresholds
    watch_effect: Effect
    elsewhere: Thresholds
    left_on: Thresholds
    fault: SpellPlan
    link: SpellPlan
    excuse_without_power: bool


@dataclass(frozen=True)
class AttendancePlan:
    """A roll call by number, which can flag nobody.

    up: (feeders,) number of the distribution of the recordable events of a household. Of these are
    recorded, by kind of class: so many of up to 31, and of 0, 32, 64... kinds: (16,) that of each
    class of the watch effect.
    """

    call: RollCallPlan
    up: Ints
    recordable: Counts
    kinds: Ints
    singly: Counts
    in_parts: Counts


@dataclass(frozen=True)
class UnpromptedPlan:
    """Flags without an act. allegation: an act of the model, or "". hours: the window's."""

    name: str
    channel: str
    points: Points
    allegation: str
    hours: int
    bribed: Thresholds


@dataclass(frozen=True)
class HandlingPlan:
    """What becomes of a channel's flags.

    review: (A, 2) cumulated: seen by a reviewer, or expired. reject: (2,) unfounded, founded.
    """

    partners_needed: int
    rule_hours: int
    review: Thresholds
    reject: Thresholds
    bribe_exit: Thresholds


@dataclass(frozen=True)
class Plan:
    """A model in integers. visits: by name. handling: by channel.

    counted, attended: encounters and roll calls by number. yearly: whether acts without marks, and
    visits, are so, too.
    """

    world: World
    clock: Clock
    keys: tuple[Key, ...]
    acts: tuple[ActPlan, ...]
    visits: Mapping[str, Points]
    encounters: tuple[EncounterPlan, ...]
    roll_calls: tuple[RollCallPlan, ...]
    unprompted: tuple[UnpromptedPlan, ...]
    handling: Mapping[str, HandlingPlan]
    counted: tuple[CountedPlan, ...] = ()
    attended: tuple[AttendancePlan, ...] = ()
    yearly: bool = False
