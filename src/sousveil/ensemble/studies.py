"""The studies of a run that are asked for with `--study`, and the files that they leave."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sousveil.arrays import Floats
from sousveil.ensemble.design import draws
from sousveil.ensemble.discovery import discover
from sousveil.ensemble.evaluations import clear
from sousveil.ensemble.execute import Progress, Workers
from sousveil.ensemble.groups import entering
from sousveil.ensemble.matrix import Matrix
from sousveil.ensemble.sensitivity import BASE_POINTS, bank_of, people_of, sensitivity
from sousveil.ensemble.store import members_of, read_member, write_bytes, write_json, write_table
from sousveil.ensemble.study import Study
from sousveil.ensemble.unknowns import FILE as UNKNOWNS
from sousveil.ensemble.unknowns import as_document
from sousveil.release import Rules

FILES = (
    "sensitivity.parquet",
    "sensitivity.csv",
    UNKNOWNS,
    "discovery.csv",
    "discovery_outcomes.csv",
    "discovery_experiments.csv",
    "discovery_notes.json",
)
"""What studies write into the folder of a run."""


@dataclass(frozen=True)
class Asked:
    """What a run asks of its studies. points: base number of a sensitivity study."""

    names: tuple[str, ...]
    resume: bool = False
    points: int = BASE_POINTS


def conduct_studies(
    study: Study, folder: Path, asked: Asked, crew: Workers, progress: Progress, rules: Rules
) -> None:
    """Do the studies that are asked for, after the members are there."""
    if not asked.resume:
        clear(folder)
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
    if "discovery" in asked.names:
        _discovery(study, folder, progress, rules)
    if "sensitivity" not in asked.names:
        return
    if not entering(study.scenario):
        progress.say("sensitivity is left out: no quantity of this scenario is uncertain")
        return
    bank, targets = bank_of(study, rules, folder=folder, crew=crew, progress=progress)
    found = sensitivity(bank, targets, asked.points)
    write_table(folder / "sensitivity.parquet", found.table)
    write_table(folder / "sensitivity.csv", found.table)
    write_json(folder / UNKNOWNS, as_document(study.scenario, found))


def _discovery(study: Study, folder: Path, progress: Progress, rules: Rules) -> None:
    files = [item.path for item in members_of(folder) if item.number <= study.members]
    if not files:
        progress.say("discovery is left out: it needs --members")
        return
    drawn = draws(study.scenario, study.members, study.seed, study.method)
    matrix = Matrix.of(read_member(path) for path in files)
    found = discover(study.scenario, drawn, matrix, rules, people_of(study))
    for note in found.notes:
        progress.say(note)
    write_json(folder / "discovery_notes.json", list(found.notes))
    write_table(folder / "discovery.csv", found.boxes)
    write_table(folder / "discovery_outcomes.csv", found.outcomes)
    _write_design(folder / "discovery_experiments.csv", found.paths, found.values)


def _write_design(path: Path, names: tuple[str, ...], values: Floats) -> None:
    """What was drawn for each member: inputs of the model, which say nothing of anybody."""
    frame = pl.DataFrame(values, schema=list(names), orient="row")
    numbered = frame.insert_column(0, pl.Series("number", range(1, len(values) + 1)))
    buffer = io.BytesIO()
    numbered.write_csv(buffer)
    write_bytes(path, buffer.getvalue())
