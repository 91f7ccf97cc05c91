"""The marks of an act, enumerated jointly by the state of the power."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TypeAlias

import numpy as np

from sousveil.arrays import Floats
from sousveil.engine.expected.prepare import Prepared
from sousveil.processes import Act, Mark
from sousveil.remembered import remembered

Outline: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Marks by name, each with its categories."""
When: TypeAlias = Outline
"""The categories that are wanted of some marks."""


@dataclass(frozen=True)
class Marks:
    """Joint probabilities of the marks of an act.

    table: (J, A, *categories), one axis per mark in order; J = 1 where power plays no part.
    """

    marks: tuple[Mark, ...]
    table: Floats

    @cached_property
    def _outline(self) -> Outline:
        return tuple((mark.name, mark.categories) for mark in self.marks)

    def allowed(self, when: Mapping[str, tuple[str, ...]]) -> Floats:
        """(combinations,) one where the marks are among those named, zero elsewhere."""
        return _allowed(self._outline, tuple(when.items()))

    def all_allowed(self, whens: Iterable[Mapping[str, tuple[str, ...]]]) -> Floats:
        """(2^(n - 1), combinations) the same of the first, and all of each subset of the others."""
        return _all_allowed(self._outline, tuple(tuple(when.items()) for when in whens))

    def singly(self) -> Floats:
        """(categories, combinations) one where a mark is of a category, mark by mark."""
        return _singly(self._outline)

    def probability(self, filters: Floats) -> Floats:
        """(J, A, n) probability that the marks pass each of the filters (n, combinations)."""
        states, areas = self.table.shape[:2]
        return self.table.reshape(states, areas, -1) @ filters.T


def mark_lines(prepared: Prepared, act: Act) -> set[int]:
    """Lines on which the marks of an act depend."""
    lines = prepared.world.power.lines
    return {lines.index(m.line) for m in act.marks if m.line and m.table_on is not m.table_off}


def joint_marks(prepared: Prepared, act: Act, lines: tuple[int, ...]) -> Marks:
    """Enumerate the marks of an act; `lines` are those of the joint power states."""
    if not act.marks:
        return _no_marks(len(prepared.persons))
    names = tuple(prepared.world.power.lines[line] for line in lines)
    if not mark_lines(prepared, act):
        names = ()
    return Marks(act.marks, _joint_table(act.marks, names, len(prepared.persons)))


@lru_cache(maxsize=256)
def _allowed(outline: Outline, when: When) -> Floats:
    """(combinations,) one where marks, given by name and categories, are among those named."""
    result, named = np.ones(1), dict(when)
    for mark, categories in outline:
        wanted = named.get(mark)
        inside = [1.0 if wanted is None or c in wanted else 0.0 for c in categories]
        result = np.multiply.outer(result, np.array(inside)).reshape(-1)
    result.setflags(write=False)
    return result


@lru_cache(maxsize=64)
def _all_allowed(outline: Outline, whens: tuple[When, ...]) -> Floats:
    """As `Marks.all_allowed`."""
    result = _allowed(outline, whens[0])[None, :]
    for when in whens[1:]:
        result = np.concatenate([result, result * _allowed(outline, when)])
    result.setflags(write=False)
    return result


@lru_cache(maxsize=64)
def _singly(outline: Outline) -> Floats:
    """As `Marks.singly`."""
    names = [(mark, category) for mark, categories in outline for category in categories]
    result = np.stack([_allowed(outline, ((mark, (category,)),)) for mark, category in names])
    result.setflags(write=False)
    return result


@cache
def _no_marks(areas: int) -> Marks:
    """The marks of an act that has none."""
    return Marks((), np.ones((1, areas)))


@remembered(16)
def _joint_table(marks: tuple[Mark, ...], lines: tuple[str, ...], areas: int) -> Floats:
    """(J, A, *categories) joint probabilities of marks in the joint states of some lines."""
    names = [mark.name for mark in marks]
    tables: list[Floats] = []
    for state in range(2 ** len(lines)):
        joint = np.ones((areas, *[len(mark.categories) for mark in marks]))
        for place, mark in enumerate(marks):
            chosen = mark.table_on
            if mark.line and mark.table_on is not mark.table_off:
                line = lines.index(mark.line)
                chosen = mark.table_on if state >> line & 1 else mark.table_off
            joint = joint * _spread(
                chosen, [names.index(name) for name in mark.given], place, joint
            )
        tables.append(joint)
    result = np.stack(tables)
    result.setflags(write=False)
    return result


def _spread(table: Floats, given: list[int], own: int, joint: Floats) -> Floats:
    """A mark's table (A, *given, own) with its axes where the joint table has them."""
    axes = [*given, own]
    order = np.argsort(axes)
    moved = np.transpose(table, [0, *(1 + order).tolist()])
    shape = [joint.shape[0]] + [1] * (joint.ndim - 1)
    for axis in axes:
        shape[1 + axis] = joint.shape[1 + axis]
    return moved.reshape(shape)
