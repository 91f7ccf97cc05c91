"""The marks of an act, enumerated jointly by the state of the power."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sousveil.arrays import Floats
from sousveil.engine.expected.prepare import Prepared
from sousveil.processes import Act, Mark


@dataclass(frozen=True)
class Marks:
    """Joint probabilities of the marks of an act.

    table: (J, A, *categories), one axis per mark in order; J = 1 where power plays no part.
    """

    marks: tuple[Mark, ...]
    table: Floats

    def allowed(self, when: Mapping[str, tuple[str, ...]]) -> Floats:
        """(combinations,) one where the marks are among those named, zero elsewhere."""
        result = np.ones(1)
        for mark in self.marks:
            wanted = when.get(mark.name)
            inside = [1.0 if wanted is None or c in wanted else 0.0 for c in mark.categories]
            result = np.multiply.outer(result, np.array(inside)).reshape(-1)
        return result

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
    names = [mark.name for mark in act.marks]
    areas = len(prepared.persons)
    depends = bool(mark_lines(prepared, act))
    tables: list[Floats] = []
    for state in range(2 ** len(lines) if depends else 1):
        joint = np.ones((areas, *[len(mark.categories) for mark in act.marks]))
        for place, mark in enumerate(act.marks):
            chosen = mark.table_on
            if mark.line and mark.table_on is not mark.table_off:
                line = lines.index(prepared.world.power.lines.index(mark.line))
                chosen = mark.table_on if state >> line & 1 else mark.table_off
            joint = joint * _spread(
                chosen, [names.index(name) for name in mark.given], place, joint
            )
        tables.append(joint)
    return Marks(act.marks, np.stack(tables))


def _spread(table: Floats, given: list[int], own: int, joint: Floats) -> Floats:
    """A mark's table (A, *given, own) with its axes where the joint table has them."""
    axes = [*given, own]
    order = np.argsort(axes)
    moved = np.transpose(table, [0, *(1 + order).tolist()])
    shape = [joint.shape[0]] + [1] * (joint.ndim - 1)
    for axis in axes:
        shape[1 + axis] = joint.shape[1 + axis]
    return moved.reshape(shape)
