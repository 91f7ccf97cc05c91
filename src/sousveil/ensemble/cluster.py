"""A dask cluster as workers: the same tasks and the same files as on one machine.

Dask gives a task whose worker died to another one. A task that ends every worker is told by its
name, after all others are done.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, cast

from sousveil.ensemble.patience import patiently
from sousveil.ensemble.store import LOCK
from sousveil.ensemble.study import Interrupted, Refused, RunFailure, Study, Task
from sousveil.ensemble.versions import other_versions
from sousveil.ensemble.work import Receipt, packed, work

AHEAD = 3
"""Tasks submitted per thread of the cluster: the memory of client and scheduler stays bounded."""
GLANCE_SECONDS = 0.1
"""The longest that Ctrl-C is not looked at."""
LOOK_SECONDS = 10.0
"""After so long without a result it is looked whether any worker is left."""


class Cluster:
    """A dask cluster by its address; its workers must see the same folder."""

    def __init__(
        self,
        study: Study,
        folder: Path,
        address: str,
        action: Callable[[bytes, str, Task], Receipt] = work,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Connect, and wait for a worker.

        say: told where there is none. Raises Refused where the extra or the scheduler is absent, or
        a worker unfit.
        """
        try:
            from distributed import Client
            from distributed.comm.addressing import get_address_host_port, normalize_address
        except ImportError as problem:
            raise Refused("--cluster needs the extra: pip install 'sousveil[cluster]'") from problem
        # It tells of a lost scheduler with a traceback; we tell it in one line.
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        try:
            # A client that cannot read its address dies twenty seconds later, with a traceback.
            get_address_host_port(normalize_address(address), strict=True)
            self._client: Any = Client(address, timeout="10s", set_as_default=False)
        except (OSError, TimeoutError, ValueError) as problem:
            raise Refused(f"no cluster answers at {address}: {problem}") from problem
        self._payload = packed(study)
        self._folder = str(folder.resolve())
        self._action = action
        self._say = say
        self._met: set[str] = set()
        self._alone = False
        try:
            while not self._workers():
                time.sleep(GLANCE_SECONDS)
        except BaseException:
            self.close()
            raise

    def run(self, tasks: Iterable[Task]) -> Iterator[Receipt]:
        """Do the tasks on whichever worker is free.

        Raises RunFailure, when all else is done, naming the tasks that ended every worker; at once
        where the scheduler goes away.
        """
        from distributed import CancelledError
        from distributed.comm.core import CommClosedError

        try:
            yield from patiently(tasks, self._some)
        except KeyboardInterrupt as problem:
            raise Interrupted("stopped: finished members are kept") from problem
        except (CancelledError, CommClosedError) as problem:
            raise RunFailure(
                "the scheduler of the cluster went away: finished members are kept, and --resume "
                "goes on with whichever --cluster there is then"
            ) from problem

    def _some(
        self, queue: Iterator[Task], suspects: list[Task], room: int | None
    ) -> Iterator[Receipt]:
        """Do tasks, a few ahead; those that dask gave up are noted."""
        from distributed import KilledWorker, as_completed

        pending: dict[str, tuple[Any, Task]] = {}
        done: Any = as_completed(loop=self._client.loop)
        try:
            self._feed(queue, pending, done, room)
            while pending:
                future = self._next(done)
                _, task = pending.pop(future.key)
                try:
                    receipt = future.result()
                except KilledWorker:
                    suspects.append(task)
                else:
                    yield receipt
                self._feed(queue, pending, done, room)
        finally:
            self._client.cancel([future for future, _ in pending.values()], force=True)

    def _feed(
        self,
        queue: Iterator[Task],
        pending: dict[str, tuple[Any, Task]],
        done: Any,
        room: int | None,
    ) -> None:
        """Submit as many as the cluster has use for; it may have grown or shrunk."""
        most = room or AHEAD * max(1, self._workers())
        for task in islice(queue, max(0, most - len(pending))):
            future = self._client.submit(
                self._action, self._payload, self._folder, task, pure=False
            )
            pending[future.key] = (future, task)
            done.add(future)

    def _next(self, done: Any) -> Any:
        """The next future that is done; meanwhile it is told where no worker is left."""
        looked = time.monotonic()
        while not done.has_ready():
            with done.thread_condition:
                done.thread_condition.wait(timeout=GLANCE_SECONDS)
            if time.monotonic() - looked > LOOK_SECONDS:
                self._workers()
                looked = time.monotonic()
        return next(done)

    def _workers(self) -> int:
        """How many threads there are; new workers are looked at before they are given anything.

        Raises Refused where one cannot do what it would be given.
        """
        there: dict[str, int] = self._client.nthreads()
        if not there and not self._alone:
            self._say("no worker is there: the run waits for one")
        self._alone = not there
        if new := there.keys() - self._met:
            self._look_at(new)
            self._met |= new
        return sum(there.values())

    def _look_at(self, new: Iterable[str]) -> None:
        folder = Path(self._folder)
        mark = folder / LOCK if (folder / LOCK).exists() else folder

        # A function inside another one travels whole: the worker need not have sousveil to read it.
        def seen(mark: str) -> tuple[dict[str, str], bool]:
            from pathlib import Path

            from sousveil.ensemble.versions import versions

            return versions(), Path(mark).exists()

        answers = self._client.run(seen, str(mark), workers=list(new), on_error="return")
        for address, answer in answers.items():
            if isinstance(answer, ImportError):
                raise Refused(f"the worker {address} cannot load sousveil: {answer}")
            if isinstance(answer, tuple):
                known, sees = cast("tuple[dict[str, str], bool]", answer)
                if others := other_versions(known):
                    raise Refused(f"the worker {address} has other versions: {others}")
                if not sees:
                    raise Refused(
                        f"the worker {address} does not see {folder}: --out must be a folder that "
                        "all workers share"
                    )

    def close(self) -> None:
        """Leave the cluster to others."""
        self._client.close()
