"""A dask cluster as workers: the same tasks and the same files as on one machine.

Dask gives a task whose worker died to another one. A task that ends every worker is told by its
name, after all others are done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sousveil.ensemble.patience import patiently
from sousveil.ensemble.study import Interrupted, Refused, RunFailure, Study, Task
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
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Connect. Raises Refused where the extra or the scheduler is absent.

        say: told where there is no worker yet.
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
        if not self._client.nthreads():
            say(f"no worker has come to {address} yet: the run waits for one")

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
