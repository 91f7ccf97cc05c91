"""A run from beginning to end: central runs, members, parts of intervals, verdicts, files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from sousveil.arrays import Floats
from sousveil.ensemble.aside import Aside
from sousveil.ensemble.attribution import harm_shares
from sousveil.ensemble.causes import Divided, divide, with_causes
from sousveil.ensemble.causes import as_document as as_arrivals
from sousveil.ensemble.claims import judged_claims
from sousveil.ensemble.design import value_matrix
from sousveil.ensemble.drivers import Mark, assumed_share, correlations, drivers_table
from sousveil.ensemble.execute import Clock, Progress, Told, Workers, workers
from sousveil.ensemble.headlines import headlines
from sousveil.ensemble.manifest import check_result, manifest, results_digest
from sousveil.ensemble.matrix import Matrix
from sousveil.ensemble.member import joint_digest
from sousveil.ensemble.members import Members
from sousveil.ensemble.rules import scenario_rules
from sousveil.ensemble.scene import scene
from sousveil.ensemble.sensitivity import BASE_POINTS, people_of
from sousveil.ensemble.stages import (
    arrivals_tasks,
    central_task,
    environment_tasks,
    frozen_tasks,
    member_draws,
    member_tasks,
)
from sousveil.ensemble.store import (
    MANIFEST,
    pre_gate_of,
    prepare,
    write_json,
    write_table,
)
from sousveil.ensemble.studies import Asked, conduct_studies
from sousveil.ensemble.study import RunFailure, Study, Task
from sousveil.ensemble.summarise import Parts, blocks_of, inputs_not_findings, summary
from sousveil.ensemble.work import Receipt, do
from sousveil.release import Released, Rules, release


@dataclass(frozen=True)
class Options:
    """How a run is done; none of it changes a result.

    studies: "sensitivity", "attribution", "discovery". points: base number of the first of them.
    """

    threads: int = 1
    cluster: str | None = None
    resume: bool = False
    studies: tuple[str, ...] = ()
    points: int = BASE_POINTS


@dataclass(frozen=True)
class Found:
    """What a run found, all of it through the gate."""

    measures: Released
    drivers: Released
    attribution: Released | None
    claims: list[dict[str, Any]]
    headlines: list[dict[str, Any]]
    manifest: dict[str, Any]
    arrivals: Divided | None = None


@dataclass
class _Run:
    """A run under way. aside: what this process does while the workers are at work."""

    study: Study
    folder: Path
    options: Options
    progress: Progress
    crew: Workers
    rules: Rules
    aside: Aside
    clock: Clock = field(default_factory=Clock)
    receipts: list[Receipt] = field(default_factory=list[Receipt])

    def tables(self, name: str, tasks: Sequence[Task]) -> dict[int, pl.DataFrame]:
        """Do the tasks of a stage: number -> released rows, of those that are not kept."""
        done = self.stage(name, tasks)
        return {r.task.number: r.frame for r in done if r.frame is not None}

    def stage(self, name: str, tasks: Sequence[Task]) -> list[Receipt]:
        """Do the tasks of a stage: receipts in the order of their numbers."""
        return self.stages({name: tasks})[name]

    def stages(
        self, every: Mapping[str, Sequence[Task]], met: Callable[[Receipt], None] | None = None
    ) -> dict[str, list[Receipt]]:
        """Do the tasks of several stages, each of one kind, in one stream: none waits for another.

        met: told of every receipt as it comes. Receipts in the order of their numbers.
        """
        told = Told(self.progress, self.clock, {name: len(tasks) for name, tasks in every.items()})
        names = {task.kind: name for name, tasks in every.items() for task in tasks[:1]}
        done: dict[str, list[Receipt]] = {name: [] for name in every}
        for receipt in self.crew.run(chain.from_iterable(every.values())):
            if met is not None:
                met(receipt)
            name = names[receipt.task.kind]
            done[name].append(receipt)
            told.advance(name)
        for receipts in done.values():
            receipts.sort(key=lambda receipt: receipt.task.number)
            self.receipts += receipts
        return done

    def here(self, name: str, task: Task) -> Receipt:
        """Do one task in this process, with all threads, telling how far it is."""
        told = 0

        def report(done: int, total: int) -> None:
            nonlocal told
            if told == 0 or done < told:
                self.progress.stage(name, total)
                told = 0
            self.progress.advance(done - told)
            told = done

        def action() -> Receipt:
            return do(self.study, self.folder, task, self.options.threads, report)

        receipt: Receipt = self.clock.time(name, action)
        self.receipts.append(receipt)
        return receipt


def conduct(
    study: Study,
    folder: Path,
    options: Options,
    progress: Progress,
    then: Callable[[Found], None] | None = None,
) -> Found:
    """Do a run into a folder that is locked and held by the caller.

    then: what is done with what was found before the manifest says that all is there.

    Raises RunFailure in one line; Interrupted when somebody stopped it.
    """
    with ExitStack() as stack:
        # First: where there is no such cluster, nothing that lies in the folder is thrown away.
        crew = workers(study, folder, options.threads, options.cluster, progress)
        stack.callback(crew.close)
        kept, notes = prepare(folder, study, options.resume)
        for note in notes:
            progress.say(note)
        aside = stack.enter_context(Aside())
        run = _Run(study, folder, options, progress, crew, scenario_rules(study), aside)
        sampled = None
        if study.central_engine != "expected":
            sampled = run.here("central run, sampled", central_task(study, study.central_engine))
        found = _finish(run, Members(folder, kept, study.members), sampled)
        _write(folder, found)
        asked = Asked(options.studies, options.resume, options.points)
        run.clock.time(
            "studies", lambda: conduct_studies(study, folder, asked, crew, progress, run.rules)
        )
        if then is not None:
            clock = run.clock
            clock.time("report", lambda: then(found))
            found.manifest["seconds"] = dict(clock.seconds)
        # Last, since it says that all is there.
        write_json(folder / MANIFEST, found.manifest)
        return found


def _frame(receipt: Receipt) -> pl.DataFrame:
    if receipt.frame is None:
        raise RunFailure(f"{receipt.task.kind} gave no table")
    return receipt.frame


def _finish(run: _Run, kept: Members, sampled: Receipt | None) -> Found:
    """Do all tasks that hang on no result, then what follows from them."""
    study = run.study
    drawn = member_draws(study)
    valued = run.aside.do(lambda: value_matrix(study.scenario, drawn))
    done = run.stages(
        {
            "central run, expected": [central_task(study, "expected")],
            "members": member_tasks(study, drawn, kept.finished),
            "environment": environment_tasks(study),
            "assumed apart": frozen_tasks(study, drawn),
            "arrivals": arrivals_tasks(study, drawn),
        },
        kept.met,
    )
    central = index = _frame(done["central run, expected"][0])
    members = kept.matrix(index)
    environment = Matrix.of(map(_frame, done["environment"]), index)
    frozen = Matrix.of(map(_frame, done["assumed apart"]), index)
    quantities, rules = valued.result(), run.rules
    parts = Parts(
        members=members if study.members else None,
        central=central,
        sampled=None if sampled is None else _frame(sampled),
        environment=environment,
        scale=study.scale,
    )
    summed = _summed(run, parts, members, frozen, quantities)
    changes = [receipt.changes for receipt in done["arrivals"]]
    arrivals: Divided | None = run.clock.time(
        "arrivals", lambda: divide(study, changes, rules, people_of(study))
    )
    judged = judged_claims(study, members, quantities, index, run.tables)
    claims = with_causes(judged, arrivals)
    attribution = harm_shares(run.crew, study, rules, run.progress) if _attributes(run) else None
    table, drivers, marks = summed.result()
    lines = headlines(study.scenario, table.frame, marks)
    about = _told(run, kept.files, sampled, table, claims, lines, members)
    document = manifest(study, about)
    return Found(table, drivers, attribution, claims, lines, document, arrivals)


def _summed(
    run: _Run,
    parts: Parts,
    members: Matrix,
    frozen: Matrix,
    quantities: tuple[tuple[str, ...], Floats],
) -> Future[tuple[Released, Released, dict[tuple[str, ...], Mark]]]:
    """The summary, the drivers and the mark of every row, worked out beside the next tasks."""
    study, rules, aside = run.study, run.rules, run.aside
    paths, values = quantities

    def summarised() -> tuple[Released, Released, dict[tuple[str, ...], Mark]]:
        shares = assumed_share(members, frozen) if len(frozen.values) else {}
        found = aside.each(correlations(members, values))
        told, marks = drivers_table(members, paths, found, shares)
        inputs = [key for key, mark in marks.items() if _is_assumed(study, mark)]
        table = summary(aside.each(blocks_of(replace(parts, assumed=shares))))
        return release(inputs_not_findings(table, inputs), rules), release(told, rules), marks

    return aside.do(lambda: run.clock.time("summary", summarised))


def _attributes(run: _Run) -> bool:
    return "attribution" in run.options.studies


def _is_assumed(study: Study, mark: Mark) -> bool:
    if not mark.driver:
        return mark.driven
    item = study.scenario.quantities.get(mark.driver)
    return item is not None and item.kind == "assumed"


def _told(
    run: _Run,
    files: Iterable[Path],
    sampled: Receipt | None,
    table: Released,
    claims: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
    members: Matrix,
) -> dict[str, Any]:
    """What only the run knows."""
    hashes = [sampled.pre_gate] if sampled is not None else []
    if run.study.engine != "expected":
        hashes += [pre_gate_of(path) for path in files]
    checks: list[dict[str, Any]] = []
    for check in run.study.scenario.checks:
        column = members.column(measure=check.output)
        values = [] if column is None else [v for v in column.tolist() if v == v]
        checks.append(check_result(check, values))
    seconds = dict(run.clock.seconds)
    spent = seconds.get("members", 0.0)
    done = sum(receipt.task.kept for receipt in run.receipts)
    notes: dict[str, int] = {}
    for verb, count in table.notes.items():
        notes[verb] = notes.get(verb, 0) + count
    return {
        "persons": round(next(r.persons for r in run.receipts if r.task.kind == "central")),
        "device": run.study.device,
        "threads": run.options.threads,
        "tallies_sha256": joint_digest(hashes) or None,
        "results_sha256": results_digest(table.frame),
        "seconds": seconds,
        "members_per_second": round(done / spent, 3) if spent and done else None,
        "gate": notes,
        "scene": scene(run.study.scenario, run.rules),
        "checks": checks,
        "headlines": [dict(line) for line in lines],
        "verdicts": {item["claim_id"]: item["verdict"] for item in claims},
    }


def _write(folder: Path, found: Found) -> None:
    """The tables and verdicts of a run."""
    write_table(folder / "measures.parquet", found.measures)
    write_table(folder / "measures.csv", found.measures)
    write_table(folder / "drivers.csv", found.drivers)
    if found.attribution is not None:
        write_table(folder / "attribution.csv", found.attribution)
    if found.arrivals is not None:
        write_table(folder / "arrivals.csv", found.arrivals.table)
        write_json(folder / "arrivals.json", as_arrivals(found.arrivals))
    write_json(folder / "claims.json", found.claims)
