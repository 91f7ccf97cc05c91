"""Reads which quantities of a scenario move together, and how strongly."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sousveil.errors import listed, shown
from sousveil.quantity import Quantity
from sousveil.scenario.context import Context
from sousveil.scenario.model import Correlation
from sousveil.scenario.tree import Node
from sousveil.sources import GRADE

KEYS = ("between", "rank", "sources", "grade", "because")


def score_correlation(rank: float) -> float:
    """Correlation of the normal scores of two quantities from their rank correlation.

    Source: Pearson 1907, 2 sin(pi rho / 6), exact for a Gaussian copula.
    """
    return 2.0 * math.sin(math.pi * rank / 6.0)


def read_correlations(
    node: Node, quantities: Mapping[str, Quantity], context: Context
) -> tuple[Correlation, ...]:
    """Return the correlations in file order; what cannot hold together is noted."""
    findings = context.findings
    if node.is_empty or node.kind == "bad":
        return ()
    if node.kind != "list":
        findings.add("bad-value", node.location, "correlations", node.describe(), "a list of pairs")
        return ()
    found: list[Correlation] = []
    for number, item in enumerate(node.items, 1):
        path = f"correlations.{number}"
        if not context.mapping(item, path, "between, rank, and sources with grade or because"):
            continue
        one = _read(item, path, quantities, context)
        if one is None:
            continue
        if any(set(one.between) == set(other.between) for other in found):
            words = f"{' and '.join(one.between)} again"
            findings.add("duplicate", item.location, path, words, "each pair once")
            continue
        found.append(one)
    if found and not is_possible(found):
        words = "ranks that no joint distribution has"
        expected = "weaker ranks, or the missing pairs as well"
        findings.add("combination", node.location, "correlations", words, expected)
    return tuple(found)


def _read(
    node: Node, path: str, quantities: Mapping[str, Quantity], context: Context
) -> Correlation | None:
    context.unknown_keys(node, path, KEYS)
    between = _between(node, path, quantities, context)
    rank = _rank(node, path, context)
    because = context.text(node, "because", path)
    sources = context.citations(node, path)
    grade = context.grade(node, path)
    if not because and (not sources or not grade):
        expected = f"sources and grade ({GRADE.pattern}), or because: why this strength"
        found = "a correlation without reason"
        context.findings.add("because", node.location, path, found, expected)
    if between is None or rank is None:
        return None
    return Correlation(between, rank, sources, grade, because)


def _between(
    node: Node, path: str, quantities: Mapping[str, Quantity], context: Context
) -> tuple[str, str] | None:
    here = f"{path}.between"
    words = context.words(node, "between", path)
    if len(words) != 2 or words[0][0] == words[1][0]:
        entry = node.entries.get("between")
        place = node.location if entry is None else entry.location
        found = f"{listed(word for word, _ in words)}" if words else "nothing"
        expected = "a list of two different quantities"
        context.findings.add("bad-value" if words else "missing", place, here, found, expected)
        return None
    good = True
    for word, place in words:
        item = quantities.get(word)
        if item is None:
            context.unknown_name(word, place, here, "quantity", quantities)
        elif item.certain or item.readings:
            what = "several readings" if item.readings else "no range"
            expected = "a quantity with one range, whose values have an order"
            context.findings.add("bad-value", place, here, f"{shown(word)} with {what}", expected)
        good = good and item is not None and not item.certain and not item.readings
    return (words[0][0], words[1][0]) if good else None


def _rank(node: Node, path: str, context: Context) -> float | None:
    entry = node.entries.get("rank")
    expected = "rank: a rank correlation above -1 and below 1"
    if entry is None:
        context.findings.add("missing", node.location, f"{path}.rank", "nothing", expected)
        return None
    inner = entry.node
    if not inner.is_number or not -1.0 < float(inner.value) < 1.0:
        if inner.kind != "bad":
            place = entry.location if inner.is_empty else inner.location
            context.findings.add("bad-value", place, f"{path}.rank", inner.describe(), expected)
        return None
    return float(inner.value)


def is_possible(correlations: Sequence[Correlation]) -> bool:
    """Whether the normal scores have a joint distribution: a Cholesky root exists."""
    paths = list(dict.fromkeys(path for item in correlations for path in item.between))
    places = {path: place for place, path in enumerate(paths)}
    matrix = [[float(i == j) for j in range(len(paths))] for i in range(len(paths))]
    for item in correlations:
        i, j = (places[path] for path in item.between)
        matrix[i][j] = matrix[j][i] = score_correlation(item.rank)
    root = [[0.0] * len(paths) for _ in paths]
    for i, row in enumerate(root):
        for j in range(i + 1):
            left = matrix[i][j] - sum(row[k] * root[j][k] for k in range(j))
            if i == j:
                if left < 1e-9:
                    return False
                row[i] = math.sqrt(left)
            else:
                row[j] = left / root[j][j]
    return True
