"""Border: crossings and bribed crossings, as the share by which a what-if changes them.

Whole border and year, national, and only against the base: no probability, count, hour, season or
place. A what-if in which nobody watches the border any more has no such share: without watchers
all crossings succeed, and the change would give the probability away.
"""

from __future__ import annotations

from sousveil.measures.base import Context, Measure, Result, Value, acts_of, of_country
from sousveil.processes import Sensitivity

HELPED = ("path", "helped")
"""The mark, and its category, of a crossing that a paid guard helps."""


def _crossings(context: Context) -> float:
    """Completed crossings of residents."""
    border = [a for a in acts_of(context.model) if a.sensitivity is Sensitivity.BORDER]
    return of_country(context, context.total((act.name, "completed") for act in border))


def _bribed(context: Context) -> float:
    """Crossings of residents that were helped for a payment."""
    mark, category = HELPED
    parts = [
        (act.name, f"mark:{mark}:{category}")
        for act in acts_of(context.model)
        if act.sensitivity is Sensitivity.BORDER and any(item.name == mark for item in act.marks)
    ]
    return of_country(context, context.total(parts))


def _still_watched(context: Context, base: Context) -> bool:
    """Whether every crossing of residents that the base watches is watched by somebody still."""
    civil = base.model.world.civil
    return all(
        context.watchers(act.name)
        for act in acts_of(base.model)
        if act.sensitivity is Sensitivity.BORDER
        and act.rate[civil].any()
        and base.watchers(act.name)
    )


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
    ),
)
