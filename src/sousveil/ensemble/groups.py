"""Groups of quantities for a first look: about a dozen, by section and channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sousveil.ensemble.copula import tied
from sousveil.scenario.causes import OUTSIDE
from sousveil.scenario.model import Scenario

MOST_GROUPS = 12
SECTIONS_WITH_PARTS = ("world", "acts", "channels")


@dataclass(frozen=True)
class Group:
    """Some quantities that are drawn anew together. name: of one quantity, or of what they share.

    several: whether it stands for more than one quantity.
    """

    name: str
    paths: tuple[str, ...]

    @property
    def several(self) -> bool:
        """Whether it stands for more than one quantity."""
        return len(self.paths) > 1


def entering(scenario: Scenario) -> tuple[str, ...]:
    """The uncertain quantities that an engine reads, in file order."""
    return tuple(path for path in scenario.uncertain if not path.startswith(OUTSIDE))


def sections(scenario: Scenario, most: int = MOST_GROUPS) -> tuple[Group, ...]:
    """The uncertain quantities in at most `most` groups, in file order.

    The smallest groups of one part of the scenario are joined first; quantities that move together
    stay together, for else no index of their groups would mean anything.
    """
    found: dict[str, list[str]] = {}
    for path in entering(scenario):
        found.setdefault(_section(path), []).append(path)
    groups = [({name}, paths) for name, paths in found.items()]
    for some in tied(scenario):
        _join(groups, [item for item in groups if set(item[1]) & set(some.paths)])
    while len(groups) > most:
        pairs = [(a, b) for i, a in enumerate(groups) for b in groups[i + 1 :]]
        near = [pair for pair in pairs if _tops(pair[0][0]) == _tops(pair[1][0])]
        pair = min(near or pairs, key=lambda pair: len(pair[0][1]) + len(pair[1][1]))
        _join(groups, list(pair))
    order = {path: place for place, path in enumerate(scenario.uncertain)}
    named = [Group(_name(names), tuple(sorted(p, key=order.__getitem__))) for names, p in groups]
    return tuple(sorted(named, key=lambda group: order[group.paths[0]]))


def singles(scenario: Scenario, chosen: Iterable[str]) -> tuple[Group, ...]:
    """One group for each of the quantities; one for each set that moves together; one for the rest.

    With a quantity comes the whole set that it moves with.
    """
    sets = tied(scenario)
    groups: dict[str, Group] = {}
    for path in chosen:
        paths = next((some.paths for some in sets if path in some.paths), (path,))
        name = " + ".join(paths)
        groups.setdefault(name, Group(name, paths))
    taken = {path for group in groups.values() for path in group.paths}
    rest = tuple(path for path in entering(scenario) if path not in taken)
    others = (Group("all others", rest),) if rest else ()
    return (*groups.values(), *others)


def _section(path: str) -> str:
    top, _, rest = path.partition(".")
    return f"{top}.{rest.partition('.')[0]}" if top in SECTIONS_WITH_PARTS else top


def _tops(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def _join(groups: list[tuple[set[str], list[str]]], some: list[tuple[set[str], list[str]]]) -> None:
    for other in some[1:]:
        some[0][0].update(other[0])
        some[0][1].extend(other[1])
        groups.remove(other)


def _name(names: set[str]) -> str:
    return " + ".join(sorted(names))
