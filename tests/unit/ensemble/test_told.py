"""Stages that overlap are told one after another, each step once."""

from __future__ import annotations

from sousveil.ensemble.execute import Clock, Told


class Heard:
    """Progress that writes down what it is told."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int]] = []
        self.steps: list[int] = []

    def stage(self, name: str, total: int) -> None:
        self.stages.append((name, total))
        self.steps.append(0)

    def advance(self, steps: int = 1) -> None:
        self.steps[-1] += steps

    def say(self, sentence: str) -> None:
        raise AssertionError(sentence)


def test_a_stage_begins_when_all_before_it_are_done() -> None:
    heard, clock = Heard(), Clock()
    told = Told(heard, clock, {"one": 2, "none": 0, "two": 1, "three": 2})
    assert heard.stages == [("one", 2)]
    for name in ("three", "one", "two"):
        told.advance(name)
    assert (heard.stages, heard.steps) == ([("one", 2)], [1])
    told.advance("one")
    assert heard.stages == [("one", 2), ("two", 1), ("three", 2)]
    assert heard.steps == [2, 1, 1]
    assert set(clock.seconds) == {"one", "two"}
    told.advance("three")
    assert heard.steps == [2, 1, 2]
    assert set(clock.seconds) == {"one", "two", "three"}


def test_nothing_to_do_is_told_by_no_word() -> None:
    heard = Heard()
    Told(heard, Clock(), {"one": 0})
    assert heard.stages == []
