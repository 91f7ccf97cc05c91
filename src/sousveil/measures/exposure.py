"""Exposure: how much of people's lives the system could see, and how little of it anybody looks at.

Four words, four numbers: a view with enough pixels (identifiable) is not a correct search hit
(named) and is not a person's attention (noticed). Encounters in the street and in fixed rooms are
given apart: they hang on different unknowns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from sousveil.arrays import HOURS_PER_YEAR, Floats
from sousveil.engine.model import NAMED_WITHIN_DAYS
from sousveil.measuring.base import (
    Context,
    Count,
    Item,
    Mean,
    Measure,
    Result,
    Value,
    of_country,
)
from sousveil.measuring.chance import of_cells
from sousveil.processes import Detection, Encounter, Inspection, RollCall, Search

SECONDS_PER_YEAR = HOURS_PER_YEAR * 3600.0
MOVING = {True: "moving", False: "fixed"}
IDENTIFY = "identify"


def encounters(context: Context) -> tuple[Encounter, ...]:
    """Every encounter process of a what-if."""
    return context.model.of(Encounter)


def _encounters(context: Context) -> list[Result]:
    """Entries into a camera's view per resident and day: by level, and the widest by where."""
    results: list[Result] = []
    every = encounters(context)
    for channel in ["", *sorted({p.channel for p in every})]:
        mine = [p for p in every if channel in ("", p.channel)]
        for level in dict.fromkeys(level.name for p in mine for level in p.levels):
            results.append(_of_level(context, mine, level, channel, level))
        for moving, word in MOVING.items():
            some = [p for p in mine if p.moving is moving]
            for level in dict.fromkeys(p.levels[0].name for p in some):
                results.append(_of_level(context, some, level, channel, f"{level}_{word}"))
    return results


def _of_level(
    context: Context, some: Iterable[Encounter], level: str, channel: str, category: str
) -> Item:
    parts = [(p.name, level) for p in some if any(item.name == level for item in p.levels)]
    return Item(context.total(parts), context.person_days, channel=channel, category=category)


def _identifiable(context: Context) -> list[Result]:
    """Views with 250 pixels a metre or more. Nobody need have looked."""
    every = encounters(context)
    return [
        _of_level(context, [p for p in every if channel in ("", p.channel)], IDENTIFY, channel, "")
        for channel in ["", *sorted({p.channel for p in every})]
    ]


def searches(context: Context) -> tuple[Search, ...]:
    """Every search process of a what-if."""
    return context.model.of(Search)


def _named(context: Context) -> list[Result]:
    """Correct search hits per resident and day."""
    every = searches(context)
    return [
        Item(
            context.total((p.name, "named") for p in every if channel in ("", p.channel)),
            context.person_days,
            channel=channel,
        )
        for channel in ["", *sorted({p.channel for p in every})]
    ]


def _noticed(context: Context) -> list[Result]:
    """Acts that somebody noticed per resident and day, by channel and act."""
    acts = {act.name for act in context.acts}
    parts: dict[tuple[str, str], list[tuple[str, str]]] = {("", ""): []}
    for process in context.model.processes:
        if isinstance(process, (Detection, Inspection)) and process.act in acts:
            channel, act = process.channel, process.act
            for key in (("", ""), (channel, ""), ("", act), (channel, act)):
                parts.setdefault(key, []).append((process.name, "noticed"))
    return [
        Item(
            context.total(parts[channel, act]),
            context.person_days,
            channel,
            act,
            split="country" if channel and act else "margins",
        )
        for channel, act in sorted(parts)
    ]


def _viewed_daily(context: Context) -> list[Result]:
    """Mean share of residents in at least one view on a day; expected only, mixed over sites."""
    if not encounters(context):
        return []
    days = context.person_days
    return [
        Item(context.count("", "viewed_person_days"), days),
        Item(context.count("", f"viewed_person_days:{IDENTIFY}"), days, category=IDENTIFY),
    ]


def _time_in_view(context: Context) -> list[Result]:
    """Share of time in at least one view: 1 - exp(-views per second x seconds in view).

    Views come independently within an area and group; processes that state no seconds are left out.
    """
    every = [p for p in encounters(context) if p.seconds_in_view > 0]
    if not every:
        return []
    results: list[Result] = []
    residents = context.residents
    for channel in ["", *sorted({p.channel for p in every})]:
        mine = [p for p in every if channel in ("", p.channel)]
        for category in ("", *MOVING.values()):
            some = [p for p in mine if category in ("", MOVING[p.moving])]
            parts = [(p.name, p.levels[0].name) for p in some]
            seconds = tuple(p.seconds_in_view for p in some)
            inputs = [residents, *(context.count(*part) for part in parts)]
            work = partial(_covered, context, parts, seconds)
            covered = context.kept(("time in view", seconds), inputs, work)
            results.append(Item(covered, residents, channel=channel, category=category))
    return results


def _covered(context: Context, parts: Sequence[tuple[str, str]], seconds: Sequence[float]) -> Count:
    """Time in at least one of these views, as a share of each resident's."""
    each = [context.count(*part).times(s) for part, s in zip(parts, seconds, strict=True)]
    time = context.residents * SECONDS_PER_YEAR
    viewed = sum(each, context.nothing).values
    load = np.divide(viewed, time, out=np.zeros_like(time), where=time > 0)
    spread = np.nan
    if context.joints is not None:
        worth = (context.world.civil[:, None] * np.exp(-load) / SECONDS_PER_YEAR)[None]
        pairs = zip(parts, seconds, strict=True)
        spread = sum(float(of_cells(context, [part], worth * s)[0]) for part, s in pairs)
    return Count(context.residents * -np.expm1(-load), spread, "mean_field")


def _reach(context: Context) -> list[Result]:
    """Share of acts within reach of at least one human reporter, by act; expected only.

    In reach is not noticed: it says where the human layer stands, not what it sees.
    """
    items = tuple(
        Item(context.count(act.name, "reach"), context.count(act.name, "base"), act=act.name)
        for act in context.acts
    )
    return [*items, Mean(items)]


def _observable(context: Context) -> list[Result]:
    """Share of households whose viewing of an event could be recorded: box, link and power.

    The value without a category weighs every roll call alike.
    """
    calls = [p for p in context.model.processes if isinstance(p, RollCall) and p.events]
    results: list[Result] = []
    for channel in sorted({call.channel for call in calls}):
        mine = [call for call in calls if call.channel == channel]
        shares = [context.count(c.name, "recordable").times(1.0 / len(c.events)) for c in mine]
        mean = sum(shares, context.nothing).times(1.0 / len(mine))
        results.append(Item(mean, context.households, channel=channel))
        for call, share in zip(mine, shares, strict=True):
            word = call.name.removeprefix(f"{channel}.")
            results.append(Item(share, context.households, channel=channel, category=word))
    return results


def _first_named(context: Context) -> list[Result]:
    """Days until a listed person is named: shares within 30 and 365 days, and the median.

    The hazard is taken as constant within the first 30 days and after them. A median later than a
    year is censored (null). Several searches are taken as independent.
    """
    every = searches(context)
    names = [f"persons_named_{days}" for days in NAMED_WITHIN_DAYS]
    found = {s.name: [context.count(s.name, name) for name in names] for s in every}
    results: list[Result] = []
    for channel in ["", *sorted({p.channel for p in every})] if every else []:
        mine = [p for p in every if channel in ("", p.channel)]
        listed = [search.listed.share for search in mine]
        counts = [found[search.name] for search in mine]
        inputs = [context.residents, *listed, *(count for some in counts for count in some)]
        work = partial(_until_named, context, listed, counts)
        values = context.kept("until named", inputs, work)
        results += [replace(value, channel=channel) for value in values] if channel else values
    return results


def _until_named(
    context: Context, listed: Sequence[Floats], counts: Sequence[Sequence[Count]]
) -> list[Value]:
    """The same of some searches. listed: shares of each; counts: of those whom it names."""
    unnamed = np.ones(len(NAMED_WITHIN_DAYS))
    logs = np.zeros((len(NAMED_WITHIN_DAYS),) * 2)
    for shares, some in zip(listed, counts, strict=True):
        inputs = [context.residents, shares, *some]
        work = partial(_named_within, context, shares, some)
        share, spread = context.kept("named within", inputs, work)
        unnamed *= 1.0 - share
        logs += spread / np.multiply.outer(1.0 - share, 1.0 - share)
    spread = logs * np.multiply.outer(unnamed, unnamed)
    results: list[Value] = []
    for place, days in enumerate(NAMED_WITHIN_DAYS):
        share = float(1.0 - unnamed[place]) if np.isfinite(unnamed[place]) else None
        chance = _deviation(spread[place, place])
        results.append(Value(share, category=f"share_{days}", unit="1", chance_sd=chance))
    median, chance = median_days(*unnamed.tolist()), None
    if median is not None:
        slope = _slope_of_median(*unnamed.tolist())
        chance = _deviation(float(slope @ spread @ slope))
    return [*results, Value(median, category="median", chance_sd=chance)]


def _named_within(
    context: Context, on_list: Floats, counts: Sequence[Count]
) -> tuple[Floats, Floats]:
    """Shares of the listed who are named within the first days, and their covariances.

    Who is named within a month is so within a year. Persons count once; the chance of who is
    listed is in it.
    """
    listed = of_country(context, Count(context.residents * on_list))
    if not listed > 0:
        nothing = np.full(len(counts), np.nan)
        return nothing, np.multiply.outer(nothing, nothing)
    share = np.minimum([of_country(context, count) / listed for count in counts], 1.0)
    spread = np.diag([count.variance for count in counts])
    spread[0, 1] = spread[1, 0] = min(spread[0, 0], spread[1, 1])
    return share, spread / listed**2


def _deviation(variance: float) -> float | None:
    return float(np.sqrt(max(variance, 0.0))) if np.isfinite(variance) else None


def _slope_of_median(left_first: float, left_year: float) -> Floats:
    """By how much the median moves with each of the shares left: a difference quotient."""
    step = 1e-6
    at = median_days(left_first, left_year)
    moved = (
        median_days(left_first - step, left_year),
        median_days(left_first, left_year - step),
    )
    return np.array([np.nan if m is None or at is None else (at - m) / step for m in moved])


def median_days(left_first: float, left_year: float) -> float | None:
    """Day on which half are named, from the shares left after 30 and 365 days; None when later."""
    first, year = NAMED_WITHIN_DAYS
    if not left_year <= 0.5:
        return None
    if left_first <= 0.5:
        return float(first * np.log(0.5) / np.log(left_first)) if left_first > 0 else 0.0
    if left_year <= 0:
        return float(first)
    rate = np.log(left_first / left_year) / (year - first)
    return float(first + np.log(left_first / 0.5) / rate)


BY = ("channel", "area", "group")
MEASURES = (
    Measure(
        "encounters_per_person_day",
        "Entries into a camera's view",
        "1/day",
        (*BY, "category"),
        _encounters,
        category="level of the view (EN 62676-4); moving in the street or in a fixed room",
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Encounters",
    ),
    Measure(
        "identifiable_views_per_person_day",
        "Views with enough pixels to identify somebody",
        "1/day",
        BY,
        _identifiable,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Encounters",
    ),
    Measure(
        "named_per_person_day",
        "Searches that returned the right name",
        "1/day",
        BY,
        _named,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Searches",
    ),
    Measure(
        "noticed_per_person_day",
        "Acts that somebody noticed",
        "1/day",
        (*BY, "act"),
        _noticed,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Four stages",
    ),
    Measure(
        "share_viewed_daily",
        "Share of people in at least one camera's view on a day",
        "1",
        ("category", "area", "group"),
        _viewed_daily,
        category="level of the view, empty for the widest",
        counts_persons=True,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Encounters",
    ),
    Measure(
        "time_in_view_share",
        "Share of time in at least one camera's view",
        "1",
        (*BY, "category"),
        _time_in_view,
        category="moving in the street or in a fixed room",
        source="docs/explanation/how_it_counts.md, Encounters",
    ),
    Measure(
        "reach_share",
        "Share of acts within reach of at least one human reporter",
        "1",
        ("act", "area", "group"),
        _reach,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Four stages",
    ),
    Measure(
        "observable_household_share",
        "Share of households whose viewing could be recorded",
        "1",
        (*BY, "category"),
        _observable,
        category="roll call",
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Roll calls",
    ),
    Measure(
        "days_to_first_named",
        "Days until a listed person is named",
        "day",
        ("channel", "category"),
        _first_named,
        category="median, or share within 30 or 365 days",
        source="docs/explanation/how_it_counts.md, Ratios and shares",
    ),
)
