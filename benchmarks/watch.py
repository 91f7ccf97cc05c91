"""What a piece of work takes: seconds by the clock, of the processor, and memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

MEBIBYTE = 1024.0


def peak_mib() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds by the clock, and what came out."""
    (seconds, _), found = watched(work)
    return seconds, found


def watched(work: Callable[[], Any]) -> tuple[tuple[float, float], Any]:
    """Seconds by the clock and of the processor, and what came out."""
    before, used = time.perf_counter(), time.process_time()
    found = work()
    return (time.perf_counter() - before, time.process_time() - used), found
