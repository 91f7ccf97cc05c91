"""Workers start in an environment of their own, and leave that of their parent alone."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from sousveil.ensemble.worker import LARGE_PAGES, starting

NAME, VALUE = LARGE_PAGES


def found_by_a_process() -> str | None:
    """What a process that starts now finds."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(os.getenv, (NAME,))


def test_a_worker_asks_for_large_pages_and_its_parent_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    with starting():
        assert found_by_a_process() == VALUE
    assert NAME not in os.environ


def test_the_environment_is_left_alone_after_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    with pytest.raises(RuntimeError), starting():
        raise RuntimeError("a pool that breaks as it starts")
    assert NAME not in os.environ


def test_what_somebody_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "glibc.malloc.check=0")
    with starting():
        assert os.environ[NAME] == "glibc.malloc.check=0"
    assert os.environ[NAME] == "glibc.malloc.check=0"
