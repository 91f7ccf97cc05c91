"""One task on whichever worker: from a study to a released table, kept or sent back."""

from __future__ import annotations

import copyreg
import gc
import hashlib
import io
import pickle
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from sousveil.ensemble.arriving import Changes, changes_of
from sousveil.ensemble.bench import bench
from sousveil.ensemble.member import Report, joint_digest, outcomes
from sousveil.ensemble.rules import rules_of
from sousveil.ensemble.store import put_member
from sousveil.ensemble.study import Study, Task
from sousveil.measures import measures
from sousveil.measuring.table import Rows, halves_of, rows_of
from sousveil.release import Rules

_BETWEEN_COLLECTIONS = 50_000
"""Objects made beyond those that are gone again, after which the collector looks for circles."""


@dataclass(frozen=True)
class Receipt:
    """What a worker sends back. frame: the released rows of a task that is not kept, else None.

    changes: of arrivals, of a task that asks for these alone. file: name of what is kept.

    pre_gate: hash of what the gate was given. sampled: whether that is a hash of tallies.
    """

    task: Task
    pre_gate: str = ""
    sampled: bool = False
    persons: float = 0.0
    notes: Mapping[str, int] = field(default_factory=dict[str, int])
    frame: pl.DataFrame | None = None
    changes: Changes | None = None
    file: str = ""
    seconds: float = 0.0


def read_only(items: dict[Any, Any]) -> Mapping[Any, Any]:
    """A read-only mapping: what a pickle of one calls, since the type itself has no address."""
    return MappingProxyType(items)


def _reduced(view: MappingProxyType[Any, Any]) -> tuple[Any, tuple[dict[Any, Any]]]:
    return read_only, (dict(view),)


class _Pickler(pickle.Pickler):
    """A pickler that knows read-only mappings, of which frozen values are full."""

    dispatch_table = copyreg.dispatch_table | {MappingProxyType: _reduced}


def packed(study: Study) -> bytes:
    """A study as bytes, once for all tasks."""
    buffer = io.BytesIO()
    # Many workers would fill one card many times over, and those of a cluster may have none.
    _Pickler(buffer).dump(replace(study, device="cpu"))
    return buffer.getvalue()


@lru_cache(maxsize=2)
def unpacked(payload: bytes) -> Study:
    """The study, one object per process: what is worked out from it once is then found again."""
    study: Study = pickle.loads(payload)
    # It lives as long as the process: the collector of garbage need not walk it again and again.
    gc.freeze()
    # A member's values go with their last reference, and hardly any of them refer in a circle.
    gc.set_threshold(_BETWEEN_COLLECTIONS)
    return study


def work(payload: bytes, folder: str, task: Task) -> Receipt:
    """Do one task from bytes, on any worker."""
    return do(unpacked(payload), Path(folder), task)


def do(
    study: Study, folder: Path, task: Task, threads: int = 1, report: Report | None = None
) -> Receipt:
    """Do one task: its branches, its measures, the gate; keep it or send it back."""
    started = time.perf_counter()
    receipt = _done(study, folder, task, threads, report)
    # Memory given back is counted with the work that took it.
    return replace(receipt, seconds=time.perf_counter() - started)


def _done(study: Study, folder: Path, task: Task, threads: int, report: Report | None) -> Receipt:
    """What was done, not yet how long it took."""
    if task.kind == "arrivals":
        return Receipt(task, changes=changes_of(study, task.draw))
    wanted = [item for name, item in measures().items() if name in (task.measures or measures())]
    rows: list[Rows] = []
    digests: list[str] = []
    rules: Rules | None = None
    persons = 0.0
    for outcome in outcomes(study, task, threads, report):
        rules = rules or rules_of(study.scenario, outcome.context.model)
        persons = persons or float(outcome.context.persons.sum())
        digests.append(outcome.digest)
        # The base is there for what is held against it, whether anybody asked for it or not.
        if outcome.context.what_if in task.branches:
            rows.append(rows_of(wanted, outcome.context))
    if rules is None:
        raise ValueError(f"task {task.kind} {task.number} has no branch")
    words, numbers = halves_of(rows)
    tallies = joint_digest(digests)
    # Of expected values only what is kept carries a hash: nobody compares the others.
    pre_gate = tallies or (_digest(rows) if task.kept else "")
    released = bench(study.digest).judged(words, rules).release(numbers)
    file = put_member(folder, task.number, released, pre_gate).name if task.kept else ""
    frame, notes = None if task.kept else released.frame, dict(released.notes)
    return Receipt(task, pre_gate, bool(tallies), persons, notes, frame, file=file)


def _digest(every: Sequence[Rows]) -> str:
    """Hash of expected values as they were before the gate."""
    values = np.concatenate([rows.values for rows in every])
    # Whatever made it, a number that is none has one form.
    values[np.isnan(values)] = np.nan
    return hashlib.sha256(values.astype("<f8", copy=False).data).hexdigest()
