"""Files that are written all together or not at all: temporary names first, then the renames."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from sousveil.ensemble.store import PARTIAL
from sousveil.ensemble.study import Refused, RunFailure

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EIO}
"""What no other choice of a folder would have shown before: the disk is full, or broken."""


def write_all(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write files by name into a folder.

    Raises Refused or RunFailure (a disk that is full), in one line, with nothing written.
    """
    temporary = {name: folder / f".{name}.{os.getpid()}{PARTIAL}" for name in contents}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_folders(folder, contents)
        for name, content in contents.items():
            _write(temporary[name], content)
        for name, path in temporary.items():
            path.replace(folder / name)
    except OSError as problem:
        words = problem.strerror or type(problem).__name__
        told = f"{folder} cannot be written ({words}): give another --to"
        raise (RunFailure(told) if problem.errno in _FULL else Refused(told)) from None
    finally:
        for path in temporary.values():
            with contextlib.suppress(OSError):
                path.unlink()
    return [folder / name for name in contents]


def _refuse_folders(folder: Path, names: Iterable[str]) -> None:
    """A folder under the name of a file would be found only after other files were renamed."""
    for name in names:
        if (folder / name).is_dir():
            raise Refused(f"{folder / name} is a folder: give another --to")


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    # Exclusive: nothing that somebody else put there under this name is written through.
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
