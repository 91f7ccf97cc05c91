"""What the parent of a run works out in a thread of its own while its workers are busy.

Such work goes in steps, so that whoever stops the run waits for the end of one of them and no
more: a thread cannot be ended from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Self, TypeVar

from sousveil.ensemble.study import Interrupted

T = TypeVar("T")


class Aside:
    """One thread that does one thing after another."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="aside")
        self._stopped = Event()

    def do(self, action: Callable[[], T]) -> Future[T]:
        """Do something once all before it is done."""

        def unless_stopped() -> T:
            self._go_on()
            return action()

        return self._thread.submit(unless_stopped)

    def each(self, steps: Iterable[T]) -> list[T]:
        """What every step of a work under way gives. Raises Interrupted between two of them."""
        found: list[T] = []
        for item in steps:
            self._go_on()
            found.append(item)
        return found

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopped.set()

    def _go_on(self) -> None:
        if self._stopped.is_set():
            raise Interrupted("stopped: finished members are kept")

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, and wait for the step under way."""
        self.stop()
        self._thread.shutdown(cancel_futures=True)
