"""Processes that die: nothing is lost, whoever kills is named, the rest completes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sousveil.ensemble.api import study_of
from sousveil.ensemble.execute import Pool
from sousveil.ensemble.stages import member_draws, member_tasks
from sousveil.ensemble.store import members_of, prepare
from sousveil.ensemble.study import RunFailure, Task
from sousveil.ensemble.work import Receipt
from sousveil.ensemble.worker import LARGE_PAGES, ONE_THREAD
from sousveil.scenario.load import load
from support.deadly import DEADLY, always_deadly, deadly, deadly_in_sending, deadly_once
from support.telling import TOLD, telling

pytestmark = pytest.mark.slow
MEMBERS = 9
OTHERS = [number for number in range(1, MEMBERS + 1) if number not in DEADLY]


def tried(
    folder: Path, action: Callable[[bytes, str, Task], Receipt]
) -> tuple[list[int], list[int], str]:
    """Members of which a receipt came, members on disk, and how it ended."""
    asked = study_of(load("example"), members=MEMBERS, what_ifs=["none"], engine="expected")
    prepare(folder, asked, resume=False)
    crew = Pool(asked, folder, 2, action)
    done: list[int] = []
    told = ""
    try:
        tasks = member_tasks(asked, member_draws(asked), [])
        done.extend(receipt.task.number for receipt in crew.run(tasks))
    except RunFailure as problem:
        told = str(problem)
    crew.close()
    return sorted(done), [item.number for item in members_of(folder)], told


def test_a_member_that_ends_every_process_is_named_and_the_rest_completes(tmp_path: Path) -> None:
    done, stored, told = tried(tmp_path, deadly)
    assert done == stored == OTHERS
    assert told.startswith("member 3: every worker process that took it ended")
    assert "\n" not in told


def test_a_process_that_ended_once_costs_nothing(tmp_path: Path) -> None:
    done, stored, told = tried(tmp_path, deadly_once)
    assert done == stored == list(range(1, MEMBERS + 1))
    assert not told


def test_a_process_that_ends_while_it_sends_holds_up_nobody(tmp_path: Path) -> None:
    done, stored, told = tried(tmp_path, deadly_in_sending)
    assert done == stored == list(range(1, MEMBERS + 1))
    assert not told
    assert not list(tmp_path.glob(".*.partial")), "what was being sent is thrown away"


def test_where_no_process_finishes_anything_the_run_ends_soon(tmp_path: Path) -> None:
    done, stored, told = tried(tmp_path, always_deadly)
    assert done == stored == []
    assert "none finished anything" in told


def test_a_pool_that_is_left_at_work_leaves_no_thread(tmp_path: Path) -> None:
    # Python's own end would write to it while it closes its pipe, and print a traceback.
    asked = study_of(load("example"), members=MEMBERS, what_ifs=["none"], engine="expected")
    prepare(tmp_path, asked, resume=False)
    before = set(threading.enumerate())
    crew = Pool(asked, tmp_path, 2)
    receipts = iter(crew.run(member_tasks(asked, member_draws(asked), [])))
    next(receipts)
    crew.close()
    assert not [t for t in threading.enumerate() if t not in before and not t.daemon]


def test_a_process_has_large_pages_and_one_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LARGE_PAGES[0], raising=False)
    assert tried(tmp_path, telling)[0] == list(range(1, MEMBERS + 1))
    told = (tmp_path / TOLD).read_text(encoding="utf-8").splitlines()
    assert {"=".join(LARGE_PAGES), *(f"{name}=1" for name in ONE_THREAD)} <= set(told)
