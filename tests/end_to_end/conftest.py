"""What runs that are disturbed are compared with, and who forks them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from support.runs import Forked, Image, Whole, arguments, results, run


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole") / "run"
    started = time.monotonic()
    done = run(folder)
    spent = time.monotonic() - started
    assert done.returncode == 0, done.stderr
    return Whole(folder, results(folder), spent)


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    made = Image()
    yield made
    made.close()


@pytest.fixture(scope="session")
def forked(tmp_path_factory: pytest.TempPathFactory, image: Image, whole: Whole) -> Forked:
    folder = tmp_path_factory.mktemp("forked") / "run"
    ended = image.run(arguments(folder))
    assert ended.code == 0, ended.said
    # A forked run is a run: the same bits as in a process of its own.
    assert results(folder) == whole.results
    report = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["seconds"]["report"]
    return Forked(ended, ended.seconds - report)
