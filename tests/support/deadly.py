"""A task that ends its process, for tests of those who do tasks."""

from __future__ import annotations

import os
from pathlib import Path

from sousveil.ensemble.study import Task
from sousveil.ensemble.work import Receipt, work

DEADLY = (3,)
"""Members that end every process that takes them."""


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
