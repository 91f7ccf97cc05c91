"""Border: crossings and bribed crossings, as the share by which a what-if changes them.

Whole border and year, national, and only against the base: no probability, count, hour, season or
place. A what-if in which nobody watches the border any more has no such share, nor one in which
next to nothing is noticed there: without watchers all crossings succeed, and the change would give
the probability away.
"""

from __future__ import annotations

from typing import Final

from sousveil.measuring.base import Context, Measure, Result, Value, acts_of, of_country
from sousveil.processes import Act, Sensitivity

HELPED = ("path", "helped")
"""The mark, and its category, of a crossing that a paid guard helps."""
WITHHELD: Final = (
    "withheld: how far chance moves a share of a change says how many crossings there are, and no "
    "number of crossings leaves the model"
)
"""Of so many events that differ, the width is a square root of their number."""
LEAST: Final = 0.01
"""Where so small a share of the watching is left, nobody watches."""


def _border_acts(context: Context) -> list[Act]:
    """The acts of class border."""
    return [act for act in acts_of(context.model) if act.sensitivity is Sensitivity.BORDER]


def _crossings(context: Context) -> float:
    """Completed crossings of residents."""
    parts = [(act.name, "completed") for act in _border_acts(context)]
    return of_country(context, context.total(parts))


def _bribed(context: Context) -> float:
    """Crossings of residents that were helped for a payment."""
    mark, category = HELPED
    parts = [
        (act.name, f"mark:{mark}:{category}")
        for act in _border_acts(context)
        if any(item.name == mark for item in act.marks)
    ]
    return of_country(context, context.total(parts))


def _still_watched(context: Context, base: Context) -> bool:
    """Whether crossings of residents that either run watches are watched in both."""

    def work() -> bool:
        return all(_alike(context, base, act) for act in _done_by_residents(base))

    return context.kept("still watched", [context.counts], work)


def _done_by_residents(base: Context) -> list[str]:
    """Acts of class border that residents do."""

    def work() -> list[str]:
        civil, border = base.model.world.civil, _border_acts(base)
        return [act.name for act in border if act.rate[civil].any()]

    return base.kept("done by residents", [base.model], work)


def _alike(context: Context, base: Context, act: str) -> bool:
    """Whether what is noticed of an act is of one order of magnitude or two in both runs."""
    now, before = _noticed(context, act), _noticed(base, act)
    if not base.watchers(act):
        return not now > 0.0
    return bool(context.watchers(act)) and not min(now, before) < LEAST * max(now, before)


def _noticed(context: Context, act: str) -> float:
    """Share of an act by residents that anybody notices; NaN where a run does not say."""
    counts = [context.count(act, what) for what in ("done", "pattern:0")]

    def work() -> float:
        done, missed = (of_country(context, count) for count in counts)
        return 1.0 - missed / done if done else float("nan")

    return context.kept("noticed", [context.splits, *counts], work)


def _change(context: Context, base: Context, now: float, before: float) -> list[Result]:
    if not before > 0 or not _still_watched(context, base):
        return [Value(None)]
    return [Value(now / before - 1.0)]


def _crossings_change(context: Context) -> list[Result]:
    """Change of completed crossings against the base, as a share of the base."""
    if context.base is None:
        return []
    return _change(context, context.base, _crossings(context), _crossings(context.base))


def _bribed_change(context: Context) -> list[Result]:
    """Change of bribed crossings against the base, as a share of the base."""
    if context.base is None:
        return []
    return _change(context, context.base, _bribed(context), _bribed(context.base))


MEASURES = (
    Measure(
        "crossings_change_share",
        "Change of completed crossings against the base",
        "1",
        (),
        _crossings_change,
        sensitivity=Sensitivity.BORDER,
        contrast=True,
        source="docs/explanation/how_it_counts.md, Lines",
        no_chance=WITHHELD,
    ),
    Measure(
        "bribed_crossings_change_share",
        "Change of crossings with a paid guard against the base",
        "1",
        (),
        _bribed_change,
        sensitivity=Sensitivity.BORDER,
        contrast=True,
        source="docs/explanation/how_it_counts.md, Lines",
        no_chance=WITHHELD,
    ),
)
