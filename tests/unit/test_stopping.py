"""Listening for signals: what is an interruption, and what is not."""

from __future__ import annotations

import contextlib
import signal

import pytest

from sousveil.stopping import SIGNALS, Stopping


@pytest.mark.parametrize("number", SIGNALS)
def test_what_a_library_makes_of_an_interruption_is_one(number: signal.Signals) -> None:
    def compare() -> None:
        with Stopping():
            try:
                signal.raise_signal(number)
            except KeyboardInterrupt as problem:
                raise TypeError("cannot compare") from problem

    with pytest.raises(KeyboardInterrupt) as told:
        compare()
    assert isinstance(told.value.__cause__, TypeError)


def test_what_a_library_swallows_is_raised_again() -> None:
    def swallow() -> None:
        with Stopping() as stopping:
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
            stopping.check()

    with pytest.raises(KeyboardInterrupt):
        swallow()


def test_where_nobody_stops_anything_a_failure_is_a_failure() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with pytest.raises(TypeError, match="mine"), Stopping():
        raise TypeError("mine")
    assert [signal.getsignal(number) for number in SIGNALS] == before
