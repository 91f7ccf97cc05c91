"""What the rows of a run look like, numbers aside: the same in every run of its kind.

Words, order and cells of a table follow from the names that its measures tell; they are found once,
and each run puts its numbers beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, count

import numpy as np
import polars as pl

from sousveil.arrays import Floats, Ints
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

    words: columns of text. item, cell: (R,) of every row of an item, its place among the items, the
    plan's first and then those told with their numbers, and among `cells`, the cells that any of
    them needs. others: places among these rows of those of a group against everybody else, item by
    item. order: (rows,) place of every row of the table among those of items, of the plan's
    singles, of values told. people: (rows,) number of the cell whose people stand behind it, -1 for
    none.
    """

    words: pl.DataFrame
    item: Ints
    cell: Ints
    others: Ints
    cells: tuple[int, ...]
    order: Ints
    people: Ints

    def numbers(self, blocks: Floats, stands_for: Floats) -> Floats:
        """(5, rows) columns of numbers: `NUMBERS`, and the people behind each row.

        blocks: (4, rows) before they are put in order; stands_for: (all cells,).
        """
        people = np.append(stands_for, 0.0)[self.people]
        return np.concatenate([blocks[:, self.order], people[None]])


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
    """Makes one form: every row is one of a block of numbers."""

    def __init__(self, plan: Plan, cells: Cells, what_if: str, labels: tuple[str, ...]) -> None:
        """Begin without a row."""
        self._plan, self._cells = plan, cells
        self._what_if, self._labels = what_if, labels
        self._text: dict[str, list[str]] = {name: [] for name in TEXT}
        self._rows: list[tuple[str, int]] = []
        self._sizes = Counter[str]()
        self._people: list[int] = []
        self._numbers = {True: count(), False: count(len(plan.top))}
        self._items: list[tuple[int, int]] = []

    def add(self, measure: Measure, every: Iterable[Words]) -> None:
        """Add the rows of a measure."""
        for words in every:
            words = words._replace(unit=words.unit or measure.unit)
            if not words.split:
                cell = self._cells.places.get((words.area, words.group), -1)
                block = "singles" if measure.names_alone else "values"
                self._add(block, measure, cell, words)
                continue
            item = next(self._numbers[measure.names_alone])
            for cell in measure.chosen(self._cells, words.split):
                area, group = self._cells.labels[cell]
                named = words._replace(area=area, group=group, label=self._labels[item])
                self._items.append((item, cell))
                self._add("items", measure, cell, named)

    def _add(self, block: str, measure: Measure, cell: int, words: Words) -> None:
        """Add one row; its number is the next one of a block."""
        self._rows.append((block, self._sizes[block]))
        self._sizes[block] += 1
        self._people.append(cell)
        self._text["measure"].append(measure.identifier)
        self._text["what_if"].append(self._what_if)
        for name, column in self._text.items():
            if name not in ("measure", "what_if"):
                column.append(getattr(words, name))

    def made(self) -> Form:
        """The form."""
        item, cell = np.array(self._items, dtype=np.int64).reshape(-1, 2).T
        against = np.isin(item, self._plan.others)
        cells = sorted({*cell.tolist(), 0})
        place = np.zeros(len(self._cells.labels), dtype=np.int64)
        place[cells] = np.arange(len(cells))
        blocks = ("items", "singles", "values")
        starts = accumulate((self._sizes[block] for block in blocks), initial=0)
        first = dict[str, int](zip(blocks, starts, strict=False))
        return Form(
            words=pl.DataFrame(self._text, schema=dict.fromkeys(TEXT, pl.String)),
            item=item,
            cell=place[cell],
            others=np.flatnonzero(against),
            cells=tuple(cells),
            order=np.array([first[block] + row for block, row in self._rows], dtype=np.int64),
            people=np.array(self._people, dtype=np.int64),
        )
