"""Work beside the workers: one thing after another, stopped between two steps."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from threading import Event
from typing import Any

import pytest

from sousveil.ensemble.aside import Aside
from sousveil.ensemble.study import Interrupted

PATIENCE_SECONDS = 60.0


def test_things_are_done_one_after_another() -> None:
    done: list[int] = []
    with Aside() as aside:
        for number in range(5):
            last = aside.do(lambda number=number: done.append(number))
        last.result(PATIENCE_SECONDS)
        assert done == [0, 1, 2, 3, 4]
        assert aside.do(lambda: aside.each(iter("abc"))).result(PATIENCE_SECONDS) == ["a", "b", "c"]


def test_a_failure_is_told_to_whoever_waits_for_it() -> None:
    def failing() -> None:
        raise ValueError("no")

    with Aside() as aside, pytest.raises(ValueError, match="no"):
        aside.do(failing).result(PATIENCE_SECONDS)


def test_whoever_leaves_waits_for_one_step_and_no_more() -> None:
    begun, go_on = Event(), Event()
    steps: list[int] = []
    futures: list[Future[Any]] = []

    def stepwise() -> Iterator[int]:
        for number in range(1_000_000):
            steps.append(number)
            begun.set()
            assert go_on.wait(PATIENCE_SECONDS)
            yield number

    def leave() -> None:
        with Aside() as aside:
            futures.append(aside.do(lambda: aside.each(stepwise())))
            futures.append(aside.do(lambda: steps.append(-1)))
            assert begun.wait(PATIENCE_SECONDS)
            aside.stop()
            go_on.set()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leave()
    under_way, never = futures
    assert isinstance(under_way.exception(), Interrupted)
    assert steps == [0]
    with pytest.raises((CancelledError, Interrupted)):
        never.result()
