"""What Python users call: `run`, `expected`, `compare`, and the `Result` that they get."""

from __future__ import annotations

import html
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from sousveil.engine.sampled.card import NoCard, open_card
from sousveil.ensemble.causes import as_document as as_arrivals
from sousveil.ensemble.compare import Comparison, compare_folders
from sousveil.ensemble.conduct import Found, Options, conduct
from sousveil.ensemble.design import METHODS, dimensions
from sousveil.ensemble.execute import Progress, Silent
from sousveil.ensemble.headlines import few_members
from sousveil.ensemble.sensitivity import BASE_POINTS, FEWEST_POINTS, MOST_SOBOL_DIMENSIONS
from sousveil.ensemble.stages import central_task
from sousveil.ensemble.store import locked
from sousveil.ensemble.study import (
    BASE,
    MOST_SEED,
    Refused,
    RunFailure,
    Study,
    base_of,
    branches_of,
)
from sousveil.ensemble.unknowns import read as read_unknowns
from sousveil.ensemble.work import do
from sousveil.release import IDENTITY
from sousveil.scenario.load import load
from sousveil.scenario.model import Scenario
from sousveil.scenario.overrides import with_overrides

MEMBERS = 128
SEED = 1
MOST_MEMBERS = 999_999
"""What six digits in the name of a file can number."""
HOURLY_PERSONS = 50_000
"""Persons that a run hour by hour simulates, unless a scale is stated: some seconds' work."""
CENTRAL = "events"
"""Engine of the sampled central run, unless another is asked for."""
ENGINES = ("events", "hourly", "expected")
STUDIES = ("sensitivity", "attribution", "discovery")
TOLD = ("low", "median", "value", "high", "mean", "share", "share_lower")
"""Statistics in the order in which they are read."""
DEVICES = ("auto", "cpu", "gpu")


@dataclass(frozen=True, repr=False)
class Result:
    """What a run found; every number in it has passed the gate.

    measures: tidy, the columns of measures.parquet. drivers: what ranges hang on. folder: where
    its files are. arrivals: why they fell abroad, where the scenario declares causes.
    """

    scenario: Scenario
    measures: pl.DataFrame
    drivers: pl.DataFrame
    claims: list[dict[str, Any]]
    headlines: list[dict[str, Any]]
    manifest: dict[str, Any]
    folder: Path
    attribution: pl.DataFrame | None = None
    arrivals: dict[str, Any] | None = None
    _keeper: Any = field(default=None, repr=False, compare=False)

    def read(self, measure: str, what_if: str = "", **where: str) -> pl.DataFrame:
        """One value with the parts of its interval: a row a part, a column a statistic.

        where: channel, act, category, area, group or period; what is left out is the total.
        Raises Refused, in one line, for a value that this run does not have.
        """
        names = {"measure": measure, "what_if": what_if} | where
        strange = [name for name in where if name not in IDENTITY]
        if strange:
            raise Refused(f"{strange[0]}: a value is told by {', '.join(IDENTITY[2:])}")
        wanted = [pl.col(name) == names.get(name, "") for name in IDENTITY]
        rows = self.measures.filter(pl.all_horizontal(wanted))
        if rows.is_empty():
            told = ", ".join(f"{name} {word}" for name, word in names.items() if word)
            raise Refused(f"this run has no value of {told}")
        wide = rows.pivot("statistic", index=["part", "unit"], values="value")
        return wide.select("part", *(name for name in TOLD if name in wide.columns), "unit")

    @property
    def unknowns(self) -> list[dict[str, Any]]:
        """Which unknown to research next, the most useful first; [] without that study."""
        return read_unknowns(self.folder)[0]

    @property
    def unresearched(self) -> list[dict[str, str]]:
        """What that study leaves out or could not say: about what, and the note."""
        return read_unknowns(self.folder)[1]

    @property
    def sensitivity(self) -> pl.DataFrame | None:
        """Sobol indices and expected narrowing, the columns of sensitivity.csv."""
        path = self.folder / "sensitivity.parquet"
        return pl.read_parquet(path) if path.exists() else None

    @property
    def discovery(self) -> pl.DataFrame | None:
        """Boxes in the space of unknowns inside which a verdict flips."""
        path = self.folder / "discovery.csv"
        if not path.exists():
            return None
        return pl.read_csv(path).with_columns(pl.col(pl.String).fill_null(""))

    @property
    def unsearched(self) -> list[str]:
        """Of each claim without a box why, and how many members were left out of the search."""
        path = self.folder / "discovery_notes.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []

    def report(self, path: str | Path) -> Path:
        """Write the report as one HTML file and return its path."""
        from importlib import import_module

        page: Any = import_module("sousveil.report.page")
        page.write(self, Path(path))
        return Path(path)

    def __repr__(self) -> str:
        """What it is, in a line; its tables say the rest."""
        about = self.manifest
        return f"<Result of {self.scenario.name}: {about['members']} members, seed {about['seed']}>"

    def _repr_html_(self) -> str:
        """Headlines and verdicts, for notebooks."""
        lines = "".join(f"<li>{html.escape(item['text'])}</li>" for item in self.headlines)
        rows = "".join(
            f"<tr><td>{html.escape(item['claim'])}</td><td>{html.escape(item['verdict'])}</td></tr>"
            for item in self.claims
        )
        about = self.manifest
        return (
            f"<h3>{html.escape(self.scenario.title)}</h3><p>{about['members']} members, seed "
            f"{about['seed']}. {html.escape(about['never'])} "
            f"{html.escape(few_members(about['members']))}</p><ul>{lines}</ul>"
            f"<table>{rows}</table>"
        )


def study_of(
    scenario: Scenario,
    *,
    members: int = MEMBERS,
    seed: int = SEED,
    what_ifs: Sequence[str] | None = None,
    engine: str | None = None,
    scale: float | None = None,
    as_of: int | None = None,
    method: str = METHODS[0],
) -> Study:
    """A run as it is asked for, checked. Raises Refused or Problems in plain words."""
    if not 0 <= seed <= MOST_SEED:
        raise Refused(f"--seed {seed}: expected 0 to {MOST_SEED}")
    if not 0 <= members <= MOST_MEMBERS:
        raise Refused(f"--members {members}: expected 0 to {MOST_MEMBERS}")
    if engine is not None and engine not in ENGINES:
        raise Refused(f"--engine {engine}: expected one of {', '.join(ENGINES)}")
    _refuse_method(scenario, method)
    branches = branches_of(scenario, what_ifs)
    # Sampling every shipped what-if would take most of an hour: unless asked for, the base speaks.
    all_sampled = engine is not None or what_ifs is not None
    sampled = tuple(branch.name for branch in branches) if all_sampled else (BASE,)
    share = default_scale(scenario, engine or CENTRAL) if scale is None else scale
    if not 0 < share <= 1:
        raise Refused(f"--scale {share}: expected above 0 and at most 1")
    return Study(
        scenario=scenario,
        seed=seed,
        members=members,
        branches=branches,
        base=base_of(scenario, as_of),
        engine=engine or "expected",
        central_engine=engine or CENTRAL,
        sampled=sampled,
        scale=share,
        method=method,
    )


def _refuse_method(scenario: Scenario, method: str) -> None:
    """Refuse a design that there is none of, or that would take chance for a finding."""
    if method not in METHODS:
        raise Refused(f"--method {method}: expected one of {', '.join(METHODS)}")
    count = len(dimensions(scenario))
    if method == "sobol" and count > MOST_SOBOL_DIMENSIONS:
        raise Refused(
            f"--method sobol: {scenario.name} draws {count} numbers a member, more than "
            f"{MOST_SOBOL_DIMENSIONS}, of which some would move together; use latin_hypercube"
        )


def default_scale(scenario: Scenario, engine: str) -> float:
    """Everybody by `events`; by `hourly` a share of the units that takes some seconds."""
    if engine != "hourly":
        return 1.0
    people = scenario.quantities["world.people.population_total"]
    persons = people.value(0.5, float("nan"), scenario.year)
    return min(1.0, float(f"{HOURLY_PERSONS / max(persons, 1.0):.1g}"))


def device_of(wanted: str, engine: str = CENTRAL) -> str:
    """The device that a run uses: cpu or gpu; auto takes a card where one can be of use.

    engine: that samples. Raises Refused, in one line, for a device that it cannot have.
    """
    if wanted not in DEVICES:
        raise Refused(f"--device {wanted}: expected one of {', '.join(DEVICES)}")
    if wanted == "cpu" or (wanted == "auto" and engine != CENTRAL):
        return "cpu"
    if engine != CENTRAL:
        raise Refused(
            f"--device gpu: the engine {engine} uses none; leave out --device or --engine"
        )
    try:
        open_card()
    except NoCard as problem:
        if wanted == "auto":
            return "cpu"
        raise Refused(f"--device gpu: {problem}; or use --device cpu") from problem
    return "gpu"


def processes(threads: int | None, guarded: bool = False) -> int:
    """How many tasks at once: what was asked for, else one for each core where that is safe.

    A script without an `if __name__ == "__main__"` guard would start itself again in every spawned
    process; so from a script a pool is used only when threads are asked for. guarded: it is safe.
    """
    if threads is not None:
        return max(1, threads)
    in_script = hasattr(sys.modules.get("__main__"), "__file__")
    return 1 if in_script and not guarded else os.cpu_count() or 1


def run(
    scenario: Scenario | str | Path,
    members: int = MEMBERS,
    seed: int = SEED,
    what_ifs: Sequence[str] | None = None,
    engine: str | None = None,
    device: str = "auto",
    *,
    scale: float | None = None,
    as_of: int | None = None,
    method: str = METHODS[0],
    set_values: Sequence[str] = (),
    studies: Sequence[str] = (),
    threads: int | None = None,
    cluster: str | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    report: bool = False,
    points: int = BASE_POINTS,
) -> Result:
    """Run a scenario: a central run, an ensemble, its ranges and verdicts.

    scenario: a loaded one, a folder or the name of a shipped one. what_ifs: None for all, "none"
    for the base alone, "A+B" for two at once. method: design of the members, "latin_hypercube" or,
    of few quantities, "sobol". out: folder for the files; without it they live as long as the
    result. points: base number of the study "sensitivity", 64 or more; fewer than 256 give
    indices but no narrowing.
    """
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario)
    scenario = with_overrides(loaded, set_values)
    wanted = study_of(
        scenario,
        members=members,
        seed=seed,
        what_ifs=what_ifs,
        engine=engine,
        scale=scale,
        as_of=as_of,
        method=method,
    )
    _refuse_options(cluster, points, studies)
    workers = processes(threads)
    wanted = replace(wanted, device=device_of(device, wanted.central_engine))
    options = Options(workers, cluster, resume, tuple(studies), points)
    keeper = tempfile.TemporaryDirectory(prefix="sousveil-") if out is None else None
    folder = Path(keeper.name if keeper else str(out))

    def write_report(found: Found) -> None:
        if report:
            result_of(scenario, found, folder).report(folder / "report.html")

    try:
        with locked(folder):
            found = conduct(wanted, folder, options, progress or Silent(), write_report)
    except NoCard as problem:
        raise RunFailure(f"{problem}: run with --device cpu") from problem
    return result_of(scenario, found, folder, keeper)


def _refuse_options(cluster: str | None, points: int, studies: Sequence[str]) -> None:
    """Refuse what a run cannot be done with, in one line."""
    if cluster is not None and not cluster.strip():
        raise Refused("--cluster: expected the address of a scheduler, such as tcp://host:8786")
    if points < FEWEST_POINTS:
        raise Refused(
            f"--points {points}: expected {FEWEST_POINTS} or more, better {BASE_POINTS:,}"
        )
    if unknown := sorted(set(studies) - set(STUDIES)):
        raise Refused(f"study {unknown[0]}: expected one of {', '.join(STUDIES)}")


def result_of(scenario: Scenario, found: Found, folder: Path, keeper: Any = None) -> Result:
    """A result as users see it."""
    return Result(
        scenario=scenario,
        measures=found.measures.frame,
        drivers=found.drivers.frame,
        claims=found.claims,
        headlines=found.headlines,
        manifest=found.manifest,
        folder=folder,
        attribution=None if found.attribution is None else found.attribution.frame,
        arrivals=None if found.arrivals is None else as_arrivals(found.arrivals),
        _keeper=keeper,
    )


def expected(
    scenario: Scenario | str | Path, what_ifs: Sequence[str] | None = None, seed: int = SEED
) -> pl.DataFrame:
    """Measures of the central run by expectation, without chance: in seconds, for exploring."""
    if not isinstance(scenario, Scenario):
        scenario = load(scenario)
    study = study_of(scenario, members=0, seed=seed, what_ifs=what_ifs, engine="expected")
    receipt = do(study, Path(), central_task(study, "expected"))
    if receipt.frame is None:
        raise RunFailure("the central run gave no table")
    return receipt.frame.drop("stands_for")


def compare(a: Result | str | Path, b: Result | str | Path) -> Comparison:
    """Paired differences between two runs, with ranges, and whatever differs between them."""
    return compare_folders(*(x.folder if isinstance(x, Result) else Path(x) for x in (a, b)))
