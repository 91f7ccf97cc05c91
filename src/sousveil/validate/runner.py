"""Runs a case: draws its uncertain inputs, asks the model, judges every output."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from sousveil.errors import Problem, Problems, close_to, listed
from sousveil.quantity import Quantity
from sousveil.scenario.sections import describe
from sousveil.validate.judge import judge
from sousveil.validate.model import (
    RANGES,
    Apart,
    Case,
    Judged,
    Line,
    Number,
    Output,
    Place,
    Refused,
    Run,
)

DRAWS = 256
"""Draws of the uncertain inputs: a low-discrepancy sequence, the same every time."""
TAIL = 0.025
_YEAR = 2000
_CENTRE = 0.5


def run_case(case: Case) -> Judged:
    """Run a case.

    Raises Problems where it expects an output that its procedure does not give.
    """
    lines: list[Line] = []
    problems: list[Problem] = []
    for run in case.runs:
        found = outputs(run, case.place)
        for expectation in run.expectations:
            output = found.get(expectation.output) or found.get("")
            if output is None:
                problems.append(_unknown(run, expectation.output, expectation.location, found))
            else:
                lines.append(judge(case.id, run.name, expectation, output))
    if problems:
        raise Problems(problems)
    return Judged(case, tuple(lines))


def outputs(run: Run, place: Place) -> Mapping[str, Output]:
    """What the model gives, with an interval where inputs are uncertain.

    Readings that contradict one another give readings. A refusal stands under "", for every output.
    """
    if run.refused:
        return {"": Refused(run.refused)}
    try:
        central = run.procedure.run(_drawn(run, {}, {}), place)
        split = [path for path, item in run.quantities.items() if item.readings]
        if split:
            return _apart(run, split[0], place)
        uncertain = [path for path, item in run.quantities.items() if not item.certain]
        if not uncertain:
            return central
        drawn = [
            run.procedure.run(_drawn(run, dict(zip(uncertain, point, strict=True)), {}), place)
            for point in _points(len(uncertain))
        ]
    except ValueError as error:
        return {"": Refused(" ".join(str(error).split()))}
    return {
        name: _with_range(output, [one[name] for one in drawn]) for name, output in central.items()
    }


def _drawn(run: Run, levels: Mapping[str, float], selectors: Mapping[str, float]) -> Any:
    """Parameters of the procedure, each quantity at its level (0.5 unless given)."""
    values: dict[str, Any] = dict(run.settings)
    for slot in describe(run.procedure.parameters).slots:
        if slot.spec.form == "quantities":
            given = _keys(run.quantities, slot.name)
            if given or slot.required:
                values[slot.name] = {
                    key: _value(item, path, levels, selectors) for key, path, item in given
                }
        elif slot.name in run.quantities:
            values[slot.name] = _value(run.quantities[slot.name], slot.name, levels, selectors)
    return run.procedure.parameters(**values)


def _keys(quantities: Mapping[str, Quantity], name: str) -> list[tuple[str, str, Quantity]]:
    """(key, path, quantity) of a mapping field."""
    start = f"{name}."
    return [
        (path[len(start) :], path, item)
        for path, item in quantities.items()
        if path.startswith(start)
    ]


def _value(
    item: Quantity, path: str, levels: Mapping[str, float], selectors: Mapping[str, float]
) -> float:
    return item.value(levels.get(path, _CENTRE), selectors.get(path, math.nan), _YEAR)


def _apart(run: Run, path: str, place: Place) -> Mapping[str, Output]:
    """Every output once for each reading of an input; nothing is averaged."""
    readings = run.quantities[path].readings
    weights = [reading.weight for reading in readings]
    found: list[tuple[str, Mapping[str, Output]]] = []
    for index, reading in enumerate(readings):
        middle = (sum(weights[:index]) + weights[index] / 2.0) / sum(weights)
        found.append((reading.label, run.procedure.run(_drawn(run, {}, {path: middle}), place)))
    result: dict[str, Output] = {}
    for name, output in found[0][1].items():
        values = [
            (label, other.values[0])
            for label, each in found
            if isinstance(other := each[name], Number)
        ]
        result[name] = Apart(tuple(values)) if len({v for _, v in values}) > 1 else output
    return result


def _with_range(output: Output, drawn: list[Output]) -> Output:
    """A number with the range that its inputs imply; one that has an exact interval keeps it."""
    if not isinstance(output, Number) or output.basis or len(output.values) != 1:
        return output
    values = sorted(one.values[0] for one in drawn if isinstance(one, Number))
    if not values or values[0] == values[-1]:
        return output
    low, high = (_quantile(values, level) for level in (TAIL, 1.0 - TAIL))
    return Number(output.values, low, high, RANGES)


def _quantile(ordered: list[float], level: float) -> float:
    place = level * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _points(dimensions: int) -> Iterator[tuple[float, ...]]:
    """Points of the cube: the additive sequence of the generalised golden ratio.

    Source: Roberts 2018, The unreasonable effectiveness of quasirandom sequences.
    """
    ratio = 1.5
    for _ in range(60):
        ratio = (1.0 + ratio) ** (1.0 / (dimensions + 1.0))
    steps = [ratio ** -(axis + 1.0) for axis in range(dimensions)]
    for index in range(1, DRAWS + 1):
        yield tuple((_CENTRE + index * step) % 1.0 for step in steps)


def _unknown(run: Run, name: str, place: Any, found: Mapping[str, Output]) -> Problem:
    expected = f"an output of {run.procedure.name}: {listed(found)}"
    path = f"runs.{run.name}.expect.{name}"
    return Problem("unknown-name", place, path, name, expected, "", close_to(name, found))
