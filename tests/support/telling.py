"""A task that tells in which environment it is done."""

from __future__ import annotations

import os
from pathlib import Path

from sousveil.ensemble.study import Task
from sousveil.ensemble.work import Receipt, work

TOLD = "environment.txt"


def telling(payload: bytes, folder: str, task: Task) -> Receipt:
    """Do a task, and write down the environment of its process."""
    lines = [f"{name}={value}" for name, value in os.environ.items()]
    (Path(folder) / TOLD).write_text("\n".join(lines), encoding="utf-8")
    return work(payload, folder, task)
