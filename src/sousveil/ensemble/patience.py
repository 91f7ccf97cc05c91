"""A task that ends its worker is tried again alone; one that does so alone is named.

Whoever shared a worker, or the memory of a machine, with such a task is blamed for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

from sousveil.ensemble.study import RunFailure, Task
from sousveil.ensemble.work import Receipt
from sousveil.errors import listed

HOPELESS = 8
"""Tasks in succession that end their worker, after which no more are tried."""
NOTHING_WORKS = 3
"""The same where no task has been finished at all: then it is not the tasks."""


class Some(Protocol):
    """Does tasks, at most `room` at once (None: as many as there is use for).

    Those that lost their worker are added to `suspects`. It may stop before the queue is empty.
    """

    def __call__(
        self, queue: Iterator[Task], suspects: list[Task], room: int | None
    ) -> Iterator[Receipt]:
        """Receipts in whatever order they are ready."""
        ...


def patiently(tasks: Iterable[Task], some: Some) -> Iterator[Receipt]:
    """Receipts of every task that can be done.

    Raises RunFailure, when all else is done, naming the tasks that ended every worker.
    """
    queue = iter(tasks)
    suspects: list[Task] = []
    worked = False
    for receipt in some(queue, suspects, None):
        worked = True
        yield receipt
    guilty: list[Task] = []
    in_vain = 0
    for task in chain(sorted(suspects, key=lambda item: item.number), queue):
        blamed = len(guilty)
        for receipt in some(iter([task]), guilty, 1):
            worked = True
            yield receipt
        in_vain = in_vain + 1 if len(guilty) > blamed else 0
        if in_vain == (HOPELESS if worked else NOTHING_WORKS):
            raise RunFailure(_told(guilty, worked, every=False))
    if guilty:
        raise RunFailure(_told(guilty, worked, every=True))


def _told(guilty: list[Task], worked: bool, every: bool) -> str:
    """One line: who ended each worker, what is kept, how to go on."""
    names = listed(f"{task.kind} {task.number}" for task in guilty)
    head = f"{names}: every worker process that took it ended by itself (memory?)"
    if not worked:
        return (
            f"{head}, and none finished anything; a script that asks for threads needs "
            'an `if __name__ == "__main__":` guard'
        )
    if every:
        return f"{head}; all others are finished and kept, and --resume tries again"
    return f"{head}; no more were tried, finished members are kept, and --resume goes on"
