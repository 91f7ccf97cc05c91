"""How a receipt comes back from another process: as a file, of which the pipe carries the name.

A process that is killed while it writes a long message leaves half of it in the pipe, and whoever
reads there waits for the rest for ever. A name is written at once or not at all.
"""

from __future__ import annotations

import pickle
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from sousveil.ensemble.store import PARTIAL
from sousveil.ensemble.study import Task
from sousveil.ensemble.work import Receipt


def room(folder: Path) -> Path:
    """A new folder inside that of the run, for nobody else to read or write."""
    return Path(tempfile.mkdtemp(prefix=".passing-", suffix=PARTIAL, dir=folder))


def handed(
    action: Callable[[bytes, str, Task], Receipt],
    payload: bytes,
    folder: str,
    passing: str,
    task: Task,
) -> str:
    """Do a task in this process; the name of the file in which its receipt lies."""
    receipt = action(payload, folder, task)
    path = Path(passing) / f"{task.kind}-{task.number}"
    path.write_bytes(pickle.dumps(receipt))
    return path.name


def taken(passing: Path, name: str) -> Receipt:
    """The receipt that another process has left; it is there no more."""
    path = passing / name
    receipt: Receipt = pickle.loads(path.read_bytes())
    path.unlink()
    return receipt


def leave(passing: Path) -> None:
    """Throw away what nobody has taken."""
    shutil.rmtree(passing, ignore_errors=True)
