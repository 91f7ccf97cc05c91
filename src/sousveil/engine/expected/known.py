"""What is known of an earlier model of the same world: parts that have not changed are copied.

A what-if leaves most processes as they are. A part (an act with all that may notice it, a roll
call, the flags of one process...) says on what it depends; where all of that is equal, its values
and its product are taken over to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from sousveil.counts import Count
from sousveil.engine.expected.ledger import Ledger, Values
from sousveil.engine.expected.prepare import Prepared
from sousveil.engine.model import Model
from sousveil.sameness import same
from sousveil.tallies import Key
from sousveil.world.model import World

Product = TypeVar("Product")
REPORTING = frozenset({"report", "bribed", "anchored"})
"""What happens after something was noticed."""


class Part(NamedTuple):
    """Values that hang on a few frozen inputs, and what later parts use of it.

    inside: names of the parts that were made for it.
    """

    depends: tuple[object, ...]
    values: Values
    product: Any
    inside: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """All values of one model, with the parts that another model may share."""

    model: Model
    prepared: Prepared
    persons: bool
    variances: bool
    parts: Mapping[str, Part]
    values: dict[Key, Count]


Like: TypeAlias = tuple[Known, frozenset[str]]
"""What is known of a model, and the power lines on which its world differs."""


class Parts:
    """Makes the parts of one model, or copies them from what is known."""

    def __init__(self, ledger: Ledger, likes: Sequence[Like]) -> None:
        """Start with nothing made."""
        self._ledger = ledger
        self._likes = likes
        self._made: dict[str, Part] = {}
        self._inside: list[str] = []
        self._equal: dict[tuple[int, int, frozenset[str]], bool] = {}

    def make(
        self,
        name: str,
        depends: Sequence[object],
        work: Callable[[], Product],
        skip: frozenset[str] = frozenset(),
        after: Collection[str] = (),
        allowed: bool = True,
        lines: Collection[str] = (),
    ) -> Product:
        """The product of a part, copied where everything that it depends on is the same.

        A part that was made before is not made again. Where a part is copied, so are those that
        were made for it.

        skip: names of fields that do not matter. after: parts whose products it uses, too: it is
        copied only from where they were copied from. allowed: whether it may be copied at all.
        lines: names of the power lines that the part looks at.
        """
        self._inside.append(name)
        if name in self._made:
            return cast(Product, self._made[name].product)
        inputs = tuple(depends)
        like = self._like(name, inputs, skip, after, lines) if allowed else None
        if like is not None:
            known = like.parts[name]
            # The inputs are those of the new model: what was skipped may differ.
            self._made[name] = known._replace(depends=inputs) if skip else known
            self._made |= {inner: like.parts[inner] for inner in known.inside}
            return cast(Product, known.product)
        before, self._inside = self._inside, []
        values, product = self._ledger.apart(work)
        self._made[name] = Part(inputs, values, product, tuple(self._inside))
        self._inside = before
        return product

    def _like(
        self,
        name: str,
        inputs: tuple[object, ...],
        skip: frozenset[str],
        after: Collection[str],
        lines: Collection[str],
    ) -> Known | None:
        """The model whose part of that name has the same inputs, and comes after the same parts."""
        for like, changed in self._likes:
            known = like.parts.get(name)
            if known is None or (changed and not changed.isdisjoint(lines)):
                continue
            if self._follows(like, after) and self._same(known.depends, inputs, skip):
                return like
        return None

    def _follows(self, like: Known, names: Collection[str]) -> bool:
        """Whether all of some parts are the very parts of another model."""
        for name in names:
            made, known = self._made.get(name), like.parts.get(name)
            if made is None or known is None or made.values is not known.values:
                return False
        return True

    def _same(
        self, first: tuple[object, ...], second: tuple[object, ...], skip: frozenset[str]
    ) -> bool:
        """Whether all inputs are equal; each pair is compared once."""
        if len(first) != len(second):
            return False
        if all(map(is_, first, second)):
            return True
        for one, other in zip(first, second, strict=True):
            if one is other:
                continue
            pair = (id(one), id(other), skip)
            if pair not in self._equal:
                self._equal[pair] = same(one, other, skip)
            if not self._equal[pair]:
                return False
        return True

    @property
    def made(self) -> Mapping[str, Part]:
        """Every part, in the order in which they were made or copied."""
        return self._made


def usable(like: Known, prepared: Prepared, variances: bool) -> Like | None:
    """What is known, where it holds here, and the power lines on which the worlds differ."""
    if variances and not like.variances:
        return None
    if like.prepared is prepared:
        return like, frozenset()
    before, world = like.prepared.world, prepared.world
    old, new = before.power, world.power
    if not _same_people(before, world) or (old.lines, old.feeders) != (new.lines, new.feeders):
        return None
    pairs = zip(like.prepared.lines, prepared.lines, strict=True)
    differ = [not (a is b or same(a.on, b.on)) for a, b in pairs]
    return like, frozenset(name for name, other in zip(new.lines, differ, strict=True) if other)


def fits(prepared: Prepared, world: World) -> bool:
    """Whether a prepared world has the people, hours and power of this one."""
    own = prepared.world
    return own is world or (_same_people(own, world) and same(own.power, world.power))


def _same_people(first: World, second: World) -> bool:
    """Whether two worlds differ in their power, presence and stock at most."""
    names = ("people", "calendar", "daylight", "areas", "groups")
    return all(same(getattr(first, name), getattr(second, name)) for name in names)
