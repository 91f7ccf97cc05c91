"""What each player adds to a set of players, over all orders in which they could come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial


def shapley(players: Sequence[str], worth: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Shapley value of each player: its mean addition over all orders.

    Source: Shapley 1953, "A value for n-person games".
    """
    count = len(players)
    values = dict.fromkeys(players, 0.0)
    for player in players:
        others = [name for name in players if name != player]
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for some in combinations(others, size):
                before = frozenset(some)
                values[player] += weight * (worth(before | {player}) - worth(before))
    return values


def subsets(players: Sequence[str]) -> list[tuple[str, ...]]:
    """Every set of players, the empty one first."""
    return [some for size in range(len(players) + 1) for some in combinations(players, size)]
