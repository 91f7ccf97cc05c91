"""What the rows of a run look like, numbers aside: the same in every run of its kind.

Words, order and cells of a table follow from the names that its measures tell; they are found once,
and each run puts its numbers beside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

import numpy as np
import polars as pl

from sousveil.arrays import Bools, Ints
from sousveil.measuring.base import Measure
from sousveil.measuring.cells import Cells
from sousveil.measuring.plan import Plan
from sousveil.measuring.results import Words

NUMBERS: tuple[str, ...] = ("numerator", "denominator", "value", "chance_sd")
IDENTITY = ("measure", "what_if", "channel", "act", "category", "area", "group", "period")
TEXT = (*IDENTITY, "label", "unit")
COLUMNS = (*TEXT, *NUMBERS, "stands_for")
"""The columns of the table that `tabulate` fills: what the gate takes as cells."""


@dataclass(frozen=True, eq=False)
class Form:
    """The rows of a run.

    words: columns of text. item: (R,) place of every row among the items, the plan's first and then
    those told with their numbers, or -1 - its place among results that are one number, the plan's
    first. cell: (R,) its place among `cells`, the cells that any of them needs. against: (R,)
    whether a group is held against everybody else. people: (R,) number of the cell whose people
    stand behind it, -1 for none.
    """

    words: pl.DataFrame
    item: Ints
    cell: Ints
    against: Bools
    cells: tuple[int, ...]
    people: Ints


@lru_cache(maxsize=2)
def words_of(forms: tuple[Form, ...]) -> pl.DataFrame:
    """The columns of text of several runs; those of the next member are mostly the same."""
    return pl.concat([form.words for form in forms], rechunk=True)


@lru_cache(maxsize=128)
def form_of(
    plan: Plan,
    cells: Cells,
    what_if: str,
    labels: tuple[str, ...],
    told: tuple[tuple[Words, ...], ...],
) -> Form:
    """The form of a run.

    labels: of the items, the plan's first. told: words of each measure that looks at numbers.
    """
    others = iter(told)
    maker = _Maker(plan, cells, what_if, labels)
    for measure in plan.measures:
        alone = measure.names_alone
        maker.add(measure, plan.words[measure.identifier] if alone else next(others))
    return maker.made()


class _Maker:
    """Makes one form, row by row."""

    def __init__(self, plan: Plan, cells: Cells, what_if: str, labels: tuple[str, ...]) -> None:
        """Begin without a row."""
        self._cells, self._against = cells, frozenset(plan.others.tolist())
        self._what_if, self._labels = what_if, labels
        self._text: dict[str, list[str]] = {name: [] for name in TEXT}
        self._items: list[int] = []
        self._places: list[int] = []
        self._people: list[int] = []
        self._numbers = {True: count(), False: count(len(plan.top))}
        self._singles = {True: count(), False: count(len(plan.singles))}

    def add(self, measure: Measure, every: Iterable[Words]) -> None:
        """Add the rows of a measure."""
        for words in every:
            words = words._replace(unit=words.unit or measure.unit)
            if not words.split:
                cell = self._cells.places.get((words.area, words.group), -1)
                single = next(self._singles[measure.names_alone])
                self._add(-1 - single, 0, cell, measure, words)
                continue
            item = next(self._numbers[measure.names_alone])
            for cell in measure.chosen(self._cells, words.split):
                area, group = self._cells.labels[cell]
                named = words._replace(area=area, group=group, label=self._labels[item])
                self._add(item, cell, cell, measure, named)

    def _add(self, item: int, place: int, people: int, measure: Measure, words: Words) -> None:
        """Add one row."""
        self._items.append(item)
        self._places.append(place)
        self._people.append(people)
        self._text["measure"].append(measure.identifier)
        self._text["what_if"].append(self._what_if)
        for name, column in self._text.items():
            if name not in ("measure", "what_if"):
                column.append(getattr(words, name))

    def made(self) -> Form:
        """The form."""
        cells = sorted({*self._places, 0})
        place = {cell: number for number, cell in enumerate(cells)}
        return Form(
            words=pl.DataFrame(self._text, schema=dict.fromkeys(TEXT, pl.String)),
            item=np.array(self._items, dtype=np.int64),
            cell=np.array([place[cell] for cell in self._places], dtype=np.int64),
            against=np.array([item in self._against for item in self._items], dtype=np.bool_),
            cells=tuple(cells),
            people=np.array(self._people, dtype=np.int64),
        )
