"""The closed set of process kinds that every channel and act lowers to, as data only.

Nothing here computes more than what one value alone implies. A process says *what* may happen to
which entity, *when* it can happen (its clock) and *on what* it depends (its conditioning). The
engines know these kinds, never a channel.

Rates are events per entity and hour; a rate at area a, group g, slot s and month m is ``rate[a, g]
* profile[g, s] * month[a, m]``, then thinned by the gate of that hour. All arrays are dense float64
with the axes of :mod:`sousveil.arrays`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

from sousveil.arrays import Floats


class Entity(StrEnum):
    """Whom a trait, effect or visit belongs to."""

    PERSON = "person"
    HOUSEHOLD = "household"
    UNIT = "unit"
    SITE = "site"
    AREA = "area"


class Layer(StrEnum):
    """Who does the watching in a channel."""

    PEOPLE = "people"
    MACHINES = "machines"
    MIXED = "mixed"


class Sensitivity(StrEnum):
    """How far a result about an act may leave the program (how_it_counts, Lines)."""

    OPEN = "open"
    PROTECTED = "protected"
    BORDER = "border"


@dataclass(frozen=True)
class Gate:
    """Thinning by the power of a line in the entity's feeder and hour.

    line: name of a power line of the world, or "" for a process that needs no power.
    on, off: chance to survive in an hour with and without supply; `off` above 0 is battery or
    solar.
    """

    line: str = ""
    on: float = 1.0
    off: float = 0.0


NO_GATE = Gate(line="", on=1.0, off=1.0)


@dataclass(frozen=True)
class Effect:
    """A shared random multiplier: one of 16 equally likely classes, once per entity and member.

    form "rate": a mean-1 multiplier, lognormal with standard deviation of the log = spread, cut
    into 16 class means. form "share": a Beta around the probability that it acts on, with
    concentration = spread (a + b), cut into 16 class means inside [0, 1]; spread 0 is its limit,
    yes or no. Processes that name the same effect (same name and entity) share its class.
    """

    name: str
    entity: Entity
    form: str
    spread: float


@dataclass(frozen=True)
class Trait:
    """A yes or no that an entity keeps for the whole run, drawn once by counter.

    share: (A, G), probability. For a household, unit or site trait only column 0 is read.
    """

    name: str
    entity: Entity
    share: Floats


@dataclass(frozen=True)
class Spell:
    """A two-state process in hours: its stationary share down, the mean length of a down spell.

    It is sampled at the start and then at the events of the process that uses it, with the exact
    transition probability of the two-state chain over the hours between.
    """

    name: str
    entity: Entity
    down_share: float
    mean_down_hours: float


@dataclass(frozen=True)
class Level:
    """A nested level of an encounter: its share of all encounters by day and in the dark."""

    name: str
    day_share: float
    night_share: float


@dataclass(frozen=True)
class Encounter:
    """A person comes into the view of a sensor (points; person).

    rate: (A, G) encounters per hour where profile is 1; profile: (G, S).
    levels: nested, widest first; the first has share 1 by day.
    moving: whether the person passes the sensor (street) or stays in its room (fixed setting).
    effect: a "share" effect on `equipped` (sites with and without sensors) or a "rate" effect
    (routes).
    equipped: probability that the entity's site has sensors at all; it multiplies the rate through
    the effect.
    """

    name: str
    channel: str
    rate: Floats
    profile: Floats
    levels: tuple[Level, ...]
    gate: Gate = NO_GATE
    effect: Effect | None = None
    equipped: float = 1.0
    moving: bool = True
    seconds_in_view: float = 0.0


@dataclass(frozen=True)
class Search:
    """A usable picture is compared with a live list (child of an encounter level).

    probe_share: chance that a view of that level becomes a probe. Listed persons are named with
    `hit`; anybody else is wrongly named with `wrong` (FPIR), times the person's proneness and the
    factor of the group, (G,), None for all ones, together cut at 1. A wrong alert falls on the
    passer-by.
    """

    name: str
    channel: str
    parent: str
    level: str
    probe_share: float
    listed: Trait
    hit: float
    wrong: float
    allegation: str = "listed"
    proneness: Effect | None = None
    flags: bool = True
    factor: Floats | None = None


@dataclass(frozen=True)
class RollCall:
    """Presence is recorded at listed events; absence over a window flags (schedule; household).

    events: hour of the year of each airing, grouped by event; present if recorded at any airing of
    the event.
    windows: indices of the events of each calendar window; a window flags at its end if absences >=
    threshold. A household of `box` is recorded iff at some airing box, link and power are up and
    somebody watches at home (watch, not elsewhere) or the box was left on. Fault and link are read
    once an event. Founded iff the deliberate absences alone (not watching, not left on) reach the
    threshold. The flag falls on the registered adult.
    """

    name: str
    channel: str
    box: Trait
    events: tuple[tuple[int, ...], ...]
    windows: tuple[tuple[int, ...], ...]
    threshold: int
    gate: Gate
    watch: float
    watch_effect: Effect
    elsewhere: float
    left_on: float
    fault: Spell
    link: Spell
    allegation: str = "missed_broadcast"
    excuse_without_power: bool = False


@dataclass(frozen=True)
class Mark:
    """A categorical draw on an act.

    Its probabilities may depend on earlier marks and on the power of the hour.

    given: names of earlier marks. table_on, table_off: (A, *categories of given, own categories),
    rows sum to 1; table_off is used in hours without power on `line` (the same array where power
    plays no part).
    """

    name: str
    categories: tuple[str, ...]
    given: tuple[str, ...]
    table_on: Floats
    table_off: Floats
    line: str = ""


@dataclass(frozen=True)
class Act:
    """What is punished: points on persons, each with a spell, a place and marks.

    rate: (A, G) per hour where profile is 1; profile: (G, S) with mean 1 over a week; month: (A,
    M), normally ones (chilling thins it and never raises it above 1). gate: power that the act
    itself needs.
    spell_hours: whole hours that the act stays in progress, its first hour included (>= 1).
    right: the article that it exercises, or "" with a `legitimate_aim`.
    completes: marks that an act must carry to count as completed when no channel noticed it.
    """

    name: str
    rate: Floats
    profile: Floats
    month: Floats
    gate: Gate
    spell_hours: int
    place: str
    right: str
    legitimate_aim: str
    sensitivity: Sensitivity
    effect: Effect | None = None
    marks: tuple[Mark, ...] = ()
    completes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Visits:
    """Inspections as points on a unit, household or person, whatever they look for.

    rate: (A, G) visits per entity and hour where profile is 1 (column 0 for units and households);
    profile: (S,). Inspections that name the same visits share them.
    """

    name: str
    entity: Entity
    rate: Floats
    profile: Floats


@dataclass(frozen=True)
class Detection:
    """Somebody or something notices an act when it happens (child of an act).

    notice: (A, G) probability of being noticed, given power; by_slot: (S,) multiplier in [0, 1];
    effect: a "share" effect on `notice` (zeal of the unit). when: mark name -> categories that can
    be noticed.
    report: (A, G) probability that what was noticed becomes a flag. anchored: a human report,
    scaled by the anchor.
    bribed: (A, G) chance that the reporter is bribed first (an extortion instead of a flag).
    """

    name: str
    channel: str
    act: str
    notice: Floats
    by_slot: Floats
    report: Floats
    bribed: Floats
    gate: Gate = NO_GATE
    effect: Effect | None = None
    when: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    anchored: bool = False


@dataclass(frozen=True)
class Inspection:
    """Visits find an act in progress, or what it left behind (child of an act and of visits).

    findable_hours: whole hours after the start during which it can be found (the act's spell, or
    the life of a trace).
    trace: chance that the act leaves anything to find. find: chance that a visit in that time finds
    it; an act is
    noticed at most once: 1 - (1 - find)^visits. carrier: only entities with this trait (phone
    owners) can be found.
    """

    name: str
    channel: str
    act: str
    visits: str
    trace: float
    findable_hours: int
    find: float
    report: Floats
    bribed: Floats
    carrier: Trait | None = None
    anchored: bool = False


@dataclass(frozen=True)
class Unprompted:
    """A flag without a parent act (points; person).

    It is a denunciation, a wrong return of a register search, or a false find.

    rate: (A, G) per hour, flat over the day. coincident_hours: window in which an act of the
    allegation by the same person makes the flag coincident.
    """

    name: str
    channel: str
    allegation: str
    rate: Floats
    bribed: Floats
    coincident_hours: int = 720


@dataclass(frozen=True)
class Handling:
    """What happens to a channel's flags: rule, review, settlement by bribe.

    partners_needed: how many other channels must flag the same person within `rule_hours` (0: none
    needed).
    reviewed: (A,) share of flags that a reviewer sees (served fraction times share sent to review);
    expired: (A,) share of flags sent to review that nobody serves within retention: they are
    dropped.
    reject_founded, reject_unfounded: chance that a reviewer drops it. bribe_exit: (A, G) chance
    that the flag is settled by a payment (an extortion) and never becomes a case.
    """

    partners_needed: int
    rule_hours: int
    reviewed: Floats
    expired: Floats
    reject_founded: float
    reject_unfounded: float
    bribe_exit: Floats

    @cached_property
    def has_review(self) -> bool:
        """Whether any of its flags are sent to review."""
        return bool(self.reviewed.any() or self.expired.any())

    @cached_property
    def stays(self) -> tuple[Floats, Floats]:
        """(A, 1) chance that a founded flag is not dropped, and that an unfounded one is not."""
        rejects = self.reject_founded, self.reject_unfounded
        founded, unfounded = (
            1.0 - (self.expired + self.reviewed * reject)[:, None] for reject in rejects
        )
        return founded, unfounded


Process: TypeAlias = (
    Encounter | Search | RollCall | Act | Visits | Detection | Inspection | Unprompted
)
"""The closed set. A new channel never adds to it."""
