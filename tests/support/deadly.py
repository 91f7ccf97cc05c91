"""A task that ends its process, for tests of those who do tasks."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from sousveil.ensemble.study import Task
from sousveil.ensemble.work import Receipt, work

DEADLY = (3,)
"""Members that end every process that takes them."""
LONG_BYTES = 200_000_000
"""Takes a pipe a tenth of a second or more."""
SENDING_TRIES = 1
"""How often a process ends while it sends: a second time in a row would be the member's fault."""


def deadly(payload: bytes, folder: str, task: Task) -> Receipt:
    """Do a task, unless it is a deadly one."""
    if task.number in DEADLY:
        os._exit(9)
    return work(payload, folder, task)


def deadly_once(payload: bytes, folder: str, task: Task) -> Receipt:
    """Do a task; each deadly one ends the first process that takes it, and no other."""
    mark = Path(folder) / f"tried-{task.number}"
    if task.number in DEADLY and not mark.exists():
        mark.touch()
        os._exit(9)
    return work(payload, folder, task)


def always_deadly(payload: bytes, folder: str, task: Task) -> Receipt:
    """End the process."""
    os._exit(9)


class Ending:
    """Ends the process some moments after it was packed, while it is being sent."""

    def __init__(self, seconds: float) -> None:
        """Wait for so long."""
        self.seconds = seconds

    def __reduce__(self) -> tuple[type, tuple[()]]:
        """Start the clock."""
        threading.Timer(self.seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return str, ()


def deadly_in_sending(payload: bytes, folder: str, task: Task) -> Receipt:
    """Do a task; each deadly one ends its process while its receipt is on the way."""
    receipt = work(payload, folder, task)
    tries = Path(folder) / f"tries-{task.number}"
    count = len(tries.read_text()) if tries.exists() else 0
    if task.number not in DEADLY or count == SENDING_TRIES:
        return receipt
    tries.write_text("x" * (count + 1))
    long: dict[Any, Any] = {"": bytes(LONG_BYTES), "end": Ending(0.1)}
    return replace(receipt, notes=long)
