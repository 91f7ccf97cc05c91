"""A dask cluster as workers: the same tasks and the same files as on one machine.

Dask gives a task whose worker died to another one. A task that ends every worker is told by its
name, after all others are done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sousveil.ensemble.patience import patiently
from sousveil.ensemble.study import Interrupted, Refused, Study, Task
from sousveil.ensemble.work import Receipt, packed, work

AHEAD = 3
"""Tasks submitted per thread of the cluster: the memory of client and scheduler stays bounded."""


class Cluster:
    """A dask cluster by its address; its workers must see the same folder."""

    def __init__(
        self,
        study: Study,
        folder: Path,
        address: str,
        action: Callable[[bytes, str, Task], Receipt] = work,
    ) -> None:
        """Connect. Raises Refused where the extra or the scheduler is absent."""
        try:
            from distributed import Client
            from distributed.comm.addressing import get_address_host_port, normalize_address
        except ImportError as problem:
            raise Refused("--cluster needs the extra: pip install 'sousveil[cluster]'") from problem
        try:
            # A client that cannot read its address dies twenty seconds later, with a traceback.
            get_address_host_port(normalize_address(address), strict=True)
            self._client: Any = Client(address, timeout="10s", set_as_default=False)
        except (OSError, TimeoutError, ValueError) as problem:
            raise Refused(f"no cluster answers at {address}: {problem}") from problem
        self._payload = packed(study)
        self._folder = str(folder.resolve())
        self._action = action

    def run(self, tasks: Iterable[Task]) -> Iterator[Receipt]:
        """Do the tasks on whichever worker is free.

        Raises RunFailure, when all else is done, naming the tasks that ended every worker.
        """
        try:
            yield from patiently(tasks, self._some)
        except KeyboardInterrupt as problem:
            raise Interrupted("stopped: finished members are kept") from problem

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
                future = next(done)
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
        most = room or AHEAD * max(1, sum(self._client.nthreads().values()))
        for task in islice(queue, max(0, most - len(pending))):
            future = self._client.submit(
                self._action, self._payload, self._folder, task, pure=False
            )
            pending[future.key] = (future, task)
            done.add(future)

    def close(self) -> None:
        """Leave the cluster to others."""
        self._client.close()
