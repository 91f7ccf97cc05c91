"""The one gate: statistics leave through `release`, person rows do not.

Only this module makes a `Released`.

Everything that writes takes a `Released`, so that the type checker proves that nothing passes by.
The gate has three verbs, driven by data: it drops or coarsens dimensions, it suppresses cells
that stand for fewer than 1,000 people, and it lets measures of class `border` leave only as
contrasts of the whole border and year. Nothing is jittered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass
from types import MappingProxyType
from typing import Final, TypeAlias, final

import numpy as np
import polars as pl
import polars.selectors as cs

from sousveil.arrays import Bools
from sousveil.columns import IDENTITY as IDENTITY
from sousveil.columns import INTERNAL, REPEATED, TEXT
from sousveil.columns import KINDS as KINDS
from sousveil.processes import Sensitivity

MINIMUM_PERSONS: Final = 1_000
"""A cell that stands for fewer people does not leave."""

PREFIX_OF_HOURS: Final = "hour:"
BORDER_WORDS: Final = frozenset({"border"})
"""Categories that speak of the border in any scenario."""


class ReleaseError(ValueError):
    """A table that is not of a declared kind, or that names a measure which nobody declared."""


@dataclass(frozen=True)
class Rule:
    """By what one measure may leave.

    dimensions: names out of channel, act, category, area, group, period. crossed: area and group
    at once. protected: whether it may be stated of an act that is a right. contrast: it is a
    paired difference, or a share of a change, between what-ifs. profile: its periods may be hours
    of the day (national, all groups).
    """

    dimensions: frozenset[str]
    sensitivity: Sensitivity = Sensitivity.OPEN
    crossed: bool = False
    protected: bool = True
    contrast: bool = False
    profile: bool = False


@dataclass(frozen=True)
class Rules:
    """What the gate is driven by: measures, acts, places.

    acts: act or allegation -> sensitivity; one that is not named counts as protected. parents:
    area -> its coarser area. closed: a closed country, where the coarser area is the finest that
    leaves. border_words: categories that speak of the border (a power line, a setting, a use),
    which leave for the whole of it and the year alone.
    """

    measures: Mapping[str, Rule]
    acts: Mapping[str, Sensitivity]
    parents: Mapping[str, str]
    closed: bool = True
    border_words: frozenset[str] = BORDER_WORDS


_PEOPLE: Final = pl.col("stands_for").cast(pl.Float64).fill_nan(None)
"""People behind a row, null where nobody knows how many: a NaN would pass for more than any."""
RuleOfRow: TypeAlias = Callable[[Callable[[Rule], bool]], pl.Expr]
"""What the rules of a table's measures say, row by row."""


class _Seal:
    """Private to this module: whoever holds it may make a Released."""


_SEAL: Final = _Seal()


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Released:
    """A table that has passed the gate.

    Kind: a key of KINDS. notes: what the gate did, verb -> rows.
    """

    _table: pl.DataFrame
    kind: str
    notes: Mapping[str, int]
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        """Refuse whoever is not the gate."""
        if seal is not _SEAL:
            raise TypeError("only sousveil.release.release makes a Released")

    def __repr__(self) -> str:
        """Say what it is, not what it holds."""
        return f"Released({self.kind}, {self._table.height} rows)"

    def __reduce__(self) -> str:
        """Refuse to travel: a copy from elsewhere could not be trusted to have passed the gate."""
        raise TypeError("a Released is not pickled: write it, read it, release it again")

    @property
    def frame(self) -> pl.DataFrame:
        """A copy of the table, so that nobody can change what was released."""
        return self._table.with_columns(cs.enum().cast(pl.String))

    @property
    def coded(self) -> pl.DataFrame:
        """The same, its words as numbers beside a list where the gate has judged them before."""
        return self._table.clone()


def release(table: pl.DataFrame, rules: Rules) -> Released:
    """Pass a table through the gate.

    table: identity, `stands_for` (people behind the row) and exactly the columns of one kind.
    Raises ReleaseError on any other column and on a measure without a rule.
    """
    kind, notes = _kind_of(table), dict[str, int]()
    left = _may_leave(table, rules, notes)
    return _passed(table.filter(pl.Series(left)), rules, kind, notes)


def _passed(table: pl.DataFrame, rules: Rules, kind: str, notes: dict[str, int]) -> Released:
    """Let out what is left of a table by its words: coarsened, small cells suppressed."""
    table = _coarsen_areas(table, rules, kind, notes)
    return _let_out(_suppress(table, rules, kind, notes), kind, notes)


def _let_out(table: pl.DataFrame, kind: str, notes: dict[str, int]) -> Released:
    """What has passed all three verbs, without what only the gate looks at."""
    columns = [*IDENTITY, *(name for name in KINDS[kind] if name not in INTERNAL)]
    if kind in {"cells", "drivers"}:
        columns.append("stands_for")
    return Released(table.select(columns), kind, MappingProxyType(notes), _SEAL)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Judged:
    """What a table may say by its words alone, for many tables of these very words.

    The words that leave are the gate's own copy of those that it judged, each once in a list:
    whatever becomes of the frame that it was given, no others pass. Numbers are looked at in every
    table. finer: whether there are areas to coarsen.
    """

    _words: pl.DataFrame
    _left: Bools
    _finer: bool
    _rules: Rules
    _notes: Mapping[str, int]
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        """Refuse whoever is not the gate."""
        if seal is not _SEAL:
            raise TypeError("only sousveil.release.judge makes a Judged")

    def __reduce__(self) -> str:
        """Refuse to travel, as a Released does."""
        raise TypeError("a Judged is not pickled: judge the words again")

    def release(self, numbers: pl.DataFrame) -> Released:
        """Pass a table, its numbers row by row beside the words, as `release` would.

        Raises ReleaseError where numbers and words are no such table.
        """
        if numbers.height != len(self._left):
            raise ReleaseError(f"{numbers.height} rows of numbers for {len(self._left)} of words")
        numbers = numbers.filter(pl.Series(self._left))
        table, notes = self._words.hstack(numbers), dict(self._notes)
        kind = _kind_of(table)
        if self._finer or _few(table).any():
            table = table.with_columns(cs.enum().cast(pl.String))
            return _passed(table, self._rules, kind, notes)
        return _let_out(table, kind, notes)


def judge(words: pl.DataFrame, rules: Rules) -> Judged:
    """Judge the columns of words of a table, the identity among them.

    Raises ReleaseError on a measure without a rule.
    """
    own, notes = words.clone(), dict[str, int]()
    left = _may_leave(own, rules, notes)
    own = own.filter(pl.Series(left))
    finer = own.select(_finer(rules).fill_null(value=True).any()).item()
    coded = own.with_columns(
        column.cast(pl.Enum(column.drop_nulls().unique(maintain_order=True)))
        for column in own.select(cs.string()).iter_columns()
    )
    return Judged(coded, left, finer, rules, MappingProxyType(notes), _SEAL)


def release_again(table: pl.DataFrame, rules: Rules) -> Released:
    """Pass a summary that was read back from a file through the gate once more.

    A file does not say how many people stand behind a row, so rows by area are dropped, and the
    caller shows by a hash that the gate wrote the rest. Raises ReleaseError as `release` does.
    """
    expected = {name: pl.String() for name in (*IDENTITY, *KINDS["summary"])}
    expected |= {"value": pl.Float64(), "members": pl.Int64()}
    if dict(table.schema) != expected:
        raise ReleaseError(f"no summary that a gate wrote: it has {', '.join(expected)}")
    whole = table.filter(pl.col("area") == "")
    again = release(whole.with_columns(stands_for=pl.lit(float(MINIMUM_PERSONS))), rules)
    dropped = {"area": table.height - whole.height} if whole.height < table.height else {}
    return Released(again.frame, "summary", MappingProxyType({**again.notes, **dropped}), _SEAL)


def _kind_of(table: pl.DataFrame) -> str:
    present = set(table.columns)
    for kind, columns in KINDS.items():
        if present == {*IDENTITY, *columns, "stands_for"}:
            return kind
    expected = "; or ".join(f"{kind}: {', '.join(columns)}" for kind, columns in KINDS.items())
    known = {*IDENTITY, "stands_for"}.union(*KINDS.values())
    strangers = sorted(present - known)
    found = f"unknown columns {', '.join(strangers)}" if strangers else "columns are missing"
    raise ReleaseError(f"{found}: besides the identity and stands_for a table has {expected}")


def _may_leave(table: pl.DataFrame, rules: Rules, notes: dict[str, int]) -> Bools:
    """Verb three and the first half of verb one: (rows,) what its measure may state at all.

    It looks at identity alone, at no number.
    """
    every, measures = list(rules.measures.values()), list(rules.measures)
    declared = table["measure"].cast(pl.Enum(measures), strict=False)
    if declared.null_count():
        unknown = table.filter(declared.is_null())["measure"].unique().sort().to_list()
        raise ReleaseError(f"no measure declares {', '.join(map(str, unknown))}")
    number = declared.to_physical().to_numpy().astype(np.intp)

    def rule(says: Callable[[Rule], bool]) -> pl.Expr:
        """Whether the rule of a row's measure says yes."""
        return pl.lit(pl.Series(np.array([says(item) for item in every], dtype=bool)[number]))

    verdicts = [*_only_contrasts(rules, rule), _only_dimensions(rule)]
    found = table.select(good.alias(str(place)) for place, (_, good) in enumerate(verdicts))
    left = np.ones(table.height, dtype=bool)
    for (verb, _), good in zip(verdicts, found.iter_columns(), strict=True):
        kept = left & good.fill_null(value=False).to_numpy()
        if lost := int(np.count_nonzero(left != kept)):
            notes[verb] = notes.get(verb, 0) + lost
        left = kept
    return left


def _only_contrasts(rules: Rules, rule: RuleOfRow) -> list[tuple[str, pl.Expr]]:
    """Verb three: class border leaves as contrasts of the whole border and year, or not at all."""
    border_acts = [n for n, kind in rules.acts.items() if kind is Sensitivity.BORDER]
    whole = pl.all_horizontal(
        pl.col(name) == "" for name in ("channel", "category", "area", "group", "period")
    )
    contrast = rule(lambda item: item.contrast) & (pl.col("what_if") != "")
    is_border = rule(lambda item: item.sensitivity is Sensitivity.BORDER)
    about_border = pl.col("act").is_in(border_acts)
    good = pl.when(is_border).then(contrast & whole).otherwise(~about_border)
    # When and where a border has no power or nobody stands is a time and a place to cross.
    at_border = pl.col("category").is_in(sorted(rules.border_words))
    split = pl.any_horizontal(pl.col(name) != "" for name in ("area", "group", "period"))
    # Never pooled either: a precision over all acts would hold the protected ones.
    aims = [name for name, kind in rules.acts.items() if kind is Sensitivity.OPEN]
    allowed = rule(lambda item: item.protected) | pl.col("act").is_in(aims)
    return [("border", good), ("border", ~(at_border & split)), ("protected", allowed)]


def _only_dimensions(rule: RuleOfRow) -> tuple[str, pl.Expr]:
    """Verb one, first half: drop rows split by a dimension that their measure may not leave by."""
    good = pl.lit(value=True)
    for dimension in ("channel", "act", "category", "area", "group", "period"):
        allowed = rule(lambda item, dimension=dimension: dimension in item.dimensions)
        good = good & ((pl.col(dimension) == "") | allowed)
    crossed = rule(lambda item: item.crossed)
    good = good & (crossed | (pl.col("area") == "") | (pl.col("group") == ""))
    hours = pl.col("period").str.starts_with(PREFIX_OF_HOURS)
    national = (pl.col("area") == "") & (pl.col("group") == "")
    return "dimension", good & (~hours | (rule(lambda item: item.profile) & national))


def _coarsen_areas(
    table: pl.DataFrame, rules: Rules, kind: str, notes: dict[str, int]
) -> pl.DataFrame:
    """Verb one, second half: in a closed country areas become their parents, by sums of totals.

    Where the parent's row is there already, or where a value is no ratio of totals, the finer row
    is dropped.
    """
    fine = _finer(rules)
    finer = table.filter(fine)
    if not finer.height:
        return table.filter(~fine) if table["area"].null_count() else table
    kept = table.filter(~fine)
    notes["coarsened"] = finer.height
    if kind != "cells":
        return kept
    known = finer.filter(pl.col("area").is_in(sorted(rules.parents)))
    sums = known.filter(pl.col("numerator").is_not_null())
    if not sums.height:
        return kept
    sums = sums.with_columns(pl.col("area").replace(dict(rules.parents)))
    # A plain total has no denominator, and none after the sum either.
    bottom = pl.when(pl.col("denominator").is_not_null().all()).then(pl.col("denominator").sum())
    coarse = sums.group_by(IDENTITY, maintain_order=True).agg(
        pl.col("numerator").sum(),
        bottom.alias("denominator"),
        pl.col("stands_for").sum(),
        pl.lit(None, dtype=pl.Float64).alias("chance_sd"),
        pl.col("label").first(),
        pl.col("unit").first(),
    )
    divisor = pl.col("denominator").fill_null(1.0)
    ratio = pl.when(divisor != 0).then(pl.col("numerator") / divisor)
    coarse = coarse.with_columns(ratio.alias("value"))
    coarse = coarse.join(kept.select(IDENTITY), on=list(IDENTITY), how="anti")
    return pl.concat([kept, coarse.select(kept.columns)], how="vertical_relaxed")


def _finer(rules: Rules) -> pl.Expr:
    """Whether a row is of a finer area than may leave."""
    places = set(rules.parents.values()) | {""}
    if not rules.closed:
        places |= set(rules.parents)
    return ~pl.col("area").is_in(sorted(places))


def _few(table: pl.DataFrame) -> pl.Series:
    """Whether too few people stand behind a row, or nobody knows how many."""
    people = table.select(_PEOPLE).to_series()
    return people.is_null() | (people.fill_null(0) < MINIMUM_PERSONS)


def _with_others(marked: pl.DataFrame, family: list[str], inner: str) -> pl.DataFrame:
    """Mark the smallest others of each family in which what is marked is too little to hide."""
    inside = pl.col(inner) != ""
    gone = _PEOPLE.fill_null(1.0).filter(pl.col("_small") & inside).sum().over(family)
    hides = (gone > 0) & (gone < MINIMUM_PERSONS)
    other = pl.when(~pl.col("_small") & inside).then(pl.col("stands_for"))
    smallest = (other == other.min().over(family)).fill_null(value=False)
    return marked.with_columns((pl.col("_small") | (hides & smallest)).alias("_small"))


def _suppress(table: pl.DataFrame, rules: Rules, kind: str, notes: dict[str, int]) -> pl.DataFrame:
    """Verb two: a cell of fewer than 1,000 people keeps its row and loses its value.

    What is suppressed could be had back by subtraction from a total, within a margin of an area
    as among the areas of a group: the smallest of the others go with it, until what is missing
    stands for 1,000 people.
    """
    small = _few(table)
    if not small.any():
        return table
    margin = pl.col("group").str.split(".").list.first()
    above = {area: parent for area, parent in rules.parents.items() if area != parent}
    parent = pl.col("area").replace_strict(above, default="", return_dtype=pl.String)
    marked = table.with_columns(
        small.alias("_small"), margin.alias("_margin"), parent.alias("_parent")
    )
    split = ("measure", "what_if", "channel", "act", "category", "period")
    extra = tuple(name for name in REPEATED if name in table.columns)
    families = (("area", "_margin"), ("group", "_parent"))
    count = -1
    while count < (count := int(marked["_small"].sum())):
        for family, inner in zip(families, ("group", "area"), strict=True):
            marked = _with_others(marked, [*split, *extra, *family], inner)
    notes["suppressed"] = int(marked["_small"].sum())
    numbers = [name for name in KINDS[kind] if name not in TEXT]
    hidden = [
        pl.when(pl.col("_small")).then(None).otherwise(pl.col(name)).alias(name) for name in numbers
    ]
    if "label" in table.columns:
        word = pl.when(pl.col("_small")).then(pl.lit("suppressed")).otherwise(pl.col("label"))
        hidden.append(word.alias("label"))
    return marked.with_columns(hidden).select(table.columns)
