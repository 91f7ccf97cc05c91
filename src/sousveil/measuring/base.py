"""What a measure is: a declared value whose function turns counts into ratios of totals.

A family is one file of this folder with a tuple MEASURES; it knows no other family. What its
functions give stands in `results`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from sousveil.arrays import DAYS_PER_YEAR, Floats
from sousveil.counts import Count as Count
from sousveil.counts import worst as worst
from sousveil.engine.model import Model, makes_flags
from sousveil.measuring.cells import Cells, cells_of
from sousveil.measuring.cells import Splits as Splits
from sousveil.measuring.results import Change as Change
from sousveil.measuring.results import Item as Item
from sousveil.measuring.results import Mean as Mean
from sousveil.measuring.results import Ratio as Ratio
from sousveil.measuring.results import Result as Result
from sousveil.measuring.results import Value as Value
from sousveil.processes import (
    Act,
    Detection,
    Inspection,
    Layer,
    Process,
    RollCall,
    Search,
    Sensitivity,
    Unprompted,
)
from sousveil.tallies import Key
from sousveil.world.model import World

if TYPE_CHECKING:
    from sousveil.engine.expected.joint import Joint
    from sousveil.measuring.sums import Projected

Kept = TypeVar("Kept")
PER_100_000 = 100_000.0
ALLEGATIONS: Mapping[str, Sensitivity] = {
    "listed": Sensitivity.OPEN,
    "wanted": Sensitivity.OPEN,
    "missed_broadcast": Sensitivity.PROTECTED,
}
"""Allegations that are no act of a scenario. Any other counts as protected."""


AIMED = frozenset({"wanted"})
"""Of these, those with a legitimate aim: to be flagged rightly is no harm."""


@dataclass(frozen=True)
class Patterns:
    """Acts by the set of channels that noticed them.

    watchers: (W,) channels. seen: (2^W, W) 1 where a channel noticed. counts: (2^W, A, G).
    """

    watchers: tuple[str, ...]
    seen: Floats
    counts: Floats
    variances: Floats
    label: str
    _known: dict[tuple[int, ...], Count] = field(default_factory=dict[tuple[int, ...], Count])

    def weighed(self, weights: Floats) -> Count:
        """Acts weighed by their pattern, (2^W,)."""
        values = weights @ self.counts.reshape(len(weights), -1)
        variance = float(weights**2 @ self.variances)
        return Count(values.reshape(self.counts.shape[1:]), variance, self.label)

    def noticed_by(self, channels: Iterable[str]) -> Count:
        """Acts noticed by at least one of these channels."""
        wanted = set(channels)
        chosen = tuple(place for place, name in enumerate(self.watchers) if name in wanted)
        if chosen not in self._known:
            some = self.seen[:, list(chosen)].sum(axis=1)
            self._known[chosen] = self.weighed(np.minimum(some, 1.0))
        return self._known[chosen]

    @property
    def by_nobody(self) -> Count:
        """Acts that no channel noticed."""
        return self.weighed(1.0 - np.minimum(self.seen.sum(axis=1), 1.0))


@dataclass(frozen=True)
class Context:
    """One what-if of one member, as measures see it: counts for the full population.

    counts: what a run gives by key. persons: (A, G). matrix: act -> channel -> state. base: the
    base run, for contrasts. workload: channel -> load of its reviewers, where there are any.
    finest: "parent" or "area". joints: act -> how its patterns vary together; None in a run of
    which the variances are not known.
    """

    what_if: str
    model: Model
    counts: Mapping[Key, Count]
    persons: Floats
    matrix: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    workload: Mapping[str, Any] = field(default_factory=dict[str, Any])
    base: Context | None = None
    finest: str = "parent"
    joints: Mapping[str, Joint] | None = None

    @property
    def world(self) -> World:
        """The world of the what-if."""
        return self.model.world

    @cached_property
    def splits(self) -> Splits:
        """The cells that values are split into; they follow from the world alone."""
        if self.peopled is not self:
            return self.peopled.splits
        cells = cells_of(self.world.areas, self.world.groups, self.finest)
        splits = Splits(cells, self.persons.reshape(-1) @ cells.member)
        before = None if self.base is None else self.base.splits
        return splits if before is None or not splits.same_as(before) else before

    @property
    def peopled(self) -> Context:
        """The base where it has the very same people, else this run: people are counted there."""
        # Not kept: a run that refers to itself would outlive its member, with all its arrays.
        base = self.base
        same = base is not None and (
            base.persons is self.persons
            and base.world.people is self.world.people
            and base.world.areas is self.world.areas
        )
        return base if base is not None and same else self

    @cached_property
    def projected(self) -> list[Projected]:
        """The last projection of the counts, for what-ifs beside this base."""
        return []

    @cached_property
    def residents(self) -> Floats:
        """(A, G) persons of civil areas, zero elsewhere."""
        if self.peopled is not self:
            return self.peopled.residents
        return self.persons * self.world.civil[:, None]

    @cached_property
    def person_days(self) -> Floats:
        """(A, G) days that residents live in a year."""
        if self.peopled is not self:
            return self.peopled.person_days
        return self.residents * DAYS_PER_YEAR

    @cached_property
    def households(self) -> Floats:
        """(A, G) households of civil areas, by the group of their registered adult."""
        if self.peopled is not self:
            return self.peopled.households
        return self.world.people.registered_by_group() * self.world.civil[:, None]

    @cached_property
    def nothing(self) -> Count:
        """No events."""
        return Count(np.zeros(self.persons.shape))

    def count(self, process: str, outcome: str) -> Count:
        """Count of one key; unavailable (null) where the engine does not give it."""
        # A key is a tuple, and any pair of words finds what it names.
        found = cast("Mapping[tuple[str, str], Count]", self.counts).get((process, outcome))
        return self.unavailable if found is None else found

    @cached_property
    def unavailable(self) -> Count:
        """What the engine does not give."""
        if self.base is not None and self.base.persons.shape == self.persons.shape:
            return self.base.unavailable
        return Count(np.full(self.persons.shape, np.nan), np.nan, "unavailable")

    @cached_property
    def _kept(self) -> dict[tuple[object, ...], tuple[Any, ...]]:
        return {}

    def kept(self, label: object, of: Sequence[object], work: Callable[[], Kept]) -> Kept:
        """What follows from some values alone: that of the base, if it has these very values."""
        key = (label, *map(id, of))
        for context in (self, self.base):
            if context is not None and key in context._kept:
                return cast(Kept, context._kept[key][0])
        # The values are kept beside, so that nothing else may come to have their identity.
        result = work()
        self._kept[key] = result, of
        return result

    def total(self, parts: Iterable[tuple[str, str]]) -> Count:
        """Sum over (process, outcome) pairs; no pair, no events."""
        counts, missing = cast("Mapping[tuple[str, str], Count]", self.counts), self.unavailable
        found = [counts.get(part, missing) for part in parts]
        if len(found) < 2:
            return found[0] if found else self.nothing
        return self.kept("total", found, partial(_sum, found))

    @cached_property
    def _sensitivities(self) -> dict[str, Sensitivity]:
        return sensitivities(self.model)

    def sensitivity(self, act: str) -> Sensitivity:
        """How far a result about an act or allegation may leave."""
        return self._sensitivities.get(act, Sensitivity.PROTECTED)

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        """The acts that other measures than those of class border may speak of."""
        return tuple(
            act for act in acts_of(self.model) if act.sensitivity is not Sensitivity.BORDER
        )

    def shows(self, process: Process) -> bool:
        """Whether it can flag a person for anything but an act of class border."""
        return (
            makes_flags(process) and self.sensitivity(allegation(process)) is not Sensitivity.BORDER
        )

    @cached_property
    def flaggers(self) -> tuple[Process, ...]:
        """Processes that can flag a person for anything but an act of class border."""
        return tuple(filter(self.shows, self.model.processes))

    @cached_property
    def by_channel_and_act(self) -> dict[tuple[str, str], tuple[Process, ...]]:
        """The flaggers grouped for splitting.

        A what-if is told by channel or by act, not by both.
        """
        found = by_channel_and_act(self.flaggers)
        if self.base is None:
            return found
        return {key: processes for key, processes in found.items() if not all(key)}

    @cached_property
    def patterns(self) -> dict[str, Patterns]:
        """Act -> which channels noticed it together."""
        return {act.name: self.patterns_of(act.name) for act in self.acts}

    def patterns_of(self, act: str) -> Patterns:
        """Which channels noticed an act together."""
        watchers = self.watchers(act)
        bits = np.arange(2 ** len(watchers))
        seen = (bits[:, None] >> np.arange(len(watchers)) & 1).astype(np.float64)
        counts = [self.count(act, f"pattern:{number}") for number in bits.tolist()]
        return Patterns(
            watchers,
            seen,
            np.stack([count.values for count in counts]),
            np.array([count.variance for count in counts]),
            worst(count.label for count in counts),
        )

    def watchers(self, act: str) -> tuple[str, ...]:
        """Channels that can notice an act, as the model says."""
        if act not in self._watchers:
            self._watchers[act] = self.model.watchers(act)
        return self._watchers[act]

    @cached_property
    def _watchers(self) -> dict[str, tuple[str, ...]]:
        return {}

    def layer(self, channel: str) -> Layer:
        """Who watches in a channel."""
        return self.model.layers[channel]


def _sum(counts: Sequence[Count]) -> Count:
    """Sum of several counts, in order."""
    # Added one by one all the same, along the first axis.
    values = np.add.reduce([count.values for count in counts])
    variance = counts[0].variance
    for count in counts[1:]:
        variance += count.variance
    return Count(values, variance, worst(count.label for count in counts))


def acts_of(model: Model) -> tuple[Act, ...]:
    """Every act of a model."""
    return model.of(Act)


def sensitivities(model: Model) -> dict[str, Sensitivity]:
    """Sensitivity of every act and allegation of a model."""
    return dict(ALLEGATIONS) | {act.name: act.sensitivity for act in acts_of(model)}


def allegation(process: Process) -> str:
    """What a flag of this process says that the person did."""
    if isinstance(process, (Detection, Inspection)):
        return process.act
    if isinstance(process, (Search, RollCall, Unprompted)):
        return process.allegation
    raise TypeError(f"{type(process).__name__} makes no flag")


def by_channel_and_act(
    processes: Iterable[Process],
) -> dict[tuple[str, str], tuple[Process, ...]]:
    """Flagging processes grouped for splitting: all, by channel, by allegation, by both."""
    found: dict[tuple[str, str], list[Process]] = {("", ""): []}
    for process in processes:
        channel, act = getattr(process, "channel", ""), allegation(process)
        for key in (("", ""), (channel, ""), ("", act), (channel, act)):
            found.setdefault(key, []).append(process)
    return {key: tuple(found[key]) for key in sorted(found)}


@dataclass(frozen=True)
class Measure:
    """A number with a meaning.

    unit: of the value. dimensions: by what it may leave, out of channel, act, category, area,
    group, period. category: what its category says, "" for none. crossed: area and group at once.
    protected: whether it may be stated of protected acts. contrast: a paired difference between
    what-ifs. harm: whether more of it is worse for people. counts_persons: whether it reads what
    counts a person once, however often; a run that asks for no such measure leaves that out.
    names_alone: whether its results, counts
    aside, hang on the names of processes and channels alone; they are then found once for all
    members. source: where its definition comes from. no_chance: why its intervals have no chance
    part, "" where they have one.
    """

    identifier: str
    title: str
    unit: str
    dimensions: tuple[str, ...]
    compute: Callable[[Context], Sequence[Result]]
    category: str = ""
    sensitivity: Sensitivity = Sensitivity.OPEN
    crossed: bool = False
    protected: bool = True
    contrast: bool = False
    profile: bool = False
    harm: bool = False
    counts_persons: bool = False
    names_alone: bool = False
    source: str = ""
    no_chance: str = ""

    def chosen(self, cells: Cells, split: str) -> tuple[int, ...]:
        """Numbers of the cells that an item is split into; the country comes first if it is one."""
        if split == "country":
            return (0,)
        if split == "others":
            return cells.groups
        by_area, by_group = "area" in self.dimensions, "group" in self.dimensions
        return cells.chosen(by_area, by_group, self.crossed and split == "crossed")


def of_country(context: Context, count: Count) -> float:
    """Total over the residents of the whole country."""
    return context.splits.of_country(count)


def sampled(counts: Mapping[Key, Floats]) -> dict[Key, Count]:
    """Counts of a sampled run; their chance is not known from one run."""
    return {key: Count(values, np.nan, "sampled") for key, values in counts.items()}
