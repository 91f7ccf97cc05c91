"""Areas too small to speak of, merged with their neighbours in the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sousveil.scenario.context import Context
from sousveil.scenario.table_kinds import SMALLEST_AREA
from sousveil.scenario.tables import Row
from sousveil.scenario.tree import Node

Record = dict[str, Any]


def smallest_area(people: Node, context: Context) -> int:
    """People below which an area is merged: what the section world.people says, or 1,000."""
    entry = people.entries.get("smallest_area")
    value = entry.node.value if entry else None
    if entry is None or isinstance(value, bool) or not isinstance(value, int):
        return SMALLEST_AREA
    if value < SMALLEST_AREA:
        path, expected = "world.people.smallest_area", f"at least {SMALLEST_AREA:,}"
        context.findings.add("bounds", entry.node.location, path, f"{value:,}", expected)
    return max(value, SMALLEST_AREA)


@dataclass(frozen=True)
class _Placed:
    """A record and where it stands among all."""

    number: int
    record: Record


def merge_small(
    records: Sequence[Record], rows: Sequence[Row], floor: int, context: Context
) -> tuple[list[Record], tuple[str, ...]]:
    """Merge each area below the floor with the next of the same parent, else the one before.

    Returns the areas left, in their order, and a line for each merge.
    """
    by_parent: dict[str, list[_Placed]] = {}
    for number, record in enumerate(records):
        by_parent.setdefault(record["parent"], []).append(_Placed(number, record))
    left: list[_Placed] = []
    merged: list[tuple[int, str]] = []
    for placed in by_parent.values():
        kept = _within(placed, floor, merged)
        left += kept
        if len(kept) == 1 and kept[0].record["people"] < floor:
            _refuse_alone(kept[0], rows, floor, context)
    left.sort(key=lambda item: item.number)
    return [item.record for item in left], tuple(words for _, words in sorted(merged))


def _within(placed: list[_Placed], floor: int, merged: list[tuple[int, str]]) -> list[_Placed]:
    """Merge the areas of one parent; what became of each small one is noted."""
    kept: list[_Placed] = []
    small: _Placed | None = None
    for item in placed:
        if small is not None:
            merged.append((small.number, _line(small.record, item.record)))
            item = _Placed(item.number, joined(small.record, item.record))  # noqa: PLW2901
            small = None
        if item.record["people"] < floor:
            small = item
        else:
            kept.append(item)
    if small is None:
        return kept
    if not kept:
        return [small]
    merged.append((small.number, _line(small.record, kept[-1].record)))
    kept[-1] = _Placed(kept[-1].number, joined(small.record, kept[-1].record))
    return kept


def _line(small: Record, mate: Record) -> str:
    return f"{small['area']} ({small['people']} people) into {mate['area']}"


def _refuse_alone(item: _Placed, rows: Sequence[Row], floor: int, context: Context) -> None:
    mend = "merge it with another area before you publish the table"
    found = f"area {item.record['area']} with {item.record['people']} people"
    place = rows[item.number].place("people")
    context.findings.add("small-area", place, "people", found, f"at least {floor:,}", mend)


def joined(small: Record, mate: Record) -> Record:
    """Return the mate with the people of the small area; the small one's name does not survive."""
    cited = dict.fromkeys(
        part.strip() for record in (mate, small) for part in record["source"].split(";")
    )
    return {
        **mate,
        "people": mate["people"] + small["people"],
        "touches_border": mate["touches_border"] or small["touches_border"],
        "source": "; ".join(part for part in cited if part),
        "mix": _mixed(small, mate),
    }


def _mixed(small: Record, mate: Record) -> dict[str, float]:
    """Shares of both together, each by its people; an area without people has no say."""
    people = small["people"] + mate["people"]
    if not people:
        return mate["mix"]
    return {
        name: (small["people"] * small["mix"][name] + mate["people"] * share) / people
        for name, share in mate["mix"].items()
    }
