"""Ctrl-C and SIGTERM while a run is under way: it stops as an interruption, and can be resumed."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What a terminal sends, and what the scheduler of a cluster sends before it kills."""


class Stopping:
    """Listens while a run is under way.

    The first signal raises KeyboardInterrupt; a second one does what was done before this. Whatever
    else is raised after it is its doing: some libraries make another error of an interruption that
    strikes inside them.
    """

    def __init__(self) -> None:
        """Listen to nothing yet."""
        self._before: dict[int, Any] = {}
        self._asked = False

    def __enter__(self) -> Stopping:
        """Begin to listen."""
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Listen no more. Raises KeyboardInterrupt in place of what an interruption was made."""
        self._leave()
        if self._asked and isinstance(problem, Exception):
            raise KeyboardInterrupt from problem

    def check(self) -> None:
        """Raise again what a library may have swallowed (a callback, a destructor)."""
        if self._asked:
            raise KeyboardInterrupt

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        self._leave()
        raise KeyboardInterrupt

    def _leave(self) -> None:
        while self._before:
            signal.signal(*self._before.popitem())
