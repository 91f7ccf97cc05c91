"""Who does the tasks: this process, a pool of processes (spawned, never forked), or a cluster.

The result never depends on who does a task: seeds come from its number. At most a few tasks a
worker are under way, so that memory stays bounded however long the ensemble.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from sousveil.ensemble.passing import handed, leave, room, taken
from sousveil.ensemble.patience import patiently
from sousveil.ensemble.study import Interrupted, Study, Task
from sousveil.ensemble.work import Receipt, do, packed, work
from sousveil.ensemble.worker import start, starting

AHEAD = 3
"""Tasks submitted per worker: one at work and two waiting."""
BROKEN_IN_VAIN = 3
"""Pools in succession that end before anything is done, after which tasks are tried one by one."""
SECONDS_TO_END = 1.0
"""That the thread of a pool is given once its processes have been ended."""


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
            self.add(name, time.perf_counter() - started)

    def add(self, name: str, spent: float) -> None:
        """Add seconds to a stage."""
        self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)


class Told:
    """Stages that overlap, told one after another: each begins when all before it are done.

    totals: steps of each stage, in order.
    """

    def __init__(self, progress: Progress, clock: Clock, totals: Mapping[str, int]) -> None:
        """Begin the first stage."""
        self._progress, self._clock = progress, clock
        self._totals = iter([(name, total) for name, total in totals.items() if total])
        self._done = Counter[str]()
        self._began = time.perf_counter()
        self._name, self._total = "", 0
        self._go_on()

    def advance(self, name: str) -> None:
        """One step of a stage is done, of this one or of a later one."""
        self._done[name] += 1
        if name == self._name:
            self._progress.advance()
            self._go_on()

    def _go_on(self) -> None:
        """Begin the next stages while those before them are done."""
        while self._done[self._name] == self._total:
            now = time.perf_counter()
            if self._name:
                self._clock.add(self._name, now - self._began)
            self._began = now
            found = next(self._totals, None)
            if found is None:
                return
            self._name, self._total = found
            self._progress.stage(*found)
            if self._done[self._name]:
                self._progress.advance(self._done[self._name])


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
    """Processes of this machine; one that ends by itself is replaced."""

    def __init__(
        self,
        study: Study,
        folder: Path,
        processes: int,
        action: Callable[[bytes, str, Task], Receipt] = work,
    ) -> None:
        """Start nothing yet: processes start with the first task."""
        self._payload = packed(study)
        self._folder = folder
        self._passing: Path | None = None
        self._processes = processes
        self._action = action
        self._before = set(multiprocessing.active_children())
        self._threads = set(threading.enumerate())
        self._pool: ProcessPoolExecutor | None = None
        self._under_way: dict[Future[str], Task] = {}

    def run(self, tasks: Iterable[Task]) -> Iterator[Receipt]:
        """Do the tasks, a few ahead.

        Raises RunFailure, when all else is done, naming the tasks that ended every process.
        """
        try:
            yield from patiently(tasks, self._some)
        except KeyboardInterrupt as problem:
            raise Interrupted("stopped: finished members are kept") from problem

    def _some(
        self, queue: Iterator[Task], suspects: list[Task], room: int | None
    ) -> Iterator[Receipt]:
        """Do tasks; one dead process ends the whole pool, so all that was under way is noted."""
        broken_in_vain = 0
        while broken_in_vain < BROKEN_IN_VAIN:
            for task in islice(queue, (room or self._processes * AHEAD) - len(self._under_way)):
                self._under_way[self._submit(task)] = task
            if not self._under_way:
                return
            done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
            if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
                done, _ = wait(self._under_way)
                self._leave()
                broken_in_vain += 1
            for future in done:
                task = self._under_way.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    suspects.append(task)
                else:
                    broken_in_vain = 0
                    yield taken(self._room(), future.result())

    def _submit(self, task: Task) -> Future[str]:
        """Hand a task over, to new processes where the old ones have just ended."""
        words = self._action, self._payload, str(self._folder), str(self._room()), task
        if self._pool is None:
            self._pool = self._made()
        with starting():  # a pool starts its processes as it is given tasks
            try:
                return self._pool.submit(handed, *words)
            except BrokenProcessPool:
                self._pool = self._made()
                return self._pool.submit(handed, *words)

    def _room(self) -> Path:
        """Where processes leave their receipts."""
        if self._passing is None:
            self._passing = room(self._folder)
        return self._passing

    def _made(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._processes, mp_context=context, initializer=start)

    def _leave(self) -> None:
        """Give the processes back; those at work are ended: a file is written whole or not."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        at_work = any(not future.done() for future in self._under_way)
        pool.shutdown(wait=not at_work, cancel_futures=True)
        if at_work:
            for process in multiprocessing.active_children():
                if process not in self._before:
                    process.terminate()
            # Python's own end would write to this thread while it closes what is written to.
            for thread in threading.enumerate():
                if not thread.daemon and thread not in self._threads:
                    thread.join(SECONDS_TO_END)

    def close(self) -> None:
        """Let the workers end."""
        self._leave()
        if self._passing is not None:
            leave(self._passing)


def workers(
    study: Study,
    folder: Path,
    processes: int,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Workers:
    """Who does the tasks of a study. progress: told where nobody is there yet."""
    if cluster:
        from sousveil.ensemble.cluster import Cluster

        return Cluster(study, folder, cluster, say=(progress or Silent()).say)
    if processes > 1:
        return Pool(study, folder, processes)
    return Here(study, folder)
