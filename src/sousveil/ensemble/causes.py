"""Why arrivals abroad fell: the change between two years divided among causes, over all orders.

A cause is a set of quantities that moved with the years. For every set of causes, arrivals of the
last year are worked out as if only these had moved since the first; a cause's share is its mean
addition over all orders in which the causes could have come (Shapley). What no order agrees on is
not separable, and that is the verdict unless one cause outweighs every other whatever the order.
Only changes against the first year leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from sousveil.arrays import Floats
from sousveil.ensemble.arriving import (
    Changes,
    Drawn,
    Trial,
    Worth,
    published_of,
    trial_of,
)
from sousveil.ensemble.design import assumed, at_ends
from sousveil.ensemble.matrix import quantiles
from sousveil.ensemble.orders import shapley
from sousveil.ensemble.shares import SUPPORTED, Count
from sousveil.ensemble.study import Study
from sousveil.processes import Sensitivity
from sousveil.release import IDENTITY, Released, Rule, Rules, release
from sousveil.scenario.causes import causes_of

MEASURE = "arrivals_change_share"
RULE = Rule(frozenset(), Sensitivity.BORDER, contrast=True)
NOT_SEPARABLE = "not separable"
LEVELS = (0.025, 0.5, 0.975)


@dataclass(frozen=True)
class Divided:
    """The change of arrivals, divided. verdict: the cause that outweighs all others, or none.

    leads: share of the members in which it does. failing: (path, end) of assumed quantities at
    which it no longer does.
    """

    table: Released
    verdict: str
    leads: float
    failing: tuple[tuple[str, str], ...]
    facts: Mapping[str, Any]


def divide(
    study: Study, found: Sequence[Changes | None], rules: Rules, people: float
) -> Divided | None:
    """Divide what changed in every draw: members, or the central draw alone."""
    trial = trial_of(study)
    known = [changes for changes in found if changes is not None]
    if trial is None or not known:
        return None
    names = tuple(trial.causes)
    shares = np.array([list(shapley(names, c.worth.__getitem__).values()) for c in known])
    bounds = np.array([[additions(c.worth, name) for name in names] for c in known])
    by_year = np.array([changes.by_year for changes in known])
    rows = _rows(trial, shares, bounds) + _by_year(trial, by_year)
    head = dict.fromkeys(IDENTITY, "") | {"measure": MEASURE, "stands_for": people}
    table = _frame([head | row for row in rows])
    gate = replace(rules, measures={**rules.measures, MEASURE: RULE})
    leaders = [_leader(one, names) for one in bounds]
    leads = {name: leaders.count(name) / len(leaders) for name in names}
    best = max(names, key=leads.__getitem__)
    count = leaders.count(best)
    likely = Count(count, len(leaders) - count, len(found)).word == SUPPORTED
    failing = _failing(trial, best) if likely else ()
    verdict = best if likely and not failing else NOT_SEPARABLE
    return Divided(release(table, gate), verdict, leads[best], failing, _facts(trial))


def additions(worth: Worth, name: str) -> tuple[float, float]:
    """The smallest and the largest change that a cause adds, over all orders."""
    found = [worth[some | {name}] - value for some, value in worth.items() if name not in some]
    return min(found), max(found)


def _leads(worth: Worth, names: Sequence[str]) -> str:
    return _leader(np.array([additions(worth, name) for name in names]), names)


def _leader(bounds: Floats, names: Sequence[str]) -> str:
    """The cause that takes away more than any other in whatever order, "" for none."""
    for place, name in enumerate(names):
        others = np.delete(bounds[:, 0], place)
        if bounds[place, 1] < 0.0 and (not len(others) or bounds[place, 1] < others.min()):
            return name
    return ""


def _failing(trial: Trial, best: str) -> tuple[tuple[str, str], ...]:
    """Ends of assumed quantities, all others central, at which a cause is not seen to lead."""
    found: list[tuple[str, str]] = []
    starts = tuple(f"acts.{name}." for name in trial.border.acts)
    starts += tuple(f"channels.{name}." for name in trial.border.channels) + ("arrivals.",)
    names = tuple(trial.causes)
    for path in assumed(trial.scenario):
        if not path.startswith(starts) and path not in trial.paths:
            continue
        for end, draw in zip(
            ("low", "high"), at_ends(trial.scenario.quantities[path]), strict=True
        ):
            worth = Drawn(trial, draw).worth()
            if worth is None or _leads(worth, names) != best:
                found.append((path, end))
    return tuple(found)


def _facts(trial: Trial) -> dict[str, Any]:
    titles = causes_of(trial.scenario.settings)
    return {
        "first_year": trial.first,
        "last_year": trial.last,
        "claim": str(trial.scenario.settings.get("arrivals.claim", "")),
        "causes": {name: titles[name][0] for name in trial.causes},
    }


def _rows(trial: Trial, shares: Floats, bounds: Floats) -> list[dict[str, Any]]:
    """Shares of the change by cause, their sum, and how far orders disagree."""
    about = {"what_if": f"{trial.last} against {trial.first}", "members": len(shares)}
    total = shares.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = np.where(total[:, None] != 0.0, shares / total[:, None], np.nan)
    rows = [about | _spread("", "total", total)]
    for place, name in enumerate(trial.causes):
        rows += [
            about | _spread(name, "shapley", shares[:, place]),
            about | _spread(name, "share", parts[:, place]),
            about | _spread(name, "least", bounds[:, place, 1]),
            about | _spread(name, "most", bounds[:, place, 0]),
        ]
    return rows


def _by_year(trial: Trial, changes: Floats) -> list[dict[str, Any]]:
    """Change of every year since the first: as modelled, and as published."""
    published = published_of(trial.scenario)
    rows: list[dict[str, Any]] = []
    for place, year in enumerate(trial.years):
        about = {"what_if": f"{year} against {trial.first}"}
        rows.append(about | {"members": len(changes)} | _spread("", "modelled", changes[:, place]))
        change = published[year] / published[trial.first] - 1.0
        rows.append(about | {"members": 1} | _spread("", "published", np.array([change])))
    return rows


def _spread(cause: str, statistic: str, values: Floats) -> dict[str, Any]:
    found, _ = quantiles(values[:, None], LEVELS)
    ends = [float(v) if np.isfinite(v) else None for v in found[:, 0]]
    words = dict(zip(("low", "value", "high"), ends, strict=True))
    return {"cause": cause, "statistic": statistic} | words


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema: dict[str, Any] = dict.fromkeys((*IDENTITY, "cause", "statistic"), pl.String)
    schema |= dict.fromkeys(("low", "value", "high"), pl.Float64)
    return pl.DataFrame(rows, schema=schema | {"members": pl.Int64, "stands_for": pl.Float64})


def with_causes(claims: Sequence[Mapping[str, Any]], found: Divided | None) -> list[dict[str, Any]]:
    """Claims as they stand in claims.json; that which the division belongs to has its verdict."""
    result = [dict(item) for item in claims]
    for item in result:
        if found is not None and item["claim_id"] == found.facts["claim"]:
            item["causes"] = {"verdict": found.verdict, "leads": found.leads}
    return result


def as_document(found: Divided) -> dict[str, Any]:
    """arrivals.json: the verdict beside what was released."""
    return {
        **found.facts,
        "verdict": found.verdict,
        "leads": found.leads,
        "failing": [{"quantity": path, "end": end} for path, end in found.failing],
        "rows": found.table.frame.to_dicts(),
    }
