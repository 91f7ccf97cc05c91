"""Who does the tasks: this process, a pool of processes (spawned, never forked), or a cluster.

The result never depends on who does a task: seeds come from its number. At most a few tasks a
worker are under way, so that memory stays bounded however long the ensemble.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from sousveil.ensemble.study import Interrupted, RunFailure, Study, Task
from sousveil.ensemble.work import Receipt, do, packed, work
from sousveil.ensemble.worker import start

AHEAD = 3
"""Tasks submitted per worker: one at work and two waiting."""


class Progress(Protocol):
    """Told how a run goes on."""

    def stage(self, name: str, total: int) -> None:
        """A stage of `total` steps begins."""
        ...

    def advance(self, steps: int = 1) -> None:
        """Some steps of the stage are done."""
        ...

    def say(self, sentence: str) -> None:
        """Something that a reader should know."""
        ...


class Silent:
    """Progress that nobody looks at."""

    def stage(self, name: str, total: int) -> None:
        """Nothing."""

    def advance(self, steps: int = 1) -> None:
        """Nothing."""

    def say(self, sentence: str) -> None:
        """Nothing."""


@dataclass
class Clock:
    """Seconds by stage, for the manifest."""

    seconds: dict[str, float] = field(default_factory=dict[str, float])

    def time(self, name: str, action: Callable[[], Any]) -> Any:
        """Do something and remember how long it took."""
        started = time.perf_counter()
        try:
            return action()
        finally:
            spent = time.perf_counter() - started
            self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)


class Workers(Protocol):
    """Something that does tasks and gives receipts in whatever order they are ready."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Receipt]:
        """Do the tasks."""
        ...

    def close(self) -> None:
        """Give back what was taken."""
        ...


@dataclass(frozen=True)
class Here:
    """One task after another, in this process."""

    study: Study
    folder: Path

    def run(self, tasks: Iterable[Task]) -> Iterator[Receipt]:
        """Do the tasks in order."""
        for task in tasks:
            yield do(self.study, self.folder, task)

    def close(self) -> None:
        """Nothing was taken."""


class Pool:
    """Processes of this machine."""

    def __init__(self, study: Study, folder: Path, processes: int) -> None:
        """Start nothing yet: processes start with the first task."""
        self._payload = packed(study)
        self._folder = str(folder)
        self._processes = processes
        self._before = set(multiprocessing.active_children())
        self._pool = ProcessPoolExecutor(
            processes, mp_context=multiprocessing.get_context("spawn"), initializer=start
        )

    def run(self, tasks: Iterable[Task]) -> Iterator[Receipt]:
        """Do the tasks, a few ahead."""
        queue = iter(tasks)
        under_way: set[Future[Receipt]] = set()
        try:
            while True:
                for task in islice(queue, self._processes * AHEAD - len(under_way)):
                    under_way.add(self._pool.submit(work, self._payload, self._folder, task))
                if not under_way:
                    return
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool as problem:
            raise RunFailure(
                "a worker process ended by itself (memory?): finished members are kept; "
                "run again with --resume, with fewer --threads"
            ) from problem
        except KeyboardInterrupt as problem:
            self._stop()
            raise Interrupted("stopped: finished members are kept") from problem

    def _stop(self) -> None:
        """End the workers at once: a file is written whole or not at all."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            if process not in self._before:
                process.terminate()

    def close(self) -> None:
        """Let the workers end."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def workers(study: Study, folder: Path, processes: int, cluster: str | None = None) -> Workers:
    """Who does the tasks of a study."""
    if cluster:
        from sousveil.ensemble.cluster import Cluster

        return Cluster(study, folder, cluster)
    if processes > 1:
        return Pool(study, folder, processes)
    return Here(study, folder)
