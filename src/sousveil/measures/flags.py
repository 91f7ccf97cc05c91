"""Flags: reports about a person to somebody who can act on them, and who is wronged by them.

Acts of class border are left out of every number here. A flag is founded when it was caused by
that act of that person, else unfounded; coincident ones are counted in the unfounded and shown
apart. A flag that was dropped before anything happened to the person is neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from sousveil.engine.model import CAUSES
from sousveil.measuring.base import (
    PER_100_000,
    Context,
    Count,
    Item,
    Measure,
    Result,
    allegation,
    by_channel_and_act,
    of_country,
    worst,
)
from sousveil.measuring.made import persons_affected
from sousveil.processes import Handling, Layer, RollCall, Sensitivity

HARMING = ("founded", "unfounded")
EXTORTION = ("reporter_bribed", "extorted")
BY = ("channel", "act", "area", "group")


def _rate(*outcomes: str) -> Callable[[Context], Sequence[Result]]:
    """Measure function: these outcomes per 100,000 resident-years, by channel and act."""

    def compute(context: Context) -> list[Result]:
        return [
            Item(
                context.total((p.name, outcome) for p in processes for outcome in outcomes).times(
                    PER_100_000
                ),
                context.residents,
                channel=channel,
                act=act,
                split="country" if channel and act else "margins",
            )
            for (channel, act), processes in context.by_channel_and_act.items()
        ]

    return compute


def _named_reports(context: Context) -> list[Result]:
    """Reports of the human layer that name a person, before anybody handles them."""
    human = [p for p in context.flaggers if context.layer(_channel(p)) is Layer.PEOPLE]
    return [
        Item(
            context.total((p.name, "reported") for p in processes).times(PER_100_000),
            context.residents,
            channel=channel,
            act=act,
            split="country" if channel and act else "margins",
        )
        for (channel, act), processes in by_channel_and_act(human).items()
    ]


def _channel(process: object) -> str:
    return str(getattr(process, "channel", ""))


def _cause_shares(context: Context) -> list[Result]:
    """Share of a roll call's unfounded flags that vanish when one cause of absence is taken away.

    Flags count as they are raised, whatever a reviewer makes of them. The shares do not add up to
    1: two causes may each be enough, or only both together.
    """
    calls = [call for call in context.model.of(RollCall) if context.shows(call)]
    by_channel: dict[str, list[RollCall]] = {"": calls}
    for channel in sorted({call.channel for call in calls}):
        by_channel[channel] = [call for call in calls if call.channel == channel]
    return [
        Item(vanished, everything, channel=channel, category=cause)
        for channel, mine in by_channel.items()
        for cause, vanished, everything in _of_causes(context, mine)
    ]


def _of_causes(context: Context, calls: Sequence[RollCall]) -> list[tuple[str, Count, Count]]:
    """Each cause, the flags that vanish without it, and all unfounded flags of some roll calls."""
    names = [call.name for call in calls]
    if not names:
        return []
    everything = sum((_raised(context, call) for call in calls), context.nothing)
    results: list[tuple[str, Count, Count]] = []
    for cause in CAUSES:
        vanished, spread = context.total((name, f"cause:{cause}") for name in names), np.nan
        if context.joints is not None:
            spread = _spread_of_cause(context, names, cause)
        results.append((cause, replace(vanished, variance=spread), everything))
    return results


def _raised(context: Context, call: RollCall) -> Count:
    """Unfounded flags of a process before a rule or a reviewer.

    Both kinds pass a rule alike, and reviewers drop a known share of each: what is left of them
    says how the reported ones divide.
    """
    handling = context.model.handling.get(call.channel)
    names = ("unfounded", "founded", "reported")
    stayed, right, reported = (context.count(call.name, name) for name in names)
    if handling is None:
        return stayed
    work = partial(_before_handling, handling, stayed, right, reported)
    return context.kept("raised", [handling, stayed, right, reported], work)


def _before_handling(handling: Handling, stayed: Count, right: Count, reported: Count) -> Count:
    """Unfounded flags as they were raised, from those that stayed of each kind."""
    kept = [
        (1.0 - handling.expired - handling.reviewed * reject)[:, None]
        for reject in (handling.reject_unfounded, handling.reject_founded)
    ]
    wrong, true = (
        np.divide(count.values, share, out=np.zeros(reported.values.shape), where=share > 0.0)
        for count, share in zip((stayed, right), kept, strict=True)
    )
    both = wrong + true
    part = np.divide(wrong, both, out=np.zeros_like(both), where=both > 0.0)
    return Count(reported.values * part, label=worst((reported.label, stayed.label)))


def _spread_of_cause(context: Context, names: Sequence[str], cause: str) -> float:
    """Variance of the flags that vanish less their share of all: what outages share cancels."""
    parts = [
        [context.count(name, what) for what in (f"cause:{cause}", "raised_unfounded")]
        for name in names
    ]
    vanish, wrong = (sum(of_country(context, pair[i]) for pair in parts) for i in (0, 1))
    if not wrong > 0.0:
        return np.nan
    share, spread = vanish / wrong, 0.0
    for name, (one, every) in zip(names, parts, strict=True):
        rest = context.count(name, f"without:{cause}").variance
        both = (one.variance + every.variance - rest) / 2.0
        spread += one.variance - 2.0 * share * both + share**2 * every.variance
    return max(spread, vanish * (1.0 - share))


def _precision(context: Context) -> list[Result]:
    """Founded among all flags of one allegation, where punishing it has a legitimate aim."""
    results: list[Result] = []
    for (channel, act), processes in context.by_channel_and_act.items():
        if not act or context.sensitivity(act) is not Sensitivity.OPEN:
            continue
        founded = context.total((process.name, "founded") for process in processes)
        unfounded = context.total((process.name, "unfounded") for process in processes)
        results.append(Item(founded, founded + unfounded, channel=channel, act=act))
    return results


def _persons_wronged(context: Context) -> list[Result]:
    """Residents with at least one unfounded flag in the year, in all and by channel.

    A channel whose every flag is about a border act is left out.
    """
    channels = sorted({_channel(process) for process in context.flaggers})
    # Without a process that flags the complement of a product would leave crumbs of rounding.
    wronged = context.count("", "persons_wronged") if context.flaggers else context.nothing
    everybody = Item(wronged, None, split="crossed")
    by_channel = [
        Item(context.count(f"channel:{name}", "persons_wronged"), None, channel=name)
        for name in channels
    ]
    return [everybody, *by_channel]


def _affected(context: Context) -> list[Result]:
    """Residents with at least one flag or extortion, if flags fall independently in a stratum."""
    outcomes = (*HARMING, *EXTORTION)
    events = [(process.name, outcome) for outcome in outcomes for process in context.flaggers]
    return [Item(persons_affected(context, events), None)]


MEASURES = (
    Measure(
        "true_flags",
        "Founded flags: caused by that act of that person",
        "1/100,000 person-years",
        BY,
        _rate("founded"),
        harm=True,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Flags",
    ),
    Measure(
        "false_flags",
        "Unfounded flags, the coincident ones included",
        "1/100,000 person-years",
        BY,
        _rate("unfounded"),
        harm=True,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Flags",
    ),
    Measure(
        "coincident_flags",
        "Unfounded flags about a person who had done such an act all the same",
        "1/100,000 person-years",
        BY,
        _rate("coincident"),
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Flags",
    ),
    Measure(
        "dropped_flags",
        "Flags dropped before anything happened to the person",
        "1/100,000 person-years",
        BY,
        _rate("dropped"),
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Procedure",
    ),
    Measure(
        "extortions",
        "Payments taken instead of a flag, or to settle one",
        "1/100,000 person-years",
        BY,
        _rate(*EXTORTION),
        harm=True,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Flags",
    ),
    Measure(
        "named_reports",
        "Reports by people that name a person",
        "1/100,000 person-years",
        BY,
        _named_reports,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Four stages",
    ),
    Measure(
        "false_flags_cause_share",
        "Share of false absences that vanish without one cause",
        "1",
        ("channel", "category", "area"),
        _cause_shares,
        category="cause of the absence",
        source="docs/explanation/how_it_counts.md, Roll calls",
    ),
    Measure(
        "positive_predictive_value",
        "Share of founded flags, for allegations with a legitimate aim",
        "1",
        ("channel", "act"),
        _precision,
        protected=False,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Lines",
    ),
    Measure(
        "persons_wronged",
        "Persons with at least one unfounded flag in the year",
        "person",
        ("channel", "area", "group"),
        _persons_wronged,
        crossed=True,
        harm=True,
        counts_persons=True,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Flags",
    ),
    Measure(
        "affected_persons",
        "Persons with at least one flag or extortion in the year",
        "person",
        ("area", "group"),
        _affected,
        harm=True,
        names_alone=True,
        counts_persons=True,
        source="docs/explanation/how_it_counts.md, Flags",
    ),
)


def allegations(context: Context) -> list[str]:
    """What anybody can be flagged for under a what-if, acts of class border left out."""
    return sorted({allegation(process) for process in context.flaggers})
