"""Arrivals of one draw, year by year, as if only some of the declared causes had moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sousveil.arrivals import (
    ONLY_ATTEMPTS,
    ArrivalsParameters,
    Border,
    attempts,
    border_of,
    completed,
    due,
    lag_shares,
)
from sousveil.ensemble.member import free_model
from sousveil.ensemble.orders import subsets
from sousveil.ensemble.study import Study
from sousveil.remembered import remembered
from sousveil.scenario.causes import causes_of
from sousveil.scenario.model import Draw, Scenario
from sousveil.scenario.parameters import Parameters, resolve

Worth = Mapping[frozenset[str], float]
"""Set of causes -> arrivals of the last year relative to those of the first."""


@dataclass(frozen=True)
class Trial:
    """What a scenario declares of its arrivals. causes: name -> paths of its quantities."""

    scenario: Scenario
    border: Border
    causes: Mapping[str, tuple[str, ...]]
    first: int
    last: int

    @property
    def paths(self) -> tuple[str, ...]:
        """The quantities of all causes."""
        return tuple(path for some in self.causes.values() for path in some)

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Published years after the first, up to the scenario's own."""
        last = max(self.scenario.year, self.last)
        return tuple(y for y in sorted(published_of(self.scenario)) if self.first < y <= last)

    @cached_property
    def of_success(self) -> tuple[str, ...]:
        """Those of them that change anything about a single attempt."""
        words = {f"acts.{act}.{name}" for act in self.border.acts for name in ONLY_ATTEMPTS}
        return tuple(p for p in self.paths if p not in words and not p.startswith("arrivals."))


@remembered(1)
def trial_of(study: Study) -> Trial | None:
    """The trial that a scenario declares; None where it declares none or has no crossings."""
    settings = study.scenario.settings
    if not settings.get("arrivals.series"):
        return None
    border = border_of(free_model(replace(study, base=())))
    causes = {name: paths for name, (_, paths) in causes_of(settings).items()}
    if not border.acts or not causes:
        return None
    first, last = int(settings["arrivals.first_year"]), int(settings["arrivals.last_year"])
    return Trial(study.scenario, border, causes, first, last)


def published_of(scenario: Scenario) -> dict[int, float]:
    """Year -> published arrivals."""
    name = scenario.settings.get("arrivals.series")
    table = scenario.tables.get("series")
    rows = table.rows if table is not None else ()
    return {int(row["year"]): float(row["value"]) for row in rows if row["series"] == name}


@dataclass(frozen=True)
class Changes:
    """Arrivals of one draw against those of the first year.

    worth: by the causes that moved. by_year: of the trial's years, every cause at work.
    """

    worth: Worth
    by_year: tuple[float, ...]


def changes_of(study: Study, draw: Draw) -> Changes | None:
    """What changed in one draw; None where nothing is declared or may be said of it."""
    trial = trial_of(study)
    if trial is None:
        return None
    one = Drawn(trial, draw)
    worth = one.worth()
    if worth is None:
        return None
    return Changes(worth, tuple(one.change(year) for year in trial.years))


@dataclass
class Drawn:
    """One draw of a trial; what was worked out once is kept."""

    trial: Trial
    draw: Draw
    _success: dict[Any, tuple[Parameters, Mapping[str, float | None]]] = field(
        default_factory=dict[Any, Any]
    )
    _own: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict[Any, Any])
    _states: dict[tuple[float, ...], float | None] = field(default_factory=dict[Any, Any])
    _levels: dict[tuple[frozenset[str], int], float | None] = field(default_factory=dict[Any, Any])

    def worth(self) -> Worth | None:
        """Every set of causes; None where nobody watches the border in one of them."""
        trial = self.trial
        every = [frozenset(some) for some in subsets(tuple(trial.causes))]
        found = {some: self.arrivals(some, trial.last) for some in every}
        before = found[frozenset()]
        known = {some: value for some, value in found.items() if value is not None}
        if not before or len(known) < len(found):
            return None
        return {some: value / before for some, value in known.items()}

    def change(self, year: int) -> float:
        """Change of arrivals in a year against the first, every cause at work; NaN unknown."""
        before = self.arrivals(frozenset(), self.trial.first)
        now = self.arrivals(frozenset(self.trial.causes), year)
        return now / before - 1.0 if now is not None and before else float("nan")

    def arrivals(self, some: frozenset[str], year: int) -> float | None:
        """Arrivals of a year if only these causes moved since the first; relative numbers.

        Crossings before the first year are those of the first, and all else stays as of then.
        """
        levels: list[float] = []
        for one in range(year, self.trial.first - 1, -1):
            if (some, one) not in self._levels:
                self._levels[some, one] = self._level(self._values(some, one))
            level = self._levels[some, one]
            if level is None:
                return None
            levels.append(level)
        now = self._arrivals_parameters(self._values(some, year))
        shares = lag_shares(now.direct_share, now.stay_years, len(levels) - 1)
        return now.arrival_share * due(levels, shares)

    def _values(self, some: frozenset[str], year: int) -> dict[str, float]:
        """Path -> value of every quantity of the causes."""
        result: dict[str, float] = {}
        for name in self.trial.causes:
            result |= self._of_cause(name, year if name in some else self.trial.first)
        return result

    def _of_cause(self, name: str, year: int) -> dict[str, float]:
        """Path -> value of every quantity of one cause in a year."""
        if (name, year) not in self._own:
            levels, selectors = self.draw.levels, self.draw.selectors
            self._own[name, year] = {
                path: self.trial.scenario.quantities[path].value(
                    levels.get(path, 0.5), selectors.get(path, float("nan")), year
                )
                for path in self.trial.causes[name]
            }
        return self._own[name, year]

    def _resolved(
        self, values: Mapping[str, float]
    ) -> tuple[Parameters, Mapping[str, float | None]]:
        """Numbers of a state, and completed crossings for each attempt; attempts may differ."""
        key = tuple(values[path] for path in self.trial.of_success)
        if key not in self._success:
            trial = self.trial
            found = resolve(trial.scenario, self.draw, (), values, year=trial.first)
            self._success[key] = found, completed(found, trial.border)
        return self._success[key]

    def _level(self, values: Mapping[str, float]) -> float | None:
        """Completed crossings of a state, which comes again where no cause has moved."""
        state = tuple(values.values())
        if state not in self._states:
            self._states[state] = self._crossings(values)
        return self._states[state]

    def _crossings(self, values: Mapping[str, float]) -> float | None:
        """Completed crossings of a state; None where nobody watches."""
        parameters, parts = self._resolved(values)
        total = 0.0
        for name in self.trial.border.acts:
            part = parts[name]
            if part is None:
                return None
            act = parameters.acts[name]
            own = {f: values.get(f"acts.{name}.{f}") for f in ONLY_ATTEMPTS}
            plain = {f: v for f, v in own.items() if v is not None and "." not in f}
            marks = {f.partition(".")[2]: v for f, v in own.items() if v is not None and "." in f}
            total += part * attempts(replace(act, **plain, border=replace(act.border, **marks)))
        return total

    def _arrivals_parameters(self, values: Mapping[str, float]) -> ArrivalsParameters:
        found: ArrivalsParameters = self._resolved(values)[0].arrivals
        own = {
            path.partition(".")[2]: value
            for path, value in values.items()
            if path.startswith("arrivals.")
        }
        return replace(found, **own) if own else found
