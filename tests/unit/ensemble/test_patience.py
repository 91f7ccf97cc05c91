"""Tasks that end their worker: tried alone, named, and no obstacle for the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sousveil.ensemble.patience import HOPELESS, NOTHING_WORKS, patiently
from sousveil.ensemble.study import RunFailure, Task
from sousveil.ensemble.work import Receipt

ROOM = 4


class Crew:
    """Tasks in batches; a deadly one takes its whole batch with it."""

    def __init__(self, deadly: set[int], gives_up: bool = False) -> None:
        self.deadly = deadly
        self.gives_up = gives_up
        self.tried: list[int] = []

    def some(
        self, queue: Iterator[Task], suspects: list[Task], room: int | None
    ) -> Iterator[Receipt]:
        while batch := [task for _, task in zip(range(room or ROOM), queue, strict=False)]:
            self.tried += [task.number for task in batch]
            if self.deadly & {task.number for task in batch}:
                suspects += batch
                if self.gives_up:
                    return
            else:
                yield from (Receipt(task) for task in batch)


def tried(crew: Crew, count: int) -> tuple[list[int], str]:
    done: list[int] = []
    try:
        tasks = [Task("member", number, number) for number in range(1, count + 1)]
        done.extend(receipt.task.number for receipt in patiently(tasks, crew.some))
    except RunFailure as problem:
        return sorted(done), str(problem)
    return sorted(done), ""


def test_whoever_was_at_work_beside_a_deadly_task_is_done_alone() -> None:
    done, told = tried(Crew({2, 11}), 13)
    assert done == [1, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13]
    assert told.startswith("member 2, member 11: every worker process that took it ended")
    assert "all others are finished" in told


def test_without_deadly_tasks_nothing_is_tried_twice() -> None:
    crew = Crew(set())
    assert tried(crew, 9) == (list(range(1, 10)), "")
    assert crew.tried == list(range(1, 10))


def test_what_is_left_in_the_queue_is_done_one_by_one() -> None:
    done, told = tried(Crew({1}, gives_up=True), 9)
    assert done == list(range(2, 10))
    assert told.startswith("member 1: ")


@pytest.mark.parametrize(("before", "limit"), [(0, NOTHING_WORKS), (ROOM, HOPELESS)])
def test_when_everything_dies_the_run_ends_soon(before: int, limit: int) -> None:
    crew = Crew(set(range(before + 1, 1000)))
    done, told = tried(crew, 200)
    assert done == list(range(1, before + 1))
    assert told.count("member ") >= min(limit, 8)
    assert "all others are finished" not in told
    assert len(crew.tried) == 200 + limit
    assert ("none finished anything" in told) == (before == 0)
