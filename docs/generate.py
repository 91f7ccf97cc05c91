"""Pages of the reference that are written out of the code, so that they cannot drift from it.

`conf.py` calls this at each build; git ignores what is written.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from sousveil.channels import channels
from sousveil.channels.base import Channel
from sousveil.measures import measures
from sousveil.measuring.base import Measure
from sousveil.processes import Sensitivity
from sousveil.quantity import FieldSpec
from sousveil.scenario.sections import Slot, describe, walk


def write(folder: Path) -> None:
    """Write every generated page into a folder; a page that has not changed is left alone."""
    for name, text in (("channels.md", channel_page()), ("measures.md", measure_page())):
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")


def channel_page() -> str:
    """One section a channel: what it cannot show, and what a scenario says about it."""
    head = (
        "# Channels\n\nA channel is one way in which a state comes to know. What it is made of "
        "stands in a scenario under `channels`, each number with its source.\n"
    )
    return "\n".join([head, *(_channel(item) for item in channels().values())])


def _channel(channel: Channel) -> str:
    limits = "\n".join(f"- {sentence}" for sentence in channel.limits)
    rows = "\n".join(
        _row(
            f"`{path[1:]}`", _meaning(slot.spec), slot.spec.unit, _allowed(slot.spec), _absent(slot)
        )
        for path, slot in walk(describe(channel.parameters), "")
    )
    return (
        f"## {channel.title}\n\n`channels.{channel.name}`: {channel.layer}. "
        f"{channel.parameters.__doc__}\n\n:::{{admonition}} Cannot show\n{limits}\n:::\n\n"
        f"{_row('field', 'meaning', 'unit', 'allowed', 'if left out')}\n"
        f"{_row('---', '---', '---', '---', '---')}\n{rows}\n"
    )


def _meaning(spec: FieldSpec) -> str:
    by = {"": "", "free": " One for each key."}.get(spec.by, f" One for each {spec.by}.")
    return f"{spec.doc}{by}"


def _allowed(spec: FieldSpec) -> str:
    if spec.choices:
        return ", ".join(spec.choices)
    if spec.form == "setting":
        return ""
    if math.isfinite(spec.high):
        return f"{spec.low:g} to {spec.high:g}"
    return f"from {spec.low:g}" if math.isfinite(spec.low) else ""


def _absent(slot: Slot) -> str:
    if slot.required:
        return "needed"
    value = slot.default if slot.spec.absent is None else slot.spec.absent
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return f"{value:g}" if math.isfinite(value) else "no limit"
    return str(value or "empty")


def measure_page() -> str:
    """One table: what each number means, its unit, by what it may leave."""
    head = (
        "# Measures\n\nThe numbers of `measures.csv` and of the report. *May be split by*: a value "
        "leaves by these and by no other, and never for few people. *Harm*: more of it is worse "
        "for people.\n"
    )
    rows = [_row(*_measure(item)) for item in measures().values()]
    titles = ("measure", "meaning", "unit", "may be split by", "remarks")
    return "\n".join([head, _row(*titles), _row(*("---" for _ in titles)), *rows, ""])


def _measure(measure: Measure) -> tuple[str, ...]:
    meaning = f"{measure.title}."
    if measure.category:
        meaning += f" Category: {measure.category}."
    split = ", ".join(measure.dimensions) or "nothing"
    return f"`{measure.identifier}`", meaning, measure.unit, split, "; ".join(_remarks(measure))


def _remarks(measure: Measure) -> Iterator[str]:
    if measure.harm:
        yield "harm"
    if measure.contrast:
        yield "leaves only as a difference between what-ifs"
    if measure.sensitivity is Sensitivity.BORDER:
        yield "of the whole border and year"
    if not measure.protected:
        yield "not stated where the act is a human right"
    if measure.no_chance:
        yield f"no chance part: {measure.no_chance}"


def _row(*cells: str) -> str:
    escaped = (cell.replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"
