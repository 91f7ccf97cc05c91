"""How a worker process starts: one thread for every library, and deaf to the keyboard.

This module imports nothing that computes, so that the number of threads is set before any of it
is loaded.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from multiprocessing.connection import wait

ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
LARGE_PAGES = ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
"""Asks for large pages of memory where a system has them to give; any other passes over it."""


@contextmanager
def starting() -> Generator[None]:
    """Start processes in here: they find what a process reads before its first line.

    A member's arrays lie in some hundred MB, and with large pages it takes a tenth less. Whoever
    has set the variable keeps what he set.
    """
    name, value = LARGE_PAGES
    if name in os.environ:
        yield
        return
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name, None)


def start() -> None:
    """Prepare a worker. The parent alone hears Ctrl-C: it lets nobody half finish a file."""
    for name in ONE_THREAD:
        os.environ[name] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End with the run: a worker whose parent was killed would wait for tasks for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
